"""The colours keep their promises: contrast, and apart for colour-blind eyes."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from gui.core.figure import colormaps
from gui.core.figure.palette import DASH_PATTERNS, SCHEMES, category

# CIE76 distance in Lab between any two curves (ink included); 2.3 is just noticeable on large
# patches side by side, thin lines need several times that. The dash is the second cue.
LEAST_NORMAL = 25.0
LEAST_SIMULATED = 18.0
LEAST_CONTRAST = 3.0
SEQUENTIAL = [name for name in colormaps.MAPS if name not in colormaps.DIVERGING]

# Viénot, Brettel & Mollon (1999): linear RGB to cone responses, and one missing cone.
_CONES = np.array(
    [
        [17.8824, 43.5161, 4.11935],
        [3.45565, 27.1554, 3.86714],
        [0.0299566, 0.184309, 1.46709],
    ]
)
_MISSING = {
    "normal": np.eye(3),
    "protanopia": np.array([[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]]),
    "deuteranopia": np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]]),
}
_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_WHITE_POINT = _TO_XYZ.sum(axis=1)


def linear(color) -> np.ndarray:
    """Return linear RGB of "#rrggbb" or of (r, g, b) in 0..255."""
    if isinstance(color, str):
        color = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    share = np.asarray(color, dtype=float) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def contrast(one: str, two: str) -> float:
    """Return the WCAG contrast ratio."""
    light, dark = sorted((float(linear(c) @ _TO_XYZ[1]) for c in (one, two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(color, eyes: str) -> np.ndarray:
    seen = np.linalg.inv(_CONES) @ _MISSING[eyes] @ _CONES @ linear(color)
    xyz = _TO_XYZ @ np.clip(seen, 0, 1) / _WHITE_POINT
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.fixture(params=list(SCHEMES.values()), ids=list(SCHEMES))
def scheme(request):
    return request.param


def test_contrast_of_black_on_white_is_21():
    assert_allclose(contrast("#000000", "#ffffff"), 21.0, rtol=1e-6)


def test_simulation_leaves_grey_alone_and_confuses_red_with_green():
    for eyes in _MISSING:
        assert_allclose(lab("#808080", eyes), lab("#808080", "normal"), atol=1.0)
    reds = [np.linalg.norm(lab("#c00000", e) - lab("#5a5a00", e)) for e in _MISSING]
    assert reds[1] < reds[0] / 2


def test_every_curve_colour_contrasts_with_its_background(scheme):
    for color in (*scheme.categories, scheme.ink, scheme.accent, scheme.warning, scheme.good):
        assert contrast(color, scheme.background) >= LEAST_CONTRAST, color


def test_muted_words_are_readable(scheme):
    assert contrast(scheme.muted, scheme.background) >= 4.5


@pytest.mark.parametrize("eyes", list(_MISSING))
def test_curve_colours_stay_apart(scheme, eyes):
    least = LEAST_NORMAL if eyes == "normal" else LEAST_SIMULATED
    for one, two in combinations((*scheme.categories, scheme.ink), 2):
        distance = np.linalg.norm(lab(one, eyes) - lab(two, eyes))
        assert distance >= least, (one, two, round(float(distance), 1))


def test_48_categories_have_different_looks():
    assert len({category(index) for index in range(48)}) == 48


def test_every_dash_differs():
    assert len(set(DASH_PATTERNS.values())) == len(DASH_PATTERNS)


def test_unknown_colour_role_is_an_error(scheme):
    with pytest.raises(KeyError, match="no colour role"):
        scheme.color("key")


@pytest.mark.parametrize("name", SEQUENTIAL)
def test_sequential_map_grows_evenly_in_lightness(name):
    table = colormaps.table(name)
    lightness = np.array([lab(color, "normal")[0] for color in table])
    steps = np.diff(lightness)
    assert lightness[0] < 12
    assert lightness[-1] > 90
    assert (steps > -0.6).all()
    # Smoothed over 16 entries no stretch is more than half as steep again or as flat as the mean.
    smooth = np.convolve(steps, np.ones(16) / 16, mode="valid")
    assert smooth.min() > 0.5 * steps.mean()
    assert smooth.max() < 1.6 * steps.mean()


@pytest.mark.parametrize("name", colormaps.DIVERGING)
def test_diverging_map_is_symmetric_in_lightness_about_a_light_neutral(name):
    table = colormaps.table(name)
    lightness = np.array([lab(color, "normal")[0] for color in table])
    assert_allclose(lightness, lightness[::-1], atol=9.0)
    middle = lab(table[127], "normal")
    assert middle[0] > 90
    assert np.hypot(*middle[1:]) < 5


@pytest.mark.parametrize("name", colormaps.MAPS)
def test_nan_colour_stands_apart_from_the_map(name):
    missing = lab(colormaps.NAN_COLOR, "normal")
    distances = [np.linalg.norm(lab(color, "normal") - missing) for color in colormaps.table(name)]
    assert min(distances) > 40


def test_to_rgb_centres_diverging_values_and_marks_nan():
    rgb = colormaps.to_rgb(np.array([[-1.0, 0.0, 4.0, np.nan, np.inf]]), "diverging")
    table = colormaps.table("diverging")
    assert (rgb[0, 1] == table[127]).all()
    assert (rgb[0, 2] == table[-1]).all()
    assert (rgb[0, 4] == table[-1]).all()
    assert tuple(rgb[0, 3]) == colormaps.NAN_COLOR


def test_levels_are_shared_when_given():
    one = colormaps.to_rgb(np.array([[5.0]]), "sequential", (0.0, 10.0))
    assert (one[0, 0] == colormaps.table("sequential")[127]).all()


@pytest.mark.parametrize("scale", [1e-308, 1.0, 1.7e308])
def test_pixels_number_the_colours_at_every_scale(scale):
    values = scale * np.array([[-1.0, -0.5, 0.0, 0.5, 1.0]])
    found = colormaps.pixels_of(values, "diverging", (-scale, scale))
    assert_allclose(found, [[0, 64, 127, 191, 254]], atol=1)


def test_pixels_of_a_constant_range_and_of_whole_numbers():
    assert colormaps.pixels_of(np.full((2, 2), 3), "sequential", (3.0, 3.0)).tolist() == [
        [0, 0],
        [0, 0],
    ]
    assert colormaps.pixels_of(np.array([0, 10]), "sequential", (0.0, 10.0)).tolist() == [0, 254]


def test_rgb_channels_are_scaled_from_their_levels():
    values = np.array([[[-300.0, np.nan, 300.0], [-127.5, 0.0, 127.4]]])
    plain = colormaps.to_rgb(values, "rgb")
    assert plain.tolist() == [[[0, 0, 255], [0, 0, 127]]]
    centred = colormaps.to_rgb(values[:, 1:], "rgb", (-127.5, 127.5))
    assert centred.tolist() == [[[0, 128, 255]]]
