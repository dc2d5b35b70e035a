"""Grids of ArcInfo, GRASS and Surfer, and tables of GenePattern: sizes stand above the numbers."""

from __future__ import annotations

import math
import re
from contextlib import suppress

from engine.files.layouts.table.printed.base import Headed, Printed, is_number
from engine.files.layouts.table.printed.written import armadillo
from engine.sentences import say

# Blank lines and remarks may stand above a grid.
_GRID = re.compile(
    r"(?:[^\S\n]*(?:[#%!;/][^\n]*)?\n)*"
    r"(?:[^\S\n]*(?:ncols|nrows)\s+\d+[^\S\n]*\n){2}"
    r"|(?:[^\S\n]*(?:[#%!;/][^\n]*)?\n)*"
    r"(?:[^\S\n]*(?:north|south|east|west|rows|cols):\s*\S+[^\S\n]*\n){6}",
    re.IGNORECASE,
)
_GRID_LINE = re.compile(
    r"\s*((?!(?:nan?|inf)\s)[a-z]\w*):?\s+(\S+)\s*|\s*(?:[#%!;/].*)?", re.IGNORECASE
)
_SURFER = re.compile(r"\s*DSAA\s+(\d+)\s+(\d+)\s+(?:\S+\s+){6}")
_GCT = re.compile(r"#1\.[23]\s*\n[ \t]*(\d+)[ \t]+(\d+)(?:[ \t]+(\d+)[ \t]+(\d+))?\s*\n")
_PLACE = say("A grid of ArcInfo or GRASS: its size and place are left out.")
_SURFACE = say("A grid of Surfer: its size and place are left out, the first row is the lowest.")
_COUNTS_ABOVE = say("A table of GenePattern: the counts above it are left out.")


def headed(head: str) -> Headed | None:
    """Return what stands above a grid or a table of GenePattern; None for another text.

    Parameters
    ----------
    head : str
        The beginning of the text, several lines of the rows among it where they are short.

    Examples
    --------
    >>> found = headed("ncols 2\\nnrows 1\\nNODATA_value -9\\n1 -9\\n")
    >>> sorted(found.lines), found.missing
    ([1, 2, 3], -9.0)
    """
    if begin := _GCT.match(head):
        return _gct(begin, head)
    if found := armadillo(head):
        return found
    if not _GRID.match(head):
        return None
    said, lines = _said(head)
    if not _are_rows(lines, _size(said)[1]):
        return None
    count = head.count("\n") + 1 - len(lines)
    missing = said.get("nodata_value", said.get("null", "")).replace(",", ".")
    factor = float(said["multiplier"]) if is_number(said.get("multiplier", "")) else 1.0
    value = float(missing) if is_number(missing) and missing.lower() != "na" else math.nan
    return Headed(
        frozenset(range(1, count + 1)),
        _note(missing, factor),
        missing=None if math.isnan(value) else value,
        factor=factor if math.isfinite(factor) else 1.0,
    )


def is_grid(head: str) -> bool:
    """Whether a text begins as a grid of ArcInfo or GRASS does."""
    return bool(_GRID.match(head))


def grid_rows(text: str) -> Printed | None:
    """Return the rows of a grid whose lines end anywhere."""
    said, lines = _said(text)
    if "multiplier" in said:
        return None
    missing = said.get("nodata_value", said.get("null", ""))
    rows = [
        ["NA" if one == "*" or _is_same(one, missing) else one for one in line.split()]
        for line in lines
    ]
    return Printed(_rows_of(rows, *_size(said)), _note(missing, 1.0))


def is_surfer(head: str) -> bool:
    """Whether a text begins as a grid of Surfer does."""
    return bool(_SURFER.match(head))


def surfer_rows(text: str) -> Printed | None:
    """Return the rows of DSAA: counts, least and most of x, y and z; 1.70141E+38 is missing."""
    begin = _SURFER.match(text)
    if begin is None:
        return None
    cells = text[begin.end() :].split()
    if not all(map(is_number, cells)):
        return None
    known = ["NA" if _is_same(one.lower(), "1.70141e+38") else one for one in cells]
    return Printed(_rows_of([known], int(begin[2]), int(begin[1])), _SURFACE)


def _gct(begin: re.Match[str], head: str) -> Headed:
    """Counts, names of columns, lines on these, two or more columns of labels."""
    labels, above = (2, 0) if begin[4] is None else (1 + int(begin[3]), int(begin[4]))
    top = head[: begin.end()].count("\n")
    note = say("A table of GenePattern: lines on its columns are left out ({count}).", count=above)
    lines = frozenset((*range(1, top + 1), *range(top + 2, top + 2 + min(above, 10_000))))
    return Headed(lines, note if above else _COUNTS_ABOVE, 1, labels)


def _said(text: str) -> tuple[dict[str, str], list[str]]:
    """Return what the lines above a grid say, and the lines below them."""
    said: dict[str, str] = {}
    lines = text.split("\n")
    place = 0
    while place < len(lines) and (found := _GRID_LINE.fullmatch(lines[place])):
        said[(found[1] or "").lower()] = found[2]
        place += 1
    return said, lines[place:]


def _size(said: dict[str, str]) -> tuple[int, int]:
    found = [0, 0]
    for place, names in enumerate((("nrows", "rows"), ("ncols", "cols"))):
        with suppress(ValueError):
            found[place] = int(said.get(names[0]) or said.get(names[1]) or 0)
    return found[0], found[1]


def _are_rows(lines: list[str], columns: int) -> bool:
    """Whether each line of a beginning is a row of the grid; the last may be cut."""
    return all(len(line.split()) == columns for line in lines[:-1] if line.strip())


def _note(missing: str, factor: float) -> str:
    if factor != 1.0:
        words = (
            "A grid of ArcInfo or GRASS: its size and place are left out, its numbers are "
            "multiplied by {factor:g}."
        )
        return say(words, factor=factor)
    words = "A grid of ArcInfo or GRASS: its size and place are left out, {value} is missing."
    return say(words, value=missing) if missing else _PLACE


def _is_same(one: str, other: str) -> bool:
    """Whether two numbers are written alike, or with more or fewer zeros: -9999 and -9999.0."""
    if one == other or not one.startswith(other[:1] or " "):
        return one == other
    return is_number(one) and is_number(other) and float(one) == float(other)


def _rows_of(lines: list[list[str]], rows: int, columns: int) -> list[str]:
    """Return the rows of a grid, whose lines may end anywhere."""
    lines = [line for line in lines if line]
    cells = [one for line in lines for one in line]
    if len(cells) == rows * columns and any(len(line) != columns for line in lines):
        lines = [cells[start : start + columns] for start in range(0, len(cells), columns)]
    # Not commas, which may be decimal ones.
    return ["\t".join(line) for line in lines]
