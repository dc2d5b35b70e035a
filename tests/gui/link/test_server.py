"""No byte that is sent ends the window's end of the line; who does not know the token is nobody."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import select
import socket
import struct

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from gui.link.arrays import given
from gui.link.memory import written
from gui.link.place import Place, find_place
from gui.link.server import Asked, Gone, Put, Server
from gui.link.wire import Ended, Line

A = np.arange(6.0).reshape(2, 3)
WAIT = 20.0


class Served:
    def __init__(self, place: Place, listener: socket.socket | None = None) -> None:
        self.heard: queue.Queue[None] = queue.Queue()
        self.place = place
        self.server = Server(
            place, listener or place.listen(), lambda one: one, lambda: self.heard.put(None)
        )

    def take(self, count=1):
        found = []
        while len(found) < count:
            found += self.server.take()
            if len(found) < count:
                self.heard.get(timeout=WAIT)
        return found


@pytest.fixture
def served(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    tmp_path.chmod(0o700)
    one = Served(find_place())
    yield one
    one.server.close()


class Talk:
    """A caller by hand."""

    def __init__(self, place: Place, token: str | None = None) -> None:
        self.socket = place.connect()
        self.line = Line(self.socket)
        if token is not None:
            self.line.send({"do": "hello", "token": token, "program": "p.py", "pid": 7})

    def put(self, number=1, values=(("a", A),), **more):
        file, said = written([given(*pair) for pair in values], "")
        message = {"do": "put", "number": number, "arrays": said, "page": "", "values": {}}
        self.line.send({**message, "file": True, **more}, (file,))

    def raw(self, data, file=None):
        self.socket.setblocking(True)
        beside = [] if file is None else [(socket.SOL_SOCKET, socket.SCM_RIGHTS, file)]
        self.socket.sendmsg([data], beside)

    def hear(self):
        """Return what is said next; None when the other end has gone."""
        ready = select.poll()
        ready.register(self.socket, select.POLLIN)
        self.socket.setblocking(False)
        while ready.poll(WAIT * 1000):
            try:
                if found := self.line.receive():
                    return found
            except Ended:
                return None
        raise TimeoutError

    def close(self):
        self.line.close()


def talk(served, **more):
    one = Talk(served.place, served.place.token(), **more)
    assert one.hear() == [{"say": "welcome", "pid": os.getpid()}]
    return one


def still_serves(served):
    one = talk(served)
    one.put(3)
    while not isinstance(found := served.take()[-1], Put):
        pass
    assert_array_equal(found.arrays["a"].parts[0], A)
    one.close()
    while not (isinstance(gone := served.take()[-1], Gone) and gone.client is found.client):
        pass


def test_arrays_come_with_who_sends_them(served):
    one = talk(served)
    one.put(5, page="spectrum", values=[("a", A), ("b", A + 1)], site="x:1:0")
    (put,) = served.take()
    assert (put.client.program, put.client.pid) == ("p.py", 7)
    assert (put.numbers, put.page, put.site) == ((5,), "spectrum", "x:1:0")
    assert_array_equal(put.arrays["b"].parts[0], A + 1)
    assert one.hear() == [{"say": "taken", "number": 5}]
    one.close()
    (gone,) = served.take()
    assert isinstance(gone, Gone)
    assert gone.client is put.client


@pytest.mark.parametrize("token", ["", "0" * 64, "é", "x" * 5000])
def test_a_wrong_token_is_refused(served, token):
    one = Talk(served.place, token)
    with contextlib.suppress(Ended):
        one.put()
    heard = one.hear()
    assert heard is None or heard[0]["say"] == "refused"
    one.close()
    still_serves(served)


@pytest.mark.parametrize("token", [None, 7, ["x"], {}, True])
def test_a_token_that_is_no_text_is_refused(served, token):
    one = Talk(served.place)
    one.line.send({"do": "hello", "token": token})
    assert one.hear()[0]["say"] == "refused"
    one.close()
    still_serves(served)


def test_nothing_is_heard_before_the_token_has_been_said(served):
    one = Talk(served.place)
    one.line.send({"do": "state", "number": 1})
    assert one.hear()[0]["say"] == "refused"
    one.close()
    still_serves(served)


def head(length, whose=b"RKS1"):
    return struct.pack("<4sI", whose, length)


GARBAGE = {
    "noise": np.random.default_rng(0).bytes(3000),
    "zeros": bytes(3000),
    "another program": b"GET / HTTP/1.1\r\n\r\n",
    "no json": head(4) + b"\xff\xfe\x00{",
    "no object": head(4) + b"[{}]",
    "deep": head(8000) + b"[" * 8000,
    "a pickle": head(20) + b"\x80\x05cos\nsystem\n(S'x'\ntR",
    "too long": head(2**32 - 1),
    "a long number": head(6000) + b"1" * 6000,
    "cut": head(50) + b"{",
}


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_ends_that_connection_only(served, kind, known):
    one = talk(served) if known else Talk(served.place)
    one.raw(GARBAGE[kind])
    one.socket.shutdown(socket.SHUT_WR)
    while one.hear() is not None:
        pass
    one.close()
    if known:
        assert isinstance(served.take()[-1], Gone)
    still_serves(served)


def test_noise_of_many_kinds_is_outlived(served):
    random = np.random.default_rng(1)
    text = json.dumps({"do": "put", "number": 1, "arrays": [], "page": "", "values": {}}).encode()
    for _ in range(60):
        one = talk(served)
        data = bytearray(head(len(text)) + text)
        for place in random.integers(0, len(data), 3):
            data[place] = random.integers(0, 256)
        one.raw(bytes(data))
        one.close()
    served.take(60)
    still_serves(served)


MEDDLED = [
    {"arrays": None},
    {"arrays": []},
    {"page": 7},
    {"values": []},
    {"number": "1"},
    {"number": True},
    {"file": False},
]


@pytest.mark.parametrize("change", MEDDLED, ids=str)
def test_a_message_that_makes_no_sense_is_refused(served, change):
    one = talk(served)
    one.put(**change)
    heard = one.hear()
    if heard is not None:
        heard += (one.hear() or []) if len(heard) == 1 else []
        assert heard[-1]["say"] == "failed"
    one.close()
    still_serves(served)


def test_a_file_shorter_than_it_says_is_refused_in_words(served):
    one = talk(served)
    file, said = written([given("a", A)], "")
    os.ftruncate(file, 8)
    message = {"do": "put", "number": 4, "arrays": said, "page": "", "values": {}, "file": True}
    one.line.send(message, (file,))
    heard = [*one.hear()]
    while heard[-1]["say"] != "failed":
        heard += one.hear()
    assert "cannot be read" in heard[-1]["refused"]
    one.close()
    still_serves(served)


def test_files_that_nobody_asked_for_are_closed(served):
    still_serves(served)  # what is imported once is open then
    before = len(os.listdir("/proc/self/fd"))
    one = talk(served)
    read_end, write_end = os.pipe()
    numbers = np.full(50, read_end, np.int32).tobytes()
    one.raw(b"\0", numbers)
    while one.hear() is not None:
        pass
    one.close()
    os.close(read_end)
    os.close(write_end)
    served.take()
    assert len(os.listdir("/proc/self/fd")) <= before
    still_serves(served)


def test_of_what_nobody_takes_only_the_newest_is_kept(served):
    one = talk(served)
    for number in range(1, 9):
        one.put(number, values=[("a", A + number)])
    one.put(9, values=[("b", A)])
    one.line.send({"do": "state", "number": 10})
    events = []
    while not any(isinstance(event, Asked) for event in events):
        served.heard.get(timeout=WAIT)
        with served.server._lock:
            events = list(served.server._events)
    first, second, asked = served.take(3)
    assert first.numbers == tuple(range(1, 9))
    assert_array_equal(first.arrays["a"].parts[0], A + 8)
    assert (list(second.arrays), asked.what, asked.number) == (["b"], "state", 10)
    one.close()


def test_an_answer_reaches_who_asked_with_its_file(served):
    one = talk(served)
    one.line.send({"do": "figure", "number": 2, "name": "x"})
    (asked,) = served.take()
    file, said = written([given("0", A)], "")
    asked.answer(file, figure=said)
    (message,) = one.hear()
    assert message == {"say": "answer", "number": 2, "file": True, "figure": said}
    number = one.line.take_file()
    assert number is not None
    os.close(number)
    one.close()


def test_more_callers_than_there_is_room_for_are_turned_away(served, monkeypatch):
    from gui.link import server

    monkeypatch.setattr(server, "MOST_CLIENTS", 3)
    some = [talk(served) for _ in range(3)]
    late = Talk(served.place)
    assert "Too many programs" in late.hear()[0]["refused"]
    assert late.hear() is None
    for one in (*some, late):
        one.close()
    served.take(3)
    still_serves(served)


def test_one_who_never_says_the_token_makes_room(served, monkeypatch):
    from gui.link import server

    monkeypatch.setattr(server, "MOST_CLIENTS", 3)
    known, silent = talk(served), [Talk(served.place) for _ in range(2)]
    late = [talk(served) for _ in range(2)]
    assert [one.hear() for one in silent] == [None, None]
    known.put(3)
    assert isinstance(served.take()[0], Put)
    for one in (known, *silent, *late):
        one.close()
    served.take(3)
    still_serves(served)


@pytest.mark.parametrize("unread", [False, True])
def test_all_that_one_has_sent_who_is_gone_by_now_is_taken(tmp_path, monkeypatch, unread):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    tmp_path.chmod(0o700)
    place = find_place()
    listener = place.listen()
    one = Talk(place, place.token())
    served = None
    if unread:  # who leaves with an answer unread resets the line
        served = Served(place, listener)
        assert one.hear() == [{"say": "welcome", "pid": os.getpid()}]
        one.line.send({"do": "state", "number": 1})
        (asked,) = served.take()
        asked.answer(state={})
    for number in range(2, 7):
        one.put(number, values=[(f"a{number}", A)])
    one.close()
    served = served or Served(place, listener)
    found = served.take(6)
    assert [list(put.arrays) for put in found[:-1]] == [[f"a{n}"] for n in range(2, 7)]
    assert isinstance(found[-1], Gone)
    served.server.close()


def test_one_who_does_not_read_holds_up_nobody(served):
    slow = talk(served)
    slow.line.send({"do": "state", "number": 1})
    (asked,) = served.take()
    for _ in range(40):
        asked.answer(state={"much": "x" * 100_000})
    still_serves(served)
    heard = []
    while len(heard) < 40:
        heard += slow.hear()
    slow.close()


def test_after_it_is_closed_nothing_listens(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    tmp_path.chmod(0o700)
    served = Served(find_place())
    one = talk(served)
    served.server.close()
    assert one.hear() is None
    assert served.place.connect() is None
    assert os.listdir(served.place.folder) == ["lock"]
    one.close()
