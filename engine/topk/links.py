"""The functions F of the threshold family, each written so that neither tail loses digits."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import numpy as np

from engine.topk.semantics import FloatArray

__all__ = ["CLIP", "Cauchy", "Clip", "Exp", "Gaussian", "Laplace", "Link", "Power", "Sigmoid"]

CLIP = 1e300  # |t| beyond this is indistinguishable from infinity, yet differences stay finite


class Link(ABC):
    """A non-decreasing F from 0 to 1, given through its signed tail.

    The tail is ``h(t) = F(t)`` below ``split`` and ``F(t) - 1`` from there on, so that
    ``F = h + [t >= split]`` and ``sum F - k = sum h + (count(t >= split) - k)`` keep every digit
    when all entries are close to 0 or 1.  All methods work in place on blocks; t is never -0.0,
    whose sign would put it below and above at once.

    Attributes
    ----------
    split : float
        Where the tail changes sides.
    smooth : bool
        Whether F has a continuous second derivative, so that Newton ends quadratically.
    starts_high : bool
        Whether Newton should start at the upper end of the bracket: F is 1 just above 0,
        so the threshold sits at the k-th score and not in the gap below it.
    moves : bool
        Whether the methods that `solve_and_fill` needs are there.
    terms : int
        How many derivative sums ``sums`` gives, F itself included.
    reach : float
        Up to which step of lam their Taylor polynomial keeps 12 digits of sum F, kinks that
        entries cross on the way included.
    """

    split: float = 0.0
    smooth: bool = True
    starts_high: bool = False
    moves: bool = False
    terms: int = 2
    reach: float = 0.0

    # Only where ``moves``: F kept in a form that another lam changes by a factor e^-delta.

    def store(self, t: FloatArray, out: FloatArray) -> None:
        """Write the movable form of F(t) into ``out``; may overwrite ``t``."""
        raise NotImplementedError

    def sums(self, stored: FloatArray, work: FloatArray) -> FloatArray:
        """Return sum F, sum F', sum F'', ..., (terms,); ``work`` holds two blocks."""
        raise NotImplementedError

    def move(self, stored: FloatArray, factor: float, work: FloatArray) -> None:
        """Replace e^t by ``factor`` e^t in the stored form."""
        stored *= factor

    def finish(self, stored: FloatArray, work: FloatArray) -> None:
        """Replace the stored form by F; nothing to do where that is F itself."""
        return

    def density_of(self, p: FloatArray) -> FloatArray:
        """Return F' given F = p, (n,), for entries that are not all saturated."""
        raise NotImplementedError

    @abstractmethod
    def tail(self, t: FloatArray, out: FloatArray) -> None:
        """Write h(t) into ``out``; ``t`` is kept."""

    @abstractmethod
    def density(self, t: FloatArray, tail: FloatArray) -> FloatArray:
        """Return F'(t), given h(t); may overwrite ``tail``, keeps ``t``."""

    @abstractmethod
    def quantile(self, u: float) -> float:
        """Return a t with F(t) = u for 0 < u < 1 (finite, also for u next to 0 or 1)."""


class Exp(Link):
    """F(t) = min(1, e^t)."""

    smooth = False
    starts_high = True
    moves, terms, reach = True, 4, 3e-7

    def store(self, t: FloatArray, out: FloatArray) -> None:
        """Write e^t."""
        np.exp(t, out=out)

    def sums(self, stored: FloatArray, work: FloatArray) -> FloatArray:
        """Return the sum of min(1, e^t), then that of e^t where it is below 1."""
        p = work[0, : stored.size]
        np.minimum(stored, 1.0, out=p)
        total = float(p.sum())
        below = total - float(np.count_nonzero(p == 1.0))
        return np.array([total, below, below, below])

    def finish(self, stored: FloatArray, work: FloatArray) -> None:
        """Write min(1, e^t)."""
        np.minimum(stored, 1.0, out=stored)

    def density_of(self, p: FloatArray) -> FloatArray:
        """Return p where it is below 1, as p - floor(p): a mask would be cast entry by entry."""
        result: FloatArray = np.floor(p)
        np.subtract(p, result, out=result)
        return result

    def tail(self, t: FloatArray, out: FloatArray) -> None:
        """Write e^t below 0 and 0 above."""
        np.minimum(t, 0.0, out=out)
        np.exp(out, out=out)
        out *= t < 0.0

    def density(self, t: FloatArray, tail: FloatArray) -> FloatArray:
        """Return e^t below 0; at the kink, the derivative from below."""
        tail += t == 0.0
        return tail

    def quantile(self, u: float) -> float:
        """Return log u."""
        return math.log(u)


