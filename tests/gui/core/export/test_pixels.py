"""A picture by itself: every entry a pixel, whatever was reduced for the screen."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as Pillow

from gui.core.declare.records import Plot
from gui.core.export.export import ExportError, export_figure, read_metadata
from gui.core.export.pixels import size_of
from gui.core.figure.colormaps import to_rgb
from gui.core.figure.figure import Axis, Figure, Image, Series
from gui.core.figure.levels import levels_in_force
from gui.draw import draw
from gui.pages import PAGES

SHAPE = (530, 601)  # more than a picture on the screen has, in both directions


@pytest.fixture(scope="module")
def matrix():
    rng = np.random.default_rng(4)
    left, right = rng.standard_normal((SHAPE[0], 6)), rng.standard_normal((6, SHAPE[1]))
    return (left * [9, 5, 3, 2, 1, 0.5]) @ right


def truncated(matrix, rank):
    u, s, vh = np.linalg.svd(matrix, full_matrices=False)
    return (u[:, :rank] * s[:rank]) @ vh[:rank]


@pytest.mark.parametrize("plot", ["matrix", "original", "approximation", "residual"])
def test_numbers_are_every_entry(plot, matrix, tmp_path):
    figure = draw("spectrum", plot, matrix, rank=2)
    found = np.load(export_figure(figure, tmp_path / "a.npy"))
    wanted = {"approximation": truncated(matrix, 2), "residual": matrix - truncated(matrix, 2)}
    np.testing.assert_allclose(found, wanted.get(plot, matrix), atol=1e-11)


@pytest.mark.parametrize("plot", ["product", "approximation", "residual"])
@pytest.mark.parametrize("weights", ["own", "full"])
def test_products_are_every_entry(plot, weights, tmp_path):
    rng = np.random.default_rng(5)
    x = rng.standard_normal((12, SHAPE[0]))
    figure = draw("column_row", plot, x, r=4, detail_weights=weights)
    found = np.load(export_figure(figure, tmp_path / "a.npy"))
    product = x.T @ x
    if plot == "product":
        np.testing.assert_allclose(found, product, atol=1e-11)
        return
    # What is seen on the screen are block means of just these entries.
    rows = found.shape[0]
    block = -(-rows // 512)
    seen = figure.images[0].values
    starts = np.arange(0, rows, block)
    counts = np.diff([*starts, rows])
    means = np.add.reduceat(np.add.reduceat(found, starts, 0), starts, 1)
    np.testing.assert_allclose(means / np.outer(counts, counts), seen, atol=1e-10)
    assert np.linalg.matrix_rank(found if plot == "approximation" else product - found) == 4


def test_pixels_have_the_colours_of_the_picture(matrix, tmp_path):
    figure = draw("spectrum", "residual", matrix, rank=2)
    image = figure.images[0]
    wanted = to_rgb(matrix - truncated(matrix, 2), image.map, levels_in_force(image), image.log)
    for name, format in (("a.png", "pixels"), ("a.tif", None)):
        path = export_figure(figure, tmp_path / name, format=format)
        with Pillow.open(path) as picture:
            assert picture.size == SHAPE[::-1]
            pixels = np.asarray(picture.convert("RGB"))
        assert np.abs(pixels.astype(int) - wanted).max() <= 4  # a step of the map: rounding
        assert read_metadata(path)["figure"] == "spectrum.residual"


def test_photo_of_rank_r_is_a_photo_again(tmp_path):
    rng = np.random.default_rng(6)
    photo = rng.integers(0, 256, (40, 30, 3), np.uint8)
    Pillow.fromarray(photo).save(tmp_path / "photo.png")
    figure = draw("spectrum", "approximation", tmp_path / "photo.png", rank=40)
    path = export_figure(figure, tmp_path / "small.png", format="pixels")
    with Pillow.open(path) as picture:
        assert np.array_equal(np.asarray(picture), photo)
    figure = draw("spectrum", "approximation", tmp_path / "photo.png", rank=3)
    found = np.load(export_figure(figure, tmp_path / "small.npy"))
    side_by_side = photo.astype(float).transpose(0, 2, 1).reshape(40, 90)
    wanted = truncated(side_by_side, 3).reshape(40, 3, 30).transpose(0, 2, 1)
    np.testing.assert_allclose(found, wanted, atol=1e-4)  # photos are computed in float32


def test_rows_left_out_are_no_numbers(matrix, tmp_path):
    holed = matrix.copy()
    holed[7, 3] = np.nan
    figure = draw("spectrum", "residual", holed, rank=2, missing="leave_rows_out")
    found = np.load(export_figure(figure, tmp_path / "a.npy"))
    assert np.flatnonzero(np.isnan(found).any(axis=1)).tolist() == [7]
    kept = np.delete(matrix, 7, axis=0)
    np.testing.assert_allclose(np.delete(found, 7, 0), kept - truncated(kept, 2), atol=1e-11)


def test_sparse_and_complex_entries(tmp_path):
    import scipy.sparse

    sparse = scipy.sparse.random(700, 900, 0.01, random_state=1, format="csc")
    scipy.sparse.save_npz(tmp_path / "s.npz", sparse)
    figure = draw("spectrum", "matrix", tmp_path / "s.npz")
    found = np.load(export_figure(figure, tmp_path / "s.npy"))
    assert np.array_equal(found, sparse.toarray())
    rng = np.random.default_rng(7)
    values = rng.standard_normal((6, 5)) + 1j * rng.standard_normal((6, 5))
    figure = draw("spectrum", "matrix", values)
    found = np.load(export_figure(figure, tmp_path / "c.npy"))
    np.testing.assert_allclose(found, np.abs(values))


def pictures() -> list[tuple[str, type[Plot]]]:
    """Return the plots of large matrices: those with block means."""
    keys = ("matrix", "original", "approximation", "residual", "outer", "inverse")
    spectrum = next(page for page in PAGES if page.key == "spectrum")
    return [("spectrum", plot) for plot in spectrum.plots if plot.key.split(".")[1] in keys]


@pytest.mark.parametrize(("page", "plot"), pictures(), ids=lambda one: getattr(one, "key", one))
def test_what_is_reduced_is_written_whole(page, plot, matrix):
    figure = draw(page, plot.key, matrix, rank=2)
    shape = SHAPE[::-1] if plot.key == "spectrum.inverse" else SHAPE
    assert size_of(figure.images[0]) == shape
    whole = figure.images[0].whole
    entries = whole.read(0, shape[0])
    assert entries.shape == shape
    seen = figure.images[0].values
    # A block of the seen picture is the mean of its entries.
    rows, columns = (-(-n // 512) for n in shape)
    first = entries[:rows, :columns].mean()
    np.testing.assert_allclose(first, seen[0, 0], atol=1e-9 * np.abs(entries).max())


def test_large_pictures_come_strip_by_strip(monkeypatch, tmp_path):
    from gui.core.export import pixels

    values = np.random.default_rng(8).standard_normal((37, 11))
    image = Image("a", "", values, (0, 11, 0, 37))
    figure = Figure("a.b", "Some", images=(image,))
    once = np.load(export_figure(figure, tmp_path / "a.npy"))
    monkeypatch.setattr(pixels, "_STRIP", 30)
    assert np.array_equal(np.load(export_figure(figure, tmp_path / "b.npy")), once)
    monkeypatch.setattr(pixels, "LARGEST_AREA", 400)
    with pytest.raises(ExportError, match=r"11 × 37 entries: as pixels at most"):
        export_figure(figure, tmp_path / "a.tif")


@pytest.mark.parametrize(
    ("name", "format"), [("a.png", "pixels"), ("a.tif", None), ("a.npy", None)]
)
def test_what_is_no_picture_is_refused(name, format, tmp_path):
    x = np.arange(3.0)
    figure = Figure("a.b", "Curves", Axis("x"), Axis("y"), (Series("s", "s", x, x),))
    with pytest.raises(ExportError, match="“Curves” is no single picture"):
        export_figure(figure, tmp_path / name, format=format)


def test_a_figure_with_all_of_its_entries_can_be_sent_to_another_process(matrix):
    import pickle

    for plot in ("residual", "outer", "inverse"):
        whole = draw("spectrum", plot, matrix, rank=2).images[0].whole
        again = pickle.loads(pickle.dumps(whole))
        assert np.array_equal(again.read(3, 5), whole.read(3, 5))
