"""Where a window can be reached: a folder that nobody else may write, a socket and a token in it.

Nothing listens on a network or under an abstract name. Who listens is the window; that somebody
does is all there is to know of whether one is open.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import socket
import stat
import struct
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.errors import RankscopeError
from engine.sentences import say

TOKEN_LARGEST = 256  # bytes
_LONGEST = 100  # bytes of a socket's path; the system takes 107
_BACKLOG = 128
_PATIENCE = 2.0  # seconds for another that starts a window just now


@dataclass(frozen=True)
class Place:
    """The folder of one person's window."""

    folder: str

    @property
    def token_path(self) -> str:
        """Where the token lies that every caller has to say."""
        return os.path.join(self.folder, "token")

    @property
    def words_path(self) -> str:
        """Where the window says what its pages and parameters are called."""
        return os.path.join(self.folder, "words")

    @property
    def is_up(self) -> bool:
        """Whether the window that listens has finished its start."""
        return os.path.exists(self.words_path)

    def token(self) -> str:
        """Return the token, "" where there is none."""
        return read_own(self.token_path, TOKEN_LARGEST).decode("ascii", "replace")

    def connect(self) -> socket.socket | None:
        """Return a connection to who listens here, None where nobody does.

        Raises
        ------
        RankscopeError
            When it takes no more connections, or belongs to somebody else.
        """
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.setblocking(False)
        try:
            with self._address() as address:
                line.connect(address)
        except BlockingIOError as error:
            line.close()
            raise RankscopeError(
                say("The window does not answer: too many callers wait for it. Close it.")
            ) from error
        except (FileNotFoundError, ConnectionRefusedError, ConnectionResetError):
            line.close()
            return None
        except OSError as error:
            line.close()
            raise _unusable(self.folder, error) from error
        if not is_own(line):
            line.close()
            raise RankscopeError(
                say("{folder}: the window there is not yours.", folder=self.folder)
            )
        return line

    def listen(self) -> socket.socket | None:
        """Return a socket that listens here, with a new token; None where somebody does already.

        Raises
        ------
        RankscopeError
            When the folder cannot be written.
        """
        try:
            with self._alone():
                if (other := self.connect()) is not None:
                    other.close()
                    return None
                return self._listening()
        except OSError as error:
            raise _unusable(self.folder, error) from error

    def _listening(self) -> socket.socket:
        path = os.path.join(self.folder, "socket")
        for former in (path, self.words_path):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(former)
        write_own(self.token_path, secrets.token_hex(32).encode())
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with self._address() as address:
                line.bind(address)
            os.chmod(path, 0o600)
            line.listen(_BACKLOG)
        except BaseException:
            line.close()
            raise
        return line

    def leave(self, line: socket.socket) -> None:
        """Listen no more, and take away what says that somebody does."""
        with contextlib.suppress(OSError), self._alone():
            line.close()
            other = self.connect()
            if other is not None:  # who has come after us stays
                other.close()
                return
            for name in ("socket", "token", "words"):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(os.path.join(self.folder, name))

    @contextlib.contextmanager
    def _address(self) -> Iterator[str]:
        """Give the path of the socket, a short one by way of the open folder where it is long."""
        path = os.path.join(self.folder, "socket")
        if len(os.fsencode(path)) <= _LONGEST or not os.path.isdir("/proc/self/fd"):
            yield path
            return
        opened = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield f"/proc/self/fd/{opened}/socket"
        finally:
            os.close(opened)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock under which somebody begins or ends to listen."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        lock = os.open(os.path.join(self.folder, "lock"), flags, 0o600)
        pause, until = threading.Event(), time.monotonic() + _PATIENCE
        try:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise
                    pause.wait(0.002)
            yield
        finally:
            os.close(lock)


def find_place(environment: Mapping[str, str] = os.environ) -> Place:
    """Return where this person's window is reached; the folder is made where there is none.

    Raises
    ------
    RankscopeError
        When it cannot be made, or others own it or may write into it.
    """
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(runtime) and _is_private(runtime):
        folder = os.path.join(runtime, "rankscope")
    else:
        folder = os.path.join(tempfile.gettempdir(), f"rankscope-{os.getuid()}")
    try:
        if not os.path.lexists(folder):
            with contextlib.suppress(FileExistsError):
                os.mkdir(folder, 0o700)
        found = os.lstat(folder)
    except OSError as error:
        raise _unusable(folder, error) from error
    theirs = not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid()
    if theirs or found.st_mode & 0o022:
        raise RankscopeError(
            say(
                "{folder} is owned by others, or others may write into it: no window is reached "
                "through it. Remove it, or set XDG_RUNTIME_DIR to a folder of your own.",
                folder=folder,
            )
        )
    if stat.S_IMODE(found.st_mode) != 0o700:
        os.chmod(folder, 0o700)
    return Place(folder)


def _is_private(folder: str) -> bool:
    """Whether a folder is one's own, and nobody else may put something in its place."""
    try:
        found = os.stat(folder)
    except OSError:
        return False
    mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return mine and not found.st_mode & 0o022 and os.access(folder, os.W_OK)


def is_own(line: socket.socket) -> bool:
    """Whether who is at the other end is the same person; True where the system does not say."""
    peer = getattr(socket, "SO_PEERCRED", None)
    if peer is None:
        return True
    known = struct.Struct("3i")  # pid, uid, gid
    _, user, _ = known.unpack(line.getsockopt(socket.SOL_SOCKET, peer, known.size))
    return bool(user == os.getuid())


def read_own(path: str, largest: int) -> bytes:
    """Return what is in a file of one's own, b"" where there is none or it is larger."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    with open(opened, "rb") as file:
        found = os.fstat(opened)
        if found.st_uid != os.getuid() or not stat.S_ISREG(found.st_mode):
            return b""
        data = file.read(largest + 1)
    return data if len(data) <= largest else b""


def write_own(path: str, data: bytes) -> None:
    """Put a file there that only this person may read, whole or not at all.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    part = f"{path}.{os.getpid()}.{secrets.token_hex(4)}"
    opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(opened, "wb") as file:
            file.write(data)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def _unusable(folder: str, error: OSError) -> RankscopeError:
    reason = error.strerror or str(error)
    return RankscopeError(
        say("{folder}: no window is reached through it ({reason}).", folder=folder, reason=reason)
    )
