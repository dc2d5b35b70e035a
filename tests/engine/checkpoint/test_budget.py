"""Budgets against every choice there is, and of a model of 224 matrices."""

from __future__ import annotations

import itertools
import math
import time

import numpy as np
import pytest

from engine.checkpoint import Budgets, allocate
from engine.errors import ArgumentError, DataError
from engine.spectrum import Spectrum

RELATIVE = 1e-12


def by_hand(spectra, shapes, limit, weights, minimum, maximum, keep_dense):
    """The least error of all choices; None where there is none."""
    options = []
    for values, (m, n), weight in zip(spectra, shapes, weights, strict=True):
        highest = len(values) if maximum is None else min(len(values), maximum)
        own = [
            (rank * (m + n), weight * math.fsum(values[rank:] ** 2))
            for rank in range(min(minimum, len(values)), highest + 1)
        ]
        options.append([*own, (m * n, 0.0)] if keep_dense else own)
    within = (
        math.fsum(error for _, error in one)
        for one in itertools.product(*options)
        if sum(cost for cost, _ in one) <= limit
    )
    least = min(within, default=None)
    return None if least is None else math.sqrt(least)


def made_up(seed):
    rng = np.random.default_rng(seed)
    shapes = [tuple(int(side) for side in rng.integers(1, 9, 2)) for _ in range(rng.integers(1, 5))]
    kinds = (rng.random, rng.standard_exponential, lambda size: rng.integers(0, 3, size) / 1.0)
    kind = kinds[rng.integers(3)]
    spectra = [np.sort(kind(min(shape)))[::-1] for shape in shapes]
    weights = rng.choice([1.0, 0.0, 1e-3, 5.0], len(shapes)) if seed % 2 else np.ones(len(shapes))
    minimum = int(rng.integers(0, 3)) if seed % 3 == 0 else 0
    maximum = minimum + int(rng.integers(0, 4)) if seed % 5 == 0 else None
    limit = int(rng.integers(2, 3 + 1.2 * sum(m * n for m, n in shapes)))
    return spectra, shapes, limit, weights, minimum, maximum, bool(seed % 7 % 2)


@pytest.mark.sample(1 / 2)
@pytest.mark.parametrize("first", range(0, 400, 50))
def test_exact_is_the_best_of_all_choices_and_the_bounds_hold(first):
    for seed in range(first, first + 50):
        spectra, shapes, limit, *rest = made_up(seed)
        truth = by_hand(spectra, shapes, limit, *rest)
        if truth is None:
            with pytest.raises(ArgumentError, match="least ranks"):
                allocate(spectra, shapes, limit, *rest)
            continue
        quick = allocate(spectra, shapes, limit, *rest)
        exact = allocate(spectra, shapes, limit, *rest, exact=True)
        near = RELATIVE * (1.0 + truth)
        assert quick.lower_bound - near <= truth <= quick.error + near
        assert exact.error == pytest.approx(truth, rel=RELATIVE, abs=near)
        assert exact.optimal
        assert not quick.optimal or quick.error <= truth + near
        for found in (quick, exact):
            costs = [
                m * n if rank is None else rank * (m + n)
                for rank, (m, n) in zip(found.ranks, shapes, strict=True)
            ]
            errors = [
                0.0 if rank is None else math.sqrt(weight) * np.linalg.norm(values[rank:])
                for rank, values, weight in zip(found.ranks, spectra, rest[0], strict=True)
            ]
            assert found.parameters == sum(costs) <= limit == found.limit
            np.testing.assert_allclose(found.errors, errors, rtol=1e-9, atol=1e-14)
            assert math.hypot(*errors) == pytest.approx(found.error, rel=1e-9, abs=1e-14)


def large_model(seed=0):
    """Power laws in the shapes of an 8B model: 224 matrices, 720,000 values."""
    rng = np.random.default_rng(seed)
    layer = ((4096, 4096), (1024, 4096), (1024, 4096), (4096, 4096))
    layer = (*layer, (14336, 4096), (14336, 4096), (4096, 14336))
    shapes = layer * 32
    spectra = [
        rng.uniform(0.5, 20.0) * np.arange(1, min(one) + 1.0) ** -rng.uniform(0.2, 1.2)
        for one in shapes
    ]
    return spectra, shapes


@pytest.mark.parametrize("keep_dense", [True, False])
def test_a_large_model_is_near_its_bound_at_every_budget(keep_dense):
    budgets = Budgets(*large_model(), keep_dense=keep_dense)
    spent, errors = budgets.curve()
    assert spent[0] == budgets.least == 0
    assert spent[-1] == budgets.most
    assert np.all(np.diff(errors) < 0.0)
    for share in (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.99):
        found = budgets.at(share)
        assert found.parameters <= share * budgets.total
        assert found.error <= (1.0 + (5e-4 if keep_dense else 1e-5)) * found.lower_bound
        assert found.lower_bound <= found.error
        assert budgets.uniform(share).error > 1.2 * found.error
        assert budgets.uniform(share).parameters <= share * budgets.total


def test_an_answer_takes_a_small_part_of_the_preparation():
    spectra, shapes = large_model()

    def seconds(work):
        begin = time.process_time()
        work()
        return time.process_time() - begin

    prepared = min(seconds(lambda: Budgets(spectra, shapes)) for _ in range(3))
    budgets = Budgets(spectra, shapes)
    shares = np.linspace(0.02, 0.98, 50)
    asked = seconds(lambda: [budgets.at(float(share)) for share in shares]) / shares.size
    assert asked < 0.1 * prepared


