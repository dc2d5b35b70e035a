"""Self-contained source of one operator, to be pasted into other projects.

The snippets favour clarity over speed (bisection instead of Newton, O(n k) loops) and hold the
formula and the source of the operator in their docstring.
"""

from __future__ import annotations

import textwrap

from engine.errors import ArgumentError
from engine.sentences import one_of
from engine.topk.operator import Operator
from engine.topk.registry import get_operator
from engine.topk.semantics import check_tau

__all__ = ["FLAVOURS", "python_snippet"]

FLAVOURS = ("numpy", "torch")

_NUMPY = '''\
import numpy as np


def soft_top_k(x, k={k}, tau={tau}):
    """{title}.

    {formula}
    Source: {source}
    x: 1-D scores; returns p of the same length.
    """
    x = np.asarray(x, dtype=np.float64)
{body}
'''

_NUMPY_THRESHOLD = """\
def F(t):
    {cdf}

z = x / tau
low, high = z.min() - 1.0, z.max() + 1.0
while F(z - low).sum() < k:
    low -= high - low
while F(z - high).sum() > k:
    high += high - low
for _ in range(200):  # F(z - lam).sum() falls as lam grows
    lam = 0.5 * (low + high)
    low, high = (lam, high) if F(z - lam).sum() > k else (low, lam)
return F(z - lam)
"""

_TORCH_THRESHOLD = '''\
import math

import torch


class SoftTopK(torch.autograd.Function):
    """{title}.

    {formula}
    Source: {source}
    Backward: with f = F'(z - lam), g -> f (g - <f, g> / sum f) / tau.
    Use: p = SoftTopK.apply(x, {k}, {tau}); x is (..., n), the last axis holds the scores.
    """

    @staticmethod
    def forward(ctx, x, k={k}, tau={tau}):
        z = x.double() / tau

        def F(t):
            {cdf}

        def total(lam):
            return F(z - lam).sum(-1, keepdim=True)

        low = z.amin(-1, keepdim=True) - 1.0
        high = z.amax(-1, keepdim=True) + 1.0
        while (total(low) < k).any():
            low = low - (high - low)
        while (total(high) > k).any():
            high = high + (high - low)
        for _ in range(200):
            lam = 0.5 * (low + high)
            above = total(lam) > k
            low, high = torch.where(above, lam, low), torch.where(above, high, lam)
        t = z - lam
        {pdf}
        ctx.save_for_backward(f)
        ctx.tau = tau
        return F(t).to(x.dtype)

    @staticmethod
    def backward(ctx, g):
        (f,) = ctx.saved_tensors
        total = f.sum(-1, keepdim=True)
        mean = (f * g).sum(-1, keepdim=True) / total.clamp_min(1e-300)
        return (f * (g - mean) / ctx.tau).to(g.dtype), None, None
'''

_TORCH = '''\
import math

import torch


def _soft_top_k(x, k, tau):
{body}


class SoftTopK(torch.autograd.Function):
    """{title}.

    {formula}
    Source: {source}
    Backward: reverse mode through the steps of the forward pass, in float64.
    Use: p = SoftTopK.apply(x, {k}, {tau}); x is 1-D.
    """

    @staticmethod
    def forward(ctx, x, k={k}, tau={tau}):
        with torch.enable_grad():
            ctx.x = x.detach().double().requires_grad_()
            ctx.p = _soft_top_k(ctx.x, k, tau)
        return ctx.p.detach().to(x.dtype)

    @staticmethod
    def backward(ctx, g):
        if not ctx.p.requires_grad:  # a hard mask: the derivative is 0 wherever it exists
            return torch.zeros_like(g), None, None
        (gradient,) = torch.autograd.grad(ctx.p, ctx.x, g.double(), retain_graph=True)
        return gradient.to(g.dtype), None, None
'''


def python_snippet(key: str, k: float, tau: float = 1.0, flavour: str = "numpy") -> str:
    """Return Python source that computes one operator without this package.

    Parameters
    ----------
    key : str
        Key of the operator.
    k : float
        Default of the argument k in the snippet; an integer where the operator needs one.
    tau : float
        Default of the argument tau.
    flavour : {"numpy", "torch"}
        A function ``soft_top_k(x, k, tau)``, or a ``torch.autograd.Function`` named
        ``SoftTopK`` with a backward pass.

    Returns
    -------
    str
        Source of a module that imports nothing but NumPy, or math and PyTorch.

    Raises
    ------
    ArgumentError
        If the key, k, tau or the flavour is not allowed.

    Notes
    -----
    The snippets hold for 0 < k < n and finite scores.

    Examples
    --------
    >>> space = {}
    >>> exec(python_snippet("sigmoid", 1, 0.5), space)
    >>> space["soft_top_k"]([1.0, 0.0]).round(4)
    array([0.7311, 0.2689])
    """
    operator = get_operator(key)
    if flavour not in FLAVOURS:
        raise ArgumentError("flavour", flavour, one_of(FLAVOURS))
    if isinstance(k, bool) or not 0 <= k < float("inf"):
        raise ArgumentError("k", k, "a number >= 0")
    if operator.needs_integer_k and k != int(k):
        raise ArgumentError("k", k, "an integer >= 0")
    words = _words(operator, k, check_tau(tau))
    if operator.torch_density:
        return _threshold(operator, flavour, words)
    body = operator.numpy_body if flavour == "numpy" else operator.torch_body
    words["body"] = textwrap.indent(body.rstrip(), "    ")
    return (_NUMPY if flavour == "numpy" else _TORCH).format(**words)


def _words(operator: Operator, k: float, tau: float) -> dict[str, str]:
    wrapped = textwrap.fill(operator.source, 88, subsequent_indent="    ")
    formula = textwrap.fill(operator.formula, 88, subsequent_indent="    ")
    number = repr(int(k)) if k == int(k) else repr(float(k))
    return {
        "title": operator.title,
        "formula": formula,
        "source": wrapped,
        "k": number,
        "tau": repr(tau),
    }


def _threshold(operator: Operator, flavour: str, words: dict[str, str]) -> str:
    if flavour == "numpy":
        cdf = textwrap.indent(operator.numpy_body, "    ").strip()
        words["body"] = textwrap.indent(_NUMPY_THRESHOLD.replace("{cdf}", cdf), "    ").rstrip()
        return _NUMPY.format(**words)
    words["cdf"] = textwrap.indent(operator.torch_body, " " * 12).strip()
    words["pdf"] = textwrap.indent(operator.torch_density, " " * 8).strip()
    return _TORCH_THRESHOLD.format(**words)
