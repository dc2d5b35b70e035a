"""The functions F of the threshold family, each written so that neither tail loses digits."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np

from engine.topk.semantics import FloatArray
from engine.topk.threshold.kernels import Kernels

__all__ = [
    "CLIP",
    "Cauchy",
    "Clip",
    "Distribution",
    "Exp",
    "Gaussian",
    "Laplace",
    "Power",
    "Sigmoid",
]

_FAR = 300.0  # e^z beyond counts as 0 or infinite where a start is looked for
_START_STEPS = 3
CLIP = 1e300  # |t| beyond this is indistinguishable from infinity, yet differences stay finite


class Distribution(ABC):
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
    """

    split: float = 0.0
    smooth: bool = True

    def kernels(self) -> Kernels | None:
        """Return the compiled kernels for long rows, or None: then they take the way of short ones.

        numba is imported here and no sooner: the window must not wait for it.
        """
        return None

    def start(self, z: FloatArray, k: float, lam: FloatArray) -> FloatArray:
        """Return a threshold that spares Newton steps, or ``lam`` as it is.

        Parameters
        ----------
        z : ndarray (..., n), float64
            Scores in units of tau, the k-th largest near 0.
        k : float
            ``0 < k < n``.
        lam : ndarray (...), float64
            Half-way between the scores next to the k-th place.
        """
        return lam

    @abstractmethod
    def tail(self, t: FloatArray, out: FloatArray) -> None:
        """Write h(t) into ``out``; ``t`` is kept."""

    @abstractmethod
    def density(self, t: FloatArray, tail: FloatArray) -> FloatArray:
        """Return F'(t), given h(t); may overwrite ``tail``, keeps ``t``."""

    @abstractmethod
    def quantile(self, u: float) -> float:
        """Return a t with F(t) = u for 0 < u < 1 (finite, also for u next to 0 or 1)."""


def _near_start(
    z: FloatArray,
    k: float,
    lam: FloatArray,
    shares: Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]],
) -> FloatArray:
    """Take Newton steps for ``logit(sum p / n) = logit(k / n)`` with ``exp(z)`` taken once.

    In the logit the sum is close to linear in lam.  ``shares(e^z, e^lam)`` returns sum p and
    ``sum p'``, rough where p is within rounding of 0 or 1.
    """
    n, goal = z.shape[-1], math.log(k / (z.shape[-1] - k))
    weights = np.exp(np.clip(z, -_FAR, _FAR))
    for _ in range(_START_STEPS):
        lam = np.minimum(np.maximum(lam, -_FAR), _FAR)
        total, slope = shares(weights, np.exp(lam)[..., None])
        rest = np.maximum(n - total, 1e-12)
        total, slope = np.maximum(total, 1e-12), np.maximum(slope, 1e-12)
        lam = lam + (np.log(total / rest) - goal) * (total * rest) / (n * slope)
    return lam


def _sigmoid_shares(weights: FloatArray, odds: FloatArray) -> tuple[FloatArray, FloatArray]:
    p = weights + odds
    np.divide(weights, p, out=p)
    total = np.add.reduce(p, axis=-1)
    p *= p
    return total, total - np.add.reduce(p, axis=-1)


def _laplace_shares(weights: FloatArray, odds: FloatArray) -> tuple[FloatArray, FloatArray]:
    below = weights / odds
    above = odds / weights
    slope = np.add.reduce(np.minimum(below, above), axis=-1)
    np.minimum(below, 1.0, out=below)
    np.minimum(above, 1.0, out=above)
    below -= above
    below += 1.0
    return 0.5 * np.add.reduce(below, axis=-1), 0.5 * slope


class Exp(Distribution):
    """F(t) = min(1, e^t)."""

    smooth = False

    def kernels(self) -> Kernels | None:
        """Return those of `smooth_kernels`."""
        from engine.topk.threshold.smooth_kernels import EXP

        return EXP

    def start(self, z: FloatArray, k: float, lam: FloatArray) -> FloatArray:
        """Return the answer itself: with m scores at 1, the others share ``k - m`` as e^z."""
        n, most = z.shape[-1], math.ceil(k)
        weights = np.minimum(z, _FAR)
        weights.sort(axis=-1)
        np.exp(weights, out=weights)
        rest = np.cumsum(weights, axis=-1)
        top = slice(None, -most - 1, -1)
        fits = rest[..., top] >= (k - np.arange(most)) * weights[..., top]
        saturated = fits.argmax(axis=-1)  # the last place always fits
        places = n * np.arange(1, lam.size + 1) - 1 - saturated
        found: FloatArray = np.log(rest.reshape(-1)[places] / (k - saturated))
        return found.reshape(lam.shape)

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


class Sigmoid(Distribution):
    """F(t) = 1 / (1 + e^-t)."""

    def kernels(self) -> Kernels | None:
        """Return those of `smooth_kernels`."""
        from engine.topk.threshold.smooth_kernels import SIGMOID

        return SIGMOID

    def start(self, z: FloatArray, k: float, lam: FloatArray) -> FloatArray:
        """Return that of `_near_start`."""
        return _near_start(z, k, lam, _sigmoid_shares)

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


class Laplace(Distribution):
    """F(t) = e^t / 2 below 0, 1 - e^-t / 2 above."""

    smooth = False

    def kernels(self) -> Kernels | None:
        """Return those of `smooth_kernels`."""
        from engine.topk.threshold.smooth_kernels import LAPLACE

        return LAPLACE

    def start(self, z: FloatArray, k: float, lam: FloatArray) -> FloatArray:
        """Return that of `_near_start`."""
        return _near_start(z, k, lam, _laplace_shares)

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


class Gaussian(Distribution):
    """F(t) = normal distribution function (probit)."""

    def kernels(self) -> Kernels | None:
        """Return those of `smooth_kernels`."""
        from engine.topk.threshold.smooth_kernels import GAUSSIAN

        return GAUSSIAN

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


class Cauchy(Distribution):
    """F(t) = 1/2 + atan(t) / pi."""

    def kernels(self) -> Kernels | None:
        """Return those of `plain_kernels`."""
        from engine.topk.threshold.plain_kernels import CAUCHY

        return CAUCHY

    def tail(self, t: FloatArray, out: FloatArray) -> None:
        """Write atan(1 / |t|) / pi, negative above 0; atan(t) would cancel in the tail."""
        np.abs(t, out=out)
        with np.errstate(divide="ignore"):  # atan(1 / 0) is pi / 2
            np.divide(1.0, out, out=out)
        np.arctan(out, out=out)
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


class Clip(Distribution):
    """F(t) = t clipped to [0, 1]."""

    split = 0.5
    smooth = False

    def kernels(self) -> Kernels | None:
        """Return those of `plain_kernels`."""
        from engine.topk.threshold.plain_kernels import CLIP

        return CLIP

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


class Power(Distribution):
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

    def kernels(self) -> Kernels | None:
        """Return those of `plain_kernels`, which know the cube."""
        from engine.topk.threshold.plain_kernels import CUBE

        return CUBE if self.exponent == 3 else None

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
