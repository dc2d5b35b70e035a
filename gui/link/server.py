"""The window's end: a thread that listens, checks every byte, and keeps what has come.

It knows nothing of Qt. ``heard()`` is called in its thread when there is something to `take`; of
arrays under the same names only the newest is kept, however long nobody takes it.
"""

from __future__ import annotations

import contextlib
import hmac
import logging
import os
import selectors
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from engine.errors import RankscopeError
from engine.sentences import say
from gui.link.arrays import Given
from gui.link.memory import BadFile, read
from gui.link.place import Place, is_own
from gui.link.wire import FIRST, LARGEST, Ended, Line, Message

MOST_CLIENTS = 256
_MOST_UNREAD = 64 << 20  # bytes that wait for a caller who does not read them
_MOST_NAMES = 256  # arrays of one call

_log = logging.getLogger(__name__)


class Client:
    """A caller; what is said to it comes from any thread.

    ``program`` and ``pid`` are as it says them.
    """

    def __init__(self, line: Line, wake: Callable[[], None]) -> None:
        self._line, self._wake = line, wake
        self._lock = threading.Lock()
        self.program, self.pid = "", 0
        self.known = self.gone = False
        self._deaf = False  # hears nothing any more: what it has said before is still read

    def say(self, message: Message, file: int | None = None) -> None:
        """Send a message and a file, which is closed; one who is gone hears nothing."""
        files = () if file is None else (file,)
        with self._lock:
            if not (self.gone or self._deaf) and self._line.waiting < _MOST_UNREAD:
                try:
                    self._line.send(message, files)
                except Ended:
                    self._deaf = True
                if self.unsent:
                    self._wake()
                return
        for one in files:
            with contextlib.suppress(OSError):
                os.close(one)

    @property
    def unsent(self) -> bool:
        """Whether something waits until the caller reads."""
        return bool(self._line.waiting) and not self._deaf

    def flush(self) -> None:
        """Send what it takes now."""
        with self._lock:
            try:
                self._line.flush()
            except Ended:
                self._deaf = True

    def receive(self) -> list[Message]:
        """Return the messages that have come."""
        return self._line.receive()

    def take_file(self) -> int | None:
        """Return the file beside a message."""
        return self._line.take_file()

    def meet(self, program: str, pid: int) -> None:
        """Know who it is: it has said the token."""
        self.program, self.pid, self.known = program, pid, True
        self._line.largest = LARGEST

    def fileno(self) -> int:
        """Return the number of its socket."""
        return self._line.fileno()

    def close(self) -> None:
        """Let go of it."""
        with self._lock:
            self.gone = True
            self._line.close()


@dataclass(frozen=True, eq=False)
class Put:
    """Arrays to be shown: the newest under these names, and the ``numbers`` it stands for.

    ``keywords`` are the names among them that stand in the call as keywords.
    """

    client: Client
    numbers: tuple[int, ...]
    arrays: dict[str, Any]
    page: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    site: str = ""
    keywords: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[Client, tuple[str, ...]]:
        """What a later one replaces."""
        return self.client, tuple(self.arrays)


@dataclass(frozen=True, eq=False)
class Asked:
    """A question of a caller."""

    client: Client
    what: str
    number: int
    message: Message

    def answer(self, file: int | None = None, **said: Any) -> None:
        """Answer it."""
        more = {"file": True} if file is not None else {}
        self.client.say({"say": "answer", "number": self.number, **more, **said}, file)


@dataclass(frozen=True, eq=False)
class Gone:
    """A caller has ended."""

    client: Client


Event = Put | Asked | Gone


