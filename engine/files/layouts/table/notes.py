"""What a person is told of the reading of a table: taken, left out, replaced, doubtful."""

from __future__ import annotations

import re
from typing import Any

from engine.files.layouts.table.layout import Layout
from engine.files.layouts.table.numerals import Convention, to_number
from engine.sentences import Sentence, listed, say

_SHOWN = 8
_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}\.\d{3}")


def reading_notes(layout: Layout, signs: dict[str, tuple[str, Any]]) -> list[str]:
    """Return sentences on how the lines became a matrix.

    Parameters
    ----------
    layout : Layout
        What was found.
    signs : dict
        Of each sign that was left out a cell that had it, and its number.
    """
    return [
        *_above(layout),
        *_headings(layout),
        *_beside(layout),
        *_marks(layout, signs),
        *_signs(signs),
    ]


def doubts_of(layout: Layout, signs: dict[str, tuple[str, Any]]) -> tuple[str, ...]:
    """Return the fields of the reading that could as well be otherwise, as the notes say."""
    fields = {"maybe": "header", "beside": "index", "hardly": ""}
    found = [fields.get(one, one) for one in layout.doubts]
    found = [one for one in found if one]
    convention, grouped = layout.convention, "thousands" in signs
    if convention.doubtful and (grouped if convention.thousands else _doubtful_cell(layout)):
        found.append("thousands")
    if _grouped_by_points(layout):
        found.append("thousands")
    return tuple(dict.fromkeys(found))


def missing_marks_note(marks: dict[str, str]) -> list[str]:
    """Return the sentence on marks that stand for a missing value without saying so."""
    shown = ", ".join(list(marks.values())[:_SHOWN])
    return [say("Taken as missing values: {marks}.", marks=shown)] if marks else []


def levels_note(label: str) -> list[str]:
    """Return the sentence on labels that were left empty below the same one, as in ``label``."""
    words = "Empty row labels are those above them, as merged cells are: {label}."
    return [say(words, label=label)] if label else []


def hash_note(layout: Layout, labels: list[str]) -> list[str]:
    """Return the sentence on lines that look like remarks and are words with their vectors."""
    found = next((one for one in labels if one[:1] == "#"), "") if layout.separator == " " else ""
    words = "Lines that begin with # are rows here where they hold as many numbers as the others."
    return [say(words)] if found else []


def foot_note(lines: list[int]) -> list[str]:
    """Return the sentence on lines of words below the table."""
    if not lines:
        return []
    if len(lines) == 1:
        return [say("Row {row}, below the table, is text and left out.", row=lines[0])]
    return [
        say(
            "Rows {first} to {last}, below the table, are text and left out.",
            first=lines[0],
            last=lines[-1],
        )
    ]


def _above(layout: Layout) -> list[str]:
    if layout.vectors:
        count, size = layout.vectors
        words = "Row 1 tells count and size of word vectors ({count} x {size}) and is left out."
        return [say(words, count=count, size=size)]
    notes = []
    if layout.skipped == 1:
        notes.append("1 line of text above the table is left out.")
    elif layout.skipped:
        words = "{count} lines of text above the table are left out."
        notes.append(say(words, count=layout.skipped))
    if "skip" in layout.doubts:
        notes.append(
            "There are rows of numbers among them: to have these read, say how many lines to skip."
        )
    return notes


def _headings(layout: Layout) -> list[str]:
    row, notes = layout.names_line, list[str]()
    if row and "header" in layout.doubts:
        notes.append(
            say(
                "Row {row} is taken as column names, though it is numbers: with 0 heading rows it "
                "is a row of the matrix.",
                row=row,
            )
        )
    elif row:
        notes.append(say("Row {row} is taken as column names.", row=row))
    elif {"maybe", "hardly"} & set(layout.doubts):
        notes.append(
            say(
                "Row {row} may be column names: with 1 heading row it is none of the matrix.",
                row=layout.first_line,
            )
        )
    if layout.levels:
        shown = listed(str(line) for line in layout.levels)
        words = "The names of row {rows} are put before them."
        notes.append(say(words, rows=shown))
    used = {row, *layout.levels}
    others = [str(line) for line in layout.header_lines if line not in used]
    if others:
        notes.append(say("Headings in row {rows} are left out.", rows=listed(others)))
    return notes


