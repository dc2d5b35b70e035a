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
from engine.topk.threshold.family import kernels_of, threshold_formula, threshold_solver

__all__ = ["CAUCHY", "CLIP", "EXP", "GAUSSIAN", "LAPLACE", "SIGMOID"]


def _operator(
    key: str,
    title: str,
    law: str,
    source: str,
    distribution: Distribution,
    *,
    numpy_body: str,
    torch_body: str,
    torch_density: str,
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
        numpy_body=numpy_body,
        torch_body=torch_body,
        torch_density=torch_density,
        saturates=saturates,
        kernels=kernels_of(distribution),
    )


EXP = _operator(
    "exp",
    "Exponential threshold",
    "min(1, e^t)",
    "kexue.fm/archives/10373, ThreTopK; KL projection on the capped simplex, softmax at k = 1",
    Exp(),
    numpy_body="return np.exp(np.minimum(t, 0.0))",
    torch_body="return t.clamp_max(0.0).exp()",
    torch_density="f = torch.where(t <= 0.0, F(t), torch.zeros_like(t))",
)
SIGMOID = _operator(
    "sigmoid",
    "Sigmoid threshold",
    "1 / (1 + e^-t)",
    "kexue.fm/archives/10373, ThreTopK; = LML (Amos, Koltun & Kolter 2019, arXiv 1906.08707) "
    "= SOFT top-k at eps = 2 tau (Xie et al. 2020, arXiv 2002.06504)",
    Sigmoid(),
    numpy_body="e = np.exp(-np.abs(t))\nreturn np.where(t < 0, e, 1.0) / (1.0 + e)",
    torch_body="return torch.sigmoid(t)",
    torch_density="f = torch.sigmoid(t) * torch.sigmoid(-t)",
)
LAPLACE = _operator(
    "laplace",
    "Laplace threshold",
    "e^t / 2 for t < 0, 1 - e^-t / 2 otherwise",
    "kexue.fm/archives/10373, ThreTopK; = LapSum (Struski et al., ICML 2025, arXiv 2503.06242)",
    Laplace(),
    numpy_body="e = 0.5 * np.exp(-np.abs(t))\nreturn np.where(t < 0, e, 1.0 - e)",
    torch_body="e = 0.5 * (-t.abs()).exp()\nreturn torch.where(t < 0, e, 1.0 - e)",
    torch_density="f = 0.5 * (-t.abs()).exp()",
)
GAUSSIAN = _operator(
    "gaussian",
    "Gaussian threshold (probit)",
    "normal distribution function of t",
    "kexue.fm/archives/10373, ThreTopK with the probit function",
    Gaussian(),
    numpy_body="from math import erfc\nreturn np.array([0.5 * erfc(-v / np.sqrt(2.0)) for v in t])",
    torch_body="return torch.special.ndtr(t)",
    torch_density="f = (-0.5 * t * t).exp() / math.sqrt(2.0 * math.pi)",
)
CLIP = _operator(
    "clip",
    "Clipped linear threshold",
    "t clipped to [0, 1]",
    "Euclidean projection on the capped simplex (Wang & Lu 2015, arXiv 1503.01002)",
    Clip(),
    numpy_body="return np.clip(t, 0.0, 1.0)",
    torch_body="return t.clamp(0.0, 1.0)",
    torch_density="f = ((t >= 0.0) & (t <= 1.0)).double()",
)
CAUCHY = _operator(
    "cauchy",
    "Cauchy threshold (heavy tails)",
    "1/2 + atan(t) / pi",
    "kexue.fm/archives/10373, ThreTopK with the Cauchy distribution function",
    Cauchy(),
    numpy_body="return np.arctan2(1.0, -t) / np.pi",
    torch_body="return torch.atan2(torch.ones_like(t), -t) / math.pi",
    torch_density="f = 1.0 / (math.pi * (1.0 + t * t))",
    saturates=False,
)
