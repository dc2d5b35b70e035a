"""Mistakes in plots, steps and pages: told at import, with the place and what was meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gui.core.declare.marks import answer_of, answers_of, given, maybe, member_of, value_of
from gui.core.declare.page import Page
from gui.core.declare.parameter import Shorthand, number
from gui.core.declare.records import DeclarationError, Plot, Record, Step, Value, View
from gui.core.state.document import Opened
from tests.support.mistakes import (
    Fine,
    Load,
    Mistakes,
    a_page_without_a_mistake,
    draws,
    page_of,
    rows,
)

mistake = Mistakes()


@mistake("it has no type; write rank: float")
def a_parameter_without_a_type():
    class Bad(Record):
        rank = number(0.5, (0, 1), "&Rank", "how many")


@mistake("nothing says what it is made of")
def a_field_without_a_mark():
    class Bare(Plot, key="p.bare", title="Bare"):
        rank: int
        figure = draws


@mistake("Bad(loaded): nothing says what it is made of")
def a_function_whose_argument_has_no_mark():
    def Bad(loaded: list[int]) -> int:
        return 1

    Bad.__qualname__ = "Bad"

    class Shared(Record):
        rank: int = number(1, (0, Bad), "&Rank", "how many")

    page_of(shared=(Shared,))


@mistake("no class keyword is called 'titel' (did you mean 'title'?)")
def a_misspelt_keyword_of_a_plot():
    class Wrong(Plot, key="p.wrong", titel="Wrong"):
        figure = draws


@mistake("no class keyword is called 'kep' (did you mean 'keep'?)")
def a_misspelt_keyword_of_a_step():
    class Wrong(Step, key="wrong", kep=3):
        pass


@mistake("a step without run()")
def a_step_that_computes_nothing():
    class Idle(Step, key="idle"):
        data: Opened = given(Opened)

    class Shows(Plot, key="p.shows", title="Shows"):
        idle: Any = answer_of(Idle)
        figure = draws

    page_of(Shows)


@mistake("a plot has one of figure(), table() and rows()")
def a_plot_that_draws_nothing():
    class Blank(Plot, key="p.blank", title="Blank"):
        loaded: list[int] = answer_of(Load)

    page_of(Blank)


@mistake("a value without value()")
def a_value_that_makes_nothing():
    class Nothing(Value):
        loaded: list[int] = answer_of(Load)

    class Shows(Plot, key="p.shows", title="Shows"):
        nothing: Any = value_of(Nothing)
        figure = draws

    page_of(Shows)


@mistake("no title")
def a_plot_without_a_title():
    class Untitled(Plot, key="p.untitled"):
        loaded: list[int] = answer_of(Load)
        figure = draws

    page_of(Untitled)


@mistake("its key must be 'p.name', not 'q.shows'")
def a_plot_with_the_key_of_another_page():
    class Shows(Plot, key="q.shows", title="Shows"):
        loaded: list[int] = answer_of(Load)
        figure = draws

    page_of(Shows)


@mistake("the plot 'p.fine' is also")
def two_plots_of_one_key():
    class Again(Plot, key="p.fine", title="Again"):
        loaded: list[int] = answer_of(Load)
        figure = draws

    page_of(Again)


@mistake("the step 'loaded' is also")
def two_steps_of_one_key():
    class Other(Step, key="loaded"):
        data: Opened = given(Opened)

        def run(self, progress: Any = None) -> int:
            return 1

    class Shows(Plot, key="p.shows", title="Shows"):
        other: int = answer_of(Other)
        figure = draws

    page_of(Shows)


@mistake("the page is not given Held")
def something_that_the_page_is_not_given():
    class Held:
        pass

    class Shows(Plot, key="p.shows", title="Shows"):
        held: Held = given(Held)
        figure = draws

    page_of(Shows)


@mistake("Spread, whose preview it is, has no such field")
def a_preview_that_needs_more_than_its_step():
    class Rough(Step, key="spread"):
        loaded: list[int] = answer_of(Load)
        parts: int = number(2, (1, 9), "&Parts", "how many")

        def run(self, progress: Any = None) -> int:
            return 1

    class Spread(Step, key="spread", preview=Rough):
        loaded: list[int] = answer_of(Load)

        def run(self, progress: Any = None) -> int:
            return 1

    class Shows(Plot, key="p.shows", title="Shows"):
        spread: int = answer_of(Spread)
        figure = draws

    page_of(Shows)


@mistake("is a family; write answers_of(Member)")
def one_answer_of_a_family():
    class Member(Step, key="member"):
        row: str = member_of(rows)

        def run(self, progress: Any = None) -> int:
            return 1

    Member.__name__ = "Member"

    class Shows(Plot, key="p.shows", title="Shows"):
        member: int = answer_of(Member)
        figure = draws

    page_of(Shows)


@mistake("answers_of() is for a family; Load is one step")
def the_answers_of_a_single_step():
    class Shows(Plot, key="p.shows", title="Shows"):
        loaded: Mapping[Any, list[int]] = answers_of(Load)
        figure = draws

    page_of(Shows)


@mistake("is a plot; a record is made of steps and values")
def a_plot_made_of_a_plot():
    class Shows(Plot, key="p.shows", title="Shows"):
        fine: Any = maybe(Fine)  # type: ignore[type-var]
        figure = draws

    page_of(Shows)


@mistake("member_of() makes a family of a step")
def a_member_that_is_no_step():
    class Shows(Plot, key="p.shows", title="Shows"):
        row: str = member_of(rows)
        figure = draws

    page_of(Shows)


@mistake("no view is called 'lwo' (did you mean 'low'?)")
def one_of_several_views_that_there_is_none_of():
    class Shows(Plot, key="p.shows", title="Shows", view=View("low", "Low")):
        parts: int = number(2, (1, 9), "&Parts", "how many", view="low lwo")
        figure = draws

    page_of(Shows)


@mistake("--half sets 'part', which is no parameter (did you mean 'parts'?)")
def a_shorthand_for_a_parameter_that_there_is_none_of():
    class Shows(Plot, key="p.shows", title="Shows"):
        parts: int = number(2, (1, 9), "&Parts", "how many")
        figure = draws

    Page("p", "P", (Shows,), shorthands=(Shorthand("half", {"part": 2}),))


@pytest.mark.parametrize(
    ("former", "says"),
    [
        (
            {"aliases": {"old": "p.fin"}},
            r"'old' is no former name of 'p.fin' \(did you mean 'p.fine'\?\)",
        ),
        ({"presets": {"old": {}}}, "only a former name sets something; 'old' is none"),
        (
            {"aliases": {"old": "p.fine"}, "presets": {"old": {"rank": 3}}},
            "'old' sets 'rank'",
        ),
    ],
)
def test_a_former_name_of_nothing_is_told(former, says):
    with pytest.raises(DeclarationError, match=says):
        Page("p", "P", (Fine,), **former)


def test_a_page_without_a_mistake_is_made():
    a_page_without_a_mistake()


def test_many_mistakes_are_told():
    assert len(mistake) >= 20


@pytest.mark.parametrize("name", mistake)
def test_a_mistake_is_told_with_its_place(name):
    mistake.check(name, __name__)


def test_all_faults_of_a_page_are_told_at_once():
    class Shared(Record):
        rank: int = number(12, (0, 9), "&Rank", "how many", view="nowhere")

    with pytest.raises(DeclarationError) as told:
        page_of(shared=(Shared,))
    assert str(told.value).count("Shared.rank") == 2
