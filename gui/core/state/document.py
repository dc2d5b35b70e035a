"""What is open and what is selected, shared by every page; plain frozen data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field, replace
from typing import Any, Literal, get_args

import numpy as np

from gui.core.figure.arrays import Array, Ints
from gui.core.state.jobs import Progress
from gui.core.state.listed import (
    AXES_MAX,
    EntryInfo,
    OpenFile,
    Said,
    as_matrix,
    is_coloured,
    is_path,
    is_shown,
)
from gui.core.words.i18n import tr
from gui.core.words.readable import readable_name, readable_names
from gui.frozen import dataclass

EXAMPLES_PATH = "rankscope:examples"
MEMORY_PATH = "<memory>"  # arrays of a script or notebook
TABLES_KEPT = 64
VIEWS_KEPT = 64
LABELS_KEPT = 20_000  # names of a side; more do not travel with a result

Labels = tuple[tuple[str, ...], tuple[str, ...]]  # names of rows and of columns


@dataclass(frozen=True)
class DataRef:
    """The 1-D or 2-D array a person works on.

    ``view`` says which matrix of an array with more than two dimensions it is, "" the one of its
    last two, and ``index`` the positions on the other axes. ``shape`` is that of the selected
    vector or matrix; ``stamp`` is that of its file; ``channels`` is how many pictures stand side by
    side in it (see :class:`EntryInfo`).
    """

    path: str
    entry: str
    shape: tuple[int, ...]
    dtype: str
    index: tuple[int, ...] = ()
    stamp: str = ""
    channels: int = 1
    view: str = ""

    @property
    def is_possible(self) -> bool:
        """Whether there can be such an array: what a session or a picture says need not be so.

        Examples
        --------
        >>> [DataRef("a.npy", "a", shape, "float64").is_possible for shape in ((5,), (), (-1, 2))]
        [True, False, False]
        """
        sizes = len(self.shape) in (1, 2) and all(size > 0 for size in self.shape)
        places = len(self.index) <= AXES_MAX and all(place >= 0 for place in self.index)
        return is_path(self.path) and sizes and places and is_coloured(self.shape, self.channels)

    @property
    def matrix_shape(self) -> tuple[int, int]:
        """Shape of the matrix; a vector of n numbers counts as 1 x n.

        Examples
        --------
        >>> DataRef("a.npy", "a", (5,), "float64").matrix_shape
        (1, 5)
        """
        return as_matrix(self.shape)

    @property
    def array(self) -> tuple[str, str]:
        """Which array of which file it is of, whatever view."""
        return self.path, self.entry

    @property
    def title(self) -> str:
        """Short name for plots and the status line: "weights.npz > layer0[2]".

        Examples
        --------
        >>> DataRef("a.npz", "w", (3, 4), "float64", (2,), view="axes (0, 2)").title
        'a.npz > w axes (0, 2)[2]'
        """
        tail = f" {self.view}" if self.view else ""
        tail += f"[{', '.join(map(str, self.index))}]" if self.index else ""
        if is_shown(self.path):
            return readable_name(f"{self.entry}{tail}")
        file = tr("examples") if self.path == EXAMPLES_PATH else self.path.replace("\\", "/")
        name = file.rsplit("/", 1)[-1]
        if self.path == MEMORY_PATH:
            name = self.entry
        stem = name.rsplit(".", 1)[0]
        if self.entry == stem and not tail:
            return readable_name(name)
        return readable_name(f"{name} > {entry_title(self.path, self.entry)}{tail}")


Repair = Literal["", "zero", "column_mean", "leave_rows_out"]
REPAIRS: tuple[Repair, ...] = tuple(one for one in get_args(Repair) if one)


@dataclass(frozen=True, eq=False)
class Rows:
    """Which rows of a matrix (entries of a vector) stay: ``kept``, ascending, of ``total``."""

    kept: Ints
    total: int

    @property
    def left_out(self) -> int:
        """How many are left out."""
        return self.total - int(self.kept.size)

    def spread(self, values: Array) -> Array:
        """Return (total, ...) with ``values`` at the rows that stay and 0 at the others.

        Examples
        --------
        >>> Rows(np.array([0, 2]), 3).spread(np.array([5.0, 7.0])).tolist()
        [5.0, 0.0, 7.0]
        """
        whole = np.zeros((self.total, *values.shape[1:]), values.dtype)
        whole[self.kept] = values
        return whole


@dataclass(frozen=True)
class Opened:
    """An array at hand: what it is called, the opened file, what is done about its bad entries.

    ``source`` is compared by identity: a file opened again is other data. ``said`` is what a
    person said of the table that it is read from, ``rows`` are those that stay where rows are left
    out, None where every row does.
    """

    ref: DataRef
    source: Any = field(default=None, repr=False)
    repair: Repair = ""
    said: Said = ()
    rows: Rows | None = field(default=None, repr=False)
    _kept: Labels = field(default=((), ()), repr=False, compare=False)

    @property
    def title(self) -> str:
        """What it is called."""
        return self.ref.title

    @property
    def labels(self) -> Labels:
        """Names that the file has for its rows and columns, readable; empty where it has none.

        A vector counts as one row, so its names are those of columns. Rows that are left out have
        theirs, too: a name belongs to the number of the row in the file.
        """
        if self.source is None or self.ref.channels > 1:
            return self._kept
        entry = self.source.entry(self.ref.entry)
        sides = (readable_names(entry.row_labels), readable_names(entry.column_labels))
        if len(self.ref.shape) == 1:
            size = self.ref.shape[0]
            return (), next((names for names in reversed(sides) if len(names) == size), ())
        rows, columns = (
            names if len(names) == size else ()
            for names, size in zip(sides, self.ref.matrix_shape, strict=True)
        )
        return rows, columns

    @property
    def matrix_shape(self) -> tuple[int, int]:
        """Shape of the matrix that pages work on: without the rows that are left out."""
        if self.rows is None:
            return self.ref.matrix_shape
        return as_matrix((int(self.rows.kept.size), *self.ref.shape[1:]))

    @property
    def places(self) -> tuple[Rows | None, Rows | None]:
        """Which rows, and which columns, of the file the matrix has, None for all.

        A vector of n numbers counts as 1 x n, and each of its entries as a row of the file.
        """
        return (None, self.rows) if len(self.ref.shape) == 1 else (self.rows, None)

    def without_left_out(self, matrix: Any) -> Any:
        """Return the matrix of the file without the rows that are left out: a copy, or itself."""
        down, across = self.places
        if down is not None:
            return matrix[down.kept]
        return matrix if across is None else matrix[:, across.kept]

    def standing(self) -> Opened:
        """Return what its axes stand still for: a running program's array whatever is in it now."""
        return Opened(replace(self.ref, dtype="")) if is_shown(self.ref.path) else self

    @property
    def plain(self) -> Opened:
        """The same without the source: what results carry and what crosses processes."""
        rows, columns = self.labels
        few = max(len(rows), len(columns)) <= LABELS_KEPT
        kept = (rows, columns) if few else ((), ())
        return Opened(self.ref, None, self.repair, self.said, self.rows, kept)


