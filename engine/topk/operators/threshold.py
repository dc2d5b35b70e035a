"""The threshold family with the distribution functions that the article names.

References
----------
Su, "Softmax后传：寻找Top-K的光滑近似", kexue.fm/archives/10373, section on ThreTopK.
"""

from __future__ import annotations

from engine.topk.operator import Operator
from engine.topk.threshold.distributions import (
    Cauchy,
    Clip,
    Distribution,
    Exp,
    Gaussian,
    Laplace,
    Sigmoid,
)
from engine.topk.threshold.family import threshold_solver

__all__ = ["CAUCHY", "CLIP", "EXP", "GAUSSIAN", "LAPLACE", "SIGMOID"]


def _operator(key: str, title: str, law: str, source: str, distribution: Distribution) -> Operator:
    return Operator(
        key=key,
        title=title,
        formula=f"p_i = F(z_i - lam), F(t) = {law}, lam such that sum p = k",
        source=source,
        family="threshold",
        needs_integer_k=False,
        solve=threshold_solver(distribution),
        solves_rows=True,
    )


EXP = _operator(
    "exp",
    "Exponential threshold",
    "min(1, e^t)",
    "kexue.fm/archives/10373, ThreTopK; KL projection on the capped simplex, softmax at k = 1",
    Exp(),
)
SIGMOID = _operator(
    "sigmoid",
    "Sigmoid threshold",
    "1 / (1 + e^-t)",
    "kexue.fm/archives/10373, ThreTopK; = LML (Amos, Koltun & Kolter 2019, arXiv 1906.08707) "
    "= SOFT top-k at eps = 2 tau (Xie et al. 2020, arXiv 2002.06504)",
    Sigmoid(),
)
LAPLACE = _operator(
    "laplace",
    "Laplace threshold",
    "e^t / 2 for t < 0, 1 - e^-t / 2 otherwise",
    "kexue.fm/archives/10373, ThreTopK; = LapSum (Struski et al., ICML 2025, arXiv 2503.06242)",
    Laplace(),
)
GAUSSIAN = _operator(
    "gaussian",
    "Gaussian threshold (probit)",
    "normal distribution function of t",
    "kexue.fm/archives/10373, ThreTopK with the probit function",
    Gaussian(),
)
CLIP = _operator(
    "clip",
    "Clipped linear threshold",
    "t clipped to [0, 1]",
    "Euclidean projection on the capped simplex (Wang & Lu 2015, arXiv 1503.01002)",
    Clip(),
)
CAUCHY = _operator(
    "cauchy",
    "Cauchy threshold (heavy tails)",
    "1/2 + atan(t) / pi",
    "kexue.fm/archives/10373, ThreTopK with the Cauchy distribution function",
    Cauchy(),
)
