"""Soft truncation: the 0/1 mask on the singular values replaced by a soft Top-k."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import ArgumentError
from engine.sentences import say
from engine.spectrum.curves import frobenius_error, spectral_error
from engine.spectrum.linalg.norms import AnyArray, FloatArray, in_range
from engine.spectrum.lowrank.fits import reconstruct
from engine.spectrum.spectrum import Spectrum

SoftOperator = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class SoftTruncation:
    """Result of `soft_truncate`.

    Parameters
    ----------
    filter : ndarray of shape (K,)
        ``p(sigma)``, the soft mask; its sum is k for operators that keep it.
    values : ndarray of shape (K,)
        ``p * sigma``.
    frobenius_error, spectral_error : float
        Norms of ``M - U diag(p sigma) V^T``.
    floor_rank : int
        floor(k), the rank of the hard truncation to compare with.
    floor_frobenius, floor_spectral : float
        Eckart-Young floor at ``floor_rank``. The soft result has up to K ranks and may therefore
        lie below it.
    matrix : ndarray of shape (m, n), or None
        ``U diag(p sigma) V^T`` where ``u`` and ``vh`` were given.
    """

    filter: FloatArray
    values: FloatArray
    frobenius_error: float
    spectral_error: float
    floor_rank: int
    floor_frobenius: float
    floor_spectral: float
    matrix: AnyArray | None = None


def soft_truncate(
    s: Spectrum,
    operator: str | SoftOperator,
    k: float,
    tau: float = 1.0,
    *,
    relative: bool = False,
    u: npt.ArrayLike | None = None,
    vh: npt.ArrayLike | None = None,
) -> SoftTruncation:
    """Replace the 0/1 mask on the singular values by a soft Top-k.

    Parameters
    ----------
    s : Spectrum
        K values; the singular values are the scores.
    operator : str or callable
        Key of an operator of ``engine.topk`` or ``operator(scores, k, tau=tau)`` that returns the
        mask, of shape (K,).
    k : float
        How many values to keep, 0 <= k <= K; an integer where the operator needs one.
    tau : float
        Temperature > 0 in the units of sigma, or of sigma_1 when ``relative``.
    relative : bool
        Whether to divide the scores by sigma_1 first.
    u : array_like of shape (m, K), optional
        Left singular vectors.
    vh : array_like of shape (K, n), optional
        Right singular vectors, transposed.

    Returns
    -------
    SoftTruncation
        Errors hold for the whole matrix: values that are not known count as dropped.

    Raises
    ------
    ArgumentError
        If only one of ``u`` and ``vh`` is given, their shapes do not fit, or k is outside [0, K].
    DataError
        If ``p * sigma`` exceeds the range of float64.

    References
    ----------
    Su, kexue.fm/archives/10373 (soft Top-k) and 10407 (SVD); the floor: Eckart & Young (1936).

    Examples
    --------
    >>> import numpy as np
    >>> s = Spectrum(np.array([4.0, 2.0]), (2, 2), "float64", "svd", 0.0, True, 20.0**0.5)
    >>> half = soft_truncate(s, lambda scores, k, tau: np.array([1.0, 0.5]), 1)
    >>> half.values.tolist(), half.frobenius_error, half.floor_frobenius
    ([4.0, 1.0], 1.0, 2.0)
    """
    known = s.values.size
    if k is None or isinstance(k, str | bool) or not 0 <= k <= known:
        raise ArgumentError("k", k, say("a number in [0, {high}]", high=known))
    head = float(s.values[0]) if known else 0.0
    scores = s.values / head if relative and head > 0.0 else s.values
    mask = np.asarray(_operator(operator)(scores, k, tau=tau), dtype=np.float64)
    if mask.shape != s.values.shape:
        raise ArgumentError(
            "operator", mask.shape, say("a mask of shape {shape}", shape=s.values.shape)
        )
    with np.errstate(over="ignore"):
        # Masks of some constructions exceed 1.
        kept, lost = mask * s.values, np.abs(1.0 - mask) * s.values
    # NaN is the answer of an operator that breaks down (the recursion of GradTopK) and stays.
    answered = np.isfinite(mask)
    in_range("what is kept of the singular values", np.append(kept[answered], lost[answered]))
    rest = 0.0 if s.complete else s.residual
    rank = int(k)
    return SoftTruncation(
        filter=mask,
        values=kept,
        frobenius_error=float(np.hypot.reduce(np.append(lost, rest))),
        spectral_error=float(np.max(np.append(lost, float(spectral_error(s)[-1])))),
        floor_rank=rank,
        floor_frobenius=float(frobenius_error(s)[rank]),
        floor_spectral=float(spectral_error(s)[rank]),
        matrix=_filtered_matrix(u, kept, vh),
    )


def _operator(operator: str | SoftOperator) -> SoftOperator:
    if isinstance(operator, str):
        # Only here: spectra must not depend on the operators unless asked for one by name.
        from engine.topk import get_operator

        found: SoftOperator = get_operator(operator)
        return found
    return operator


def _filtered_matrix(
    u: npt.ArrayLike | None, values: FloatArray, vh: npt.ArrayLike | None
) -> AnyArray | None:
    if u is None and vh is None:
        return None
    if u is None or vh is None:
        raise ArgumentError("u" if u is None else "vh", None, "given together with the other one")
    return reconstruct(u, values, vh, values.size)
