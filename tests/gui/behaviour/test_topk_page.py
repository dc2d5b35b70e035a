"""Top-k: what is drawn while answers are late, refused or overtaken."""

from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.testing import assert_allclose
from PySide6.QtWidgets import QWidget

from engine.errors import ArgumentError
from engine.topk import get_operator
from tests.support import window_widgets as seen

ROWS = np.random.default_rng(11).normal(size=(6, 24))
CALL = "engine.topk.Operator.__call__"


@pytest.fixture
def topk(start):
    driver = start("topk")
    driver.open(("rows", ROWS))
    return driver


def curve(driver, key):
    found = driver.series("topk.output", key)
    return None if found is None else found.y


def truth(key, scores, k, tau=0.5):
    """An operator on the scores, largest score first."""
    ranked = np.sort(np.asarray(scores, dtype=float))[::-1]
    return get_operator(key)(ranked, k, tau)


def is_drawn(driver, key, scores, k, tau=0.5):
    drawn, expected = curve(driver, key), truth(key, scores, k, tau)
    same = drawn is not None and drawn.shape == expected.shape
    return same and np.allclose(drawn, expected, rtol=0, atol=1e-12)


def is_at(operator, k, key, one):
    """Whether an operator is called with one k, and not with one for each of several rows."""
    return operator.key == key and np.array_equal(k, one)


def height(driver, place):
    return driver.series("topk.scores", "scores").y[place]


# -- scores and points ----------------------------------------------------------------------------


def test_a_dragged_point_stays_under_the_mouse_and_is_one_undo_step(topk):
    before = topk.store["topk"]
    points = topk.series("topk.scores", "scores")
    index = int(np.argsort(-ROWS[0], kind="stable")[14])
    with topk.held("topk.scores", points.x[14], points.y[14]) as move:
        for target in (1.0, 0.4, 0.9):
            move(points.x[14], target)
            topk.wait(lambda at=target: abs(height(topk, 14) - at) < 0.02)
    topk.idle()
    assert topk.store.undo_label == f"score {index}"
    moved = topk.series("topk.scores", "scores").y
    assert np.all(np.diff(moved) <= 0), "let go, it takes its place among the others"
    topk.store.undo()
    topk.idle()
    assert topk.store["topk"] == before
    assert_allclose(topk.series("topk.scores", "scores").y, np.sort(ROWS[0])[::-1])


def test_m17_the_order_held_during_a_drag_does_not_survive_new_scores(topk):
    others = np.linspace(-1.0, 1.0, 24)
    path = topk.save("others", others)
    points = topk.series("topk.scores", "scores")
    with topk.held("topk.scores", points.x[14], points.y[14]) as move:
        move(points.x[14], 1.0)
        topk.turns()
        assert topk.store["topk"].edits is not None
        topk.application.open_paths([path])
        topk.wait(lambda: topk.store["selection"].active.path == path)
        topk.idle()
        drawn = topk.series("topk.scores", "scores").y
        assert_allclose(drawn, np.sort(others)[::-1])
        assert is_drawn(topk, "exp", others, 8)
    topk.idle()
    assert_allclose(topk.series("topk.scores", "scores").y, np.sort(others)[::-1])


def test_held_scores_are_asked_for_again_when_their_file_opens(start):
    first = start("topk", autosave=True)
    first.open(("rows", ROWS))
    first.press("Next")
    first.close()
    again = start("topk", autosave=True)
    again.wait(lambda: "topk.output" in again.figures())
    again.wait(lambda: is_drawn(again, "exp", ROWS[1], 8))
    again.idle()
    assert again.complaints() == ""


def test_held_refused_scores_leave_the_last_plot_and_say_why(topk):
    bad = ROWS.copy()
    bad[1, 4] = np.nan
    topk.open(("bad", bad))
    topk.press("Next")
    assert "at index 4" in topk.complaints()
    assert is_drawn(topk, "exp", bad[0], 8)
    topk.press("Next")
    assert topk.complaints() == ""
    assert is_drawn(topk, "exp", bad[2], 8)


# -- outputs --------------------------------------------------------------------------------------


def test_m18_a_heavy_operator_does_not_hold_up_the_light_ones(topk, gates):
    topk.press("More operators")
    topk.tick("SoftSort")
    before = curve(topk, "softsort")
    held = gates.hold(CALL, lambda operator, x, k, *_, **__: is_at(operator, k, "softsort", 5))
    topk.type("k", "5", wait=False)
    topk.wait(lambda: held.entered > 0)
    for key in ("exp", "sigmoid", "laplace", "grad", "hard"):
        topk.wait(lambda key=key: is_drawn(topk, key, ROWS[0], 5))
    assert_allclose(curve(topk, "softsort"), before, err_msg="its own last curve stays")
    held.open()
    topk.idle()
    assert is_drawn(topk, "softsort", ROWS[0], 5)


