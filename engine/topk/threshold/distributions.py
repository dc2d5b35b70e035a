"""The functions F of the threshold family, each written so that neither tail loses digits."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import numpy as np

from engine.topk.compiled.constants import KINK
from engine.topk.semantics import FloatArray

__all__ = [
    "CLIP",
    "SURELY",
    "Cauchy",
    "Clip",
    "Distribution",
    "Exp",
    "Gaussian",
    "Laplace",
    "Power",
    "Sigmoid",
]

CLIP = 1e300  # |t| beyond this is indistinguishable from infinity, yet differences stay finite
SURELY = 1e-9  # more than quantiles are wrong by


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
        Whether F' is continuous, so that Newton's steps end quadratically.
    linear : bool
        Whether F is piecewise linear.
    settles : bool
        Whether F is 0 and 1 beyond finite t, so that p may be constant where scores are apart.
    heavy : bool
        Whether F falls like 1 / t: steps are taken in 1 over the sums, and not in their logarithms.
    touching : bool
        Whether the threshold is next to the k-th score where all is decided, and not half-way to
        the next.
    order : float
        How manifold 0 is as a root of F where that is reached.
    mean, variance : float
        Of the distribution, for a start; infinite where unknown: then the quantile alone is taken.
    kernels : str
        Name of the compiled kernels, see `ready`; "" where there are none.
    far : bool
        Whether F is symmetric and never 0, so that where everything is decided the threshold still
        has a place, found from `log_value` and `hazard`.
    """

    split: float = 0.0
    smooth: bool = True
    linear: bool = False
    settles: bool = False
    heavy: bool = False
    touching: bool = False
    order: float = 1.0
    mean: float = 0.0
    variance: float = math.inf
    kernels: str = ""
    far: bool = False

    @abstractmethod
    def tail(self, t: FloatArray, out: FloatArray) -> None:
        """Write h(t) into ``out``; ``t`` is kept."""

    @abstractmethod
    def density(self, t: FloatArray, tail: FloatArray) -> FloatArray:
        """Return F'(t), given h(t); may overwrite ``tail``, keeps ``t``."""

    @abstractmethod
    def quantile(self, u: float) -> float:
        """Return a t with F(t) = u for 0 < u < 1 (finite, also for u next to 0 or 1)."""

    def log_value(self, t: FloatArray) -> FloatArray:
        """Return log F(t): that of the tail, unless there is better."""
        tail = np.empty_like(t)
        self.tail(t, tail)
        return np.where(t >= self.split, np.log1p(tail), np.log(tail))

    def hazard(self, t: FloatArray) -> FloatArray:
        """Return F'(t) / F(t) for t far below 0; only where ``far``."""
        raise NotImplementedError

    def decided(self, n: int) -> float:
        """Return how far t must be from 0 for F to be 0 or 1 in a sum over n entries.

        So far that n times what F misses is below 1e-16; infinite where that is of no use.
        """
        return math.inf


def _exponential_reach(n: int) -> float:
    return math.log(n) + 37.0


class Exp(Distribution):
    """F(t) = min(1, e^t).

    What rounding puts beside 0 counts as below: saturated, a score next to the threshold would
    leave nothing to find it by.
    """

    split = 2.0**-51
    smooth = False
    touching = True
    mean, variance = -1.0, 1.0
    kernels = "exp"

    def tail(self, t: FloatArray, out: FloatArray) -> None:
        """Write e^t below 0 and 0 above."""
        np.minimum(t, 0.0, out=out)
        np.exp(out, out=out)
        out *= t < self.split

    def density(self, t: FloatArray, tail: FloatArray) -> FloatArray:
        """Return e^t below 0; at the kink, the derivative from below."""
        tail += (t >= self.split) & (t <= KINK)
        return tail

    def decided(self, n: int) -> float:
        """Return how far t must be from 0, see `Distribution`."""
        return _exponential_reach(n)

    def log_value(self, t: FloatArray) -> FloatArray:
        """Return min(0, t)."""
        return np.minimum(t, 0.0)

    def quantile(self, u: float) -> float:
        """Return log u."""
        return math.log(u)


