"""Sparse matrices on the pages: what a dense copy says, without one."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.linalg
from numpy.testing import assert_allclose, assert_array_equal

from engine.errors import DataError
from gui.core.declare.draw import moment_of, picture_at
from gui.core.state.document import Opened
from gui.draw import draw, given_of, opened_from, source_of
from gui.pages.column_row.compute.product import Factor, Product
from gui.pages.column_row.compute.terms import Load as LoadFactors
from gui.pages.column_row.compute.terms import Prepare as PrepareProduct
from gui.pages.sources.compute.opening import describe_source
from gui.pages.spectrum.compute.factors import Vectors
from gui.pages.spectrum.compute.matrix import Analyse, Check, Leading, Load, load
from gui.pages.spectrum.compute.picture import DrawMatrix, reduce_matrix, reduce_stored
from gui.pages.spectrum.compute.rules import Rules
from gui.pages.spectrum.compute.saving import SaveFactors
from gui.pages.spectrum.contents import PAGE
from gui.pages.spectrum.show.ends.smallest import SMALLEST
from gui.pages.topk.compute.scores import line_of
from gui.render import main as render

RNG = np.random.default_rng(1)
DENSE = np.where(RNG.random((60, 40)) < 0.2, RNG.normal(size=(60, 40)), 0.0)
# Singular values that are known, of more rows and columns than a square may have.
SIGMA = 10.0 * 0.7 ** np.arange(4200.0)
LARGE = scipy.sparse.csr_array(
    (SIGMA, (RNG.permutation(5000)[:4200], RNG.permutation(4200))), shape=(5000, 4200)
)


@pytest.fixture
def saved(tmp_path):
    def save(matrix) -> Opened:
        scipy.sparse.save_npz(tmp_path / "g.npz", scipy.sparse.csr_array(matrix))
        return opened_from(source_of(tmp_path / "g.npz"))

    return save


@pytest.fixture
def nothing_is_small(monkeypatch):
    monkeypatch.setattr("engine.files.reading.arrays.SMALL_ORDER", 0)


def test_sources_say_that_it_is_sparse_and_how_much_is_stored(saved):
    data = saved(DENSE)
    (entry,) = describe_source(data.source, data.source.path).entries
    count = np.count_nonzero(DENSE)
    assert f"Sparse (CSR): {count} of 2,400 entries are stored" in entry.note
    assert f"(density {count / 2400:.3g})" in entry.note


def test_a_small_one_is_dense_and_a_large_one_is_not(saved):
    assert_array_equal(load(saved(DENSE)).array, DENSE)
    assert load(saved(DENSE)).form == "dense"
    assert load(saved(LARGE)).form == "sparse"


@pytest.mark.parametrize("form", ["csr", "csc"])
@pytest.mark.parametrize("kind", ["floats", "complex", "integers", "bad", "full", "none"])
def test_the_picture_is_that_of_the_dense_matrix(kind, form, monkeypatch):
    dense = {
        "floats": DENSE,
        "complex": DENSE * (3 + 4j),
        "integers": np.round(9 * DENSE).astype(np.int16),
        "bad": np.where(DENSE > 1.0, np.nan, DENSE),
        "full": np.abs(DENSE) + 1.0,
        "none": np.zeros((60, 40)),
    }[kind]
    sparse = scipy.sparse.csr_array(dense).asformat(form)
    for pixels, chunk in ((7, 8), (60, 1 << 24), (5, 800)):
        monkeypatch.setattr("gui.pages.spectrum.compute.picture._CHUNK_BYTES", chunk)
        got, wanted = reduce_stored(sparse, pixels=pixels), reduce_matrix(dense, pixels=pixels)
        assert_allclose(got.mean, wanted.mean, rtol=0, atol=1e-14)
        assert_array_equal(got.extreme, wanted.extreme)
        assert (got.shape, got.dtype, got.block) == (wanted.shape, wanted.dtype, wanted.block)
        assert (got.smallest, got.largest) == (wanted.smallest, wanted.largest)
    assert got.stored == np.count_nonzero(dense)


def test_all_values_and_the_choice_of_method_where_the_order_allows(saved, nothing_is_small):
    loaded = Check(loaded=Load(data=saved(DENSE)).run()).run()
    assert loaded.form == "sparse"
    truth = np.linalg.svd(DENSE, compute_uv=False)
    for method in ("auto", "svd", "gram"):
        found = Analyse(loaded=loaded, method=method).run()
        assert found.spectrum.complete
        assert not found.more
        assert_allclose(found.spectrum.values, truth, rtol=0, atol=1e-6)
    with pytest.raises(DataError, match="dense"):
        Analyse(loaded=loaded, method="verified").run()
    picture = DrawMatrix(loaded=loaded).run()
    factors = Vectors(loaded=loaded, picture=picture, rank=1, vector=1).run()
    assert_allclose((factors.u * factors.s) @ factors.vh, DENSE, atol=1e-12)
    assert_allclose(factors.left * factors.s @ factors.right, picture.mean, atol=1e-12)


def test_bad_entries_are_told_and_replaced_without_a_dense_copy(saved, nothing_is_small):
    bad = DENSE.copy()
    bad[3, 7], bad[5, 2] = np.nan, np.inf
    data = saved(bad)
    with pytest.raises(DataError, match="row 3, column 7") as refusal:
        Check(loaded=Load(data=data).run()).run()
    assert refusal.value.count == 2
    for repair in ("zero", "column_mean"):
        kept = np.isfinite(bad)
        means = np.where(kept, bad, 0.0).sum(axis=0) / kept.sum(axis=0)
        wanted = np.where(kept, bad, means if repair == "column_mean" else 0.0)
        loaded = load(Opened(data.ref, data.source, repair))
        assert loaded.form == "sparse"
        assert not loaded.array.data.flags.writeable
        assert_allclose(loaded.array.toarray(), wanted, rtol=1e-15)


def test_leading_values_of_a_large_one_and_what_follows_from_them(saved, few, tmp_path):
    data = saved(LARGE)
    loaded = Load(data=data).run()
    step = Analyse(loaded=loaded, method="auto")
    analysis = step.run()
    assert not Leading(loaded=loaded).cost < step.cost  # no second search for the same
    known, spectrum = analysis.known, analysis.spectrum
    assert (known, spectrum.complete, analysis.more) == (8, False, False)
    low, high = spectrum.band
    assert np.all((low <= SIGMA[:known] * (1 + 1e-12)) & (SIGMA[:known] <= high * (1 + 1e-12)))
    tails = np.sqrt(np.cumsum(SIGMA[::-1] ** 2)[::-1])
    assert np.all(analysis.frobenius >= tails[: known + 1] * (1 - 1e-9))
    assert_allclose(analysis.frobenius, tails[: known + 1], rtol=1e-3)
    rows = {row.key: row for row in Rules(analysis=analysis, rule_values=()).run()}
    assert rows["energy"].rank is not None
    assert rows["energy"].certain
    refused = [row for row in rows.values() if row.rank is None]
    assert refused
    assert all(row.reason for row in refused)
    assert "all 4200 singular values; 8 are computed" in rows["minka"].reason
    picture = DrawMatrix(loaded=loaded).run()
    vectors = Vectors(loaded=loaded, picture=picture, rank=6, vector=1)
    assert vectors.cost > step.cost  # the values come first
    path = str(tmp_path / "f.npz")
    SaveFactors(data, vectors, 6, path, "float64", 0.1).run()
    with np.load(path) as file:
        u, s, vh = (file[name] for name in ("u", "s", "vh"))
    assert_allclose(s, SIGMA[:6], rtol=1e-9)
    assert_allclose(LARGE @ vh.T, u * s, atol=1e-7)


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr("gui.pages.spectrum.compute.matrix.LEADING", 8)


def test_every_plot_is_drawn_of_a_large_one(saved, few, tmp_path):
    data = saved(LARGE)
    now = moment_of(PAGE, given_of(data), {"rank": 5})
    for plot in PAGE.plots:
        if plot.view is SMALLEST:
            with pytest.raises(DataError, match="written out"):
                picture_at(plot, now)
        else:
            assert picture_at(plot, now).drawn.key == plot.key
    out = tmp_path / "out.csv"
    assert render([data.source.path, "--figure", "spectrum.values", "--out", str(out)]) == 0
    assert out.read_text().count("\n") > 8


def test_draw_takes_a_sparse_array_and_leaves_it_as_it_is(few):
    figure = draw("spectrum", "values", LARGE)
    assert_allclose(figure.series[0].y, SIGMA[:8], rtol=1e-9)
    assert "8 of 4200" in figure.note
    assert LARGE.data.flags.writeable
    error = draw("spectrum", "error", LARGE)
    assert error.x.limits[1] < 100  # 8 values of 4200 are no thin line
    twice = scipy.sparse.coo_array(([1.0, 2.0, 5.0], ([0, 0, 1], [0, 0, 1])), shape=(2, 2))
    assert draw("spectrum", "values", twice).series[0].y.tolist() == [5.0, 3.0]


def test_a_row_and_a_column_are_read_without_the_rest(saved):
    wide = scipy.sparse.coo_array(([1.5, -2.0], ([3, 9], [5, 5])), (300_000, 200_000))
    data = saved(wide)
    tracemalloc.start()
    row, column = line_of(data, "row", 3), line_of(data, "column", 5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert row.shape == (200_000,)
    assert column.shape == (300_000,)
    assert np.flatnonzero(row).tolist() == [5]
    assert row[5] == 1.5
    assert np.flatnonzero(column).tolist() == [3, 9]
    assert peak < 20e6
    with pytest.raises(DataError, match="as a dense one"):
        line_of(data, "row", slice(None))


def test_a_product_of_sparse_factors_is_that_of_dense_ones(saved, nothing_is_small):
    data = saved(DENSE)
    product = Product(Factor(data, True), Factor(data))
    found = PrepareProduct(factors=LoadFactors(product=product).run()).run()
    for other in (product, Product(Factor(data), Factor(data, True))):
        found = PrepareProduct(factors=LoadFactors(product=other).run()).run()
        x = DENSE.T if other.x.transposed else DENSE
        truth = x @ x.T
        assert_allclose(found.total, np.linalg.norm(truth), rtol=1e-12)
        assert_allclose(found.norms, np.linalg.norm(x, axis=0) ** 2, rtol=1e-12)
        scale = 4.0**found.terms.exponent / 2.0**found.terms.exponent
        gram = (x.T @ x) ** 2 / scale**2
        assert_allclose(found.terms.gram, gram, atol=1e-12 * gram.max())
        assert_allclose(found.left @ found.right, truth, atol=1e-12 * np.abs(truth).max())
        assert_allclose(found.floor[1:5] * found.total, floor_of(truth)[1:5], rtol=1e-6)


def floor_of(product):
    s = np.linalg.svd(product, compute_uv=False)
    return np.append(np.sqrt(np.cumsum(s[::-1] ** 2)[::-1]), 0.0)


def test_a_product_of_too_many_pairs_says_what_to_do(saved):
    tall = scipy.sparse.coo_array(([1.0, 2.0], ([5, 99_999], [0, 3])), shape=(100_000, 2000))
    data = saved(tall)
    with pytest.raises(DataError, match="shorter side"):
        LoadFactors(product=Product(Factor(data, True), Factor(data))).run()
    factors = LoadFactors(product=Product(Factor(data), Factor(data, True))).run()
    assert factors.x.nnz == 2
    square = saved(scipy.sparse.coo_array(([1.0], ([5], [7])), shape=(9000, 9000)))
    with pytest.raises(DataError, match="Save a part"):
        LoadFactors(product=Product(Factor(square, True), Factor(square))).run()


def test_a_matrix_that_no_dense_array_could_hold_takes_what_its_entries_take(saved):
    rng = np.random.default_rng(0)
    places = rng.integers(0, 60_000, 20_000), rng.integers(0, 40_000, 20_000)
    data = saved(scipy.sparse.coo_array((rng.normal(size=20_000), places), (60_000, 40_000)))
    tracemalloc.start()
    loaded = Check(loaded=Load(data=data).run()).run()
    picture = DrawMatrix(loaded=loaded).run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert loaded.form == "sparse"
    assert loaded.pairs == 64
    assert picture.mean.size <= 512 * 512
    assert peak < 60e6  # 19 GB as a dense one


_LIMITED = """
import resource, sys
from gui.render import main
code = main([sys.argv[1], "--figure", "spectrum.values", "--out", sys.argv[2]])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
sys.exit(code)
"""


@pytest.mark.long
def test_leading_values_of_300000_by_200000_take_less_than_a_gigabyte(saved, tmp_path):
    rng, count = np.random.default_rng(0), 1_000_000
    places = rng.integers(0, 300_000, count), rng.integers(0, 200_000, count)
    matrix = scipy.sparse.coo_array((rng.normal(size=count), places), (300_000, 200_000))
    path, out = saved(matrix).source.path, tmp_path / "v.csv"
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, path, str(out)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout.split()[-1]) < 1000
    values = scipy.sparse.linalg.svds(matrix.tocsr(), k=4, return_singular_vectors=False)
    found = draw("spectrum", "values", path).series[0].y
    assert_allclose(found[:4], np.sort(values)[::-1], rtol=1e-6)
