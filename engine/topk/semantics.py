"""What every soft Top-k operator accepts and how it treats the corners, in one place.

An operator only ever solves a `Problem`: one row of finite float64 scores with
``0 < k < n``.  Masks, batches, dtypes, ``k = 0`` and ``k = n`` are dealt with here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.arguments import as_number, check_seed, real_number
from engine.errors import ArgumentError, DataError
from engine.sentences import Sentence, say

FloatArray = NDArray[np.float64]
RealArray = NDArray[np.floating[Any]]

BLOCK = 8192  # doubles: a few buffers of them stay in the L2 cache
LONG = 1 << 15  # scores from which on compiled kernels are worth the wait for numba

__all__ = [
    "BLOCK",
    "LONG",
    "FloatArray",
    "Problem",
    "RealArray",
    "apply_rows",
    "check_direction",
    "check_scores",
]


@dataclass(frozen=True, eq=False)
class Problem:
    """One row to be solved: what is left once the shared corner cases are gone.

    Parameters
    ----------
    scores : ndarray (n,), float64
        Finite scores, larger is better; never modified.  For an operator that solves short rows
        together also (m, n), with -inf where an entry is masked out.
    k : float
        How many to keep, ``0 < k < n``; integral where the operator needs it.
    tau : float
        Temperature, positive and finite.
    seed : int
        Seed of the random numbers a stochastic operator draws.
    rows : int
        How many such rows the call has.
    """

    scores: FloatArray
    k: float
    tau: float
    seed: int = 0
    rows: int = 1

    @property
    def count(self) -> int:
        """``k`` as an integer, for operators that need one."""
        return round(self.k)

    @property
    def is_long(self) -> bool:
        """Whether compiled kernels are worth the wait for numba."""
        return self.scores.size > BLOCK and self.scores.size * self.rows > LONG

    @cached_property
    def reach(self) -> float:
        """A bound of the size of all scores; infinite or NaN where one of them is."""
        # One pass by blocks that BLAS works through on one thread: it wakes others above 10000
        # entries, which on a busy machine costs milliseconds.
        starts = range(0, self.scores.size, BLOCK)
        square = sum(float(np.dot(b, b)) for b in (self.scores[i : i + BLOCK] for i in starts))
        if math.isfinite(square):
            return math.sqrt(square)
        return max(abs(float(self.scores.min())), abs(float(self.scores.max())))

    def require_finite(self) -> None:
        """Raise `NotFiniteError` unless all scores are finite."""
        if not math.isfinite(self.reach):
            raise NotFiniteError


class NotFiniteError(ValueError):
    """A long row turned out to hold a NaN or an infinity: internal, `apply_rows` explains it."""


def check_scores(x: ArrayLike) -> RealArray:
    """Return ``x`` as a real array with at least one score on its last axis.

    Parameters
    ----------
    x : array_like (..., n)
        Scores; integers become float64, -inf masks an entry out.

    Returns
    -------
    ndarray (..., n), float32 or float64 (or the float16/longdouble that was given)

    Raises
    ------
    ArgumentError
        If ``x`` is not real or has no last axis with an entry.
    """
    try:
        scores = np.asarray(x)
    except ValueError as error:
        raise ArgumentError("x", x, "a rectangular array of real numbers") from error
    if scores.dtype.kind not in "iuf":
        raise ArgumentError(
            "x", str(scores.dtype), "an array of real numbers (float32, float64 or integers)"
        )
    if scores.ndim == 0 or scores.shape[-1] == 0:
        raise ArgumentError("x", scores.shape, "an array whose last axis holds at least 1 score")
    if scores.dtype.kind in "iu":
        return scores.astype(np.float64)
    return scores


def check_direction(name: str, value: ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    """Return a cotangent or tangent as float64 of the shape of the scores."""
    direction = np.asarray(value)
    if direction.dtype.kind not in "iuf":
        raise ArgumentError(name, str(direction.dtype), "an array of real numbers")
    if direction.shape != shape:
        raise ArgumentError(
            name, direction.shape, say("an array of the shape of x, {shape}", shape=shape)
        )
    return direction.astype(np.float64, copy=False)


def check_k(k: object, n: int, needs_integer: bool) -> float:
    """Return ``k`` as a float in [0, n]; integral if ``needs_integer``."""
    number = real_number(k)
    if number is None or not 0 <= number <= n:
        raise ArgumentError("k", k, _allowed_k(n, needs_integer))
    if needs_integer and number != math.floor(number):
        hint = "Round k, or choose an operator of the threshold family, which takes any k."
        raise ArgumentError("k", k, _allowed_k(n, needs_integer), hint)
    return number


def _allowed_k(n: int, needs_integer: bool) -> Sentence:
    # Said where it is needed: k is checked in every call of an operator.
    kind = say("an integer") if needs_integer else say("a number")
    return say("{kind} in [0, {high}]", kind=kind, high=n)


def check_tau(tau: object) -> float:
    """Return the temperature as a positive finite float."""
    allowed = "a positive finite number"
    number = as_number("tau", tau, allowed)
    if not (0 < number < math.inf):
        raise ArgumentError("tau", tau, allowed)
    return number


def apply_rows(
    x: ArrayLike,
    k: object,
    tau: object,
    seed: object,
    needs_integer: bool,
    compute: Callable[[Problem, FloatArray | None], FloatArray],
    *,
    full: float = 0.0,
    direction: tuple[str, ArrayLike] | None = None,
    together: bool = False,
) -> RealArray:
    """Run ``compute`` on each row of ``x`` under the shared semantics.

    Parameters
    ----------
    x : array_like (..., n)
        Scores.
    k, tau, seed : object
        As the caller was given them; validated here.
    needs_integer : bool
        Whether ``k`` must be an integer.
    compute : callable
        ``compute(problem, direction_row)`` for a row with ``0 < k < n`` finite scores.
    full : float
        Value of every unmasked entry when ``k = n`` (1 for p, 0 for a derivative).
    direction : (str, array_like), optional
        Name and value of a second array of the shape of ``x``.
    together : bool
        Whether ``compute`` takes many short rows as one problem, and long rows unchecked: then
        it calls `Problem.require_finite` where it has not seen otherwise that they are finite.

    Returns
    -------
    ndarray (..., n)
        Of the dtype of ``x``; entries whose score is -inf are 0.

    Raises
    ------
    ArgumentError, DataError
        If an argument is outside what is allowed.
    """
    scores = check_scores(x)
    n = scores.shape[-1]
    number = check_k(k, n, needs_integer)
    temperature = check_tau(tau)
    start = check_seed(seed)
    along = None if direction is None else check_direction(*direction, scores.shape)
    if scores.ndim == 1 and scores.dtype == np.float64 and 0 < number < n:
        whole = Problem(cast(FloatArray, scores), number, temperature, start)
        try:
            # A pass over a long row costs a tenth of its solve, which sees NaN and infinities, too.
            if not (together and whole.is_long):
                whole.require_finite()
            return compute(whole, along)
        except NotFiniteError:
            pass
    rows = scores.reshape(-1, n)
    guides = None if along is None else along.reshape(-1, n)
    result = np.zeros(rows.shape, dtype=scores.dtype)
    if together and len(rows) > 1 and n <= BLOCK // 2:
        _apply_together(rows, scores.shape, number, temperature, compute, full, guides, result)
        return result.reshape(scores.shape)
    for index, row in enumerate(rows):
        kept = _unmasked(row, index, scores.shape, number)
        size = int(np.count_nonzero(kept))
        if number == 0:
            continue
        if number == size:
            result[index, kept] = full
            continue
        problem = Problem(row[kept].astype(np.float64), number, temperature, start, len(rows))
        guide = None if guides is None else guides[index, kept]
        with np.errstate(over="ignore", under="ignore"):
            result[index, kept] = compute(problem, guide)
    return result.reshape(scores.shape)


def _apply_together(
    rows: RealArray,
    shape: tuple[int, ...],
    k: float,
    tau: float,
    compute: Callable[[Problem, FloatArray | None], FloatArray],
    full: float,
    guides: FloatArray | None,
    result: RealArray,
) -> None:
    """Fill ``result`` for short rows, in groups that fit the cache."""
    kept = np.isfinite(rows)
    sizes = np.count_nonzero(kept, axis=1)
    doubtful = ((rows == np.inf) | np.isnan(rows)).any(axis=1) | (sizes < k)
    if doubtful.any():
        first = int(doubtful.argmax())
        _unmasked(rows[first], first, shape, k)  # raises
    if k == 0:
        return
    result[kept & (sizes == k)[:, None]] = full
    waiting = np.flatnonzero(sizes > k)
    step = max(1, 2 * BLOCK // rows.shape[1])
    for start in range(0, waiting.size, step):
        group = waiting[start : start + step]
        problem = Problem(rows[group].astype(np.float64, copy=False), k, tau)
        guide = None if guides is None else np.where(kept[group], guides[group], 0.0)
        with np.errstate(over="ignore", under="ignore"):
            result[group] = np.where(kept[group], compute(problem, guide), 0.0)


def _unmasked(row: RealArray, index: int, shape: tuple[int, ...], k: float) -> NDArray[np.bool_]:
    """Which entries of a row take part; raises where the row cannot be answered."""
    kept: NDArray[np.bool_] = np.isfinite(row)
    if kept.all():
        return kept
    bad = np.isnan(row) | np.isposinf(row)
    if bad.any():
        place = int(np.flatnonzero(bad)[0])
        where = tuple(int(i) for i in np.unravel_index(index, shape[:-1] or (1,)))[: len(shape) - 1]
        raise DataError(
            say(
                "x holds {value} at index {place} ({count} such entries in that row): scores must "
                "be finite, or -inf for an entry that is masked out.",
                value=row[place],
                place=(*where, place),
                count=int(bad.sum()),
            ),
            int(bad.sum()),
            (*where, place),
        )
    if k > np.count_nonzero(kept):
        masked = int(row.size - np.count_nonzero(kept))
        raise ArgumentError(
            "x",
            say("{masked} of {size} scores are -inf", masked=masked, size=row.size),
            say("an array with at most n - k = {most:g} masked (-inf) scores", most=row.size - k),
            "Lower k or unmask some entries.",
        )
    return kept
