"""One large matrix computed in several places: blocks of its longer side, and their sum."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import Any

import numpy as np

from engine.checkpoint.listing import Matrix
from engine.checkpoint.requests import MatrixRequest
from engine.checkpoint.sweeping import places
from engine.checkpoint.sweeping.rows import Found, content_key, empty_row, make_row, numbers
from engine.errors import RankscopeError
from engine.sentences import as_sentence, say
from engine.spectrum.values.parted import GramPart, gram_part, parted_spectrum

_LEAST = 4  # blocks, so that several workers have one


def spans(matrix: Matrix, split_above: int) -> list[tuple[int, int]]:
    """Return (start, stop) of blocks of the longer side, each below ``split_above`` bytes.

    Examples
    --------
    >>> from engine.checkpoint import role_of
    >>> spans(Matrix("q", "m", "q", None, (10, 4), "float32", role_of("q")), 1 << 30)
    [(0, 3), (3, 6), (6, 9), (9, 10)]
    """
    longer, size = max(matrix.shape), 8 * math.prod(matrix.shape)
    count = min(longer, max(_LEAST, -(-size // max(1, split_above))))
    step = -(-longer // count)
    return [(start, min(start + step, longer)) for start in range(0, longer, step)]


def room_of(matrix: Matrix, split_above: int) -> int:
    """Return about how many bytes of memory a worker takes for one block: it, and Gram matrices.

    Examples
    --------
    >>> from engine.checkpoint import role_of
    >>> room_of(Matrix("q", "m", "q", None, (100, 10), "float32", role_of("q")), 1 << 30)
    5600
    """
    shorter, (start, stop) = min(matrix.shape), spans(matrix, split_above)[0]
    return 16 * shorter * (stop - start) + 16 * shorter**2


class Sum:
    """The parts of a matrix as they come, added up at once: a Gram matrix is held, not all."""

    def __init__(self, request: MatrixRequest, count: int) -> None:
        self._request, self._left = request, count + 1  # and the key
        self._began = time.perf_counter()
        self._waiting: dict[int, tuple[int, GramPart]] = {}
        self._next = 0
        self._total: GramPart | None = None
        self._key = self._problem = ""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return not self._left

    def add(self, found: Any) -> None:
        """Add what `part_of` or `key_of` answered, or why there is no answer."""
        self._left -= 1
        if isinstance(found, tuple):
            start, stop, part = found
            self._waiting[start] = stop, part
            # In their order, so that the sum is the same however they come.
            while self._next in self._waiting:
                self._next, part = self._waiting.pop(self._next)
                self._total = part if self._total is None else self._total.plus(part)
        elif len(found) == 64 and " " not in found:
            self._key = found
        else:
            self._problem = found

    def answer(self) -> Found:
        """Return the row of the whole."""
        matrix = self._request.matrix
        problem = self._problem
        if not problem and self._total is not None:
            try:
                spectrum = parted_spectrum([self._total], matrix.shape, _dtype(matrix.dtype))
                row = make_row(self._request, spectrum, self._key)
                return Found(replace(row, seconds=time.perf_counter() - self._began), spectrum)
            except RankscopeError as error:
                problem = error.sentence
        return Found(replace(empty_row(matrix), problem=problem))


def _dtype(name: str) -> np.dtype[Any]:
    try:
        return np.dtype(name)
    except TypeError:
        import ml_dtypes

        dtype: np.dtype[Any] = np.dtype(getattr(ml_dtypes, name))
        return dtype


# ---------------------------------------------------------------------------- the worker's side


def part_of(
    matrix: Matrix, files: places.Files, start: int, stop: int
) -> tuple[int, int, GramPart] | str | None:
    """Return where a block begins and ends, and its Gram matrix.

    None where its files are not here; a sentence where it cannot be computed.
    """
    if not places.has_files(files):
        return None
    try:
        array = numbers(matrix)
        rows = array[start:stop] if matrix.shape[0] >= matrix.shape[1] else array[:, start:stop].T
        return start, stop, gram_part(rows)
    except RankscopeError as error:
        text = "In its part {start} to {stop}: {problem}"
        return say(text, start=start, stop=stop, problem=as_sentence(error.sentence))


def key_of(matrix: Matrix, files: places.Files) -> str | None:
    """Return the key of a matrix's contents; None without the files, or a problem."""
    if not places.has_files(files):
        return None
    try:
        return content_key(numbers(matrix))
    except RankscopeError as error:
        return error.sentence
