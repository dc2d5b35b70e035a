"""What programs show, in the window: selected once, updated in place, no step, no session."""

from __future__ import annotations

import json

import numpy as np
import pytest
import scipy.sparse
from numpy.testing import assert_allclose

from gui.core.declare.draw import NotAllowed
from gui.core.state.left_out import without_shown
from gui.core.state.session import to_json
from gui.window.shown.answers import state_of
from gui.window.shown.processes import Processes
from tests.support.at_rest import wait_at_rest

A = np.random.default_rng(0).normal(size=(12, 9))
B = np.random.default_rng(1).normal(size=(12, 9))


class Program:
    """Who shows arrays, as far as the window asks."""

    def __init__(self, program="train.py", pid=7):
        self.program, self.pid = program, pid


client = Program


@pytest.fixture
def processes(application, qtbot):
    wait_at_rest(qtbot, application)
    return Processes(application.context)


def titles(application):
    files = application.store["files"].items
    return [(one.entries[0].name, one.title) for one in files if one.title]


def values(**more):
    return {name: {"spectrum": value} for name, value in more.items()}


def test_a_new_one_is_selected_as_one_step(application, processes):
    before = application.store["selection"].active
    assert processes.show(client(), {"w": A}, values(rank=4), "x:1") == "spectrum"
    active = application.store["selection"].active
    assert (active.entry, active.title, active.shape) == ("w", "w", (12, 9))
    assert titles(application) == [("w", "train.py (7)")]
    assert application.store["spectrum"].rank == 4
    application.store.undo()
    assert application.store["selection"].active == before
    assert not application.store.can_undo


def test_what_is_shown_again_is_no_step_and_keeps_what_is_set(application, processes):
    me = client()
    processes.show(me, {"w": A}, {}, "x:1")
    application.store.replace("spectrum", label="rank", rank=3)
    state = application.store.state
    processes.show(me, {"w": B}, {}, "x:1")
    assert application.store.state is state
    opened = application.context.arrays.selected
    assert_allclose(opened.source.read("w"), B)
    processes.show(me, {"w": B[:, :5]}, {}, "x:1")
    assert application.store["selection"].active.shape == (12, 5)
    assert application.store["spectrum"].rank == 3
    # Undo leads to the array as it is now.
    application.store.undo()
    assert application.store["selection"].active.shape == (12, 5)


def test_a_persons_zoom_stays_while_the_numbers_change(application, processes, qtbot):
    me = client()
    application.window.show_page("spectrum")
    processes.show(me, {"w": A}, {}, "x:1")
    wait_at_rest(qtbot, application)
    canvas = application.window.pages["spectrum"].view.plots["spectrum.values"].canvas
    canvas.show_view_ranges((2.0, 5.0), canvas.view_ranges()[1])
    before = canvas.view_ranges()[0]
    processes.show(me, {"w": 1.5 * A}, {}, "x:1")
    wait_at_rest(qtbot, application)
    figure = application.window.pages["spectrum"].view.plots["spectrum.values"].figure()
    assert_allclose(figure.series[0].y, 1.5 * np.linalg.svd(A, compute_uv=False))
    assert_allclose(canvas.view_ranges()[0], before)
    # Another array is fitted anew.
    processes.show(me, {"v": B}, {}, "x:2")
    wait_at_rest(qtbot, application)
    assert abs(canvas.view_ranges()[0][0] - before[0]) > 0.5


def test_a_loop_leaves_the_selection_and_another_line_does_not(application, processes):
    me = client()
    processes.show(me, {"w": A}, {}, "x:1")
    processes.show(me, {"v": B}, {}, "x:2")
    processes.show(me, {"w": B}, {}, "x:1")
    assert application.store["selection"].active.entry == "v"
    processes.show(me, {"w": B}, {}, "x:3")
    assert application.store["selection"].active.entry == "w"


def test_the_next_run_takes_the_place_of_one_that_has_ended(application, processes):
    first = client()
    processes.show(first, {"w": A}, {}, "x:1")
    processes.leave(first)
    assert titles(application) == [("w", "train.py (7), ended")]
    processes.show(client(pid=8), {"w": B}, {}, "x:1")
    assert titles(application) == [("w", "train.py (8)")]
    processes.show(client(pid=9), {"w": B}, {}, "x:1")
    assert titles(application) == [("w", "train.py (9)"), ("w", "train.py (8)")]


