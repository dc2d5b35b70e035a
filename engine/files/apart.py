"""Files that compiled code of others parses, read in a process apart that may die.

A damaged HDF5 file or picture has often enough ended the program that read it, or taken it over.
Whoever has people's work in the same process, as a window has, opens files with `open_apart`: of a
format that is `Format.foreign` nothing is parsed here, neither now nor when numbers are read.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.apart import READERS, ReaderLost
from engine.errors import FileError
from engine.files.reading.access import Fingerprint, require_unchanged
from engine.files.reading.kept import claim_lock
from engine.files.reading.source import Entry, Format, MatrixSource, Selection
from engine.files.reading.tables import TableReading
from engine.files.registry import FORMATS, format_of, open_as
from engine.jobs import Progress
from engine.room import is_permitted, permit
from engine.sentences import say

_KEPT = 2  # files that stay open in a process that reads


@dataclass(frozen=True)
class Described:
    """What a file holds, as its reader found it; ``links`` are those of entries, by name."""

    known: Fingerprint | None
    entries: tuple[Entry, ...]
    notes: tuple[str, ...]
    links: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class OpenApart:
    """Open the file at ``path``, which is of the ``format`` with that key."""

    path: str
    format: str
    permitted: bool = False  # to take what memory it needs
    records: ClassVar[tuple[type, ...]] = (Described, Entry, Fingerprint)

    def run(self, progress: Progress | None = None) -> Described:
        """Return what is in it, over there."""
        if self.permitted:
            permit(self.path)
        source = _opened(self.path, self.format, None, progress)
        names = [entry.name for entry in source.entries]
        links = {name: link for name in names if (link := source.link(name)) is not None}
        return Described(source._known, tuple(source._stored.values()), source.notes, links)


@dataclass(frozen=True)
class TakeApart:
    """Read a part of the entry ``name`` of that file, if it is as it was."""

    path: str
    format: str
    known: Fingerprint | None
    name: str
    selection: Selection
    permitted: bool = False
    records: ClassVar[tuple[type, ...]] = ()

    def run(self, progress: Progress | None = None) -> Any:
        """Return the part, over there."""
        if self.permitted:
            permit(self.path)
        source = _opened(self.path, self.format, self.known, progress)
        return source._take(source._stored[self.name], self.selection, progress)


class ApartSource(MatrixSource):
    """A file that another process reads; one part after the other, as its library would."""

    def __init__(self, path: str, format: Format, found: Described) -> None:
        super().__init__(path, format, found.entries, found.known, found.notes)
        self._found = found
        self._turn = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        return _of_key, (self.path, self.format.key, self._found)

    def link(self, name: str) -> tuple[str, str] | None:
        """Return the file that an entry links to and the place in it; None for other entries."""
        return self._found.links.get(name) or super().link(name)

    def _take(self, entry: Entry, selection: Selection, progress: Progress | None) -> Any:
        request = TakeApart(
            self.path,
            self.format.key,
            self._known,
            entry.name,
            selection,
            is_permitted(self.path),
        )
        claim_lock(self._turn, progress)
        try:
            return _answer(request, progress)
        finally:
            self._turn.release()


def open_apart(
    path: str | os.PathLike[str],
    progress: Progress | None = None,
    reading: TableReading | None = None,
) -> MatrixSource:
    """Open a file of numbers as `open_matrix_file` does, without parsing foreign formats here.

    Parameters
    ----------
    path : str or path-like
        The file.
    progress : Progress, optional
        Told how far the opening is; asked whether to stop.
    reading : TableReading, optional
        What a person says of a table.

    Returns
    -------
    MatrixSource
        Where its format is `Format.foreign`, all that is read of it comes from another process.

    Raises
    ------
    FileError
        As `open_matrix_file` does, and when reading the file ended the other process.
    ArgumentError
        When the reading names columns or labels that the table does not have.
    Cancelled
        When ``progress`` asks to stop.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "scores.csv")
    ...     _ = file.write_text("3,1\\n2,5\\n")
    ...     open_apart(file).read("scores", rows=0)
    array([3., 1.])
    """
    absolute, known = format_of(path, progress)
    if not known.foreign or reading not in (None, TableReading()):
        return open_as(known, absolute, progress, reading)
    request = OpenApart(absolute, known.key, is_permitted(absolute))
    return ApartSource(absolute, known, _answer(request, progress))


def _answer(request: OpenApart | TakeApart, progress: Progress | None) -> Any:
    try:
        return READERS.ask(request, progress)
    except ReaderLost as error:
        raise FileError(
            request.path,
            "the process that reads it ended",
            "It is damaged or made to do harm, or too large for the memory: save or copy it again.",
        ) from error
    except OSError as error:
        raise FileError(
            request.path,
            say("no process can be started to read it ({reason})", reason=error.strerror or error),
            "Close other programs and try again.",
        ) from error


def _of_key(path: str, key: str, found: Described) -> ApartSource:
    return ApartSource(path, _format(key), found)


def _format(key: str) -> Format:
    return next(one for one in FORMATS if one.key == key)


# In the process that reads: what it has open, the file read last at the end.
_sources: OrderedDict[str, MatrixSource] = OrderedDict()


def _opened(
    path: str, key: str, known: Fingerprint | None, progress: Progress | None
) -> MatrixSource:
    held = _sources.pop(path, None)
    if held is None or known is None or held._known != known:
        if known is not None:
            require_unchanged(path, known)
        held = open_as(_format(key), path, progress)
    _sources[path] = held
    while len(_sources) > _KEPT:
        _sources.popitem(last=False)[1].close()
    return held