def test_held_outputs_of_another_input_are_dropped(topk, gates):
    other = np.random.default_rng(12).normal(size=(6, 17))
    path = topk.save("other", other)
    topk.open(("rows", ROWS))
    first = gates.hold(
        CALL, lambda operator, x, k, *_, **__: is_at(operator, k, "exp", 5) and x.size == 24
    )
    second = gates.hold(CALL, lambda operator, x, *_, **__: operator.key == "exp" and x.size == 17)

    def look():
        figure = topk.figure("topk.output")
        assert {one.key for one in figure.series} == {"hard", "exp", "sigmoid", "laplace", "grad"}
        size = 24 if "rows" in figure.meta["source"] else 17
        assert {one.y.size for one in figure.series} == {size}

    with topk.watching(look):
        topk.type("k", "5", wait=False)
        topk.wait(lambda: first.entered > 0)
        topk.application.open_paths([path])
        topk.wait(lambda: topk.store["selection"].active.path == path)
        topk.asked()
        first.open()
        topk.wait(lambda: second.entered > 0)
        topk.turns()
        second.open()
        topk.idle()
    assert is_drawn(topk, "exp", other[0], 8), "k is remembered by array"


def test_held_an_operator_that_refuses_keeps_its_last_curve(topk, gates):
    refusal = ArgumentError("tau", 2.0, "below 2 on these scores")
    gates.refuse(CALL, refusal, lambda op, x, k, tau, **__: op.key == "exp" and tau == 2.0)
    before = curve(topk, "exp")
    topk.type("tau", "2")
    assert_allclose(curve(topk, "exp"), before)
    assert is_drawn(topk, "sigmoid", ROWS[0], 8, tau=2.0), "the others go on"
    assert "below 2 on these scores" in topk.complaints()
    topk.type("tau", "1")
    assert topk.complaints() == ""
    assert is_drawn(topk, "exp", ROWS[0], 8, tau=1.0)


def test_held_a_refusal_leaves_no_curve_of_an_earlier_input(topk, gates):
    refusal = ArgumentError("tau", 0.5, "something else on these scores")
    gates.refuse(CALL, refusal, lambda op, x, *_, **__: op.key == "exp" and x.size == 17)
    other = np.random.default_rng(12).normal(size=(6, 17))
    topk.open(("other", other))
    assert curve(topk, "exp") is None
    assert is_drawn(topk, "sigmoid", other[0], 8)
    assert "something else" in topk.complaints()


# -- equal softness -------------------------------------------------------------------------------


def check_mass(driver):
    """Every curve drawn has moved as much mass as is asked for."""
    hard = curve(driver, "hard")
    for key in ("exp", "sigmoid", "laplace", "grad"):
        moved = np.abs(curve(driver, key) - hard).sum() / hard.sum()
        assert moved == pytest.approx(0.2, abs=1e-5), driver.figure("topk.output").meta["source"]


def test_m23_a_softness_solved_for_other_scores_is_not_used(topk, gates):
    topk.choose("Compare at", "equal mass moved")
    check_mass(topk)
    first, second = (
        gates.hold(
            "engine.topk.match_softness",
            lambda _, scores, *__, row=row, **___: np.array_equal(scores, row),
        )
        for row in ROWS[1:3]
    )
    with topk.watching(lambda: check_mass(topk)):
        topk.press("Next", wait=False)
        topk.wait(lambda: first.entered > 0)
        topk.press("Next", wait=False)
        topk.asked()
        first.open()
        topk.wait(lambda: second.entered > 0)
        topk.asked()
        second.open()
        topk.idle()
    assert "row 2 of 6" in topk.figure("topk.output").meta["source"]
    check_mass(topk)


# -- sweeps ---------------------------------------------------------------------------------------


def sweep_of(k):
    """Pick the calls that begin a sweep along tau at this k."""
    return lambda op, x, at, *_, **__: op.key == "exp" and np.ndim(x) == 2 and np.all(at == k)