def test_what_ends_is_said_once_of_all_it_has_shown(application, processes):
    me, other = client(), client("other.py")
    processes.show(other, {"o": A}, {}, "x:0")
    for number in range(20):
        processes.show(me, {f"w{number}": A}, {}, f"x:{number}")
    steps, told = [state for _, state in application.store.steps], []
    application.store.changed.connect(lambda old, new: told.append(new))
    processes.leave(me)
    assert len(told) == 1
    assert {title for _, title in titles(application)} == {"other.py (7)", "train.py (7), ended"}
    # What refers to them says the same as before: nothing of it is made again.
    for (_, state), before in zip(application.store.steps, steps, strict=True):
        assert all(state[name] is before[name] for name in state if name != "files")


def test_another_shape_is_said_of_every_step_and_what_they_share_they_go_on_to(
    application, processes
):
    me = client()
    processes.show(me, {"w": A}, {}, "x:1")
    for rank in range(2, 6):
        application.store.replace("spectrum", label="rank", rank=rank)
    processes.show(me, {"w": B[:, :7]}, {}, "x:1")
    states = [state for _, state in application.store.steps][1:]
    assert [one["selection"].active.shape for one in states] == [(12, 7)] * 5
    assert len({id(one["selection"]) for one in states}) == 1
    assert [one["spectrum"].rank for one in states[1:]] == [2, 3, 4, 5]


def test_what_the_array_does_not_allow_changes_nothing(application, processes):
    state = application.store.state
    with pytest.raises(NotAllowed, match="rank = 10"):
        processes.show(client(), {"w": A}, values(rank=10), "x:1")
    assert application.store.state is state


def test_a_page_that_takes_the_value_is_found(application, processes):
    places = {"k": {"spectrum": 5, "topk": 5.0}}
    assert processes.show(client(), {"logits": A[0]}, places, "x:1") == "topk"
    assert application.store["topk"].k == 5


def test_a_sparse_matrix_is_one_in_sources(application, processes, qtbot):
    processes.show(client(), {"s": scipy.sparse.random_array((30, 20), density=0.1)}, {}, "x:1")
    wait_at_rest(qtbot, application)
    entry = application.store["files"].items[0].entries[0]
    assert "Sparse" in entry.note


def test_a_session_leaves_them_out(application, processes):
    processes.show(client(), {"w": A}, values(rank=4), "x:1")
    ref = application.store["selection"].active
    application.store.replace(
        "selection", label="x", repairs=application.store["selection"].with_repair([ref], "zero")
    )
    left = without_shown(application.store.state)
    assert left["selection"].active is None
    assert left["selection"].repairs == ()
    assert left["spectrum"].rank == 4
    assert "rankscope:process" not in to_json(left)
    assert left["topk"] is application.store["topk"]


def test_the_tree_has_the_arrays_of_a_program_together(application, processes):
    me = client()
    processes.show(me, {"w": A, "v": B}, {}, "x:1")
    tree = application.sources.widget.tree
    tops = [tree.topLevelItem(row) for row in range(tree.topLevelItemCount())]
    assert tops[0].text(0) == "train.py (7)"
    assert sorted(tops[0].child(row).text(0) for row in range(2)) == ["v", "w"]
    tree.setCurrentItem(tops[0])
    application.sources.widget._close_current()
    assert titles(application) == []


def test_the_state_is_plain(application, processes):
    processes.show(client(), {"w": A}, values(rank=4), "x:1")
    said = state_of(application.context, application.window)
    assert json.loads(json.dumps(said)) == said
    assert said["sources"][0] == {"name": "w", "from": "train.py (7)"}
    assert (said["spectrum"]["rank"], said["shape"]) == (4, [12, 9])
    application.store.replace("spectrum", label="x", rank=300)
    said = state_of(application.context, application.window)
    assert said["spectrum"]["rank"] == 9  # in force


def test_the_state_says_the_shape_of_the_array_and_not_of_its_slice(application, processes):
    processes.show(client(), {"cube": np.arange(24.0).reshape(2, 3, 4)}, {}, "x:1")
    said = state_of(application.context, application.window)
    assert (said["array"], said["shape"]) == ("cube", [2, 3, 4])
    assert application.store["selection"].active.shape == (3, 4)
