"""The conductor's contract: what is kept of a moment, refusals, and the order of time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gui.core.declare.marks import (
    answer_of,
    answers_of,
    given,
    value_of,
)
from gui.core.declare.page import Page
from gui.core.declare.parameter import Offer, choice, toggle
from gui.core.declare.records import Plot, Record, Step, View
from gui.core.figure.figure import Figure
from gui.core.state.document import Opened
from gui.core.work import drawing
from tests.support.conducted import Rig
from tests.support.conducted_pages import (
    FAMILY,
    PAGE,
    Above,
    Beside,
    Curve,
    Names,
    Out,
    Shared,
    Sum,
    Top,
    Under,
    all_answered,
    answered,
)

# -- what is remembered of a moment -----------------------------------------------------------


def test_a_question_is_wanted_once_whoever_needs_it(family):
    now = family.c.present()
    slots = [one.slot for one in now.wanted((Above, Under, *FAMILY.parameters.values()))]
    assert len(slots) == len(set(slots)) > 0


def test_what_lists_the_choices_of_a_control_is_wanted_once():
    class Names(Step, key="names"):
        data: Any = given(Opened)

        def run(self, progress: Any = None) -> tuple[Offer, ...]:
            return (Offer("a", "A"),)

    class Named(Plot, key="p.named", title="Named"):
        name: str = choice("a", Names, "&Name", "which")

        def figure(self) -> Figure:
            return Figure(note=self.name)

    page = Page("p", "P", (Named,))
    now = Rig(page).c.present()
    wanted = now.wanted((Named, page.parameters["name"]))
    assert [one.slot for one in wanted] == [(Names, None)]


def test_a_moment_keeps_the_answers_it_has_though_a_drag_pushes_them_out():
    class Quick(Step, key="quick", keep=1):
        r: int = Shared.r

        def run(self, progress: Any = None) -> str:
            return f"quick {self.r}"

    class Slow(Step, key="slow"):
        r: int = Shared.r
        apart = True

        def run(self, progress: Any = None) -> str:
            return f"slow {self.r}"

    class Both(Plot, key="p.both", title="Both"):
        quick: str = answer_of(Quick)
        slow: str = answer_of(Slow)

        def figure(self) -> Figure:
            return Figure(note=f"{self.quick}, {self.slow}")

    rig = Rig(Page("p", "P", (Both,), (Shared,)))
    rig.c.update()
    for r in (2, 3, 4, 5):
        rig.c.edit("r", r)
        rig.runner.answer("quick")
    rig.runner.answer("slow", which=0)  # of the first move, three answers ago
    assert rig.shown("both") == [("quick 2, slow 2", True)]
    rig.runner.answer("slow")
    assert rig.shown("both")[-1] == ("quick 5, slow 5", False)


def test_an_answer_may_have_an_attribute_called_errors(rig):
    class Curve(list[float]):
        errors = (0.5,)

    class Draws(Step, key="draws"):
        data: Any = given(Opened)

        def run(self, progress: Any = None) -> Curve:
            return Curve()

    class Drawn(Plot, key="p.drawn", title="Drawn"):
        draws: Curve = answer_of(Draws)
        total: str = answer_of(Sum)

        def figure(self) -> Figure:
            return Figure(note="drawn")

    mine = Rig(Page("p", "P", (Drawn,), (Shared,)), data="bad")
    mine.c.update()
    mine.runner.answer("draws")
    mine.runner.answer("matrix")
    assert mine.failures() == ["1 NaN"]


def test_a_derived_value_that_refused_is_made_anew_by_again():
    refusals = [ValueError("not today")]

    def moody(data: Any = given(Opened)) -> str:
        if refusals:
            raise refusals[0]
        return f"fine {data}"

    class Mood(Plot, key="p.mood", title="Mood"):
        mood: str = value_of(moody)

        def figure(self) -> Figure:
            return Figure(note=self.mood)

    rig = Rig(Page("p", "P", (Mood,)))
    rig.c.update()
    assert (rig.failures(), rig.blanks) == (["not today"], [("mood", "not today")])
    rig.c.update()
    assert rig.failures() == ["not today"]
    refusals.clear()
    rig.c.again()
    assert (rig.failures(), rig.shown("mood")) == ([], [("fine a", False)])


def test_controls_are_told_only_what_has_changed(rig):
    answered(rig)
    rig.changes.clear()
    rig.c.edit("r", 3)
    assert PAGE.parameters["r"] in rig.changes[-1]
    assert PAGE.parameters["top_log"] not in rig.changes[-1]


# -- what is there only sometimes -------------------------------------------------------------


class Softly(Record):
    own: bool = toggle(False, "&Own", "each its own")


class Each(Step, key="each"):
    data: Any = given(Opened)

    def run(self, progress: Any = None) -> str:
        return f"each {self.data}"


class Sometimes(Plot, key="p.sometimes", title="Sometimes"):
    outputs: Mapping[str, str] | None = answers_of(Out, when=Softly.own)
    each: str | None = answer_of(Each, when=Softly.own)
    k: float = Out.k

    def figure(self) -> Figure:
        made = None if self.outputs is None else " ".join(self.outputs.values())
        return Figure(note=f"{made} {self.each} k={self.k:g}")


def test_what_is_needed_only_while_a_value_is_true_is_not_asked_before():
    rig = Rig(Page("p", "P", (Sometimes,), (Softly, Names)), data="x")
    rig.c.update()
    assert rig.runner.asked == []
    assert rig.shown("sometimes") == [("None None k=2", False)]
    rig.c.edit("own", True)
    assert rig.runner.asked == ["each", "matrix"]
    rig.runner.answer("matrix")
    rig.runner.answer("outputs")
    assert rig.shown("sometimes")[1:] == [], "needed, where it counts"
    rig.runner.answer("each")
    assert rig.shown("sometimes")[-1] == ("a(0,2) b(0,2) each x k=2", False)


# -- refusals ---------------------------------------------------------------------------------


def test_however_often_a_member_refuses_its_last_good_curve_stays(family):
    family.c.tick("names", "odd", True)
    all_answered(family)
    for k in (4, 5, 6, 7, 8):
        family.c.edit("k", k)
        family.runner.answer("outputs")
        assert family.shown("above")[-1] == (f"a(0,{k}) b(0,{k}) odd(0,2) | 0 {k}", False)


def test_a_page_may_keep_its_last_picture_where_another_subject_is_refused():
    rig = Rig(Page("p", "P", (Top,), (Shared,), keeps=True))
    rig.c.update()
    answered(rig)
    rig.blanks.clear()
    rig.data = "bad"
    rig.c.update()
    rig.runner.answer("matrix")
    assert rig.blanks == []
    assert rig.shown("top")[-1] == ("a2 r=2 log=False ['curve', 2]", True)
    assert rig.failures() == ["1 NaN"]
    rig.pass_time(0.2)
    assert rig.dimmed[-1] == ("top", True)
    rig.data = "b"
    rig.c.update()
    answered(rig)
    assert (rig.failures(), rig.dimmed[-1]) == ([], ("top", False))


# -- time -------------------------------------------------------------------------------------


def test_the_time_of_one_move_does_not_draw_the_next_before_its_quick_answers(family):
    all_answered(family)
    family.c.edit("k", 4)
    family.pass_time(0.01)
    family.runner.answer("outputs")
    family.pass_time(0.035)
    family.c.edit("k", 5)
    family.told.clear()
    family.pass_time(0.04)
    assert family.shown("above") == []
    family.runner.answer("outputs")
    assert family.shown("above") == [("a(0,5) b(0,5) | 0 5", False)]


def test_a_lower_view_is_asked_about_when_what_stands_above_it_has_been_painted(family):
    all_answered(family)
    family.pass_time(1.0)
    family.c.edit("k", 4)
    family.runner.answer("outputs")
    assert family.runner.asked == []
    family.pass_time(0.009)
    assert family.runner.asked == []
    family.pass_time(0.002)
    assert family.runner.asked == ["below"]


def test_a_lower_view_is_asked_about_at_last_though_that_above_it_never_rests(family):
    all_answered(family)
    family.pass_time(1.0)
    for k in (3, 4, 5, 6, 7, 8, 9):
        family.c.edit("k", k)
        if k > 3:
            family.runner.answer("outputs", which=0)  # the answer to the move before
        assert "outputs" in family.runner.asked
        family.pass_time(0.02)
    assert "below" in family.runner.asked


def test_an_overtaken_answer_does_not_lift_the_veil_that_would_fall_again(family):
    all_answered(family)
    family.c.edit("k", 4)
    family.runner.answer("outputs")
    family.pass_time(0.03)
    family.c.edit("k", 5)
    family.runner.answer("outputs")
    family.pass_time(0.3)
    assert ("under", True) in family.dimmed
    family.dimmed.clear()
    family.runner.answer("below", which=0)
    assert family.shown("under")[-1] == ("below(0,4) | 0 4", True)
    assert family.dimmed == []
    family.pass_time(0.03)
    family.runner.answer("below")
    assert family.shown("under")[-1] == ("below(0,5) | 0 5", False)
    assert family.dimmed == [("under", False)]


class Reads(Plot, key="p.reads", title="Reads"):
    r: int = Shared.r

    def rows(self) -> list[Any]:
        return [("r", str(self.r), "")]


def test_read_outs_are_written_a_while_after_they_have_changed_with_the_newest_numbers(monkeypatch):
    monkeypatch.setattr(drawing, "READ", 0.1)  # as in the program
    rig = Rig(Page("p", "P", (Reads, Beside), (Shared,)))
    read = []
    rig.show = lambda plot, picture: read.append(picture.plot.r) if plot is Reads else None
    rig.c.update()
    rig.pass_time(0.09)
    assert read == []
    for r in (3, 4, 5):
        rig.c.edit("r", r)
    rig.pass_time(0.02)
    assert read == [5]
    rig.c.edit("r", 6)
    assert read == [5]
    rig.pass_time(0.11)
    assert read == [5, 6]
    rig.pass_time(1.0)
    assert read == [5, 6]


class Wide(Plot, key="p.wide", title="Wide", share=3):
    r: int = Shared.r

    def figure(self) -> Figure:
        return Figure(note=f"{self.r}")


class Low(Plot, key="p.low", title="Low", view=View("low", "Low"), share=9):
    r: int = Shared.r

    def figure(self) -> Figure:
        return Figure(note=f"{self.r}")


def test_what_is_above_and_large_is_drawn_first():
    rig = Rig(Page("p", "P", (Low, Beside, Wide), (Shared,)))
    rig.c.update()
    assert [name for name, *_ in rig.told] == ["wide", "beside", "low"]
