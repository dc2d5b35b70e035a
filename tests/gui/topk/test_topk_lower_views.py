import numpy as np
import pytest
from numpy.testing import assert_allclose
from PySide6.QtCore import Qt

from engine.topk import check_laws, get_operator
from gui.core.state.document import DataRef
from gui.pages.topk import PAGE


def show(page, key):
    """Click the tab of a lower view and wait for its content."""
    tabs = page.view.tabs
    index = tabs.indexOf(page.view.lower_panes[key])
    bar = tabs.tabBar()
    page.qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(index).center())
    page.settle()
    return page.view.lower_panes[key]


def scores(page):
    return page.page.scores_in_force().values


def test_tau_sweep_shows_the_boundary_against_tau(page):
    sweep = page.figure("tau_sweep")
    last_kept = next(one for one in sweep.series if one.key == "sigmoid.8")
    index = int(page.page.scores_in_force().order[7])
    expected = [get_operator("sigmoid")(scores(page), 8, tau)[index] for tau in last_kept.x]
    assert_allclose(last_kept.y, expected, atol=1e-14)
    assert page.view.plot_of("tau").legend_entries().count("Sigmoid") == 1
    thick = {one.key for one in sweep.series if one.key.startswith("sigmoid") and one.width > 1.0}
    assert thick == {"sigmoid.8", "sigmoid.9"}
    assert "thick: 8, 9 at the boundary" in sweep.title


def test_only_the_view_in_front_is_computed(page):
    assert list(page.page._lower._answers) == ["tau"]
    show(page, "k")
    assert page.figure("k_sweep") is not None
    assert page.figure("tau_sweep") is None


def test_heat_map_and_jacobian_show_the_operator_in_detail(page):
    show(page, "heat")
    assert page.figure("heat").images[0].values.shape == (73, 64)
    show(page, "jacobian")
    order = page.page.scores_in_force().order
    expected = get_operator("grad").jacobian(scores(page), 8, 0.5)[np.ix_(order, order)]
    assert_allclose(page.figure("jacobian").images[0].values, expected, atol=1e-14)
    page.choose(page.controls.focus, "sigmoid")
    page.settle()
    expected = get_operator("sigmoid").jacobian(scores(page), 8, 0.5)[np.ix_(order, order)]
    assert_allclose(page.figure("jacobian").images[0].values, expected, atol=1e-14)


def test_jacobian_of_many_scores_is_one_column(page):
    page.choose(page.controls.kind, "uniform")
    page.type_number(page.controls.count, "600")
    page.settle()
    pane = show(page, "jacobian")
    assert "512" in pane.error.text()
    assert page.curve("jacobian", "grad").y.size == 600


def test_gradient_follows_the_chosen_loss(page):
    pane = show(page, "gradient")
    page.choose(pane._options["direction"], "scores")
    page.settle()
    expected = get_operator("exp").vjp(scores(page), 8, 0.5, scores(page))
    order = page.page.scores_in_force().order
    assert_allclose(page.curve("gradient", "exp").y, expected[order], atol=1e-14)


def test_load_adds_rows_and_marks_the_starved(page):
    logits = np.random.default_rng(0).normal(size=(90, 12))
    logits[:, 5] -= 20.0
    page.select(logits)
    page.type_number(page.controls.k_whole, "2")
    show(page, "load")
    expected = get_operator("sigmoid")(logits, 2, 0.5).sum(axis=0)
    assert_allclose(page.curve("load", "sigmoid").y, expected, rtol=1e-10)
    assert list(page.curve("load", "starved").x) == [5]
    assert "expert 5 is starved" in page.figure("load").note


def test_load_is_not_offered_for_a_single_vector(page):
    tabs = page.view.tabs
    assert not tabs.isTabEnabled(tabs.indexOf(page.view.lower_panes["load"]))


def test_law_table_measures_and_shows_the_witness(page):
    page.tick("scaled_softmax")
    pane = show(page, "laws")
    operators = [pane.text(i, 0) for i in range(pane.table.rowCount())]
    row = next(i for i, name in enumerate(operators) if "softmax" in name.lower())
    laws = check_laws(get_operator("scaled_softmax"), scores(page), 8, 0.5)
    law = next(law for law in laws if not law.ok and law.witness)
    column = 1 + laws.index(law)
    assert pane.text(row, column).startswith("fails")
    item = pane.table.item(row, column)
    place = pane.table.visualItemRect(item).center()
    page.qtbot.mouseClick(pane.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    page.settle()
    order = list(page.page.scores_in_force().order)
    ranks = sorted(order.index(i) + 1 for i in set(law.witness))
    assert list(page.curve("output", "witness").x) == ranks
    assert law.sentence in pane.note.text()


def test_the_witness_follows_when_the_laws_are_measured_anew(page):
    page.tick("scaled_softmax")
    show(page, "laws")
    page.store.replace("topk", label="witness", witness="scaled_softmax:range")
    page.settle()
    assert page.curve("output", "witness") is not None
    page.choose(page.controls.kind, "uniform")
    page.type_number(page.controls.tau, "0.02")
    page.settle()
    laws = check_laws(get_operator("scaled_softmax"), scores(page), 8, 0.02)
    witness = next(law.witness for law in laws if law.law == "range")
    order = list(page.page.scores_in_force().order)
    assert witness
    assert list(page.curve("output", "witness").x) == sorted(order.index(i) + 1 for i in witness)


def test_claims_have_live_verdicts(page):
    pane = show(page, "claims")
    rows = range(pane.table.rowCount())
    laplace = next(i for i in rows if "Laplace operator is softmax" in pane.text(i, 1))
    assert pane.text(laplace, 0) == "holds"
    page.store.replace("topk", label="tau", tau=0.01)
    page.settle()
    assert pane.text(laplace, 0) == "fails", "one softmax value exceeds 1/2 at small tau"


@pytest.mark.parametrize("spec", PAGE.renders(), ids=lambda spec: spec.key)
def test_render_draws_the_same_figure_without_a_window(spec):
    class Source:
        def read(self, name, rows=None, cols=None, index=None, progress=None):
            return np.arange(12.0).reshape(3, 4)[rows]

    ref = DataRef("/a.npy", "a", (3, 4), "float64")
    figure = spec.build(Source(), ref, {"row": 1, "k": 2.0, "tau": 0.5, "operators": ("sigmoid",)})
    assert figure.series
    if spec.key == "topk":
        expected = get_operator("sigmoid")(np.arange(4.0, 8.0), 2, 0.5)[::-1]
        assert_allclose(figure.series[0].y, expected, atol=1e-15)


@pytest.mark.parametrize("options", [{"row": 3}, {"k": 9.0}, {"tau": 0.0}])
def test_render_refuses_what_does_not_fit(options):
    ref = DataRef("/a.npy", "a", (3, 4), "float64")

    class Source:
        def read(self, name, rows=None, cols=None, index=None, progress=None):
            return np.arange(12.0).reshape(3, 4)[rows]

    with pytest.raises(ValueError, match="is not allowed"):
        PAGE.renders()[0].build(Source(), ref, options)
