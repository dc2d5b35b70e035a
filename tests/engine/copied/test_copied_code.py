"""The code that is copied computes what the engine computes, in every library."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.errors import ArgumentError
from engine.flavours import FLAVOURS
from engine.topk import OPERATORS, get_operator, python_snippet
from tests.engine.copied.libraries import (
    COTANGENT,
    HIDDEN,
    PLAIN,
    SCORES,
    N,
    arguments,
    function,
    needs,
    pairs,
    run,
    scale,
)

EVERY = pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.key)
KEYS = tuple(op.key for op in OPERATORS)
TAUS = (1e-3, 0.5, 10.0)


def repeats(op, flavour):
    """Whether the numbers are those of the engine: another library draws other noise."""
    return flavour == "numpy" or not op.stochastic


def comparable(op, tau):
    """Return which of SCORES are compared, and of which the gradients are.

    Ties at a small tau need more digits of the weighted softmax than float64 has, which the engine
    gives itself; and there the engine's derivative is not that of its p.  The recursion has no
    derivative where it has lost its digits.
    """
    none = np.array([], dtype=int)
    if op.key == "grad_recursive" and tau < 0.01:
        return np.arange(4), none
    if op.key == "iterated_weighted_softmax" and tau < 0.01:
        return np.array([0, 1]), none
    return np.arange(4), np.arange(4)


@pytest.mark.sample(1 / 6)
@pairs(jax=KEYS)
def test_values_and_gradients_are_those_of_the_engine(op, flavour):
    needs(flavour)
    if not repeats(op, flavour):
        return  # see the tests of what must hold of other random numbers
    for tau in TAUS if op.has_tau else (0.5,):
        values, slopes = comparable(op, tau)
        p, gradient = run(op.key, flavour, SCORES, COTANGENT, 3, tau)
        wanted = op(SCORES, 3, tau)
        assert_allclose(p[values], wanted[values], rtol=0, atol=1e-6)
        if gradient is None:
            continue
        assert np.isfinite(gradient[slopes]).all()
        assert_array_equal(gradient[:, HIDDEN][[1, 3]], 0.0)  # however lost the others are
        right = op.vjp(SCORES, 3, tau, COTANGENT)
        there = np.isfinite(wanted).all(axis=-1)  # the recursion loses all its digits
        error = np.abs(gradient - right)[slopes][there[slopes]]
        assert error.max(initial=0.0) <= 1e-5 * scale(right[there])


@pairs(jax=("hard", "sigmoid"))
@pytest.mark.parametrize("k", [0, N], ids=["none", "all"])
def test_nothing_and_everything_is_kept(op, flavour, k):
    needs(flavour)
    p, gradient = run(op.key, flavour, PLAIN, COTANGENT[0], k, 0.5)
    assert_array_equal(p, np.full_like(PLAIN, k > 0))
    assert gradient is None or not gradient.any()


@pytest.mark.sample(1 / 3)
@pairs(jax=("clip", "perturbed"))
def test_a_mask_leaves_what_the_others_give_alone(op, flavour):
    """-inf first, in the middle and last; a row masked whole; rows with k or fewer left."""
    needs(flavour)
    x = PLAIN[0].copy()
    x[0, [0, 4, 11]] = x[1] = -np.inf
    x[2, 2:] = -np.inf
    p, gradient = run(op.key, flavour, x, COTANGENT[0, 0], 3, 0.5)
    kept = np.isfinite(x[0])
    alone, slope = run(op.key, flavour, x[0, kept], COTANGENT[0, 0, 0, kept], 3, 0.5)
    assert_allclose(p[0, kept], alone, rtol=0, atol=1e-12)
    assert_array_equal(p[0, ~kept], 0.0)
    assert_array_equal(p[1], 0.0)
    assert_array_equal(p[2], np.isfinite(x[2]))
    if gradient is not None:
        assert np.isfinite(gradient).all()
        assert_array_equal(gradient[~np.isfinite(x)], 0.0)
        assert_array_equal(gradient[2], 0.0)
        assert_allclose(gradient[0, kept], slope, rtol=0, atol=1e-9)
    whole, _ = run(op.key, flavour, x[1], COTANGENT[0, 0, 1], 3, 0.5)
    assert_array_equal(whole, 0.0)


@pairs()
def test_float32_stays_float32_with_the_digits_of_the_engine(op, flavour):
    needs(flavour)
    x = SCORES[1].astype(np.float32)
    for tau in (1e-3, 10.0):
        p, _ = run(op.key, flavour, x, None, 3, tau)
        assert p.dtype == np.float32
        assert p.shape == x.shape
        if repeats(op, flavour):
            assert_allclose(p, op(x, 3, tau), rtol=0, atol=1e-6)


@pytest.mark.sample(1 / 2)
@pairs(jax=("sigmoid",))
def test_its_last_lines_run_it_and_defaults_are_those_in_force(op, flavour):
    library = needs(flavour)
    k, tau = 2, 0.25
    f = function(op.key, flavour, k, tau, made_up=True)
    row = library.tensor(PLAIN[0, 0]) if flavour == "torch" else PLAIN[0, 0]
    assert_array_equal(np.asarray(f(row)), np.asarray(f(row, *arguments(op.key, k, tau))))
    assert_array_equal(np.asarray(f(row)), np.asarray(f(row[None]))[0])


@pytest.mark.parametrize("op", [op for op in OPERATORS if op.stochastic], ids=lambda op: op.key)
@pytest.mark.parametrize("flavour", ["torch", "jax"])
def test_other_random_numbers_have_the_same_law(op, flavour):
    needs(flavour)
    x = np.repeat(PLAIN[:1, :1], 2, axis=1)
    p, gradient = run(op.key, flavour, x, COTANGENT[0, :1, :2], 3, 0.5)
    assert_allclose(p.sum(axis=-1), 3.0, atol=1e-6)
    assert_array_equal(p[0, 0], p[0, 1])  # a seed is the same in every row
    assert np.isfinite(gradient).all()
    if op.key == "perturbed":
        right = op.vjp(x, 3, 0.5, COTANGENT[0, :1, :2])
        assert_allclose(p, op(x, 3, 0.5), atol=0.1)
        assert_allclose(gradient, right, atol=0.35 * scale(right))


@pairs(jax=("exp",), only=lambda op: not op.needs_integer_k)
def test_k_is_any_number_where_the_operator_takes_it(op, flavour):
    needs(flavour)
    p, gradient = run(op.key, flavour, SCORES[1], COTANGENT[1], 2.5, 0.5)
    assert_allclose(p, op(SCORES[1], 2.5, 0.5), rtol=0, atol=1e-9)
    if gradient is not None:
        right = op.vjp(SCORES[1], 2.5, 0.5, COTANGENT[1])
        assert_allclose(gradient, right, rtol=0, atol=1e-9)


@pytest.mark.sample(1 / 6)
@pytest.mark.parametrize("op", [op for op in OPERATORS if not op.stochastic], ids=lambda op: op.key)
def test_pytorch_makes_no_tensor_on_another_device(op):
    """On the device "meta", which has shapes only, a tensor made on the CPU would be refused."""
    torch = needs("torch")
    x = torch.empty((3, N), device="meta", dtype=torch.float32, requires_grad=True)
    p = function(op.key, "torch")(x)
    assert (p.device, p.dtype, p.shape) == (x.device, x.dtype, x.shape)


def test_pytorch_keeps_no_solver_in_the_graph():
    torch = needs("torch")
    seen, left = set(), [function("sigmoid", "torch")(torch.ones(9, requires_grad=True)).grad_fn]
    while left:
        node = left.pop()
        if node is not None and node not in seen:
            seen.add(node)
            left += [after for after, _ in node.next_functions]
    assert len(seen) < 30


def test_pytorch_and_jax_differentiate_with_respect_to_tau():
    torch = needs("torch")
    for key in ("sigmoid", "grad", "softsort"):
        tau = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
        p = function(key, "torch")(torch.tensor(PLAIN[0, 0]), 3, tau)
        (slope,) = torch.autograd.grad(p @ torch.tensor(COTANGENT[0, 0, 0]), tau)
        right = get_operator(key).d_tau(PLAIN[0, 0], 3, 0.5) @ COTANGENT[0, 0, 0]
        assert_allclose(float(slope), right, rtol=1e-9)


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("key", ["exp", "sigmoid", "clip", "grad", "neuralsort"])
def test_jax_has_its_digits_where_its_floats_are_32_bits(key):
    jax = needs("jax")
    f = jax.jit(function(key, "jax"))
    with jax.enable_x64(False):
        p = np.asarray(f(SCORES[1].astype(np.float32)))
    right = get_operator(key)(SCORES[1].astype(np.float32), 3, 0.5)
    assert_allclose(p, right, rtol=0, atol=3e-6)


def test_bad_requests_are_named():
    with pytest.raises(ArgumentError, match="flavour"):
        python_snippet("sigmoid", 2, 1.0, "tensorflow")
    with pytest.raises(ArgumentError, match="k = 2"):
        python_snippet("grad", 2.5)
    with pytest.raises(ArgumentError, match="tau"):
        python_snippet("grad", 2, 0.0)


@EVERY
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_text_says_what_it_is_and_fits_the_page(op, flavour):
    source = python_snippet(op.key, 4, 0.6, flavour)
    assert op.title in source
    assert str(op.formula).split()[0] in source
    assert len(source.rstrip().rsplit("\n\n\n", 1)[1].splitlines()) == 3
    assert max(map(len, source.splitlines())) <= 100
    compile(source, op.key, "exec")


def test_the_engine_gives_0_in_a_row_masked_whole_and_names_one_with_too_few_left():
    x = PLAIN[0].copy()
    x[1] = -np.inf
    for op in OPERATORS:
        assert_array_equal(op(x, 3, 0.5)[1], 0.0)
        assert_array_equal(op(x[1], 3, 0.5), 0.0)
        assert_array_equal(op.vjp(x, 3, 0.5, COTANGENT[0, 0])[1], 0.0)
        few = x.copy()
        few[2, 2:] = -np.inf
        with pytest.raises(ArgumentError, match=r"row x\[2\] are masked"):
            op(few, 3, 0.5)
