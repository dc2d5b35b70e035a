"""Compiled kernels over long rows for the distributions made of exponentials; see `Kernels`.

Exp, sigmoid and laplace are stored in a form that another threshold changes by arithmetic
alone, so that a row costs one exponential per score however many steps follow.

References
----------
Shepherd & Laframboise, "Chebyshev approximation of (1 + 2x) exp(x^2) erfc x in 0 <= x < inf",
Math. Comp. 36 (1981), for the change of variable that makes erfc one polynomial.
"""

from __future__ import annotations

import math

from engine.topk.semantics import FloatArray
from engine.topk.threshold.compiled import compiled, exp, inlined, polynomial
from engine.topk.threshold.kernels import Kernels, Sums

__all__ = ["EXP", "GAUSSIAN", "LAPLACE", "SIGMOID"]


@compiled
def _exp_open(x: FloatArray, center: float, scale: float, lam: float, out: FloatArray) -> Sums:
    """Store e^t; all derivatives are e^t below 0."""
    below = above = 0.0
    probe = 0.0
    for i in range(x.size):
        probe += x[i] * 0.0
        t = (x[i] - center) * scale
        e = exp(t) if t >= -700.0 else 0.0
        out[i] = e
        below += e if e < 1.0 else 0.0
        above += 0.0 if e < 1.0 else 1.0
    return below + probe, above, below, below, below


@compiled
def _exp_move(step: float, out: FloatArray) -> Sums:
    factor = math.exp(-step)
    below = above = 0.0
    for i in range(out.size):
        e = out[i] * factor
        out[i] = e
        below += e if e < 1.0 else 0.0
        above += 0.0 if e < 1.0 else 1.0
    return below, above, below, below, below


@compiled
def _exp_close(
    x: FloatArray, center: float, scale: float, lam: float, step: float, out: FloatArray
) -> Sums:
    factor = math.exp(-step)
    below = above = 0.0
    for i in range(out.size):
        e = out[i] * factor
        out[i] = e if e < 1.0 else 1.0
        below += e if e < 1.0 else 0.0
        above += 0.0 if e < 1.0 else 1.0
    return below, above


@compiled
def _exp_density(
    x: FloatArray, center: float, scale: float, lam: float, p: FloatArray, g: FloatArray,
    out: FloatArray,
) -> Sums:  # fmt: skip
    total = inner = 0.0
    for i in range(p.size):
        f = p[i] if p[i] < 1.0 else 0.0
        out[i] = f
        total += f
        inner += f * g[i]
    return total, inner


@compiled
def _laplace_open(x: FloatArray, center: float, scale: float, lam: float, out: FloatArray) -> Sums:
    """Store e^t; F'' is F' below 0 and -F' above."""
    lower = upper = above = 0.0
    probe = 0.0
    for i in range(x.size):
        probe += x[i] * 0.0
        e = exp((x[i] - center) * scale)
        out[i] = e
        h = 0.5 * e if e < 1.0 else 0.5 / e
        lower += h if e < 1.0 else 0.0
        upper += 0.0 if e < 1.0 else h
        above += 0.0 if e < 1.0 else 1.0
    return lower - upper + probe, above, lower + upper, lower - upper, lower + upper


@compiled
def _laplace_move(step: float, out: FloatArray) -> Sums:
    factor = math.exp(-step)
    lower = upper = above = 0.0
    for i in range(out.size):
        e = out[i] * factor
        out[i] = e
        h = 0.5 * e if e < 1.0 else 0.5 / e
        lower += h if e < 1.0 else 0.0
        upper += 0.0 if e < 1.0 else h
        above += 0.0 if e < 1.0 else 1.0
    return lower - upper, above, lower + upper, lower - upper, lower + upper


@compiled
def _laplace_close(
    x: FloatArray, center: float, scale: float, lam: float, step: float, out: FloatArray
) -> Sums:
    factor = math.exp(-step)
    total = above = 0.0
    for i in range(out.size):
        e = out[i] * factor
        h = 0.5 * e if e < 1.0 else -0.5 / e
        up = 0.0 if e < 1.0 else 1.0
        out[i] = up + h
        total += h
        above += up
    return total, above


