"""Arguments that functions of every package take are refused in the same words."""

from __future__ import annotations

import numpy as np
import pytest

from engine.attention import attention_weights, permutation_error, position_curve
from engine.column_row import Terms, error_curve, sampling_curve, sampling_errors, select_pairs
from engine.errors import ArgumentError
from engine.spectrum import (
    leading_singular_values,
    mp_edges,
    penrose_errors,
    pseudo_inverse,
    truncated_svd,
)
from engine.topk import get_operator

X = np.arange(12.0).reshape(3, 4)
CALLS = {
    "operator": lambda seed: get_operator("perturbed")([3.0, 2.0, 1.0], 1, 0.5, seed=seed),
    "leading values": lambda seed: leading_singular_values(
        np.random.default_rng(0).standard_normal((90, 80)), 2, seed=seed
    ),
    "truncated": lambda seed: truncated_svd(X, 1, seed=seed),
    "selection": lambda seed: select_pairs(X, X.T, 2, "uniform", seed=seed),
    "sampling errors": lambda seed: sampling_errors(X, X.T, 2, seed=seed),
    "sampling curve": lambda seed: sampling_curve(Terms(X, X.T), [1, 2], "uniform", 2, seed),
    "error curve": lambda seed: error_curve(X, X.T, [1], "uniform", seed=seed),
    "position curve": lambda seed: position_curve(4, seed=seed),
    "permutation": lambda seed: permutation_error(X, causal=True, seed=seed),
}


@pytest.mark.parametrize("seed", [-1, 0.5, float("nan"), None, "3"])
@pytest.mark.parametrize("name", CALLS)
def test_a_seed_is_a_non_negative_integer(name, seed):
    with pytest.raises(ArgumentError, match=r"seed = .*a non-negative integer"):
        CALLS[name](seed)


@pytest.mark.parametrize("name", CALLS)
def test_seeds_of_any_integer_type_are_taken(name):
    CALLS[name](np.int64(2**40))


@pytest.mark.parametrize("trials", [0, -2, 2.5, float("nan"), float("inf"), "3"])
def test_trials_are_a_positive_integer(trials):
    with pytest.raises(ArgumentError, match="trials"):
        sampling_errors(X, X.T, 2, trials=trials)
    with pytest.raises(ArgumentError, match="trials"):
        position_curve(4, trials=trials)


SQUARE = np.eye(3)
SCALES = {
    "attention tau": ("tau", lambda value: attention_weights(SQUARE, tau=value)),
    "position s": ("s", lambda value: position_curve(4, s=value)),
    "noise": ("noise", lambda value: mp_edges((3, 4), value)),
    "operator tau": ("tau", lambda value: get_operator("exp")([1.0, 2.0], 1, value)),
    "tolerance": ("tolerance", lambda value: leading_singular_values(X, tolerance=value)),
    "cutoff": ("cutoff", lambda value: pseudo_inverse(X, value)),
}


ODD = [-1.0, float("nan"), float("inf"), "1", True, [0.5], 1j, 10**400]


@pytest.mark.parametrize("value", [*ODD, pytest.param(10**5000, id="10^5000")])
@pytest.mark.parametrize("name", SCALES)
def test_a_scale_is_a_number_in_its_range(name, value):
    argument, call = SCALES[name]
    with pytest.raises(ArgumentError, match=argument):
        call(value)


@pytest.mark.parametrize("draws", [[], 3, [2, 1], [-1], [0.5], [float("nan")], ["1"], [[1], [2]]])
def test_draws_are_ascending_counts(draws):
    with pytest.raises(ArgumentError, match="draws"):
        sampling_curve(Terms(X, X.T), draws, "uniform", 2, 0)


@pytest.mark.parametrize("shape", [3, "ab", (3,), (1, 2, 3), (0, 4), (float("nan"), 2), None])
def test_a_shape_has_two_sides(shape):
    with pytest.raises(ArgumentError, match="shape"):
        mp_edges(shape)


def test_a_pseudo_inverse_has_the_shape_of_the_transpose():
    with pytest.raises(ArgumentError, match="inverse"):
        penrose_errors(X, X)
