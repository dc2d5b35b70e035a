"""What is computed for the page, against products that are formed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.errors import DataError
from engine.files import open_matrix_file
from gui.core.state.document import DataRef, Opened
from gui.core.work.shipping import pack, unpack
from gui.pages.column_row.compute.catalogue import WEIGHTS, Options
from gui.pages.column_row.compute.curves import rank_grid
from gui.pages.column_row.compute.product import CannotMultiply, Factor, Product, product
from gui.pages.column_row.compute.standings import Compare
from gui.pages.column_row.compute.terms import Load
from tests.gui.column_row.products import (
    INFOS,
    curve_step,
    detail_of,
    prepared_of,
    standings_of,
)

FITTED = [key for key, info in INFOS.items() if info.kinds(WEIGHTS) == WEIGHTS]


@pytest.fixture
def prepared(factors):
    return prepared_of(*factors)


def formed(x, y, indices, weights):
    c, r = x[:, indices], y[indices]
    return c @ (np.diag(weights) if np.ndim(weights) == 1 else weights) @ r


def best_formed(x, y, indices, kind):
    """The best approximation from chosen pairs, by least squares on formed terms."""
    if kind == "own":
        return formed(x, y, indices, np.ones(len(indices)))
    c, r = x[:, indices], y[indices]
    if kind == "full":
        return c @ np.linalg.pinv(c) @ x @ y @ np.linalg.pinv(r) @ r
    terms = np.stack([np.outer(x[:, i], y[i]).ravel() for i in indices], axis=1)
    return (terms @ np.linalg.lstsq(terms, (x @ y).ravel(), rcond=None)[0]).reshape(len(x), -1)


def test_prepared_product_knows_floor_norms_and_picture(factors, prepared):
    x, y = factors
    values = np.linalg.svd(x @ y, compute_uv=False)
    floor = [np.linalg.norm(values[r:]) / np.linalg.norm(values) for r in range(13)]
    assert_allclose(prepared.floor, floor, rtol=1e-9, atol=1e-12)
    norms = np.linalg.norm(x, axis=0) * np.linalg.norm(y, axis=1)
    assert_allclose(prepared.norms, norms, rtol=1e-12)
    assert_allclose(prepared.total, np.linalg.norm(x @ y), rtol=1e-12)
    assert_allclose(prepared.picture.values, x @ y, rtol=0, atol=1e-12)
    assert prepared.shape == (7, 12, 9)


def test_large_products_are_pictured_by_block_means():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(1030, 4)), rng.normal(size=(4, 30))
    prepared = prepared_of(x, y)
    assert prepared.block == (3, 1)
    expected = np.add.reduceat(x @ y, np.arange(0, 1030, 3)) / 3
    assert_allclose(prepared.picture.values[:-1], expected[:-1], rtol=0, atol=1e-12)
    assert prepared.terms.left.shape == (4, 4)


@pytest.mark.parametrize("key", ["norm", "drop1", "drop2", "drop3", "greedy", "exact"])
@pytest.mark.parametrize("kind", WEIGHTS)
def test_curve_is_the_error_of_the_formed_approximation(factors, prepared, key, kind):
    x, y = factors
    curve = curve_step(prepared, key, kind).run()
    assert curve.r.tolist() == list(range(13))
    whole = np.linalg.norm(x @ y)
    assert_allclose(curve.relative[0], 1.0, rtol=1e-12)
    for r in (1, 4, 8, 12):
        detail = detail_of(prepared, key, kind, r, Options())
        best = best_formed(x, y, detail.indices.tolist(), kind)
        residual = np.linalg.norm(x @ y - best) / whole
        assert_allclose(curve.relative[r], residual, rtol=1e-8, atol=1e-9)
        assert_allclose(detail.relative, residual, rtol=1e-7, atol=1e-9)


def test_soft_curve_uses_the_mask_of_its_operator(factors, prepared):
    from engine.topk import get_operator

    x, y = factors
    options = Options(operator="clip", tau=0.3)
    curve = curve_step(prepared, "soft", "own", options).run()
    norms = np.linalg.norm(x, axis=0) * np.linalg.norm(y, axis=1)
    mask = get_operator("clip")(norms / norms.max(), 5, tau=0.3)
    residual = np.linalg.norm(x @ y - (x * mask) @ y) / np.linalg.norm(x @ y)
    assert_allclose(curve.relative[5], residual, rtol=1e-9)


def test_options_that_a_strategy_ignores_do_not_count():
    options = Options(seed=4, operator="clip", tau=0.5)
    assert options.of(INFOS["norm"]) == Options()
    assert options.of(INFOS["uniform"]) == Options(seed=4)
    assert options.of(INFOS["soft"]) == Options(operator="clip", tau=0.5)


def test_sampling_agrees_with_the_published_formula(factors, prepared):
    x, y = factors
    sampling = curve_step(prepared, "norm_sampling", None, Options(seed=1)).run()
    norms = np.linalg.norm(x, axis=0) * np.linalg.norm(y, axis=1)
    whole = np.linalg.norm(x @ y)
    formula = np.sqrt((norms.sum() ** 2 - whole**2) / sampling.r) / whole
    assert_allclose(sampling.expected, formula, rtol=1e-10)
    assert_allclose(sampling.mean, formula, rtol=0.25)
    assert np.all(sampling.lower <= sampling.upper)
    again = curve_step(prepared, "norm_sampling", None, Options(seed=1)).run()
    assert_allclose(again.mean, sampling.mean, rtol=0)


@pytest.mark.parametrize("r", [0, 5, 12])
def test_standings_are_the_points_of_the_curves(prepared, r):
    options = Options(seed=2)
    standings = standings_of(prepared, r, INFOS, options)
    found = {(one.strategy.key, one.weights): one for one in standings.entries}
    assert set(found) == {(key, kind) for key in INFOS for kind in INFOS[key].kinds(WEIGHTS)}
    for (key, kind), entry in found.items():
        curve = curve_step(prepared, key, kind, options).run()
        assert_allclose(entry.relative, curve.relative[r], rtol=1e-7, atol=1e-9)
        assert_allclose(entry.absolute, entry.relative * prepared.total, rtol=1e-9)
        assert not entry.refused
    assert standings.best <= found["greedy", "own"].relative + 1e-12
    assert_allclose(standings.best, found["exact", "own"].relative, rtol=1e-9, atol=1e-12)


def test_searches_that_are_too_large_are_marked_with_their_count():
    rng = np.random.default_rng(4)
    prepared = prepared_of(rng.normal(size=(3, 60)), rng.normal(size=(60, 3)))
    entry = standings_of(prepared, 30, ["exact"]).entries[0]
    assert entry.weights == "own"
    assert entry.refused
    assert (entry.work, entry.limit) == (118_264_581_564_861_424, 2_000_000)
    assert np.isnan(entry.relative)
    curve = curve_step(prepared, "exact", "own").run()
    assert np.isnan(curve.relative[curve.r == 30]).all()
    assert np.isfinite(curve.relative[[0, 1, -1]]).all()
    assert detail_of(prepared, "exact", "own", 30, Options()) is None


def test_an_operator_that_fails_spoils_only_its_own_row(prepared):
    entries = standings_of(prepared, 3, ["norm", "soft"], Options(tau=-1.0)).entries
    assert [one.weights for one in entries] == [*WEIGHTS, "own"]
    norm, soft = entries[0], entries[-1]
    assert np.isfinite(norm.relative)
    assert "tau" in soft.error


def test_detail_of_a_sample_names_every_pair_once(factors, prepared):
    x, y = factors
    detail = detail_of(prepared, "uniform", "own", 9, Options(seed=3))
    assert detail.drawn == 9
    assert detail.indices.size == np.unique(detail.indices).size < 9
    assert_allclose(detail.weights.sum(), 12.0, rtol=1e-12)
    approximation = formed(x, y, detail.indices, detail.weights)
    assert_allclose(detail.picture.values, approximation, rtol=0, atol=1e-12)
    assert_allclose(detail.absolute, np.linalg.norm(x @ y - approximation), rtol=1e-9)


def test_full_weights_are_pictured_whole(factors, prepared):
    x, y = factors
    detail = detail_of(prepared, "norm", "full", 4, Options())
    expected = best_formed(x, y, detail.indices.tolist(), "full")
    assert_allclose(detail.picture.values, expected, rtol=0, atol=1e-10)


def test_requests_and_results_cross_to_another_process(prepared):
    request = curve_step(prepared, "greedy", "diagonal")
    parcel, memory = pack(request, "rankscope-test-column-row")
    copied, _ = unpack(parcel, copy=True)
    assert memory is None
    assert_allclose(copied.run().relative, request.run().relative, rtol=1e-12)
    assert copied.terms.known_gram is not None


def test_every_step_that_may_be_long_and_every_answer_crosses(prepared):
    curve = curve_step(prepared, "norm", "full")
    sampling = curve_step(prepared, "uniform", None)
    standings = Compare(
        terms=prepared.terms, r=3, compared=tuple(INFOS.values()), options=Options()
    )
    for step in (curve, sampling, standings):
        copied = unpack(pack(step, "rankscope-test-column-row")[0], copy=True)[0]
        assert type(copied) is type(step)
        assert unpack(pack(copied.run(), "rankscope-test-column-row")[0], copy=True)[0]
    again = unpack(pack(prepared, "rankscope-test-column-row")[0], copy=True)[0]
    assert_allclose(again.floor, prepared.floor)


def test_a_long_search_holds_up_no_other_curve():
    rng = np.random.default_rng(5)
    prepared = prepared_of(rng.normal(size=(3, 400)), rng.normal(size=(400, 3)))
    assert curve_step(prepared, "drop3", "own").apart
    assert not curve_step(prepared, "norm", "own").apart
    assert not curve_step(prepared, "drop2", "own").apart


@pytest.mark.parametrize("pairs", [1, 5, 34, 35, 512, 100_000])
def test_rank_grid_is_short_and_holds_both_ends(pairs):
    grid = rank_grid(pairs)
    assert grid[0] == 0
    assert grid[-1] == pairs
    assert np.all(np.diff(grid) > 0)
    assert grid.size <= 36


def test_factors_are_read_and_turned(tmp_path):
    a = np.arange(6.0).reshape(2, 3)
    np.save(tmp_path / "a.npy", a)
    source = open_matrix_file(tmp_path / "a.npy")
    ref = DataRef(source.path, source.entries[0].name, (2, 3), "float64")
    opened = Opened(ref, source)
    step = Load(product=Product(Factor(opened, True), Factor(opened)))
    loaded = unpack(pack(step, "rankscope-test-column-row")[0], copy=True)[0].run()
    assert loaded.product.x.data.source is None
    assert_allclose(loaded.x, a.T)
    assert_allclose(loaded.y, a)


def test_a_closed_file_is_named():
    ref = DataRef("gone.npy", "gone", (2, 3), "float64")
    closed = Product(Factor(Opened(ref), True), Factor(Opened(ref)))
    with pytest.raises(CannotMultiply, match=r"gone\.npy is not open any more"):
        product(closed)


def test_bad_entries_are_counted_where_they_lie_in_the_file(tmp_path):
    a = np.ones((4, 3))
    a[2, 1] = np.inf
    np.save(tmp_path / "a.npy", a)
    source = open_matrix_file(tmp_path / "a.npy")
    opened = Opened(DataRef(source.path, "a", (4, 3), "float64"), source)
    with pytest.raises(
        DataError, match=r"1 \+inf among 12 entries, the first at row 2, column 1"
    ) as told:
        Load(product=Product(Factor(opened, True), Factor(opened))).run()
    assert told.value.count == 1


def test_zero_product_has_no_error_anywhere():
    prepared = prepared_of(np.zeros((3, 4)), np.ones((4, 2)))
    assert prepared.floor.tolist() == [0.0] * 5
    for key in FITTED:
        for kind in WEIGHTS:
            curve = curve_step(prepared, key, kind).run()
            assert_allclose(curve.relative, 0.0, atol=0)
