from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.errors import DataError
from gui.core.figure.pictures import block_means
from gui.core.state.document import DataRef, Opened
from gui.pages.spectrum.compute.matrix import Check, Loaded
from gui.pages.spectrum.compute.picture import reduce_matrix


def refusal_of(a):
    """What a spectrum of ``a`` is refused with; None where all its entries are numbers."""
    loaded = Loaded(Opened(DataRef("a.npy", "a", a.shape, a.dtype.name)), a)
    try:
        assert Check(loaded=loaded).run() is loaded
    except DataError as error:
        return error
    return None


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (64, 64), (130, 7), (3, 1000), (1, 4096)])
def test_reduce_means_and_extremes_are_those_of_the_blocks(shape):
    a = np.random.default_rng(0).normal(size=shape)
    picture = reduce_matrix(a, pixels=32)
    rows, columns = picture.block
    expected_mean = [
        [a[i : i + rows, j : j + columns].mean() for j in range(0, shape[1], columns)]
        for i in range(0, shape[0], rows)
    ]
    flat = [
        [a[i : i + rows, j : j + columns].ravel() for j in range(0, shape[1], columns)]
        for i in range(0, shape[0], rows)
    ]
    extreme = [[b[np.argmax(np.abs(b))] for b in row] for row in flat]
    assert_allclose(picture.mean, expected_mean, rtol=0, atol=1e-14)
    assert_allclose(picture.extreme, extreme, rtol=0, atol=0)
    assert max(picture.mean.shape) <= 32
    assert picture.smallest == a.min()
    assert picture.largest == a.max()


def test_reduce_edges_lie_where_the_entries_of_a_pixel_begin():
    picture = reduce_matrix(np.zeros((10, 6)), pixels=4)
    assert picture.block == (3, 2)
    # Four pixel rows of three entries reach past the tenth row: nothing is squeezed.
    assert picture.extent == (-0.5, 5.5, -0.5, 11.5)


def test_reduce_reads_a_memory_map_in_strips(tmp_path, monkeypatch):
    monkeypatch.setattr("gui.pages.spectrum.compute.picture._CHUNK_BYTES", 4096)
    a = np.random.default_rng(1).normal(size=(300, 50)).astype(np.float32)
    np.save(tmp_path / "a.npy", a)
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    picture = reduce_matrix(mapped, pixels=64)
    assert_allclose(picture.mean, reduce_matrix(a, pixels=64).mean, rtol=0, atol=0)
    assert picture.dtype == "float32"


@pytest.mark.parametrize(("bad", "kind"), [(np.nan, "NaN"), (np.inf, "+inf"), (-np.inf, "-inf")])
def test_bad_entries_are_counted_and_their_pixels_stay_empty(bad, kind):
    a = np.ones((40, 30))
    a[17, 4] = bad
    picture = reduce_matrix(a, pixels=10)
    for values in (picture.mean, picture.extreme):
        assert np.isnan(values[4, 1])
        assert np.count_nonzero(np.isnan(values)) == 1
    refusal = refusal_of(a)
    assert (refusal.count, refusal.first) == (1, (17, 4))
    assert f"holds 1 {kind}, the first at row 17, column 4" in str(refusal)


def test_both_infinities_are_found_though_their_sum_is_nan():
    a = np.zeros((4, 4))
    a[1, 1], a[2, 2] = np.inf, -np.inf
    picture = reduce_matrix(a)
    assert np.argwhere(np.isnan(picture.mean)).tolist() == [[1, 1], [2, 2]]
    refusal = refusal_of(a)
    assert (refusal.count, refusal.first) == (2, (1, 1))
    assert "holds 1 +inf, 1 -inf" in str(refusal)


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_reduce_keeps_tiny_and_huge_entries(scale):
    a = np.full((1024, 4), scale)
    assert_allclose(reduce_matrix(a).mean, scale, rtol=1e-14)
    assert refusal_of(a) is None


def test_reduce_shows_the_magnitude_of_complex_entries():
    picture = reduce_matrix(np.array([[3.0 + 4.0j, 0.0]]))
    assert picture.mean.tolist() == [[5.0, 0.0]]


@pytest.mark.parametrize("dtype", [np.bool_, np.int8, np.uint8, np.float16])
def test_reduce_takes_every_kind_of_number(dtype):
    a = np.arange(12).reshape(3, 4).astype(dtype)
    assert_allclose(reduce_matrix(a).mean, a.astype(float))


def test_block_means_of_factors_give_the_reduced_product():
    rng = np.random.default_rng(2)
    u, v = rng.normal(size=(70, 5)), rng.normal(size=(45, 5))
    picture = reduce_matrix(u @ v.T, pixels=16)
    rows, columns = picture.block
    assert_allclose(
        block_means(u, rows) @ block_means(v, columns).T, picture.mean, rtol=0, atol=1e-13
    )
