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

from engine.topk.threshold.distributions import Power
from engine.topk.threshold.family import threshold_operator

__all__ = ["SPARSE_PNORM", "SPARSE_PNORM_3_2"]

SPARSE_PNORM = threshold_operator(
    key="sparse_pnorm",
    title="Sparse Top-k (4/3-norm)",
    formula="p_i = clip(z_i - lam, 0, 1)^3, lam such that sum p = k",
    source="Sander et al., ICML 2023, arXiv 2302.01425, section 5, p = 4/3",
    distribution=Power(3),
    law_code="return np.clip(t, 0.0, 1.0) ** 3",
    density_code="3.0 * np.clip(t, 0.0, 1.0) ** 2 * (t <= 1.0 + tiny)",
)
SPARSE_PNORM_3_2 = threshold_operator(
    key="sparse_pnorm_3_2",
    title="3/2-norm sparse Top-k",
    formula="p_i = clip(z_i - lam, 0, 1)^2, lam such that sum p = k",
    source="Sander et al., ICML 2023, arXiv 2302.01425, section 5, p = 3/2",
    distribution=Power(2),
    law_code="return np.clip(t, 0.0, 1.0) ** 2",
    density_code="2.0 * np.clip(t, 0.0, 1.0) * (t <= 1.0 + tiny)",
)
