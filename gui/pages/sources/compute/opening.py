"""Opening files off the GUI thread; pure functions of frozen requests."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gui.core.state.document import EXAMPLES_PATH, DataRef, TableSaid, reference
from gui.core.state.listed import EntryInfo, OpenFile, Said, ViewInfo, stamp_of
from gui.core.words.i18n import tr_sentence
from gui.core.words.names import shown_name
from gui.frozen import dataclass
from gui.pages.sources.compute.former import Known, former_said
from gui.pages.sources.compute.tables import BadTableOption, reading_of

if TYPE_CHECKING:
    from engine.jobs import Progress


# Of a folder with thousands of pictures not all are meant.
FOLDER_LIMIT = 200


@dataclass(frozen=True)
class OpenedFile:
    """What became of one path: the file with its engine source, or the sentence that says why.

    ``unfit`` says why a table is read as found though something was said of it; ``doubt`` names
    the content of a file of which two readings can be defended and nothing is said, "" of others.
    ``found`` is the shape that a table would have as found which is read as before, () of others.
    ``asks``: it needs more memory than is taken unasked.
    """

    path: str
    file: OpenFile | None = None
    source: Any = None
    problem: str = ""
    unfit: str = ""
    doubt: str = ""
    found: tuple[int, ...] = ()
    asks: bool = False

    @property
    def refusal(self) -> str:
        """Why it is not opened, "" where it is or where that is asked."""
        return "" if self.file is not None or self.asks else self.problem


@dataclass(frozen=True)
class OpenRequest:
    """Open ``paths`` in order; one that fails does not keep the others from opening.

    Of the folder of a model its index or file of weights is opened, one tree; of any other folder
    the files directly in it that bear the name of a known format. Of the
    ``tables`` among them what is said of them is remembered: one that does not fit it any more is
    read as found, unless this is ``strict``. Those ``known`` from before keep the shape they had.
    """

    paths: tuple[str, ...]
    tables: tuple[TableSaid, ...] = ()
    strict: bool = False
    known: tuple[Known, ...] = ()

    def run(self, progress: Progress) -> tuple[OpenedFile, ...]:
        """Return one OpenedFile per file, each once."""
        paths = dict.fromkeys(file for path in self.paths for file in _files_of(path))
        said = {one.path: one.said for one in self.tables}
        return tuple(self._opened(path, progress, said.get(path, ())) for path in paths)

    def _opened(self, path: str, progress: Progress, said: Said) -> OpenedFile:
        found = _open(path, progress, said)
        known = next((one for one in self.known if one.path == path), None)
        if known is not None and found.file is not None and found.file.table and not said:
            return _as_before(found, known, progress)
        if self.strict or not (said and found.problem):
            return found
        if found.asks:
            return found
        as_found = _open(path, progress, ())
        return found if as_found.problem else replace(as_found, unfit=found.problem)


def _as_before(found: OpenedFile, known: Known, progress: Progress) -> OpenedFile:
    """Return a table read as before, where it has another shape now."""
    assert found.file is not None
    shape = found.file.entries[0].shape
    said = former_said(known, shape, progress) if len(found.file.entries) == 1 else ()
    before = _open(found.path, progress, said) if said else found
    if before.file is None or before is found:
        return found
    found.source.close()
    return replace(before, found=shape)


def permit_all(paths: Iterable[str]) -> None:
    """Let files be opened from now on whatever memory they need."""
    from engine.room import permit

    for path in paths:
        permit(path)


def _files_of(path: str) -> tuple[str, ...]:
    from engine.checkpoint.folders import model_in
    from engine.files import FORMATS

    if not os.path.isdir(path):
        return (path,)
    if weights := model_in(path):
        return (weights,)
    suffixes = tuple(suffix for known in FORMATS for suffix in known.suffixes)
    try:
        with os.scandir(path) as items:
            names = sorted(
                item.name
                for item in items
                if item.is_file() and item.name.casefold().endswith(suffixes)
            )
    except OSError:
        names = []
    # A folder without any is opened itself, which says in a sentence that it is one.
    return tuple(os.path.join(path, name) for name in names[:FOLDER_LIMIT]) or (path,)


def _open(path: str, progress: Progress, said: Said) -> OpenedFile:
    from engine.errors import RankscopeError
    from engine.files import open_apart

    try:
        source = open_apart(path, progress, reading=reading_of(said))
    except (RankscopeError, BadTableOption) as error:
        asking = getattr(error, "asks", False)
        return OpenedFile(path, problem=tr_sentence(error), asks=asking)
    file = replace(describe_source(source, source.path), reading=said)
    try:
        doubt = "" if said else _doubt(source, progress)
    except RankscopeError as error:  # it changes just now
        source.close()
        return OpenedFile(path, problem=tr_sentence(error))
    return OpenedFile(source.path, file, source, doubt=doubt)


def _doubt(source: Any, progress: Progress) -> str:
    if not any(entry.doubts for entry in source.entries):
        return ""
    content = f"{source.path}\0{source.sha256(progress)}"
    return hashlib.sha256(os.fsencode(content)).hexdigest()[:16]


def example_file() -> OpenedFile:
    """Return the built-in examples, opened like any file."""
    from engine.files import example_source

    source = example_source()
    return OpenedFile(EXAMPLES_PATH, describe_source(source, EXAMPLES_PATH), source)


def entries_of(source: Any) -> tuple[EntryInfo, ...]:
    """Return what the state keeps of the arrays of an engine source."""
    return tuple(
        EntryInfo(
            entry.name,
            tuple(entry.shape),
            str(entry.dtype),
            entry.note,
            bool(entry.readable),
            entry.channels,
            _views(entry),
            str(entry.view),
            tuple(entry.axes),
        )
        for entry in source.entries
    )


def _views(entry: Any) -> tuple[ViewInfo, ...]:
    from engine.files import plain_view, view_layout

    plain = plain_view(entry.axes)
    found = []
    for name in entry.views:
        shape, fixed = view_layout(entry.axes, name)
        # A kernel of one pixel is a matrix by itself: there is nothing to choose an index of.
        whole = name == plain and len(entry.shape) == 2
        found.append(ViewInfo(name, shape, () if whole else fixed, name == plain))
    return tuple(found)


def describe_source(source: Any, path: str) -> OpenFile:
    """Return the frozen description of an engine source that the state keeps."""
    entries = entries_of(source)
    if path == EXAMPLES_PATH:
        return OpenFile(path, "", entries)
    table = any(entry.reading is not None for entry in source.entries)
    notes = tuple(source.notes)
    return OpenFile(path, shown_name(path), entries, stamp_of(path), notes, table=table)


def has_entry(file: OpenFile, ref: DataRef) -> bool:
    """Whether a file that has been read again still has the array of ``ref``."""
    return any(entry.name == ref.entry and entry.readable for entry in file.entries)


def same_entry(file: OpenFile, ref: DataRef) -> DataRef:
    """Return ``ref`` as the newly read ``file`` has it, itself where it has not."""
    entry = next((e for e in file.entries if e.name == ref.entry and e.readable), None)
    if entry is None or ref.path != file.path:
        return ref
    found = reference(file, entry, ref.index, ref.view)
    # What is remembered of an array is so whatever slice and state of its file.
    return found if ref.stamp else replace(found, stamp="", index=ref.index)


def linked_entry(file: OpenFile, place: str) -> str:
    """Return the name of the array that a link to ``place`` in a file means; "" where none is."""
    wanted = place.strip("/")
    for entry in file.entries:
        inside = not wanted or entry.name == wanted
        if entry.readable and (inside or entry.name.startswith((f"{wanted}/", f"{wanted}."))):
            return entry.name
    return ""


def first_reference(file: OpenFile) -> DataRef | None:
    """Return the first readable array of a file in the view that suits, None where none is."""
    for entry in file.entries:
        if entry.readable:
            return reference(file, entry)
    return None
