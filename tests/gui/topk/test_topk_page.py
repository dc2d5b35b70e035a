import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from engine.topk import get_operator
from gui.core.work.ways import Together
from gui.pages.topk.compute.inputs import InputSpec
from gui.pages.topk.compute.outputs import OperatorOutput, Outputs
from gui.pages.topk.compute.refused import Refused
from gui.pages.topk.compute.scores import Load


def drawn(page, key, k, tau, by_rank=True):
    """Return (what is plotted, what the engine gives) for one operator."""
    scores = page.scores.values
    expected = get_operator(key)(scores, k, tau)
    order = np.argsort(-scores, kind="stable")
    return page.curve("output", key).y, expected[order] if by_rank else expected


def test_first_start_shows_a_living_example(page):
    for key in ("hard", "exp", "sigmoid", "laplace", "grad"):
        shown, expected = drawn(page, key, 8, 0.5)
        assert_allclose(shown, expected, atol=1e-14)
    assert "64 scores" in page.page.summary()


def test_one_score_is_not_called_scores(page):
    page.select_array(np.array([3.0]))
    page.settle()
    assert page.page.summary().endswith("1 score")


def test_typing_k_moves_every_curve_slider_and_cursor(page):
    page.type_number(page.controls.numbers["k"], "20")
    page.settle()
    shown, expected = drawn(page, "grad", 20, 0.5)
    assert_allclose(shown, expected, atol=1e-14)
    assert page.controls.numbers["k"].slider.value() == 20
    assert page.figure("output").cursors[0].value == 20


def test_moving_the_tau_slider_updates_while_it_moves(page):
    slider = page.controls.numbers["tau"].slider
    slider.setSliderDown(True)
    for position in (520, 560, 600):
        slider.setValue(position)
    tau = page.state.tau
    page.wait(lambda: np.allclose(*drawn(page, "sigmoid", 8, tau), atol=1e-14))
    assert slider.isSliderDown()
    slider.setSliderDown(False)
    page.store.undo()
    assert page.state.tau == 0.5, "one drag is one undo step"


@pytest.mark.parametrize(
    ("text", "words"),
    [("99", "not between 0 and 64"), ("2.5", "not a whole number"), ("many", "not a number")],
)
def test_nonsense_in_k_is_explained_and_changes_nothing(page, text, words):
    before = page.curve("output", "exp").y
    page.type_number(page.controls.numbers["k"], text)
    assert words in page.controls.numbers["k"].error()
    assert page.state.k == 8
    assert page.curve("output", "exp").y is before


def test_real_k_is_offered_once_every_operator_allows_it(page):
    for key in ("hard", "grad"):
        page.tick(key)
    page.settle()
    page.type_number(page.controls.numbers["k"], "2.5")
    page.settle()
    assert page.controls.numbers["k"].error() == ""
    assert page.controls.numbers["k"].value() == 2.5
    shown, expected = drawn(page, "sigmoid", 2.5, 0.5)
    assert_allclose(shown, expected, atol=1e-14)


def test_ticking_an_operator_computes_only_that_one(page, monkeypatch):
    asked = []
    submit = page.context.runner.submit

    def record(channel, request, *rest, **options):
        if isinstance(request, Together):
            asked.append([one.operator for one in request.steps if isinstance(one, Outputs)])
        return submit(channel, request, *rest, **options)

    monkeypatch.setattr(page.context.runner, "submit", record)
    page.tick("clip")
    page.settle()
    assert asked == [["clip"]]
    shown, expected = drawn(page, "clip", 8, 0.5)
    assert_allclose(shown, expected, atol=1e-14)
    page.store.undo()
    page.settle()
    assert page.curve("output", "clip") is None


