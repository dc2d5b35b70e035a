"""Controls made from declarations: where they stand, what they show, when they say something."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from gui.core.declare.answers import Answer, Answers
from gui.core.declare.marks import answer_of, given
from gui.core.declare.moment import Moment
from gui.core.declare.page import Page
from gui.core.declare.parameter import choice, number, toggle
from gui.core.declare.records import Plot, Record, Step, View
from gui.core.figure.figure import Figure
from gui.core.paint.theme import Theme
from gui.core.screen.declared_controls import DeclaredControls
from gui.core.state.document import Opened

LEFT, RIGHT, LAST = View("left", "Left"), View("right", "Right"), View("last", "Last")


class Count(Step, key="count"):
    data: Any = given(Opened)

    def run(self, progress: Any = None) -> int:
        return int(self.data)


def most(count: int = answer_of(Count)) -> int:
    return count


class Shared(Record):
    whole: bool = toggle(True, "&Whole", "whether k is whole")


def is_whole(whole: bool = Shared.whole) -> bool:
    return whole


class Kept(Record):
    k: float = number(8.0, (0.0, most), "&k", "how many", whole=is_whole)


class Both(Record):
    shown: str = choice("a", {"a": "one", "b": "two"}, "&Show", "what", view="left right")


def draws(self: Any) -> Figure:
    return Figure()


class Above(Plot, key="p.above", title="Above"):
    k: float = Kept.k
    figure = draws


class LeftPlot(Plot, key="p.left", title="L", view=LEFT):
    shown: str = Both.shown
    figure = draws


class RightPlot(Plot, key="p.right", title="R", view=RIGHT):
    shown: str = Both.shown
    own: int = number(3, (0, 9), "&Own", "its own", view="right")
    figure = draws


class LastPlot(Plot, key="p.last", title="La", view=LAST):
    figure = draws


PAGE = Page("p", "P", (Above, LeftPlot, RightPlot, LastPlot), (Kept, Shared), sections=("Numbers",))


def moment(count=None, **fields):
    """Return the page, with an answer how many there are."""
    answers = Answers()
    now = Moment(PAGE, dataclasses.replace(PAGE.state(), **fields), {Opened: "20"}, answers)
    if count is not None:
        answers.put((Count, None), Answer(("20",), now.subject, count))
    return now


@pytest.fixture
def controls(qtbot):
    made = DeclaredControls(PAGE, Theme())
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def headings(controls):
    """Return the headings in sight, from top to bottom."""
    return [
        section._heading.text()
        for section in (*controls._sections.values(), *controls._views.values())
        if section.isVisible() and section._heading.text()
    ]


def test_a_control_of_several_views_stands_beside_each_of_them_under_its_title(controls):
    now = moment(20)
    for view, seen, heading in (
        ("left", {"shown"}, "Left"),
        ("right", {"shown", "own"}, "Right"),
        ("last", set(), ""),
    ):
        controls.show_moment(now, view, None)
        found = {name for name in ("shown", "own") if controls.control(name).isVisible()}
        assert found == seen
        assert [one for one in headings(controls) if one in ("Left", "Right", "Last")] == (
            [heading] if heading else []
        )


def test_a_bound_that_is_not_known_yet_leaves_the_range_as_it_was(controls):
    controls.show_moment(moment(), "left", None)
    k = controls.numbers["k"]
    assert k.value() == 8
    controls.show_moment(moment(20), "left", None)
    assert k.limits() == (0, 20)
    controls.show_moment(moment(k=15.0), "left", None)
    assert (k.value(), k.limits()) == (15, (0, 20))


def test_a_number_takes_what_lies_between_as_soon_as_it_need_not_be_whole(controls):
    controls.show_moment(moment(20), "left", None)
    assert controls.numbers["k"].box.decimals() == 0
    controls.show_moment(moment(20, whole=False), "left", frozenset({Kept.k, is_whole}))
    assert controls.numbers["k"].box.decimals() > 0


def test_sentences_stand_at_controls_and_in_places_of_their_own(controls):
    controls.add_place("x", "Numbers")
    assert {"k", "x", "shown"} <= controls.places
    for name in ("k", "x", "shown"):
        assert controls.set_error(name, f"no such {name}")
        assert controls.error_of(name) == f"no such {name}"
        controls.set_error(name, "")
        assert controls.error_of(name) == ""
    assert not controls.set_error("nowhere", "lost")
