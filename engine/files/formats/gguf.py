"""Models of llama.cpp (.gguf) by the package gguf: tensors as they are, or multiplied out.

References
----------
ggml, "GGUF", docs/gguf.md: the layout; the package gguf of the same project reads it.
"""

from __future__ import annotations

import importlib
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.errors import FileError
from engine.files.reading.access import (
    Fingerprint,
    file_errors,
    fingerprint,
    require_unchanged,
)
from engine.files.reading.entries import (
    BadArray,
    array_entry,
    natural_order,
    require_readable,
    unreadable_entry,
)
from engine.files.reading.mapped import read_mapped
from engine.files.reading.source import Entry, Format, MatrixSource, Selection
from engine.jobs import Cancelled, Progress, checkpoint
from engine.room import require_room
from engine.sentences import as_sentence, say

SIGNATURE = b"GGUF"
_PLAIN = {
    "F16": "f2",
    "F32": "f4",
    "F64": "f8",
    "I8": "i1",
    "I16": "i2",
    "I32": "i4",
    "I64": "i8",
}


@dataclass(frozen=True)
class Place:
    """Where a tensor lies.

    Attributes
    ----------
    stored : numpy.dtype
        What it is mapped as: its own type, or bytes of codes.
    shape : tuple of int
        Shape of what is mapped.
    kind : str
        The type of its codes; "" for numbers that stand as they are.
    """

    offset: int
    stored: np.dtype[Any]
    shape: tuple[int, ...]
    kind: str = ""


class GgufSource(MatrixSource):
    """One .gguf file; parts are mapped from disk when they are read."""

    def __init__(
        self, path: str, known: Fingerprint, entries: tuple[Entry, ...], places: dict[str, Place]
    ) -> None:
        super().__init__(path, FORMAT, entries, known)
        self._places = places

    def _take(self, entry: Entry, selection: Selection, progress: Progress | None) -> Any:
        place = self._places[entry.name]
        if not place.kind:
            part = read_mapped(
                self.path, place.stored, place.shape, place.offset, selection, progress
            )
            return part.astype(entry.dtype, copy=False)
        # Codes lie in blocks along the last axis: of the others only what is wanted is unpacked.
        leading = (*selection[:-1], slice(None))
        codes = read_mapped(self.path, place.stored, place.shape, place.offset, leading, progress)
        length = entry.shape[-1]
        needed = codes.size // place.shape[-1] * length * entry.dtype.itemsize
        require_room(self.path, 4 * needed, say("'{name}'", name=entry.name))
        gguf = _package(self.path)
        with _gguf_errors(self.path):
            numbers = gguf.dequantize(codes, gguf.GGMLQuantizationType[place.kind])
        return np.asarray(numbers, np.float32)[..., selection[-1]]


def open_gguf(path: str, progress: Progress | None = None) -> GgufSource:
    """Open a .gguf file; only its header is read.

    Raises
    ------
    FileError
        When the file cannot be read, is damaged, or the package gguf is not installed.
    Cancelled
        When ``progress`` asks to stop.
    """
    checkpoint(progress, 0.0, "Reading the header")
    known = fingerprint(path)
    gguf = _package(path)
    with _gguf_errors(path):
        found = _reader(gguf)(path)
        tensors = [
            (one.name, one.tensor_type.name, one.shape, one.data_offset) for one in found.tensors
        ]
        is_swapped = found.byte_order == "S"
    checkpoint(progress)
    entries: list[Entry] = []
    places: dict[str, Place] = {}
    for name, kind, dims, offset in sorted(tensors, key=lambda one: natural_order(one[0])):
        shape = tuple(int(length) for length in reversed(dims.tolist()))
        try:
            place = _place(gguf, kind, shape, int(offset), known.size, is_swapped)
            entries.append(_entry(name, kind, shape, place))
            places[name] = place
        except BadArray as error:
            entries.append(unreadable_entry(name, error.sentence, shape))
    require_unchanged(path, known)
    require_readable(path, entries)
    return GgufSource(path, known, tuple(entries), places)


