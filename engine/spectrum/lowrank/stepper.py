"""A truncation that follows its rank: only the ranks that changed are added or taken away."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import get_blas_funcs

from engine.spectrum.linalg.checks import check_rank
from engine.spectrum.linalg.norms import AnyArray
from engine.spectrum.lowrank.fits import check_factors

# Rounding may grow to this many units in the last place of sigma_1 before a fresh start:
# 4000 * 2^-53 is below 5e-13. A step over d ranks adds at most d + 2 units.
_DRIFT_LIMIT = 4000


class RankStepper:
    """Reconstruction ``U_r diag(s_r) V_r^T`` kept up to date while r moves.

    Parameters
    ----------
    u : array_like of shape (m, K)
        Left singular vectors; float32, float64, complex64 or complex128.
    s : array_like of shape (K,)
        Singular values.
    vh : array_like of shape (K, n)
        Right singular vectors, transposed.
    rank : int
        Where to start.

    Raises
    ------
    ArgumentError
        If shapes do not fit or ``rank`` is outside [0, K].

    References
    ----------
    Golub & Van Loan, Matrix Computations (2013), section 1.1.7: outer product updates.

    Examples
    --------
    >>> import numpy as np
    >>> stepper = RankStepper(np.eye(2), [3.0, 1.0], np.eye(2))
    >>> stepper.step_to(2).tolist()
    [[3.0, 0.0], [0.0, 1.0]]
    >>> stepper.step_to(1).tolist()
    [[3.0, 0.0], [0.0, 0.0]]
    """

    def __init__(
        self, u: npt.ArrayLike, s: npt.ArrayLike, vh: npt.ArrayLike, rank: int = 0
    ) -> None:
        left, values, right = check_factors(u, s, vh)
        dtype = np.result_type(left, values, right, np.float32)
        # Column-major left and row-major right factors let BLAS read any run of ranks in place.
        self._left = np.asarray(left * values, dtype=dtype, order="F")
        self._right = np.asarray(right, dtype=dtype, order="C")
        self._gemm: Any = get_blas_funcs("gemm", dtype=dtype)
        self._matrix: AnyArray = np.zeros((left.shape[0], right.shape[1]), dtype=self._gemm.dtype)
        self._rank = 0
        self._drift = 0
        self.step_to(rank)

    @property
    def rank(self) -> int:
        """The current rank."""
        return self._rank

    @property
    def limit(self) -> int:
        """K, the largest rank."""
        return int(self._left.shape[1])

    @property
    def drift(self) -> int:
        """Bound on the rounding gathered since the last fresh start, in ulps of sigma_1."""
        return self._drift

    @property
    def matrix(self) -> AnyArray:
        """Read-only view of the reconstruction; the next step changes what it shows."""
        view = self._matrix.view()
        view.setflags(write=False)
        return view

    def step_to(self, rank: int) -> AnyArray:
        """Move to another rank and return the reconstruction.

        Parameters
        ----------
        rank : int
            0 ... K.

        Returns
        -------
        ndarray of shape (m, n)
            `matrix`; copy it to keep it.

        Raises
        ------
        ArgumentError
            If ``rank`` is outside [0, K].
        """
        target = check_rank("rank", rank, self.limit)
        change = abs(target - self._rank)
        if change == 0:
            return self.matrix
        if change >= target or self._drift + change + 2 > _DRIFT_LIMIT:
            self._rank = target
            return self.rebuild()
        if target > self._rank:
            self._add(self._rank, target, 1.0)
        else:
            self._add(target, self._rank, -1.0)
        self._rank = target
        self._drift += change + 2
        return self.matrix

    def rebuild(self) -> AnyArray:
        """Compute the reconstruction afresh, which removes all gathered rounding."""
        self._matrix[:] = 0.0
        if self._rank:
            self._add(0, self._rank, 1.0)
        self._drift = 0
        return self.matrix

    def _add(self, start: int, stop: int, sign: float) -> None:
        """Add (or subtract) the ranks start ... stop - 1 in place.

        BLAS is column-major, so it is given the transpose: ``C^T += V_r (U_r S_r)^T``.
        """
        self._gemm(
            sign,
            self._right[start:stop].T,
            self._left[:, start:stop],
            beta=1.0,
            c=self._matrix.T,
            trans_b=1,
            overwrite_c=1,
        )
