"""What the compiled kernels share: the decorators, types of arguments, the bits of a float."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

__all__ = [
    "GIVEN_ROW",
    "GIVEN_ROWS",
    "ROW",
    "ROWS",
    "bits",
    "compiled",
    "from_bits",
    "inlined",
    "part",
    "part_of",
    "ready",
]

F = TypeVar("F", bound=Callable[..., Any])

# Sums may be reordered, which vectorises them; NaN, infinities and comparisons keep their meaning.
_SUMS = {"contract", "reassoc"}


def _stamp() -> str:
    """Return what the sources of all kernels are known by.

    numba looks at the file of a kernel alone, and would go on with what it has compiled from
    another version of the loops and laws that the kernel is made of.
    """
    folders = (Path(__file__).parent, Path(__file__).parent.parent / "grad")
    found = hashlib.sha256()
    for path in sorted(path for folder in folders for path in folder.glob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()[:12]


_STAMP = _stamp()


def compiled(function: F) -> F:
    """Compile a kernel on its first call, without the GIL, and keep it on disk where allowed.

    numba looks for a writable folder beside the source, then in the user's cache; where there is
    none (a read-only installation without a home), every process compiles for itself.
    """
    function.__qualname__ += f"_{_STAMP}"  # the name of the file it is kept in
    try:
        jit = numba.njit(cache=True, nogil=True, fastmath=_SUMS, error_model="numpy")
        return cast(F, jit(function))
    except RuntimeError:
        return cast(F, numba.njit(nogil=True, fastmath=_SUMS, error_model="numpy")(function))


# Arrays as kernels take them: contiguous, and those that are given may be read-only.
ROW, ROWS = types.Array(types.float64, 1, "C"), types.Array(types.float64, 2, "C")
GIVEN_ROW = types.Array(types.float64, 1, "C", readonly=True)
GIVEN_ROWS = types.Array(types.float64, 2, "C", readonly=True)


def ready(kernel: Any, *arguments: Any) -> None:
    """Compile a kernel for these types of arguments and no others: no call ever compiles."""
    kernel.compile(arguments)
    kernel.disable_compile()


def part(function: F) -> F:
    """Compile a loop into the kernels that call it, each of which is kept on disk with it.

    Not cached itself: what closes over compiled functions is never found again (numba#6264).
    """
    return cast(F, numba.njit(nogil=True, fastmath=_SUMS, error_model="numpy")(function))


def part_of(name: str) -> Callable[[F], F]:
    """Return `part` for a loop that a function makes several times, each under a name of its own.

    numba tells functions of one name apart by a number that counts anew in every process.  Kernels
    that two processes have compiled and a third one loads would get each other's loops, silently:
    the first of a name and number is linked for all.
    """

    def named(function: F) -> F:
        function.__qualname__ += f"_{name}"
        return part(function)

    return named


def inlined(function: F) -> F:
    """Compile a function of one entry into the kernels that call it; its sums keep their order."""
    jit = numba.njit(forceinline=True, fastmath={"contract"}, error_model="numpy")
    return cast(F, jit(function))


def _bits(context: Any, value: Any) -> Any:
    """Return the 64 bits of a float as an integer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), generate


def _from_bits(context: Any, value: Any) -> Any:
    """Return the float of 64 bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), generate


bits = cast(Callable[[float], int], intrinsic(_bits))
from_bits = cast(Callable[[int], float], intrinsic(_from_bits))
