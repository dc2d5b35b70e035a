"""Products of two stored factors (LoRA) on the pages: the spectrum without the product."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from safetensors.numpy import save_file

from engine.errors import DataError
from gui.core.declare.draw import moment_of, picture_at
from gui.core.figure.pictures import block_means
from gui.core.state.document import Opened
from gui.draw import given_of, opened_from, source_of
from gui.pages.spectrum.compute.factors import DrawRank, Vectors, rank_pictures
from gui.pages.spectrum.compute.matrix import Analyse, Check, Load
from gui.pages.spectrum.compute.picture import DrawMatrix, reduce_matrix
from gui.pages.spectrum.compute.rules import Rules
from gui.pages.spectrum.contents import PAGE
from gui.pages.spectrum.show.ends.smallest import SMALLEST
from gui.pages.topk.compute.scores import line_of

RNG = np.random.default_rng(3)
B, A = RNG.normal(size=(2100, 4)), RNG.normal(size=(4, 1500))
ALPHA = 8.0
PRODUCT = (ALPHA / 4) * B @ A


def truth():
    r, t = np.linalg.qr(B)[1], np.linalg.qr(A.T)[1]
    return (ALPHA / 4) * np.linalg.svd(r @ t.T, compute_uv=False)


@pytest.fixture
def adapter(tmp_path):
    def save(b=B, a=A) -> Opened:
        tensors = {"q.lora_A.weight": a, "q.lora_B.weight": b, "q.alpha": np.array([ALPHA])}
        tensors = {name: np.ascontiguousarray(one) for name, one in tensors.items()}
        save_file(tensors, tmp_path / "l.safetensors")
        return opened_from(source_of(tmp_path / "l.safetensors"))

    return save


@pytest.fixture
def never_formed(monkeypatch):
    def formed(*_):
        raise AssertionError("the product was formed")

    monkeypatch.setattr("engine.files.layouts.tensors.checkpoint.CheckpointSource._product", formed)


def test_the_spectrum_is_that_of_the_product(adapter, never_formed):
    loaded = Check(loaded=Load(data=adapter()).run()).run()
    assert loaded.form == "product"
    analysis = Analyse(loaded=loaded, method="auto").run()
    spectrum = analysis.spectrum
    assert (spectrum.complete, spectrum.method, analysis.known) == (True, "product", 1500)
    assert_allclose(spectrum.values[:4], truth(), rtol=1e-13)
    assert not spectrum.values[4:].any()
    assert_allclose(analysis.frobenius[0], np.linalg.norm(PRODUCT), rtol=1e-13)
    assert analysis.frobenius[4] == 0.0
    assert analysis.descriptors.numerical_rank == 4
    rows = Rules(analysis=analysis, rule_values=()).run()
    assert all(row.rank is not None and row.rank <= 4 for row in rows if row.certain)


def test_the_pictures_are_those_of_the_product(adapter, never_formed):
    loaded = Load(data=adapter()).run()
    picture, wanted = DrawMatrix(loaded=loaded).run(), reduce_matrix(PRODUCT)
    assert_allclose(picture.mean, wanted.mean, atol=1e-12)
    assert_allclose(picture.extreme, wanted.extreme, atol=1e-12)
    factors = Vectors(loaded=loaded, picture=picture, rank=4, vector=1).run()
    assert factors.known == 4
    for rank in (0, 2, 4, 9):
        drawn = DrawRank(pictures=rank_pictures(factors), rank=rank).run()
        kept = min(rank, 4)
        best = (factors.u[:, :kept] * factors.s[:kept]) @ factors.vh[:kept]
        rows, columns = picture.block
        means = block_means(block_means(best, rows).T, columns).T
        assert_allclose(drawn.approximation.values, means, atol=1e-12)
    assert_allclose((factors.u * factors.s) @ factors.vh, PRODUCT, atol=1e-11)


def test_every_plot_is_drawn(adapter, never_formed):
    now = moment_of(PAGE, given_of(adapter()), {"rank": 2})
    for plot in PAGE.plots:
        if plot.view is SMALLEST:
            with pytest.raises(DataError, match="written out"):
                picture_at(plot, now)
        else:
            assert picture_at(plot, now).drawn.key == plot.key


def test_a_row_is_made_of_one_row_of_a_factor(adapter):
    left, right = RNG.normal(size=(200_000, 2)), RNG.normal(size=(2, 50_000))
    data = adapter(left, right)
    tracemalloc.start()
    row, column = line_of(data, "row", 7), line_of(data, "column", -1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert_allclose(row, 4.0 * left[7] @ right, rtol=1e-12)
    assert_allclose(column, 4.0 * left @ right[:, -1], rtol=1e-12)
    assert peak < 40e6  # 80 GB as a dense one


def test_a_factor_with_bad_entries_is_formed_to_see_where_they_go(adapter):
    bad = B.copy()
    bad[5, 1] = np.nan
    loaded = Load(data=adapter(bad)).run()
    assert loaded.form == "dense"
    assert_array_equal(np.flatnonzero(np.isnan(loaded.array).all(axis=1)), [5])


def test_a_small_product_is_a_dense_matrix(adapter):
    loaded = Load(data=adapter(B[:60], A[:, :40])).run()
    assert loaded.form == "dense"
    assert_allclose(loaded.array, PRODUCT[:60, :40], rtol=1e-12)
