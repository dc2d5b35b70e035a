"""The variables of a MATLAB file of version 5 to 7: their headers, and their numbers.

Parsed here: scipy's reader ends the whole process on many a damaged file, and its list does not
tell complex numbers from real ones.

References
----------
MathWorks, "MAT-File Format", R2024a, chapter 1: level 5 MAT-files.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from engine.files.reading.entries import join_complex
from engine.files.reading.source import Array
from engine.jobs import Progress, checkpoint
from engine.sentences import as_sentence, say

HEADER_BYTES = 128
_MATRIX, _COMPRESSED = 14, 15
_NUMBERS = {
    1: "i1",
    2: "u1",
    3: "i2",
    4: "u2",
    5: "i4",
    6: "u4",
    7: "f4",
    9: "f8",
    12: "i8",
    13: "u8",
}
_CLASSES = {
    1: "cell",
    2: "struct",
    3: "object",
    4: "char",
    5: "sparse",
    6: "double",
    7: "single",
    8: "int8",
    9: "uint8",
    10: "int16",
    11: "uint16",
    12: "int32",
    13: "uint32",
    14: "int64",
    15: "uint64",
    16: "function",
    17: "opaque",
}
_COMPLEX, _LOGICAL = 0x800, 0x200
_MAX_AXES, _MAX_NAME = 32, 4096
_BLOCK_BYTES = 4 << 20
# One byte of deflated data stands for at most 1032 bytes (zlib technical notes).
_DEFLATE_RATIO = 1032


class BadVariable(Exception):
    """A variable that contradicts itself, or a file that breaks off; says where."""

    def __init__(self, problem: str) -> None:
        self.problem = as_sentence(problem)
        super().__init__(problem)


@dataclass(frozen=True)
class Variable:
    """One variable as its header describes it.

    Attributes
    ----------
    kind : str
        The MATLAB class; "logical" for dense true and false.
    place, length : int
        Where its bytes lie in the file.
    is_packed : bool
        Whether they are deflated.
    """

    name: str
    shape: tuple[int, ...]
    kind: str
    is_complex: bool
    place: int
    length: int
    is_packed: bool


def scan(stream: BinaryIO, order: str, progress: Progress | None) -> Iterator[Variable]:
    """Yield the variables of a file; ``order`` is "<" or ">", the order of its bytes.

    Raises
    ------
    BadVariable
        When the file breaks off or a header makes no sense.
    """
    size = stream.seek(0, 2)
    place = HEADER_BYTES
    while place < size:
        checkpoint(progress, place / size, "Listing the variables")
        stream.seek(place)
        tag = stream.read(8)
        if len(tag) < 8:
            raise BadVariable("its last variable is cut short")
        kind, length = struct.unpack(order + "II", tag)
        if place + 8 + length > size:
            raise BadVariable(
                say("{count:,} bytes are missing at its end", count=place + 8 + length - size)
            )
        if kind in (_MATRIX, _COMPRESSED):
            # A packed one has its tag inside.
            is_packed = kind == _COMPRESSED
            start, count = (place + 8, length) if is_packed else (place, length + 8)
            yield _Body(stream, start, count, is_packed, order).header()
        place += 8 + length


def read(stream: BinaryIO, variable: Variable, order: str, progress: Progress | None) -> Array:
    """Return the numbers of a variable, a sparse one as dense numbers; in their stored type.

    Raises
    ------
    BadVariable
        When there are fewer or more than its shape says.
    """
    body = _Body(stream, variable.place, variable.length, variable.is_packed, order)
    body.header()
    if variable.kind == "sparse":
        return _dense(body, variable, progress)
    count = math.prod(variable.shape)
    values = body.numbers(progress, count)
    if variable.is_complex:
        values = join_complex(values, body.numbers(progress, count))
    return values.reshape(variable.shape, order="F")


def _dense(body: _Body, variable: Variable, progress: Progress | None) -> Array:
    if len(variable.shape) != 2:
        raise BadVariable(say("a sparse matrix of shape {shape}", shape=variable.shape))
    rows, cols = variable.shape
    row = body.numbers(progress).astype(np.int64)
    starts = body.numbers(progress, cols + 1).astype(np.int64)
    values: Array = body.numbers(progress)
    if variable.is_complex:
        values = join_complex(values, body.numbers(progress, values.size))
    counts = np.diff(starts)
    stored = int(starts[-1])
    if starts[0] != 0 or (counts < 0).any() or stored > min(row.size, values.size):
        raise BadVariable("the columns of a sparse matrix make no sense")
    row, values = row[:stored], values[:stored]
    if stored and not 0 <= row.min() <= row.max() < rows:
        raise BadVariable("a row of a sparse matrix lies outside")
    dense = np.zeros(variable.shape, values.dtype)
    dense[row, np.repeat(np.arange(cols), counts)] = values
    return dense


class _Body:
    """The bytes of one variable, unpacked on the way."""

    def __init__(
        self, stream: BinaryIO, place: int, length: int, is_packed: bool, order: str
    ) -> None:
        self._stream = stream
        self._whole = place, length, is_packed
        self._left = length
        self._unpack = zlib.decompressobj() if is_packed else None
        self._order = order
        stream.seek(place)

    def header(self) -> Variable:
        """Read the flags, the lengths and the name with which a variable begins."""
        self._read(8)
        flags = int(self.numbers(None, 2)[0])
        lengths = self._few(_MAX_AXES)
        name = self._few(_MAX_NAME)
        shape = tuple(int(axis) for axis in lengths)
        if any(axis < 0 for axis in shape):
            raise BadVariable(say("the shape {shape}", shape=shape))
        kind = _CLASSES.get(flags & 0xFF, "unknown")
        if flags & _LOGICAL and kind not in ("sparse", "char"):
            kind = "logical"
        text = name.tobytes().decode("latin-1")
        return Variable(text, shape, kind, bool(flags & _COMPLEX), *self._whole)

    def numbers(self, progress: Progress | None, count: int | None = None) -> Array:
        """Read one element, of ``count`` numbers where that is known."""
        kind, length, padding = self._tag()
        if kind not in _NUMBERS:
            raise BadVariable(say("numbers of type {kind}", kind=kind))
        dtype: np.dtype[Any] = np.dtype(self._order + _NUMBERS[kind])
        expected = length // dtype.itemsize if count is None else count
        _, whole, is_packed = self._whole
        most = whole * (_DEFLATE_RATIO if is_packed else 1)
        if length != expected * dtype.itemsize or length > most:
            raise BadVariable(
                say(
                    "{bytes:,} bytes where {count:,} numbers should be",
                    bytes=length,
                    count=expected,
                )
            )
        data = np.empty(length, np.uint8)
        for start in range(0, length, _BLOCK_BYTES):
            checkpoint(progress, start / length, "Reading the variable")
            block = self._read(min(_BLOCK_BYTES, length - start))
            data[start : start + len(block)] = np.frombuffer(block, np.uint8)
        self._read(padding)
        return data.view(dtype)

    def _few(self, most: int) -> Array:
        values = self.numbers(None)
        if values.size > most:
            raise BadVariable("its header is endless")
        return values

    def _tag(self) -> tuple[int, int, int]:
        """Return the type, the length and the padding of the element that follows."""
        (word,) = struct.unpack(self._order + "I", self._read(4))
        if word >> 16:  # up to four bytes stand within the tag
            length = min(word >> 16, 4)
            return word & 0xFFFF, length, 4 - length
        (length,) = struct.unpack(self._order + "I", self._read(4))
        return word, length, -length % 8

    def _read(self, count: int) -> bytes:
        found = self._take(count) if self._unpack is None else self._inflate(self._unpack, count)
        if len(found) < count:
            raise BadVariable("a variable ends too early")
        return found

    def _take(self, count: int) -> bytes:
        found = self._stream.read(min(self._left, count))
        self._left -= len(found)
        return found

    def _inflate(self, unpack: Any, count: int) -> bytes:
        found = b""
        try:
            while len(found) < count:
                packed = unpack.unconsumed_tail or self._take(max(count - len(found), 4096))
                if not packed:
                    break
                found += unpack.decompress(packed, count - len(found))
        except zlib.error as error:
            raise BadVariable(
                say("its packed data are damaged: {reason}", reason=str(error))
            ) from error
        return found
