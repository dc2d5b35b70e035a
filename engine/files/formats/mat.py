"""MATLAB files (.mat): version 4 by SciPy, 5 to 7 by `layouts.mat_level5`, 7.3 by h5py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from engine.errors import FileError
from engine.files.layouts import mat_level5
from engine.files.layouts.hdf5.datasets import Hdf5Source, opened
from engine.files.layouts.hdf5.matlab import level73_entries
from engine.files.layouts.mat_level4 import is_level4, read_level4
from engine.files.layouts.mat_level5 import HEADER_BYTES, NO_NUMBERS, BadVariable, Variable, scan
from engine.files.reading import sparse
from engine.files.reading.access import (
    Fingerprint,
    file_errors,
    fingerprint,
    require_unchanged,
)
from engine.files.reading.entries import (
    BadArray,
    array_entry,
    require_readable,
    unreadable_entry,
)
from engine.files.reading.memory import read_source
from engine.files.reading.source import Entry, Format, MatrixSource, Selection
from engine.jobs import Progress, checkpoint
from engine.room import require_room
from engine.sentences import as_sentence, say

_LEVEL5, _LEVEL73 = b"MATLAB 5.0 MAT-file", b"MATLAB 7.3 MAT-file"
_NAMED = 4  # of names that occur twice
_DTYPES = {"double": "f8", "sparse": "f8", "single": "f4", "logical": "?"}


class MatSource(MatrixSource):
    """One .mat file of version 5 to 7; the variable read last is kept."""

    def __init__(
        self,
        path: str,
        known: Fingerprint,
        entries: tuple[Entry, ...],
        variables: dict[str, Variable],
        order: str,
        notes: tuple[str, ...] = (),
    ) -> None:
        super().__init__(path, FORMAT, entries, known, notes)
        self._variables = variables
        self._order = order

    def _take(self, entry: Entry, selection: Selection, progress: Progress | None) -> Any:
        whole = self._kept.get(entry.name, lambda: self._load(entry, progress), progress)
        if entry.stored is not None:
            return sparse.select(whole, selection)
        return np.asarray(whole[selection])

    def _load(self, entry: Entry, progress: Progress | None) -> Any:
        variable = self._variables[entry.name]
        # The numbers as stored, and as they are wanted.
        require_room(self.path, 2 * entry.bytes, say("'{name}'", name=entry.name))
        try:
            with open(self.path, "rb") as stream:
                found = mat_level5.read(stream, variable, self._order, progress)
        except BadVariable as error:
            raise _damaged(
                self.path, say("'{name}': {reason}", name=entry.name, reason=error.problem)
            ) from error
        checkpoint(progress)
        if entry.stored is not None:
            return found.astype(entry.dtype, copy=False)
        return found.reshape(entry.shape).astype(entry.dtype, copy=False)


def open_mat(path: str, progress: Progress | None = None) -> MatrixSource:
    """Open a MATLAB file of any version; variables are listed and not read.

    Raises
    ------
    FileError
        When the file cannot be read, is damaged, or holds no array of numbers.
    Cancelled
        When ``progress`` asks to stop.
    """
    checkpoint(progress, 0.0, "Listing the variables")
    known = fingerprint(path)
    with file_errors(path), open(path, "rb") as stream:
        head = stream.read(HEADER_BYTES)
        if head.startswith(_LEVEL73):
            return _open_level73(path, known, progress)
        order = {b"IM": "<", b"MI": ">"}.get(head[126:], "")
        if is_level4(head):
            return _open_level4(path)
        if not head.startswith(b"MATLAB") or not order:
            raise FileError(
                path,
                "it does not begin as a MATLAB file does",
                "Save it again: save('file.mat', '-v7') in MATLAB, scipy.io.savemat in Python.",
            )
        try:
            # Of a name that occurs twice the last counts; what MATLAB keeps for itself has none.
            listed = [one for one in scan(stream, order, progress) if one.name]
            variables = {one.name: one for one in listed}
        except BadVariable as error:
            raise _damaged(path, error.problem) from error
    require_unchanged(path, known)
    entries = tuple(_entry(variable) for variable in variables.values())
    require_readable(path, entries)
    notes = _twice([one.name for one in listed])
    return MatSource(path, known, entries, variables, order, notes)


def _open_level4(path: str) -> MatrixSource:
    written: list[str] = []

    def read(path: str) -> dict[str, Any]:
        found, written[:] = read_level4(path)
        return found

    source = read_source(path, replace(FORMAT, read=read))
    source.notes = _twice(written)
    return source


def _twice(names: Sequence[str]) -> tuple[str, ...]:
    """Return what there is to say of names that occur more than once: MATLAB takes the last."""
    found = [name for name, times in Counter(names).items() if times > 1]
    more = ", ..." if len(found) > _NAMED else ""
    shown = ", ".join(found[:_NAMED]) + more
    return (say("Written twice, the last counts: {names}.", names=shown),) if found else ()


FORMAT = Format(
    key="mat",
    title="MATLAB",
    suffixes=(".mat",),
    open=open_mat,
    matches=lambda head: head.startswith((_LEVEL5, _LEVEL73)) or is_level4(head),
    foreign=True,
)


def _entry(variable: Variable) -> Entry:
    name, kind, shape = variable.name, variable.kind, variable.shape
    if kind in NO_NUMBERS:
        reason = say("it is a MATLAB {kind}, not an array of numbers", kind=kind)
        return unreadable_entry(name, as_sentence(variable.problem) or reason, shape)
    dtype = np.dtype(_DTYPES.get(kind, kind))
    if variable.is_complex:
        dtype = np.result_type(dtype, np.complex64)
    try:
        if kind == "sparse":
            return sparse.sparse_entry(name, dtype, shape, variable.most, "CSC", at_most=True)
        if len(shape) != 2 or min(shape) != 1 or max(shape) == 1:
            return array_entry(name, dtype, shape)
        # MATLAB has no vectors: what is one counts as one.
        note = say("A vector, {rows} x {cols} in the file.", rows=shape[0], cols=shape[1])
        return array_entry(name, dtype, (max(shape),), note)
    except BadArray as error:
        return unreadable_entry(name, error.sentence, shape)


def _open_level73(path: str, known: Fingerprint, progress: Progress | None) -> Hdf5Source:
    with opened(path) as file:
        found = list(level73_entries(file, progress))
    require_unchanged(path, known)
    entries = [entry for entry, _ in found]
    require_readable(path, entries)
    places = {entry.name: place for entry, place in found if place is not None}
    return Hdf5Source(path, FORMAT, known, tuple(entries), places)


def _damaged(path: str, reason: str) -> FileError:
    return FileError(
        path,
        say("it cannot be read as a MATLAB file ({reason})", reason=as_sentence(reason)),
        "It may have been cut short: copy it again, or save it again.",
    )
