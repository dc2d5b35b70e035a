"""Compiled kernels for long rows of distributions without exponentials, and what all of them share.

Nothing is stored between the kernels but the finished F: arithmetic on the scores is as cheap.
"""

from __future__ import annotations

import math

from engine.topk.semantics import FloatArray
from engine.topk.threshold.compiled import compiled, inlined, polynomial
from engine.topk.threshold.kernels import Kernels, Sums

__all__ = ["CAUCHY", "CLIP", "CUBE", "center_product"]


@compiled
def center_product(f: FloatArray, g: FloatArray, mean: float, scale: float) -> None:
    """Replace f by ``f (g - mean) scale``."""
    for i in range(f.size):
        f[i] *= (g[i] - mean) * scale


@compiled
def _clip_open(x: FloatArray, center: float, scale: float, lam: float, out: FloatArray) -> Sums:
    total = above = inside = 0.0
    probe = 0.0
    for i in range(x.size):
        probe += x[i] * 0.0
        t = (x[i] - center) * scale - lam
        up = 1.0 if t >= 0.5 else 0.0
        total += min(max(t, 0.0), 1.0) - up
        above += up
        inside += 1.0 if abs(t - 0.5) <= 0.5 else 0.0
    return total + probe, above, inside


@compiled
def _clip_close(
    x: FloatArray, center: float, scale: float, lam: float, step: float, out: FloatArray
) -> Sums:
    total = above = 0.0
    for i in range(x.size):
        p = min(max((x[i] - center) * scale - (lam + step), 0.0), 1.0)
        out[i] = p
        up = 1.0 if p >= 0.5 else 0.0
        total += p - up
        above += up
    return total, above


@compiled
def _clip_density(
    x: FloatArray, center: float, scale: float, lam: float, p: FloatArray, g: FloatArray,
    out: FloatArray,
) -> Sums:  # fmt: skip
    total = inner = 0.0
    for i in range(x.size):
        t = (x[i] - center) * scale - lam
        f = 1.0 if (t >= 0.0) & (t <= 1.0) else 0.0
        out[i] = f
        total += f
        inner += f * g[i]
    return total, inner


_CUBE_SPLIT = 0.5 ** (1.0 / 3.0)


@compiled
def _cube_open(x: FloatArray, center: float, scale: float, lam: float, out: FloatArray) -> Sums:
    total = above = s1 = s2 = s3 = 0.0
    probe = 0.0
    for i in range(x.size):
        probe += x[i] * 0.0
        t = (x[i] - center) * scale - lam
        inside = 1.0 if (t >= 0.0) & (t <= 1.0) else 0.0
        t = min(max(t, 0.0), 1.0)
        up = 1.0 if t >= _CUBE_SPLIT else 0.0
        total += (t - 1.0) * (t * t + t + 1.0) if t >= _CUBE_SPLIT else t * t * t
        above += up
        s1 += inside * t * t
        s2 += inside * t
        s3 += inside
    return total + probe, above, 3.0 * s1, 6.0 * s2, 6.0 * s3


@compiled
def _cube_close(
    x: FloatArray, center: float, scale: float, lam: float, step: float, out: FloatArray
) -> Sums:
    total = above = 0.0
    for i in range(x.size):
        t = min(max((x[i] - center) * scale - (lam + step), 0.0), 1.0)
        up = 1.0 if t >= _CUBE_SPLIT else 0.0
        h = (t - 1.0) * (t * t + t + 1.0) if t >= _CUBE_SPLIT else t * t * t
        out[i] = up + h
        total += h
        above += up
    return total, above


@compiled
def _cube_density(
    x: FloatArray, center: float, scale: float, lam: float, p: FloatArray, g: FloatArray,
    out: FloatArray,
) -> Sums:  # fmt: skip
    total = inner = 0.0
    for i in range(x.size):
        t = (x[i] - center) * scale - lam
        f = 3.0 * t * t if (t >= 0.0) & (t <= 1.0) else 0.0
        out[i] = f
        total += f
        inner += f * g[i]
    return total, inner


# atan(r) / (pi r) as a polynomial in r^2 on [0, 1]: the Chebyshev series at 60 digits, cut where
# its terms fall below 1e-17.
_arc = polynomial(
    0.3183098861837907, -0.10610329539459556, 0.06366197723655992, -0.04547284087156759,
    0.03536776475633169, -0.028937255067923433, 0.02448528028895912, -0.021219771788478302,
    0.018718018540904678, -0.016721288591888872, 0.015027824926723447, -0.013420577532722553,
    0.01164493150809067, -0.009490316187537137, 0.006964210144901504, -0.0043937338590614335,
    0.002269336377262541, -0.0009075311166051217, 0.0002608900991957306,
    -4.764118004455259e-05, 4.1315277045949355e-06,
)  # fmt: skip


@inlined
def _cauchy_rare(t: float) -> float:
    """Return ``atan(1 / |t|) / pi``, from an arc of at most 1."""
    y = abs(t)
    r = 1.0 / y if y > 1.0 else y
    arc = r * _arc(r * r)
    return arc if y > 1.0 else 0.5 - arc


@compiled
def _cauchy_open(x: FloatArray, center: float, scale: float, lam: float, out: FloatArray) -> Sums:
    """F^(m) is (-1)^m (m - 1)! / pi times the imaginary part of w^m, w = 1 / (t + i)."""
    total = above = s1 = s2 = s3 = s4 = s5 = s6 = 0.0
    probe = 0.0
    for i in range(x.size):
        probe += x[i] * 0.0
        t = (x[i] - center) * scale - lam
        rare = _cauchy_rare(t)
        up = 1.0 if t >= 0.0 else 0.0
        total += -rare if t >= 0.0 else rare
        above += up
        y = min(max(t, -1e100), 1e100)
        b = -1.0 / (1.0 + y * y)
        a = -y * b
        a2, b2 = a * a - b * b, 2.0 * a * b
        a3, b3 = a2 * a - b2 * b, a2 * b + b2 * a
        s1 -= b
        s2 += b2
        s3 -= b3
        s4 += 2.0 * a2 * b2
        s5 -= a2 * b3 + b2 * a3
        s6 += 2.0 * a3 * b3
    c = 1.0 / math.pi
    first = (c * s1, c * s2, 2.0 * c * s3)
    return total + probe, above, *first, 6.0 * c * s4, 24.0 * c * s5, 120.0 * c * s6


@compiled
def _cauchy_close(
    x: FloatArray, center: float, scale: float, lam: float, step: float, out: FloatArray
) -> Sums:
    total = above = 0.0
    for i in range(x.size):
        t = (x[i] - center) * scale - (lam + step)
        rare = _cauchy_rare(t)
        up = 1.0 if t >= 0.0 else 0.0
        h = -rare if t >= 0.0 else rare
        out[i] = up + h
        total += h
        above += up
    return total, above


@compiled
def _cauchy_density(
    x: FloatArray, center: float, scale: float, lam: float, p: FloatArray, g: FloatArray,
    out: FloatArray,
) -> Sums:  # fmt: skip
    total = inner = 0.0
    for i in range(x.size):
        t = min(max((x[i] - center) * scale - lam, -1e150), 1e150)
        f = (1.0 / math.pi) / (1.0 + t * t)
        out[i] = f
        total += f
        inner += f * g[i]
    return total, inner


CLIP = Kernels(_clip_open, None, _clip_close, _clip_density, reach=0.0)
CUBE = Kernels(_cube_open, None, _cube_close, _cube_density, reach=0.0)
CAUCHY = Kernels(_cauchy_open, None, _cauchy_close, _cauchy_density, reach=0.015)