FORMAT = Format(
    key="gguf",
    title="GGUF model",
    suffixes=(".gguf",),
    open=open_gguf,
    matches=lambda head: head.startswith(SIGNATURE),
)


def _reader(gguf: Any) -> Any:
    """Return the package's reader, which ends where the file does.

    Its own reads nothing behind the end without a word, over and over for as long as a damaged
    header wants.
    """

    class Bounded(gguf.GGUFReader):  # type: ignore[misc]
        def _get(self, offset: int, dtype: Any, count: int = 1, *more: Any, **others: Any) -> Any:
            end = int(offset) + int(count) * np.dtype(dtype).itemsize
            if end > len(self.data):
                raise EOFError("truncated")
            return super()._get(offset, dtype, count, *more, **others)

    return Bounded


def _place(
    gguf: Any, kind: str, shape: tuple[int, ...], offset: int, size: int, is_swapped: bool
) -> Place:
    """Return where a tensor lies and how its numbers are made."""
    count = math.prod(shape)
    if is_swapped and kind not in _PLAIN:
        raise BadArray("its codes are in the order of bytes of another machine")
    if kind in _PLAIN or kind == "BF16":
        order = ">" if is_swapped else "<"
        stored = _bfloat16() if kind == "BF16" else np.dtype(order + _PLAIN[kind])
        place = Place(offset, stored, shape)
    else:
        block, size_of_block = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[kind]]
        if not shape or shape[-1] % block:
            raise BadArray(say("its rows of {length} are no whole blocks", length=shape[-1:]))
        _require_known(gguf, kind, size_of_block)
        row = shape[-1] // block * size_of_block
        place = Place(offset, np.dtype(np.uint8), (*shape[:-1], row), kind)
    needed = math.prod(place.shape) * place.stored.itemsize if count else 0
    if offset + needed > size:
        raise BadArray(
            say(
                "its numbers take {needed:,} bytes, its place has {bytes:,}",
                needed=needed,
                bytes=max(0, size - offset),
            )
        )
    return place


def _require_known(gguf: Any, kind: str, size_of_block: int) -> None:
    """Refuse codes that the package does not multiply out."""
    try:
        with np.errstate(all="ignore"):
            gguf.dequantize(np.zeros((1, size_of_block), np.uint8), gguf.GGMLQuantizationType[kind])
    except (NotImplementedError, KeyError, ValueError) as error:
        raise BadArray(
            say("its codes of type {kind} are not multiplied out by the package gguf", kind=kind),
            "A newer one may: pip install --upgrade gguf",
        ) from error


def _entry(name: str, kind: str, shape: tuple[int, ...], place: Place) -> Entry:
    if not place.kind:
        return array_entry(name, _native(place.stored), shape)
    note = say("Quantised: {kind} codes, multiplied by the scales of their blocks.", kind=kind)
    return array_entry(name, np.dtype(np.float32), shape).noting(note)


def _native(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return dtype.newbyteorder("=") if dtype.kind in "if" else dtype


def _bfloat16() -> np.dtype[Any]:
    import ml_dtypes

    dtype: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
    return dtype


def _package(path: str) -> Any:
    try:
        return importlib.import_module("gguf")
    except ImportError as error:
        raise FileError(
            path,
            "files of llama.cpp are read by the package gguf, which is not installed",
            "Install it: pip install 'rankscope[gguf]' (or pip install gguf)",
        ) from error


@contextmanager
def _gguf_errors(path: str) -> Iterator[None]:
    """Turn what the package raises on damaged files into a `FileError`."""
    with file_errors(path), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            yield
        except (FileError, Cancelled, MemoryError, FileNotFoundError, PermissionError):
            raise
        # The package checks little of what a header claims.
        except Exception as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            reason = as_sentence(str(error).rstrip(".") or type(error).__name__)
            raise FileError(
                path,
                say("it cannot be read as a GGUF file ({reason})", reason=reason),
                "It may have been cut short: copy or download it again.",
            ) from error