def check_sweep(driver):
    """The scores next to the boundary are those of the k that the plot names."""
    figure = driver.figures().get("topk.tau_sweep")
    if figure is None:
        return ""
    k = round(float(figure.meta["k"]))
    ranks = {int(one.key.partition(".")[2]) for one in figure.series}
    thick = {int(one.key.partition(".")[2]) for one in figure.series if one.width == 2.0}
    assert ranks == {k - 1, k, k + 1, k + 2}
    assert thick == {k, k + 1}
    assert f"thick: {k}, {k + 1} at" in figure.title
    return figure.meta["k"]


@pytest.mark.parametrize("followed", ["m19", "m22"])
def test_an_overtaken_sweep_of_few_scores_is_shown_as_what_it_is(topk, gates, followed):
    assert check_sweep(topk) == "8"
    first, second = gates.hold(CALL, sweep_of(6)), gates.hold(CALL, sweep_of(12))
    topk.type("k", "6", wait=False)
    topk.wait(lambda: first.entered > 0)
    topk.type("k", "12", wait=False)
    topk.asked()
    with topk.watching(lambda: check_sweep(topk)):
        first.open()
        topk.wait(lambda: second.entered > 0)
        topk.turns()
        if followed == "m22":
            topk.wait(lambda: check_sweep(topk) == "6")
        second.open()
        topk.idle()
    assert check_sweep(topk) == "12"


def test_m22_few_scores_are_followed_while_the_mouse_moves(topk):
    seen_ks = set()
    with topk.slider_held("k") as move:
        for _ in range(4):
            move(0.1)
            k = f"{topk.store['topk'].k:g}"
            topk.wait(lambda k=k: check_sweep(topk) == k)
            seen_ks.add(k)
    topk.idle()
    assert len(seen_ks) == 4
    topk.store.undo()
    assert topk.store["topk"].k == 8, "one drag is one step"


def test_m21_long_input_is_swept_when_the_mouse_rests_not_at_every_move(topk, gates):
    topk.choose("From", "normal")
    topk.type("n", "700")
    calls = gates.count(CALL)
    moves = []

    def sweeps():
        begun = zip(tuple(calls.made), tuple(calls.times), strict=False)
        return [at for (op, x, *_), at in begun if op.key == "exp" and np.ndim(x) == 2]

    with topk.slider_held("k") as move:
        for _ in range(3):
            moves.append(time.monotonic())
            move(0.1)
            k = topk.store["topk"].k
            topk.wait(lambda k=k: topk.cursor("topk.output", "k").value == k)
        topk.wait(lambda: bool(sweeps()))
    topk.idle()
    for begun in sweeps():
        assert begun - max(at for at in moves if at <= begun) > 0.09
    assert check_sweep(topk) == f"{topk.store['topk'].k:g}"


def test_m20_an_answer_that_comes_late_lands_in_its_own_view(topk, gates):
    # The sweep along k begins at 0.
    held = gates.hold(CALL, lambda operator, x, k, *_, **__: is_at(operator, np.min(k), "exp", 0))
    topk.tab("k", wait=False)
    topk.wait(lambda: held.entered > 0)
    topk.tab("Heat map", wait=False)
    topk.asked()
    held.open()
    topk.idle()
    assert {"topk.output", "topk.scores", "topk.heat"} == set(topk.figures())
    assert topk.image("topk.heat").shape[1] == 24
    tabs = seen.lower_tabs(topk.window)
    behind = tabs.widget(seen.tab_place(tabs, "k")).findChildren(QWidget)
    assert not [one for one in behind if one.accessibleName().startswith("p of ranks")], "unseen"
    topk.tab("k")
    assert {"topk.output", "topk.scores", "topk.k_sweep"} == set(topk.figures())
    sweep = topk.series("topk.k_sweep", "sigmoid.8")
    ranked = np.sort(ROWS[0])[::-1]
    expected = [get_operator("sigmoid")(ranked, float(k), 0.5)[7] for k in sweep.x]
    assert_allclose(sweep.y, expected, atol=1e-12)


def test_m16_only_what_has_changed_is_drawn_again(topk):
    def redrawn(change):
        before = topk.figures()
        change()
        after = topk.figures()
        return {key.removeprefix("topk.") for key in after if after[key] is not before.get(key)}

    assert redrawn(lambda: topk.choose("Show", "mass moved")) == {"tau_sweep"}
    assert redrawn(lambda: topk.choose("Quantity", "difference to hard")) >= {"output"}
    assert redrawn(lambda: topk.choose("Show", "p around the boundary")) == {"tau_sweep"}
    assert redrawn(lambda: topk.store.replace("spectrum", label="rank", rank=3)) == set()