class Sigmoid(Distribution):
    """F(t) = 1 / (1 + e^-t)."""

    variance = math.pi**2 / 3.0
    kernels = "sigmoid"
    far = True

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

    def decided(self, n: int) -> float:
        """Return how far t must be from 0, see `Distribution`."""
        return _exponential_reach(n)

    def log_value(self, t: FloatArray) -> FloatArray:
        """Return -log(1 + e^-t)."""
        result: FloatArray = -np.logaddexp(0.0, -t)
        return result

    def hazard(self, t: FloatArray) -> FloatArray:
        """Return 1."""
        return np.ones_like(t)

    def quantile(self, u: float) -> float:
        """Return log(u / (1 - u))."""
        return math.log(u) - math.log1p(-min(u, 1.0 - 2.0**-53))


class Laplace(Distribution):
    """F(t) = e^t / 2 below 0, 1 - e^-t / 2 above."""

    variance = 2.0
    kernels = "laplace"
    far = True

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

    def decided(self, n: int) -> float:
        """Return how far t must be from 0, see `Distribution`."""
        return _exponential_reach(n)

    def log_value(self, t: FloatArray) -> FloatArray:
        """Return t - log 2 below 0, log(1 - e^-t / 2) above."""
        rare = 0.5 * np.exp(-np.abs(t))
        return np.where(t < 0.0, t - math.log(2.0), np.log1p(-rare))

    def hazard(self, t: FloatArray) -> FloatArray:
        """Return 1."""
        return np.ones_like(t)

    def quantile(self, u: float) -> float:
        """Return the inverse of F."""
        return math.log(2.0 * u) if u <= 0.5 else -math.log(2.0 * max(1.0 - u, 2.0**-53))


class Gaussian(Distribution):
    """F(t) = normal distribution function (probit)."""

    variance = 1.0
    kernels = "gaussian"
    far = True

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

    def decided(self, n: int) -> float:
        """Return how far t must be from 0, see `Distribution`."""
        return math.sqrt(2.0 * _exponential_reach(n))

    def log_value(self, t: FloatArray) -> FloatArray:
        """Return log Phi(t)."""
        from scipy.special import log_ndtr

        result: FloatArray = log_ndtr(t)
        return result

    def hazard(self, t: FloatArray) -> FloatArray:
        """Return |t| + 1 / |t|."""
        y = np.maximum(np.abs(t), 1.0)
        return y + 1.0 / y

    def quantile(self, u: float) -> float:
        """Return the normal quantile."""
        from scipy.special import ndtri

        return float(ndtri(min(max(u, 1e-307), 1.0 - 2.0**-53)))


class Cauchy(Distribution):
    """F(t) = 1/2 + atan(t) / pi."""

    heavy = True
    kernels = "cauchy"
    far = True

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

    def hazard(self, t: FloatArray) -> FloatArray:
        """Return 1 / |t|."""
        return 1.0 / np.maximum(np.abs(t), 1.0)

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
    linear = True
    settles = True
    mean, variance = 0.5, 1.0 / 12.0
    kernels = "clip"

    def tail(self, t: FloatArray, out: FloatArray) -> None:
        """Write t in [0, 1/2], t - 1 in (1/2, 1], 0 outside."""
        np.clip(t, 0.0, 1.0, out=out)
        out -= t >= 0.5

    def density(self, t: FloatArray, tail: FloatArray) -> FloatArray:
        """Return 1 inside [0, 1], 0 outside; at a kink, the derivative from inside."""
        np.logical_and(t >= -KINK, t <= 1.0 + KINK, out=tail)
        return tail

    def decided(self, n: int) -> float:
        """Return how far t must be from 0, see `Distribution`."""
        return 1.0

    def quantile(self, u: float) -> float:
        """Return u."""
        return u


class Power(Distribution):
    """F(t) = (t clipped to [0, 1])^exponent.

    Parameters
    ----------
    exponent : int
        1 / (p - 1) for the p-norm regulariser: 2 for p = 3/2, 3 for p = 4/3.
    """

    smooth = False
    settles = True

    def __init__(self, exponent: int) -> None:
        self.exponent, self.order = exponent, float(exponent)
        self.split = 0.5 ** (1.0 / exponent)
        self.mean = exponent / (exponent + 1.0)
        self.variance = exponent / (exponent + 2.0) - self.mean**2
        self.kernels = {2: "square", 3: "cube"}.get(exponent, "")

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
        np.logical_and(t >= 0.0, t <= 1.0 + KINK, out=tail)
        for _ in range(self.exponent - 1):
            tail *= inside
        tail *= self.exponent
        return tail

    def decided(self, n: int) -> float:
        """Return how far t must be from 0, see `Distribution`."""
        return 1.0

    def quantile(self, u: float) -> float:
        """Return the root of u."""
        return float(u ** (1.0 / self.exponent))
