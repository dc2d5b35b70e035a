"""What goes over the line: lengths first, of the plain bytes and of each array; then these."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import IO, Any

_LONGEST = 1 << 30  # plain bytes
_MOST = 1 << 16  # arrays

Frame = tuple[bytes, list[Any]]


def write(stream: IO[bytes], data: bytes, buffers: Sequence[Any] = ()) -> None:
    """Write a message.

    Raises
    ------
    OSError
        When nobody reads it any more.
    """
    sizes = [len(buffer) for buffer in buffers]
    stream.write(struct.pack(f"=QQ{len(sizes)}Q", len(data), len(sizes), *sizes))
    stream.write(data)
    for buffer in buffers:
        stream.write(buffer)
    stream.flush()


def read(stream: IO[bytes]) -> Frame:
    """Read a message.

    Raises
    ------
    EOFError
        When there is no more, or no whole one.
    OSError, MemoryError
        When it cannot be read.

    Examples
    --------
    >>> import io
    >>> stream = io.BytesIO()
    >>> write(stream, b"abc")
    >>> read(io.BytesIO(stream.getvalue()))
    (b'abc', [])
    """
    length, count = struct.unpack("=QQ", _exactly(stream, 16))
    if length > _LONGEST or count > _MOST:
        raise EOFError
    sizes = struct.unpack(f"={count}Q", _exactly(stream, 8 * count))
    data, buffers = _exactly(stream, length), []
    for size in sizes:
        buffers.append(_array(stream, size))
    return data, buffers


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _array(stream: IO[bytes], size: int) -> Any:
    import numpy as np

    buffer = np.empty(size, np.uint8)
    if size and stream.readinto(buffer.data) < size:  # type: ignore[attr-defined]
        raise EOFError
    return buffer
