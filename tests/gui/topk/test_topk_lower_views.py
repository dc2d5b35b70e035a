import numpy as np
import pytest
from numpy.testing import assert_allclose
from PySide6.QtCore import Qt

from engine.topk import check_laws, get_operator
from gui.draw import draw
from gui.pages.topk.compute.derivatives import Jacobian
from gui.pages.topk.compute.sweeps import SweepK, SweepTau
from gui.pages.topk.contents import PAGE
from gui.render import main


def scores(page):
    return page.scores.values


def test_tau_sweep_shows_the_boundary_against_tau(page):
    sweep = page.figure("tau_sweep")
    last_kept = next(one for one in sweep.series if one.key == "sigmoid.8")
    index = int(page.scores.order[7])
    expected = [get_operator("sigmoid")(scores(page), 8, tau)[index] for tau in last_kept.x]
    assert_allclose(last_kept.y, expected, atol=1e-14)
    assert page.plot("tau_sweep").legend_entries().count("Sigmoid") == 1
    thick = {one.key for one in sweep.series if one.key.startswith("sigmoid") and one.width > 1.0}
    assert thick == {"sigmoid.8", "sigmoid.9"}
    assert "thick: 8, 9 at the boundary" in sweep.title


def test_only_the_view_in_front_is_computed(page):
    known, spec = page.page.conductor.present().answers, page.scores.spec
    assert known.latest((SweepTau, None), spec) is not None
    assert known.latest((SweepK, None), spec) is None
    assert known.latest((Jacobian, None), spec) is None
    page.tab("k")
    assert page.figure("k_sweep") is not None
    assert page.figure("tau_sweep") is None


def test_heat_map_and_jacobian_show_the_operator_in_detail(page):
    page.tab("heat")
    assert page.figure("heat").images[0].values.shape == (73, 64)
    page.tab("jacobian")
    order = page.scores.order
    expected = get_operator("grad").jacobian(scores(page), 8, 0.5)[np.ix_(order, order)]
    assert_allclose(page.figure("jacobian").images[0].values, expected, atol=1e-14)
    page.choose(page.controls.choices["focus"], "sigmoid")
    page.settle()
    expected = get_operator("sigmoid").jacobian(scores(page), 8, 0.5)[np.ix_(order, order)]
    assert_allclose(page.figure("jacobian").images[0].values, expected, atol=1e-14)


def test_jacobian_of_many_scores_is_one_column(page):
    page.choose(page.page.box.kind, "uniform")
    page.type_number(page.controls.numbers["count"], "600")
    page.settle()
    page.tab("jacobian")
    assert "512" in page.figure("jacobian").note
    assert page.curve("jacobian", "grad").y.size == 600


def test_gradient_follows_the_chosen_loss(page):
    page.tab("gradient")
    page.choose(page.controls.choices["direction"], "scores")
    page.settle()
    expected = get_operator("exp").vjp(scores(page), 8, 0.5, scores(page))
    order = page.scores.order
    assert_allclose(page.curve("gradient", "exp").y, expected[order], atol=1e-14)


def test_load_adds_rows_and_marks_the_starved(page):
    logits = np.random.default_rng(0).normal(size=(90, 12))
    logits[:, 5] -= 20.0
    page.select_array(logits)
    page.type_number(page.controls.numbers["k"], "2")
    page.tab("load")
    expected = get_operator("sigmoid")(logits, 2, 0.5).sum(axis=0)
    assert_allclose(page.curve("load", "sigmoid").y, expected, rtol=1e-10)
    assert list(page.curve("load", "starved").x) == [5]
    assert "expert 5 is starved" in page.figure("load").note


def test_load_is_not_offered_for_a_single_vector(page):
    tabs = page.view.tabs
    place = list(PAGE.views).index("load")
    assert not tabs.isTabEnabled(place)
    assert tabs.tabToolTip(place) == "Needs an array with rows: tokens x experts."


