"""GradTopK: ``p = grad log e_k(e^z)``, and log e_k itself; solved in `engine.topk.grad`."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.errors import ArgumentError
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


_NUMPY = """\
# Tilt to independent coins with k heads on average, then condition on exactly k heads.
z, n = x / tau, x.size
low, high = z.min() - np.log(n) - 1.0, z.max() + np.log(n) + 1.0
for _ in range(200):
    lam = 0.5 * (low + high)
    s = np.exp(-np.logaddexp(0.0, lam - z))
    low, high = (lam, high) if s.sum() > k else (low, lam)
theta = 2.0 * np.pi * np.arange(n + 1) / (n + 1)
turn = np.exp(1j * theta)[:, None]
factors = 1.0 + s * (turn - 1.0)
weight = factors.prod(axis=1) * np.exp(-1j * k * theta)
return (weight @ (s * turn / factors)).real / weight.sum().real
"""
_TORCH = """\
# log e_k is the log of a coefficient of a polynomial; its gradient is p.
z, n = x / tau, x.numel()
fixed = z.detach()  # the answer does not depend on lam, so neither does the gradient
low, high = float(fixed.min()) - math.log(n) - 1.0, float(fixed.max()) + math.log(n) + 1.0
for _ in range(200):
    lam = 0.5 * (low + high)
    over = float(torch.sigmoid(fixed - lam).sum()) > k
    low, high = (lam, high) if over else (low, lam)
s = torch.sigmoid(z - lam)
theta = 2.0 * math.pi * torch.arange(n + 1, dtype=torch.float64) / (n + 1)
turn = torch.polar(torch.ones_like(theta), theta)[:, None]
factors = 1.0 + s * (turn - 1.0)
weight = factors.prod(1) * torch.polar(torch.ones_like(theta), -k * theta)
return (weight[:, None] * s * turn / factors).sum(0).real / weight.sum().real
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
    numpy_body=_NUMPY,
    torch_body=_TORCH,
    kernels=("sigmoid", "products", "long", "grad"),
)
