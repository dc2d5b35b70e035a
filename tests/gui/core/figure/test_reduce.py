"""Reduced curves show what the whole curve would."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from gui.core.figure.reduce import (
    is_sorted,
    reduce_band,
    reduce_line,
    split_dashes,
    thin_points,
)


def columns_of(x, edges):
    return np.clip(np.searchsorted(edges, x, side="right") - 1, -1, len(edges) - 1)


@pytest.fixture
def noise():
    rng = np.random.default_rng(3)
    return np.arange(100_000.0), rng.standard_normal(100_000)


@pytest.mark.parametrize("columns", [1, 7, 500, 1000])
def test_reduce_line_keeps_extremes_of_every_pixel_column(noise, columns):
    x, y = noise
    edges = np.linspace(0, x.size, columns + 1)
    reduced = reduce_line(x, y, edges, ascending=True)
    assert reduced.x.size <= 4 * (columns + 2)
    whole, kept = columns_of(x, edges), columns_of(reduced.x, edges)
    for column in np.unique(whole):
        inside = y[whole == column]
        shown = reduced.y[kept == column]
        assert_allclose([shown.min(), shown.max()], [inside.min(), inside.max()], rtol=0, atol=0)


def test_reduce_line_works_on_a_log_axis():
    x = np.linspace(1e-3, 10, 200_000)
    y = np.sin(50 * x)
    y[123_456] = 7.0
    edges = np.geomspace(1e-3, 10, 801)
    reduced = reduce_line(x, y, edges, ascending=True)
    assert reduced.y.max() == 7.0
    assert reduced.x.size <= 4 * 802


def test_reduce_line_leaves_a_short_curve_alone():
    x, y = np.arange(50.0), np.arange(50.0) ** 2
    reduced = reduce_line(x, y, np.linspace(0, 49, 501), ascending=True)
    assert reduced.per_column == 0
    assert_allclose(reduced.x, x)
    assert_allclose(reduced.y, y)


def test_reduce_line_keeps_two_points_of_a_column_without_turns():
    x = np.arange(10_000.0)
    edges = np.linspace(0, x.size, 101)
    smooth = reduce_line(x, np.tanh((x - 5000) / 900), edges, ascending=True)
    assert smooth.per_column == 2
    assert smooth.x.size == 200
    assert_allclose(smooth.y, np.tanh((smooth.x - 5000) / 900))
    turned = reduce_line(x, np.sin(x / 900), edges, ascending=True)
    assert turned.per_column == 4


def test_reduce_line_zoomed_in_keeps_one_neighbour_each_side(noise):
    x, y = noise
    reduced = reduce_line(x, y, np.linspace(500.5, 510.5, 801), ascending=True)
    assert_allclose(reduced.x, np.arange(500.0, 512.0))


def test_reduce_line_keeps_gaps():
    x, y = np.arange(100_000.0), np.zeros(100_000)
    y[40_000:60_000] = np.nan
    reduced = reduce_line(x, y, np.linspace(0, 100_000, 101), ascending=True)
    gap = (reduced.x > 41_000) & (reduced.x < 59_000)
    assert gap.any()
    assert np.isnan(reduced.y[gap]).all()
    assert np.isfinite(reduced.y[reduced.x < 39_000]).all()


def test_reduce_line_turns_infinity_into_a_gap_and_keeps_its_neighbours():
    y = np.arange(10_000.0)
    y[5_000] = np.inf
    reduced = reduce_line(np.arange(10_000.0), y, np.linspace(0, 10_000, 101), ascending=True)
    assert np.nanmax(reduced.y) == 9_999
    assert not np.isinf(reduced.y).any()


def test_reduce_line_of_unsorted_x_keeps_the_extremes_of_both():
    angle = np.linspace(0, 40 * np.pi, 300_000)
    x, y = angle * np.cos(angle), angle * np.sin(angle)
    reduced = reduce_line(x, y, np.linspace(-130, 130, 801), ascending=False)
    assert reduced.x.size <= 8 * 2 * 801
    for whole, kept in ((x, reduced.x), (y, reduced.y)):
        assert kept.min() == whole.min()
        assert kept.max() == whole.max()


@pytest.mark.parametrize("size", [0, 1, 2])
def test_reduce_line_accepts_tiny_curves(size):
    x = np.arange(float(size))
    assert reduce_line(x, x, np.linspace(0, 1, 11), ascending=True).x.size == size


def test_reduce_line_does_not_change_its_input(noise):
    x, y = noise
    x.setflags(write=False)
    y.setflags(write=False)
    reduce_line(x, y, np.linspace(0, 1e5, 100), ascending=True)


def test_reduce_line_accepts_integers():
    x = np.arange(5_000)
    reduced = reduce_line(x, x % 7, np.linspace(0, 5_000, 101), ascending=True)
    assert reduced.y.dtype == np.float64
    assert reduced.y.max() == 6


def test_is_sorted():
    assert is_sorted(np.array([1, 1, 2]))
    assert not is_sorted(np.array([1.0, 3.0, 2.0]))
    assert not is_sorted(np.array([1.0, np.nan, 2.0]))


def test_reduce_band_keeps_its_outer_edges():
    x = np.arange(50_000.0)
    rng = np.random.default_rng(0)
    lower, upper = -rng.random(x.size), rng.random(x.size)
    _, low, high = reduce_band(x, lower, upper, np.linspace(0, x.size, 301))
    assert low.size <= 302
    assert low.min() == lower.min()
    assert high.max() == upper.max()


def test_thin_points_limits_and_keeps_extremes():
    rng = np.random.default_rng(1)
    px, py = 1000 * rng.random(200_000), 600 * rng.random(200_000)
    px[17] = np.nan
    kept = thin_points(px, py, 2_000)
    assert kept.size <= 2_000
    assert 17 not in kept
    assert np.nanmin(py) == py[kept].min()
    assert np.nanmax(px) == px[kept].max()


def test_split_dashes_runs_on_over_joints():
    # Ten segments of 3 px with a pattern of 4 px on, 2 px off: dashes cross the joints.
    x = np.arange(0.0, 31.0, 3.0)
    segments = np.column_stack((x[:-1], np.zeros(10), x[1:], np.zeros(10)))
    drawn = split_dashes(segments, (2.0, 1.0), 2.0)
    covered = np.zeros(300, bool)
    for left, _, right, _ in drawn:
        covered[round(10 * left) : round(10 * right)] = True
    expected = (np.arange(300) % 60) < 40
    assert (covered == expected).all()


@pytest.mark.parametrize("pattern", [(2.0, 1.0), (5.0, 1.8, 1.0, 1.8), (1.0, 1.6)])
def test_split_dashes_covers_what_the_pattern_says_of_any_curve(pattern):
    rng = np.random.default_rng(2)
    points = np.cumsum(rng.exponential(3.0, (60, 2)), axis=0)
    points[7] = points[8]  # a segment of no length
    segments = np.column_stack((points[:-1], points[1:]))
    drawn = split_dashes(segments, pattern, 1.5)
    lengths = np.hypot(*(segments[:, 2:] - segments[:, :2]).T)
    ends = np.cumsum(lengths)
    stations = np.linspace(0, ends[-1], 20_001)[:-1] + ends[-1] / 40_000
    borders = 1.5 * np.cumsum(pattern)
    expected = np.searchsorted(borders, stations % borders[-1], side="right") % 2 == 0
    # Where each piece begins and ends along the curve: x grows strictly with the length.
    along = np.concatenate(([0.0], ends))
    a, b = (np.interp(drawn[:, c], points[:, 0], along) for c in (0, 2))
    covered = ((stations[:, None] > a) & (stations[:, None] < b)).sum(axis=1)
    assert covered.max() == 1  # no part is drawn twice
    assert np.mean((covered == 1) != expected) < 1e-3  # but for rounding at the borders


def test_split_dashes_leaves_solid_lines_and_nothing_alone():
    segments = np.array([[0.0, 0.0, 5.0, 5.0]])
    assert split_dashes(segments, (), 2.0) is segments
    assert split_dashes(np.empty((0, 4)), (4.0, 2.0), 2.0).shape == (0, 4)
