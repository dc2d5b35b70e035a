"""NumPy .npz archives: a zip of .npy files, listed from their headers, unpacked one by one."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np

from engine.errors import FileError
from engine.files.layouts.npy_header import (
    SIGNATURE,
    Header,
    check_size,
    describe_parts,
    read_header,
)
from engine.files.layouts.npz_sparse import Group, find_groups, group_entry
from engine.files.reading import sparse
from engine.files.reading.access import (
    DEFLATE_RATIO,
    Fingerprint,
    file_errors,
    fingerprint,
    require_unchanged,
)
from engine.files.reading.entries import (
    BadArray,
    require_numbers,
    require_readable,
    unreadable_entry,
)
from engine.files.reading.pickles import pickle_error
from engine.files.reading.source import Array, Entry, Format, MatrixSource, Selection
from engine.jobs import Progress, checkpoint
from engine.room import require_room
from engine.sentences import say

_READ_BLOCK = 4 << 20
_READABLE_COMPRESSION = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MAX_MEMBERS = 100_000
# What the zipfile module raises on damaged archives, beside its own BadZipFile.
_ZIP_TROUBLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,
    ValueError,
    LookupError,
    OverflowError,
)


@dataclass(frozen=True)
class Member:
    """Where an entry lies: position in the archive, its header, and the record field or None."""

    position: int
    header: Header
    field: str | None


class NpzSource(MatrixSource):
    """One .npz file; the array read last is kept, so that its parts are unpacked once."""

    def __init__(
        self,
        path: str,
        known: Fingerprint,
        entries: tuple[Entry, ...],
        members: dict[str, Member],
        groups: dict[str, Group],
        notes: tuple[str, ...],
    ) -> None:
        super().__init__(path, FORMAT, entries, known, notes)
        self._members = members
        self._groups = groups

    def _take(self, entry: Entry, selection: Selection, progress: Progress | None) -> Any:
        if entry.name in self._groups:
            make = partial(self._join, entry, progress)
            return sparse.select(self._kept.get(entry.name, make, progress), selection)
        member = self._members[entry.name]
        make = partial(_unpack, self.path, entry.name, member, progress)
        array = self._kept.get(member.position, make, progress)
        return (array if member.field is None else array[member.field])[selection]

    def _join(self, entry: Entry, progress: Progress | None) -> Any:
        require_room(self.path, 2 * entry.bytes, say("'{name}'", name=entry.name))
        try:
            return self._groups[entry.name].read(
                lambda name: _unpack(self.path, name, self._members[name], progress)
            )
        except BadArray as error:
            raise FileError(self.path, error.problem, error.hint) from error


def _unpack(path: str, name: str, member: Member, progress: Progress | None) -> Array:
    header = member.header
    if header.dtype.hasobject:
        require_numbers(header.dtype)
    require_room(path, header.data_bytes, say("'{name}'", name=name))
    data = np.empty(header.data_bytes, dtype=np.uint8)
    with _zip_errors(path, name), zipfile.ZipFile(path) as archive:
        info = archive.infolist()[member.position]
        with archive.open(info) as stream:
            _skip(stream, header.offset)
            filled = _fill(stream, data, name, progress)
    if filled < data.size:
        raise FileError(
            path,
            say(
                "'{name}' ends after {filled:,} of {size:,} bytes",
                name=name,
                filled=filled,
                size=data.size,
            ),
            "The archive is damaged: save or copy it again.",
        )
    order: Any = "F" if header.fortran_order else "C"
    # Locked before the views are made: those cannot be unlocked by a reader then.
    data.flags.writeable = False
    array: Array = data.view(header.dtype).reshape(header.shape, order=order)
    return array


def open_npz(path: str, progress: Progress | None = None) -> NpzSource:
    """Open a .npz file; of each array only the header is unpacked.

    Raises
    ------
    FileError
        When the file cannot be read, is no zip archive, or holds no array of numbers.
    Cancelled
        When ``progress`` asks to stop.
    """
    known = fingerprint(path)
    with _zip_errors(path), zipfile.ZipFile(path) as archive:
        entries, members, skipped = _list_members(path, archive, progress)
    entries, groups = _join_groups(path, entries, members, progress)
    require_unchanged(path, known)
    _require_arrays(path, entries, skipped)
    return NpzSource(path, known, tuple(entries), members, groups, _skipped_note(skipped))


FORMAT = Format(
    key="npz",
    title="NumPy archive",
    suffixes=(".npz",),
    open=open_npz,
    # The second form is the end record that an archive without members consists of.
    matches=lambda head: head.startswith((b"PK\x03\x04", b"PK\x05\x06")),
)


def _list_members(
    path: str, archive: zipfile.ZipFile, progress: Progress | None
) -> tuple[list[Entry], dict[str, Member], list[str]]:
    """Return the entries, where they lie, and the names of what is no .npy file."""
    entries: list[Entry] = []
    members: dict[str, Member] = {}
    skipped: list[str] = []
    taken: set[str] = set()
    infos = archive.infolist()
    if len(infos) > _MAX_MEMBERS:
        raise FileError(
            path, say("the archive has {count:,} members", count=len(infos)), "Save fewer arrays."
        )
    for position, info in enumerate(infos):
        checkpoint(progress, position / len(infos), "Listing the arrays")
        if info.is_dir():
            continue
        name = _unique(info.filename.removesuffix(".npy"), taken)
        try:
            header = _member_header(archive, info)
            if header is None:
                skipped.append(info.filename)
                continue
            check_size(header, info.file_size - header.offset, say("the archive member"))
            members[name] = Member(position, header, None)
            parts = describe_parts(name, header)
        except BadArray as error:
            entries.append(unreadable_entry(name, error.sentence))
            continue
        for part in parts:
            entries.append(part.entry)
            members[part.entry.name] = Member(position, header, part.field)
    return entries, members, skipped


def _join_groups(
    path: str, entries: list[Entry], members: dict[str, Member], progress: Progress | None
) -> tuple[list[Entry], dict[str, Group]]:
    """Return the entries with a sparse matrix in place of the members it is made of."""
    headers = {name: one.header for name, one in members.items() if one.field is None}
    groups: dict[str, Group] = {}
    joined: list[Entry] = []
    parts: set[str] = set()
    for group in find_groups(headers, lambda name: _unpack(path, name, members[name], progress)):
        try:
            entry = group_entry(group, Path(path).stem, headers[group.prefix + "data"])
        except BadArray:
            continue
        groups[entry.name] = group
        joined.append(entry)
        parts.update(group.members)
    return [*joined, *(entry for entry in entries if entry.name not in parts)], groups


def _member_header(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Header | None:
    """Return the header of a member, None where it is no .npy file at all."""
    if info.flag_bits & 0x1:
        raise BadArray("it is encrypted", "Unpack the archive and save it without a password.")
    if info.compress_type not in _READABLE_COMPRESSION:
        raise BadArray(
            "it is packed by a method NumPy does not use", "Save it with numpy.savez_compressed."
        )
    _require_possible_size(info)
    try:
        with archive.open(info) as stream:
            start = stream.read(len(SIGNATURE))
            if start != SIGNATURE and not info.filename.endswith(".npy"):
                return None
            stream.seek(0)
            return read_header(stream)
    except _ZIP_TROUBLE as error:
        raise BadArray(
            say("it is damaged ({reason})", reason=_reason(error)),
            "Save or copy the archive again.",
        ) from error


def _require_possible_size(info: zipfile.ZipInfo) -> None:
    stored = info.compress_type == zipfile.ZIP_STORED
    most = info.compress_size * (1 if stored else DEFLATE_RATIO)
    if info.file_size > most:
        raise BadArray(
            say(
                "it declares {size:,} bytes, but its {packed:,} packed bytes can hold at most "
                "{most:,}",
                size=info.file_size,
                packed=info.compress_size,
                most=most,
            ),
            "The archive is damaged or made to mislead: save it again.",
        )


def _require_arrays(path: str, entries: list[Entry], skipped: list[str]) -> None:
    if entries:
        require_readable(path, entries)
        return
    # What torch.save writes: a zip archive around a pickle.
    if any(name.endswith("data.pkl") for name in skipped):
        raise pickle_error(path)
    held = (
        say("only other files ({names})", names=", ".join(skipped[:3]))
        if skipped
        else say("nothing")
    )
    raise FileError(
        path,
        say("this zip archive holds no NumPy array, {held}", held=held),
        "Save arrays with numpy.savez. Excel and Word files are zip archives too: export the "
        "numbers as .csv.",
    )


def _skipped_note(skipped: list[str]) -> tuple[str, ...]:
    if not skipped:
        return ()
    more = ", ..." if len(skipped) > 3 else ""
    verb = "is" if len(skipped) == 1 else "are"
    return (
        say(
            "Skipped {count} that {verb} no .npy: {names}{more}.",
            count=len(skipped),
            verb=verb,
            names=", ".join(skipped[:3]),
            more=more,
        ),
    )


def _unique(name: str, taken: set[str]) -> str:
    candidate, count = name, 1
    while candidate in taken:
        count += 1
        candidate = f"{name} ({count})"
    taken.add(candidate)
    return candidate


def _skip(stream: IO[bytes], count: int) -> None:
    while count > 0:
        block = stream.read(min(count, _READ_BLOCK))
        if not block:
            return
        count -= len(block)


def _fill(stream: IO[bytes], data: Array, name: str, progress: Progress | None) -> int:
    """Fill ``data`` from ``stream``; return how many bytes there were."""
    filled = 0
    while filled < data.size:
        block = stream.read(min(_READ_BLOCK, data.size - filled))
        if not block:
            break
        data[filled : filled + len(block)] = np.frombuffer(block, dtype=np.uint8)
        filled += len(block)
        checkpoint(progress, filled / data.size, "Unpacking {name}", name=name)
    return filled


@contextmanager
def _zip_errors(path: str, name: str = "") -> Iterator[None]:
    """Turn what damaged archives raise into a `FileError`."""
    try:
        with file_errors(path):
            yield
    except FileError:
        raise
    except _ZIP_TROUBLE as error:
        what = say("'{name}' in the archive", name=name) if name else say("the zip archive")
        raise FileError(
            path,
            say("{what} is damaged ({reason})", what=what, reason=_reason(error)),
            "It may have been cut short: save or copy it again.",
        ) from error


def _reason(error: BaseException) -> str:
    """Say in our words what zipfile and zlib say in English only."""
    said = str(error)
    if "not a zip file" in said:
        return say("its list of contents at the end is missing")
    if "central directory" in said:
        return say("its list of contents at the end is wrong")
    if "file header" in said:
        return say("the head of an array is wrong")
    if "CRC-32" in said:
        return say("the check sum of an array is wrong")
    if isinstance(error, zlib.error):
        return say("an array cannot be unpacked")
    return said.rstrip(".") or type(error).__name__