@compiled
def _laplace_density(
    x: FloatArray, center: float, scale: float, lam: float, p: FloatArray, g: FloatArray,
    out: FloatArray,
) -> Sums:  # fmt: skip
    total = inner = 0.0
    for i in range(p.size):
        f = min(p[i], 1.0 - p[i])
        out[i] = f
        total += f
        inner += f * g[i]
    return total, inner


@inlined
def _sigmoid_derivatives(
    size: float, s1: float, s2: float, s3: float, s4: float, s5: float, s6: float, s7: float
) -> Sums:
    """Return the sums of F' ... F^(6) from those of the powers of u = F - 1/2."""
    return (
        0.25 * size - s2,
        2.0 * s3 - 0.5 * s1,
        2.0 * s2 - 6.0 * s4 - 0.125 * size,
        s1 - 10.0 * s3 + 24.0 * s5,
        0.25 * size - 8.5 * s2 + 60.0 * s4 - 120.0 * s6,
        77.0 * s3 - 4.25 * s1 - 420.0 * s5 + 720.0 * s7,
    )


@compiled
def _sigmoid_open(x: FloatArray, center: float, scale: float, lam: float, out: FloatArray) -> Sums:
    """Store F itself: another threshold is a Moebius map of it."""
    total = above = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
    probe = 0.0
    for i in range(x.size):
        probe += x[i] * 0.0
        p = 1.0 / (1.0 + exp((center - x[i]) * scale))
        out[i] = p
        up = 1.0 if p >= 0.5 else 0.0
        total += p - up
        above += up
        u = p - 0.5
        square = u * u
        cube = square * u
        s2 += square
        s3 += cube
        s4 += square * square
        s5 += square * cube
        s6 += cube * cube
        s7 += square * square * cube
    s1 = total + above - 0.5 * x.size
    derivatives = _sigmoid_derivatives(x.size, s1, s2, s3, s4, s5, s6, s7)
    return total + probe, above, *derivatives


@compiled
def _sigmoid_move(step: float, out: FloatArray) -> Sums:
    factor = math.exp(-step)
    total = above = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
    for i in range(out.size):
        p = factor * out[i] / (1.0 + (factor - 1.0) * out[i])
        out[i] = p
        up = 1.0 if p >= 0.5 else 0.0
        total += p - up
        above += up
        u = p - 0.5
        square = u * u
        cube = square * u
        s2 += square
        s3 += cube
        s4 += square * square
        s5 += square * cube
        s6 += cube * cube
        s7 += square * square * cube
    s1 = total + above - 0.5 * out.size
    derivatives = _sigmoid_derivatives(out.size, s1, s2, s3, s4, s5, s6, s7)
    return total, above, *derivatives


@compiled
def _sigmoid_close(
    x: FloatArray, center: float, scale: float, lam: float, step: float, out: FloatArray
) -> Sums:
    factor = math.exp(-step)
    total = above = 0.0
    for i in range(out.size):
        p = factor * out[i] / (1.0 + (factor - 1.0) * out[i])
        out[i] = p
        up = 1.0 if p >= 0.5 else 0.0
        total += p - up
        above += up
    return total, above


@compiled
def _sigmoid_density(
    x: FloatArray, center: float, scale: float, lam: float, p: FloatArray, g: FloatArray,
    out: FloatArray,
) -> Sums:  # fmt: skip
    total = inner = 0.0
    for i in range(p.size):
        f = p[i] * (1.0 - p[i])
        out[i] = f
        total += f
        inner += f * g[i]
    return total, inner


