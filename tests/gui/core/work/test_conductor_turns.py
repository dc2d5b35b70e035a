"""The conductor's contract, continued: members in turn, what a question ignores, what only the
screen shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gui.core.declare.marks import answer_of, answers_of, given, maybe, member_of
from gui.core.declare.page import Page
from gui.core.declare.parameter import many, number, stored
from gui.core.declare.records import Plot, Record, Step, View
from gui.core.figure.figure import Figure
from gui.core.figure.table import Cell, Column, Table
from gui.core.state.document import Opened
from tests.support.conducted import Rig


class Which(Record):
    names: tuple[str, ...] = many(
        ("a", "b", "c"), {name: name for name in ("a", "b", "c", "heavy")}, "&Names", "which"
    )
    tau: int = number(1, (0, 9), "&tau", "what only b goes by")


class Curve(Step, key="curves", in_turn=True):
    data: str = given(Opened)
    name: str = member_of(Which.names)
    tau: int = Which.tau

    @property
    def question(self) -> tuple[Any, ...]:
        return self.data, self.name, 0 if self.name in "ac" else self.tau

    @property
    def cost(self) -> float:
        return 9.0 if self.name == "heavy" else 0.1

    @property
    def apart(self) -> bool:
        return self.name == "heavy"

    def run(self, progress: Any = None) -> str:
        if self.name == "c" and self.data == "bad":
            raise ValueError("c refuses")
        return f"{self.name}({self.data},{self.tau if self.name == 'b' else '-'})"


class Reach(Step, key="reach"):
    data: str = given(Opened)
    r: int = number(2, (0, 9), "&r", "how many")

    def run(self, progress: Any = None) -> str:
        return f"{self.data}{self.r}"


def said(reach: str | None = maybe(Reach)) -> str:
    return f"said {reach}"


class Curves(Plot, key="p.curves", title="Curves"):
    curves: Mapping[str, str] = answers_of(Curve)
    mark: int = stored(0, "mark")

    def figure(self) -> Figure:
        return Figure(note=" ".join(self.curves.values()))


class Listed(Plot, key="p.listed", title="Listed", view=View("list", "List")):
    reach: str = answer_of(Reach)

    def table(self) -> Table:
        return Table((Column("What"),), ((Cell(self.reach),),))


class Pictured(Plot, key="p.pictured", title="Pictured", view=View("pictures", "Pictures")):
    data: str = given(Opened)

    def figure(self) -> Figure:
        return Figure(note=self.data)


PAGE = Page("p", "P", (Curves, Pictured, Listed), (Which,), also=(said,))


@pytest.fixture
def rig():
    made = Rig(PAGE, data="x")
    made.c.update()
    return made


def test_members_in_turn_are_asked_one_after_the_other_and_come_as_a_picture_each(rig):
    rig.pass_time(0.1)
    rig.runner.answer("reach")
    notes = []
    for _ in range(3):
        assert rig.runner.asked.count("curves") == 1
        rig.runner.answer("curves")
        notes.append(rig.shown("curves")[-1])
    assert notes == [("a(x,-)", False), ("a(x,-) b(x,1)", False), ("a(x,-) b(x,1) c(x,-)", False)]
    assert "curves" not in rig.runner.asked


def test_a_picture_that_still_gathers_curves_is_not_behind_and_not_dimmed(rig):
    rig.runner.answer("curves")
    rig.pass_time(1.0)
    assert rig.shown("curves") == [("a(x,-)", False)]
    assert rig.dimmed == []


def test_a_long_member_neither_waits_for_its_turn_nor_holds_up_the_others(rig):
    rig.c.tick("names", "heavy", True)
    assert {"curves", "curves.heavy"} <= set(rig.runner.asked)
    for _ in range(3):
        rig.runner.answer("curves")
    rig.runner.answer("curves.heavy")
    assert rig.shown("curves")[-1] == ("a(x,-) b(x,1) c(x,-) heavy(x,-)", False)


def test_a_long_member_is_asked_anew_at_once(rig):
    rig.c.tick("names", "heavy", True)
    rig.c.edit("tau", 5)
    assert rig.runner.request("curves.heavy").tau == 5
    assert rig.runner.asked.count("curves.heavy") == 1


def test_cancelling_one_member_stops_all_that_wait_behind_it(rig):
    rig.runner.answer("curves")
    rig.c.tick("names", "heavy", True)
    rig.runner.cancel("p.curves")
    rig.runner.cancel("p.curves.heavy")
    assert not {"curves", "curves.heavy"} & set(rig.runner.asked)
    assert rig.c.is_stopped
    assert rig.shown("curves")[-1] == ("a(x,-)", False)
    rig.c.again()
    for _ in range(2):
        rig.runner.answer("curves")
    assert rig.shown("curves")[-1] == ("a(x,-) b(x,1) c(x,-)", False)


def test_a_member_ticked_meanwhile_takes_its_turn_as_listed(rig):
    rig.c.tick("names", "a", False)
    rig.runner.answer("curves")  # b, the first now
    rig.c.tick("names", "a", True)
    assert rig.runner.request("curves").name == "c", "what runs is not disturbed"
    rig.runner.answer("curves")
    assert rig.runner.request("curves").name == "a"


def test_a_member_that_refuses_leaves_the_others_their_turn(rig):
    rig.data = "bad"
    rig.c.update()
    for _ in range(3):
        rig.runner.answer("curves")
    assert rig.shown("curves")[-1] == ("a(bad,-) b(bad,1)", False)
    assert rig.failures() == ["c refuses"]
    rig.c.tick("names", "c", False)
    assert rig.failures() == []


def test_curves_of_other_data_are_never_among_those_that_gather(rig):
    for _ in range(3):
        rig.runner.answer("curves")
    rig.data = "y"
    rig.c.update()
    rig.told.clear()
    rig.runner.answer("curves")
    assert rig.shown("curves") == [("a(y,-)", False)]


def test_what_a_question_ignores_asks_nothing_again(rig):
    for _ in range(3):
        rig.runner.answer("curves")
    rig.told.clear()
    rig.c.edit("tau", 5)
    assert rig.runner.request("curves").name == "b"
    rig.runner.answer("curves")
    assert "curves" not in rig.runner.asked
    assert rig.shown("curves")[-1] == ("a(x,-) b(x,5) c(x,-)", False)
    rig.c.tick("names", "b", False)
    rig.told.clear()
    rig.c.edit("tau", 6)
    assert "curves" not in rig.runner.asked
    assert rig.told == []


def test_what_only_the_screen_shows_is_asked_for_whatever_view_is_in_front(rig):
    rig.pass_time(0.1)
    rig.runner.answer("reach")
    rig.c.edit("r", 4)
    rig.pass_time(0.05)
    assert "reach" in rig.runner.asked
    assert rig.c.present().look(said) == "said x2", "an older answer until the next is there"
    rig.runner.answer("reach")
    assert rig.c.present().look(said) == "said x4"
    assert said in rig.changes[-1]


def test_an_error_of_what_only_the_screen_shows_is_told(rig):
    rig.pass_time(0.1)
    rig.runner.fail("reach", ValueError("out of reach"))
    assert rig.failures() == ["out of reach"]
