"""Routes: never dearer than all values by their own estimate; no chance where none is wanted."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from engine.spectrum import estimate_seconds, leading_singular_values
from engine.spectrum.values.costs import choose_method
from engine.spectrum.values.routes import choose_route, dense_cost, usual_cost

SHAPES = [(40, 30), (300, 300), (1000, 500), (1500, 1500), (20000, 150), (4000, 4000), (9000, 9000)]
DTYPES = ["float32", "float64", "complex64", "complex128", "int8"]
ASKED = [
    (shape, dtype, rank, tolerance)
    for shape, dtype, rank, tolerance in itertools.product(
        SHAPES, DTYPES, (1, 10, 64, 500), (None, 1e-3, 1e-6, 1e-13)
    )
    if rank <= min(shape)
]


def test_no_route_costs_more_than_all_values_by_its_own_estimate():
    for shape, dtype, rank, tolerance in ASKED:
        cost = dense_cost(shape, dtype)
        whole = usual_cost(cost, choose_method(shape, dtype))
        route = choose_route(cost, rank, tolerance, whole=whole)
        lost = cost.lanczos(route.patience) if route.first == "lanczos" else 0.0
        settled = whole if route.then == "all" else min(cost.gram, 1.08 * whole)
        if route.first == "block":
            assert cost.block_part(rank) <= whole
        else:
            assert lost + settled <= 1.1 * whole, (shape, dtype, rank, tolerance)


def test_with_a_tolerance_nothing_is_left_to_the_seed_up_to_8192():
    for shape, dtype, rank, tolerance in ASKED:
        cost = dense_cost(shape, dtype)
        for vectors, whole in ((False, cost.svd), (True, cost.triplets)):
            route = choose_route(cost, rank, tolerance, whole=whole, vectors=vectors)
            if tolerance is not None and min(shape) <= 8192:
                assert route.first != "block"
            if tolerance == 1e-13:
                # A Gram matrix cannot promise that.
                assert (route.first, route.then) == ("settle", "all")


@pytest.mark.parametrize("tolerance", [1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("name", ["normal", "decay"])
def test_a_tolerance_is_kept_by_bounds_that_do_not_depend_on_the_seed(name, tolerance):
    a = np.random.default_rng(3).standard_normal((500, 400))
    a = a * 0.9 ** np.arange(400.0) if name == "decay" else a
    truth = np.linalg.svd(a, compute_uv=False)[:10]
    for seed in range(3):
        s = leading_singular_values(a, 10, tolerance=tolerance, seed=seed)
        low, high = s.band
        assert s.guarantee == "modelled"
        assert np.max(high - low) <= tolerance * truth[0]
        assert np.all((low <= truth + 1e-13) & (truth <= high + 1e-13))


def test_estimates_of_a_part_never_exceed_that_of_the_whole():
    for shape, dtype, rank, tolerance in ASKED:
        part = estimate_seconds(shape, dtype, rank=rank, tolerance=tolerance)
        assert 0.0 < part <= 1.1 * estimate_seconds(shape, dtype)
