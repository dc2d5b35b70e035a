"""The threshold family with the distribution functions that the article names.

References
----------
Su, "Softmax后传：寻找Top-K的光滑近似", kexue.fm/archives/10373, section on ThreTopK.
"""

from __future__ import annotations

from engine.topk.code import SIGMOID_LAW
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
from engine.topk.threshold.family import (
    kernels_of,
    threshold_code,
    threshold_formula,
    threshold_solver,
)

__all__ = ["CAUCHY", "CLIP", "EXP", "GAUSSIAN", "LAPLACE", "SIGMOID"]


def _operator(
    key: str,
    title: str,
    law: str,
    source: str,
    distribution: Distribution,
    *,
    law_code: str,
    density_code: str,
    saturates: bool = True,
) -> Operator:
    return Operator(
        key=key,
        title=title,
        formula=threshold_formula(law),
        source=source,
        family="threshold",
        needs_integer_k=False,
        solve=threshold_solver(distribution),
        code=threshold_code(distribution, law_code, density_code),
        saturates=saturates,
        kernels=kernels_of(distribution),
    )


EXP = _operator(
    "exp",
    "Exponential threshold",
    "min(1, e^t)",
    "kexue.fm/archives/10373, ThreTopK; KL projection on the capped simplex, softmax at k = 1",
    Exp(),
    law_code="return np.exp(np.where(t < 0.0, t, 0.0))",
    density_code="np.where(t <= tiny, F(t), 0.0)",
)
SIGMOID = _operator(
    "sigmoid",
    "Sigmoid threshold",
    "1 / (1 + e^-t)",
    "kexue.fm/archives/10373, ThreTopK; = LML (Amos, Koltun & Kolter 2019, arXiv 1906.08707) "
    "= SOFT top-k at eps = 2 tau (Xie et al. 2020, arXiv 2002.06504)",
    Sigmoid(),
    law_code=SIGMOID_LAW,
    density_code="F(t) * F(-t)",
)
LAPLACE = _operator(
    "laplace",
    "Laplace threshold",
    "e^t / 2 for t < 0, 1 - e^-t / 2 otherwise",
    "kexue.fm/archives/10373, ThreTopK; = LapSum (Struski et al., ICML 2025, arXiv 2503.06242)",
    Laplace(),
    law_code="e = 0.5 * np.exp(-np.abs(t))\nreturn np.where(t < 0, e, 1.0 - e)",
    density_code="0.5 * np.exp(-np.abs(t))",
)
GAUSSIAN = _operator(
    "gaussian",
    "Gaussian threshold (probit)",
    "normal distribution function of t",
    "kexue.fm/archives/10373, ThreTopK with the probit function",
    Gaussian(),
    law_code="return np.ndtr(t)",
    density_code="np.exp(-0.5 * t * t) / math.sqrt(2.0 * math.pi)",
)
CLIP = _operator(
    "clip",
    "Clipped linear threshold",
    "t clipped to [0, 1]",
    "Euclidean projection on the capped simplex (Wang & Lu 2015, arXiv 1503.01002)",
    Clip(),
    law_code="return np.clip(t, 0.0, 1.0)",
    density_code="np.where((t >= -tiny) & (t <= 1.0 + tiny), 1.0, 0.0 * t)",
)
CAUCHY = _operator(
    "cauchy",
    "Cauchy threshold (heavy tails)",
    "1/2 + atan(t) / pi",
    "kexue.fm/archives/10373, ThreTopK with the Cauchy distribution function",
    Cauchy(),
    law_code="return np.arctan2(np.ones_like(t), -t) / math.pi",
    density_code="1.0 / (math.pi * (1.0 + t * t))",
    saturates=False,
)
