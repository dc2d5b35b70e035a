"""LAPACK's singular value decomposition with a second driver where the first does not converge."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.linalg

from engine.errors import ConvergenceError

AnyArray = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]

_SAID = "gesdd did not converge; gesvd did"
_FAILED = (
    "The singular value decomposition did not converge, neither with LAPACK's gesdd nor with gesvd."
)
_FAILED_VALUES = (
    "The singular value decomposition did not converge, neither with LAPACK's gesdd nor with gesvd."
    " Try method='gram'."
)


def svd_values(a: AnyArray) -> tuple[FloatArray, str]:
    """Singular values of a finite float64 (complex128) matrix, and what happened on the way.

    Returns
    -------
    values : ndarray of shape (min(m, n),)
        Descending.
    note : str
        Empty, or that gesvd (plain QR iteration) stood in for gesdd (divide and conquer).

    Raises
    ------
    ConvergenceError
        When both fail.

    References
    ----------
    Anderson et al., LAPACK Users' Guide, 3rd ed. (1999), section 2.4.6.

    Examples
    --------
    >>> svd_values(np.diag([1.0, 2.0]))
    (array([2., 1.]), '')
    """
    try:
        return np.linalg.svd(a, compute_uv=False), ""
    except np.linalg.LinAlgError:
        return np.asarray(_gesvd(a, compute_uv=False)), _SAID


def svd_triplets(a: AnyArray) -> tuple[AnyArray, FloatArray, AnyArray, str]:
    """Thin decomposition ``u, s, vh`` of a finite matrix, and the note of `svd_values`.

    Raises
    ------
    ConvergenceError
        When both drivers fail.

    Examples
    --------
    >>> svd_triplets(np.eye(2))[3]
    ''
    """
    try:
        u, s, vh = np.linalg.svd(a, full_matrices=False)
        return u, s, vh, ""
    except np.linalg.LinAlgError:
        u, s, vh = _gesvd(a, full_matrices=False)
        return u, s, vh, _SAID


def _gesvd(a: AnyArray, **options: bool) -> Any:
    try:
        return scipy.linalg.svd(a, check_finite=False, lapack_driver="gesvd", **options)
    except np.linalg.LinAlgError as error:
        if options.get("compute_uv", True):
            message = _FAILED
        else:
            message = _FAILED_VALUES
        raise ConvergenceError(message) from error
