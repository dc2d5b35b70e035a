"""The header of a .safetensors file: which tensors there are, and where they lie.

The layout is the length of the header (8 bytes, little-endian), the header (JSON: for every tensor
its type, shape and place), then the data. It is read here and not by the safetensors package,
which gives NumPy neither bfloat16 nor a part of a tensor without copying the whole.

References
----------
Hugging Face, "Safetensors: format", github.com/huggingface/safetensors.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.errors import FileError
from engine.files.layouts.tensors.tensor import EXTENSIONS, Tensor, extension_dtype
from engine.files.reading.access import file_errors
from engine.json_text import BadJson, read_json
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


def read_tensors(path: str, size: int) -> list[Tensor]:
    """Return the tensors of a .safetensors file of ``size`` bytes; only its header is read.

    Raises
    ------
    FileError
        When the file cannot be read, is cut short, or its header contradicts itself.
    """
    header, offset = _read_header(path, size)
    lengths: dict[str, int] = {}
    tensors = []
    for name, fields in header.items():
        if name != _METADATA:
            tensor, length = _tensor(path, name, fields, offset)
            tensors.append(tensor)
            lengths[name] = length
    _require_places(path, tensors, lengths, offset, size - offset)
    return tensors


def is_safetensors(head: bytes) -> bool:
    """Tell from the first bytes of a file whether it is a .safetensors file.

    Examples
    --------
    >>> is_safetensors(b"\\x10" + bytes(7) + b'{"a":'), is_safetensors(b'{"a": 1}')
    (True, False)
    """
    length = int.from_bytes(head[:_LENGTH_BYTES], "little")
    return head[_LENGTH_BYTES : _LENGTH_BYTES + 1] == b"{" and length <= _MAX_HEADER


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
        header = read_json(raw)
    except BadJson as error:
        raise _bad_header(path, error.said) from error
    if not isinstance(header, dict):
        raise _bad_header(path, "it should name tensors")
    return header, _LENGTH_BYTES + length


def _tensor(path: str, name: str, fields: Any, offset: int) -> tuple[Tensor, int]:
    """Return a tensor, and how many bytes it takes."""
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
    tensor = Tensor(name, str(kind), _dtype(str(kind)), tuple(shape), path, offset + start)
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
    return tensor, stop - start


def _dtype(kind: str) -> np.dtype[Any] | None:
    if kind in _NUMPY:
        return np.dtype(_NUMPY[kind])
    return extension_dtype(kind) if kind in EXTENSIONS else None


def _require_places(
    path: str, tensors: list[Tensor], lengths: dict[str, int], offset: int, available: int
) -> None:
    """Refuse tensors that lie on each other or beyond the end of the file."""
    end, last = 0, ""
    for start, length, tensor in sorted(
        ((one.offset - offset, lengths[one.name], one) for one in tensors),
        key=lambda item: item[:2],
    ):
        if start < end:
            raise _bad_header(
                path,
                say("'{first}' and '{second}' lie on each other", first=last, second=tensor.name),
            )
        end, last = start + length, tensor.name
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


def _bad_header(path: str, detail: str) -> FileError:
    return FileError(
        path,
        say("its header is damaged ({detail})", detail=as_sentence(detail)),
        "Save it again with safetensors.numpy.save_file.",
    )
