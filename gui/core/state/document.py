"""What is open and what is selected, shared by every page; plain frozen data."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from gui.core.figure.arrays import Array
from gui.core.state.jobs import Progress
from gui.core.words.i18n import tr

EXAMPLES_PATH = "rankscope:examples"
MEMORY_PATH = "<memory>"  # arrays of a script or notebook
TABLES_KEPT = 64
LABELS_KEPT = 20_000  # names of a side; more do not travel with a result

Labels = tuple[tuple[str, ...], tuple[str, ...]]  # names of rows and of columns
Said = tuple[tuple[str, str], ...]  # of a table: fields of a TableReading, as they are typed


@dataclass(frozen=True)
class EntryInfo:
    """One array of an open file: its name, shape, dtype name and a remark ("3 missing values").

    ``readable`` is False for entries that cannot be opened; ``note`` then says why. ``channels``
    is 3 for a colour picture, kept as the matrix [R | G | B] of its three channels.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    note: str = ""
    readable: bool = True
    channels: int = 1


@dataclass(frozen=True)
class OpenFile:
    """An open file: absolute ``path`` (or EXAMPLES_PATH), display ``title`` and its arrays.

    ``stamp`` changes when the file on disk does, so that opening it again is seen as new data.
    ``notes`` say what was skipped or assumed while it was read. ``reading`` is what was said of
    a table as it was read; ``table`` whether there is anything to say.
    """

    path: str
    title: str
    entries: tuple[EntryInfo, ...]
    stamp: str = ""
    notes: tuple[str, ...] = ()
    reading: Said = ()
    table: bool = False

    @property
    def version(self) -> str:
        """What changes when its arrays may: the file, or how it is read."""
        return f"{self.stamp}|{self.reading}" if self.reading else self.stamp


@dataclass(frozen=True)
class DataRef:
    """The 1-D or 2-D array a person works on.

    ``index`` picks the leading axes of an array with more than two dimensions; the last two
    remain. ``shape`` is that of the selected vector or matrix; ``stamp`` is that of its file;
    ``channels`` is how many pictures stand side by side in it (see :class:`EntryInfo`).
    """

    path: str
    entry: str
    shape: tuple[int, ...]
    dtype: str
    index: tuple[int, ...] = ()
    stamp: str = ""
    channels: int = 1

    @property
    def matrix_shape(self) -> tuple[int, int]:
        """Shape of the matrix; a vector of n numbers counts as 1 x n.

        Examples
        --------
        >>> DataRef("a.npy", "a", (5,), "float64").matrix_shape
        (1, 5)
        """
        return (1, self.shape[0]) if len(self.shape) == 1 else (self.shape[0], self.shape[1])

    @property
    def title(self) -> str:
        """Short name for plots and the status line: "weights.npz > layer0[2]"."""
        file = tr("examples") if self.path == EXAMPLES_PATH else self.path.replace("\\", "/")
        name = file.rsplit("/", 1)[-1]
        if self.path == MEMORY_PATH:
            name = self.entry
        stem = name.rsplit(".", 1)[0]
        tail = f"[{', '.join(map(str, self.index))}]" if self.index else ""
        if self.entry == stem and not tail:
            return name
        return f"{name} > {entry_title(self.path, self.entry)}{tail}"


Repair = Literal["", "zero", "column_mean"]


