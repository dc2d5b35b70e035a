"""What a person's choice makes of a picture: its map, its levels, and what these clip."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from gui.core.figure.colormaps import LARGEST, MAPS, SIZE, along, bar_of, palette, pixels_of
from gui.core.figure.figure import Image
from gui.core.figure.levels import (
    clipped,
    clipped_words,
    coloured,
    histogram,
    levels_in_force,
)
from gui.core.figure.look import LEVELS_CHOICES, MAP_CHOICES, Look, Range

NAN, INF = math.nan, math.inf
UGLY = {
    "one": [[2.0]],
    "constant": [[3.0, 3.0], [3.0, 3.0]],
    "zeros": [[0.0, 0.0]],
    "all nan": [[NAN, NAN]],
    "infinities": [[-INF, INF], [NAN, INF]],
    "some": [[-INF, -1.0, 0.0], [NAN, 4.0, INF]],
    "huge": [[-1.7e308, 1.7e308, 0.0]],
    "tiny": [[-5e-324, 5e-324, 0.0]],
    "whole": [[1, 2], [3, 4]],
    "single": np.array([[1.5, -2.5]], np.float32),
    "strided": np.arange(24.0).reshape(4, 6)[::2, ::-2],
}


def image(values, **more):
    values = np.asarray(values)
    return Image("a", "", values, (0, values.shape[1], 0, values.shape[0]), **more)


def normal(*shape):
    return np.random.default_rng(5).normal(size=shape)


def looked(values, rule, **more):
    return coloured(image(values), Look(range=Range(rule, **more)))


def test_full_levels_are_the_ends_of_what_is_finite():
    values = normal(40, 30)
    values[0, :3] = NAN, INF, -INF
    finite = values[np.isfinite(values)]
    assert looked(values, "full").levels == (finite.min(), finite.max())


def test_middle_levels_are_the_percentiles_of_what_is_finite():
    values = normal(40, 30)
    values[0, :3] = NAN, INF, -INF
    expected = np.percentile(values[np.isfinite(values)], [1, 99])
    assert_allclose(looked(values, "middle").levels, expected, rtol=1e-12)


def test_middle_levels_of_mostly_one_value_are_the_full_range():
    values = np.zeros((100, 100))
    values[3, 4] = 7.0
    assert looked(values, "middle").levels == (0.0, 7.0)


def test_symmetric_levels_reach_to_the_largest_magnitude():
    assert looked([[-3.0, 2.0, -INF]], "symmetric").levels == (-3.0, 3.0)


def test_levels_by_hand_are_sorted_and_never_one():
    assert looked([[1.0]], "hand", low=5.0, high=-2.0).levels == (-2.0, 5.0)
    found = looked([[1.0, 2.0, 3.0]], "hand", low=2.0, high=2.0)
    assert pixels_of(found.values, found.map, found.levels).tolist() == [[0, 0, SIZE - 1]]


def test_automatic_changes_nothing_and_keeps_what_a_worker_has_coloured():
    made = image(normal(3, 3), map="diverging", levels=(-1.0, 1.0), pixels=np.zeros((3, 3), "u1"))
    found = coloured(made, Look())
    assert found.pixels is made.pixels
    assert (found.map, found.levels, found.log) == ("diverging", (-1.0, 1.0), False)


def test_what_a_worker_has_coloured_is_coloured_anew_for_another_look():
    made = image(normal(3, 3), pixels=np.zeros((3, 3), "u1"))
    for look in (Look("grey"), Look(reversed=True), Look(log=True), Look(range=Range("full"))):
        assert coloured(made, look).pixels is None


def test_a_photo_in_colour_has_no_map():
    photo = Image("a", "", np.zeros((2, 2, 3)), (0, 2, 0, 2), "rgb")
    assert coloured(photo, Look("grey", log=True)) is photo


# -- several pictures side by side --------------------------------------------------------------


def beside(look, **more):
    first = image([[-1.0, 5.0]], map="diverging", levels=(-5.0, 5.0))
    made = image([[-0.1, 0.3]], map="diverging", levels=(-5.0, 5.0), of=first, **more)
    return coloured(made, look)


def test_pictures_side_by_side_share_the_levels_of_the_first():
    look = Look(range=Range("symmetric"), shared=True, lead=Range("full"))
    assert beside(look).levels == (-1.0, 5.0)
    assert beside(look, difference=True).levels == (-3.0, 3.0)  # the same contrast, about 0


def test_unlocked_each_has_levels_of_its_own():
    look = Look(range=Range("symmetric"), shared=False, lead=Range("full"))
    assert beside(look).levels == (-0.3, 0.3)
    assert beside(look, difference=True).levels == (-0.3, 0.3)
    own = beside(replace(look, range=Range("auto")), difference=True).levels
    assert own == (-0.3, 0.3)  # about 0, as a difference is


def test_what_a_picture_lacks_keeps_a_map_with_a_middle():
    grey, green = Look("grey", reversed=True), Look("purple_green")
    assert beside(grey).map == "grey_turned"
    assert beside(grey, difference=True).map == "diverging_turned"
    assert beside(green, difference=True).map == "purple_green"


# -- colours ------------------------------------------------------------------------------------


@pytest.mark.parametrize("levels", [(-1.0, 3.0), (-3.0, 1.0), (0.0, 1.0), (-2.0, -1.0)])
@pytest.mark.parametrize("log", [False, True])
def test_zero_has_the_middle_of_a_diverging_map_whatever_the_levels(levels, log):
    assert pixels_of(np.zeros((1, 1)), "diverging", (-3.0, 3.0), log)[0, 0] == SIZE // 2
    found = pixels_of(np.array([[0.0, -INF, INF, *levels]]), "diverging", levels, log)[0]
    if levels[0] <= 0.0 <= levels[1]:
        assert found[0] == SIZE // 2
    assert found[1] == found[3]  # beyond a level: the colour of the level
    assert found[2] == found[4]
    assert (found < SIZE).all()


def test_a_logarithmic_scale_is_asinh_of_thousandths():
    values = np.linspace(-2.0, 2.0, 41).reshape(1, -1)
    place = np.arcsinh(values / 0.002) / np.arcsinh(1000.0)
    expected = np.round((0.5 + 0.5 * place) * (SIZE - 1))
    assert_allclose(pixels_of(values, "diverging", (-2.0, 2.0), log=True), expected, atol=1)


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("levels", [(-1.0, 1.0), (0.0, 5.0), (2.0, 3.0), (-1.0, 4.0)])
@pytest.mark.parametrize("name", ["sequential", "diverging", "grey_turned"])
def test_a_bar_has_at_each_place_the_colour_of_the_value_there(name, levels, log):
    values = along(levels, np.linspace(0.0, 1.0, SIZE), log)
    assert (np.diff(values) >= 0).all()
    assert values[[0, -1]].tolist() == pytest.approx(levels)
    shown = palette(name)[pixels_of(values, name, levels, log)]
    assert (bar_of(name, levels, log) == shown).all()


def test_a_map_that_is_reversed_has_its_colours_the_other_way():
    shown = looked([[0.0, 1.0]], "full")
    turned = coloured(shown, Look(reversed=True))
    assert turned.map == "sequential_turned"
    numbers = pixels_of(turned.values, turned.map, turned.levels)
    assert palette(turned.map)[numbers].tolist() == palette("sequential")[numbers[:, ::-1]].tolist()


# -- what is clipped ----------------------------------------------------------------------------


def test_clipped_counts_what_lies_beyond_the_levels():
    values = normal(50, 40)
    values[:2, 0] = NAN
    values[2:5, 0] = INF, -INF, INF
    found = looked(values, "hand", low=-1.0, high=2.0)
    numbers = values[~np.isnan(values)]
    assert clipped(found) == (np.mean(numbers < -1.0), np.mean(numbers > 2.0))


def test_clipped_is_said_in_words_at_its_end():
    values = np.r_[np.zeros(996), np.full(4, 9.0)].reshape(10, 100)
    assert clipped_words(looked(values, "hand", low=-1.0, high=1.0)) == ("", "0.4 % above")
    assert clipped_words(looked(-values, "hand", low=-1.0, high=1.0)) == ("0.4 % below", "")
    assert clipped_words(looked(values, "full")) == ("", "")
    rare = np.r_[np.zeros(99_999), 9.0].reshape(100, 1000)
    assert clipped_words(looked(rare, "hand"))[1] == "< 0.01 % above"


# -- histogram ----------------------------------------------------------------------------------


@pytest.mark.parametrize("log", [False, True])
def test_a_histogram_counts_every_finite_number_once(log):
    values = normal(60, 50)
    values[0, :4] = NAN, INF, -INF, 0.0
    found = histogram(coloured(image(values), Look(log=log)))
    finite = values[np.isfinite(values)]
    assert found.counts.sum() == finite.size
    assert found.count == values.size - 1
    places = [found.stretch.place(value) for value in finite]
    assert_allclose(found.counts, np.histogram(places, found.edges)[0], atol=1)


def test_a_histogram_is_as_wide_as_levels_beyond_the_values():
    found = histogram(looked([[0.0, 1.0]], "hand", low=-10.0, high=20.0))
    assert found.edges[[0, -1]].tolist() == [-10.0, 20.0]


@pytest.mark.parametrize("share", [-1.0, -0.3, -1e-9, 0.0, 1e-300, 1.0])
def test_a_place_in_a_histogram_and_its_value_are_each_others_inverse(share):
    for reach in (1e-300, 1.0, LARGEST):
        for log in (False, True):
            shown = replace(looked([[0.0]], "hand", low=-reach, high=reach), log=log)
            way, value = histogram(shown).stretch, share * reach
            assert way.value(way.place(value)) == pytest.approx(value, rel=1e-9)
            assert math.isfinite(way.value(way.place(reach) + 3.0))


# -- whatever is shown --------------------------------------------------------------------------


@pytest.mark.parametrize("name", UGLY)
def test_every_look_of_ugly_values_has_levels_colours_and_a_histogram(name):
    with np.errstate(all="raise", under="ignore"):
        for map_ in MAP_CHOICES:
            for rule in LEVELS_CHOICES:
                for log in (False, True):
                    look = Look(map_, log=log, range=Range(rule))
                    check(coloured(image(UGLY[name]), look))


def check(found):
    low, high = levels_in_force(found)
    assert low < high
    assert math.isfinite(low)
    assert math.isfinite(high)
    pixels = pixels_of(found.values, found.map, (low, high), found.log)
    assert ((pixels == SIZE) == np.isnan(found.values)).all()
    assert bar_of(found.map, (low, high), found.log).shape == (SIZE, 3)
    below, above = clipped(found)
    assert 0.0 <= below <= 1.0
    assert 0.0 <= above <= 1.0
    counted = histogram(found)
    assert counted.counts.sum() == np.isfinite(found.values).sum()
    assert (np.diff(counted.edges) >= 0).all()


def test_every_choice_is_a_map_there_is():
    assert {*MAP_CHOICES} - {"auto"} == {*MAPS}
