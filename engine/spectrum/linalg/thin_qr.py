"""QR factors of tall, thin blocks from matrix products alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

AnyArray = npt.NDArray[Any]


def thin_qr(x: AnyArray, tolerance: float = 0.0) -> tuple[AnyArray, AnyArray]:
    """Orthonormal ``q`` and ``r`` with ``x = q r``; ``r`` is square but not triangular.

    Cholesky QR, repeated until ``q`` is orthonormal, with a shift where the first Gram matrix is
    nearly singular. Householder QR works on single columns, so two threads meet at thousands of
    barriers; on busy cores it was measured 5 to 20 times slower than these products. Where
    Cholesky fails for good (exactly dependent columns) Householder QR takes over.

    Parameters
    ----------
    x : ndarray of shape (m, k), m >= k, float64 or complex128
    tolerance : float
        How far from the identity ``q^H q`` may be, at least what rounding makes it.

    Returns
    -------
    q : ndarray of shape (m, k)
    r : ndarray of shape (k, k)

    References
    ----------
    Fukaya, Kannan, Nakatsukasa, Yamamoto & Yanagisawa, "Shifted Cholesky QR for computing the QR
    factorization of ill-conditioned matrices", SIAM J. Sci. Comput. 42 (2020), algorithm 4.2.

    Examples
    --------
    >>> q, r = thin_qr(np.array([[1.0, 1.0], [0.0, 1e-9], [0.0, 0.0]]))
    >>> bool(np.allclose(q.T @ q, np.eye(2), atol=1e-14))
    True
    """
    rows, columns = x.shape
    if columns == 1 and (norm := float(np.linalg.norm(x))) > 0.0:
        return x / norm, np.array([[norm]], x.dtype)
    unit = np.eye(columns, dtype=x.dtype)
    enough = max(tolerance, (8.0 + 2.0 * np.sqrt(rows)) * 2.0**-53)
    q, r = x, unit
    for attempt in range(5):
        gram = q.conj().T @ q
        if float(np.max(np.abs(gram - unit))) <= enough:
            return q, r
        factor = _cholesky(gram, 4.0 * np.sqrt(rows * columns) * 2.0**-53, shift=attempt == 0)
        if factor is None:
            break
        q = q @ np.linalg.inv(factor)
        r = factor @ r
    return _householder(x)


def _cholesky(gram: AnyArray, share: float, shift: bool) -> AnyArray | None:
    """Upper factor of ``gram``, shifted by ``share`` of its trace if that is allowed and needed."""
    try:
        factor = np.linalg.cholesky(gram).conj().T
        pivots = np.abs(np.diagonal(factor))
        if not shift or float(pivots.min()) > 1e-6 * float(pivots.max()):
            return np.asarray(factor)
    except np.linalg.LinAlgError:
        if not shift:
            return None
    # The paper's shift, 11 (m k + k^2) u, has a worst-case constant that costs further passes; a
    # Cholesky that still fails is caught.
    shifted = gram + share * float(np.trace(gram).real) * np.eye(gram.shape[0])
    return _cholesky(shifted, share, shift=False)


def _householder(x: AnyArray) -> tuple[AnyArray, AnyArray]:
    q, r = np.linalg.qr(x)
    return q, r


def thin_svd(x: AnyArray) -> tuple[AnyArray, npt.NDArray[np.float64], AnyArray]:
    """``u, s, vh`` of a tall, thin block by way of `thin_qr`; shapes (m, k), (k,), (k, k)."""
    q, r = thin_qr(x)
    u, s, vh = np.linalg.svd(r)
    return q @ u, s, vh
