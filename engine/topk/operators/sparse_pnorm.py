"""Sparse differentiable Top-k: p-norm regularised projections, with p = 4/3 and p = 3/2.

Maximising ``<x, y> - tau sum_i |y_i|^p / p`` over ``0 <= y <= 1, sum y = k`` has the stationary
point ``y_i = clip(z_i - lam, 0, 1)^{1 / (p - 1)}``: members of the threshold family with
``F(t) = clip(t, 0, 1)^m``, m = 3 and m = 2.  Unlike p = 2 (`clip`) they are differentiable where
an entry leaves 0.

References
----------
Sander, Puigcerver, Djolonga, Peyré & Blondel, "Fast, differentiable and sparse top-k: a convex
analysis perspective", ICML 2023, arXiv 2302.01425, section 5.
"""

from __future__ import annotations

from engine.topk.operator import Operator
from engine.topk.threshold.distributions import Power
from engine.topk.threshold.family import kernels_of, threshold_code, threshold_solver

__all__ = ["SPARSE_PNORM", "SPARSE_PNORM_3_2"]

_CUBE, _SQUARE = Power(3), Power(2)

SPARSE_PNORM = Operator(
    key="sparse_pnorm",
    title="Sparse Top-k (4/3-norm)",
    formula="p_i = clip(z_i - lam, 0, 1)^3, lam such that sum p = k",
    source="Sander et al., ICML 2023, arXiv 2302.01425, section 5, p = 4/3",
    family="threshold",
    needs_integer_k=False,
    solve=threshold_solver(_CUBE),
    code=threshold_code(
        _CUBE,
        "return np.clip(t, 0.0, 1.0) ** 3",
        "3.0 * np.clip(t, 0.0, 1.0) ** 2 * (t <= 1.0 + tiny)",
    ),
    kernels=kernels_of(_CUBE),
)
SPARSE_PNORM_3_2 = Operator(
    key="sparse_pnorm_3_2",
    title="3/2-norm sparse Top-k",
    formula="p_i = clip(z_i - lam, 0, 1)^2, lam such that sum p = k",
    source="Sander et al., ICML 2023, arXiv 2302.01425, section 5, p = 3/2",
    family="threshold",
    needs_integer_k=False,
    solve=threshold_solver(_SQUARE),
    code=threshold_code(
        _SQUARE,
        "return np.clip(t, 0.0, 1.0) ** 2",
        "2.0 * np.clip(t, 0.0, 1.0) * (t <= 1.0 + tiny)",
    ),
    kernels=kernels_of(_SQUARE),
)
