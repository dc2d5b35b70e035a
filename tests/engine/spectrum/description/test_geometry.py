"""Turn, stretch, turn: the three stages compose to the matrix, with no needless reflection."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.errors import ArgumentError, DataError
from engine.spectrum import circle_stages

CASES = {
    "random": np.random.default_rng(0).normal(size=(2, 2)),
    "negative": np.array([[1.0, 2.0], [3.0, -4.0]]),
    "identity": np.eye(2),
    "swap": np.array([[0.0, 1.0], [1.0, 0.0]]),
    "rank one": np.array([[1.0, 2.0], [-2.0, -4.0]]),
    "zero": np.zeros((2, 2)),
    "huge": np.array([[1e300, 2e300], [3e300, -1e300]]),
    "tiny": np.array([[1e-300, 2e-300], [3e-300, -1e-300]]),
}


@pytest.mark.parametrize("name", CASES)
def test_stages_compose_to_the_matrix(name):
    m = CASES[name]
    t = circle_stages(m, 37)
    scale = np.max(np.abs(m)) or 1.0
    assert t.circle.shape == t.image.shape == (2, 37)
    assert_allclose(np.linalg.norm(t.circle, axis=0), 1.0, rtol=1e-14)
    assert_allclose(np.linalg.norm(t.turned, axis=0), 1.0, rtol=1e-14)
    assert_allclose(t.image / scale, (m / scale) @ t.circle, atol=1e-14)
    assert_allclose(t.circle[:, 0], t.circle[:, -1], atol=0)
    assert_allclose(t.stretched[0] / scale, t.s[0] / scale * t.turned[0], atol=1e-14)
    assert_allclose(t.axes[1], np.eye(2), atol=1e-14)
    assert_allclose(t.axes[3] / scale, t.u * t.s / scale, atol=1e-14)


@pytest.mark.parametrize("name", CASES)
def test_only_a_negative_determinant_reflects(name):
    m = CASES[name]
    t = circle_stages(m)
    scale = np.max(np.abs(m)) or 1.0
    assert not t.v_reflects
    assert t.u_reflects == (np.linalg.det(m / scale) < -1e-12)
    turn = np.array(
        [[np.cos(t.angle_v), -np.sin(t.angle_v)], [np.sin(t.angle_v), np.cos(t.angle_v)]]
    )
    assert_allclose(t.vh, turn, atol=1e-14)
    assert abs(t.angle_v) <= np.pi / 2 + 1e-12


def test_bad_arguments_are_refused():
    with pytest.raises(ArgumentError, match="2 x 2"):
        circle_stages(np.eye(3))
    with pytest.raises(ArgumentError, match="2 x 2"):
        circle_stages(1j * np.eye(2))
    with pytest.raises(ArgumentError, match="points"):
        circle_stages(np.eye(2), 2)
    with pytest.raises(DataError, match="NaN"):
        circle_stages([[np.nan, 0], [0, 1]])
