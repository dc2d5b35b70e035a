"""The error of each matrix against what its rank costs, and the convex hull of that."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.arguments import check_count, real_number
from engine.errors import ArgumentError, DataError
from engine.sentences import say
from engine.spectrum import Spectrum

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Weights = Sequence[float] | npt.NDArray[Any] | str | None


@dataclass(frozen=True, eq=False)
class ErrorCurve:
    """What a matrix can be cut to.

    Attributes
    ----------
    step, full : int
        Parameters of one rank, m + n, and of the matrix as it is, m n.
    first, last : int
        The ranks it may have where it is factored.
    tails : ndarray of shape (last - first + 1,), float64
        Squared error of each of these ranks.
    gains : ndarray of shape (last - first,), float64
        What each further rank takes off it; descending.
    cut : int
        Where the hull leaves the ranks and goes straight to the dense matrix; ``last`` if it never
        does.
    dense : bool
        Whether the matrix may stay as it is.
    """

    step: int
    full: int
    first: int
    last: int
    tails: FloatArray
    gains: FloatArray
    cut: int
    dense: bool

    @property
    def only_dense(self) -> bool:
        """Whether staying as it is costs no more than the least rank."""
        return self.dense and self.first * self.step >= self.full

    @property
    def jumps(self) -> bool:
        """Whether the hull has a piece from a rank to the dense matrix."""
        return self.dense and not self.only_dense and bool(self.tails[self.cut - self.first] > 0.0)

    def points(self) -> tuple[IntArray, FloatArray, IntArray]:
        """Return cost, squared error and rank of every choice there is; -1 is dense."""
        ranks = np.arange(self.first, self.last + 1)
        cost, error = ranks * self.step, self.tails
        if not self.dense:
            return cost, error, ranks
        return np.append(cost, self.full), np.append(error, 0.0), np.append(ranks, -1)


def error_curves(
    spectra: Sequence[npt.ArrayLike | Spectrum],
    shapes: Sequence[tuple[int, int]],
    weights: Weights,
    minimum: int,
    maximum: int | None,
    dense: bool,
) -> tuple[list[ErrorCurve], int]:
    """Return the curve of each matrix, and e: the errors are in units of ``4**e``.

    Raises
    ------
    ArgumentError, DataError
        As `Budgets` says.
    """
    if len(spectra) == 0 or len(spectra) != len(shapes):
        allowed = say("one (m, n) for each of {count} spectra, at least one", count=len(spectra))
        raise ArgumentError("shapes", say("{count} shapes", count=len(shapes)), allowed)
    least = check_count("minimum", minimum)
    if maximum is not None and check_count("maximum", maximum) < least:
        raise ArgumentError("maximum", maximum, say("at least minimum, {minimum}", minimum=least))
    sizes = [_shape(one, number) for number, one in enumerate(shapes)]
    values, rests = zip(
        *map(_values, spectra, sizes, range(len(sizes))),
        strict=True,
    )
    roots = _roots(weights, values, rests)
    peak = max(
        root * max(float(one.max(initial=0.0)), rest)
        for root, one, rest in zip(roots, values, rests, strict=True)
    )
    exponent = int(np.frexp(peak)[1]) if peak > 0.0 else 0
    bounds = least, maximum, dense
    curves = [
        _curve(np.ldexp(one * root, -exponent), math.ldexp(rest * root, -exponent), size, *bounds)
        for one, rest, root, size in zip(values, rests, roots, sizes, strict=True)
    ]
    return curves, exponent


def _curve(
    values: FloatArray,
    rest: float,
    shape: tuple[int, int],
    minimum: int,
    maximum: int | None,
    dense: bool,
) -> ErrorCurve:
    step, full = sum(shape), shape[0] * shape[1]
    first = min(minimum, values.size)
    last = values.size if maximum is None else min(values.size, maximum)
    last = min(last, max(first, int(np.count_nonzero(values))))
    if dense:
        last = min(last, max(first, (full - 1) // step))
    energies = np.square(values)
    tails = np.append(np.cumsum(energies[::-1])[::-1], 0.0) + rest**2
    tails, gains = tails[first : last + 1], energies[first:last]
    cut = last
    if dense and first * step < full:
        slopes = tails / (full - np.arange(first, last + 1) * step)
        # From the cut on a straight line to dense gains more for each parameter than a rank.
        cut = first + int(np.argmax(slopes >= np.append(gains, 0.0) / step))
    return ErrorCurve(step, full, first, last, tails, gains, cut, dense)


def _shape(shape: Any, number: int) -> tuple[int, int]:
    allowed = "two positive whole numbers"
    try:
        rows, columns = (check_count(f"shapes[{number}]", one, allowed) for one in shape)
    except (TypeError, ValueError) as error:
        if isinstance(error, ArgumentError):
            raise
        raise ArgumentError(f"shapes[{number}]", shape, allowed) from error
    if not rows or not columns:
        raise ArgumentError(f"shapes[{number}]", shape, allowed)
    return rows, columns


def _values(one: Any, shape: tuple[int, int], number: int) -> tuple[FloatArray, float]:
    rest = one.residual if isinstance(one, Spectrum) else 0.0
    name = f"spectra[{number}]"
    try:
        values = np.asarray(one.values if isinstance(one, Spectrum) else one, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ArgumentError(name, one, "singular values") from error
    if values.ndim != 1 or values.size > min(shape):
        allowed = say("at most {count} singular values", count=min(shape))
        raise ArgumentError(name, say("an array of shape {shape}", shape=values.shape), allowed)
    bad = ~(np.isfinite(values) & (values >= 0.0))
    bad[1:] |= np.diff(values) > 0.0
    if bad.any() or not np.isfinite(rest):
        place = int(np.argmax(bad))
        text = "{name} is no spectrum: singular values are finite, not negative and descending."
        raise DataError(say(text, name=name), int(bad.sum()), (place,))
    return values, float(rest)


def _roots(weights: Weights, values: Sequence[FloatArray], rests: Sequence[float]) -> list[float]:
    """Return the root of each weight."""
    if isinstance(weights, str) and weights == "relative":
        norms = (float(np.hypot(_norm(one), rest)) for one, rest in zip(values, rests, strict=True))
        return [1.0 / norm if norm > 0.0 else 0.0 for norm in norms]
    if weights is None or (isinstance(weights, str) and weights == "absolute"):
        return [1.0] * len(values)
    allowed = say("'absolute', 'relative' or {count} numbers from 0 up", count=len(values))
    if isinstance(weights, str) or len(weights) != len(values):
        raise ArgumentError("weights", weights, allowed)
    found = [real_number(one) for one in weights]
    if any(one is None or not 0.0 <= one < np.inf for one in found):
        raise ArgumentError("weights", weights, allowed)
    return [float(one) ** 0.5 for one in found if one is not None]


def _norm(values: FloatArray) -> float:
    peak = float(values.max(initial=0.0))
    return peak * float(np.linalg.norm(values / peak)) if peak > 0.0 else 0.0