class Server:
    """Serves a place until it is closed.

    Parameters
    ----------
    place : Place
        Where.
    listener : socket
        That listens there; it is closed with this.
    made : callable
        ``made(given)`` makes of what was sent what is kept; called in another thread. It raises a
        RankscopeError where that cannot be.
    heard : callable
        Called, in another thread, when there is something to `take`.
    """

    def __init__(
        self,
        place: Place,
        listener: socket.socket,
        made: Callable[[Given], Any],
        heard: Callable[[], None],
    ) -> None:
        self._place, self._listener = place, listener
        self._made, self._heard = made, heard
        listener.setblocking(False)
        self._token = place.token()
        self._lock = threading.Lock()
        self._events: list[Event] = []
        self._clients: dict[Client, None] = {}  # in the order in which they came
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        self._closing = False
        self._thread = threading.Thread(target=self._serve, name="rankscope link", daemon=True)
        self._thread.start()

    def take(self) -> list[Event]:
        """Return what has come, in its order."""
        with self._lock:
            found, self._events = self._events, []
        return found

    def close(self) -> None:
        """Serve no more; returns when the thread has ended."""
        self._closing = True
        self._wake()
        self._thread.join()
        self._place.leave(self._listener)
        for number in (self._wake_read, self._wake_write):
            os.close(number)

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self._wake_write, b"!")

    def _serve(self) -> None:
        waits = selectors.DefaultSelector()
        waits.register(self._listener, selectors.EVENT_READ)
        waits.register(self._wake_read, selectors.EVENT_READ)
        try:
            while not self._closing:
                for key, ready in waits.select():
                    if key.fileobj is self._listener:
                        self._accept(waits)
                    elif key.fileobj == self._wake_read:
                        os.read(self._wake_read, 4096)
                    else:
                        self._attend(waits, key.data, ready)
                self._attend_unsent(waits)
        finally:
            for client in self._clients:
                client.close()
            waits.close()

    def _accept(self, waits: selectors.BaseSelector) -> None:
        try:
            line, _ = self._listener.accept()
        except OSError:
            return
        if not is_own(line):
            line.close()
            return
        client = Client(Line(line, FIRST), self._wake)
        if len(self._clients) >= MOST_CLIENTS and not self._made_way(waits):
            client.say(
                {"say": "refused", "refused": say("Too many programs show arrays. End one.")}
            )
            client.close()
            return
        self._clients[client] = None
        waits.register(client, selectors.EVENT_READ, client)

    def _made_way(self, waits: selectors.BaseSelector) -> bool:
        """Whether the one could be dropped that has been silent longest, without a token."""
        silent = next((one for one in self._clients if not one.known), None)
        if silent is not None:
            self._drop(waits, silent)
        return silent is not None

    def _drop(self, waits: selectors.BaseSelector, client: Client) -> None:
        waits.unregister(client)
        self._clients.pop(client, None)
        client.close()

    def _attend_unsent(self, waits: selectors.BaseSelector) -> None:
        """Wait for callers to read what could not be sent at once."""
        for client in self._clients:
            writes = selectors.EVENT_WRITE if client.unsent else 0
            if waits.get_key(client).events != selectors.EVENT_READ | writes:
                waits.modify(client, selectors.EVENT_READ | writes, client)

    def _attend(self, waits: selectors.BaseSelector, client: Client, ready: int) -> None:
        try:
            if ready & selectors.EVENT_WRITE:
                client.flush()
            if ready & selectors.EVENT_READ:
                for message in client.receive():
                    self._hear(client, message)
        except Exception as error:
            if not isinstance(error, Ended):
                _log.warning("a caller was dropped: %r", error)
            self._drop(waits, client)
            if client.known:
                self._keep(Gone(client))

    def _hear(self, client: Client, message: Message) -> None:
        what = message.get("do")
        if not client.known:
            self._meet(client, message)
        elif what == "put":
            self._put(client, message)
        elif isinstance(what, str):
            number = message.get("number", 0)
            self._keep(Asked(client, what, number if type(number) is int else 0, message))

    def _meet(self, client: Client, message: Message) -> None:
        token, pid = message.get("token"), message.get("pid")
        fits = isinstance(token, str) and hmac.compare_digest(token.encode(), self._token.encode())
        if message.get("do") != "hello" or not fits or not self._token:
            client.say({"say": "refused", "refused": say("The token is not the window's.")})
            raise Ended("a wrong token")
        program = message.get("program")
        client.meet(
            program[:200] if isinstance(program, str) else "", pid if type(pid) is int else 0
        )
        client.say({"say": "welcome", "pid": os.getpid()})

    def _put(self, client: Client, message: Message) -> None:
        number, page, values = (message.get(name) for name in ("number", "page", "values"))
        file = client.take_file() if message.get("file") else None
        if file is None or type(number) is not int:
            raise Ended("nothing is beside the message")
        try:
            client.say({"say": "taken", "number": number})
            if not isinstance(page, str) or not isinstance(values, dict):
                raise BadFile("page")
            arrays = read(file, message.get("arrays"))
            if len(arrays) > _MOST_NAMES:
                raise BadFile("names")
            made = {one.name: self._made(one) for one in arrays}
            said = message.get("keywords")
            keywords = tuple(one for one in made if isinstance(said, list) and one in said)
            site = str(message.get("site"))
            self._keep(Put(client, (number,), made, page, values, site, keywords))
        except (BadFile, RankscopeError, MemoryError) as error:
            said = say("What was sent cannot be read ({reason}).", reason=str(error))
            client.say({"say": "failed", "number": number, "refused": said})
        finally:
            os.close(file)

    def _keep(self, event: Event) -> None:
        with self._lock:
            for place, one in enumerate(self._events):
                if isinstance(one, Put) and isinstance(event, Put) and one.key == event.key:
                    event = replace(event, numbers=(*one.numbers, *event.numbers))
                    del self._events[place]
                    # Of a loop in its place: what was shown first is selected first.
                    at = place if one.site == event.site else len(self._events)
                    self._events.insert(at, event)
                    break
            else:
                self._events.append(event)
        self._heard()
