"""The compiled kernels of the threshold family: one set per law, each kept on disk by itself.

What is closed over elsewhere has a name here: numba finds only functions of a module again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from numba import float64, int64

from engine.topk.compiled import laws, powers
from engine.topk.compiled.jit import GIVEN_ROW, GIVEN_ROWS, ROW, ROWS, compiled, ready
from engine.topk.compiled.laws import Law
from engine.topk.compiled.loops import Sums, loops_of
from engine.topk.compiled.row_solver import solver_of
from engine.topk.semantics import FloatArray

__all__ = [
    "CAUCHY", "CLIP", "CUBE", "EXP", "GAUSSIAN", "LAPLACE", "SIGMOID", "SQUARE", "Kernels",
]  # fmt: skip


@dataclass(frozen=True)
class Kernels:
    """What a law is solved with: ``rows`` of `solver_of`, ``sweep`` of `Loops` for long ones."""

    law: Law
    rows: Callable[..., int]
    sweep: Callable[..., tuple[Sums, float]]

    def compile(self) -> None:
        """Compile what is not on disk yet; seconds."""
        ready(self.rows, GIVEN_ROWS, float64, GIVEN_ROW, float64, GIVEN_ROW, ROWS, ROWS, ROWS)
        ready(self.sweep, int64, GIVEN_ROW, float64, float64, float64, float64, ROW, ROW)


def _parts(law: Law) -> tuple[Callable[..., int], Callable[..., tuple[Sums, float]]]:
    loops = loops_of(law)
    return solver_of(law, loops), loops.sweep


_exp_solver, _exp_loop = _parts(laws.EXP)


@compiled
def _exp_rows(
    x: FloatArray, k: float, ks: FloatArray, tau: float, hints: FloatArray, p: FloatArray,
    f: FloatArray, places: FloatArray,
) -> int:  # fmt: skip
    return _exp_solver(x, k, ks, tau, hints, p, f, places)


@compiled
def _exp_sweep(
    kind: int, x: FloatArray, center: float, scale: float, lam: float, step: float, p: FloatArray,
    f: FloatArray,
) -> tuple[Sums, float]:  # fmt: skip
    return _exp_loop(kind, x, center, scale, lam, step, p, f)


EXP = Kernels(laws.EXP, _exp_rows, _exp_sweep)

_sigmoid_solver, _sigmoid_loop = _parts(laws.SIGMOID)


@compiled
def _sigmoid_rows(
    x: FloatArray, k: float, ks: FloatArray, tau: float, hints: FloatArray, p: FloatArray,
    f: FloatArray, places: FloatArray,
) -> int:  # fmt: skip
    return _sigmoid_solver(x, k, ks, tau, hints, p, f, places)


@compiled
def _sigmoid_sweep(
    kind: int, x: FloatArray, center: float, scale: float, lam: float, step: float, p: FloatArray,
    f: FloatArray,
) -> tuple[Sums, float]:  # fmt: skip
    return _sigmoid_loop(kind, x, center, scale, lam, step, p, f)


SIGMOID = Kernels(laws.SIGMOID, _sigmoid_rows, _sigmoid_sweep)

_laplace_solver, _laplace_loop = _parts(laws.LAPLACE)


@compiled
def _laplace_rows(
    x: FloatArray, k: float, ks: FloatArray, tau: float, hints: FloatArray, p: FloatArray,
    f: FloatArray, places: FloatArray,
) -> int:  # fmt: skip
    return _laplace_solver(x, k, ks, tau, hints, p, f, places)


@compiled
def _laplace_sweep(
    kind: int, x: FloatArray, center: float, scale: float, lam: float, step: float, p: FloatArray,
    f: FloatArray,
) -> tuple[Sums, float]:  # fmt: skip
    return _laplace_loop(kind, x, center, scale, lam, step, p, f)


LAPLACE = Kernels(laws.LAPLACE, _laplace_rows, _laplace_sweep)

_gaussian_solver, _gaussian_loop = _parts(laws.GAUSSIAN)


@compiled
def _gaussian_rows(
    x: FloatArray, k: float, ks: FloatArray, tau: float, hints: FloatArray, p: FloatArray,
    f: FloatArray, places: FloatArray,
) -> int:  # fmt: skip
    return _gaussian_solver(x, k, ks, tau, hints, p, f, places)


@compiled
def _gaussian_sweep(
    kind: int, x: FloatArray, center: float, scale: float, lam: float, step: float, p: FloatArray,
    f: FloatArray,
) -> tuple[Sums, float]:  # fmt: skip
    return _gaussian_loop(kind, x, center, scale, lam, step, p, f)


GAUSSIAN = Kernels(laws.GAUSSIAN, _gaussian_rows, _gaussian_sweep)

_clip_solver, _clip_loop = _parts(laws.CLIP)


@compiled
def _clip_rows(
    x: FloatArray, k: float, ks: FloatArray, tau: float, hints: FloatArray, p: FloatArray,
    f: FloatArray, places: FloatArray,
) -> int:  # fmt: skip
    return _clip_solver(x, k, ks, tau, hints, p, f, places)


@compiled
def _clip_sweep(
    kind: int, x: FloatArray, center: float, scale: float, lam: float, step: float, p: FloatArray,
    f: FloatArray,
) -> tuple[Sums, float]:  # fmt: skip
    return _clip_loop(kind, x, center, scale, lam, step, p, f)


CLIP = Kernels(laws.CLIP, _clip_rows, _clip_sweep)

_cauchy_solver, _cauchy_loop = _parts(laws.CAUCHY)


@compiled
def _cauchy_rows(
    x: FloatArray, k: float, ks: FloatArray, tau: float, hints: FloatArray, p: FloatArray,
    f: FloatArray, places: FloatArray,
) -> int:  # fmt: skip
    return _cauchy_solver(x, k, ks, tau, hints, p, f, places)


@compiled
def _cauchy_sweep(
    kind: int, x: FloatArray, center: float, scale: float, lam: float, step: float, p: FloatArray,
    f: FloatArray,
) -> tuple[Sums, float]:  # fmt: skip
    return _cauchy_loop(kind, x, center, scale, lam, step, p, f)


CAUCHY = Kernels(laws.CAUCHY, _cauchy_rows, _cauchy_sweep)

_cube_solver, _cube_loop = _parts(powers.CUBE)


@compiled
def _cube_rows(
    x: FloatArray, k: float, ks: FloatArray, tau: float, hints: FloatArray, p: FloatArray,
    f: FloatArray, places: FloatArray,
) -> int:  # fmt: skip
    return _cube_solver(x, k, ks, tau, hints, p, f, places)


@compiled
def _cube_sweep(
    kind: int, x: FloatArray, center: float, scale: float, lam: float, step: float, p: FloatArray,
    f: FloatArray,
) -> tuple[Sums, float]:  # fmt: skip
    return _cube_loop(kind, x, center, scale, lam, step, p, f)


CUBE = Kernels(powers.CUBE, _cube_rows, _cube_sweep)

_square_solver, _square_loop = _parts(powers.SQUARE)


@compiled
def _square_rows(
    x: FloatArray, k: float, ks: FloatArray, tau: float, hints: FloatArray, p: FloatArray,
    f: FloatArray, places: FloatArray,
) -> int:  # fmt: skip
    return _square_solver(x, k, ks, tau, hints, p, f, places)


@compiled
def _square_sweep(
    kind: int, x: FloatArray, center: float, scale: float, lam: float, step: float, p: FloatArray,
    f: FloatArray,
) -> tuple[Sums, float]:  # fmt: skip
    return _square_loop(kind, x, center, scale, lam, step, p, f)


SQUARE = Kernels(powers.SQUARE, _square_rows, _square_sweep)