def test_law_table_measures_and_shows_the_witness(page):
    page.tick("scaled_softmax")
    page.tab("laws")
    pane = page.page.tables["topk.laws"]
    rows = pane.texts()
    operators = [one[0] for one in rows]
    row = next(i for i, name in enumerate(operators) if "softmax" in name.lower())
    laws = check_laws(get_operator("scaled_softmax"), scores(page), 8, 0.5)
    law = next(law for law in laws if not law.ok and law.witness)
    column = 1 + laws.index(law)
    assert rows[row][column].startswith("fails")
    item = pane.table.item(row, column)
    place = pane.table.visualItemRect(item).center()
    page.qtbot.mouseClick(pane.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    page.settle()
    order = list(page.scores.order)
    ranks = sorted(order.index(i) + 1 for i in set(law.witness))
    marked = page.curve("output", "witness")
    assert list(marked.x) == ranks
    assert law.sentence in pane.note.text()
    # On the curve that it is about, which is not the first one.
    curve = page.curve("output", "scaled_softmax")
    assert list(marked.y) == [curve.y[list(curve.x).index(rank)] for rank in ranks]


def test_a_witness_is_on_no_other_curve_where_its_own_is_not_drawn(page):
    page.tab("laws")
    page.store.replace("topk", label="witness", witness="hard:gradient")
    page.settle()
    assert page.curve("output", "witness") is not None
    page.store.replace("topk", label="quantity", quantity="difference")
    page.settle()
    assert page.curve("output", "hard") is None
    assert page.curve("output", "witness") is None


def test_a_law_that_is_not_defined_says_so_in_grey_and_why(page):
    page.choose(page.page.box.kind, "ties")
    page.tab("laws")
    page.settle()
    laws = page.page.tables["topk.laws"]
    heads = [laws.table.horizontalHeaderItem(i).text() for i in range(laws.table.columnCount())]
    limit, softmax = heads.index("tau → 0"), heads.index("Softmax")
    for row, texts in enumerate(laws.texts()):
        assert texts[limit] == "not defined"
        assert "tied" in laws.table.item(row, limit).toolTip()
        if texts[0].startswith("Hard"):
            assert texts[softmax] == "not defined"
            assert "this operator has none" in laws.table.item(row, softmax).toolTip()
    page.tab("claims")
    page.settle()
    claims = page.page.tables["topk.claims"].texts()
    (row,) = (row for row in claims if "tends to the hard mask" in row[1])
    assert row[0] == "not defined"
    assert "tied" in row[2]


def test_the_witness_follows_when_the_laws_are_measured_anew(page):
    page.tick("scaled_softmax")
    page.tab("laws")
    page.store.replace("topk", label="witness", witness="scaled_softmax:range")
    page.settle()
    assert page.curve("output", "witness") is not None
    page.choose(page.page.box.kind, "uniform")
    page.type_number(page.controls.numbers["tau"], "0.02")
    page.settle()
    laws = check_laws(get_operator("scaled_softmax"), scores(page), 8, 0.02)
    witness = next(law.witness for law in laws if law.law == "range")
    order = list(page.scores.order)
    assert witness
    assert list(page.curve("output", "witness").x) == sorted(order.index(i) + 1 for i in witness)


def test_claims_have_live_verdicts(page):
    page.tab("claims")

    def laplace():
        rows = page.page.tables["topk.claims"].texts()
        return next(one[0] for one in rows if "Laplace operator is softmax" in one[1])

    assert laplace() == "fails", "one softmax value exceeds 1/2 at some tau"
    page.choose(page.page.box.kind, "ties")
    page.settle()
    assert np.sort(scores(page))[-1] == np.sort(scores(page))[-2]
    assert laplace() == "holds", "two of the largest: none exceeds 1/2 at any tau"


ARRAY = np.arange(12.0).reshape(3, 4)


@pytest.fixture
def _this_page_alone(monkeypatch):
    monkeypatch.setattr("gui.render.PAGES", (PAGE,))
    monkeypatch.setattr("gui.draw.PAGES", (PAGE,))


@pytest.mark.usefixtures("_this_page_alone")
@pytest.mark.parametrize("key", list(PAGE.aliases))
def test_render_draws_the_same_figure_without_a_window(key, tmp_path):
    np.save(tmp_path / "a.npy", ARRAY)
    out = tmp_path / "out.npz"
    words = ["--row", "1", "--k", "2", "--operators", "sigmoid"]
    assert main([str(tmp_path / "a.npy"), "--figure", key, "--out", str(out), *words]) == 0
    with np.load(out) as found:
        numbers = [found[name] for name in found.files if found[name].dtype.kind == "f"]
    assert numbers
    if key == "topk":
        expected = get_operator("sigmoid")(ARRAY[1], 2, 0.5)[::-1]
        assert any(one.shape == expected.shape and np.allclose(one, expected) for one in numbers)


@pytest.mark.usefixtures("_this_page_alone")
def test_render_takes_a_column_and_the_order_of_the_file(tmp_path):
    np.save(tmp_path / "a.npy", ARRAY)
    out = tmp_path / "out.npz"
    words = ["--column", "2", "--by-index", "--k", "1", "--operators", "exp"]
    assert main([str(tmp_path / "a.npy"), "--figure", "topk", "--out", str(out), *words]) == 0
    expected = get_operator("exp")(ARRAY[:, 2], 1, 0.5)
    with np.load(out) as found:
        assert any(
            found[name].shape == (3,) and np.allclose(found[name], expected)
            for name in found.files
            if found[name].dtype.kind == "f"
        )


@pytest.mark.usefixtures("_this_page_alone")
@pytest.mark.parametrize("given", [{"position": 3}, {"k": 9.0}, {"tau": 0.0}, {"k": 1.5}])
def test_drawing_refuses_what_does_not_fit(given):
    with pytest.raises(ValueError, match="is not allowed"):
        draw("topk", "output", ARRAY, **given)


@pytest.mark.usefixtures("_this_page_alone")
@pytest.mark.parametrize("typed", [("--row", "3"), ("--k", "9"), ("--tau", "0"), ("--k", "1.5")])
def test_render_refuses_what_does_not_fit(typed, tmp_path, capsys):
    np.save(tmp_path / "a.npy", ARRAY)
    words = [str(tmp_path / "a.npy"), "--figure", "topk", "--out", str(tmp_path / "a.npz"), *typed]
    assert main(words) == 1
    assert "is not allowed" in capsys.readouterr().err