class Sigmoid(Link):
    """F(t) = 1 / (1 + e^-t)."""

    moves, terms, reach = True, 5, 0.01

    def store(self, t: FloatArray, out: FloatArray) -> None:
        """Write F itself: another lam is a Moebius map of it."""
        np.negative(t, out=t)
        np.exp(t, out=t)
        t += 1.0
        np.reciprocal(t, out=out)

    def sums(self, stored: FloatArray, work: FloatArray) -> FloatArray:
        """Return the derivative sums: polynomials in F, hence in its power sums."""
        square, cube = work[0, : stored.size], work[1, : stored.size]
        np.multiply(stored, stored, out=square)
        np.multiply(square, stored, out=cube)
        s1, s2, s3 = float(stored.sum()), float(square.sum()), float(cube.sum())
        s4, s5 = float(np.dot(square, square)), float(np.dot(square, cube))
        return np.array(
            [
                s1,
                s1 - s2,
                s1 - 3.0 * s2 + 2.0 * s3,
                s1 - 7.0 * s2 + 12.0 * s3 - 6.0 * s4,
                s1 - 15.0 * s2 + 50.0 * s3 - 60.0 * s4 + 24.0 * s5,
            ]
        )

    def move(self, stored: FloatArray, factor: float, work: FloatArray) -> None:
        """Write ``a F / (1 + (a - 1) F)``."""
        below = work[0, : stored.size]
        np.multiply(stored, factor - 1.0, out=below)
        below += 1.0
        stored *= factor
        stored /= below

    def density_of(self, p: FloatArray) -> FloatArray:
        """Return p (1 - p)."""
        result = 1.0 - p
        result *= p
        return result

    def tail(self, t: FloatArray, out: FloatArray) -> None:
        """Write e / (1 + e) with e = e^-|t|, negative above 0."""
        np.abs(t, out=out)
        np.negative(out, out=out)
        np.exp(out, out=out)
        np.divide(out, out + 1.0, out=out)
        np.copysign(out, t, out=out)
        np.negative(out, out=out)

    def density(self, t: FloatArray, tail: FloatArray) -> FloatArray:
        """Return |h| (1 - |h|)."""
        np.abs(tail, out=tail)
        tail *= 1.0 - tail
        return tail

    def quantile(self, u: float) -> float:
        """Return log(u / (1 - u))."""
        return math.log(u) - math.log1p(-min(u, 1.0 - 2.0**-53))