def test_order_and_difference_show_the_same_numbers_differently(page):
    page.choose(page.controls.choices["order"], "index")
    page.settle()
    shown, expected = drawn(page, "grad", 8, 0.5, by_rank=False)
    assert_allclose(shown, expected, atol=1e-14)
    page.choose(page.controls.choices["quantity"], "difference")
    page.settle()
    hard = get_operator("hard")(page.scores.values, 8)
    assert_allclose(page.curve("output", "grad").y, expected - hard, atol=1e-14)
    assert page.curve("output", "hard") is None


@pytest.mark.parametrize("kind", ["uniform", "heavy", "ties"])
def test_generators_replace_the_scores_and_undo_brings_them_back(page, kind):
    before = page.scores.values
    page.choose(page.page.box.kind, kind)
    page.settle()
    expected = Load(spec=InputSpec(kind, count=64, seed=0)).run().values
    assert_array_equal(page.scores.values, expected)
    while page.store.can_undo:
        page.store.undo()
    page.settle()
    assert_array_equal(page.scores.values, before)


def test_a_selected_matrix_feeds_its_rows_one_by_one(page):
    array = np.random.default_rng(1).normal(size=(5, 16))
    page.select_array(array)
    page.settle()
    assert_array_equal(page.scores.values, array[0])
    page.qtbot.mouseClick(page.page.box.next, Qt.MouseButton.LeftButton)
    page.qtbot.mouseClick(page.page.box.next, Qt.MouseButton.LeftButton)
    page.settle()
    assert_array_equal(page.scores.values, array[2])
    assert page.page.summary().endswith("row 2 of 5, 16 scores")
    page.choose(page.controls.choices["axis"], "column")
    page.settle()
    assert_array_equal(page.scores.values, array[:, 2])
    assert page.controls.numbers["k"].value() == 5, "no more than there are scores"


def test_selecting_a_file_wins_over_a_generator(page):
    page.choose(page.page.box.kind, "ties")
    page.select_array(np.array([1.0, 2.0, 3.0]))
    page.settle()
    assert_array_equal(page.scores.values, [1, 2, 3])
    assert page.page.box.kind.value() == "data"


def test_unusable_scores_are_explained_and_the_last_plot_stays(page):
    before = page.curve("output", "exp").y
    page.select_array(np.array([1.0, np.nan]))
    page.wait(lambda: page.said_at("x") != "")
    assert "NaN or +inf: 1 of 2 scores" in page.said_at("x")
    assert page.curve("output", "exp").y is before
    page.select_array(np.array([1.0, 2.0]), path="/data/good.npy")
    page.settle()
    assert page.said_at("x") == ""


def test_pasted_numbers_become_the_scores(page):
    QApplication.clipboard().setText("3, 1\n2 -inf")
    page.plot("output").canvas.setFocus()
    canvas = page.plot("output").canvas
    page.qtbot.keyClick(canvas, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    page.settle()
    assert_array_equal(page.scores.values, [3, 1, 2, -np.inf])
    assert page.controls.numbers["k"].value() == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no number in this text"),
        ("hello", "“hello” (item 1, line 1) is not a number."),
        ("1 nan", "Item 2 (line 1) is nan"),
        ("-inf -inf", "All 2 scores are -inf"),
    ],
)
def test_pasted_nonsense_is_explained_and_the_last_plot_stays(page, text, words):
    before = page.curve("output", "exp").y
    QApplication.clipboard().setText(text)
    page.page.entry.paste()
    page.wait(lambda: page.said_at("x") != "")
    assert words in page.said_at("x")
    assert page.curve("output", "exp").y is before
    assert "normal" in page.page.summary()
    QApplication.clipboard().setText("0,5\t1,25")
    page.page.entry.paste()
    page.settle()
    assert_array_equal(page.scores.values, [0.5, 1.25])
    assert page.said_at("x") == ""


