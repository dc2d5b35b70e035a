"""Workbooks (.xlsx): each sheet with numbers is a table, read by the same rules as a text table.

openpyxl parses; it is an extra, and imported when a workbook is opened.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from engine.errors import FileError, RankscopeError
from engine.files.layouts.table.body import AnotherConvention, Table
from engine.files.layouts.table.entry import LONG_SAMPLE, found_layout, table_entry
from engine.files.layouts.table.kinds import kind_of
from engine.files.layouts.table.lines import is_ignored
from engine.files.layouts.table.sample import Line
from engine.files.layouts.table.source import TableSource
from engine.files.reading.access import (
    file_errors,
    fingerprint,
    require_unchanged,
)
from engine.files.reading.source import Array, Entry, Format
from engine.files.reading.tables import TableReading
from engine.jobs import Cancelled, Progress, checkpoint
from engine.room import require_room
from engine.sentences import as_sentence, listed, say

_ROWS_A_STEP = 2000
_FIRST_MEMBERS = (b"[Content_Types].xml", b"xl/", b"docProps/", b"_rels/")
_PROTECTED = b"\xd0\xcf\x11\xe0"
_RESTARTS = 3
_UNSAVED = re.compile(rb"</f>\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
_UNSAVED_ZERO = re.compile(rb"</f>\s*<v>0</v>\s*</c>")
_BOOK = "xl/workbook.xml"
# What Excel itself allows; a damaged number of a row can be anything.
_MOST_ROWS = 1 << 20
_EMPTY: list[str] = []


def open_workbook(
    path: str, progress: Progress | None = None, reading: TableReading | None = None
) -> TableSource:
    """Open a workbook and parse its sheets; formulas count with the values they were saved with.

    Parameters
    ----------
    path : str
        The file.
    progress : Progress, optional
        Told how far the reading is.
    reading : TableReading, optional
        What a person says of the tables; ``sheet`` names the only one to read.

    Raises
    ------
    FileError
        When openpyxl is missing, the file is damaged, or no sheet holds numbers.
    ArgumentError
        When the reading names columns that a table does not have.
    Cancelled
        When ``progress`` asks to stop.
    """
    asked = reading or TableReading()
    known = fingerprint(path)
    tables: list[tuple[Array, Entry]] = []
    problems: list[tuple[str, FileError]] = []
    with file_errors(path), _workbook(path) as book:
        sheets = _sheets(path, book, asked.sheet)
        for place, sheet in enumerate(sheets):
            checkpoint(progress, place / len(sheets), "Reading sheet {name}", name=sheet.title)
            try:
                tables.append(_table(path, sheet, asked, progress))
            except FileError as error:
                problems.append((sheet.title, error))
    require_unchanged(path, known)
    if not tables:
        raise problems[0][1] if problems else _damaged(path)
    notes = [
        say("Sheet {name}: {problem}", name=name, problem=as_sentence(error.problem))
        for name, error in problems
    ]
    return TableSource(path, FORMAT, known, tables, asked, tuple(notes))


FORMAT = Format(
    key="xlsx",
    title="Excel workbook",
    suffixes=(".xlsx", ".xlsm"),
    open=open_workbook,
    matches=lambda head: head[:4] == b"PK\x03\x04" and head[30:].startswith(_FIRST_MEMBERS),
    tables=True,
)


@contextmanager
def _workbook(path: str) -> Iterator[Any]:
    """Open the workbook; whatever openpyxl raises means that it is damaged."""
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise FileError(
            path,
            "to read workbooks, openpyxl has to be installed",
            "Install it with pip install rankscope[xlsx], or save the sheet as .csv.",
        ) from error
    with open(path, "rb") as stream:
        if stream.read(4) == _PROTECTED:
            raise FileError(
                path,
                "this workbook is protected by a password, or of a kind from before 2007",
                "Save it without a password as .xlsx, or the sheet as .csv.",
            )
    book: Any = None
    try:
        _require_sane(path)
        book = load_workbook(path, read_only=True, data_only=True)
        yield book
    except (RankscopeError, Cancelled, MemoryError, OSError):
        raise
    except Exception as error:
        raise _damaged(path) from error
    finally:
        if book is not None:
            book.close()


def _require_sane(path: str) -> None:
    """Refuse sizes that only damage makes, before anything is allocated by them."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    whole = os.path.getsize(path)
    for member in members:
        # Deflate packs a thousand bytes into one at most.
        if member.compress_size > whole or member.file_size > 1100 * member.compress_size + 1100:
            raise _damaged(path)
    require_room(path, sum(member.file_size for member in members), say("the workbook"))


def _sheets(path: str, book: Any, name: str | None) -> list[Any]:
    sheets = list(book.worksheets)
    if name is None:
        return sheets
    chosen = [sheet for sheet in sheets if sheet.title == name]
    if not chosen:
        names = listed(sheet.title for sheet in sheets) if sheets else say("none")
        raise FileError(
            path,
            say("there is no sheet '{name}'; there are {names}", name=name, names=names),
            "Choose one of them.",
        )
    return chosen


