"""Starting the window: a process group of its own, which has the socket it listens on as stdin.

The socket listens before the window is there, so that nobody waits for it: what is sent lies in
the system until then, also where the sender has ended meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import socket
import stat
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping

from engine.errors import RankscopeError
from engine.sentences import say
from gui.link.place import Place

COMMAND = "RANKSCOPE_COMMAND"
_TOLD = 4096  # last bytes of what a window has said
_making: list[socket.socket] = []  # of this moment; a forked child must not hold them open


class Started:
    """A window that has been started from here."""

    def __init__(self, process: subprocess.Popen[bytes], said: int) -> None:
        self._process, self._said = process, said

    def problem(self) -> str:
        """Return why it ended, "" while it runs."""
        code = self._process.poll()
        if code is None:
            return ""
        text = os.pread(self._said, _TOLD, max(0, os.fstat(self._said).st_size - _TOLD))
        lines = [line.strip() for line in text.decode("utf-8", "replace").splitlines()]
        return next((line for line in reversed(lines) if line), "") or f"exit status {code}"

    def wait(self, seconds: float) -> bool:
        """Return whether it ends within ``seconds``."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
            return True
        return False


def start_window(place: Place, environment: Mapping[str, str] = os.environ) -> Started | None:
    """Start the window that serves ``place``; None where somebody listens there by now.

    Raises
    ------
    RankscopeError
        When the command cannot be run.
    """
    words, variables = command(environment)
    line = place.listen()
    if line is None:
        return None
    _making.append(line)
    said = _new_file()
    try:
        process = subprocess.Popen(
            words,
            stdin=line.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=variables,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        os.close(said)
        place.leave(line)
        reason = getattr(error, "strerror", None) or str(error)
        raise RankscopeError(
            say(
                "The window cannot be started: {command}: {reason}. Set {variable} to what "
                "starts it.",
                command=shlex.join(words),
                reason=reason,
                variable=COMMAND,
            )
        ) from error
    finally:
        _making.remove(line)
        line.close()
    return Started(process, said)


def command(environment: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """Return the words that start a window, and the environment it has.

    Raises
    ------
    RankscopeError
        When what is set is no command.
    """
    variables = dict(environment)
    if said := environment.get(COMMAND, "").strip():
        try:
            return shlex.split(said), variables
        except ValueError as error:
            raise RankscopeError(
                say(
                    "{variable} is no command: {reason}.",
                    variable=COMMAND,
                    reason=str(error).rstrip("."),
                )
            ) from error
    if not sys.executable:
        raise RankscopeError(
            say("This Python has no command. Set {variable} to what starts it.", variable=COMMAND)
        )
    home = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    if home not in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        former = environment.get("PYTHONPATH", "")
        variables["PYTHONPATH"] = f"{home}{os.pathsep}{former}" if former else home
    # -P: a folder called gui where the caller works is not this one.
    return [sys.executable, "-P", "-m", "gui"], variables


def given_socket() -> socket.socket | None:
    """Return the socket that a starter gave as stdin, None where there is none."""
    try:
        if not stat.S_ISSOCK(os.fstat(0).st_mode):
            return None
        line = socket.socket(fileno=os.dup(0))
    except OSError:
        return None
    try:
        listens = line.family == socket.AF_UNIX and line.getsockopt(
            socket.SOL_SOCKET, socket.SO_ACCEPTCONN
        )
    except OSError:
        listens = False
    if not listens:
        line.close()
        return None
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return line


def _new_file() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("rankscope-said", os.MFD_CLOEXEC)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _forget() -> None:
    while _making:
        _making.pop().close()


os.register_at_fork(after_in_child=_forget)