def test_a_budget_is_a_share_up_to_one_and_a_count_above():
    spectra, shapes = [np.array([3.0, 2.0, 1.0]), np.array([1.0])], [(3, 4), (1, 5)]
    budgets = Budgets(spectra, shapes)
    assert budgets.total == 17
    whole = budgets.at(1)
    assert whole.ranks == (None, None)
    assert (whole.error, whole.lower_bound, whole.optimal) == (0.0, 0.0, True)
    assert budgets.at(17).ranks == budgets.at(1e9).ranks == whole.ranks
    assert budgets.at(0).ranks == (0, 0)
    assert budgets.at(0).error == pytest.approx(math.sqrt(15.0))
    assert budgets.at(0.5).limit == 8
    assert budgets.at(7).ranks == (1, 0)
    for wrong in (-1, math.nan, math.inf, "half", None, True):
        with pytest.raises(ArgumentError, match="share"):
            budgets.at(wrong)


def test_weights_choose_what_is_kept():
    spectra, shapes = [np.array([10.0, 10.0]), np.array([0.1, 0.01])], [(8, 2), (8, 2)]
    keep = {"keep_dense": False}
    assert allocate(spectra, shapes, 20, **keep).ranks == (2, 0)
    assert allocate(spectra, shapes, 20, "absolute", **keep).ranks == (2, 0)
    assert allocate(spectra, shapes, 20, [0.0, 1.0], **keep).ranks == (0, 2)
    relative = allocate(spectra, shapes, 20, "relative", **keep)
    assert relative.ranks == (1, 1)
    assert relative.error == pytest.approx(math.sqrt(0.5 + 1e-4 / 0.0101))
    assert allocate([np.zeros(2)], [(2, 2)], 1.0, "relative").error == 0.0


def test_what_a_partial_spectrum_leaves_out_counts_and_only_dense_undoes_it():
    part = Spectrum(
        np.array([3.0]), (4, 4), "float64", "lanczos", 0.0, False, 5.0, 4.0, np.array([3.0])
    )
    assert allocate([part], [(4, 4)], 8).error == pytest.approx(4.0)
    assert allocate([part], [(4, 4)], 8).ranks == (1,)
    assert allocate([part], [(4, 4)], 16).ranks == (None,)
    assert allocate([part], [(4, 4)], 16, keep_dense=False).error == pytest.approx(4.0)


@pytest.mark.parametrize("size", [1e-300, 1e200, 2.0**-1070])
def test_values_at_the_ends_of_the_range(size):
    found = allocate([[size, size], [size / 2.0, 0.0]], [(2, 2), (2, 2)], 8)
    assert found.ranks == (None, None)
    assert found.error == 0.0
    found = allocate([[size, size], [size / 2.0, 0.0]], [(2, 2), (2, 2)], 4)
    assert found.error == pytest.approx(size / 2.0, rel=1e-12)


def test_bounds_on_ranks_and_matrices_too_small_for_them():
    spectra = [np.arange(8.0, 0.0, -1.0), np.array([1.0, 1.0])]
    shapes = [(16, 8), (2, 2)]
    found = allocate(spectra, shapes, 1000, minimum=2, maximum=3, keep_dense=False)
    assert found.ranks == (3, 2)
    # Two ranks of a 2 x 2 matrix cost more than the matrix.
    assert allocate(spectra, shapes, 60, minimum=2).ranks == (2, None)
    with pytest.raises(ArgumentError, match="at least 52 of 132"):
        allocate(spectra, shapes, 51, minimum=2)
    with pytest.raises(ArgumentError, match="maximum"):
        allocate(spectra, shapes, 60, minimum=3, maximum=2)


@pytest.mark.parametrize(
    ("spectra", "shapes", "error"),
    [
        ([], [], ArgumentError),
        ([[1.0]], [(1, 1), (1, 1)], ArgumentError),
        ([[1.0, 0.5]], [(1, 5)], ArgumentError),
        ([[1.0]], [(0, 5)], ArgumentError),
        ([[1.0]], [5], ArgumentError),
        ([[1.0]], [(2, 2, 2)], ArgumentError),
        ([["a"]], [(2, 2)], ArgumentError),
        ([[[1.0]]], [(2, 2)], ArgumentError),
        ([[1.0, np.nan]], [(2, 2)], DataError),
        ([[np.inf, 1.0]], [(2, 2)], DataError),
        ([[1.0, -1.0]], [(2, 2)], DataError),
        ([[1.0, 2.0]], [(2, 2)], DataError),
    ],
)
def test_what_is_no_spectrum_is_refused(spectra, shapes, error):
    with pytest.raises(error):
        allocate(spectra, shapes, 0.5)


@pytest.mark.parametrize("weights", ["both", [1.0, 2.0], [-1.0], [np.nan], [np.inf], ["a"]])
def test_weights_that_are_none(weights):
    with pytest.raises(ArgumentError, match="weights"):
        allocate([[1.0]], [(2, 2)], 0.5, weights)


def test_empty_and_read_only_and_single_precision_spectra():
    values = np.array([2.0, 1.0], np.float32)
    values.setflags(write=False)
    found = allocate([values, []], [(4, 4), (3, 3)], 8)
    assert found.ranks == (1, 0)
    assert found.error == 1.0
