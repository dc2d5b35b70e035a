"""GradTopK: ``p = grad log e_k(e^z)``, and log e_k itself; solved in `engine.topk.grad`."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.errors import ArgumentError
from engine.topk.code import SIGMOID_LAW, Code
from engine.topk.grad.solution import GradSolution
from engine.topk.operator import Operator
from engine.topk.semantics import Rows, check_k, check_scores, check_tau

__all__ = ["GRAD", "log_elementary_symmetric"]


def log_elementary_symmetric(x: ArrayLike, k: int, tau: float = 1.0) -> float:
    """Return ``log e_k(e^{x / tau})``, the smooth sum of the k largest scores (over tau).

    Parameters
    ----------
    x : array_like (n,)
        Scores; -inf entries are left out.
    k : int
        Size of the subsets, in [0, n].
    tau : float
        Temperature.

    Returns
    -------
    float
        ``tau`` times it tends to the sum of the k largest scores as tau goes to 0; its gradient
        with respect to x is the `grad` operator over tau.

    Raises
    ------
    ArgumentError, DataError
        As the operators.

    References
    ----------
    Berrada, Zisserman & Kumar, ICLR 2018, eq. (7); kexue.fm/archives/10373, GradTopK.

    Examples
    --------
    >>> scores = np.log([1.0, 2.0, 3.0])
    >>> round(float(np.exp(log_elementary_symmetric(scores, 2))), 12)  # 1*2 + 1*3 + 2*3
    11.0
    """
    scores = check_scores(x)
    if scores.ndim != 1:
        raise ArgumentError("x", scores.shape, "a 1-D array")
    GRAD(scores, k, tau)  # one place decides what is allowed
    row = scores[np.isfinite(scores)].astype(np.float64)
    count, temperature = int(check_k(k, scores.size, True)), check_tau(tau)
    if count == 0:
        return 0.0
    with np.errstate(over="ignore", under="ignore"):
        if count == row.size:
            return float((row / temperature).sum())
        return GradSolution(Rows(row[None], float(count), temperature)).log_polynomial()


_VALUE = """\
# Coins with k heads on average, given exactly k heads: a sum over angles, of which it needs
# an odd number beyond what their deviation, at most sqrt(n) / 2, can reach.
s = np.where(keep, F(t), 0.0)[..., None, :]
count = min(n + 1, 2 * math.ceil(4.75 * math.sqrt(n) + 40.0)) | 1
angle = np.arange(count // 2 + 1, dtype=z.dtype) * (2.0 * math.pi / count)
turn = np.exp(1j * angle)[:, None]
factor = 1.0 + s * (turn - 1.0)
u = s * turn / factor
w = np.prod(factor, axis=-1) * np.exp(-1j * k * angle) * np.where(angle > 0.0, 2.0, 1.0)
w = (w / np.sum(w, axis=-1, keepdims=True).real)[..., None]
p = np.sum(w * u, axis=-2).real
"""
_SLOPE = """\
# The Jacobian is a covariance.
own = p - np.sum(w * u * u, axis=-2).real
both = np.sum(w * u * np.sum(u * d[..., None, :], axis=-1, keepdims=True), axis=-2).real
p = p + own * d + both - p * np.sum(p * d, axis=-1, keepdims=True)
"""

GRAD = Operator(
    key="grad",
    title="GradTopK (exact)",
    formula="p = grad log e_k(e^z), e_k the elementary symmetric polynomial",
    source="kexue.fm/archives/10373, GradTopK; inclusion probabilities of conditional Poisson "
    "sampling (Chen, Dempster & Liu 1994)",
    family="subset",
    needs_integer_k=True,
    solve=GradSolution,
    code=Code(_VALUE, _SLOPE, SIGMOID_LAW),
    kernels=("sigmoid", "products", "long", "grad"),
)
