"""What part of a page has asked the runner for: on its way, answered, or cancelled by a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gui.core.screen.services import Context
from gui.core.words.i18n import tr_sentence


class Pending:
    """Requests on their way; ``arrived`` is called whenever something has come of one.

    ``stopped`` is True once a person has cancelled one of them; whoever asks again sets it back.
    """

    def __init__(self, context: Context, arrived: Callable[[], None]) -> None:
        self._runner = context.runner
        self._arrived = arrived
        self._channels: set[str] = set()
        self.stopped = False
        self._runner.finished.connect(self._when_finished)

    def __contains__(self, channel: str) -> bool:
        return channel in self._channels

    def submit(
        self,
        channel: str,
        request: object,
        done: Callable[[Any], None],
        failed: Callable[[BaseException], None],
        *,
        live: bool = False,
        title: str = "",
    ) -> None:
        """Have ``request`` computed; ``done`` or ``failed`` is called before ``arrived``."""
        self._channels.add(channel)

        def succeed(_request: object, result: Any) -> None:
            # After a live answer that was overtaken the newest is still on its way.
            if not self._runner.is_busy(channel):
                self._channels.discard(channel)
            done(result)
            self._arrived()

        def fail(_request: object, error: BaseException) -> None:
            self._channels.discard(channel)
            failed(error)
            self._arrived()

        self._runner.submit(channel, request, succeed, fail, live=live, title=title)

    def cancel(self, *channels: str) -> None:
        """Drop what is on its way on ``channels``; nothing comes of it any more."""
        for channel in channels:
            self._channels.discard(channel)
            self._runner.cancel(channel)

    def start_over(self) -> None:
        """Drop everything that is on its way, and what a person has cancelled is forgotten."""
        self.cancel(*sorted(self._channels))
        self.stopped = False

    def shutdown(self) -> None:
        """Drop everything and let go of the runner."""
        self._runner.finished.disconnect(self._when_finished)
        self.start_over()

    def _when_finished(self, channel: str) -> None:
        # What ends without having delivered or failed was cancelled by the person.
        if channel in self._channels:
            self._channels.discard(channel)
            self.stopped = True
            self._arrived()


class Questions:
    """Per channel what was asked last and what came of it; only a changed question asks anew.

    ``answers`` keeps the last answer of a channel until the next one is there.
    """

    def __init__(self, context: Context, arrived: Callable[[], None]) -> None:
        self._notify = context.notify
        self._pending = Pending(context, arrived)
        self._asked: dict[str, Any] = {}
        self.answers: dict[str, Any] = {}

    @property
    def stopped(self) -> bool:
        """Whether a person has cancelled one of the questions."""
        return self._pending.stopped

    def ask(
        self,
        channel: str,
        question: object,
        request: Callable[[], object],
        done: Callable[[Any], None] | None = None,
        *,
        live: bool = True,
        title: str = "",
    ) -> None:
        """Submit ``request()`` unless ``question`` is what was asked last; an error is notified.

        The answer goes to ``answers``, or to ``done`` where it is given.
        """
        if self._asked.get(channel) == question:
            return
        self._asked[channel] = question

        def keep(answer: Any) -> None:
            self.answers[channel] = answer

        self._pending.submit(channel, request(), done or keep, self._tell, live=live, title=title)

    def forget(self, channel: str) -> None:
        """Drop question and answer of one channel."""
        self._asked.pop(channel, None)
        self.answers.pop(channel, None)

    def start_over(self) -> None:
        """Drop all questions and answers: they belong to data that is gone."""
        self._pending.start_over()
        self._asked.clear()
        self.answers.clear()

    def restart(self) -> None:
        """Ask every question again, also what a person has cancelled; answers stay meanwhile."""
        self._pending.stopped = False
        self._asked.clear()

    def shutdown(self) -> None:
        """Drop what is pending."""
        self._pending.shutdown()

    def _tell(self, error: BaseException) -> None:
        self._notify(tr_sentence(error), "error")