@pytest.mark.sample(1 / 2)
@pytest.mark.parametrize("text", ["7", "1 1", "5 -inf", "1e308 -1e308", "0 0 0 0 0"])
def test_every_view_takes_what_is_small_or_extreme(page, text):
    for key in ("gaussian", "softsort", "iterated_weighted_softmax", "sparse_pnorm"):
        page.tick(key)
    QApplication.clipboard().setText(text)
    page.page.entry.paste()
    page.settle()
    count = len(text.split())
    assert page.curve("output", "exp").y.size == count
    for index in range(page.view.tabs.count()):
        if page.view.tabs.isTabEnabled(index):
            page.view.tabs.setCurrentIndex(index)
            page.settle()
    p = page.curve("output", "exp").y
    assert_allclose(p.sum(), page.controls.numbers["k"].value(), rtol=1e-12)


def test_a_refused_row_leaves_the_row_before_on_screen_and_named(page):
    array = np.random.default_rng(1).normal(size=(3, 6))
    array[1, 4] = np.nan
    page.select_array(array)
    page.settle()
    page.qtbot.mouseClick(page.page.box.next, Qt.MouseButton.LeftButton)
    page.wait(lambda: page.said_at("x") != "")
    assert "at index 4" in page.said_at("x")
    assert page.controls.numbers["position"].value() == 1
    assert "row 0 of 3" in page.page.summary()
    assert "row 1 of 3, cannot be computed" in page.page.summary()
    page.qtbot.mouseClick(page.page.box.next, Qt.MouseButton.LeftButton)
    page.settle()
    assert page.said_at("x") == ""
    assert_array_equal(page.scores.values, array[2])


def test_the_editor_marks_what_is_no_number_and_stays_open(page):
    page.qtbot.mouseClick(page.page.box.edit_button, Qt.MouseButton.LeftButton)
    dialog = page.page.entry.dialog
    dialog.text.setFocus()
    dialog.text.selectAll()
    page.qtbot.keyClicks(dialog.text, "1 two 3")
    ok = dialog.buttons.button(dialog.buttons.StandardButton.Ok)
    page.qtbot.mouseClick(ok, Qt.MouseButton.LeftButton)
    assert "“two” (item 2, line 1) is not a number." in dialog.error.text()
    assert dialog.text.textCursor().selectedText() == "two"
    assert dialog.isVisible()
    page.qtbot.keyClicks(dialog.text, "2")
    page.qtbot.mouseClick(ok, Qt.MouseButton.LeftButton)
    assert not dialog.isVisible()
    page.settle()
    assert_array_equal(page.scores.values, [1, 2, 3])


def test_equal_softness_moves_the_same_mass_everywhere(page):
    page.choose(page.controls.choices["comparison"], "mass")
    page.settle()
    hard = page.curve("output", "hard").y
    for key in ("exp", "sigmoid", "laplace", "grad"):
        moved = np.abs(page.curve("output", key).y - hard).sum() / 8
        assert_allclose(moved, 0.2, atol=1e-6)
    assert not page.controls.numbers["tau"].isEnabled()
    rows = dict(page.controls.readouts["topk.numbers"].rows())
    assert rows["Sigmoid"].endswith("moved 0.200")
    tau = float(rows["Sigmoid"].split()[1].rstrip(","))
    p = get_operator("sigmoid")(page.scores.values, 8, tau)
    assert_allclose(np.abs(np.sort(p)[::-1] - hard).sum() / 8, 0.2, atol=2e-3)


def test_unreachable_softness_is_explained_and_forgotten_with_the_comparison(page):
    page.choose(page.controls.choices["comparison"], "entropy")
    page.type_number(page.controls.numbers["softness"], "0.9")
    page.settle()
    assert "cannot reach 0.9" in page.said_at("softness")
    page.choose(page.controls.choices["comparison"], "tau")
    page.settle()
    assert page.said_at("softness") == ""


def test_equal_softness_without_a_choice_falls_back_to_equal_tau(page):
    page.choose(page.controls.choices["comparison"], "mass")
    page.type_number(page.controls.numbers["k"], "0")
    page.settle()
    assert "strictly between" in page.said_at("softness")
    assert_array_equal(page.curve("output", "exp").y, 0.0)