def _table(
    path: str, sheet: Any, asked: TableReading, progress: Progress | None
) -> tuple[Array, Entry]:
    lines, apart = _lines(path, sheet, progress)
    sample = [
        Line(number, line)
        for number, line in enumerate(lines, 1)
        if number > (asked.skip or 0) and not is_ignored(line, "\t") and line.strip()
    ]
    reading = replace(asked, delimiter="\t", sheet=sheet.title)
    for restart in range(_RESTARTS, -1, -1):
        layout = found_layout(path, sample[:LONG_SAMPLE], reading, last=True)
        assert layout is not None
        table = Table(path, layout, bool(restart))
        try:
            table.add(1, lines)
        except AnotherConvention as error:
            mark = error.convention
            reading = replace(reading, decimal=mark.decimal, thousands=mark.thousands)
            continue
        break
    array = table.matrix()
    notes = _unsaved_notes(path, sheet, array)
    if apart:
        notes.append(say("Words apart from the table are left out: {word}.", word=apart))
    return table_entry(sheet.title, table, array, notes, progress)


def _unsaved_notes(path: str, sheet: Any, array: Array) -> list[str]:
    """Return the sentences on formulas that a program wrote without computing them."""
    missing, zero = np.isnan(array).any(), (array == 0).any()
    if not (missing or zero):
        return []
    with zipfile.ZipFile(path) as archive:
        content = archive.read(sheet._worksheet_path.lstrip("/"))
        # Who computes formulas does not ask that they be computed when the workbook is opened.
        known = zero and _BOOK in archive.namelist()
        asked = known and b'fullCalcOnLoad="1"' in archive.read(_BOOK)
    count = len(_UNSAVED.findall(content)) if missing else 0
    zeros = len(_UNSAVED_ZERO.findall(content)) if asked else 0
    words = (
        "{count:,} formulas were saved without their values and count as missing: open the "
        "workbook in a spreadsheet and save it."
    )
    others = (
        "{count:,} formulas were saved as 0 by a program that does not compute them: open the "
        "workbook in a spreadsheet and save it."
    )
    found = [say(words, count=count)] if count else []
    return [*found, *([say(others, count=zeros)] if zeros else [])]


def _lines(path: str, sheet: Any, progress: Progress | None) -> tuple[list[str], str]:
    """Return the rows as lines of cells between tabs, without the empty ones around them.

    Words in columns apart from the table on their right are none of it: the first is returned.
    """
    # What the file says of its own size is often wrong.
    sheet.reset_dimensions()
    rows: list[list[str]] = []
    for place, values in enumerate(sheet.iter_rows(values_only=True)):
        if place % _ROWS_A_STEP == 0:
            checkpoint(progress)
        if place >= _MOST_ROWS:
            raise _damaged(path)
        cells = [_cell(value) for value in values]
        while cells and cells[-1] == "":
            cells.pop()
        # Of a million empty rows that a damaged number makes, each takes a reference only.
        rows.append(cells or _EMPTY)
    width = max(map(len, rows), default=0)
    require_room(path, 2 * width * sum(map(bool, rows)), say("the workbook"))
    used = [j for j in range(width) if any(len(row) > j and row[j] for row in rows)]
    first = used[0] if used else 0
    end, apart = _end(rows, used)
    lines = ["\t".join((row + [""] * (width - len(row)))[first:end]) for row in rows]
    return [line if line.strip("\t") else "" for line in lines], apart


def _end(rows: list[list[str]], used: list[int]) -> tuple[int, str]:
    """Return where the columns of a table end, and the first word that stands apart from it."""
    end, apart = used[-1] + 1 if used else 0, ""
    for left, right in reversed([*pairwise(used)]):
        if right - left < 2:
            continue
        words = [cell for row in rows for cell in row[right:end] if cell]
        # A table beside the first one has rows, a remark does not.
        if any(map(_is_number, words)) or 2 * len(words) > sum(map(bool, rows)):
            break
        end, apart = left + 1, words[0].strip('"')
    return end, apart


def _is_number(cell: str) -> bool:
    return kind_of(cell.strip('"')) == "n"


def _cell(value: Any) -> str:
    """Return a cell as a text table has it; text that looks like a number stands in quotes."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return repr(value)
    text = " ".join(str(value).split())
    if not text:
        return ""
    if any(mark in text for mark in '"#') or text[0].isdigit():
        doubled = text.replace('"', '""')
        return f'"{doubled}"'
    return text


def _damaged(path: str) -> FileError:
    return FileError(
        path,
        "this is no workbook that can be read, or it is damaged",
        "Save it again as .xlsx, or the sheet as .csv.",
    )
