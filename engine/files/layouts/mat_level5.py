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
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np

from engine.files.reading import sparse
from engine.files.reading.access import DEFLATE_RATIO
from engine.files.reading.entries import BadArray, join_complex
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
_MAX_AXES, _MAX_NAME, _MAX_FIELDS = 32, 4096, 1 << 20
# How deep structs and cells are looked into, and how many members of one are listed.
_MAX_DEPTH, _MAX_MEMBERS = 8, 2000
_CONTAINERS = ("cell", "struct", "object")
NO_NUMBERS = ("char", "function", "opaque", "unknown", *_CONTAINERS)
_BLOCK_BYTES = 4 << 20


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
    skip : int
        How many of its unpacked bytes come before a member of a struct or a cell.
    most : int
        How many entries a sparse matrix has at most.
    problem : str
        Why the members of a struct or a cell could not be listed.
    """

    name: str
    shape: tuple[int, ...]
    kind: str
    is_complex: bool
    place: int
    length: int
    is_packed: bool
    skip: int = 0
    most: int = 0
    problem: str = ""


def scan(stream: BinaryIO, order: str, progress: Progress | None) -> Iterator[Variable]:
    """Yield the variables of a file; ``order`` is "<" or ">", the order of its bytes.

    Of structs and cells the members that are arrays of numbers are yielded, under their path:
    ``result.gain``, ``runs(2).x``, ``parts{3}``. One without such members is yielded itself.

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
            body = _Body(stream, start, count, is_packed, order)
            yield from _with_members(body, body.header(), progress)
        place += 8 + length


def read(stream: BinaryIO, variable: Variable, order: str, progress: Progress | None) -> Any:
    """Return the numbers of a variable in their stored type; a sparse one as SciPy has them.

    Raises
    ------
    BadVariable
        When there are fewer or more than its shape says.
    """
    body = _Body(stream, variable.place, variable.length, variable.is_packed, order)
    body.skip(variable.skip, progress)
    body.header()
    if variable.kind == "sparse":
        return _sparse(body, variable, progress)
    count = math.prod(variable.shape)
    values = body.numbers(progress, count)
    if variable.is_complex:
        values = join_complex(values, body.numbers(progress, count))
    return values.reshape(variable.shape, order="F")


def _with_members(body: _Body, variable: Variable, progress: Progress | None) -> Iterator[Variable]:
    if variable.kind not in _CONTAINERS or not variable.name:
        yield variable
        return
    found: list[Variable] = []
    try:
        for member in body.members(variable, progress):
            found.append(member)
            if len(found) >= _MAX_MEMBERS:
                break
    except BadVariable as error:
        # The others of the file stay readable, and the sentence is said of this one.
        yield replace(variable, problem=error.problem)
        return
    yield from found or [variable]


def _sparse(body: _Body, variable: Variable, progress: Progress | None) -> Any:
    if len(variable.shape) != 2:
        raise BadVariable(say("a sparse matrix of shape {shape}", shape=variable.shape))
    row = body.numbers(progress).astype(np.int64)
    starts = body.numbers(progress, variable.shape[1] + 1).astype(np.int64)
    values: Array = body.numbers(progress)
    if variable.is_complex:
        values = join_complex(values, body.numbers(progress, values.size))
    stored = int(starts[-1])
    # Room that MATLAB keeps for further entries stands behind those there are.
    if 0 <= stored < min(row.size, values.size):
        row, values = row[:stored], values[:stored]
    try:
        return sparse.compressed("csc", values, row, starts, variable.shape)
    except BadArray as error:
        raise BadVariable(error.problem) from error


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
        self._position = 0
        stream.seek(place)

    def header(self, has_tag: bool = True) -> Variable:
        """Read the flags, the lengths and the name with which a variable begins."""
        if has_tag:
            self._read(8)
        flags, most = (int(word) for word in self.numbers(None, 2))
        lengths = self._few(_MAX_AXES)
        name = self._few(_MAX_NAME)
        shape = tuple(int(axis) for axis in lengths)
        if any(axis < 0 for axis in shape):
            raise BadVariable(say("the shape {shape}", shape=shape))
        kind = _CLASSES.get(flags & 0xFF, "unknown")
        if flags & _LOGICAL and kind not in ("sparse", "char"):
            kind = "logical"
        text = name.tobytes().decode("latin-1")
        return Variable(text, shape, kind, bool(flags & _COMPLEX), *self._whole, most=most)

    def members(
        self, variable: Variable, progress: Progress | None, depth: int = 0
    ) -> Iterator[Variable]:
        """Yield the arrays of numbers in a struct or cell whose header was read just now."""
        count = math.prod(variable.shape)
        fields = [""]
        if variable.kind != "cell":
            if variable.kind == "object":
                self._few(_MAX_NAME)
            fields = self._fields()
        for number in range(1, count + 1 if fields else 1):
            for field in fields:
                checkpoint(progress)
                which = f"({number})" if count > 1 else ""
                label = f"{which}.{field}" if field else f"{{{number}}}"
                yield from self._member(variable.name + label, progress, depth)

    def skip(self, count: int, progress: Progress | None) -> None:
        """Leave out bytes."""
        while count > 0:
            checkpoint(progress)
            step = min(_BLOCK_BYTES, count)
            self._read(step)
            count -= step

    def _member(self, label: str, progress: Progress | None, depth: int) -> Iterator[Variable]:
        start = self._position
        kind, length, _ = self._tag()
        if kind != _MATRIX:
            raise BadVariable(say("numbers of type {kind}", kind=kind))
        end = self._position + length
        if length:
            found = replace(self.header(has_tag=False), name=label)
            if found.kind in _CONTAINERS and depth < _MAX_DEPTH:
                yield from self.members(found, progress, depth + 1)
            elif found.kind not in NO_NUMBERS and 0 not in found.shape:
                yield replace(found, skip=start)
        if self._position > end:
            raise BadVariable("a variable ends too early")
        self.skip(end - self._position, progress)

    def _fields(self) -> list[str]:
        """Return the names of the fields of a struct."""
        width = int(self.numbers(None, 1)[0])
        raw = self._few(_MAX_FIELDS).tobytes()
        if width < 1 or len(raw) % width:
            raise BadVariable("the names of the fields of a struct make no sense")
        names = [raw[place : place + width] for place in range(0, len(raw), width)]
        return [name.split(b"\0")[0].decode("latin-1") for name in names]

    def numbers(self, progress: Progress | None, count: int | None = None) -> Array:
        """Read one element, of ``count`` numbers where that is known."""
        kind, length, padding = self._tag()
        if kind not in _NUMBERS:
            raise BadVariable(say("numbers of type {kind}", kind=kind))
        dtype: np.dtype[Any] = np.dtype(self._order + _NUMBERS[kind])
        expected = length // dtype.itemsize if count is None else count
        _, whole, is_packed = self._whole
        most = whole * (DEFLATE_RATIO if is_packed else 1)
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
        self._position += count
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
