"""Laws that may follow a tail as well as a power law does, each fitted to the same tail.

All work on ``u = log(x / x_min) >= 0`` and on densities per ``x / x_min``, so a fit does not depend
on the unit. A law is cut at x_min: its density integrates to 1 over u >= 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy.special import erfcx, log_ndtr, logsumexp

from engine.sentences import say
from engine.spectrum.description.cut_off import CutOff, fit_cut_off, is_hump
from engine.spectrum.description.roots import root_between

FloatArray = npt.NDArray[np.float64]
Law = Callable[[FloatArray], FloatArray]

# mu / sigma at which a lognormal that runs to its limit, the power law, is given.
_RIDGE = -100.0
_IS_POWER_LAW = say("the best of its kind is its limit, the power law itself")


@dataclass(frozen=True)
class FittedTail:
    """A law at the parameters that make a tail most likely.

    Parameters
    ----------
    log_density, log_survival : callable
        Of an array of u; the density is per ``x / x_min``.
    parameters : mapping of str to float
        In the units of x.
    reason : str
        What to know about the fit; mostly empty.
    is_limit : bool
        Whether the law is best where it turns into the power law.
    """

    log_density: Law
    log_survival: Law
    parameters: Mapping[str, float]
    reason: str = ""
    is_limit: bool = False


@dataclass(frozen=True)
class TailRival:
    """A law to compare a power law with.

    Parameters
    ----------
    key, title, formula, source : str
        For people: the density up to its constant, and where it comes from.
    nested : bool
        Whether the power law is one of its members.
    fit : callable
        ``fit(u, log_x_min)`` with u ascending, at least two different -> `FittedTail`.
    """

    key: str
    title: str
    formula: str
    source: str
    nested: bool
    fit: Callable[[FloatArray, float], FittedTail]


def power_law_tail(u: FloatArray) -> FittedTail:
    """The power law itself, for a sample of logarithms.

    Examples
    --------
    >>> import numpy as np
    >>> power_law_tail(np.array([0.0, 1.0, 0.5])).parameters["alpha"]
    3.0
    """
    slope = 1.0 / float(np.mean(u))
    return FittedTail(
        lambda v: math.log(slope) - (slope + 1.0) * v,
        lambda v: -slope * v,
        {"alpha": slope + 1.0},
    )


def _limit(u: FloatArray, parameters: Mapping[str, float]) -> FittedTail:
    law = power_law_tail(u)
    return FittedTail(law.log_density, law.log_survival, parameters, _IS_POWER_LAW, True)


def _exponential(u: FloatArray, log_x_min: float) -> FittedTail:
    log_rate = -_log_mean(_log_expm1(u))
    return FittedTail(
        lambda v: log_rate - np.exp(log_rate + _log_expm1(v)),
        lambda v: -np.exp(log_rate + _log_expm1(v)),
        {"rate": _exp(log_rate - log_x_min)},
    )


def _log_expm1(u: FloatArray) -> FloatArray:
    """``log(e^u - 1)``, the excess over x_min; -inf at 0, finite where ``e^u`` is not."""
    with np.errstate(divide="ignore"):
        return np.asarray(u + np.log(-np.expm1(-u)))


def _log_mean(logs: FloatArray) -> float:
    return float(logsumexp(logs)) - math.log(logs.size)


def _exp(log_value: float) -> float:
    """``exp`` that gives inf instead of an OverflowError."""
    with np.errstate(over="ignore"):
        return float(np.exp(log_value))


def _lognormal(u: FloatArray, log_x_min: float) -> FittedTail:
    """In ``exp(-a u - b u^2)`` an exponential family, whose likelihood has one maximum.

    As b falls to 0, mu runs to -infinity along a ridge that ends in the power law.
    """
    first, second = float(np.mean(u)), float(np.mean(u * u))
    # With z = mu / sigma the mean of u / sigma is z + h, that of u^2 / sigma^2 is 1 + z (z + h).
    ratio = second / first**2

    def excess(z: float) -> float:
        scaled = _mean_beyond(z)
        return (1.0 + z * scaled) / scaled**2 - ratio

    low, high = -1.0, 1.0
    while excess(high) > 0.0:
        high *= 2.0
    while excess(low) < 0.0 and low > _RIDGE:
        low *= 2.0
    # For z to -infinity the quotient rises to 2: a tail at least that heavy has no lognormal.
    if excess(low) < 0.0:
        return _limit(u, {"mu": log_x_min - _RIDGE**2 * first, "sigma": -_RIDGE * first})
    z = root_between(excess, low, high, xtol=1e-13, rtol=1e-13)
    sigma = first / _mean_beyond(z)
    mu, whole = z * sigma, float(log_ndtr(z))
    constant = math.log(sigma) + 0.5 * math.log(2.0 * math.pi) + whole
    return FittedTail(
        lambda v: -0.5 * ((v - mu) / sigma) ** 2 - constant - v,
        lambda v: np.asarray(log_ndtr((mu - v) / sigma) - whole),
        {"mu": log_x_min + mu, "sigma": sigma},
    )


def _mean_beyond(z: float) -> float:
    """Mean of a normal variable of mean z and deviation 1 that is known to be positive.

    ``z + phi(z) / Phi(z)``; far below 0 the two nearly cancel, so a continued fraction is taken.
    """
    if z > -8.0:
        return z + math.sqrt(2.0 / math.pi) / float(erfcx(-z / math.sqrt(2.0)))
    fraction = -z
    for step in range(60, 1, -1):
        fraction = -z + step / fraction
    return 1.0 / fraction


def _stretched(u: FloatArray, log_x_min: float) -> FittedTail:
    """For every exponent the best rate is known; what is left is concave in the exponent."""
    mean = float(np.mean(u))

    def slope(beta: float) -> float:
        # d/d beta of log mean((e^(beta u) - 1) / beta), everything divided by e^(beta max u).
        grown = np.exp(beta * (u - u[-1]))
        sunk = math.exp(-beta * u[-1])
        return mean - float(np.mean(u * grown)) / float(np.mean(grown - sunk)) + 1.0 / beta

    low, high = 1e-5 / mean, 1.0 / mean
    if slope(low) <= 0.0:
        return _limit(u, {"rate": math.inf, "beta": 0.0})
    while slope(high) > 0.0:
        high *= 2.0
    beta = root_between(slope, low, high, xtol=1e-14, rtol=1e-14)
    log_rate = -_log_mean(_log_expm1(beta * u))
    constant = math.log(beta) + log_rate
    return FittedTail(
        lambda v: constant + (beta - 1.0) * v - np.exp(log_rate + _log_expm1(beta * v)),
        lambda v: -np.exp(log_rate + _log_expm1(beta * v)),
        {"rate": _exp(log_rate - beta * log_x_min), "beta": beta},
    )


def _truncated(u: FloatArray, log_x_min: float) -> FittedTail:
    if is_hump(u):
        # Not a power law that is cut off: the likelihood is concave, so the best is at 0.
        law = _exponential(u, log_x_min)
        reason = say("its exponent is at its bound 0, where it is the exponential law")
        return FittedTail(
            law.log_density, law.log_survival, {"alpha": 0.0, **law.parameters}, reason
        )
    found: CutOff | None = fit_cut_off(u)
    if found is None:
        return _limit(u, {"alpha": power_law_tail(u).parameters["alpha"], "rate": 0.0})
    rate = _exp(found.log_rate - log_x_min)
    return FittedTail(found.log_density, found.log_survival, {"alpha": found.alpha, "rate": rate})


_CLAUSET = "Clauset, Shalizi & Newman, SIAM Review 51 (2009), table 2.1"
TAIL_RIVALS: Mapping[str, TailRival] = MappingProxyType(
    {
        rival.key: rival
        for rival in (
            TailRival("exponential", "Exponential", "e^(−λx)", _CLAUSET, False, _exponential),
            TailRival(
                "lognormal",
                "Lognormal",
                "x⁻¹ e^(−(ln x − μ)² / 2s²)",
                _CLAUSET,
                False,
                _lognormal,
            ),
            TailRival(
                "stretched_exponential",
                "Stretched exponential",
                "x^(β−1) e^(−λ x^β)",
                _CLAUSET,
                False,
                _stretched,
            ),
            TailRival(
                "truncated_power_law",
                "Power law with cutoff",
                "x^(−α) e^(−λx)",
                _CLAUSET,
                True,
                _truncated,
            ),
        )
    }
)
