"""The zip archive that torch.save writes: a pickle that lists tensors, and their numbers as stored.

The numbers of a member that is not packed are mapped from disk where they lie; nothing is
unpickled.
"""

from __future__ import annotations

import math
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, BinaryIO

import numpy as np

from engine.errors import FileError
from engine.files.layouts.tensors.tensor import EXTENSIONS, Tensor, extension_dtype
from engine.files.layouts.torch.opcodes import Strided, read_pickle
from engine.files.layouts.torch.paths import tensors_of
from engine.files.reading.access import DEFLATE_RATIO, file_errors
from engine.files.reading.entries import BadArray
from engine.jobs import Progress, checkpoint
from engine.sentences import as_sentence, listed, say

_PICKLE = "data.pkl"
_MAX_PICKLE = 256 << 20
_ZIP_TROUBLE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError)
_LOCAL_HEADER = struct.Struct("<4s22xHH")
# Types by the names of storages and of dtypes, in the spelling of safetensors.
_KINDS = {
    **dict.fromkeys(("FloatStorage", "float32", "float"), "F32"),
    **dict.fromkeys(("DoubleStorage", "float64", "double"), "F64"),
    **dict.fromkeys(("HalfStorage", "float16", "half"), "F16"),
    **dict.fromkeys(("BFloat16Storage", "bfloat16"), "BF16"),
    **dict.fromkeys(("LongStorage", "int64", "long"), "I64"),
    **dict.fromkeys(("IntStorage", "int32", "int"), "I32"),
    **dict.fromkeys(("ShortStorage", "int16", "short"), "I16"),
    **dict.fromkeys(("CharStorage", "int8"), "I8"),
    **dict.fromkeys(("ByteStorage", "UntypedStorage", "uint8"), "U8"),
    **dict.fromkeys(("BoolStorage", "bool"), "BOOL"),
    **dict.fromkeys(("ComplexFloatStorage", "complex64", "cfloat"), "C64"),
    **dict.fromkeys(("ComplexDoubleStorage", "complex128", "cdouble"), "C128"),
    **dict.fromkeys(("Float8_e4m3fnStorage", "float8_e4m3fn"), "F8_E4M3"),
    **dict.fromkeys(("Float8_e5m2Storage", "float8_e5m2"), "F8_E5M2"),
    **dict.fromkeys(("Float8_e4m3fnuzStorage", "float8_e4m3fnuz"), "F8_E4M3FNUZ"),
    **dict.fromkeys(("Float8_e5m2fnuzStorage", "float8_e5m2fnuz"), "F8_E5M2FNUZ"),
    "float8_e8m0fnu": "F8_E8M0",
    "uint16": "U16",
    "uint32": "U32",
    "uint64": "U64",
}
_NUMPY = {
    "F32": "f4",
    "F64": "f8",
    "F16": "f2",
    "I64": "i8",
    "I32": "i4",
    "I16": "i2",
    "I8": "i1",
    "U8": "u1",
    "U16": "u2",
    "U32": "u4",
    "U64": "u8",
    "BOOL": "?",
    "C64": "c8",
    "C128": "c16",
}


@dataclass(frozen=True)
class _Member:
    """Where the numbers of a storage lie, and why they cannot be mapped ("" where they can)."""

    offset: int
    size: int
    reason: str = ""


def read_archive(path: str, progress: Progress | None) -> tuple[list[Tensor], tuple[str, ...]]:
    """Return the tensors of a file of torch.save, and notes on what else is in it.

    Raises
    ------
    FileError
        When it is damaged.
    Cancelled
        When ``progress`` asks to stop.
    """
    with file_errors(path), open(path, "rb") as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                root, data, order = _contents(archive, stream.seek(0, 2))
                value, foreign = read_pickle(data)
                checkpoint(progress)
                members = _members(archive, root, stream)
                found = dict(tensors_of(value, PurePath(path).stem))
        except BadArray as error:
            raise _damaged(path, error.problem) from error
        except (*_ZIP_TROUBLE, RuntimeError, ValueError) as error:
            raise _damaged(path, str(error).rstrip(".")) from error
        except (LookupError, OverflowError, NotImplementedError) as error:
            raise _damaged(path, str(error) or type(error).__name__) from error
    tensors = [_tensor(path, name, one, members, order) for name, one in found.items()]
    return tensors, _notes(foreign)


def is_archive(head: bytes) -> bool:
    """Tell from the first bytes of a file whether torch.save wrote it.

    Examples
    --------
    >>> is_archive(b"PK\\x03\\x04" + bytes(22) + b"\\x0e\\0" + bytes(2) + b"model/data.pkl")
    True
    """
    if not head.startswith(b"PK\x03\x04") or len(head) < 30:
        return False
    length = int.from_bytes(head[26:28], "little")
    return head[30 : 30 + length].rsplit(b"/", 1)[-1] == _PICKLE.encode()


