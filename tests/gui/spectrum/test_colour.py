"""A colour picture: one spectrum of [R | G | B], and every picture of it in colour."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from PIL import Image

from gui.core.figure.colormaps import to_rgb
from gui.core.figure.pictures import PIXELS

# Singular vectors of 8-bit numbers come in single precision: some 1e-7 of sigma_1.
SINGLE = 2e-3


def pixels(height, width):
    down, across = np.mgrid[0:height, 0:width]
    waves = [np.sin(down / 5.0), np.cos(across / 9.0), np.sin((down + across) / 7.0)]
    noise = np.random.default_rng(3).normal(0.0, 0.2, (height, width, 3))
    return np.uint8(np.clip(127 + 80 * (np.stack(waves, axis=2) + noise), 0, 255))


def unfold(picture):
    return np.hstack([picture[..., channel] for channel in range(3)])


def fold(matrix):
    return np.stack(np.split(matrix, 3, axis=1), axis=2)


def rank_part(a, r):
    u, s, vh = np.linalg.svd(np.asarray(a, dtype=float), full_matrices=False)
    return (u[:, :r] * s[:r]) @ vh[:r]


@pytest.fixture
def photo(page):
    """A photo of 30 x 44 pixels on the page."""
    picture = pixels(30, 44)
    path = page.folder / "photo.png"
    Image.fromarray(picture).save(path)
    page.open_file(path)
    page.settle()
    return picture


def test_colour_picture_has_the_spectrum_of_its_unfolding(page, photo):
    expected = np.linalg.svd(unfold(photo).astype(float), compute_uv=False)
    assert_allclose(page.curve("values", "main").y, expected, rtol=1e-9, atol=0)


def test_colour_pictures_are_shown_in_colour(page, photo):
    for plot in ("matrix", "original"):
        (image,) = page.figure(plot).images
        assert image.map == "rgb"
        assert image.extent == (-0.5, 43.5, -0.5, 29.5)
        assert_allclose(image.values, photo, rtol=0, atol=1e-12)
        assert (to_rgb(image.values, image.map, image.levels) == photo).all()


def test_colour_approximation_and_residual_follow_the_rank(page, photo):
    page.drag("values", 8, 4, 3)
    approximation = fold(rank_part(unfold(photo), 3))
    assert_allclose(page.image("approximation"), approximation, rtol=0, atol=SINGLE)
    (residual,) = page.figure("residual").images
    assert_allclose(residual.values, photo - approximation, rtol=0, atol=SINGLE)
    assert (residual.map, residual.levels) == ("rgb", (-127.5, 127.5))


def test_colour_residual_of_full_rank_is_mid_grey(page, photo):
    page.type_number(page.controls.numbers["rank"], "30")
    (residual,) = page.figure("residual").images
    assert set(to_rgb(residual.values, residual.map, residual.levels).ravel()) <= {127, 128}


def test_colour_outer_product_of_a_pair_is_in_colour(page, photo):
    page.tab("vectors")
    (image,) = page.figure("outer").images
    assert image.map == "rgb"
    assert_allclose(image.values, fold(rank_part(unfold(photo), 1)), rtol=0, atol=SINGLE)


def test_colour_picture_is_reduced_channel_by_channel(page):
    width = 2 * PIXELS + 3  # blocks of 3; the last of each channel is narrower
    picture = pixels(6, width)
    path = page.folder / "wide.png"
    Image.fromarray(picture).save(path)
    page.open_file(path)
    page.settle()
    page.type_number(page.controls.numbers["rank"], "2")
    starts = np.arange(0, width, 3)

    def means(values):
        counts = np.diff([*starts, width])[:, None]
        return np.add.reduceat(values.astype(float), starts, axis=1) / counts

    assert_allclose(page.image("original"), means(picture), rtol=0, atol=1e-9)
    expected = means(fold(rank_part(unfold(picture), 2)))
    assert_allclose(page.image("approximation"), expected, rtol=0, atol=SINGLE)


def test_grey_pictures_keep_the_map_of_other_matrices(page):
    path = page.folder / "scan.png"
    Image.fromarray(pixels(12, 9)[..., 0]).save(path)
    page.open_file(path)
    page.settle()
    assert page.figure("original").images[0].map == "sequential"
