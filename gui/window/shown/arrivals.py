"""What callers send comes into the window at the pace at which it is drawn."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from engine.errors import RankscopeError
from gui.core.screen.services import Context
from gui.core.words.i18n import tr, tr_sentence
from gui.core.work.rest import Rest
from gui.link.arrays import Given
from gui.link.figures import packed
from gui.link.memory import written
from gui.link.place import write_own
from gui.link.seat import ACTIVATION, Seat, display_of
from gui.link.server import Asked, Client, Gone, Put, Server
from gui.link.words import Call, placed
from gui.pages import PAGES
from gui.window.shown import answers
from gui.window.shown.processes import Processes
from gui.window.window import MainWindow

TELL_MS = 30  # after a change, until who listens is told


class Arrivals(QObject):
    """Serves callers as long as the window is open.

    Parameters
    ----------
    context : Context
        The services.
    window : callable
        ``window()`` returns the window of now.
    open_paths : callable
        ``open_paths(paths)`` opens files.
    seat : Seat
        Where it listens.
    kept : bool
        Whether there is a session, which leaves arrays of running programs out.
    """

    _heard = Signal()

    def __init__(
        self,
        context: Context,
        window: Callable[[], MainWindow],
        open_paths: Callable[[Sequence[str]], None],
        seat: Seat,
        kept: bool,
    ) -> None:
        super().__init__()
        place, listener = seat.place, seat.listener
        assert place is not None
        assert listener is not None
        self._context, self._window, self._open_paths = context, window, open_paths
        self._processes = Processes(context)
        self._words = answers.declared(PAGES)
        self._waiting: dict[Any, Put] = {}  # arrived while the former is being drawn
        self._drawing: list[tuple[Client, tuple[int, ...]]] = []
        self._questions: list[Asked] = []  # for plots, once all is drawn
        self._newest: dict[tuple[Client, str], int] = {}
        self._listeners: dict[Client, Any] = {}  # to what each has been told last
        self._asked = 0
        self._told = not kept
        self._rest = Rest(lambda: self._window().is_busy, self)
        self._rest.reached.connect(self._when_drawn)
        self._telling = QTimer(self, singleShot=True, interval=TELL_MS)
        self._telling.timeout.connect(self._tell)
        context.store.changed.connect(self._when_changed)
        write_own(place.words_path, json.dumps(self._words).encode())
        self._heard.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._server = Server(place, listener, _made, self._heard.emit)
        self.attend()

    def attend(self) -> None:
        """Hear of the window of now when another page comes to the front."""
        self._window().tabs.currentChanged.connect(lambda _: self._when_changed(None, None))

    def shutdown(self) -> None:
        """Serve no more."""
        self._rest.stop()
        self._telling.stop()
        self._context.store.changed.disconnect(self._when_changed)
        self._server.close()

    # -- what comes -------------------------------------------------------------------------

    def _take(self) -> None:
        for event in self._server.take():
            if isinstance(event, Put):
                self._arrive(event)
            elif isinstance(event, Gone):
                self._leave(event.client)
            else:
                self._hear(event)

    def _arrive(self, put: Put) -> None:
        former = self._waiting.get(put.key)
        if former is not None:
            put = replace(put, numbers=(*former.numbers, *put.numbers))
            if former.site != put.site:  # no loop: comes last
                del self._waiting[put.key]
        if self._drawing and all((put.client, name) in self._newest for name in put.arrays):
            self._waiting[put.key] = put
        else:
            self._waiting.pop(put.key, None)
            self._show(put)

    def _show(self, put: Put) -> None:
        """Put arrays into the window, but for those of which something newer is there."""
        number = put.numbers[-1]
        names = {one: self._newest.get((put.client, one), 0) for one in put.arrays}
        arrays = {one: put.arrays[one] for one, newest in names.items() if newest < number}
        self._newest |= dict.fromkeys(((put.client, one) for one in arrays), number)
        self._drawing.append((put.client, put.numbers))
        try:
            if arrays:
                self._place(put, arrays)
        except ValueError as error:
            if not getattr(error, "for_people", False):
                raise
            said = tr_sentence(error)
            put.client.say({"say": "failed", "number": number, "refused": said})
        self._rest.wait()

    def _place(self, put: Put, arrays: dict[str, Any]) -> None:
        window = self._window()
        keywords = {one: arrays[one] for one in put.keywords if one in arrays}
        values = placed(self._words, Call(keywords, put.page, put.values), window.page_key)
        page = self._processes.show(put.client, arrays, values, put.site)
        window.show_page(put.page or page)
        if not self._told:
            self._told = True
            words = tr("Arrays that running programs show are no part of the session.")
            self._context.notify(words, "info")

    def _leave(self, client: Client) -> None:
        for key in [key for key in self._waiting if key[0] is client]:
            self._show(self._waiting.pop(key))
        self._processes.leave(client)
        self._listeners.pop(client, None)
        self._questions = [one for one in self._questions if one.client is not client]
        self._newest = {key: one for key, one in self._newest.items() if key[0] is not client}

    # -- until it is drawn ------------------------------------------------------------------

    def _when_drawn(self) -> None:
        for client, numbers in self._drawing:
            client.say({"say": "drawn", "numbers": list(numbers)})
        self._drawing.clear()
        waiting, self._waiting = self._waiting, {}
        for put in waiting.values():
            self._show(put)
        if not waiting:
            questions, self._questions = self._questions, []
            for asked in questions:
                self._draw(asked)

    # -- what is asked ----------------------------------------------------------------------

    def _hear(self, asked: Asked) -> None:
        # What the caller has shown before it asked is there first.
        for key in [key for key in self._waiting if key[0] is asked.client]:
            self._show(self._waiting.pop(key))
        if asked.what == "state":
            asked.answer(state=answers.state_of(self._context, self._window()))
        elif asked.what == "tell":
            self._listeners[asked.client] = None
            self._telling.start()
        elif asked.what == "figure":
            self._questions.append(asked)
            self._rest.wait()
        elif asked.what == "open":
            self._open(asked)

    def _draw(self, asked: Asked) -> None:
        name = str(asked.message.get("name"))
        try:
            one = answers.drawing_of(name, self._context, self._window())
        except ValueError as error:
            asked.answer(refused=tr_sentence(error))
            return
        if (figure := answers.shown_already(one, name, self._window())) is not None:
            self._hand_out(asked, figure)
            return
        self._asked += 1
        self._context.runner.submit(
            f"shown.figure.{self._asked}",
            one,
            lambda _, drawn: self._hand_out(asked, drawn),
            lambda _, error: asked.answer(refused=tr_sentence(error)),
            title=one.title,
        )

    def _hand_out(self, asked: Asked, drawn: Any) -> None:
        plot, arrays = packed(drawn)
        try:
            file, said = written(arrays, "") if arrays else (None, [])
        except (ValueError, OSError) as error:
            asked.answer(refused=tr_sentence(error))
            return
        asked.answer(file, figure=[said, plot])

    def _open(self, asked: Asked) -> None:
        """Open files that another start of the program has handed over, and come to the front."""
        paths, display = asked.message.get("paths"), asked.message.get("display")
        if not isinstance(paths, list) or display != display_of(os.environ):
            asked.answer(refused="another screen")
            return
        asked.answer()
        activation = asked.message.get("activation")
        for name in ACTIVATION:
            token = activation.get(name) if isinstance(activation, dict) else None
            if isinstance(token, str) and token and "\0" not in token:
                os.environ[name] = token  # Qt takes it from there, and lets go of it
        window = self._window()
        if window.isMinimized():
            window.showNormal()
        window.raise_()
        window.activateWindow()
        self._open_paths([one for one in paths if isinstance(one, str) and one and "\0" not in one])

    # -- who listens ------------------------------------------------------------------------

    def _when_changed(self, old: object, new: object) -> None:
        self._processes.forget_closed()
        if self._listeners and not self._telling.isActive():
            self._telling.start()

    def _tell(self) -> None:
        state = answers.state_of(self._context, self._window())
        for client, told in self._listeners.items():
            if told != state:
                self._listeners[client] = state
                client.say({"say": "state", "state": state})


def _made(given: Given) -> Any:
    """Make of what was sent the array that the engine reads; called in another thread."""
    if given.layout == "dense":
        return given.parts[0]
    from engine.files import BadArray, compressed

    try:
        data, indices, starts = given.parts
        return compressed(given.layout, data, indices, starts, given.shape)
    except BadArray as error:
        raise RankscopeError(error.sentence) from error
