"""Functions of one number without branches, which LLVM turns into vector instructions.

References
----------
Cody & Waite, "Software Manual for the Elementary Functions", 1980, chapter 6, for the reduction
of the argument of exp in two parts.
Shepherd & Laframboise, "Chebyshev approximation of (1 + 2x) exp(x^2) erfc x in 0 <= x < inf",
Math. Comp. 36 (1981), for the change of variable that makes erfc one polynomial.
Hastings, "Approximations for Digital Computers", 1955, sheet 67, for the normal quantile.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any, cast

from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.polynomial import chebyshev

from engine.topk.compiled.jit import bits, from_bits, inlined

__all__ = ["arc", "exp", "mills", "normal_quantile", "polynomial"]


def polynomial(*coefficients: float) -> Callable[[float], float]:
    """Return a compiled function ``c_0 + c_1 t + ...``: Horner's rule as straight code.

    A loop over the coefficients would keep LLVM from vectorising the loop over the entries.  Even
    and odd powers are summed apart, two chains of operations that do not wait for each other.
    """

    @intrinsic
    def evaluate(context: Any, t: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            def add(product: tuple[Any, Any], summand: Any) -> Any:
                return builder.fadd(builder.fmul(*product, flags=fused), summand, flags=fused)

            def horner(terms: list[Any], t: Any) -> Any:
                return reduce(lambda value, c: add((value, t), c), reversed(terms))

            fused, (t,) = ("contract",), arguments
            constants = [ir.Constant(ir.DoubleType(), float(c)) for c in coefficients]
            square = builder.fmul(t, t)
            return add((horner(constants[1::2], square), t), horner(constants[::2], square))

        return types.float64(types.float64), generate

    return cast(Callable[[float], float], evaluate)


_LARGEST = 700.0  # e^t and e^-t, also times any F, are normal numbers: others are slow
_ROUND = 1.5 * 2.0**52  # added and subtracted, it leaves an integer, also in the lowest bits
_LOG2_E = 1.0 / math.log(2.0)
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10


def _exp_series(half_width: float) -> list[float]:
    """Return the Taylor series of exp, economised: degree 11 for the accuracy of degree 15."""
    scaled = [half_width**j / math.factorial(j) for j in range(16)]
    short = chebyshev.cheb2poly(chebyshev.poly2cheb(scaled)[:12])
    return [float(c) / half_width**j for j, c in enumerate(short)]


_series = polynomial(*_exp_series(0.5 * math.log(2.0)))


@inlined
def exp(t: float) -> float:
    """Return e^t to 1 ulp, with t cut off at -700 and 700.

    No branch and no table, so that LLVM turns a loop over it into vector instructions, where a
    call of the C library's exp would not be one.
    """
    clipped = min(max(t, -_LARGEST), _LARGEST)
    shifted = clipped * _LOG2_E + _ROUND
    power = shifted - _ROUND
    rest = (clipped - power * _LN2_HIGH) - power * _LN2_LOW
    return from_bits(bits(_series(rest)) + (bits(shifted) << 52))


_WIDTH = 5.0
# (1 + y) e^(y^2 / 2) Phi(-y) as a polynomial in (y - 5) / (y + 5): the Chebyshev series at 60
# digits, cut where its terms fall below 5e-18.
_mills_series = polynomial(
    0.46151582985003775, -0.09155228183400904, 0.031030368425962847, 0.010002352385229382,
    -0.026401042966267253, 0.024536963243678652, -0.015170415403281224, 0.006522000667783896,
    -0.0016760723371645697, 7.791597409338999e-06, 0.00018233410307611755,
    -5.36075811148722e-05, -9.895946159334735e-06, 9.05982468125664e-06,
    -7.070628846317715e-08, -1.3074486019237587e-06, 1.284479710649634e-07,
    1.9627809920091187e-07, -2.688202129280215e-08, -3.095201755804207e-08,
    4.022493382168717e-09, 4.4011596227599254e-09, -4.327297110082094e-10,
    -3.815816262632953e-10, 2.5086998016985133e-11,
)  # fmt: skip


@inlined
def mills(y: float) -> float:
    """Return ``Phi(-y) e^(y^2 / 2)`` for y >= 0, with one division."""
    inverse = 1.0 / ((1.0 + y) * (y + _WIDTH))
    return _mills_series((y - _WIDTH) * (1.0 + y) * inverse) * (y + _WIDTH) * inverse


# atan(r) / (pi r) as a polynomial in r^2 on [0, 1]: the Chebyshev series at 60 digits, cut where
# its terms fall below 1e-17.
arc = polynomial(
    0.3183098861837907, -0.10610329539459556, 0.06366197723655992, -0.04547284087156759,
    0.03536776475633169, -0.028937255067923433, 0.02448528028895912, -0.021219771788478302,
    0.018718018540904678, -0.016721288591888872, 0.015027824926723447, -0.013420577532722553,
    0.01164493150809067, -0.009490316187537137, 0.006964210144901504, -0.0043937338590614335,
    0.002269336377262541, -0.0009075311166051217, 0.0002608900991957306,
    -4.764118004455259e-05, 4.1315277045949355e-06,
)  # fmt: skip


@inlined
def normal_quantile(u: float) -> float:
    """Return the quantile of the normal law to 5e-4 (Hastings 1955), enough for a start."""
    r = math.sqrt(-2.0 * math.log(min(u, 1.0 - u)))
    above = 2.515517 + r * (0.802853 + r * 0.010328)
    below = 1.0 + r * (1.432788 + r * (0.189269 + r * 0.001308))
    size = r - above / below
    return -size if u < 0.5 else size