_WIDTH = 5.0
# (1 + y) e^(y^2 / 2) Phi(-y) as a polynomial in (y - 5) / (y + 5): the Chebyshev series at 60
# digits, cut where its terms fall below 5e-18.
_mills = polynomial(
    0.46151582985003775, -0.09155228183400904, 0.031030368425962847, 0.010002352385229382,
    -0.026401042966267253, 0.024536963243678652, -0.015170415403281224, 0.006522000667783896,
    -0.0016760723371645697, 7.791597409338999e-06, 0.00018233410307611755,
    -5.36075811148722e-05, -9.895946159334735e-06, 9.05982468125664e-06,
    -7.070628846317715e-08, -1.3074486019237587e-06, 1.284479710649634e-07,
    1.9627809920091187e-07, -2.688202129280215e-08, -3.095201755804207e-08,
    4.022493382168717e-09, 4.4011596227599254e-09, -4.327297110082094e-10,
    -3.815816262632953e-10, 2.5086998016985133e-11,
)  # fmt: skip
_PEAK = 1.0 / math.sqrt(2.0 * math.pi)


@compiled
def _gaussian_open(x: FloatArray, center: float, scale: float, lam: float, out: FloatArray) -> Sums:
    """Store Phi(t); its derivatives are Hermite polynomials times the density."""
    total = above = s0 = s1 = s2 = s3 = s4 = s5 = 0.0
    probe = 0.0
    for i in range(x.size):
        probe += x[i] * 0.0
        t = min(max((x[i] - center) * scale - lam, -40.0), 40.0)
        y = abs(t)
        e = exp(-0.5 * y * y)
        rare = e * _mills((y - _WIDTH) / (y + _WIDTH)) / (1.0 + y)
        up = 1.0 if t >= 0.0 else 0.0
        h = -rare if t >= 0.0 else rare
        out[i] = up + h
        total += h
        above += up
        square = t * t
        s0 += e
        s1 += e * t
        s2 += e * square
        s3 += e * t * square
        s4 += e * square * square
        s5 += e * square * square * t
    derivatives = (
        _PEAK * s0,
        -_PEAK * s1,
        _PEAK * (s2 - s0),
        _PEAK * (3.0 * s1 - s3),
        _PEAK * (s4 - 6.0 * s2 + 3.0 * s0),
        _PEAK * (10.0 * s3 - s5 - 15.0 * s1),
    )
    return total + probe, above, *derivatives


@compiled
def _gaussian_close(
    x: FloatArray, center: float, scale: float, lam: float, step: float, out: FloatArray
) -> Sums:
    """Add the Taylor polynomial of Phi, exact to rounding for a short step: no second erfc."""
    d = -step * _PEAK
    d2, d3, d4, d5, d6 = (
        0.5 * step * d, step**2 * d / 6.0, step**3 * d / 24.0, step**4 * d / 120.0,
        step**5 * d / 720.0,
    )  # fmt: skip
    c0, c1 = d - d3 + 3.0 * d5, d2 - 3.0 * d4 + 15.0 * d6
    c2, c3 = d3 - 6.0 * d5, d4 - 10.0 * d6
    total = above = 0.0
    for i in range(x.size):
        t = min(max((x[i] - center) * scale - lam, -40.0), 40.0)
        series = ((((d6 * t + d5) * t + c3) * t + c2) * t + c1) * t + c0
        p = min(max(out[i] + exp(-0.5 * t * t) * series, 0.0), 1.0)
        out[i] = p
        up = 1.0 if p >= 0.5 else 0.0
        total += p - up
        above += up
    return total, above


@compiled
def _gaussian_density(
    x: FloatArray, center: float, scale: float, lam: float, p: FloatArray, g: FloatArray,
    out: FloatArray,
) -> Sums:  # fmt: skip
    total = inner = 0.0
    for i in range(x.size):
        t = (x[i] - center) * scale - lam
        f = _PEAK * exp(-0.5 * t * t) if abs(t) < 37.4 else 0.0
        out[i] = f
        total += f
        inner += f * g[i]
    return total, inner


EXP = Kernels(_exp_open, _exp_move, _exp_close, _exp_density, reach=3e-7)
SIGMOID = Kernels(_sigmoid_open, _sigmoid_move, _sigmoid_close, _sigmoid_density, reach=0.02)
LAPLACE = Kernels(_laplace_open, _laplace_move, _laplace_close, _laplace_density, reach=3e-5)
GAUSSIAN = Kernels(_gaussian_open, None, _gaussian_close, _gaussian_density, reach=0.02)
