"""The functions F of the threshold family as compiled code of one score.

A `Law` says what the loops of `loops` keep of a score and what they add up.  Everything here is
compiled into those loops and turned into vector instructions, so there are no branches, only
choices; how far F is from the nearer of 0 and 1 is what is computed, never ``1 - F`` of an F that
is nearly 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from engine.topk.compiled.constants import (
    EXPONENTIAL,
    GENERIC,
    HEAVY,
    KINK,
    LINEAR,
    TWO_SIDED,
)
from engine.topk.compiled.elementary import arc, exp, mills, normal_quantile
from engine.topk.compiled.jit import inlined

__all__ = [
    "CAUCHY",
    "CLIP",
    "EXP",
    "GAUSSIAN",
    "LAPLACE",
    "SIGMOID",
    "Derivatives",
    "Entry",
    "Law",
]

# Rare side of F, F', whether F is the larger side, and five more numbers to be added up.
Entry = tuple[float, float, bool, float, float, float, float, float]
Derivatives = tuple[float, float, float, float, float]

_SMALL = 1e-100
_BESIDE = 2.0**-51


@dataclass(frozen=True)
class Law:
    """One F, as functions that are compiled into the loops over scores.

    Parameters
    ----------
    name : str
        What tells its loops from those of others; see `part_of`.
    entry : callable
        ``(w, a) -> Entry`` of a score at a threshold.
    derivatives : callable
        ``(lower, upper, e1 ... e5) -> `` sums of F'' ... F^(6), given those of F' on both sides
        and of the five numbers.
    final : callable
        ``(w, a) -> (F, F')``; at a kink F' from inside.
    carry : callable
        ``(w, a, step, kept) -> (F, F')`` at lam + step, where ``kept`` is F at lam: for a law whose
        F costs more than the Taylor series from there.
    step : int
        Kind of step that one pass suggests, see `steps`.
    quantile : callable
        t with F(t) = u, for 0 < u < 1; roughly will do.
    mean, variance : float
        Of the distribution F; a start for lam takes them.
    exponential : bool
        Whether ``w = e^z``, changed by a factor ``a = e^-lam``; else w = z and a = lam.
    reach : float
        Up to which step the Taylor polynomial of the sums keeps 12 digits of the sum over a long
        row, kinks that entries cross on the way included.
    sure : float
        The same where a row may be short, to all digits; 0 where steps must end by themselves.
    touching : bool
        Whether lam is next to the k-th score where all is decided, and not half-way to the next.
    """

    name: str
    entry: Callable[[float, float], Entry]
    derivatives: Callable[..., Derivatives]
    final: Callable[[float, float], tuple[float, float]]
    carry: Callable[[float, float, float, float], tuple[float, float]] | None
    step: int
    quantile: Callable[[float], float]
    mean: float
    variance: float
    exponential: bool = False
    reach: float = 0.0
    sure: float = 0.0
    touching: bool = False


@inlined
def _no_derivatives(
    lower: float, upper: float, e1: float, e2: float, e3: float, e4: float, e5: float
) -> Derivatives:
    return 0.0, 0.0, 0.0, 0.0, 0.0


@inlined
def _exp_entry(w: float, a: float) -> Entry:
    """Count what rounding put beside 1 as below: saturated, it would leave nothing to solve for."""
    w = w * a
    up = w > 1.0 + _BESIDE
    q = 0.0 if up else w
    return q, q, up, 0.0, 0.0, 0.0, 0.0, 0.0


@inlined
def _exp_final(w: float, a: float) -> tuple[float, float]:
    w = w * a
    p = min(w, 1.0)
    return p, p if w <= 1.0 + KINK else 0.0


@inlined
def _exp_quantile(u: float) -> float:
    return math.log(u)


EXP = Law(
    "exp", _exp_entry, _no_derivatives, _exp_final, None, EXPONENTIAL, _exp_quantile, -1.0, 1.0,
    exponential=True, reach=3e-7, touching=True,
)  # fmt: skip


@inlined
def _laplace_entry(w: float, a: float) -> Entry:
    w = w * a
    up = w >= 1.0
    q = 0.5 / w if up else 0.5 * w
    return q, q, up, 0.0, 0.0, 0.0, 0.0, 0.0


@inlined
def _laplace_final(w: float, a: float) -> tuple[float, float]:
    w = w * a
    q = 0.5 / w if w >= 1.0 else 0.5 * w
    return (1.0 - q if w >= 1.0 else q), q


@inlined
def _laplace_quantile(u: float) -> float:
    return math.log(2.0 * u) if u < 0.5 else -math.log(2.0 * (1.0 - u))


LAPLACE = Law(
    "laplace", _laplace_entry, _no_derivatives, _laplace_final, None, TWO_SIDED,
    _laplace_quantile, 0.0, 2.0, exponential=True, reach=3e-5, sure=1e-8,
)  # fmt: skip


@inlined
def _sigmoid_entry(w: float, a: float) -> Entry:
    w = w * a
    up = w >= 1.0
    q = (1.0 if up else w) / (1.0 + w)
    f = q * (1.0 - q)
    g = f if f > _SMALL else 0.0  # its cube is 0 or a normal number: others are slow
    odd = g * (1.0 - 2.0 * q)
    odd = -odd if up else odd
    square = g * g
    return q, f, up, odd, square, odd * g, square * g, odd * square


@inlined
def _sigmoid_derivatives(
    lower: float, upper: float, e1: float, e2: float, e3: float, e4: float, e5: float
) -> Derivatives:
    total = lower + upper
    return (
        e1,
        total - 6.0 * e2,
        e1 - 12.0 * e3,
        total - 30.0 * e2 + 120.0 * e4,
        e1 - 60.0 * e3 + 360.0 * e5,
    )


@inlined
def _sigmoid_final(w: float, a: float) -> tuple[float, float]:
    w = w * a
    q = (1.0 if w >= 1.0 else w) / (1.0 + w)
    return (1.0 - q if w >= 1.0 else q), q * (1.0 - q)


@inlined
def _sigmoid_quantile(u: float) -> float:
    return math.log(u / (1.0 - u))


SIGMOID = Law(
    "sigmoid", _sigmoid_entry, _sigmoid_derivatives, _sigmoid_final, None, GENERIC,
    _sigmoid_quantile, 0.0, math.pi**2 / 3.0, exponential=True, reach=0.02, sure=0.01,
)  # fmt: skip


_PEAK = 1.0 / math.sqrt(2.0 * math.pi)
_FAR = 37.4  # Phi(-t) beyond is below all normal numbers


@inlined
def _gaussian_entry(z: float, lam: float) -> Entry:
    t = z - lam
    y = min(abs(t), _FAR)
    t = y if t >= 0.0 else -y
    e = exp(-0.5 * y * y) if y < _FAR else 0.0
    q = e * mills(y)
    square = t * t
    odd = e * t
    even = e * square
    return q, _PEAK * e, t >= 0.0, odd, even, odd * square, even * square, odd * square * square


@inlined
def _gaussian_derivatives(
    lower: float, upper: float, e1: float, e2: float, e3: float, e4: float, e5: float
) -> Derivatives:
    """Return Hermite polynomials times the density."""
    total = lower + upper
    return (
        -_PEAK * e1,
        _PEAK * e2 - total,
        _PEAK * (3.0 * e1 - e3),
        _PEAK * (e4 - 6.0 * e2) + 3.0 * total,
        _PEAK * (10.0 * e3 - e5 - 15.0 * e1),
    )


@inlined
def _gaussian_final(z: float, lam: float) -> tuple[float, float]:
    t = z - lam
    y = min(abs(t), _FAR)
    e = exp(-0.5 * y * y) if y < _FAR else 0.0
    q = e * mills(y)
    return (1.0 - q if t >= 0.0 else q), _PEAK * e


@inlined
def _gaussian_carry(z: float, lam: float, step: float, kept: float) -> tuple[float, float]:
    """Return what an exponential and no second erfc give, exact to rounding for a short step."""
    t = z - lam
    y = min(abs(t), _FAR)
    t = y if t >= 0.0 else -y
    e = _PEAK * exp(-0.5 * y * y) if y < _FAR else 0.0
    # The integral of the Hermite series of the density, and the series of e^(t d - d^2 / 2).
    d, half = step, 0.5 * step * step
    c1 = half * (1.0 - half * (0.5 - half / 6.0))
    c2 = d * half * (1.0 / 3.0 - 0.2 * half)
    c3 = half * half * (1.0 / 6.0 - half / 9.0)
    c4, c5 = d * half * half / 30.0, half * half * half / 90.0
    c0 = d * (1.0 - half * (1.0 / 3.0 - 0.1 * half))
    series = c0 + t * (c1 + t * (c2 + t * (c3 + t * (c4 + t * c5))))
    u = t * d - half
    growth = 1.0 + u * (1.0 + u * (0.5 + u * (1.0 / 6.0 + u * (1.0 / 24.0 + u * (
        1.0 / 120.0 + u * (1.0 / 720.0 + u / 5040.0))))))  # fmt: skip
    return min(max(kept - e * series, 0.0), 1.0), e * max(growth, 0.0)


GAUSSIAN = Law(
    "gaussian", _gaussian_entry, _gaussian_derivatives, _gaussian_final, _gaussian_carry, GENERIC,
    normal_quantile, 0.0, 1.0, reach=0.02, sure=0.004,
)  # fmt: skip


_LARGE = 1e40  # products of seven powers are normal numbers: others are slow


@inlined
def _cauchy_parts(t: float) -> tuple[float, float]:
    """Return ``atan(1 / |t|) / pi``, from an arc of at most 1, and ``1 / (1 + t^2)``."""
    y = min(abs(t), _LARGE)
    large, square = max(y, 1.0), 1.0 + y * y
    inverse = 1.0 / (large * square)
    r = square * inverse if y > 1.0 else y
    near = r * arc(r * r)
    q = near if y > 1.0 else 0.5 - near
    return (q if y < _LARGE else 0.0), (large * inverse if y < _LARGE else 0.0)


@inlined
def _cauchy_entry(z: float, lam: float) -> Entry:
    """F^(m) is (-1)^m (m - 1)! / pi times the imaginary part of w^m, w = 1 / (t + i)."""
    t = min(max(z - lam, -_LARGE), _LARGE)
    q, inverse = _cauchy_parts(t)
    a, b = t * inverse, -inverse
    a2, b2 = a * a - b * b, 2.0 * a * b
    a3, b3 = a2 * a - b2 * b, a2 * b + b2 * a
    return q, inverse / math.pi, t >= 0.0, b2, b3, a2 * b2, a2 * b3 + b2 * a3, a3 * b3


@inlined
def _cauchy_derivatives(
    lower: float, upper: float, e1: float, e2: float, e3: float, e4: float, e5: float
) -> Derivatives:
    c = 1.0 / math.pi
    return c * e1, -2.0 * c * e2, 12.0 * c * e3, -24.0 * c * e4, 240.0 * c * e5


@inlined
def _cauchy_final(z: float, lam: float) -> tuple[float, float]:
    t = z - lam
    q, inverse = _cauchy_parts(t)
    return (1.0 - q if t >= 0.0 else q), inverse / math.pi


@inlined
def _cauchy_quantile(u: float) -> float:
    return -1.0 / math.tan(math.pi * u) if u < 0.5 else 1.0 / math.tan(math.pi * (1.0 - u))


CAUCHY = Law(
    "cauchy", _cauchy_entry, _cauchy_derivatives, _cauchy_final, None, HEAVY, _cauchy_quantile,
    0.0, 1e300, reach=0.015, sure=0.005,
)  # fmt: skip


@inlined
def _clip_entry(z: float, lam: float) -> Entry:
    t = z - lam
    p = min(max(t, 0.0), 1.0)
    up = p >= 0.5
    f = 1.0 if (t >= 0.0) & (t <= 1.0) else 0.0
    return (1.0 - p if up else p), f, up, 0.0, 0.0, 0.0, 0.0, 0.0


@inlined
def _clip_final(z: float, lam: float) -> tuple[float, float]:
    t = z - lam
    inside = (t >= -KINK) & (t <= 1.0 + KINK)
    return min(max(t, 0.0), 1.0), 1.0 if inside else 0.0


@inlined
def _clip_quantile(u: float) -> float:
    return u


CLIP = Law(
    "clip", _clip_entry, _no_derivatives, _clip_final, None, LINEAR, _clip_quantile, 0.5, 1.0 / 12.0
)  # fmt: skip
