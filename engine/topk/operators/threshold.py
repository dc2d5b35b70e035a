"""The threshold family with the distribution functions that the article names.

References
----------
Su, "Softmax后传：寻找Top-K的光滑近似", kexue.fm/archives/10373, section on ThreTopK.
"""

from __future__ import annotations

from engine.topk.code import SIGMOID_LAW
from engine.topk.threshold.distributions import (
    Cauchy,
    Clip,
    Exp,
    Gaussian,
    Laplace,
    Sigmoid,
)
from engine.topk.threshold.family import threshold_formula, threshold_operator

__all__ = ["CAUCHY", "CLIP", "EXP", "GAUSSIAN", "LAPLACE", "SIGMOID"]

EXP = threshold_operator(
    key="exp",
    title="Exponential threshold",
    formula=threshold_formula("min(1, e^t)"),
    source="kexue.fm/archives/10373, ThreTopK; KL projection on the capped simplex, "
    "softmax at k = 1",
    distribution=Exp(),
    law_code="return np.exp(np.where(t < 0.0, t, 0.0))",
    density_code="np.where(t <= tiny, F(t), 0.0)",
)
SIGMOID = threshold_operator(
    key="sigmoid",
    title="Sigmoid threshold",
    formula=threshold_formula("1 / (1 + e^-t)"),
    source="kexue.fm/archives/10373, ThreTopK; = LML (Amos, Koltun & Kolter 2019, "
    "arXiv 1906.08707) = SOFT top-k at eps = 2 tau (Xie et al. 2020, arXiv 2002.06504)",
    distribution=Sigmoid(),
    law_code=SIGMOID_LAW,
    density_code="F(t) * F(-t)",
)
LAPLACE = threshold_operator(
    key="laplace",
    title="Laplace threshold",
    formula=threshold_formula("e^t / 2 for t < 0, 1 - e^-t / 2 otherwise"),
    source="kexue.fm/archives/10373, ThreTopK; = LapSum (Struski et al., ICML 2025, "
    "arXiv 2503.06242)",
    distribution=Laplace(),
    law_code="e = 0.5 * np.exp(-np.abs(t))\nreturn np.where(t < 0, e, 1.0 - e)",
    density_code="0.5 * np.exp(-np.abs(t))",
)
GAUSSIAN = threshold_operator(
    key="gaussian",
    title="Gaussian threshold (probit)",
    formula=threshold_formula("normal distribution function of t"),
    source="kexue.fm/archives/10373, ThreTopK with the probit function",
    distribution=Gaussian(),
    law_code="return np.ndtr(t)",
    density_code="np.exp(-0.5 * t * t) / math.sqrt(2.0 * math.pi)",
)
CLIP = threshold_operator(
    key="clip",
    title="Clipped linear threshold",
    formula=threshold_formula("t clipped to [0, 1]"),
    source="Euclidean projection on the capped simplex (Wang & Lu 2015, arXiv 1503.01002)",
    distribution=Clip(),
    law_code="return np.clip(t, 0.0, 1.0)",
    density_code="np.where((t >= -tiny) & (t <= 1.0 + tiny), 1.0, 0.0 * t)",
)
CAUCHY = threshold_operator(
    key="cauchy",
    title="Cauchy threshold (heavy tails)",
    formula=threshold_formula("1/2 + atan(t) / pi"),
    source="kexue.fm/archives/10373, ThreTopK with the Cauchy distribution function",
    distribution=Cauchy(),
    law_code="return np.arctan2(np.ones_like(t), -t) / math.pi",
    density_code="1.0 / (math.pi * (1.0 + t * t))",
    saturates=False,
)
