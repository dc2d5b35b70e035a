"""What is chosen once for an array: the matrix of several axes, and what is missing in it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gui.core.declare.call import _array
from gui.core.state.document import Opened
from gui.core.state.session import from_json, to_json
from gui.pages.sources.contents import PAGE
from gui.pages.sources.screen import Screen

RNG = np.random.default_rng(5)
KERNEL, STACK = RNG.standard_normal((8, 3, 5, 4)), RNG.standard_normal((4, 6, 5))
BROKEN = RNG.standard_normal((12, 5))
BROKEN[2, 1], BROKEN[7, 0], BROKEN[7, 4], BROKEN[9, 3] = np.nan, np.inf, np.nan, -np.inf


@pytest.fixture
def sources(context, qtbot, tmp_path):
    page = Screen(PAGE, context)
    qtbot.addWidget(page.widget)
    path = tmp_path / "net.npz"
    stacked = np.stack([BROKEN, np.ones_like(BROKEN)])
    arrays = {"conv.weight": KERNEL, "stack": STACK, "broken": BROKEN, "two": stacked}
    np.savez(path, **arrays, clean=np.eye(3))
    page.open_paths([str(path)])
    page.choose_named = lambda name: page.choose(str(path), name)
    page.rest = lambda: qtbot.waitUntil(lambda: not context.runner.is_busy(), timeout=10000)
    page.rest()
    yield page
    page.shutdown()


def active(sources):
    return sources._context.store["selection"].active


def read(sources):
    return sources._context.arrays.selected


def pick(control, key):
    control.combo.setCurrentIndex(control.combo.findData(key))
    control.combo.activated.emit(control.combo.currentIndex())


def test_a_kernel_is_unfolded_and_any_two_axes_can_be_chosen(sources):
    picker, store = sources.widget.matrix, sources._context.store
    assert (active(sources).shape, active(sources).view) == ((8, 60), "unfolded (out, in*kh*kw)")
    assert picker.boxes == []
    pick(picker.view, "axes (0, 2)")
    assert [box.maximum() for box in picker.boxes] == [2, 3]
    picker.boxes[1].setValue(3)
    found = active(sources)
    assert (found.shape, found.view, found.index) == ((8, 5), "axes (0, 2)", (0, 3))
    source = sources._context.library.get(found.path)
    part = source.read(found.entry, view=found.view, index=found.index)
    assert_array_equal(part, KERNEL[:, 0, :, 3])
    assert found.title.endswith("conv.weight axes (0, 2)[0, 3]")
    assert _array(Opened(found))[2:] == ["view='axes (0, 2)'", "index=(0, 3)"]
    store.undo()
    assert active(sources).index == (0, 0)
    store.undo()
    assert active(sources).view == "unfolded (out, in*kh*kw)"


def test_the_last_two_axes_have_no_name_and_an_index(sources):
    sources.choose_named("stack")
    picker = sources.widget.matrix
    assert (active(sources).view, active(sources).index) == ("", (0,))
    assert picker.view.value() == "axes (1, 2)"
    pick(picker.view, "axes (0, 1)")
    pick(picker.view, "axes (1, 2)")
    assert active(sources).view == ""


def test_an_array_is_looked_at_again_as_it_was(sources):
    sources.choose_named("stack")
    pick(sources.widget.matrix.view, "axes (0, 2)")
    sources.widget.matrix.boxes[0].setValue(4)
    chosen = active(sources)
    sources.choose_named("clean")
    assert sources.widget.matrix.isHidden()
    sources.choose_named("stack")
    assert active(sources) == chosen
    state = sources._context.store.state
    text = to_json(state)
    assert "views" not in json.loads(text)["state"]["files"]["items"][0]["entries"][0]
    restored, notices = from_json(text, state)
    assert notices == ()
    assert restored["selection"] == state["selection"]


def test_what_is_missing_is_counted_and_chosen_for_the_array(sources):
    missing, store = sources.widget.missing, sources._context.store
    sources.choose_named("clean")
    sources.rest()
    assert missing.isHidden()
    sources.choose_named("broken")
    sources.rest()
    assert not missing.isHidden()
    assert missing.count.text() == "2 NaN, 1 +inf, 1 -inf in 3 of 12 rows"
    pick(missing.choice, "leave_rows_out")
    sources.rest()
    opened = read(sources)
    assert opened.rows.kept.tolist() == [0, 1, 3, 4, 5, 6, 8, 10, 11]
    assert opened.matrix_shape == (9, 5)
    assert _array(opened)[-1] == "missing='leave_rows_out'"
    store.undo()
    assert read(sources).rows is None
    assert missing.choice.value() == "keep"


def test_the_choice_counts_for_every_matrix_of_the_array(sources):
    sources.choose_named("two")
    sources.rest()
    pick(sources.widget.missing.choice, "leave_rows_out")
    sources.rest()
    assert read(sources).rows.left_out == 3
    sources.widget.matrix.boxes[0].setValue(1)
    sources.rest()
    assert sources.widget.missing.choice.value() == "leave_rows_out"
    assert (read(sources).repair, read(sources).rows) == ("leave_rows_out", None)
    pick(sources.widget.missing.choice, "keep")
    sources.widget.matrix.boxes[0].setValue(0)
    assert read(sources).repair == ""


# -- what the pages make of it ------------------------------------------------------------------

KEPT = np.isfinite(BROKEN).all(axis=1)
ROWS = np.flatnonzero(KEPT)


def drawn(page, plot, array=BROKEN, **parameters):
    from gui.draw import draw

    return draw(page, plot, array, missing="leave_rows_out", **parameters)


def test_the_spectrum_is_that_of_the_rows_that_stay():
    figure = drawn("spectrum", "values", rank=5)
    assert_allclose(figure.series[0].y, np.linalg.svd(BROKEN[KEPT], compute_uv=False), rtol=1e-12)
    assert figure.meta["rows_left_out"] == "3 of 12: 2, 7, 9"
    assert figure.meta["shape"] == "9 x 5"
    with pytest.raises(ValueError, match=r"\[0, 2\]"):
        drawn("spectrum", "values", BROKEN[:4, :][[0, 1, 2]], rank=3)


@pytest.mark.parametrize("plot", ["matrix", "original", "approximation", "residual", "outer"])
def test_rows_in_pictures_stand_at_their_numbers(plot):
    values = drawn("spectrum", plot).images[0].values
    assert values.shape == BROKEN.shape
    assert_array_equal(np.isnan(values).all(axis=1), ~KEPT)
    if plot in ("matrix", "original"):
        assert_allclose(values[KEPT], BROKEN[KEPT])


def test_blocks_are_the_means_of_the_rows_that_stay():
    tall = np.random.default_rng(0).standard_normal((1500, 4))
    tall[600:620, 1] = np.nan
    tall[900, 0] = np.inf
    values = drawn("spectrum", "original", tall).images[0].values
    block = 3  # 1500 rows in at most 512 pixels
    with np.errstate(invalid="ignore"):
        kept = np.where(np.isfinite(tall).all(axis=1)[:, None], tall, np.nan)
    for place in (0, 199, 200, 203, 206, 300, 499):
        rows = kept[place * block : (place + 1) * block]
        good = rows[np.isfinite(rows).all(axis=1)]
        expected = good.mean(axis=0) if len(good) else np.full(4, np.nan)
        assert_allclose(values[place], expected, atol=1e-12)


def test_vectors_and_pairs_carry_the_numbers_of_the_file():
    assert_array_equal(drawn("spectrum", "u").series[0].x, ROWS)
    assert_array_equal(drawn("spectrum", "v").series[0].x, np.arange(5))
    norms = drawn("column_row", "norms", order="index").series[0]
    assert_array_equal(norms.x, ROWS)
    assert_allclose(norms.y, (BROKEN[KEPT] ** 2).sum(axis=1))
    assert norms.words[2].startswith("pair 3,")
    product = drawn("column_row", "product", product="columns").images[0].values
    assert_array_equal(np.isnan(product), ~np.outer(KEPT, KEPT))
    assert_allclose(product[np.ix_(KEPT, KEPT)], BROKEN[KEPT] @ BROKEN[KEPT].T)


def test_scores_of_rows_that_are_left_out_are_masked():
    figure = drawn("topk", "output", axis="column", position=2, k=9.0, order="index")
    series = figure.series[0]
    assert series.x.size in (9, 12)
    with pytest.raises(ValueError, match=r"\[0, 9\]"):
        drawn("topk", "output", axis="column", position=2, k=10.0)
    with pytest.raises(ValueError, match="Row 7 is left out"):
        drawn("topk", "output", axis="row", position=7, k=1.0)
    row = drawn("topk", "output", axis="row", position=8, k=1.0)
    assert row.meta["rows_left_out"] == "3 of 12: 2, 7, 9"


def test_a_vector_loses_its_entries():
    vector = np.array([3.0, np.nan, 1.0, np.inf, 2.0])
    values = drawn("spectrum", "values", vector).series[0].y
    assert_allclose(values, [np.sqrt(14.0)])
    shown = drawn("spectrum", "matrix", vector).images[0].values
    assert_array_equal(shown, [[3.0, np.nan, 1.0, np.nan, 2.0]])


@pytest.mark.parametrize("page", ["spectrum.values", "column_row.error", "topk.output"])
def test_nothing_left_says_what_to_do(page):
    broken = np.ones((4, 3))
    broken[:, 1] = np.nan
    key, plot = page.split(".")
    with pytest.raises(ValueError, match=r"Every row of .* leaves nothing. Replace them by 0"):
        drawn(key, plot, broken)


def test_names_stay_with_the_numbers_of_their_rows(tmp_path):
    table = "land,wheat,rye\nAustria,1,2\nBelgium,,5\nCyprus,7,8\nDenmark,1,1\n"
    (tmp_path / "c.csv").write_text(table, "utf-8")
    path = str(tmp_path / "c.csv")
    lands = ["Austria", "Cyprus", "Denmark"]
    u = drawn("spectrum", "u", path)
    assert [u.x.name_at(place) for place in u.series[0].x] == lands
    by_index = drawn("column_row", "norms", path, order="index")
    assert [by_index.x.name_at(place) for place in by_index.series[0].x] == lands
    assert by_index.series[0].words[1].startswith("pair Cyprus (2),")
    by_norm = drawn("column_row", "norms", path, order="norm")
    assert [by_norm.x.name_at(place) for place in (1, 2, 3)] == ["Cyprus", "Austria", "Denmark"]
    assert list(drawn("spectrum", "matrix", path).y.names) == ["Austria", "Belgium", *lands[1:]]


def test_numbers_show_every_row_and_nothing_computed_of_one_that_is_left_out():
    def cells(**parameters):
        table = drawn("spectrum", "entries", **parameters)
        return np.array([[cell.value for cell in line[1:]] for line in table.cells])

    assert_array_equal(cells(), BROKEN)
    found = cells(of="approximation", rank=5)
    assert_array_equal(np.isnan(found).all(axis=1), ~KEPT)
    assert_allclose(found[KEPT], BROKEN[KEPT], atol=1e-12)


def test_sparse_matrices_lose_their_rows_without_a_dense_copy(tmp_path, monkeypatch):
    import scipy.sparse

    from gui.draw import opened_from, source_of
    from gui.pages.column_row.compute.product import Factor, Product
    from gui.pages.column_row.compute.terms import Load, Prepare
    from gui.pages.spectrum.compute.matrix import load
    from gui.pages.spectrum.compute.picture import DrawMatrix, reduce_matrix

    monkeypatch.setattr("engine.files.reading.arrays.SMALL_ORDER", 0)
    scipy.sparse.save_npz(tmp_path / "s.npz", scipy.sparse.csr_array(BROKEN))
    data = opened_from(source_of(str(tmp_path / "s.npz")), missing="leave_rows_out")
    assert data.rows.kept.tolist() == ROWS.tolist()
    loaded = load(data)
    assert loaded.form == "sparse"
    assert_array_equal(loaded.array.toarray(), BROKEN[KEPT])
    picture = DrawMatrix(loaded=loaded).run()
    dense = reduce_matrix(BROKEN[KEPT], places=data.places)
    assert_allclose(picture.mean, dense.mean)
    assert_allclose(picture.extreme, dense.extreme)
    factors = Load(product=Product(Factor(data), Factor(data, True))).run()
    product = Prepare(factors=factors).run().picture.values
    assert_allclose(product[np.ix_(KEPT, KEPT)], BROKEN[KEPT] @ BROKEN[KEPT].T)
    assert_array_equal(np.isnan(product), ~np.outer(KEPT, KEPT))


def test_another_array_without_bad_entries_keeps_its_rows():
    norms = drawn("column_row", "norms", other=np.ones((5, 3)), order="index").series[0].y
    expected = np.linalg.norm(BROKEN[KEPT], axis=0) * np.sqrt(3.0)
    assert_allclose(norms, expected)
