"""Mistakes in parameters: told at import, with the place and what was meant."""

from __future__ import annotations

from typing import Any

import pytest

from gui.core.declare.marks import answer_of
from gui.core.declare.parameter import choice, many, number, stored, toggle
from gui.core.declare.records import Plot, Record, View
from tests.support.mistakes import (
    Load,
    Mistakes,
    draws,
    page_of,
)

mistake = Mistakes()


@mistake("--dpi is an option that every figure has")
def a_parameter_with_the_option_of_every_figure():
    class Bad(Plot, key="p.bad", title="Bad"):
        dpi: float = number(0.5, (0, 1), "&Dpi", "how fine")
        figure = draws

    page_of(Bad)


@mistake("'rank' is declared in")
def a_parameter_declared_twice():
    class Shared(Record):
        rank: int = number(1, (0, 9), "&Rank", "how many")

    class Shows(Plot, key="p.shows", title="Shows"):
        rank: int = number(1, (0, 9), "R&ank", "how many")
        figure = draws

    page_of(Shows, shared=(Shared,))


@mistake("no view is called 'densty' (did you mean 'density'?)")
def a_view_that_there_is_none_of():
    class Shows(Plot, key="p.shows", title="Shows", view=View("density", "Density")):
        bins: int = number(0, (0, 400), "&Bars", "how many", view="densty")
        figure = draws

    page_of(Shows)


@mistake("its lower bound 9 is above its upper bound 0")
def bounds_the_wrong_way_round():
    class Shared(Record):
        rank: int = number(5, (9, 0), "&Rank", "how many")

    page_of(shared=(Shared,))


@mistake("its default 12 is above 9")
def a_default_out_of_bounds():
    class Shared(Record):
        rank: int = number(12, (0, 9), "&Rank", "how many")

    page_of(shared=(Shared,))


@mistake("a logarithmic slider needs a lower bound above 0")
def a_logarithmic_slider_that_reaches_zero():
    class Shared(Record):
        tau: float = number(1.0, (0.0, 9.0), "&tau", "how soft", log=True)

    page_of(shared=(Shared,))


@mistake("no choice is called 'sigm' (did you mean 'sigma'?)")
def a_default_that_is_no_choice():
    class Shared(Record):
        what: Any = choice("sigm", {"sigma": "values", "energy": "energy"}, "&Show", "what")

    page_of(shared=(Shared,))


@mistake("no choice is called 'dd'")
def a_default_of_several_with_one_that_is_no_choice():
    class Shared(Record):
        what: Any = many(("a", "dd"), {"a": "A", "b": "B"}, "&Show", "what")

    page_of(shared=(Shared,))


@mistake("choices are a mapping of keys to titles, or what lists them now")
def choices_that_are_a_list():
    class Shared(Record):
        what: Any = choice("a", ["a", "b"], "&Show", "what")  # type: ignore[arg-type]

    page_of(shared=(Shared,))


@mistake("it follows while a toggle is on")
def a_follower_without_a_switch():
    class Shared(Record):
        rank: int = number(1, (0, 9), "&Rank", "how many")
        k: int = number(1, (0, 9), "&k", "how many", follows=(rank, rank))

    page_of(shared=(Shared,))


@mistake("an axis is 'x' or 'y', not 'z'")
def an_axis_that_there_is_none_of():
    class Shows(Plot, key="p.shows", title="Shows"):
        log: bool = toggle(False, axis="z")
        figure = draws

    page_of(Shows)


@mistake("no plot has this field, whose axis it would toggle")
def an_axis_of_no_plot():
    class Shared(Record):
        log: bool = toggle(False, axis="y")

    page_of(shared=(Shared,))


@mistake("Alt+P is also")
def a_letter_of_a_view_taken_by_a_control_of_several_views():
    class Shows(Plot, key="p.shows", title="Shows", view=View("low", "Low")):
        parts: int = number(2, (1, 9), "&Parts", "how many", view="low high")
        figure = draws

    class Others(Plot, key="p.others", title="Others", view=View("high", "High")):
        place: int = number(2, (1, 9), "&Place", "where", view="high")
        figure = draws

    page_of(Shows, Others)


@mistake("Alt+R is also")
def two_controls_with_one_letter():
    class Shared(Record):
        rank: int = number(1, (0, 9), "&Rank", "how many")
        rows: int = number(1, (0, 9), "&Rows", "how many")

    page_of(shared=(Shared,))


@mistake("Alt+M is also")
def a_letter_of_a_folded_list_taken_by_another():
    class Shared(Record):
        most: int = number(1, (0, 9), "&Most", "how many")
        kept: tuple[str, ...] = many(
            ("a",), {"a": "A", "b": "B"}, "Kept", "which", fold=1, more="&More"
        )

    page_of(shared=(Shared,))


@mistake("the option --rank is also")
def two_parameters_with_one_option():
    class Shared(Record):
        rank: int = number(1, (0, 9), "&Rank", "how many")
        other: int = number(1, (0, 9), "&Other", "how many", option="rank")

    class Both(Plot, key="p.both", title="Both"):
        rank: int = Shared.rank
        other: int = Shared.other
        figure = draws

    page_of(Both)


@mistake("the default of a switch is True or False, not 1")
def a_switch_that_is_a_number():
    class Shared(Record):
        on: bool = toggle(1, "&On", "whether")  # type: ignore[arg-type]

    page_of(shared=(Shared,))


@mistake("only a number can be whole")
def a_choice_that_is_whole():
    class Shared(Record):
        what: Any = choice("a", {"a": "A"}, "&Show", "what", whole=True)

    page_of(shared=(Shared,))


@mistake("no label")
def a_control_without_a_label():
    class Shared(Record):
        rank: int = number(1, (0, 9), "", "how many")

    page_of(shared=(Shared,))


@mistake("the view 'low' is declared twice")
def a_view_declared_twice():
    class One(Plot, key="p.one", title="One", view=View("low", "Low")):
        loaded: list[int] = answer_of(Load)
        figure = draws

    class Two(Plot, key="p.two", title="Two", view=View("low", "Lower")):
        loaded: list[int] = answer_of(Load)
        figure = draws

    page_of(One, Two)


@mistake("that name is the page's own")
def a_parameter_called_view():
    class Shared(Record):
        view: str = stored("", "view")

    page_of(shared=(Shared,))


def test_two_plots_may_mean_their_own_axis_by_one_option():
    class Left(Plot, key="p.left", title="Left"):
        left_log: bool = toggle(False, axis="y", option="log-y")
        figure = draws

    class Right(Plot, key="p.right", title="Right"):
        right_log: bool = toggle(False, axis="y", option="log-y")
        figure = draws

    page_of(Left, Right)


def test_what_only_a_command_line_says_needs_no_label():
    class Typed(Record):
        turned: bool = toggle(False, tip="turned", saved=False)

    page_of(shared=(Typed,))


def test_many_mistakes_are_told():
    assert len(mistake) >= 20


@pytest.mark.parametrize("name", mistake)
def test_a_mistake_is_told_with_its_place(name):
    mistake.check(name, __name__)
