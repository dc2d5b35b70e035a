"""The conductor's contract, a line a test: what is asked, when, and what is drawn of it."""

from __future__ import annotations

from typing import Any

from gui.core.declare.marks import (
    answer_of,
    given,
)
from gui.core.declare.page import Page
from gui.core.declare.parameter import number
from gui.core.declare.records import Plot, Step
from gui.core.figure.figure import Figure
from gui.core.state.document import Opened
from tests.support.conducted import Rig
from tests.support.conducted_pages import (
    Top,
    answered,
)

# -- 1, 2, 3: what is asked, and when ---------------------------------------------------------


def test_a_step_is_asked_when_its_needs_are_there_and_what_is_optional_after_the_needed(rig):
    assert rig.runner.asked == ["matrix"]
    rig.runner.answer("matrix")
    assert rig.runner.asked == ["total"]
    rig.runner.answer("total")
    assert rig.shown("top") == [("a2 r=2 log=False None", False)]
    assert rig.runner.asked == ["curve"]
    rig.runner.answer("curve")
    assert rig.shown("top")[-1] == ("a2 r=2 log=False ['curve', 2]", False)
    assert rig.runner.asked == []


def test_going_back_to_other_data_costs_nothing(rig):
    answered(rig)
    rig.data = "b"
    rig.c.update()
    answered(rig)
    rig.data = "a"
    rig.c.update()
    assert rig.runner.asked == []
    assert rig.shown("top") == [("a2 r=2 log=False ['curve', 2]", False)]


def test_no_more_answers_are_remembered_than_the_step_says(rig):
    answered(rig)
    for data in "bcde":
        rig.data = data
        rig.c.update()
        answered(rig)
    rig.data = "a"
    rig.c.update()
    assert rig.runner.asked == ["matrix"]


def test_a_look_draws_again_without_asking(rig):
    answered(rig)
    rig.c.toggle_log(Top, "y", True)
    assert rig.runner.asked == []
    assert rig.shown("top") == [("a2 r=2 log=True ['curve', 2]", False)]
    assert rig.store.undo_label == "top log"


def test_an_axis_without_a_log_flag_is_drawn_as_it_was(rig):
    answered(rig)
    rig.c.toggle_log(Top, "x", True)
    assert rig.shown("top") == [("a2 r=2 log=False ['curve', 2]", False)]
    assert not rig.store.can_undo


def test_out_of_sight_nothing_is_asked_or_drawn_and_coming_back_asks_what_is_missing(rig):
    answered(rig)
    rig.up = False
    rig.c.edit("r", 4)
    rig.c.update()
    assert (rig.runner.asked, rig.told) == ([], [])
    rig.up = True
    rig.c.update()
    assert rig.runner.asked == ["total"]
    rig.runner.answer("total")
    assert rig.shown("top")[-1][0].startswith("a4 r=4")


def test_an_answer_that_comes_out_of_sight_is_there_on_the_way_back(rig):
    rig.up = False
    rig.runner.answer("matrix")
    assert rig.runner.asked == []
    rig.up = True
    rig.c.update()
    assert rig.runner.asked == ["total"]


# -- 4: once ----------------------------------------------------------------------------------


def test_the_same_question_is_on_its_way_once(rig):
    answered(rig)
    rig.c.edit("r", 5)
    rig.runner.submitted.clear()
    rig.c.toggle_log(Top, "y", True)
    rig.c.update()
    assert rig.runner.submitted == []
    rig.c.edit("r", 7)
    rig.runner.answer("total", which=0)  # overtaken: the newest is still on its way
    assert rig.runner.submitted == ["p.total"]
    assert rig.runner.asked == ["total"]


def test_a_question_that_nobody_needs_any_more_is_cancelled(rig):
    rig.runner.answer("matrix")
    assert rig.runner.asked == ["total"]
    rig.data = "b"
    rig.c.update()
    assert rig.runner.asked == ["matrix"]
    assert not rig.c.is_stopped


