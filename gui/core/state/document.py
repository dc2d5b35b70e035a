"""What is open and what is selected, shared by every page; plain frozen data."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from gui.core.figure.arrays import Array, Ints
from gui.core.state.jobs import Progress
from gui.core.words.i18n import tr

EXAMPLES_PATH = "rankscope:examples"
MEMORY_PATH = "<memory>"  # arrays of a script or notebook


VIEWS_KEPT = 64
# What is found again whenever a file is opened is no part of a session.
_FOUND_AGAIN = {"saved": False}


@dataclass(frozen=True)
class ViewInfo:
    """A matrix that an array of more axes can be read as, of ``shape``.

    ``fixed`` lists (axis, length) of the axes that stand at an index; the view that is ``plain`` is
    what the array is without one.
    """

    name: str
    shape: tuple[int, ...]
    fixed: tuple[tuple[int, int], ...] = ()
    plain: bool = False


@dataclass(frozen=True)
class EntryInfo:
    """One array of an open file: its name, shape, dtype name and a remark ("3 missing values").

    ``readable`` is False for entries that cannot be opened; ``note`` then says why. ``channels``
    is 3 for a colour picture, kept as the matrix [R | G | B] of its three channels. ``view`` is
    the one of ``views`` that suits it, "" its last two axes; ``axes`` are the lengths of all.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    note: str = ""
    readable: bool = True
    channels: int = 1
    views: tuple[ViewInfo, ...] = field(default=(), metadata=_FOUND_AGAIN)
    view: str = field(default="", metadata=_FOUND_AGAIN)
    axes: tuple[int, ...] = field(default=(), metadata=_FOUND_AGAIN)

    def layout(self, view: str) -> ViewInfo:
        """Return the view of that name; of one that there is not, and of "", the plain one."""
        named = (one for one in self.views if one.name == view)
        plain = (one for one in self.views if one.plain)
        found = next(named, None) or next(plain, None)
        if found is not None:
            return found
        leading = self.shape[:-2] if len(self.shape) > 2 else ()
        return ViewInfo("", self.shape[len(leading) :], tuple(enumerate(leading)), True)


@dataclass(frozen=True)
class OpenFile:
    """An open file: absolute ``path`` (or EXAMPLES_PATH), display ``title`` and its arrays.

    ``stamp`` changes when the file on disk does, so that opening it again is seen as new data.
    ``notes`` say what was skipped or assumed while it was read. ``reading`` is what a person said
    of a table, field by field; ``table`` whether there is anything to say.
    """

    path: str
    title: str
    entries: tuple[EntryInfo, ...]
    stamp: str = ""
    notes: tuple[str, ...] = ()
    reading: tuple[tuple[str, str], ...] = ()
    table: bool = False

    @property
    def version(self) -> str:
        """What changes when its arrays may: the file, or how it is read."""
        return f"{self.stamp}|{self.reading}" if self.reading else self.stamp


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
        file = tr("examples") if self.path == EXAMPLES_PATH else self.path.replace("\\", "/")
        name = file.rsplit("/", 1)[-1]
        if self.path == MEMORY_PATH:
            name = self.entry
        stem = name.rsplit(".", 1)[0]
        tail = f" {self.view}" if self.view else ""
        tail += f"[{', '.join(map(str, self.index))}]" if self.index else ""
        if self.entry == stem and not tail:
            return name
        return f"{name} > {entry_title(self.path, self.entry)}{tail}"


Repair = Literal["", "zero", "column_mean", "leave_rows_out"]


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

    ``source`` is compared by identity: a file opened again is other data. ``rows`` are those that
    stay where rows are left out, None where every row does.
    """

    ref: DataRef
    source: Any = field(default=None, repr=False)
    repair: Repair = ""
    rows: Rows | None = field(default=None, repr=False)

    @property
    def title(self) -> str:
        """What it is called."""
        return self.ref.title

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

    @property
    def plain(self) -> Opened:
        """The same without the source: what results carry and what crosses processes."""
        return Opened(self.ref, None, self.repair, self.rows)


def numbers_of(rows: Rows | None, count: int) -> Ints:
    """Return the numbers that ``count`` rows have in the file, 0 to count - 1 for all."""
    return np.arange(count) if rows is None else rows.kept


def as_matrix(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return the shape of a vector or matrix as that of a matrix."""
    return (1, shape[0]) if len(shape) == 1 else (shape[0], shape[1])


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

    def find(self, path: str) -> OpenFile | None:
        """Return the open file at ``path``, or None."""
        return next((item for item in self.items if item.path == path), None)


@dataclass(frozen=True)
class Repaired:
    """What is done about the NaN and infinite entries of the array that ``ref`` is a matrix of."""

    ref: DataRef
    repair: Repair


@dataclass(frozen=True)
class Selection:
    """Slice "selection" of the state: the active array, None before anything is chosen.

    ``repairs`` lists what is done about NaN and infinite entries of arrays: an explicit step, which
    undo takes back, and which every page goes by. ``views`` are the matrices that were chosen of
    arrays of more axes, one an array.
    """

    active: DataRef | None = None
    repairs: tuple[Repaired, ...] = ()
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
        if repair != "leave_rows_out":
            return Opened(ref, source, repair)
        rows = dict(self.rows).get(ref)
        if rows is None:
            return None
        # Where nothing is bad there is nothing to leave out, and no copy.
        return Opened(ref, source, repair, rows if rows.left_out else None)

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
