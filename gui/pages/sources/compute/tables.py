"""What a person says of a table, in the words of the command line and of the window alike."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from gui.core.declare.draw import NotAllowed
from gui.core.export.files import temporary_folder
from gui.core.state.listed import Said
from gui.core.words.i18n import in_a_row, tr, tr_sentence
from gui.core.words.tables import FIELDS, Mistyped, typed, values_of
from gui.frozen import dataclass

if TYPE_CHECKING:
    from engine.files import TableReading
    from engine.jobs import Progress

LINES, ROWS, COLUMNS = 14, 8, 8  # of a preview
_PACKED = (".xlsx", ".gz")  # files whose bytes are no lines
_HEAD = 256 * 1024  # bytes of a larger file that a preview reads


class BadTableOption(NotAllowed):
    """Something said of a table that cannot be read."""


def reading_of(said: Iterable[tuple[str, str]]) -> TableReading | None:
    """Return the reading that is said, None where nothing is.

    Raises
    ------
    BadTableOption
        When a count or a list of positions is none.
    engine.errors.ArgumentError
        When a mark is not allowed.
    """
    from engine.files import TableReading

    try:
        given = values_of(said)
    except Mistyped as error:
        refusal = tr("{argument} {text} is not allowed: it must be {allowed}.")
        words = {"text": error.text, "allowed": error.allowed}
        raise BadTableOption(error.name, refusal, **words) from error
    return TableReading(**given) if given else None


def said_by(reading: TableReading | None) -> Said:
    """Return what a reading says, as it would be typed; of nothing said, nothing.

    Examples
    --------
    >>> from engine.files import TableReading
    >>> said_by(TableReading(header=0)), said_by(None)
    ((('header', '0'),), ())
    """
    said = {} if reading is None else {name: getattr(reading, name) for name in FIELDS}
    return tuple((name, typed(name, value)) for name, value in said.items() if value is not None)


def words_of(reading: Any) -> dict[str, str]:
    """Return the reading taken of a table, field by field, as it would be typed."""
    return {name: typed(name, getattr(reading, name)) for name in FIELDS}


@dataclass(frozen=True)
class Preview:
    """The beginning of a table as it stands in the file, and the matrix that it becomes.

    ``taken`` is the reading by field, ``cells`` the first rows and columns as texts.
    """

    lines: tuple[str, ...] = ()
    taken: Mapping[str, str] | None = None
    shape: tuple[int, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()
    row_labels: tuple[str, ...] = ()
    column_labels: tuple[str, ...] = ()
    notes: str = ""
    problem: str = ""


@dataclass(frozen=True)
class PreviewRequest:
    """Read the beginning of ``path`` as it is ``said``."""

    path: str
    said: Said = ()

    def run(self, progress: Progress | None = None) -> Preview:
        """Return what becomes of it; a refusal is its ``problem``."""
        from engine.errors import RankscopeError
        from engine.files import open_apart

        lines = _first_lines(self.path)
        with temporary_folder() as folder:
            path = _beginning(self.path, folder)
            try:
                with open_apart(path, progress, reading=reading_of(self.said)) as source:
                    return _preview(source, lines)
            except (RankscopeError, BadTableOption) as error:
                text = tr_sentence(error).replace(path, os.path.basename(self.path))
                return Preview(lines, problem=text)


def _first_lines(path: str) -> tuple[str, ...]:
    if path.lower().endswith(_PACKED):
        return ()
    with open(path, "rb") as file:
        text = io.TextIOWrapper(file, encoding="utf-8", errors="replace")
        return tuple(line.rstrip("\r\n") for line in islice(text, LINES))


def _beginning(path: str, folder: str) -> str:
    """Return a file with the first lines of a large one; a small one is itself."""
    if os.path.getsize(path) <= _HEAD or path.lower().endswith(_PACKED):
        return path
    with open(path, "rb") as file:
        head = file.read(_HEAD)
    target = os.path.join(folder, os.path.basename(path))
    with open(target, "wb") as file:
        file.write(head[: head.rfind(b"\n") + 1] or head)
    return target


def _preview(source: Any, lines: tuple[str, ...]) -> Preview:
    entry = source.entries[0]
    array = source.read(entry.name)
    table = array.reshape(array.shape[0], -1)[:ROWS, :COLUMNS]
    notes = in_a_row(*map(tr_sentence, (*entry.notes, *source.notes)))
    return Preview(
        lines,
        words_of(entry.reading) if entry.reading is not None else None,
        tuple(entry.shape),
        tuple(tuple(f"{value:.6g}" for value in row) for row in table.tolist()),
        tuple(entry.row_labels[:ROWS]),
        tuple(entry.column_labels[:COLUMNS]),
        notes or tr_sentence(entry.note),
    )
