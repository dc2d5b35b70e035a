"""The angles of GradTopK's Fourier sum: all that matter, and the one at pi in particular."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.topk import get_operator
from engine.topk.grad.angles import angles


def by_definition(n, variance, smallest):
    total = min(n + 1, max(64, 2 * math.ceil(9.5 * math.sqrt(variance) + 40.0)))
    index = np.arange(total // 2 + 1)
    theta = 2.0 * np.pi * index / total
    kept = 2.0 * smallest * np.sin(0.5 * theta) ** 2 < 42.0
    weight = np.where((index == 0) | (2 * index == total), 1.0, 2.0) / total
    return theta[kept], weight[kept]


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("n", [1, 2, 63, 64, 200, 5_000, 1_000_000])
@pytest.mark.parametrize("share", [0.1, 1.0])
def test_angles_are_those_where_the_characteristic_function_is_not_negligible(n, share):
    for variance in np.geomspace(1e-9, n / 4, 40):
        found = angles(n, float(variance), share * float(variance))
        for one, two in zip(found, by_definition(n, variance, share * variance), strict=True):
            assert_array_equal(one, two)


@pytest.mark.parametrize("n", [2, 8, 63, 64, 200])
def test_weights_sum_to_one_where_every_angle_is_kept(n):
    _, weight = angles(n, 1e-6)
    assert abs(weight.sum() - 1.0) < 1e-12


def test_two_hundred_scores_agree_with_fifty_digits(reference):
    # Enough for the sum to have fewer angles than scores, an even number of them: one is pi.
    for name, x in reference.inputs(200).items():
        truth = reference.truth("grad", x, 100, 0.03)
        p = get_operator("grad")(x, 100, 0.03)
        assert_allclose(p, truth, rtol=0, atol=1e-12, err_msg=name)