def _beside(layout: Layout) -> list[str]:
    notes: list[str] = []
    if layout.index == 1 and "index" in layout.doubts:
        notes.append(
            "The first column is taken as row labels, though it is numbers: with 0 label columns "
            "it is a column of the matrix."
        )
    elif layout.index == 1:
        notes.append("The first column is taken as row labels.")
    elif layout.index > layout.other >= 0:
        words = (
            "The first {count} columns are taken as row labels, though there are numbers among "
            "them: with {other} of them as labels the numbers are columns of the matrix."
        )
        notes.append(say(words, count=layout.index, other=layout.other))
    elif layout.index:
        words = "The first {count} columns are taken as row labels."
        notes.append(say(words, count=layout.index))
    if layout.other > layout.index:
        notes.append(_offered(layout.other))
    for place, cell in layout.measured[:_SHOWN]:
        words = (
            "Column {column} begins with numbers but is taken as words ({cell}): write the numbers "
            "alone to have them read."
        )
        notes.append(say(words, column=place + 1, cell=cell))
    if layout.empty:
        shown = ", ".join(str(place + 1) for place in layout.empty[:_SHOWN])
        notes.append(say("Column {column} is empty and left out.", column=shown))
    if layout.texts:
        shown = listed(_column(layout, place) for place in layout.texts[:_SHOWN])
        if len(layout.texts) == 1:
            notes.append(say("Column {column} is text and left out.", column=shown))
        else:
            more = len(layout.texts) - _SHOWN
            tail = say(" and {count} more", count=more) if more > 0 else ""
            words = "Columns {columns}{more} are text and left out."
            notes.append(say(words, columns=shown, more=tail))
    return notes


def _offered(count: int) -> str:
    """The sentence on columns of numbers that could be row labels and are not."""
    if count == 1:
        return "The first column may be row labels: with 1 label column it is none of the matrix."
    words = (
        "The first {count} columns may be row labels: with {count} label columns none of them is "
        "of the matrix."
    )
    return say(words, count=count)


def _column(layout: Layout, place: int) -> Sentence:
    name = layout.names[place] if layout.names else ""
    return say("{number} ({name})", number=place + 1, name=name) if name else say(str(place + 1))


def _marks(layout: Layout, signs: dict[str, tuple[str, Any]]) -> list[str]:
    convention = layout.convention
    if convention.thousands:
        cell, value = signs.get("thousands", ("", 0.0))
        if not cell:
            return []
        if convention.doubtful:
            words = (
                "Thousands marks are left out: {cell} is read as {value:.15g}; with a decimal "
                "{mark} it would be {other:.15g}."
            )
            mark = convention.thousands
            other = to_number(cell, Convention(mark))
            name = say("comma") if mark == "," else say("point")
            return [say(words, cell=cell, value=value, mark=name, other=other)]
        words = "Thousands marks are left out: {cell} is read as {value:.15g}."
        return [say(words, cell=cell, value=value), *_commas(convention)]
    if pointed := _grouped_by_points(layout):
        words = (
            "Decimal points: {cell} is read as {value:.15g}; with thousands marks it would be "
            "{other:.15g}."
        )
        other = to_number(pointed, Convention(",", "."))
        return [say(words, cell=pointed, value=to_number(pointed), other=other)]
    doubtful = _doubtful_cell(layout)
    if convention.doubtful and doubtful:
        words = (
            "Decimal commas: {cell} is read as {value:.15g}; with thousands marks it would be "
            "{other:.15g}."
        )
        value = to_number(doubtful, convention)
        other = to_number(doubtful, Convention(".", ","))
        return [say(words, cell=doubtful, value=value, other=other)]
    return _commas(convention)


def _grouped_by_points(layout: Layout) -> str:
    """A cell where semicolons part the columns and every point could group thousands; or ""."""
    if layout.separator != ";" or layout.convention != Convention() or _is_told(layout):
        return ""
    pointed = [cell for cell in layout.numeric if "." in cell]
    return pointed[0] if pointed and all(map(_GROUPED.fullmatch, pointed)) else ""


def _is_told(layout: Layout) -> bool:
    """Whether a person said what groups the digits, or marks the decimals."""
    return layout.asked.decimal is not None or layout.asked.thousands is not None


def _doubtful_cell(layout: Layout) -> str:
    return next((cell for cell in layout.numeric if "," in cell), "")


def _commas(convention: Convention) -> list[str]:
    return ["Decimal commas."] if convention.decimal == "," else []


def _signs(signs: dict[str, tuple[str, Any]]) -> list[str]:
    said = {
        "%": "Percent signs (%) are left out: {cell} is read as {value:.15g}.",
        "$": "Currency signs are left out: {cell} is read as {value:.15g}.",
        "(": "Numbers in brackets are negative: {cell} is read as {value:.15g}.",
        "5-": "A minus behind a number is its sign: {cell} is read as {value:.15g}.",
        "*": "Fortran's counts of equal numbers are written out: {cell} is so many times "
        "{value:.15g}.",
        "true": "True and false are read as 1 and 0.",
    }
    return [
        say(words, cell=signs[key][0], value=signs[key][1])
        for key, words in said.items()
        if key in signs
    ]
