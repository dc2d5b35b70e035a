"""What is computed for the page, against products that are formed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.errors import DataError
from engine.files import open_matrix_file
from gui.core.state.document import DataRef
from gui.core.work.shipping import pack, unpack
from gui.pages.column_row.catalogue import Options, ReadCatalogue
from gui.pages.column_row.curves import compute_curve, compute_sampling, rank_grid
from gui.pages.column_row.detail import ComputeDetail
from gui.pages.column_row.requests import Factors, LoadFactors, prepare
from gui.pages.column_row.standings import CompareAt, compare_at
from gui.pages.column_row.state import WEIGHTS, Factor, Product

INFOS = {info.key: info for info in ReadCatalogue().run().strategies}
FITTED = [key for key, info in INFOS.items() if info.kinds(WEIGHTS) == WEIGHTS]


def prepared_of(x, y):
    refs = [DataRef("p", name, a.shape, "float64") for name, a in (("x", x), ("y", y))]
    product = Product(Factor(refs[0]), Factor(refs[1]))
    return prepare(Factors(product, x, y)).run()


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
    curve = compute_curve(prepared, INFOS[key], kind, Options()).run()
    assert curve.r.tolist() == list(range(13))
    whole = np.linalg.norm(x @ y)
    assert_allclose(curve.relative[0], 1.0, rtol=1e-12)
    for r in (1, 4, 8, 12):
        detail = ComputeDetail(prepared, INFOS[key], kind, r, Options()).run()
        best = best_formed(x, y, detail.indices.tolist(), kind)
        residual = np.linalg.norm(x @ y - best) / whole
        assert_allclose(curve.relative[r], residual, rtol=1e-8, atol=1e-9)
        assert_allclose(detail.relative, residual, rtol=1e-7, atol=1e-9)


def test_soft_curve_uses_the_mask_of_its_operator(factors, prepared):
    from engine.topk import get_operator

    x, y = factors
    options = Options(operator="clip", tau=0.3)
    curve = compute_curve(prepared, INFOS["soft"], "own", options).run()
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
    sampling = compute_sampling(prepared, "norm_sampling", 1).run()
    norms = np.linalg.norm(x, axis=0) * np.linalg.norm(y, axis=1)
    whole = np.linalg.norm(x @ y)
    formula = np.sqrt((norms.sum() ** 2 - whole**2) / sampling.r) / whole
    assert_allclose(sampling.expected, formula, rtol=1e-10)
    assert_allclose(sampling.mean, formula, rtol=0.25)
    assert np.all(sampling.lower <= sampling.upper)
    again = compute_sampling(prepared, "norm_sampling", 1).run()
    assert_allclose(again.mean, sampling.mean, rtol=0)


@pytest.mark.parametrize("r", [0, 5, 12])
def test_standings_are_the_points_of_the_curves(prepared, r):
    options = Options(seed=2)
    infos = tuple(INFOS.values())
    standings = compare_at(prepared, r, infos, WEIGHTS, options).run()
    found = {(one.strategy, one.weights): one for one in standings.entries}
    assert set(found) == {(key, kind) for key in INFOS for kind in INFOS[key].kinds(WEIGHTS)}
    for (key, kind), entry in found.items():
        curve = compute_curve(prepared, INFOS[key], kind, options).run()
        assert_allclose(entry.relative, curve.relative[r], rtol=1e-7, atol=1e-9)
        assert_allclose(entry.absolute, entry.relative * prepared.total, rtol=1e-9)
        assert not entry.refused
    assert standings.best <= found["greedy", "own"].relative + 1e-12
    assert_allclose(standings.best, found["exact", "own"].relative, rtol=1e-9, atol=1e-12)


def test_searches_that_are_too_large_are_marked_with_their_count():
    rng = np.random.default_rng(4)
    prepared = prepared_of(rng.normal(size=(3, 60)), rng.normal(size=(60, 3)))
    request = compare_at(prepared, 30, (INFOS["exact"],), ("own",), Options())
    (entry,) = request.run().entries
    assert entry.refused
    assert (entry.work, entry.limit) == (118_264_581_564_861_424, 2_000_000)
    assert np.isnan(entry.relative)
    curve = compute_curve(prepared, INFOS["exact"], "own", Options()).run()
    assert np.isnan(curve.relative[curve.r == 30]).all()
    assert np.isfinite(curve.relative[[0, 1, -1]]).all()
    assert ComputeDetail(prepared, INFOS["exact"], "own", 30, Options()).run() is None


def test_an_operator_that_fails_spoils_only_its_own_row(prepared):
    request = compare_at(prepared, 3, (INFOS["norm"], INFOS["soft"]), ("own",), Options(tau=-1.0))
    assert isinstance(request, CompareAt)
    norm, soft = request.run().entries
    assert np.isfinite(norm.relative)
    assert "tau" in soft.error


def test_detail_of_a_sample_names_every_pair_once(factors, prepared):
    x, y = factors
    detail = ComputeDetail(prepared, INFOS["uniform"], "own", 9, Options(seed=3)).run()
    assert detail.drawn == 9
    assert detail.indices.size == np.unique(detail.indices).size < 9
    assert_allclose(detail.weights.sum(), 12.0, rtol=1e-12)
    approximation = formed(x, y, detail.indices, detail.weights)
    assert_allclose(detail.picture.values, approximation, rtol=0, atol=1e-12)
    assert_allclose(detail.absolute, np.linalg.norm(x @ y - approximation), rtol=1e-9)


def test_full_weights_are_pictured_whole(factors, prepared):
    x, y = factors
    detail = ComputeDetail(prepared, INFOS["norm"], "full", 4, Options()).run()
    expected = best_formed(x, y, detail.indices.tolist(), "full")
    assert_allclose(detail.picture.values, expected, rtol=0, atol=1e-10)


def test_requests_and_results_cross_to_another_process(prepared):
    request = compute_curve(prepared, INFOS["greedy"], "diagonal", Options())
    parcel, memory = pack(request, "rankscope-test-column-row")
    copied, _ = unpack(parcel, copy=True)
    assert memory is None
    assert_allclose(copied.run().relative, request.run().relative, rtol=1e-12)
    assert copied.terms.known_gram is not None


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
    loaded = LoadFactors(Product(Factor(ref, True), Factor(ref)), source, source).run()
    assert_allclose(loaded.x, a.T)
    assert_allclose(loaded.y, a)


def test_a_closed_file_is_named():
    ref = DataRef("gone.npy", "gone", (2, 3), "float64")
    with pytest.raises(DataError, match="is not open any more"):
        LoadFactors(Product(Factor(ref, True), Factor(ref)), None, None).run()


def test_zero_product_has_no_error_anywhere():
    prepared = prepared_of(np.zeros((3, 4)), np.ones((4, 2)))
    assert prepared.floor.tolist() == [0.0] * 5
    for key in FITTED:
        for kind in WEIGHTS:
            curve = compute_curve(prepared, INFOS[key], kind, Options()).run()
            assert_allclose(curve.relative, 0.0, atol=0)
