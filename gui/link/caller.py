"""The caller's end: sends at once what the window can take, keeps the newest of the rest.

A thread listens to what the window answers. Nothing here waits for the window: what is sent lies
in the system until it is taken, and no more than a few arrays do.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from engine.errors import RankscopeError
from engine.sentences import as_sentence, say
from gui.link.memory import Spare
from gui.link.naming import program_name
from gui.link.place import Place
from gui.link.start import Started
from gui.link.telling import Callback, Telling
from gui.link.wire import Ended, Line, Message

FLYING = 16  # calls that are on their way; of each name one
WAITING = 48  # that wait for them; of each name the newest
_MOST = 192  # that wait as long as the window takes others
_MOMENT = 0.04  # seconds that one of a new name waits for room meanwhile
_HANGS = 2.0  # seconds without taking any, after which nobody waits for it
_LOST = 2.0  # seconds for a window to have said why it ended
_LOOPS = 2.0  # seconds between calls of one name that are a loop
_GOODBYE = 2.0  # seconds that the end of a script may take to send what waits

State = dict[str, Any]


@dataclass(eq=False)
class Sent:
    """What one call sends: which arrays under which names, and the file that holds them."""

    names: tuple[str, ...]
    message: Message
    file: int
    size: int


@dataclass(eq=False)
class _Asked:
    """A question to the window, and what came of it."""

    done: threading.Event = field(default_factory=threading.Event)
    answer: Message | None = None
    file: int | None = None


class Link:
    """A connection to the window.

    Parameters
    ----------
    place : Place
        Where it is.
    line : Line
        The connection.
    started : Started or None
        The window, where it was started from here.
    """

    def __init__(self, place: Place, line: Line, started: Started | None) -> None:
        self.place, self._line, self._started = place, line, started
        self._changed = threading.Condition()
        self._numbers = 0
        self._flying: dict[tuple[str, ...], int] = {}  # names to the number that is not taken yet
        self._waiting: dict[tuple[str, ...], tuple[int, Sent]] = {}
        self._open: set[int] = set()  # sent, or waiting to be, and not drawn
        self._failed: dict[int, str] = {}
        self._asked: dict[int, _Asked] = {}
        self._telling = Telling()
        # When the window has last taken something, or had nothing to take.
        self._took = time.monotonic()
        self.spare = Spare()
        self._put: dict[tuple[str, ...], float] = {}  # names to when they were sent last
        self._next = 0  # bytes of what a loop sends next
        self._welcome = False
        self._dead = self._refusal = ""
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        self._send(
            {"do": "hello", "token": place.token(), "program": program_name(), "pid": os.getpid()}
        )
        thread = threading.Thread(target=self._listen, name="rankscope", daemon=True)
        thread.start()

    # -- what is sent -----------------------------------------------------------------------

    def put(self, sent: Sent) -> int:
        """Send arrays, or have them wait; what waits under the same names goes.

        A loop over more names than may wait goes at the pace at which the window takes them; one
        that hangs is waited for no longer.

        Raises
        ------
        RankscopeError
            When the window is gone.
        """
        with self._changed:
            self._require_alive()
            if self._takes:
                self._changed.wait_for(lambda: self._has_room(sent.names), _MOMENT)
                self._require_alive()
            now = time.monotonic()
            former, self._put = self._put.get(sent.names, 0.0), {sent.names: now}
            self._next = sent.size if now - former < _LOOPS else 0
            self._numbers += 1
            number = self._numbers
            self._open.add(number)
            if self._waiting or sent.names in self._flying or len(self._flying) >= FLYING:
                self._replace(number, sent)
            else:
                self._fly(number, sent)
        return number

    @property
    def _takes(self) -> bool:
        """Whether the window has taken something lately."""
        return time.monotonic() - self._took < _HANGS

    def _has_room(self, names: tuple[str, ...]) -> bool:
        return names in self._waiting or len(self._waiting) < WAITING or bool(self._dead)

    def _fly(self, number: int, sent: Sent) -> None:
        if not self._flying:
            self._took = time.monotonic()  # it had nothing to take
        self._flying[sent.names] = number
        self._send({**sent.message, "do": "put", "number": number}, (sent.file,))

    def _replace(self, number: int, sent: Sent) -> None:
        former = self._waiting.get(sent.names)
        if former is None and len(self._waiting) >= (_MOST if self._takes else WAITING):
            former = self._waiting.pop(next(iter(self._waiting)))
            names = ", ".join(former[1].names)
            said = say("The window does not answer: {names} waited too long for it.", names=names)
            self._failed[former[0]] = said
        if former is not None:
            self.spare.keep(former[1].file, former[1].size)  # nobody else has it yet
            self._open.discard(former[0])
            if former[1].message["site"] != sent.message["site"]:  # no loop: comes last
                self._waiting.pop(sent.names, None)
        self._waiting[sent.names] = number, sent

    def _send(self, message: Message, files: tuple[int, ...] = ()) -> None:
        """Send; a line that has ended is found by who listens to it."""
        with contextlib.suppress(Ended):
            self._line.send(message, files)
        if self._line.waiting:
            self._wake()

    def ask(self, message: Message, seconds: float | None) -> tuple[Message, int | None]:
        """Return what the window answers, and the file beside it.

        Raises
        ------
        RankscopeError
            When it refuses, is gone, or does not answer within ``seconds``.
        """
        asked = _Asked()
        with self._changed:
            # What was shown before is there first.
            self._changed.wait_for(lambda: not self._waiting or bool(self._dead), seconds)
            self._require_alive()
            self._numbers += 1
            number = self._numbers
            self._asked[number] = asked
            self._send({**message, "number": number})
        asked.done.wait(seconds)
        with self._changed:
            self._asked.pop(number, None)
            answer, file = asked.answer, asked.file
            if answer is None:
                self._require_alive()
                raise RankscopeError(say("The window does not answer."))
        if "refused" in answer:
            if file is not None:
                os.close(file)
            raise RankscopeError(as_sentence(str(answer["refused"])))
        return answer, file

    def listen(self, callback: Callback) -> None:
        """Call ``callback(state)`` whenever what the window shows has changed."""
        with self._changed:
            self._require_alive()
            if self._telling.add(callback):
                self._send({"do": "tell"})

    def wait(self, number: int, seconds: float | None) -> bool:
        """Return whether all that has been sent is drawn, False after ``seconds``.

        Raises
        ------
        RankscopeError
            When ``number`` was refused, or the window is gone.
        """
        until = None if seconds is None else time.monotonic() + seconds
        with self._changed:
            mine = {one for one in self._open if one <= self._numbers}
            while True:
                if number in self._failed:
                    raise RankscopeError(as_sentence(self._failed[number]))
                self._require_alive()
                if not mine & self._open:
                    return True
                left = None if until is None else until - time.monotonic()
                if left is not None and left <= 0:
                    return False
                self._changed.wait(left)

    @property
    def is_dead(self) -> bool:
        """Whether the window is gone."""
        return bool(self._dead) or self._line.is_cut

    def _require_alive(self) -> None:
        if not self._dead and self._line.is_cut:
            self._end(self._reason())
        if self._dead:
            raise RankscopeError(as_sentence(self._dead))

    # -- what comes back --------------------------------------------------------------------

    def _listen(self) -> None:
        """Read until the window is gone; the one thread of this."""
        try:
            while True:
                self._await()
                with self._changed:
                    with contextlib.suppress(Ended):  # what it said before it went is heard
                        self._line.flush()
                    self._take(self._line.receive())
                self.spare.prepare(self._next)
        except (Ended, OSError, ValueError, KeyError, TypeError):
            said = self._reason()
            with self._changed:
                self._end(said)

    def _await(self) -> None:
        with self._changed:
            unsent = bool(self._line.waiting)
        waits = select.poll()  # select itself takes no numbers above 1024
        waits.register(self._line, select.POLLIN | (select.POLLOUT if unsent else 0))
        waits.register(self._wake_read, select.POLLIN)
        ready = waits.poll(_LOOPS * 1000 if self._next else None)
        if not ready:  # no loop any more
            self._next = 0
            self.spare.drop()
        if any(number == self._wake_read for number, _ in ready):
            os.read(self._wake_read, 4096)

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self._wake_write, b"!")

    def _take(self, messages: list[Message]) -> None:
        """Do what messages say."""
        for message in messages:
            kind = message.get("say")
            if kind == "welcome":
                self._welcome = True
            elif kind == "taken":
                self._taken(message["number"])
            elif kind == "drawn":
                self._open.difference_update(message["numbers"])
            elif kind == "failed":
                self._failed[message["number"]] = str(message["refused"])
                self._open.discard(message["number"])
            elif kind == "answer" and (asked := self._asked.get(message["number"])):
                asked.answer = message
                asked.file = self._line.take_file() if message.get("file") else None
                asked.done.set()
            elif kind == "state":
                self._telling.tell(message["state"])
            elif kind == "refused":
                self._refusal = str(message["refused"])
                raise Ended(self._refusal)
        if messages:
            self._changed.notify_all()

    def _taken(self, number: int) -> None:
        """Something has been taken: what waited for it goes next."""
        self._took = time.monotonic()
        for names in [names for names, one in self._flying.items() if one == number]:
            del self._flying[names]
        for names in list(self._waiting):
            if names in self._flying or len(self._flying) >= FLYING:
                break  # none overtakes another
            self._fly(*self._waiting.pop(names))

    def _reason(self) -> str:
        if self._refusal:
            return self._refusal
        if self._started and not self._welcome and (why := why_it_ended(self._started)):
            return why
        if not self._welcome:
            return say("The window ended before it had taken anything.")
        return say("The window has been closed. Show the array again to open another.")

    def _end(self, why: str) -> None:
        if self._dead:
            return
        self._dead = why
        self._line.close()
        for _, sent in self._waiting.values():
            os.close(sent.file)
        self._waiting.clear()
        self._flying.clear()
        self._next = 0
        self.spare.drop()
        self._telling.end()
        for asked in self._asked.values():
            asked.done.set()
        os.close(self._wake_read)
        os.close(self._wake_write)
        self._changed.notify_all()

    # -- the end of this process ------------------------------------------------------------

    def send_rest(self) -> None:
        """Send all that waits, as a script does that ends."""
        until = time.monotonic() + _GOODBYE
        with self._changed:
            if self._dead:
                return
            for number, sent in self._waiting.values():
                self._send({**sent.message, "do": "put", "number": number}, (sent.file,))
            self._waiting.clear()
            with contextlib.suppress(Ended, OSError, ValueError):
                waits = select.poll()
                waits.register(self._line, select.POLLOUT)
                while not self._line.flush() and (left := until - time.monotonic()) > 0:
                    waits.poll(left * 1000)

    def abandon(self) -> None:
        """Let go in a forked child: the connection is its parent's."""
        for number in (self._wake_read, self._wake_write):
            with contextlib.suppress(OSError):
                os.close(number)
        with contextlib.suppress(OSError):
            self._line.close()
        for _, sent in self._waiting.values():
            with contextlib.suppress(OSError):
                os.close(sent.file)
        self._waiting.clear()
        self.spare.abandon()
        self._dead = say("This handle is of the process that this one was forked from.")


def why_it_ended(started: Started) -> str:
    """Return why a window could not be started, "" where it runs after all."""
    started.wait(_LOST)
    why = started.problem()
    return say("The window could not be started: {reason}", reason=why) if why else ""
