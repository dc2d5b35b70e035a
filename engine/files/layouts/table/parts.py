"""The compiled kernel on all cores: a chunk of text in parts, each from one line end to another."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from engine.files.layouts.table.compiled.machine import load_kernel
from engine.files.layouts.table.layout import Layout
from engine.files.layouts.table.lines import MOST_LINES
from engine.files.reading.source import Array

_MOST_PARTS = 4
_NEWLINE = 10
_SMALLEST_PART = 1 << 18


def parse_parts(
    codes: NDArray[np.uint8], start: int, layout: Layout, room: Array
) -> tuple[int, int, NDArray[np.int64]]:
    """Fill ``room`` with the lines of a text from ``start`` on.

    Parameters
    ----------
    codes : uint8 array
        Whole lines, each with its end.
    start : int
        Where a line begins.
    layout : Layout
        Separator, decimal mark and columns.
    room : float64 array, (at least the number of lines, number of kept columns)
        Filled from its first row on.

    Returns
    -------
    rows, stop : int
        How many rows were filled, and where a line begins that needs a closer look; the length
        of ``codes`` where there is none.
    marks : int64 array, (rows, 2)
        Begin and end of the labels of each row; empty where there are none.
    """
    keep = np.zeros(layout.width, np.bool_)
    keep[list(layout.columns)] = True
    kernel = load_kernel()
    assert kernel is not None
    marks = np.empty((len(room) if layout.index else 0, 2), np.int64)
    signs = ord(layout.separator), ord(layout.convention.decimal)

    def parse(part: tuple[int, int, int]) -> tuple[int, int]:
        begin, end, row = part
        own = marks[row:] if layout.index else marks
        return kernel(
            codes, (begin, end), signs, keep, layout.index, layout.trailing, room[row:], own
        )

    parts = _parts(codes, start)
    if len(parts) == 1:
        results = [parse(parts[0])]
    else:
        with ThreadPoolExecutor(len(parts)) as pool:
            results = list(pool.map(parse, parts))
    rows = 0
    for (_, end, row), (count, stop) in zip(parts, results, strict=True):
        if row > rows:
            # Blank lines before it left a gap.
            room[rows : rows + count] = room[row : row + count].copy()
            marks[rows : rows + count] = marks[row : row + count].copy()
        rows += count
        if stop < end:
            return rows, stop, marks[:rows]
    return rows, len(codes), marks[:rows]


def _parts(codes: NDArray[np.uint8], start: int) -> list[tuple[int, int, int]]:
    """Return begin, end and number of lines before it of each part."""
    count = min(_MOST_PARTS, os.cpu_count() or 1, (len(codes) - start) // _SMALLEST_PART)
    size = (len(codes) - start) // max(1, count) + 1
    parts, begin, row = [], start, 0
    while begin < len(codes):
        end = line_end(codes, min(begin + size, len(codes) - 1))
        parts.append((begin, end, row))
        row += count_lines(codes[begin:end]) if end < len(codes) else 0
        begin = end
    return parts


def line_end(codes: NDArray[np.uint8], place: int) -> int:
    """Return where the next line begins.

    Examples
    --------
    >>> line_end(np.frombuffer(b"12\\n3\\n", np.uint8), 1)
    3
    """
    step = 1 << 10
    while place < len(codes):
        found = np.flatnonzero(codes[place : place + step] == _NEWLINE)
        if len(found):
            return int(place + found[0] + 1)
        place, step = place + step, 4 * step
    return len(codes)


def whole_end(codes: NDArray[np.uint8], place: int) -> int:
    """Return where the line at ``place`` ends, or the one in which its quotes close.

    Examples
    --------
    >>> whole_end(np.frombuffer(b'"a\\nb",2\\n3,4\\n', np.uint8), 0)
    8
    """
    first = end = line_end(codes, place)
    for _ in range(MOST_LINES):
        if end >= len(codes) or not codes[place:end].tobytes().count(b'"') % 2:
            return end
        end = line_end(codes, end)
    return first


def count_lines(codes: NDArray[np.uint8]) -> int:
    """Return how many lines end in a text.

    Examples
    --------
    >>> count_lines(np.frombuffer(b"12\\n3\\n", np.uint8))
    2
    """
    return int(np.count_nonzero(codes == _NEWLINE))
