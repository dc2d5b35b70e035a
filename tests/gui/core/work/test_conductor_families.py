"""The conductor's contract: families, drags and chains."""

from __future__ import annotations

from typing import Any

from gui.core.declare.marks import (
    answer_of,
    given,
    maybe,
    value_of,
)
from gui.core.declare.page import Page
from gui.core.declare.records import Plot, Step
from gui.core.figure.figure import Figure
from gui.core.state.document import Opened
from tests.support.conducted import Rig
from tests.support.conducted_pages import (
    Curve,
    Held,
    Load,
    Moved,
    Shared,
    all_answered,
)

# -- families ---------------------------------------------------------------------------------


def test_light_members_are_one_job_and_one_picture(family):
    assert family.runner.asked == ["outputs"]
    family.runner.answer("outputs")
    assert family.shown("above") == [("a(0,2) b(0,2) | 0 2", False)]


def test_a_heavy_member_goes_by_itself_and_holds_up_nobody(family):
    all_answered(family)
    family.c.tick("names", "heavy", True)
    assert family.runner.asked == ["outputs.heavy"]
    assert family.shown("above") == [("a(0,2) b(0,2) | 0 2", True)]
    family.c.edit("k", 5)
    family.runner.answer("outputs")
    assert family.shown("above")[-1] == ("a(0,5) b(0,5) | 0 5", True)
    family.runner.answer("outputs.heavy")
    assert family.shown("above")[-1] == ("a(0,5) b(0,5) heavy(0,5) | 0 5", False)


def test_a_slow_member_keeps_its_last_answer_until_the_next_is_there(family):
    family.c.tick("names", "heavy", True)
    family.runner.answer("outputs.heavy")
    all_answered(family)
    family.c.edit("k", 5)
    family.runner.answer("outputs")
    assert family.shown("above")[-1] == ("a(0,5) b(0,5) heavy(0,2) | 0 5", True)


def test_a_member_ticked_while_others_are_on_their_way_does_not_push_them_out(family):
    family.c.tick("names", "c", True)
    family.runner.jobs[:-1] = []  # the newest of a channel is all that the runner keeps
    family.runner.answer("outputs")
    assert family.shown("above")[-1] == ("a(0,2) b(0,2) c(0,2) | 0 2", False)


def test_a_member_left_out_is_cancelled_and_not_asked_again(family):
    family.c.tick("names", "heavy", True)
    assert family.runner.asked == ["outputs", "outputs.heavy"]
    family.c.tick("names", "heavy", False)
    assert family.runner.asked == ["outputs"]
    family.runner.answer("outputs")
    assert "outputs.heavy" not in family.runner.asked


def test_only_a_new_member_is_asked(family):
    all_answered(family)
    family.c.tick("names", "c", True)
    assert [step.name for step in family.runner.request("outputs").steps] == ["c"]


def test_a_member_that_refuses_keeps_its_last_curve_of_this_input_and_says_why(family):
    family.c.tick("names", "odd", True)
    all_answered(family)
    family.c.edit("k", 5)
    family.runner.answer("outputs")
    assert family.shown("above")[-1] == ("a(0,5) b(0,5) odd(0,2) | 0 5", False)
    assert [(one.member, str(one.error)) for one in family.c.failures()] == [("odd", "odd refuses")]
    family.c.edit("k", 3)
    family.runner.answer("outputs")
    assert family.shown("above")[-1] == ("a(0,3) b(0,3) odd(0,3) | 0 3", False)
    assert family.c.failures() == ()


def test_a_member_that_refuses_has_no_curve_of_another_input(family):
    family.c.tick("names", "odd", True)
    all_answered(family)
    family.c.edit("k", 5)
    family.data = "y"
    family.c.update()
    family.runner.answer("matrix")
    family.runner.answer("outputs")
    assert family.shown("above")[-1] == ("a(0,5) b(0,5) | 0 5", False)


def test_nobody_ticked_draws_nothing(family):
    all_answered(family)
    family.c.tick("names", "a", False)
    family.c.tick("names", "b", False)
    assert family.shown("above")[-1] == (" | 0 2", False)


def test_members_stand_in_the_order_in_which_they_are_listed(family):
    family.c.tick("names", "b", False)
    family.c.tick("names", "c", True)
    family.c.tick("names", "b", True)
    assert family.store["p"].names == ("a", "b", "c")


def test_a_number_is_whole_while_one_compared_needs_it(family):
    family.c.edit("k", 2.6)
    assert family.value("k") == 3.0
    family.c.tick("names", "a", False)
    assert family.value("k") == 2.6


# -- drags ------------------------------------------------------------------------------------


def test_a_drag_faster_than_the_operators_is_followed(family):
    all_answered(family)
    for point in (1, 2, 3):
        family.c.edit("point", point)
    family.runner.answer("outputs", which=0)  # the answer to 1, overtaken
    assert family.shown("above")[-1] == ("a(1,2) b(1,2) | 1 2", True)
    family.runner.answer("outputs")
    assert family.shown("above")[-1] == ("a(3,2) b(3,2) | 3 2", False)
    family.store.undo()
    assert family.value("point") == 0, "one drag is one undo step"


def test_a_lower_view_waits_for_what_stands_above_it(family):
    all_answered(family)
    family.c.edit("k", 4)
    family.pass_time(0.03)
    assert family.runner.asked == ["outputs"]
    family.runner.answer("outputs")
    family.pass_time(0.03)
    assert family.runner.asked == ["below"]