def test_of_a_step_that_does_not_follow_a_drag_the_newest_question_alone_is_on_its_way():
    class Still(Step, key="still", live=False):
        data: Any = given(Opened)
        s: int = number(0, (0, 9), "&s", "how still")

        def run(self, progress: Any = None) -> int:
            return self.s

    class Shows(Plot, key="p.still", title="Still"):
        still: int = answer_of(Still)

        def figure(self) -> Figure:
            return Figure(note=str(self.still))

    rig = Rig(Page("p", "P", (Shows,)))
    rig.c.update()
    for s in (1, 2, 3):
        rig.c.edit("s", s)
    assert len(rig.runner.jobs) == 1
    rig.runner.answer("still")
    assert rig.shown("still") == [("3", False)]


# -- 5, 16: foreign ---------------------------------------------------------------------------


def test_an_answer_about_other_data_is_never_drawn(rig):
    answered(rig)
    rig.c.edit("r", 5)
    _, request, done, _ = rig.runner.jobs[-1]
    rig.data = "b"
    rig.c.update()
    rig.told.clear()
    done(request, request.run())  # comes all the same
    assert all(behind and note.startswith("a2") for note, behind in rig.shown("top"))
    rig.runner.answer("matrix")
    rig.runner.answer("total")
    assert rig.shown("top")[1:] == [("b5 r=5 log=False None", False)]


def test_the_last_good_plot_stays_until_its_successor_is_there_and_is_marked(rig):
    answered(rig)
    rig.blanks.clear()
    rig.data = "b"
    rig.c.update()
    rig.pass_time(0.05)
    assert rig.shown("top") == [("a2 r=2 log=False ['curve', 2]", True)]
    assert rig.blanks == []


def test_a_log_toggle_works_on_a_picture_that_is_behind(rig):
    answered(rig)
    rig.c.edit("r", 5)
    rig.pass_time(0.05)
    rig.told.clear()
    rig.c.toggle_log(Top, "y", True)
    assert rig.shown("top") == [("a2 r=2 log=True ['curve', 2]", True)]


# -- 6, 17: lagging ---------------------------------------------------------------------------


def test_an_answer_that_lags_is_drawn_with_what_it_was_made_of_and_marked(rig):
    answered(rig)
    rig.c.edit("r", 5)
    rig.c.edit("r", 7)
    rig.runner.answer("total", which=0)  # the answer to 5, overtaken by 7
    assert rig.shown("top") == [("a5 r=5 log=False ['curve', 2]", True)]
    rig.runner.answer("total")
    assert rig.shown("top")[-1] == ("a7 r=7 log=False ['curve', 2]", True)
    rig.runner.answer("curve")
    assert rig.shown("top")[-1] == ("a7 r=7 log=False ['curve', 7]", False)


def test_an_older_answer_never_takes_the_place_of_a_newer_one(rig):
    answered(rig)
    rig.c.edit("r", 5)
    _, request, done, _ = rig.runner.jobs[-1]
    rig.c.edit("r", 7)
    rig.runner.answer("total")
    rig.told.clear()
    done(request, request.run())  # 5, after 7
    assert rig.shown("top") == []


def test_a_plot_that_begins_or_ends_to_lag_is_told_so_though_nothing_else_changed(rig):
    answered(rig)
    rig.c.edit("r", 5)
    rig.pass_time(0.05)
    assert rig.shown("top") == [("a2 r=2 log=False ['curve', 2]", True)]
    rig.c.edit("r", 2)
    assert rig.shown("top")[-1] == ("a2 r=2 log=False ['curve', 2]", False)


def test_what_stays_behind_is_dimmed_after_a_while_and_a_new_picture_ends_it(rig):
    answered(rig)
    rig.c.edit("r", 5)
    rig.pass_time(0.05)
    rig.pass_time(0.09)
    assert rig.dimmed == []
    rig.pass_time(0.02)  # 0.15 s after the change, however long drawing has waited for it
    assert rig.dimmed == [("top", True)]
    rig.runner.answer("total")
    assert rig.dimmed[1:] == [("top", False)]


def test_what_is_followed_is_not_dimmed(rig):
    answered(rig)
    for r in range(3, 30):
        rig.c.edit("r", r)
        rig.runner.answer("total")
        rig.pass_time(0.03)
    assert rig.dimmed == []


def test_what_is_no_longer_behind_is_not_dimmed_later(rig):
    answered(rig)
    rig.c.edit("r", 5)
    rig.pass_time(0.1)
    rig.c.edit("r", 2)
    rig.pass_time(1.0)
    assert rig.dimmed == []