@dataclass(frozen=True)
class Opened:
    """An array at hand: what it is called, the opened file, how its bad entries are replaced.

    ``source`` is compared by identity: a file opened again is other data. ``said`` is what a
    person said of the table that it is read from.
    """

    ref: DataRef
    source: Any = field(default=None, repr=False)
    repair: Repair = ""
    said: Said = ()
    _kept: Labels = field(default=((), ()), repr=False, compare=False)

    @property
    def title(self) -> str:
        """What it is called."""
        return self.ref.title

    @property
    def labels(self) -> Labels:
        """Names that the file has for the rows and columns of the matrix; empty where it has none.

        A vector counts as one row, so its names are those of columns.
        """
        if self.source is None or self.ref.channels > 1:
            return self._kept
        entry = self.source.entry(self.ref.entry)
        sides = (entry.row_labels, entry.column_labels)
        if len(self.ref.shape) == 1:
            size = self.ref.shape[0]
            return (), next((names for names in reversed(sides) if len(names) == size), ())
        rows, columns = (
            names if len(names) == size else ()
            for names, size in zip(sides, self.ref.matrix_shape, strict=True)
        )
        return rows, columns

    @property
    def plain(self) -> Opened:
        """The same without the source: what results carry and what crosses processes."""
        rows, columns = self.labels
        few = max(len(rows), len(columns)) <= LABELS_KEPT
        return Opened(self.ref, None, self.repair, self.said, (rows, columns) if few else ((), ()))


def stamp_of(path: str) -> str:
    """Return what changes when a file does, "" where there is none (any more)."""
    try:
        status = os.stat(path)
    except OSError:
        return ""
    return f"{status.st_size}:{status.st_mtime_ns}"


def entry_title(path: str, name: str) -> str:
    """Return what an array is called: our own examples are words, names in files are data."""
    return tr(name) if path == EXAMPLES_PATH else name


def reference(file: OpenFile, entry: EntryInfo, index: tuple[int, ...] = ()) -> DataRef:
    """Return what is selected when a person chooses ``entry``, at ``index`` of its leading axes.

    Positions outside an axis are moved to its end; missing ones are 0.
    """
    leading = entry.shape[:-2] if len(entry.shape) > 2 else ()
    padded = (*index, *(0,) * len(leading))[: len(leading)]
    kept = tuple(min(max(i, 0), n - 1) for i, n in zip(padded, leading, strict=True))
    return DataRef(
        file.path,
        entry.name,
        entry.shape[len(leading) :],
        entry.dtype,
        kept,
        file.version,
        entry.channels,
    )


def read_matrix(ref: DataRef, source: Any, progress: Progress | None = None) -> Array:
    """Return the array of ``ref`` from its opened source, of shape ``ref.matrix_shape``."""
    array: Array = source.read(ref.entry, index=ref.index or None, progress=progress)
    return array[None, :] if array.ndim == 1 else array


@dataclass(frozen=True)
class Files:
    """Slice "files" of the state: the open files, in order. Not part of undo."""

    items: tuple[OpenFile, ...] = ()

    def find(self, path: str) -> OpenFile | None:
        """Return the open file at ``path``, or None."""
        return next((item for item in self.items if item.path == path), None)


@dataclass(frozen=True)
class Repaired:
    """How the NaN and infinite entries of an array are replaced."""

    ref: DataRef
    repair: Repair


@dataclass(frozen=True)
class TableSaid:
    """What a person said of the table at ``path``, where it is not read as found."""

    path: str
    said: Said


@dataclass(frozen=True)
class Selection:
    """Slice "selection" of the state: the active array, None before anything is chosen.

    ``repairs`` lists how NaN and infinite entries of arrays are replaced, ``tables`` how tables
    are read, of closed files, too: explicit steps, which undo takes back, and which every page
    goes by.
    """

    active: DataRef | None = None
    repairs: tuple[Repaired, ...] = ()
    tables: tuple[TableSaid, ...] = ()

    def repair_of(self, ref: DataRef) -> Repair:
        """Return how bad entries of ``ref`` are replaced, "" where they are refused."""
        return next((one.repair for one in self.repairs if one.ref == ref), "")

    def with_repair(self, refs: Iterable[DataRef], repair: Repair) -> tuple[Repaired, ...]:
        """Return the repairs after choosing ``repair`` for ``refs``; "" takes it back.

        Examples
        --------
        >>> ref = DataRef("a.npy", "a", (3, 4), "float64")
        >>> Selection().with_repair([ref], "zero")[0].repair
        'zero'
        """
        chosen = tuple(dict.fromkeys(refs))
        others = tuple(one for one in self.repairs if one.ref not in chosen)
        return (*others, *(Repaired(ref, repair) for ref in chosen)) if repair else others

    def said_of(self, path: str) -> Said:
        """Return what a person said of the table at ``path``, () where it is read as found."""
        return next((one.said for one in self.tables if one.path == path), ())

    def with_said(self, path: str, said: Said) -> tuple[TableSaid, ...]:
        """Return the tables after ``said`` of the one at ``path``; () takes it back.

        Examples
        --------
        >>> Selection().with_said("a.csv", (("header", "0"),))[0].said
        (('header', '0'),)
        """
        others = tuple(one for one in self.tables if one.path != path)
        return (*others, TableSaid(path, said))[-TABLES_KEPT:] if said else others


