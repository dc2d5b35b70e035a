"""Perturbed Top-k: the hard mask averaged over Gaussian noise on the scores.

References
----------
Berthet, Blondel, Teboul, Cuturi, Vert & Bach, "Learning with differentiable perturbed
optimizers", NeurIPS 2020, arXiv 2002.08676, eq. (4) and Proposition 3.1.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from engine.topk.code import Code
from engine.topk.operator import Operator
from engine.topk.semantics import FloatArray, Problem, RealArray, rows_of
from engine.topk.solution import RowByRow, RowSolution, row_by_row

__all__ = ["PERTURBED", "SAMPLES", "perturbed_standard_error"]

SAMPLES = 1000  # noise vectors per answer
_CELLS = 1 << 20  # samples x entries held at once


class PerturbedSolution(RowSolution):
    """``p = E[T_k(x + tau Z)]``, Z standard normal, as a mean over seeded samples.

    The derivative ``J = E[T_k(x + tau Z) Z^T] / tau`` is itself a Monte Carlo estimate; taking
    T_k less p leaves its mean and lowers its variance.  p is piecewise constant at a fixed
    seed, so finite differences of it say nothing.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        x = problem.scores
        center = np.partition(x, x.size - problem.count)[x.size - problem.count]
        self.z: FloatArray = np.clip((x - center) / problem.tau, -1e300, 1e300)

    def _samples(self) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Yield (noise, masks), each (samples, n), in bounded chunks."""
        generator = np.random.default_rng(self.problem.seed)
        n, k = self.z.size, self.problem.count
        left = SAMPLES
        while left:
            size = min(left, max(1, _CELLS // n))
            left -= size
            noise = generator.standard_normal((size, n))
            chosen = np.argpartition(self.z + noise, n - k, axis=1)[:, n - k :]
            masks = np.zeros_like(noise)
            np.put_along_axis(masks, chosen, 1.0, axis=1)
            yield noise, masks

    def value(self) -> FloatArray:
        """Return p, (n,)."""
        total: FloatArray = sum((masks.sum(axis=0) for _, masks in self._samples()), self.z * 0.0)
        return total / SAMPLES

    def jvp(self, v: FloatArray) -> FloatArray:
        """Return ``mean((T_k - p) <Z, v>) / tau``, (n,)."""
        total, p = np.zeros_like(v), self.value()
        for noise, masks in self._samples():
            total += (masks - p).T @ (noise @ v)
        return total / (SAMPLES * self.problem.tau)

    def vjp(self, g: FloatArray) -> FloatArray:
        """Return ``mean(<T_k - p, g> Z) / tau``, (n,)."""
        total, p = np.zeros_like(g), self.value()
        for noise, masks in self._samples():
            total += noise.T @ ((masks - p) @ g)
        return total / (SAMPLES * self.problem.tau)

    def standard_error(self) -> FloatArray:
        """Return the standard error of p, (n,): that of a mean of 0/1 draws."""
        p = self.value()
        return np.sqrt(p * (1.0 - p) / (SAMPLES - 1))


def perturbed_standard_error(x: ArrayLike, k: int, tau: float = 1.0, *, seed: int = 0) -> RealArray:
    """Return the Monte Carlo standard error of each p of the `perturbed` operator.

    Parameters
    ----------
    x : array_like (..., n)
        Scores.
    k : int
        How many to keep.
    tau : float
        Standard deviation of the noise.
    seed : int, keyword only
        Seed of the noise, as given to the operator.

    Returns
    -------
    ndarray (..., n)
        0 where every draw agreed (then the error is below about 3 / SAMPLES, not 0).

    Raises
    ------
    ArgumentError, DataError
        As the operator.

    References
    ----------
    Berthet et al., NeurIPS 2020, arXiv 2002.08676.

    Examples
    --------
    >>> bool((perturbed_standard_error([1.0, 0.9, 0.0], 1) < 0.02).all())
    True
    """
    rows, scores = rows_of(x, k, tau, seed, True, False)
    errors = RowByRow(rows, PerturbedSolution).each(PerturbedSolution.standard_error)
    return errors.reshape(scores.shape).astype(scores.dtype, copy=False)


_VALUE = """\
# The draws of the scores that are kept are those that they would get alone.
left = np.sum(keep, axis=-1, keepdims=True)
place = np.where(keep, np.cumsum(keep, axis=-1) - 1, 0)
draw = np.arange(1000, dtype=place.dtype)[:, None]
noise = normal(1000 * n)
noise = noise[draw * left[..., None] + place[..., None, :]]
noise = np.where(keep[..., None, :], noise, -math.inf)
order = np.argsort(-(z[..., None, :] + noise), axis=-1, stable=True)
masks = np.where(np.argsort(order, axis=-1) < k, 1.0, 0.0 * z[..., None, :])
p = np.mean(masks, axis=-2)
"""
_SLOPE = """\
# The score-function gradient E[(T_k(z + Z) - p) Z^T].
noise = np.where(keep[..., None, :], noise, 0.0)
along = np.sum(noise * d[..., None, :], axis=-1, keepdims=True)
p = p + np.mean((masks - p[..., None, :]) * along, axis=-2)
"""

PERTURBED = Operator(
    key="perturbed",
    title="Perturbed Top-k (Monte Carlo)",
    formula="p = E[T_k(x + tau Z)], Z standard normal, mean over 1000 seeded draws",
    source="Berthet et al., NeurIPS 2020, arXiv 2002.08676",
    family="random",
    needs_integer_k=True,
    stochastic=True,
    cost="1000 n",
    solve=row_by_row(PerturbedSolution),
    code=Code(_VALUE, _SLOPE),
    accurate=False,
    estimates_slope=True,
)