def test_a_lower_view_that_accompanies_a_drag_is_not_asked_too_often(family):
    all_answered(family)
    family.runner.submitted.clear()
    for k in (3, 4, 5, 6, 7, 8, 9):
        family.c.edit("k", k)
        family.runner.answer("outputs")
        if "below" in family.runner.asked:
            family.runner.answer("below")
        family.pass_time(0.01)
    assert family.runner.submitted.count("p.outputs") == 7
    assert 2 <= family.runner.submitted.count("p.below") <= 3


def test_what_is_dragged_below_is_asked_about_at_once(family):
    all_answered(family)
    family.c.edit("k", 4)
    family.runner.answer("outputs")
    family.pass_time(0.03)
    family.runner.answer("below")
    family.c.edit("grain", 5)
    assert family.runner.asked == ["below"]
    family.runner.answer("below")
    family.c.edit("grain", 6)
    assert family.runner.asked == ["below"]


def test_a_lower_view_that_lags_is_drawn_with_the_scores_it_was_made_of(family):
    all_answered(family)
    family.c.edit("point", 1)
    family.runner.answer("outputs")
    family.pass_time(0.03)
    assert family.runner.asked == ["below"]
    family.c.edit("point", 2)
    family.runner.answer("below")
    assert family.shown("under")[-1] == ("below(1,2) | 1 2", True)


def test_long_input_is_asked_about_when_the_mouse_rests(family):
    family.data = "long"
    family.c.update()
    family.runner.answer("matrix")
    family.runner.answer("outputs")
    family.pass_time(0.1)
    assert family.runner.asked == []
    family.c.edit("k", 3)
    family.runner.answer("outputs")
    family.pass_time(0.1)
    assert family.runner.asked == []
    family.pass_time(0.06)
    assert family.runner.asked == ["below"]


def test_a_lower_answer_draws_the_lower_view_alone_while_the_upper_is_on_its_way(family):
    all_answered(family)
    family.c.edit("k", 4)
    family.runner.answer("outputs")
    family.pass_time(0.03)
    family.c.edit("k", 5)
    family.told.clear()
    family.runner.answer("below")
    assert family.told == [("under", "below(0,4) | 0 4", True)]


def test_what_only_the_screen_gives_is_optional_and_drawn_at_once(family):
    all_answered(family)
    family.more = {Held: Held()}
    family.c.update()
    assert family.shown("above") == [("a(0,2) b(0,2) | 0 2 held", False)]
    family.more = {}
    family.c.update()
    assert family.shown("above")[-1] == ("a(0,2) b(0,2) | 0 2", False)


def test_a_derived_value_is_the_same_object_while_it_is_made_of_the_same(family):
    family.c.edit("point", 1)
    first = family.c.present().look(Moved)
    family.c.edit("k", 5)
    assert family.c.present().look(Moved) is first


# -- chains -----------------------------------------------------------------------------------


class Solve(Step, key="solved"):
    data: Any = given(Opened)
    r: int = Shared.r

    def run(self, progress: Any = None) -> list[int]:
        return [self.r]


def own(solved: list[int] = answer_of(Solve)) -> int:
    return solved[0]


class Use(Step, key="used"):
    own: int = value_of(own)

    def run(self, progress: Any = None) -> str:
        return f"used {self.own}"


class Chained(Plot, key="p.chained", title="Chained"):
    used: str = answer_of(Use)
    r: int = Shared.r

    def figure(self) -> Figure:
        return Figure(note=f"{self.used} r={self.r}")


CHAIN = Page("p", "P", (Chained,), (Shared,))


def test_a_chain_of_quick_steps_follows_a_drag_and_says_what_it_was_made_of():
    rig = Rig(CHAIN)
    rig.c.update()
    rig.runner.answer("solved")
    rig.runner.answer("used")
    rig.c.edit("r", 3)
    rig.c.edit("r", 4)
    rig.runner.answer("solved", which=0)  # the answer to 3, overtaken
    assert rig.runner.asked == ["solved", "used"]
    rig.runner.answer("used")
    assert rig.shown("chained")[-1] == ("used 3 r=3", True)
    rig.runner.answer("solved")
    rig.runner.answer("used")
    assert rig.shown("chained")[-1] == ("used 4 r=4", False)


# -- 18: what is optional for a step ----------------------------------------------------------


class Better(Step, key="better"):
    matrix: list[str] = answer_of(Load)
    curve: list[Any] | None = maybe(Curve)

    def run(self, progress: Any = None) -> str:
        return "with" if self.curve else "without"


class Betters(Plot, key="p.better", title="Better"):
    better: str = answer_of(Better)

    def figure(self) -> Figure:
        return Figure(note=self.better)


def test_a_step_is_asked_without_what_is_optional_and_again_with_it_when_it_comes():
    rig = Rig(Page("p", "P", (Betters,), (Shared,)))
    rig.c.update()
    rig.runner.answer("matrix")
    assert rig.runner.asked == ["better", "curve"]
    rig.runner.answer("better")
    assert rig.shown("better") == [("without", False)]
    rig.runner.answer("curve")
    rig.runner.answer("better")
    assert rig.shown("better")[-1] == ("with", False)


# -- 15: the end ------------------------------------------------------------------------------


def test_shutdown_drops_all_and_leaves_no_connection(rig):
    rig.runner.answer("matrix")
    rig.c.shutdown()
    assert rig.runner.asked == []
    told = len(rig.changes)
    rig.store.replace("p", label="", r=7)
    rig.pass_time(1.0)
    assert len(rig.changes) == told
    assert rig.runner.finished._slots == []
