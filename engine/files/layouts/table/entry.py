"""What text tables and workbooks have in common: lines judged, and a table as an entry."""

from __future__ import annotations

import re

from engine.errors import FileError
from engine.files.layouts.table.body import Table
from engine.files.layouts.table.layout import Layout, layout_of
from engine.files.layouts.table.notes import (
    doubts_of,
    foot_note,
    hash_note,
    levels_note,
    missing_marks_note,
    reading_notes,
)
from engine.files.layouts.table.numerals import holds_number, is_missing
from engine.files.layouts.table.printed.base import SHORTENED
from engine.files.layouts.table.sample import Line
from engine.files.reading.finite import check_finite
from engine.files.reading.source import Array, Entry
from engine.files.reading.tables import TableReading
from engine.jobs import Progress
from engine.sentences import say

__all__ = ["LONG_SAMPLE", "SAMPLE_LINES", "found_layout", "table_entry"]

_SPARSE_LINE = re.compile(r"\s*[-+.\d][-+.,\deE]*(?:\s+\d+:[-+.\deE]+)+\s*(?:#.*)?")
# What a print puts in place of most rows and columns.
_LEFT_OUT = frozenset({"...", "…", "⋯", "⋮"})
_ROWS_BY_COLUMNS = re.compile(r"\s*\[\d+ rows x \d+ columns\]\s*")
SAMPLE_LINES = 50
LONG_SAMPLE = 400


def found_layout(
    path: str, lines: list[Line], reading: TableReading, *, last: bool
) -> Layout | None:
    """Return how lines are laid out; None where more of them are wanted and there may be.

    Raises
    ------
    FileError
        When there is no number in them.
    ArgumentError
        When the reading names columns that the table does not have.
    """
    if not lines:
        raise FileError(
            path,
            "there are only blank lines and comments in it, no numbers",
            "Export the table again, or choose another file.",
        )
    if all(_SPARSE_LINE.fullmatch(line.text) for line in lines):
        raise FileError(
            path,
            "this is sparse text of LIBSVM (position:value), which is not read here",
            "Convert it: sklearn.datasets.load_svmlight_file, then scipy.sparse.save_npz.",
        )
    layout = layout_of(lines, reading)
    counted = any(_ROWS_BY_COLUMNS.fullmatch(line.text) for line in lines)
    shown = layout.separator == " " and (layout.names or counted)
    if shown and any(_LEFT_OUT & {*line.text.split()} for line in lines):
        raise FileError(path, *SHORTENED)
    found = any(map(holds_number, layout.numeric))
    below = sum(line.number >= layout.first_line for line in lines)
    if not last and len(lines) >= SAMPLE_LINES and not (found and 3 * below > len(lines)):
        return None
    # Values may be missing at first and follow later: to be read before it is judged.
    missing = bool(layout.numeric) and all(map(is_missing, layout.numeric))
    if layout.columns and (found or missing or len(lines) == 1):
        return layout
    if len(lines) == 1:
        raise FileError(
            path,
            "there is only a heading in it and no row of numbers",
            "Export the table with its rows.",
        )
    raise FileError(
        path,
        "no numbers are found in its first lines",
        "Export the table as .csv, one row a line, without text above it.",
    )


def table_entry(
    name: str, table: Table, array: Array, notes: list[str], progress: Progress | None
) -> tuple[Array, Entry]:
    """Return a table as what is read of it and the entry that describes it.

    Raises
    ------
    FileError
        When all its values are missing.
    """
    layout = table.layout
    array.flags.writeable = False
    if 1 in array.shape:
        array = array.reshape(-1)
    said = [
        *reading_notes(layout, table.signs),
        *levels_note(table.levels.repeated),
        *hash_note(layout, table.labels),
        *foot_note([number for number, _ in table.foot]),
        *notes,
        *missing_marks_note(table.marks),
        *_bad_value_notes(table.path, array, progress),
    ]
    names = tuple(layout.names[place] for place in layout.columns) if layout.names else ()
    entry = Entry(
        name,
        array.shape,
        array.dtype,
        array.nbytes,
        row_labels=tuple(table.labels),
        column_labels=names,
        reading=layout.reading,
        doubts=doubts_of(layout, table.signs),
    )
    return array, entry.noting(*said)


def _bad_value_notes(path: str, array: Array, progress: Progress | None) -> list[str]:
    report = check_finite(array, progress)
    if report.nan_count == array.size:
        raise FileError(
            path,
            "all its values are missing (empty, NA or NaN)",
            "Export the table again with its numbers, or choose another file.",
        )
    notes: list[str] = []
    if report.nan_count == 1:
        notes.append("1 missing value (empty, NA or NaN).")
    elif report.nan_count:
        notes.append(say("{count:,} missing values (empty, NA or NaN).", count=report.nan_count))
    if report.inf_count == 1:
        notes.append("1 infinite value.")
    elif report.inf_count:
        notes.append(say("{count:,} infinite values.", count=report.inf_count))
    return notes
