"""How far a pseudo-inverse is from the four equations that define it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.jobs import Progress
from engine.spectrum.linalg.checks import finite_matrix
from engine.spectrum.linalg.matrix import in_double
from engine.spectrum.linalg.norms import AnyArray, frobenius_norm, in_range, ldexp, scale_of, scaled
from engine.spectrum.lowrank.fits import relative
from engine.spectrum.lowrank.inverse import PseudoInverse, by_rows, check_shape, row_blocks

Errors = tuple[float, float, float, float]


def penrose_errors(
    a: Any, inverse: npt.ArrayLike | PseudoInverse, progress: Progress | None = None
) -> Errors:
    """How far a pseudo-inverse is from its four defining equations.

    Neither an inverse in factors nor a product with it is ever written out: memory is that of the
    factors. Where small values were left out the first error is ``||A - A_r||_F / ||A||_F`` and
    the others stay at rounding level.

    Parameters
    ----------
    a : array of shape (m, n)
        Dense; or with an inverse in factors sparse or `Factored`, too: what is read is rows.
    inverse : array_like of shape (n, m), or PseudoInverse
        Such as `pseudo_inverse` or `invert_factors` gives.
    progress : Progress, optional
        Checked between blocks of rows; of no use where the inverse is written out.

    Returns
    -------
    tuple of 4 floats
        Relative Frobenius errors of ``A X A = A``, ``X A X = X``, ``(A X)^H = A X`` and
        ``(X A)^H = X A``, the rounding of measuring them included.

    Raises
    ------
    ArgumentError, DataError
        If an argument is no finite matrix, or ``inverse`` has another shape.

    References
    ----------
    Penrose, Proc. Camb. Phil. Soc. 51 (1955), equations 3-6.

    Examples
    --------
    >>> penrose_errors([[2.0]], [[0.5]])
    (0.0, 0.0, 0.0, 0.0)
    >>> from engine.spectrum import invert_factors, svd_factors
    >>> a = np.diag([4.0, 3.0, 0.0])
    >>> [round(e, 9) for e in penrose_errors(a, invert_factors(svd_factors(a), rank=1))]
    [0.6, 0.0, 0.0, 0.0]
    """
    with np.errstate(over="ignore", invalid="ignore"):
        if isinstance(inverse, PseudoInverse):
            errors = _in_factors(a, inverse, progress)
        else:
            errors = _written_out(a, inverse)
    first, second, third, fourth = (float(in_range("the error", error)) for error in errors)
    return first, second, third, fourth


def _written_out(a: npt.ArrayLike, inverse: npt.ArrayLike) -> Errors:
    matrix, guess = finite_matrix("a", a), finite_matrix("inverse", inverse)
    check_shape(guess, matrix.shape)
    # A 2^-e and X 2^e have the same products, and neither overflows.
    exponent = scale_of(matrix)
    matrix, guess = scaled(matrix, exponent), scaled(guess, -exponent)
    ax, xa = matrix @ guess, guess @ matrix
    pairs = ((ax @ matrix, matrix), (xa @ guess, guess), (ax.conj().T, ax), (xa.conj().T, xa))
    first, second, third, fourth = (relative(frobenius_norm(x - y), y) for x, y in pairs)
    return first, second, third, fourth


def _in_factors(a: Any, inverse: PseudoInverse, progress: Progress | None) -> Errors:
    rows = by_rows(a)
    check_shape(inverse, rows.shape)
    if inverse.rank == 0:
        blocks = row_blocks(rows, 0, progress, 0.0, 1.0)
        return float(np.any([np.any(block) for _, block in blocks])), 0.0, 0.0, 0.0
    # A 2^-e and X 2^e have the same products, and neither overflows.
    exponent = -int(np.frexp(inverse.s[-1])[1])
    weights = ldexp(inverse.s, exponent)
    v, u = in_double(inverse.u), in_double(inverse.vh).conj().T
    vs = v * weights
    z = np.zeros((inverse.rank, rows.shape[1]), np.result_type(u, np.float64, rows.dtype))
    w = np.zeros((rows.shape[0], inverse.rank), np.result_type(v, np.float64, rows.dtype))
    for place, block in row_blocks(rows, exponent, progress, 0.0, 0.5):
        z += u[place].conj().T @ block
        w[place] = block @ vs
    missed, whole = 0.0, 0.0
    for place, block in row_blocks(rows, exponent, progress, 0.5, 1.0):
        missed = math.hypot(missed, frobenius_norm(w[place] @ z - block))
        whole = math.hypot(whole, frobenius_norm(block))
    gram_u, gram_v = u.conj().T @ u, v.conj().T @ v
    small = scaled(weights, scale_of(weights))
    change = small[:, None] * (u.conj().T @ w - np.eye(inverse.rank))
    y = (weights[:, None] * z).conj().T
    return (
        _ratio(missed, whole),
        _ratio(_norm(gram_v, change, gram_u), _norm(gram_v, np.diag(small), gram_u)),
        _ratio(_skew(w - u, u, gram_u), _product(w, gram_u)),
        _ratio(_skew(y - v, v, gram_v), _product(y, gram_v)),
    )


def _ratio(error: float, whole: float) -> float:
    return 0.0 if whole == 0.0 else error / whole


def _root(square: Any, exponent: int) -> float:
    """The norm whose square is ``square 4^exponent``: what rounding made negative is 0."""
    return float(ldexp(math.sqrt(max(float(square.real), 0.0)), exponent))


def _norm(left: AnyArray, core: AnyArray, right: AnyArray) -> float:
    """||L C R^H||_F from the Gram matrices of L and R."""
    exponent = scale_of(core)
    core = scaled(core, exponent)
    return _root(np.sum((left @ core @ right) * core.conj()), exponent)


def _product(e: AnyArray, gram: AnyArray) -> float:
    """||E U^H||_F from the Gram matrix of U."""
    exponent = scale_of(e)
    e = scaled(e, exponent)
    return _root(np.sum((e @ gram) * e.conj()), exponent)


def _skew(e: AnyArray, u: AnyArray, gram: AnyArray) -> float:
    """||E U^H - U E^H||_F: U U^H itself is Hermitian, what is left is small."""
    exponent = scale_of(e)
    e = scaled(e, exponent)
    core = u.conj().T @ e
    return _root(2.0 * (np.sum((e @ gram) * e.conj()).real - np.sum(core * core.T).real), exponent)