@dataclass
class Library:
    """The opened engine sources by path; opaque here, since core does not know the engine.

    Only the GUI thread adds and removes; the sources themselves are safe to read from workers.
    """

    _sources: dict[str, Any] = field(default_factory=dict)
    _said: dict[str, Said] = field(default_factory=dict)
    _listeners: list[Callable[[str], None]] = field(default_factory=list)

    def add(self, path: str, source: Any, said: Said = ()) -> None:
        """Keep ``source`` under ``path``, read as ``said``, and tell those who listen."""
        self.put(path, source, said)
        self.tell(path)

    def put(self, path: str, source: Any, said: Said = ()) -> None:
        """Keep ``source`` under ``path``, read as ``said``; who does it tells of it (`tell`)."""
        self._sources[path], self._said[path] = source, said

    def tell(self, path: str) -> None:
        """Tell those who listen that ``path`` has been opened."""
        for listener in tuple(self._listeners):
            listener(path)

    def listen(self, listener: Callable[[str], None]) -> None:
        """Call ``listener(path)`` after every `add`.

        The files of a restored session open while their pages are on the screen already, and the
        state stays equal: without this nobody would look again.
        """
        self._listeners.append(listener)

    def leave(self, listener: Callable[[str], None]) -> None:
        """Call ``listener`` no more."""
        self._listeners.remove(listener)

    def sources(self, selection: Selection) -> tuple[tuple[str, Any], ...]:
        """Return every (path, source) that is read as ``selection`` says.

        While undo has a table read in another way its present numbers are not those that are
        meant.
        """
        return tuple(
            (path, source)
            for path, source in self._sources.items()
            if self._said[path] == selection.said_of(path)
        )

    def get(self, path: str) -> Any | None:
        """Return the source opened from ``path``, or None."""
        return self._sources.get(path)

    def remove(self, path: str) -> Any | None:
        """Forget ``path`` and return what was kept, so the caller can close it."""
        self._said.pop(path, None)
        return self._sources.pop(path, None)


@dataclass(frozen=True)
class Second:
    """A second array named beside the first, where a page multiplies or compares two."""

    data: Opened


@dataclass(frozen=True)
class Arrays:
    """Every array at hand, for what needs more than the selected one: pins, a second factor."""

    files: Files
    selection: Selection
    sources: tuple[tuple[str, Any], ...] = field(default=(), repr=False)

    def open(self, ref: DataRef) -> Opened | None:
        """Return the array of ``ref``, None while its file is not open."""
        source = dict(self.sources).get(ref.path)
        return None if source is None else opened(ref, source, self.selection)

    @property
    def refs(self) -> tuple[DataRef, ...]:
        """Every readable array of every open file, at the start of its leading axes."""
        return tuple(
            reference(file, entry)
            for file in self.files.items
            for entry in file.entries
            if entry.readable
        )


def selected(selection: Selection, library: Library) -> Opened | None:
    """Return the selected array, None where there is none or its file is not open (yet)."""
    ref = selection.active
    source = dict(library.sources(selection)).get(ref.path) if ref is not None else None
    return None if ref is None or source is None else opened(ref, source, selection)


def opened(ref: DataRef, source: Any, selection: Selection) -> Opened:
    """Return the array of ``ref`` as ``selection`` says that it is read and replaced."""
    return Opened(ref, source, selection.repair_of(ref), selection.said_of(ref.path))