def _contents(archive: zipfile.ZipFile, size: int) -> tuple[str, bytes, str]:
    """Return the folder that everything lies in, the pickle, and the order of bytes."""
    info = next((one for one in archive.infolist() if one.filename.endswith(_PICKLE)), None)
    if info is None:
        raise BadArray("it has no list of contents (data.pkl)")
    root = info.filename.removesuffix(_PICKLE)
    order = b""
    if f"{root}byteorder" in archive.namelist():
        order = _small(archive, archive.getinfo(f"{root}byteorder"), size)
    return root, _small(archive, info, size), ">" if order.strip() == b"big" else "<"


def _small(archive: zipfile.ZipFile, info: zipfile.ZipInfo, size: int) -> bytes:
    """Return a member; one that claims more than the file of ``size`` bytes holds is refused."""
    if info.compress_size > size or info.file_size > min(_MAX_PICKLE, DEFLATE_RATIO * size):
        raise BadArray(say("its list of contents claims {size:,} bytes", size=info.file_size))
    with archive.open(info) as stream:
        return stream.read(info.file_size)


def _members(archive: zipfile.ZipFile, root: str, stream: BinaryIO) -> dict[str, _Member]:
    """Return where storages lie, by their keys."""
    found: dict[str, _Member] = {}
    size = stream.seek(0, 2)
    prefix = f"{root}data/"
    for info in archive.infolist():
        if not info.filename.startswith(prefix):
            continue
        key = info.filename.removeprefix(prefix)
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
            reason = say("its numbers are packed or encrypted, which torch.save does not do")
            found[key] = _Member(0, 0, reason)
            continue
        stream.seek(info.header_offset)
        mark, name, extra = _LOCAL_HEADER.unpack(stream.read(_LOCAL_HEADER.size))
        if mark != b"PK\x03\x04":
            raise BadArray("the head of an array is wrong")
        start = info.header_offset + _LOCAL_HEADER.size + name + extra
        found[key] = _Member(start, min(info.file_size, max(0, size - start)))
    return found


def _tensor(path: str, name: str, one: Strided, members: dict[str, _Member], order: str) -> Tensor:
    spelled = one.kind or one.storage.kind
    kind = _KINDS.get(spelled, spelled)
    dtype = _dtype(kind, order)
    member = members.get(one.storage.key)
    reason = _reason(one, member, dtype)
    if reason or member is None or dtype is None:
        return Tensor(name, kind, dtype, one.shape, path, 0, reason=reason)
    offset = member.offset + one.offset * dtype.itemsize
    strides = None if _is_plain(one) else one.strides
    return Tensor(name, kind, dtype, one.shape, path, offset, strides, signs=one.signs)


def _reason(one: Strided, member: _Member | None, dtype: np.dtype[Any] | None) -> str:
    """Say why a tensor cannot be read; "" where it can, or where its type says so."""
    if member is None:
        return say("its numbers are not in the file ({key})", key=one.storage.key)
    if member.reason or dtype is None or 0 in one.shape:
        return member.reason
    last = one.offset + sum(
        step * (length - 1) for step, length in zip(one.strides, one.shape, strict=True)
    )
    if (last + 1) * dtype.itemsize > member.size:
        return say(
            "its numbers take {needed:,} bytes, its place has {bytes:,}",
            needed=(last + 1) * dtype.itemsize,
            bytes=member.size,
        )
    # Steps of nothing repeat numbers: the shape may claim any size.
    if math.prod(one.shape) > last - one.offset + 1:
        return say("it repeats its numbers to the shape {shape}", shape=one.shape)
    return ""


def _is_plain(one: Strided) -> bool:
    expected = 1
    for length, step in zip(one.shape[::-1], one.strides[::-1], strict=True):
        if length > 1 and step != expected:
            return False
        expected *= length
    return True


def _dtype(kind: str, order: str) -> np.dtype[Any] | None:
    if kind in EXTENSIONS:
        # One byte or little-endian: ml_dtypes has no other order.
        return extension_dtype(kind) if order == "<" or kind != "BF16" else None
    return np.dtype(order + _NUMPY[kind]) if kind in _NUMPY else None


def _notes(foreign: tuple[str, ...]) -> tuple[str, ...]:
    if not foreign:
        return ()
    text = "Only tensors are read. Left out, and never run: {names}{more}."
    more = ", ..." if len(foreign) > 4 else ""
    return (say(text, names=listed(foreign[:4]), more=more),)


def _damaged(path: str, reason: str) -> FileError:
    return FileError(
        path,
        say("it cannot be read as a file of torch.save ({reason})", reason=as_sentence(reason)),
        "It may have been cut short: save or copy it again.",
    )
