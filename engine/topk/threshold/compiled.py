"""What the compiled kernels over long rows share: the decorators, and exp without branches.

References
----------
Cody & Waite, "Software Manual for the Elementary Functions", 1980, chapter 6, for the reduction
of the argument of exp in two parts.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any, TypeVar, cast

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.polynomial import chebyshev

__all__ = ["compiled", "exp", "inlined", "polynomial"]

F = TypeVar("F", bound=Callable[..., Any])

# Sums may be reordered, which vectorises them; NaN, infinities and comparisons keep their meaning.
_SUMS = {"contract", "reassoc"}


def compiled(function: F) -> F:
    """Compile a kernel on its first call, without the GIL, and keep it on disk where allowed.

    numba looks for a writable folder beside the source, then in the user's cache; where there is
    none (a read-only installation without a home), every process compiles for itself.
    """
    try:
        jit = numba.njit(cache=True, nogil=True, fastmath=_SUMS, error_model="numpy")
        return cast(F, jit(function))
    except RuntimeError:
        return cast(F, numba.njit(nogil=True, fastmath=_SUMS, error_model="numpy")(function))


def inlined(function: F) -> F:
    """Compile a function of one entry into the kernels that call it; its sums keep their order."""
    jit = numba.njit(forceinline=True, fastmath={"contract"}, error_model="numpy")
    return cast(F, jit(function))


@intrinsic
def _bits(context: Any, value: Any) -> Any:
    """Return the 64 bits of a float as an integer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def _float(context: Any, value: Any) -> Any:
    """Return the float of 64 bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), generate


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
    bits = _bits(_series(rest)) + (_bits(shifted) << 52)  # type: ignore[call-arg]
    return _float(bits)
