"""Which window is the one of a person: who comes second hands over what it was asked to open."""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.errors import RankscopeError
from gui.link.place import Place, find_place
from gui.link.start import given_socket
from gui.link.wire import Ended, Line, Message

PATIENCE = 3.0  # seconds for the open window to answer
START_PATIENCE = 20.0  # seconds for one that is not up yet
ACTIVATION = ("XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID")


@dataclass(frozen=True)
class Seat:
    """What a window is reached by: where, and the socket that listens there.

    ``handed`` says that another window has been given the files, and this one need not open;
    ``problem`` why it cannot be reached.
    """

    place: Place | None = None
    listener: socket.socket | None = None
    handed: bool = False
    problem: str = ""


def take_seat(
    files: Sequence[str], *, own: bool, another: bool, environment: Mapping[str, str] = os.environ
) -> Seat:
    """Return how this window is reached.

    Parameters
    ----------
    files : sequence of str
        What it is to open.
    own : bool
        Whether it keeps to itself: it is reached only by who has started it.
    another : bool
        Whether it opens although another window is open.
    """
    given = given_socket()
    if given is None and own:
        return Seat()
    try:
        place = find_place(environment)
        if given is not None:
            return Seat(place, given)
        line = place.connect()
        if line is None and (listener := place.listen()) is not None:
            return Seat(place, listener)
        line = line or place.connect()  # another has begun to listen meanwhile
        handed = not another and line is not None and _handed(place, line, files, environment)
        if line is not None:
            line.close()
        return Seat(handed=handed)
    except RankscopeError as error:
        if given is not None:
            given.close()
        return Seat(problem=str(error))


def _handed(
    place: Place, line: socket.socket, files: Sequence[str], environment: Mapping[str, str]
) -> bool:
    """Hand files to the open window; return whether it has taken them."""
    talk = Line(line)
    try:
        talk.send({"do": "hello", "token": place.token(), "program": "", "pid": os.getpid()})
        talk.send(
            {
                "do": "open",
                "number": 1,
                "paths": [os.path.abspath(path) for path in files],
                "display": display_of(environment),
                "activation": {name: environment.get(name, "") for name in ACTIVATION},
            }
        )
        answer = _answer(talk, PATIENCE if place.is_up else START_PATIENCE)
    except Ended:
        return False
    return answer is not None and not answer.get("refused")


def display_of(environment: Mapping[str, str]) -> str:
    """Return on which screen windows of an environment open."""
    return environment.get("WAYLAND_DISPLAY") or environment.get("DISPLAY") or ""


def _answer(talk: Line, patience: float) -> Message | None:
    waits, until = select.poll(), time.monotonic() + patience
    waits.register(talk, select.POLLIN)
    while (left := until - time.monotonic()) > 0:
        waits.poll(left * 1000)
        for message in talk.receive():
            if message.get("say") in ("answer", "refused"):
                return message
    return None
