"""The header of .npy data: what it says is checked before anything is allocated.

The layout is that of NumPy Enhancement Proposal 1 (versions 1 to 3): a signature, a version, the
length of the header, a Python dictionary literal with the dtype, the order and the shape, then the
data. Nothing in it is ever unpickled.
"""

from __future__ import annotations

import ast
import math
import re
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from engine.files.layouts.tensors.tensor import extension_dtype
from engine.files.reading.entries import AXES_MAX, BadArray, array_entry
from engine.files.reading.source import Entry
from engine.sentences import as_sentence, say

_FILE = say("the file")
SIGNATURE = b"\x93NUMPY"

# numpy's own bound: Python's literal parser is not safe on longer hostile text.
_MAX_HEADER = 10_000
# How many bytes give the length of the header, by version.
_LENGTH_BYTES: dict[tuple[int, ...], int] = {(1, 0): 2, (2, 0): 4, (3, 0): 4}


@dataclass(frozen=True)
class Header:
    """What a .npy header says; ``offset`` is where the data begin."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran_order: bool
    offset: int

    @property
    def data_bytes(self) -> int:
        """Bytes of data the header announces; exact, however absurd."""
        return math.prod(self.shape) * self.dtype.itemsize


@dataclass(frozen=True)
class Part:
    """An entry and the record field it comes from (None: the whole array)."""

    entry: Entry
    field: str | None = None


def read_header(stream: IO[bytes]) -> Header:
    """Read and check a .npy header at the start of ``stream``.

    Raises
    ------
    BadArray
        When it is no .npy header, cut short, or makes no sense.

    Examples
    --------
    >>> import io
    >>> stream = io.BytesIO()
    >>> np.save(stream, np.zeros((2, 3), dtype=np.float32))
    >>> _ = stream.seek(0)
    >>> read_header(stream).shape
    (2, 3)
    """
    start = stream.read(8)
    if start[:6] != SIGNATURE:
        raise BadArray(
            "it does not begin with the signature of a .npy file", "Save it with numpy.save."
        )
    version = tuple(start[6:8])
    width = _LENGTH_BYTES.get(version, 0)
    if len(start) == 8 and not width:
        raise BadArray(
            say(
                "its .npy version is {major}.{minor}, versions 1.0 to 3.0 are known",
                major=version[0],
                minor=version[1],
            ),
            "The file is damaged, or from a newer NumPy: save it again with numpy.save.",
        )
    length_bytes = stream.read(width) if width else b""
    if not width or len(length_bytes) < width:
        raise _cut_short()
    length = int.from_bytes(length_bytes, "little")
    if length > _MAX_HEADER:
        raise BadArray(
            say(
                "its header claims {length:,} bytes, at most {limit:,} are read",
                length=length,
                limit=_MAX_HEADER,
            ),
            "The file is damaged, or has very many record fields: save plain arrays.",
        )
    raw = stream.read(length)
    if len(raw) < length:
        raise _cut_short()
    fields = _parse(raw, "utf-8" if version == (3, 0) else "latin-1")
    return Header(
        dtype=_dtype(fields["descr"]),
        shape=_shape(fields["shape"]),
        fortran_order=_order(fields["fortran_order"]),
        offset=8 + width + length,
    )


def check_size(header: Header, available: int, holder: str = _FILE) -> None:
    """Refuse an array whose header announces more data than there are.

    Raises
    ------
    BadArray
        Naming both byte counts.
    """
    if header.data_bytes > max(0, available):
        raise BadArray(
            say(
                "the header announces {bytes:,} bytes of data (shape {shape} of {dtype}), "
                "{holder} holds {available:,}",
                bytes=header.data_bytes,
                shape=header.shape,
                dtype=header.dtype,
                holder=holder,
                available=max(0, available),
            ),
            "It was cut short while it was saved or copied: save or copy it again.",
        )


def describe_parts(name: str, header: Header) -> tuple[Part, ...]:
    """List what an array offers: itself, or each field of a record array.

    Raises
    ------
    BadArray
        When nothing of it can be read as numbers.
    """
    fields = header.dtype.fields
    if fields is None or header.dtype.names is None:
        entry = array_entry(name, header.dtype, header.shape)
        if header.dtype.kind == "V":
            entry = entry.noting(
                "The file says two raw bytes an entry: read as bfloat16, which JAX and ml_dtypes "
                "save so."
            )
        return (Part(entry),)
    parts: list[Part] = []
    problem = BadArray("its records have no fields", "Save the columns as plain arrays.")
    for field in header.dtype.names:
        dtype = fields[field][0]
        label = f"{name}.{field}"
        try:
            parts.append(Part(array_entry(label, dtype.base, header.shape + dtype.shape), field))
        except BadArray as error:
            problem = error
            unreadable = Entry(label, header.shape, dtype, 0, error.problem, readable=False)
            parts.append(Part(unreadable, field))
    if not any(part.entry.readable for part in parts):
        raise problem
    return tuple(parts)


def _cut_short() -> BadArray:
    return BadArray(
        "its header is cut short", "The file is incomplete: save it again with numpy.save."
    )


def _bad_header(detail: str) -> BadArray:
    return BadArray(
        say("its header is damaged ({detail})", detail=as_sentence(detail)),
        "Save the array again with numpy.save.",
    )


def _parse(raw: bytes, encoding: str) -> dict[str, Any]:
    try:
        text = raw.decode(encoding)
        # Python 2 wrote long integers as 10L.
        fields = ast.literal_eval(re.sub(r"(?<=\d)L(?=[,)\s])", "", text).strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise _bad_header("it is not a dictionary") from error
    if not isinstance(fields, dict) or set(fields) != {"descr", "fortran_order", "shape"}:
        raise _bad_header("it should name descr, fortran_order and shape")
    return fields


def _shape(value: Any) -> tuple[int, ...]:
    if not isinstance(value, tuple) or not all(type(length) is int for length in value):
        raise _bad_header("the shape is not a tuple of whole numbers")
    if any(length < 0 for length in value):
        raise _bad_header(say("the shape {shape} has a negative length", shape=value))
    if len(value) > AXES_MAX:
        raise BadArray(
            say("it has {count} axes, at most {limit} are read", count=len(value), limit=AXES_MAX),
            "Reshape it.",
        )
    return value


def _order(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _bad_header("fortran_order is neither True nor False")
    return value


def _dtype(descr: Any) -> np.dtype[Any]:
    try:
        dtype = np.lib.format.descr_to_dtype(descr)
        # The name of bfloat16, which NumPy lacks, is lost in its own format.
        return extension_dtype("BF16") if dtype.str in ("|V2", "<V2") else dtype
    # numpy answers a damaged description with nearly any exception, warnings made errors included.
    except Exception as error:
        raise _bad_header("the element type is not one NumPy knows") from error
