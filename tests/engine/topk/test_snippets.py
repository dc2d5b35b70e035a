"""The source handed out computes what the engine computes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.errors import ArgumentError
from engine.topk import OPERATORS
from engine.topk.snippets import python_snippet

EVERY = pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.key)
X = np.random.default_rng(3).standard_normal(11)


@EVERY
def test_numpy_snippet_agrees_with_the_engine(op):
    space: dict = {}
    source = python_snippet(op.key, 4, 0.6)
    exec(compile(source, op.key, "exec"), space)
    assert op.title in source
    assert op.formula.split()[0] in source
    assert_allclose(space["soft_top_k"](X), op(X, 4, 0.6), rtol=0, atol=1e-12)
    if not op.needs_integer_k:
        assert_allclose(space["soft_top_k"](X, 2.5), op(X, 2.5, 0.6), rtol=0, atol=1e-12)


@EVERY
def test_torch_snippet_compiles_without_torch(op):
    compile(python_snippet(op.key, 4, 0.6, "torch"), op.key, "exec")


@EVERY
def test_torch_snippet_agrees_with_the_engine(op):
    torch = pytest.importorskip("torch")
    space: dict = {}
    exec(compile(python_snippet(op.key, 4, 0.6, "torch"), op.key, "exec"), space)
    x = torch.tensor(X, requires_grad=True)
    g = np.linspace(-1.0, 2.0, X.size)
    p = space["SoftTopK"].apply(x, 4, 0.6)
    p.backward(torch.tensor(g))
    if op.stochastic:  # another random number generator
        assert_allclose(float(p.sum()), 4.0, rtol=1e-9)
        assert np.isfinite(x.grad.numpy()).all()
        return
    assert_allclose(p.detach().numpy(), op(X, 4, 0.6), rtol=0, atol=1e-11)
    assert_allclose(x.grad.numpy(), op.vjp(X, 4, 0.6, g), rtol=0, atol=1e-8)


def test_bad_requests_are_named():
    with pytest.raises(ArgumentError, match="flavour"):
        python_snippet("sigmoid", 2, 1.0, "jax")
    with pytest.raises(ArgumentError, match="k = 2"):
        python_snippet("grad", 2.5)
    with pytest.raises(ArgumentError, match="tau"):
        python_snippet("grad", 2, 0.0)
