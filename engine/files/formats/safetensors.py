"""Checkpoints (.safetensors): the tensors are listed from the header, and mapped when read.

The layout is the length of the header (8 bytes, little-endian), the header (JSON: for every tensor
its type, shape and place), then the data. It is read here and not by the safetensors package,
which gives NumPy neither bfloat16 nor a part of a tensor without copying the whole.

References
----------
Hugging Face, "Safetensors: format", github.com/huggingface/safetensors.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.errors import FileError
from engine.files.reading.access import Fingerprint, file_errors, fingerprint, require_unchanged
from engine.files.reading.entries import (
    BadArray,
    array_entry,
    natural_order,
    require_readable,
    unreadable_entry,
)
from engine.files.reading.mapped import read_mapped
from engine.files.reading.source import Array, Entry, Format, MatrixSource, Selection
from engine.jobs import Progress, checkpoint
from engine.sentences import as_sentence, say

# The package's own bound.
_MAX_HEADER = 100_000_000
_LENGTH_BYTES = 8
_METADATA = "__metadata__"
_NUMPY = {
    "BOOL": "?",
    "U8": "<u1",
    "U16": "<u2",
    "U32": "<u4",
    "U64": "<u8",
    "I8": "<i1",
    "I16": "<i2",
    "I32": "<i4",
    "I64": "<i8",
    "F16": "<f2",
    "F32": "<f4",
    "F64": "<f8",
    "C64": "<c8",
}
# What NumPy lacks, by its name in ml_dtypes.
_EXTENSION = {
    "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
    "F8_E4M3FNUZ": "float8_e4m3fnuz",
    "F8_E5M2FNUZ": "float8_e5m2fnuz",
}


@dataclass(frozen=True)
class Tensor:
    """What the header says of one tensor; ``dtype`` is None for types that are not read here."""

    name: str
    type: str
    dtype: np.dtype[Any] | None
    shape: tuple[int, ...]
    start: int
    stop: int


class SafetensorsSource(MatrixSource):
    """One .safetensors file; parts are mapped from disk when they are read."""

    def __init__(
        self, path: str, known: Fingerprint, entries: tuple[Entry, ...], places: dict[str, int]
    ) -> None:
        super().__init__(path, FORMAT, entries, known)
        self._places = places

    def _take(self, entry: Entry, selection: Selection, progress: Progress | None) -> Array:
        place = self._places[entry.name]
        return read_mapped(self.path, entry.dtype, entry.shape, place, selection, progress)


def open_safetensors(path: str, progress: Progress | None = None) -> SafetensorsSource:
    """Open a .safetensors file; only its header is read.

    Raises
    ------
    FileError
        When the file cannot be read, is cut short, or its header contradicts itself.
    Cancelled
        When ``progress`` asks to stop.
    """
    checkpoint(progress, 0.0, "Reading the header")
    known = fingerprint(path)
    header, offset = _read_header(path, known.size)
    tensors = [_tensor(path, name, fields) for name, fields in header.items() if name != _METADATA]
    checkpoint(progress)
    _require_places(path, tensors, known.size - offset)
    require_unchanged(path, known)
    # The package writes them in the order of plain text: layer 10 before layer 2.
    tensors.sort(key=lambda tensor: natural_order(tensor.name))
    entries = tuple(_entry(tensor) for tensor in tensors)
    require_readable(path, entries)
    places = {tensor.name: offset + tensor.start for tensor in tensors}
    return SafetensorsSource(path, known, entries, places)


def is_safetensors(head: bytes) -> bool:
    """Tell from the first bytes of a file whether it is a .safetensors file.

    Examples
    --------
    >>> is_safetensors(b"\\x10" + bytes(7) + b'{"a":'), is_safetensors(b'{"a": 1}')
    (True, False)
    """
    length = int.from_bytes(head[:_LENGTH_BYTES], "little")
    return head[_LENGTH_BYTES : _LENGTH_BYTES + 1] == b"{" and length <= _MAX_HEADER


FORMAT = Format(
    key="safetensors",
    title="Safetensors checkpoint",
    suffixes=(".safetensors",),
    open=open_safetensors,
    matches=is_safetensors,
)


def _read_header(path: str, size: int) -> tuple[dict[str, Any], int]:
    """Return the header and where the data begin."""
    with file_errors(path), open(path, "rb") as stream:
        length = int.from_bytes(stream.read(_LENGTH_BYTES), "little")
        if length > _MAX_HEADER:
            raise _bad_header(
                path,
                say(
                    "it claims {length:,} bytes, at most {limit:,} are read",
                    length=length,
                    limit=_MAX_HEADER,
                ),
            )
        if _LENGTH_BYTES + length > size:
            raise FileError(
                path,
                say(
                    "its header takes {length:,} bytes, the file holds {size:,} in all",
                    length=length,
                    size=size,
                ),
                "It was cut short while it was saved or copied: save or copy it again.",
            )
        raw = stream.read(length)
    try:
        header = json.loads(raw, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        raise _bad_header(
            path, say("it is no JSON: {reason}", reason=as_sentence(str(error)))
        ) from error
    if not isinstance(header, dict):
        raise _bad_header(path, "it should name tensors")
    return header, _LENGTH_BYTES + length


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a name occurs twice")
    return fields


def _tensor(path: str, name: str, fields: Any) -> Tensor:
    try:
        kind, shape, (start, stop) = fields["dtype"], fields["shape"], fields["data_offsets"]
    except (TypeError, KeyError, ValueError) as error:
        raise _bad_header(
            path, say("'{name}' should have a dtype, a shape and two offsets", name=name)
        ) from error
    numbers = [*shape, start, stop] if isinstance(shape, list) else [None]
    if not all(type(number) is int and number >= 0 for number in numbers) or start > stop:
        raise _bad_header(
            path, say("the shape or the offsets of '{name}' make no sense", name=name)
        )
    tensor = Tensor(name, str(kind), _dtype(str(kind)), tuple(shape), start, stop)
    if tensor.dtype is not None:
        needed = math.prod(tensor.shape) * tensor.dtype.itemsize
        if needed != stop - start:
            raise _bad_header(
                path,
                say(
                    "'{name}' of shape {shape} and type {kind} takes {needed:,} bytes, its place "
                    "has {bytes:,}",
                    name=name,
                    shape=tensor.shape,
                    kind=kind,
                    needed=needed,
                    bytes=stop - start,
                ),
            )
    return tensor


def _dtype(kind: str) -> np.dtype[Any] | None:
    if kind in _NUMPY:
        return np.dtype(_NUMPY[kind])
    if kind in _EXTENSION:
        # Imported here: opening the window must not wait for it.
        import ml_dtypes

        extension: np.dtype[Any] = np.dtype(getattr(ml_dtypes, _EXTENSION[kind]))
        return extension
    return None


def _require_places(path: str, tensors: list[Tensor], available: int) -> None:
    """Refuse tensors that lie on each other or beyond the end of the file."""
    end, last = 0, ""
    for tensor in sorted(tensors, key=lambda tensor: (tensor.start, tensor.stop)):
        if tensor.start < end:
            raise _bad_header(
                path,
                say("'{first}' and '{second}' lie on each other", first=last, second=tensor.name),
            )
        end, last = tensor.stop, tensor.name
    if end > available:
        raise FileError(
            path,
            say(
                "the header announces {bytes:,} bytes of data, the file holds {available:,}",
                bytes=end,
                available=available,
            ),
            "It was cut short while it was saved or copied: save or copy it again.",
        )


def _entry(tensor: Tensor) -> Entry:
    if tensor.dtype is None:
        reason = say(
            "numbers of type {kind} are not read here: save it as float32", kind=tensor.type
        )
        return unreadable_entry(tensor.name, reason, tensor.shape)
    try:
        return array_entry(tensor.name, tensor.dtype, tensor.shape)
    except BadArray as error:
        return unreadable_entry(tensor.name, error.sentence, tensor.shape)


def _bad_header(path: str, detail: str) -> FileError:
    return FileError(
        path,
        say("its header is damaged ({detail})", detail=as_sentence(detail)),
        "Save it again with safetensors.numpy.save_file.",
    )
