"""Who is asked what, and when: the half of the conductor that deals with the runner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gui.core.declare.answers import QUICK, Answer, Open, Question, Slot, same
from gui.core.declare.moment import Moment
from gui.core.declare.page import Page
from gui.core.declare.records import Step, family, needs
from gui.core.state.jobs import Runs
from gui.core.words.i18n import tr
from gui.core.work.ways import LONG, Together, Way, Ways

BELOW = 0.03  # seconds between two questions of a lower view that accompanies a drag above
PAINT = 0.01  # seconds that what stands above it needs to be painted: they share an interpreter
PATIENCE = 0.1  # seconds after which a lower view is asked about although that above never rests


class Asker:
    """Puts open questions on their way, each once, in the right order and not too many.

    Parameters
    ----------
    arrived : callable
        ``arrived(way)`` after something has come of a request; its answers are in place.
    grown : callable
        ``grown(step)`` after more of an answer has come.
    stopped : callable
        Called when a person has cancelled something.
    wake : callable
        Called when what had to wait may be asked.
    """

    def __init__(
        self,
        page: Page,
        runner: Runs,
        arrived: Callable[[Way], None],
        grown: Callable[[type[Step]], None],
        stopped: Callable[[], None],
        wake: Callable[[], Any],
        later: Callable[[float, Callable[[], None]], None],
        clock: Callable[[], float],
    ) -> None:
        self._page, self._runner = page, runner
        self._when_arrived, self._when_stopped, self._wake = arrived, stopped, wake
        self._when_grown = grown
        self._later, self._clock = later, clock
        self._above = page.steps_of(page.plots_of(""))
        self._ways = Ways()
        self._wanted: Sequence[Open] = ()  # what was wanted when it was last asked for
        self._stopped: dict[Slot, Question] = {}  # what a person has cancelled
        self._unsaid: dict[Slot, BaseException] = {}  # of these: what has to be asked first
        self._unpreviewed: dict[Slot, Question] = {}  # whose preview has failed
        self._resting: dict[Slot, tuple[Question, float]] = {}
        self._steps: dict[tuple[Any, ...], frozenset[type[Step]]] = {}  # of consumers
        self._asked_below = -BELOW
        self._wanted_below: float | None = None  # since when there is something to ask
        self._quiet_above: float | None = None  # since when nothing quick is on its way above
        self._woken_below = 0.0
        runner.finished.connect(self._when_finished)

    def ask(
        self,
        now: Moment,
        recent: Sequence[Moment],
        consumers: tuple[Any, ...],
        accompanies: bool,
    ) -> list[Way]:
        """Ask for everything needed whose own needs are there; return what went on its way.

        ``accompanies``: the last change moves what is computed above, and lower views with it.
        """
        self._wanted = wants = now.wanted(consumers)
        if consumers not in self._steps:
            self._steps[consumers] = self._page.steps_of(consumers)
        self._drop_unwanted(now, wants, self._steps[consumers])
        submitted: list[Way] = []
        for channel, missing in self._missing(wants):
            above = any(one.slot[0] in self._above for one in missing)
            if not self._waits(channel, missing, accompanies and not above):
                submitted.append(self._submit(channel, missing, now, above))
        if recent and now.is_waiting(consumers):
            slots = {one.slot for one in wants}
            for moment in reversed(recent):
                submitted += self._ask_older(moment, consumers, slots)
        return submitted

    def _ask_older(self, moment: Moment, consumers: tuple[Any, ...], asked: set[Slot]) -> list[Way]:
        """Follow a drag along a chain of quick steps: ask about what an older move has answered."""
        submitted: list[Way] = []
        if not any(one.missing for one in moment.wanted(consumers)):
            return submitted
        for one in moment.wanted(consumers, optional=False):
            if one.slot in asked or not one.missing or one.step.cost > QUICK:
                continue
            if one.slot[1] is not None:
                continue  # the members of now may be others
            asked.add(one.slot)
            channel = self._channel(one)
            newest = self._ways.newest(channel)
            if newest is None or newest.moment.number < moment.number:
                above = one.slot[0] in self._above
                submitted.append(self._submit(channel, [one], moment, above))
        return submitted

    def _missing(self, wants: Sequence[Open]) -> list[tuple[str, list[Open]]]:
        """Return the questions that go together, the quickest first; in turn only the next."""
        groups: dict[str, list[Open]] = {}
        for one in wants:
            if one.missing and not self.is_stopped(one):
                group = groups.setdefault(self._channel(one), [])
                if not (group and _has_turn(one)):
                    group.append(one)
        return sorted(groups.items(), key=lambda item: self._next_cost(item[1]))

    def _next_cost(self, opens: list[Open]) -> float:
        cost = _cost(opens)
        preview = self._preview(opens[0]) if cost > LONG else None
        return cost if preview is None else preview.cost

    def _channel(self, one: Open) -> str:
        step, member = one.slot
        name = f"{self._page.key}.{step.key}"
        return f"{name}.{member}" if family(step) is not None and one.step.apart else name

    # -- what has to wait -------------------------------------------------------------------

    def _waits(self, channel: str, missing: list[Open], below: bool) -> bool:
        """Return whether these are on their way already, or have to wait."""
        newest = self._ways.newest(channel)
        if newest is not None and (
            _has_turn(missing[0]) or all(newest.covers(one.slot, one.question) for one in missing)
        ):
            return True
        others = (way for way in self._ways if way.channel != channel)
        if _cost(missing) > LONG and any(way.long for way in others):
            return True
        rested = [self._has_rested(one) for one in missing]  # each has to begin its rest
        if not all(rested):
            return True
        return below and not self._may_ask_below()

    def _has_rested(self, one: Open) -> bool:
        rest, now = one.step.rest, self._clock()
        if not rest:
            return True
        question, due = self._resting.get(one.slot, (None, 0.0))
        if question is None or not same(question, one.question):
            due = now + rest
            self._resting[one.slot] = (one.question, due)
            self._later(rest, self._wake)
        return now >= due - 1e-3

    def _may_ask_below(self) -> bool:
        """Whether a lower view may be asked about: after what stands above it, and not too often.

        Where it is itself what a person drags, it is asked about at once.
        """
        now = self._clock()
        if self._wanted_below is None:
            self._wanted_below = now
        if any(way.above and way.quick for way in self._ways):
            self._quiet_above = None
        elif self._quiet_above is None:
            self._quiet_above = now
        due = self._wanted_below + PATIENCE
        if self._quiet_above is not None:
            due = min(due, max(self._quiet_above + PAINT, self._asked_below + BELOW))
        if now < due - 1e-3:
            if not now < self._woken_below <= due:
                self._woken_below = due
                self._later(due - now, self._wake)
            return False
        self._asked_below, self._wanted_below, self._quiet_above = now, None, None
        return True

    # -- what goes on its way, and what is taken off it --------------------------------------

    def _submit(self, channel: str, opens: list[Open], moment: Moment, above: bool) -> Way:
        first, final, long = opens[0].step, True, _cost(opens) > LONG
        request: Any = first
        if family(type(first)) is not None and not (first.apart or first.in_turn):
            request = Together(tuple(one.step for one in opens))
        elif long and (preview := self._preview(opens[0])) is not None:
            request, final = preview, False
        way = Way(channel, tuple(opens), request, moment, request.cost, long, final, above)
        live = first.live and not long
        self._ways.add(way, live)

        def done(_request: Any, value: Any) -> None:
            self._arrived(way, value)

        title = (first if final else request).title or first.title
        more: dict[str, Any] = {}
        if first.feeds and final:
            more = {"fed": lambda _, parts: self._grow(way, parts)}
        words = title and tr(title)
        self._runner.submit(channel, request, done, done, live=live, title=words, **more)
        return way

    def _preview(self, one: Open) -> Step | None:
        kind = one.slot[0].preview
        if (
            kind is None
            or one.answer is not None
            or same(self._unpreviewed.get(one.slot), one.question)
        ):
            return None
        preview = kind(**{need.field: getattr(one.step, need.field) for need in needs(kind)})
        return preview if preview.cost < one.step.cost else None

    def _drop_unwanted(
        self, now: Moment, wants: Sequence[Open], steps: frozenset[type[Step]]
    ) -> None:
        """Cancel what nobody needs any more."""
        if not self._ways.channels:
            return
        here = {one.slot: one for one in wants}
        for channel in self._ways.channels:
            way = self._ways.newest(channel)
            if way is not None and not self._is_wanted(way, now, here, steps):
                self._cancel(channel)

    def _is_wanted(
        self, way: Way, now: Moment, here: dict[Slot, Open], steps: frozenset[type[Step]]
    ) -> bool:
        step = way.opens[0].step
        follows = step.live and same(way.moment.subject, now.subject)
        opens = [here[one.slot] for one in way.opens if one.slot in here]
        if any(way.covers(one.slot, one.question) for one in opens):
            return True
        if opens:  # another question of the same slot: a drag is followed, nothing else
            return follows and any(one.missing for one in opens)
        # Its own needs are on their way: what it answers may still be the newest there is.
        return follows and type(step) in steps and family(type(step)) is None

    def _cancel(self, channel: str) -> None:
        self._ways.drop(channel)
        self._runner.cancel(channel)

    # -- what comes of it -------------------------------------------------------------------

    def _arrived(self, way: Way, value: Any) -> None:
        self._ways.ended(way)
        first, answers = way.opens[0], way.moment.answers
        failed = isinstance(value, BaseException)
        if failed and not way.final:
            self._unpreviewed[first.slot] = first.question  # the step itself answers
        else:
            several = isinstance(way.request, Together) and not failed
            values = value if several else (value,) * len(way.opens)
            subject = way.moment.subject
            for one, each in zip(way.opens, values, strict=True):
                if asks(each):
                    self._stopped[one.slot], self._unsaid[one.slot] = one.question, each
                else:
                    answers.put(one.slot, Answer(one.question, subject, each, way.final or failed))
        self._when_arrived(way)

    def _grow(self, way: Way, parts: Sequence[Any]) -> None:
        one, moment = way.opens[0], way.moment
        known = moment.answers.get(one.slot, one.question)
        before = known.value if known is not None and known.growing else None
        value = one.step.so_far(parts, before)
        answer = Answer(one.question, moment.subject, value, final=False, growing=True)
        moment.answers.put(one.slot, answer)
        self._when_grown(one.slot[0])

    def _when_finished(self, channel: str) -> None:
        # What ends without an answer was cancelled by the person, and all that waits behind it.
        if left := self._ways.drop(channel):
            steps = {one.slot[0] for one in left[-1].opens if one.step.in_turn}
            behind = (one for one in self._wanted if one.slot[0] in steps and one.missing)
            self._stopped.update({one.slot: one.question for one in (*behind, *left[-1].opens)})
            self._when_stopped()

    @property
    def has_stopped(self) -> bool:
        """Whether a person has cancelled anything since the last `forget`."""
        return bool(self._stopped)

    def is_stopped(self, one: Open) -> bool:
        """Whether a person has cancelled this question."""
        question = self._stopped.get(one.slot)
        return question is not None and same(question, one.question)

    def why_stopped(self, one: Open) -> BaseException | None:
        """Return the question that has to be answered before this one is computed, or None."""
        return self._unsaid.get(one.slot) if self.is_stopped(one) else None

    def leave(self) -> None:
        """Take every such question for answered with no: it is as if a person had cancelled."""
        self._unsaid.clear()

    def has_quick(self, moment: Moment) -> bool:
        """Whether something quick that was asked at ``moment`` is still on its way."""
        return any(way.quick and way.moment is moment for way in self._ways)

    def is_asked(self, moment: Moment) -> bool:
        """Whether anything that was asked at ``moment`` is still on its way."""
        return any(way.moment is moment for way in self._ways)

    def forget(self) -> None:
        """Let everything be asked again that a person has cancelled or whose preview failed."""
        self._stopped.clear()
        self._unsaid.clear()
        self._unpreviewed.clear()

    def shutdown(self) -> None:
        """Drop what is pending and let go of the runner."""
        self._runner.finished.disconnect(self._when_finished)
        for channel in self._ways.channels:
            self._cancel(channel)


def asks(value: Any) -> bool:
    """Whether an answer is a question to the person: what is shown stays meanwhile."""
    return isinstance(value, BaseException) and getattr(value, "asks", False)


def _has_turn(one: Open) -> bool:
    """Whether a member waits for those before it."""
    return one.step.in_turn and not one.step.apart


def _cost(opens: list[Open]) -> float:
    return sum(one.step.cost for one in opens if one.missing)
