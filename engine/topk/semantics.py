"""What every soft Top-k operator accepts and how it treats the corners, in one place.

An operator solves `Rows`: float64 scores of all rows of a call, -inf where masked.  One that works
on a row at a time solves a `Problem`, a row of finite scores with ``0 < k < n``: then masks, k = 0
and k = n are dealt with in `engine.topk.solution`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.arguments import check_scale, check_seed, real_number
from engine.errors import ArgumentError, DataError
from engine.sentences import Sentence, say

FloatArray = NDArray[np.float64]
RealArray = NDArray[np.floating[Any]]

BLOCK = 8192  # doubles: a few buffers of them stay in the L2 cache
LONG = 1 << 15  # scores from which on a row is solved by passes over parts of it

__all__ = [
    "BLOCK",
    "LONG",
    "FloatArray",
    "Problem",
    "RealArray",
    "Rows",
    "check_direction",
    "check_k",
    "check_ks",
    "check_scores",
    "check_tau",
    "plain_rows",
    "refuse_odd",
    "rows_of",
]


@dataclass(frozen=True, eq=False)
class Problem:
    """One row to be solved: what is left once the shared corner cases are gone.

    Parameters
    ----------
    scores : ndarray (n,), float64
        Finite scores, larger is better; never modified.
    k : float
        How many to keep, ``0 < k < n``; integral where the operator needs it.
    tau : float
        Temperature, positive and finite.
    seed : int
        Seed of the random numbers a stochastic operator draws.
    """

    scores: FloatArray
    k: float
    tau: float
    seed: int = 0

    @property
    def count(self) -> int:
        """``k`` as an integer, for operators that need one."""
        return round(self.k)


@dataclass(frozen=True, eq=False, init=False)
class Rows:
    """All rows of a call.

    Parameters
    ----------
    scores : ndarray (m, n), float64
        Scores, contiguous, never modified; -inf where masked.  Whether there is a NaN or +inf, or a
        row with some but fewer than k scores left, is for whoever solves them to see: `refuse`
        explains it.
    k : float or ndarray (m,), float64
        How many to keep, of all rows or of each; in [0, n].
    tau : float
        Temperature, positive and finite.
    seed : int
        Seed of the random numbers a stochastic operator draws.
    lead : tuple of int
        Axes of the rows in the call, to name one by.
    slopes : bool
        Whether derivatives will be asked for.
    needs_integer : bool
        Whether k has to be an integer, for a refusal to say so.
    """

    scores: FloatArray
    k: float | FloatArray
    tau: float
    seed: int = 0
    lead: tuple[int, ...] = ()
    slopes: bool = True
    needs_integer: bool = False

    def __init__(
        self, scores: FloatArray, k: float | FloatArray, tau: float, seed: int = 0,
        lead: tuple[int, ...] = (), slopes: bool = True, needs_integer: bool = False,
    ) -> None:  # fmt: skip
        # What a frozen dataclass has for this takes a tenth of a call of 64 scores.
        self.__dict__.update(
            scores=scores, k=k, tau=tau, seed=seed, lead=lead, slopes=slopes,
            needs_integer=needs_integer,
        )  # fmt: skip

    def k_of(self, row: int) -> float:
        """Return how many to keep in a row."""
        return self.k if isinstance(self.k, float) else float(self.k[row])

    def all_k(self) -> FloatArray:
        """Return how many to keep in each row, (m,)."""
        return np.broadcast_to(np.asarray(self.k, dtype=np.float64), (len(self.scores),))

    def with_slopes(self) -> Rows:
        """Return the same rows, of which derivatives will be asked for."""
        if self.slopes:
            return self
        return Rows(
            self.scores, self.k, self.tau, self.seed, self.lead, True, self.needs_integer
        )  # half of what `replace` takes

    def place(self, row: int) -> tuple[int, ...]:
        """Return where a row is in the call."""
        return tuple(int(i) for i in np.unravel_index(row, self.lead)) if self.lead else ()

    def kept(self) -> NDArray[np.bool_]:
        """Return which scores take part, (m, n).

        Raises
        ------
        DataError
            If one is NaN or +inf.
        ArgumentError
            If a row has some but fewer than k scores left.
        """
        kept: NDArray[np.bool_] = self.scores > -np.inf
        odd = np.isnan(self.scores) | np.isposinf(self.scores)
        sizes = np.count_nonzero(kept, axis=1)
        doubtful = odd.any(axis=1) | ((sizes > 0) & (sizes < self.k))
        if doubtful.any():
            self.refuse(int(doubtful.argmax()))
        return kept

    def refuse(self, row: int) -> None:
        """Raise what is wrong with a row, if anything is; see `kept`."""
        scores, place = self.scores[row], self.place(row)
        refuse_odd(scores, place)
        size, k = int(np.count_nonzero(scores > -np.inf)), self.k_of(row)
        if 0 < size < k:
            allowed = _allowed_k(size, self.needs_integer, scores.size, place)
            told = int(k) if k == math.floor(k) else k
            raise ArgumentError("k", told, allowed, "Lower k or unmask some entries.")


def refuse_odd(scores: FloatArray, place: tuple[int, ...]) -> None:
    """Raise `DataError` for a row (n,) at ``place`` of the call that holds NaN or +inf."""
    bad = np.isnan(scores) | np.isposinf(scores)
    if bad.any():
        first = (*place, int(np.flatnonzero(bad)[0]))
        raise DataError(
            say(
                "x holds {value} at index {place} ({count} such entries in that row): scores "
                "must be finite, or -inf for an entry that is masked out.",
                value=scores[first[-1]],
                place=first,
                count=int(bad.sum()),
            ),
            int(bad.sum()),
            first,
        )


def _name(name: str, place: tuple[int, ...]) -> str:
    """Return how a row of an argument is written."""
    return f"{name}[{', '.join(map(str, place))}]" if place else name


def rows_of(
    x: ArrayLike, k: object, tau: object, seed: object, needs_integer: bool, slopes: bool
) -> tuple[Rows, RealArray]:
    """Return the rows of a call, and the scores as an array of the dtype and shape of the answer.

    Raises
    ------
    ArgumentError
        If an argument is outside what is allowed.
    """
    scores = check_scores(x)
    lead = scores.shape[:-1]
    try:
        number = check_ks(k, scores.shape[-1], needs_integer, lead)
    except ArgumentError as error:
        n = scores.shape[-1]
        left = np.count_nonzero(scores != -np.inf, axis=-1).reshape(-1)
        # The row with the fewest limits k; one without any takes every k.
        row = int(np.where(left, left, n).argmin()) if left.size else 0
        if isinstance(k, (np.ndarray, list, tuple)) or not left.size or left[row] in (0, n):
            raise
        place = tuple(int(i) for i in np.unravel_index(row, lead)) if lead else ()
        allowed = _allowed_k(int(left[row]), needs_integer, n, place)
        raise ArgumentError("k", k, allowed, error.hint) from None
    temperature, start = check_tau(tau), check_seed(seed)
    rows = plain_rows(scores)
    return Rows(rows, number, temperature, start, lead, slopes, needs_integer), scores


def plain_rows(array: RealArray) -> FloatArray:
    """Return an array as contiguous float64 rows, (m, n): the array itself where it is that."""
    if array.dtype != np.float64:
        with np.errstate(over="ignore"):  # beyond all floats: refused as infinite
            array = array.astype(np.float64)
    return np.ascontiguousarray(array, dtype=np.float64).reshape(-1, array.shape[-1])


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
        raise ArgumentError("k", k, _allowed_k(n, needs_integer), _ROUND)
    return number


_ROUND = "Round k, or choose an operator of the threshold family, which takes any k."


def check_ks(k: object, n: int, needs_integer: bool, lead: tuple[int, ...]) -> float | FloatArray:
    """Return `check_k` of a number, or of each of an array that broadcasts to the rows, (rows,).

    Parameters
    ----------
    k : object
        A number, or an array of them.
    n : int
        Scores in a row.
    needs_integer : bool
        Whether the operator needs integers.
    lead : tuple of int
        Axes of the rows.
    """
    if not isinstance(k, (np.ndarray, list, tuple)):
        return check_k(k, n, needs_integer)
    try:
        found = np.asarray(k)
    except ValueError:  # lists of different lengths
        raise ArgumentError("k", k, _allowed_k(n, needs_integer)) from None
    if found.ndim == 0:
        return check_k(found, n, needs_integer)
    if found.dtype.kind not in "iuf":
        raise ArgumentError("k", k, _allowed_k(n, needs_integer))
    try:
        numbers = np.broadcast_to(found.astype(np.float64), lead)
    except ValueError:
        allowed = say("a number, or an array that broadcasts to the rows, {shape}", shape=lead)
        raise ArgumentError("k", found.shape, allowed) from None
    wrong = ~((numbers >= 0.0) & (numbers <= n))
    broken = numbers != np.floor(numbers) if needs_integer else np.zeros_like(wrong)
    if (wrong | broken).any():
        first = tuple(int(i) for i in np.argwhere(wrong | broken)[0])
        hint = "" if wrong[first] else _ROUND
        allowed = _allowed_k(n, needs_integer)
        raise ArgumentError(_name("k", first), float(numbers[first]), allowed, hint)
    return np.ascontiguousarray(numbers).reshape(-1)


def _allowed_k(
    left: int, needs_integer: bool, n: int | None = None, row: tuple[int, ...] = ()
) -> Sentence:
    """Return what k may be where ``left`` of ``n`` scores are not masked."""
    # Said where it is needed: k is checked in every call of an operator.
    kind = say("an integer") if needs_integer else say("a number")
    allowed = say("{kind} in [0, {high}]", kind=kind, high=left)
    masked = 0 if n is None else n - left
    if not masked:
        return allowed
    if row:
        return say(
            "{allowed}: {masked} of the {size} scores of row {row} are masked (-inf)",
            allowed=allowed, size=n, row=_name("x", row), masked=masked,
        )  # fmt: skip
    return say(
        "{allowed}: {masked} of {size} scores are masked (-inf)",
        allowed=allowed, size=n, masked=masked,
    )  # fmt: skip


def check_tau(tau: object) -> float:
    """Return the temperature as a positive finite float."""
    return check_scale("tau", tau)