def test_a_stale_output_of_another_input_is_dropped(page, monkeypatch):
    scores, asked, submit = page.scores, [], page.context.runner.submit

    def record(channel, request, done, *rest, **options):
        asked.append((channel, request, done))
        return submit(channel, request, done, *rest, **options)

    monkeypatch.setattr(page.context.runner, "submit", record)
    page.type_number(page.controls.numbers["k"], "9")
    _, request, done = next(one for one in asked if one[0] == "topk.outputs")
    page.choose(page.page.box.kind, "uniform")
    page.settle()
    before = page.curve("output", "exp").y
    zeros = np.zeros(64)
    late = [OperatorOutput(one.operator, scores, 9.0, 0.5, zeros, "rank") for one in request.steps]
    done(request, tuple(late))  # comes all the same
    assert page.curve("output", "exp").y is before


def test_an_operator_that_refuses_is_explained_and_keeps_its_last_curve(page, monkeypatch):
    before, answer = page.curve("output", "exp").y, Outputs.run

    def run(step, progress=None):
        if step.operator == "exp":
            raise Refused("no such tau", "tau")
        return answer(step, progress)

    monkeypatch.setattr(Outputs, "run", run)
    page.type_number(page.controls.numbers["tau"], "2")
    assert page.said_at("tau") == "Exponential: no such tau"
    assert_array_equal(page.curve("output", "exp").y, before)
    assert_allclose(*drawn(page, "sigmoid", 8, 2.0), atol=1e-14)
    for tau in ("3", "4", "5", "6"):
        page.type_number(page.controls.numbers["tau"], tau)
    assert_array_equal(page.curve("output", "exp").y, before)


def test_an_operator_that_refuses_longer_scores_is_explained(page):
    page.store.replace("topk", label="view", view="load")  # nothing else to compute
    page.tick("softsort")
    page.settle()
    page.choose(page.page.box.kind, "normal")
    page.type_number(page.controls.numbers["k"], "64")
    page.type_number(page.controls.numbers["count"], "20000")
    page.settle()
    page.type_number(page.controls.numbers["k"], "15000")
    page.settle()
    assert "Takes too long" in page.said_at("operators")
    assert page.curve("output", "exp").y.size == 20_000
    assert_allclose(page.curve("output", "exp").y.sum(), 15_000)


def test_plots_keep_their_size_while_tau_moves(page):
    sizes = set()
    for _ in page.slide(page.controls.numbers["tau"], *range(500, 620, 10)):
        page.settle()
        sizes.add(page.plot("output").size().toTuple())
    assert len(sizes) == 1


def test_readouts_follow_in_the_end(page):
    list(page.slide(page.controls.numbers["tau"], 520, 560, 600))
    p = get_operator("sigmoid")(page.scores.values, 8, page.state.tau)
    moved = np.abs(np.sort(p)[::-1] - (np.arange(64) < 8)).sum() / 8
    rows = dict(page.controls.readouts["topk.numbers"].rows())
    assert rows["Sigmoid"] == f"Σp 8, moved {moved:.3g}"


def test_hidden_page_computes_nothing_and_catches_up(page):
    page.view.hide()
    page.store.replace("topk", label="k", k=3.0)
    assert not page.context.runner.is_busy()
    page.view.show()
    page.settle()
    shown, expected = drawn(page, "exp", 3, 0.5)
    assert_allclose(shown, expected, atol=1e-14)


def test_undo_and_redo_walk_through_every_parameter(page):
    first = page.state
    page.choose(page.controls.choices["order"], "index")
    page.type_number(page.controls.numbers["k"], "5")
    page.choose(page.page.box.kind, "ties")
    page.tick("exp")
    last = page.state
    while page.store.can_undo:
        page.store.undo()
    assert page.state == first
    while page.store.can_redo:
        page.store.redo()
    assert page.state == last
    page.settle()
    assert page.controls.choices["order"].value() == "index"
    assert not page.operator_box("exp").isChecked()
