"""Code that is copied, run in each library as a person would: values and gradients as NumPy's."""

from __future__ import annotations

import ast
import contextlib
import io
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from engine.flavours import FLAVOURS
from engine.topk import OPERATORS, get_operator, python_snippet

N = 12
_RNG = np.random.default_rng(5)
PLAIN = _RNG.standard_normal((2, 3, N))
COTANGENT = _RNG.standard_normal((4, 2, 3, N))
HIDDEN = np.zeros(PLAIN.shape, dtype=bool)
HIDDEN[0, 0, [1, 5]] = HIDDEN[0, 1, :7] = HIDDEN[1, 0, :] = HIDDEN[1, 1, 0] = True
TIES = np.round(1.2 * PLAIN)
# Without and with a mask (a row of it whole, a row with 5 left), without and with ties.
SCORES = np.stack([PLAIN, np.where(HIDDEN, -np.inf, PLAIN), TIES, np.where(HIDDEN, -np.inf, TIES)])
# What makes XLA compile in half the time.
_QUICK = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}
ALLOWED = {"numpy": {"math", "numpy"}, "torch": {"math", "torch"}, "jax": {"math", "jax"}}


def needs(flavour: str) -> Any:
    """Return the library, or pass over the test where it is not installed."""
    return pytest.importorskip(flavour)


def pairs(jax: tuple[str, ...] = (), only: Callable[[Any], bool] = lambda op: True) -> Any:
    """Parametrise over operators and libraries; JAX, which compiles for seconds, with these."""
    chosen = [
        pytest.param(op, flavour, id=f"{op.key}-{flavour}")
        for op in OPERATORS
        for flavour in FLAVOURS
        if only(op) and (flavour != "jax" or op.key in jax)
    ]
    return pytest.mark.parametrize(("op", "flavour"), chosen)


@cache
def function(
    key: str, flavour: str, k: float = 3, tau: float = 0.5, made_up: bool = False
) -> Callable[..., Any]:
    """Return what the copied text defines; with its last three lines, which print p."""
    needs(flavour)
    source = python_snippet(key, k, tau, flavour)
    imported = {
        name.name.split(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import)
        for name in node.names
    }
    assert not any(isinstance(node, ast.ImportFrom) for node in ast.walk(ast.parse(source)))
    assert imported <= ALLOWED[flavour]
    if not made_up:
        source = source.rstrip().rsplit("\n\n\n", 1)[0]
    space: dict[str, Any] = {}
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(source, f"{key} as {flavour}", "exec"), space)
    assert bool(said.getvalue().strip()) == made_up
    return space["soft_top_k"]


def arguments(key: str, k: float, tau: float) -> tuple[float, ...]:
    """Return what the function is called with after the scores."""
    return (k, tau) if get_operator(key).has_tau else (k,)


def run(
    key: str, flavour: str, x: np.ndarray, g: np.ndarray | None, k: float, tau: float
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return p and the gradient of <g, p>; None where the library has none."""
    f, more = function(key, flavour), arguments(key, k, tau)
    if flavour == "numpy":
        return f(x, *more), None
    if flavour == "torch":
        torch = needs("torch")
        scores = torch.tensor(x, requires_grad=True)
        p = f(scores, *more)
        assert p.dtype == scores.dtype
        if g is None:
            return p.detach().numpy(), None
        (gradient,) = torch.autograd.grad(p, scores, torch.tensor(g))
        return p.detach().numpy(), gradient.numpy()
    return _run_jax(key, x, g, k, tau)


def _run_jax(key, x, g, k, tau):
    jax = needs("jax")
    with jax.enable_x64(True):
        cotangent = np.zeros_like(x) if g is None else g
        p, gradient = _compiled(key, k)(x, cotangent.astype(x.dtype), tau)
        assert p.dtype == x.dtype
        return np.asarray(p), np.asarray(gradient)


@cache
def _compiled(key: str, k: float) -> Callable[..., Any]:
    """Return p and its gradient under jit, tau being an argument."""
    jax = needs("jax")
    f = function(key, "jax")

    def both(x, g, tau):
        p, pull = jax.vjp(lambda scores: f(scores, *arguments(key, k, tau)), x)
        return p, pull(g)[0]

    return jax.jit(both, compiler_options=_QUICK)


def scale(gradient: np.ndarray) -> float:
    """Return what an error of a gradient is measured by."""
    return max(1.0, float(np.abs(gradient).max()))
