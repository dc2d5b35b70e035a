"""Curves cut into lines show what the whole curve would, within a fraction of a pixel."""

from __future__ import annotations

import numpy as np
import pytest

from gui.core.figure.figure import Series
from gui.core.figure.scale import Scale
from gui.core.paint.plot_geometry import Frame, cut_series, group_columns

WIDTH, HEIGHT = 760.0, 300.0
CLOSE = 0.3  # pixels: what a kink between the ends of a pixel column may lose


def cut(x, y, **options):
    y_range = (float(np.nanmin(y)), float(np.nanmax(y)))
    frame = Frame(Scale(), Scale(), (float(x[0]), float(x[-1])), y_range, WIDTH, HEIGHT)
    series = Series(key="a", name="a", x=x, y=y, **options)
    pieces = cut_series(series, frame, group_columns(x, frame, True))
    return pieces, frame.px(x), frame.py(y)


def height_of(segments, px):
    """Where the drawn lines lie at pixel columns, NaN where there is none."""
    result = np.full(px.shape, np.nan)
    for x0, y0, x1, y1 in segments:
        inside = (px >= x0) & (px <= x1)
        result[inside] = y0 + (y1 - y0) * (px[inside] - x0) / max(x1 - x0, 1e-12)
    return result


@pytest.mark.parametrize("count", [50, 700, 1_400, 100_000])
@pytest.mark.parametrize(
    "law",
    [
        lambda t: np.tanh(8 * t),
        lambda t: np.minimum(1.0, np.exp(6 * t)),
        lambda t: np.clip(3 * t, -1, 1),
        lambda t: np.sin(9 * t),
        lambda t: t,
    ],
    ids=["smooth", "kink", "two kinks", "turns", "straight"],
)
def test_lines_follow_the_curve(count, law):
    x = np.linspace(-1, 1, count)
    pieces, px, py = cut(x, law(x))
    assert not len(pieces.bars)
    assert np.abs(height_of(pieces.segments, px) - py).max() < CLOSE
    if count > 1_000:
        assert len(pieces.segments) < WIDTH / 1.9  # not one for every column


@pytest.mark.parametrize("count", [120, 1_400, 100_000])
def test_a_gap_stays_a_gap(count):
    x = np.linspace(-1, 1, count)
    y = np.tanh(3 * x)
    y[count // 3 : count // 3 + count // 12] = np.nan
    pieces, px, py = cut(x, y)
    drawn = height_of(pieces.segments, px)
    # The lines end at the last column before the gap: one pixel of doubt on either side.
    doubt = np.abs(px - px[count // 3]) < 1.5
    doubt |= np.abs(px - px[count // 3 + count // 12 - 1]) < 1.5 + 1 / 120 * WIDTH
    assert (np.isnan(drawn) == np.isnan(py))[~doubt].all()
    both = np.isfinite(drawn) & np.isfinite(py)
    assert np.abs(drawn - py)[both].max() < CLOSE


@pytest.mark.parametrize("count", [1_000, 100_000])
def test_extremes_of_noise_are_drawn(count):
    y = np.random.default_rng(0).standard_normal(count)
    pieces, _, py = cut(np.arange(count, dtype=float), y)
    tops = np.concatenate((pieces.segments[:, [1, 3]].ravel(), pieces.bars[:, 1]))
    bottoms = np.concatenate((pieces.segments[:, [1, 3]].ravel(), pieces.bars[:, [1, 3]].sum(1)))
    assert tops.min() <= py.min() + CLOSE
    assert bottoms.max() >= py.max() - CLOSE


@pytest.mark.parametrize("law", [np.tanh, np.sin], ids=["two per column", "four per column"])
def test_filled_area_reaches_from_the_base_to_the_curve(law):
    x = np.linspace(-20, 20, 100_000)
    pieces, px, py = cut(x, law(x), fill_to=0.0)
    left, top, width, height = pieces.fill.T
    assert np.isclose(width.sum(), WIDTH, atol=2)
    base = np.interp(0.0, [-1, 1], [HEIGHT, 0.0])
    column = np.clip(np.searchsorted(left, px, side="right") - 1, 0, len(left) - 1)
    above = py < base
    assert (top[column] <= py + 1e-6)[above].all()
    assert ((top + height)[column] >= py - 1e-6)[~above].all()