def numbers_of(rows: Rows | None, count: int) -> Ints:
    """Return the numbers that ``count`` rows have in the file, 0 to count - 1 for all."""
    return np.arange(count) if rows is None else rows.kept


def every_row(count: int) -> Rows:
    """Return that all of ``count`` rows stay."""
    return Rows(np.arange(count), count)


def entry_title(path: str, name: str) -> str:
    """Return what an array is called: our own examples are words, names in files are data."""
    return tr(name) if path == EXAMPLES_PATH else readable_name(name)


def reference(
    file: OpenFile, entry: EntryInfo, index: tuple[int, ...] = (), view: str | None = None
) -> DataRef:
    """Return what is selected when a person chooses ``entry``, in ``view`` at ``index``.

    None is the view that suits. Positions outside an axis are moved to its end; missing ones are 0.
    """
    found = entry.layout(entry.view if view is None else view)
    padded = (*index, *(0,) * len(found.fixed))
    kept = tuple(min(max(i, 0), n - 1) for i, (_, n) in zip(padded, found.fixed, strict=False))
    return DataRef(
        file.path,
        entry.name,
        found.shape,
        entry.dtype,
        kept,
        file.version,
        entry.channels,
        "" if found.plain else str(found.name),
    )


def read_part(
    ref: DataRef, source: Any, progress: Progress | None = None, **part: int | slice
) -> Any:
    """Return the array of ``ref`` from its opened source, or some of its ``rows`` or ``cols``."""
    index, view = ref.index or None, ref.view or None
    return source.read(ref.entry, index=index, view=view, progress=progress, **part)


