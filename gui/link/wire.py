"""Messages on a socket, and open files beside them: what both ends speak.

A message is a head of eight bytes (four that say whose it is, four for its length), and JSON text.
Nothing else is ever read: no pickles, and nothing longer than both ends have agreed on. What does
not fit ends that connection, never the program.
"""

from __future__ import annotations

import array
import contextlib
import errno
import json
import os
import select
import socket
import struct
from collections import deque
from typing import Any

LARGEST = 16 << 20  # bytes of a message
FIRST = 8 << 10  # of the first one, before the token has been said
MOST_FILES = 8  # that wait for their message
_HEAD = struct.Struct("<4sI")
_WHOSE = b"RKS1"
_PIECE = 1 << 16
_ROUNDS = 32  # pieces read before others have their turn
_FULL = (errno.ENOBUFS, errno.ETOOMANYREFS)

Message = dict[str, Any]


class Ended(Exception):
    """The other end is gone, or says what nobody understands."""


class Line:
    """A connected socket that never blocks.

    Parameters
    ----------
    line : socket
        It is closed with this.
    largest : int
        Bytes of the largest message that is read.
    """

    def __init__(self, line: socket.socket, largest: int = LARGEST) -> None:
        line.setblocking(False)
        self._socket, self.largest = line, largest
        self._out: deque[tuple[memoryview, tuple[int, ...]]] = deque()
        self._in = bytearray()
        self._files: deque[int] = deque()
        self.waiting = 0  # bytes that have not been sent

    @property
    def is_cut(self) -> bool:
        """Whether the other end is gone."""
        waits = select.poll()
        waits.register(self._socket, 0)
        return bool(waits.poll(0))

    def fileno(self) -> int:
        """Return the number of the socket, for who waits on it."""
        return self._socket.fileno()

    def send(self, message: Message, files: tuple[int, ...] = ()) -> None:
        """Send a message as soon as the socket takes it; the files are closed then.

        Raises
        ------
        Ended
            When the other end is gone.
        """
        text = json.dumps(message, separators=(",", ":")).encode("ascii")
        data = memoryview(_HEAD.pack(_WHOSE, len(text)) + text)
        self._out.append((data, files))
        self.waiting += len(data)
        self.flush()

    def flush(self) -> bool:
        """Send what the socket takes now; return whether nothing is left.

        Raises
        ------
        Ended
            When the other end is gone.
        """
        while self._out:
            data, files = self._out[0]
            try:
                sent = self._sent(data, files)
            except (BlockingIOError, InterruptedError):
                return False
            except OSError as error:
                if error.errno in _FULL:
                    return False
                raise Ended(str(error)) from error
            for file in files:
                os.close(file)
            self.waiting -= sent
            if sent < len(data):
                self._out[0] = data[sent:], ()
            else:
                self._out.popleft()
        return True

    def _sent(self, data: memoryview, files: tuple[int, ...]) -> int:
        flags = getattr(socket, "MSG_NOSIGNAL", 0)
        if not files:
            return self._socket.send(data, flags)
        numbers = array.array("i", files).tobytes()
        beside = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)]
        return self._socket.sendmsg([data], beside, flags)

    def receive(self) -> list[Message]:
        """Return the messages that have come whole.

        Raises
        ------
        Ended
            When the other end is gone or what it says is no message, and nothing came before it.
        """
        gone = False
        for _ in range(_ROUNDS):
            try:
                gone = not self._read()
            except (BlockingIOError, InterruptedError):
                break
            except OSError:
                gone = True
            # A file is taken with its message before the next one comes.
            if gone or self._files or len(self._in) > self.largest + _HEAD.size:
                break
        found = self._messages()
        if gone and not found:
            raise Ended("the other end is gone")
        return found

    def _read(self) -> bool:
        """Take one piece; return whether there was any."""
        size = socket.CMSG_SPACE(MOST_FILES * array.array("i").itemsize)
        flags = getattr(socket, "MSG_CMSG_CLOEXEC", 0)
        data, beside, told, _ = self._socket.recvmsg(_PIECE, size, flags)
        for level, kind, numbers in beside:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                files = array.array("i")
                files.frombytes(numbers[: len(numbers) - len(numbers) % files.itemsize])
                self._files.extend(files)
        if told & socket.MSG_CTRUNC or len(self._files) > MOST_FILES:
            raise Ended("too many files")
        self._in += data
        return bool(data)

    def _messages(self) -> list[Message]:
        found: list[Message] = []
        while len(self._in) >= _HEAD.size:
            whose, length = _HEAD.unpack_from(self._in)
            if whose != _WHOSE or length > self.largest:
                raise Ended("that is no message")
            if len(self._in) < _HEAD.size + length:
                break
            text = bytes(self._in[_HEAD.size : _HEAD.size + length])
            del self._in[: _HEAD.size + length]
            found.append(_message(text))
        return found

    def take_file(self) -> int | None:
        """Return the next file that came beside a message, whose it is now; None for none."""
        return self._files.popleft() if self._files else None

    def close(self) -> None:
        """Let go of the socket, and of files that nobody has taken."""
        self._socket.close()
        for file in (*self._files, *(file for _, files in self._out for file in files)):
            with contextlib.suppress(OSError):
                os.close(file)
        self._files.clear()
        self._out.clear()


def _message(text: bytes) -> Message:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Ended("that is no message") from error
    if not isinstance(found, dict):
        raise Ended("that is no message")
    return found
