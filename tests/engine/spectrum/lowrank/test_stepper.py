"""The rank stepper equals a fresh truncation after any walk."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.errors import ArgumentError
from engine.spectrum import RankStepper, reconstruct

TOLERANCE = {"float32": 3e-4, "complex64": 3e-4, "float64": 5e-13, "complex128": 5e-13}


def factors(m, n, dtype):
    rng = np.random.default_rng(m)
    a = rng.normal(size=(m, n)) + (1j * rng.normal(size=(m, n)) if "complex" in dtype else 0)
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return u.astype(dtype), s.astype(dtype.replace("complex128", "float64")[:7]), vh.astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
@pytest.mark.parametrize(("m", "n"), [(20, 30), (30, 20), (1, 6), (6, 1)])
def test_random_walk_equals_fresh_truncations(m, n, dtype):
    u, s, vh = factors(m, n, dtype)
    stepper = RankStepper(u, s, vh, min(m, n) // 2)
    rng = np.random.default_rng(1)
    for target in rng.integers(0, min(m, n) + 1, size=60):
        got = stepper.step_to(int(target))
        fresh = reconstruct(u, s, vh, int(target))
        assert got.dtype == fresh.dtype
        assert_allclose(got, fresh, rtol=0, atol=TOLERANCE[dtype] * float(s[0]))
        assert stepper.rank == target


def test_drift_stays_bounded_over_thousands_of_steps_and_resets():
    u, s, vh = factors(40, 40, "float64")
    stepper = RankStepper(u, s, vh, 20)
    rng = np.random.default_rng(2)
    rank, worst, largest = 20, 0.0, 0
    for _ in range(5000):
        rank = int(np.clip(rank + rng.integers(-2, 3), 5, 40))
        stepper.step_to(rank)
        largest = max(largest, stepper.drift)
        worst = max(worst, float(np.abs(stepper.matrix - reconstruct(u, s, vh, rank)).max()))
    assert largest <= 4000
    assert worst <= 4000 * 2.0**-53 * s[0]
    stepper.rebuild()
    assert stepper.drift == 0


def test_the_view_cannot_be_written_and_inputs_stay():
    u, s, vh = factors(5, 5, "float64")
    copies = u.copy(), s.copy(), vh.copy()
    stepper = RankStepper(u, s, vh, 3)
    with pytest.raises(ValueError, match="read-only"):
        stepper.matrix[0, 0] = 1.0
    stepper.step_to(5)
    for after, before in zip((u, s, vh), copies, strict=True):
        assert np.array_equal(after, before)


@pytest.mark.parametrize("rank", [-1, 6, 1.5, np.nan, None])
def test_impossible_ranks_are_refused(rank):
    stepper = RankStepper(*factors(5, 5, "float64"))
    with pytest.raises(ArgumentError, match="rank"):
        stepper.step_to(rank)


def test_factors_that_do_not_fit_are_refused():
    with pytest.raises(ArgumentError, match="vh"):
        RankStepper(np.eye(3), np.ones(3), np.ones((2, 4)))