class Laplace(Link):
    """F(t) = e^t / 2 below 0, 1 - e^-t / 2 above."""

    smooth = False
    moves, terms, reach = True, 4, 3e-5

    def store(self, t: FloatArray, out: FloatArray) -> None:
        """Write e^t."""
        np.exp(t, out=out)

    def _parts(self, stored: FloatArray, work: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return min(e^t, 1) and 1 / max(e^t, 1); F is half of 1 + the first - the second."""
        below, above = work[0, : stored.size], work[1, : stored.size]
        np.minimum(stored, 1.0, out=below)
        np.maximum(stored, 1.0, out=above)
        np.reciprocal(above, out=above)
        return below, above

    def sums(self, stored: FloatArray, work: FloatArray) -> FloatArray:
        """Return the derivative sums; F'' is F' below 0 and -F' above."""
        below, above = self._parts(stored, work)
        first, second = float(below.sum()), float(above.sum())
        count = float(np.count_nonzero(stored >= 1.0))
        lower, upper = 0.5 * (first - count), 0.5 * (second - (stored.size - count))
        total = lower + count - upper
        return np.array([total, lower + upper, lower - upper, lower + upper])

    def finish(self, stored: FloatArray, work: FloatArray) -> None:
        """Write F."""
        below, above = self._parts(stored, work)
        np.subtract(below, above, out=stored)
        stored += 1.0
        stored *= 0.5

    def density_of(self, p: FloatArray) -> FloatArray:
        """Return min(p, 1 - p)."""
        result = 1.0 - p
        np.minimum(result, p, out=result)
        return result

    def tail(self, t: FloatArray, out: FloatArray) -> None:
        """Write e^-|t| / 2, negative above 0."""
        np.abs(t, out=out)
        np.negative(out, out=out)
        np.exp(out, out=out)
        out *= 0.5
        np.copysign(out, t, out=out)
        np.negative(out, out=out)

    def density(self, t: FloatArray, tail: FloatArray) -> FloatArray:
        """Return |h|."""
        return np.abs(tail, out=tail)

    def quantile(self, u: float) -> float:
        """Return the inverse of F."""
        return math.log(2.0 * u) if u <= 0.5 else -math.log(2.0 * max(1.0 - u, 2.0**-53))


class Gaussian(Link):
    """F(t) = normal distribution function (probit)."""

    def tail(self, t: FloatArray, out: FloatArray) -> None:
        """Write Phi(-|t|), negative above 0."""
        # Imported here: scipy.special takes longer to import than the window to open.
        from scipy.special import ndtr

        np.abs(t, out=out)
        np.negative(out, out=out)
        ndtr(out, out=out)
        np.copysign(out, t, out=out)
        np.negative(out, out=out)

    def density(self, t: FloatArray, tail: FloatArray) -> FloatArray:
        """Return the normal density."""
        np.multiply(t, t, out=tail)
        tail *= -0.5
        np.exp(tail, out=tail)
        tail *= 1.0 / math.sqrt(2.0 * math.pi)
        return tail

    def quantile(self, u: float) -> float:
        """Return the normal quantile."""
        from scipy.special import ndtri

        return float(ndtri(min(max(u, 1e-307), 1.0 - 2.0**-53)))


class Cauchy(Link):
    """F(t) = 1/2 + atan(t) / pi."""

    def tail(self, t: FloatArray, out: FloatArray) -> None:
        """Write atan2(1, |t|) / pi, negative above 0; atan would cancel in the tail."""
        np.abs(t, out=out)
        np.arctan2(1.0, out, out=out)
        out *= 1.0 / math.pi
        np.copysign(out, t, out=out)
        np.negative(out, out=out)

    def density(self, t: FloatArray, tail: FloatArray) -> FloatArray:
        """Return 1 / (pi (1 + t^2)); the square overflows to an honest 0."""
        np.multiply(t, t, out=tail)
        tail += 1.0
        np.divide(1.0 / math.pi, tail, out=tail)
        return tail

    def quantile(self, u: float) -> float:
        """Return -cot(pi u), finite at the ends."""
        u = min(max(u, 1e-300), 1.0 - 2.0**-53)
        if u > 0.5:
            return 1.0 / math.tan(math.pi * (1.0 - u))
        return -1.0 / math.tan(math.pi * u)


class Clip(Link):
    """F(t) = t clipped to [0, 1]."""

    split = 0.5
    smooth = False

    def tail(self, t: FloatArray, out: FloatArray) -> None:
        """Write t in [0, 1/2], t - 1 in (1/2, 1], 0 outside."""
        np.clip(t, 0.0, 1.0, out=out)
        out -= t >= 0.5

    def density(self, t: FloatArray, tail: FloatArray) -> FloatArray:
        """Return 1 inside [0, 1], 0 outside; at a kink, the derivative from inside."""
        np.logical_and(t >= 0.0, t <= 1.0, out=tail)
        return tail

    def quantile(self, u: float) -> float:
        """Return u."""
        return u


class Power(Link):
    """F(t) = (t clipped to [0, 1])^exponent.

    Parameters
    ----------
    exponent : int
        1 / (p - 1) for the p-norm regulariser; 3 for p = 4/3.
    """

    smooth = False

    def __init__(self, exponent: int) -> None:
        self.exponent = exponent
        self.split = 0.5 ** (1.0 / exponent)

    def tail(self, t: FloatArray, out: FloatArray) -> None:
        """Write the power below ``split``; above it factor 1 - t^m, which would cancel."""
        np.clip(t, 0.0, 1.0, out=out)
        geometric = np.ones_like(out)
        for _ in range(self.exponent - 1):
            geometric *= out
            geometric += 1.0
        upper = (out - 1.0) * geometric
        base = out.copy()
        for _ in range(self.exponent - 1):
            out *= base  # np.power calls the scalar pow
        np.copyto(out, upper, where=t >= self.split)

    def density(self, t: FloatArray, tail: FloatArray) -> FloatArray:
        """Return m t^(m-1) inside [0, 1], 0 outside."""
        inside = np.clip(t, 0.0, 1.0)
        np.logical_and(t >= 0.0, t <= 1.0, out=tail)
        for _ in range(self.exponent - 1):
            tail *= inside
        tail *= self.exponent
        return tail

    def quantile(self, u: float) -> float:
        """Return the root of u."""
        return float(u ** (1.0 / self.exponent))