def read_matrix(ref: DataRef, source: Any, progress: Progress | None = None) -> Array:
    """Return the array of ``ref`` from its opened source, of shape ``ref.matrix_shape``."""
    array: Array = read_part(ref, source, progress)
    return array[None, :] if array.ndim == 1 else array


@dataclass(frozen=True)
class Files:
    """Slice "files" of the state: the open files, in order. Not part of undo."""

    items: tuple[OpenFile, ...] = ()

    @property
    def is_possible(self) -> bool:
        """Whether no file is listed twice."""
        return len({item.path for item in self.items}) == len(self.items)

    def find(self, path: str) -> OpenFile | None:
        """Return the open file at ``path``, or None."""
        return next((item for item in self.items if item.path == path), None)


@dataclass(frozen=True)
class Repaired:
    """What is done about the NaN and infinite entries of the array that ``ref`` is a matrix of."""

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

    ``repairs`` lists what is done about NaN and infinite entries of arrays, ``tables`` how tables
    are read, of closed files, too: explicit steps, which undo takes back, and which every page
    goes by. ``views`` are the matrices that were chosen of arrays of more axes, one an array.
    """

    active: DataRef | None = None
    repairs: tuple[Repaired, ...] = ()
    tables: tuple[TableSaid, ...] = ()
    views: tuple[DataRef, ...] = ()

    def repair_of(self, ref: DataRef) -> Repair:
        """Return what is done about bad entries of the array of ``ref``, "" where refused."""
        return next((one.repair for one in self.repairs if one.ref.array == ref.array), "")

    def with_repair(self, refs: Iterable[DataRef], repair: Repair) -> tuple[Repaired, ...]:
        """Return the repairs after choosing ``repair`` for the arrays of ``refs``; "" is none.

        Examples
        --------
        >>> ref = DataRef("a.npy", "a", (3, 4), "float64")
        >>> Selection().with_repair([ref], "zero")[0].repair
        'zero'
        """
        chosen = {ref.array: ref for ref in refs}
        others = tuple(one for one in self.repairs if one.ref.array not in chosen)
        if not repair:
            return others
        return (*others, *(Repaired(ref, repair) for ref in chosen.values()))

    def view_of(self, path: str, entry: str) -> DataRef | None:
        """Return the matrix that was last chosen of an array of more axes, None for none."""
        return next((ref for ref in self.views if ref.array == (path, entry)), None)

    def with_view(self, ref: DataRef) -> tuple[DataRef, ...]:
        """Return the views after choosing the matrix ``ref``."""
        others = tuple(one for one in self.views if one.array != ref.array)
        return (*others, ref)[-VIEWS_KEPT:] if ref.view or ref.index else others

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
    rows: tuple[tuple[DataRef, Rows], ...] = field(default=(), repr=False)

    def open(self, ref: DataRef, repair: Repair | None = None) -> Opened | None:
        """Return the array of ``ref``, None while its file is not open or its rows are not known.

        ``repair`` None is the one chosen for the array.
        """
        source = dict(self.sources).get(ref.path)
        if source is None:
            return None
        repair = self.selection.repair_of(ref) if repair is None else repair
        said = self.selection.said_of(ref.path)
        if repair != "leave_rows_out":
            return Opened(ref, source, repair, said)
        rows = dict(self.rows).get(ref)
        if rows is None:
            return None
        # Where nothing is bad there is nothing to leave out, and no copy.
        return Opened(ref, source, repair, said, rows if rows.left_out else None)

    @property
    def selected(self) -> Opened | None:
        """The selected array, None where there is none or it is not at hand (yet)."""
        return self.open(self.selection.active) if self.selection.active is not None else None

    @property
    def refs(self) -> tuple[DataRef, ...]:
        """Every readable array of every open file, in the view last chosen or that suits."""
        return tuple(
            self.selection.view_of(file.path, entry.name) or reference(file, entry)
            for file in self.files.items
            for entry in file.entries
            if entry.readable
        )
