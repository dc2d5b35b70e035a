"""Mistakes in a declaration, each made once: told at import, with the place and what was meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gui.core.declare.marks import answer_of, answers_of, given, maybe, member_of, value_of
from gui.core.declare.page import Page
from gui.core.declare.parameter import Shorthand, choice, many, number, stored, toggle
from gui.core.declare.records import DeclarationError, Plot, Record, Step, Value, View
from gui.core.figure.figure import Figure
from gui.core.state.document import Opened


class Load(Step, key="loaded"):
    data: Opened = given(Opened)

    def run(self, progress: Any = None) -> list[int]:
        return [1]


def limit(loaded: list[int] = answer_of(Load)) -> int:
    return len(loaded)


def rows(loaded: list[int] = answer_of(Load)) -> tuple[str, ...]:
    return ("a", "b")


class Fine(Plot, key="p.fine", title="Fine"):
    loaded: list[int] = answer_of(Load)

    def figure(self) -> Figure:
        return Figure()


def draws(self) -> Figure:
    return Figure()


def page_of(*plots, shared=(), given=(Opened,)):
    return Page("p", "P", (Fine, *plots), shared, given=given)


def a_page_without_a_mistake():
    page_of()


MISTAKES: dict[str, tuple[Any, str]] = {}


def mistake(says):
    """Name what must be said of the mistake that the function makes."""

    def keep(make):
        MISTAKES[make.__name__] = (make, says)
        return make

    return keep


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


@mistake("no class keyword is called 'titel'; did you mean 'title'?")
def a_misspelt_keyword_of_a_plot():
    class Wrong(Plot, key="p.wrong", titel="Wrong"):
        figure = draws


@mistake("no class keyword is called 'kep'; did you mean 'keep'?")
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


@mistake("'rank' is declared in")
def a_parameter_declared_twice():
    class Shared(Record):
        rank: int = number(1, (0, 9), "&Rank", "how many")

    class Shows(Plot, key="p.shows", title="Shows"):
        rank: int = number(1, (0, 9), "R&ank", "how many")
        figure = draws

    page_of(Shows, shared=(Shared,))


@mistake("no view is called 'densty'; did you mean 'density'?")
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


@mistake("no choice is called 'sigm'; did you mean 'sigma'?")
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


@mistake("no view is called 'lwo'; did you mean 'low'?")
def one_of_several_views_that_there_is_none_of():
    class Shows(Plot, key="p.shows", title="Shows", view=View("low", "Low")):
        parts: int = number(2, (1, 9), "&Parts", "how many", view="low lwo")
        figure = draws

    page_of(Shows)


@mistake("--half sets 'part', which is no parameter; did you mean 'parts'?")
def a_shorthand_for_a_parameter_that_there_is_none_of():
    class Shows(Plot, key="p.shows", title="Shows"):
        parts: int = number(2, (1, 9), "&Parts", "how many")
        figure = draws

    Page("p", "P", (Shows,), shorthands=(Shorthand("half", {"part": 2}),))


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


@pytest.mark.parametrize(
    ("former", "says"),
    [
        (
            {"aliases": {"old": "p.fin"}},
            r"'old' is no former name of 'p.fin'; did you mean 'p.fine'",
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
    assert len(MISTAKES) >= 24


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_place(name):
    make, says = MISTAKES[name]
    with pytest.raises(DeclarationError) as told:
        make()
    assert says in str(told.value)
    # Where it stands: module and line, or the page.
    assert __name__ in str(told.value) or "page 'p'" in str(told.value)


def test_all_faults_of_a_page_are_told_at_once():
    class Shared(Record):
        rank: int = number(12, (0, 9), "&Rank", "how many", view="nowhere")

    with pytest.raises(DeclarationError) as told:
        page_of(shared=(Shared,))
    assert str(told.value).count("Shared.rank") == 2
