"""What is read off the records of a page: parameters, state, what hangs on what, drawing."""

from __future__ import annotations

import dataclasses
import typing
from typing import Any, Literal

import pytest

from gui.core.declare.draw import (
    NoSuchChoice,
    NothingThere,
    NotWhole,
    OutOfRange,
    UnknownName,
    draw_plot,
)
from gui.core.declare.edits import cleaned
from gui.core.declare.marks import answer_of, given, maybe, value_of
from gui.core.declare.options import (
    BadOption,
    help_of,
    options,
    parsed,
    shorthands,
    spelled_out,
)
from gui.core.declare.page import Page, type_of
from gui.core.declare.parameter import Offer, Shorthand, choice, many, number, stored, toggle
from gui.core.declare.records import Plot, Record, Step, Value, View, needs
from gui.core.figure.figure import Figure
from gui.core.figure.table import Cell, Column, Table
from gui.core.state.document import DataRef, Opened
from gui.core.state.remembered import Remembered, swapped

Quantity = Literal["sigma", "energy"]


class Shared(Record):
    rank: int = number(8, (0, 99), "&Rank", "how many", per_array=True)
    quantity: Quantity = choice("sigma", {"sigma": "values", "energy": "energy"}, "&Show", "what")
    scale: float = number(1.0, (0.5, 2.0), "S&cale", "how large")
    kinds: tuple[str, ...] = many(("a",), {"a": "A", "b": "B"}, "&Kinds", "which", at_least=1)


class Load(Step, key="loaded"):
    data: Any = given(Opened)

    def run(self, progress: Any = None) -> list[Any]:
        if self.data == "bad":
            raise ValueError("1 NaN")
        return [self.data]


class Doubled(Value):
    loaded: list[Any] = answer_of(Load)
    often: int = number(2, (1, 9), "&Times", "how often")

    def value(self) -> list[Any]:
        return self.loaded * self.often


def count(doubled: list[Any] = value_of(Doubled)) -> int:
    return len(doubled)


class Extra(Step, key="extra"):
    loaded: list[Any] = answer_of(Load)
    grain: int = number(1, (1, 9), "&Grain", "how fine", view="low")

    def run(self, progress: Any = None) -> str:
        return f"extra {self.grain}"


class Upper(Plot, key="p.upper", title="Upper"):
    doubled: list[Any] = value_of(Doubled)
    count: int = value_of(count)
    rank: int = Shared.rank
    upper_log: bool = toggle(True, axis="y")

    def figure(self) -> Figure:
        return Figure(note=f"{self.doubled} {self.count} r={self.rank} {self.upper_log}")


class Lower(Plot, key="p.lower", title="Lower", view=View("low", "Low view")):
    quantity: Quantity = Shared.quantity
    extra: str | None = maybe(Extra)
    points: tuple[int, ...] = stored((), "points")

    def table(self) -> Table:
        return Table((Column("What"),), ((Cell(self.quantity), Cell(str(self.extra))),))


def room(data: Any = given(Opened)) -> int:
    return 3


def flavours(data: Any = given(Opened)) -> tuple[Offer, ...]:
    return (Offer("sweet", "Sweet"), Offer("sour", "Sour"))


class Strict(Plot, key="s.strict", title="Strict"):
    rank: int = Shared.rank
    quantity: Quantity = Shared.quantity
    often: int = number(2, (1, room), "&Times", "how often")
    flavour: str = choice("sweet", flavours, "&Flavour", "which")
    parts: tuple[str, ...] = many(("a",), {"a": "A", "b": "B"}, "&Parts", "which")

    def figure(self) -> Figure:
        return Figure(note=f"{self.rank} {self.often} {self.flavour}")


STRICT = Page("s", "S", (Strict,))
PAGE = Page(
    "p",
    "P",
    (Upper, Lower),
    (Shared,),
    aliases={"old": "p.upper", "thrice": "p.upper"},
    presets={"thrice": {"often": 3}},
)


def test_steps_and_parameters_are_found_by_following_the_marks():
    assert list(PAGE.parameters) == [
        "rank", "quantity", "scale", "kinds", "often", "upper_log", "grain", "points"
    ]  # fmt: skip
    assert PAGE.steps == (Load, Extra)
    assert list(PAGE.views) == ["low"]
    assert PAGE.plots_of("") == (Upper,)
    assert PAGE.plots_of("low") == (Upper, Lower)


def test_a_reference_is_the_declaration_and_an_instance_holds_the_value():
    assert Shared.rank is PAGE.parameters["rank"]
    assert next(need for need in needs(Upper) if need.field == "rank").source is Shared.rank
    assert Upper(doubled=[], count=0, rank=3, upper_log=True).rank == 3


def test_the_slice_has_every_parameter_once_with_its_default_and_type():
    state = PAGE.state()
    assert (state.rank, state.quantity, state.kinds, state.often) == (8, "sigma", ("a",), 2)
    assert (state.view, state.remembered) == ("low", ())
    hints = typing.get_type_hints(PAGE.state)
    assert hints["quantity"] == Quantity
    assert hints["points"] == tuple[int, ...]
    assert typing.get_args(hints["view"]) == ("low",)
    assert type_of(Shared.rank) is int
    with pytest.raises(dataclasses.FrozenInstanceError):
        state.rank = 3


def test_what_hangs_on_a_change_is_known():
    affected = PAGE.affected[PAGE.parameters["often"]]
    assert {Doubled, count, Upper} < affected
    assert not affected & {Load, Lower, Shared.rank}
    assert PAGE.only_drawn(Upper) == {"rank", "upper_log"}
    assert [one.name for one in PAGE.of_plot(Upper)] == ["rank", "often", "upper_log"]


def test_a_session_is_brought_into_its_bounds():
    state = PAGE.state(rank=400, often=-3, quantity="energi", kinds=("b", "c"))
    mended = cleaned(PAGE, state)
    assert (mended.rank, mended.often, mended.quantity, mended.kinds) == (99, 1, "sigma", ("b",))
    assert cleaned(PAGE, PAGE.state(kinds=())).kinds == ("a",)


def test_a_number_that_is_none_gets_its_default():
    assert cleaned(PAGE, PAGE.state(rank=float("nan"))).rank == 8


# -- drawing without a window -----------------------------------------------------------------


def test_a_plot_is_drawn_from_defaults_and_with_parameters():
    picture = draw_plot(PAGE, "upper", {Opened: "m"}, {})
    assert picture.figure is not None
    assert picture.figure.note == "['m', 'm'] 2 r=8 True"
    assert (picture.figure.key, picture.figure.title) == ("p.upper", "Upper")
    drawn = draw_plot(PAGE, "p.upper", {Opened: "m"}, {"often": 3, "rank": 5, "upper_log": False})
    assert drawn.drawn.note == "['m', 'm', 'm'] 3 r=5 False"
    assert draw_plot(PAGE, "old", {Opened: "m"}, {}).figure is not None


def test_a_former_name_may_set_something_that_can_be_set_otherwise():
    def note(**values):
        return draw_plot(PAGE, "thrice", {Opened: "m"}, values).drawn.note

    assert note() == "['m', 'm', 'm'] 3 r=8 True"
    assert note(often=1, rank=2) == "['m'] 1 r=2 True"


def test_a_table_is_drawn_too_with_what_is_optional():
    table = draw_plot(PAGE, "lower", {Opened: "m"}, {"quantity": "energy", "grain": 4}).table
    assert table is not None
    assert [cell.text for cell in table.cells[0]] == ["energy", "extra 4"]


def test_what_a_step_refuses_with_is_raised():
    with pytest.raises(ValueError, match="1 NaN"):
        draw_plot(PAGE, "upper", {Opened: "bad"}, {})
    with pytest.raises(NothingThere, match="Upper"):
        draw_plot(PAGE, "upper", {}, {})


def test_an_unknown_name_says_what_was_meant():
    with pytest.raises(UnknownName, match=r"did you mean 'p\.upper'"):
        draw_plot(PAGE, "p.uper", {Opened: "m"}, {})
    with pytest.raises(UnknownName, match="did you mean 'often'"):
        draw_plot(PAGE, "upper", {Opened: "m"}, {"oftn": 3})


@pytest.mark.parametrize(
    ("values", "allowed"),
    [
        ({"rank": 100}, r"rank = 100 is not allowed: it must be a number in \[0, 99\]\."),
        ({"rank": -1}, r"in \[0, 99\]"),
        ({"often": 4}, r"in \[1, 3\]"),  # as many as there is room for now
        ({"quantity": "sigm"}, r"sigma, energy \(did you mean 'sigma'\?\)"),
        ({"quantity": "other"}, "sigma, energy"),
        ({"flavour": "swet"}, r"sweet, sour \(did you mean 'sweet'\?\)"),
        ({"parts": ("a", "x")}, "a, b"),
    ],
)
def test_what_these_data_do_not_allow_is_refused_not_replaced(values, allowed):
    with pytest.raises((OutOfRange, NoSuchChoice), match=allowed):
        draw_plot(STRICT, "strict", {Opened: "m"}, values)


def test_what_a_plot_does_not_depend_on_is_not_looked_at():
    assert draw_plot(PAGE, "upper", {Opened: "m"}, {"grain": 100}).figure is not None


def test_an_export_says_every_parameter_that_made_the_plot():
    drawn = draw_plot(PAGE, "upper", {Opened: "m"}, {"often": 3})
    assert dict(drawn.drawn.meta) == {"rank": "8", "often": "3", "upper_log": "yes"}


class Sometimes(Plot, key="s.plot", title="Sometimes", share=2):
    on: bool = toggle(False, "&On", "whether")
    idle: int = number(7, (0, 9), "&Idle", "how idle", when=on)
    grey: int = number(5, (0, 9), "&Grey", "how grey", enabled=on, why="It is off.")

    def figure(self) -> Figure:
        return Figure()


def test_an_export_does_not_state_what_counts_for_nothing_now():
    page = Page("s", "S", (Sometimes,))
    assert dict(draw_plot(page, "plot", {}, {}).drawn.meta) == {"on": "no"}
    meta = draw_plot(page, "plot", {}, {"on": True}).drawn.meta
    assert dict(meta) == {"on": "yes", "idle": "7", "grey": "5"}


def needs_whole(quantity: Quantity = Shared.quantity) -> bool:
    return quantity == "sigma"


class Whole(Plot, key="w.plot", title="Whole"):
    k: float = number(2.0, (0.0, 9.0), "k", "how many", whole=needs_whole)

    def figure(self) -> Figure:
        return Figure(note=f"{self.k:g}")


def test_a_number_that_would_be_drawn_as_another_is_refused():
    page = Page("w", "W", (Whole,), (Shared,))
    with pytest.raises(NotWhole, match=r"k = 2\.5 is not allowed: it must be a whole number"):
        draw_plot(page, "plot", {}, {"k": 2.5})
    assert draw_plot(page, "plot", {}, {"k": 2.5, "quantity": "energy"}).drawn.note == "2.5"


def up_to(rank: int = Shared.rank) -> int:
    return rank


class First(Record):
    last: int = number(1, (0, up_to), "&Last", "last")


def test_controls_stand_in_the_order_of_the_shared_records():
    page = Page("w", "W", (Whole,), (Shared, First))
    assert list(page.parameters)[:3] == ["rank", "quantity", "scale"]
    page = Page("w", "W", (Whole,), (First, Shared))
    assert list(page.parameters)[:3] == ["last", "rank", "quantity"]


# -- options of the command line --------------------------------------------------------------


def test_a_shorthand_sets_several_parameters_of_the_plots_that_have_all_of_them():
    often = Shorthand("thrice", {"upper_log": False}, "often")
    alone = Shorthand("plain", {"upper_log": False, "rank": 3})
    page = Page("p", "P", (Upper, Lower), (Shared,), shorthands=(often, alone))
    assert shorthands(page, Upper) == (often, alone)
    assert shorthands(page, Lower) == ()
    assert spelled_out(page, often, "4") == {"upper_log": False, "often": 4}
    assert spelled_out(page, alone, "") == {"upper_log": False, "rank": 3}
    with pytest.raises(BadOption, match="--thrice many is not allowed: it must be a whole"):
        spelled_out(page, often, "many")


def test_options_are_the_parameters_a_plot_depends_on():
    assert list(options(PAGE, Upper)) == ["rank", "often", "log-y"]
    assert list(options(PAGE, Lower)) == ["quantity", "grain"]
    assert PAGE.parameters["points"].option_name == ""
    assert help_of(Shared.rank) == "how many [8]"
    assert help_of(Shared.quantity) == "what: sigma, energy [sigma]"


def test_options_are_read_as_people_type_them():
    assert parsed(Shared.rank, "1e1") == 10
    assert parsed(Upper.upper_log, "no") is False  # type: ignore[arg-type]
    assert parsed(Shared.quantity, "energy") == "energy"
    assert parsed(Shared.kinds, "b,a") == ("b", "a")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "typed", "says"),
    [
        ("rank", "inf", "a whole number"),
        ("rank", "8.5", "a whole number"),
        ("rank", "100", "a number from 0 to 99"),
        ("rank", "many", "a whole number"),
        ("scale", "many", "a number"),
        ("quantity", "sigm", r"sigma, energy \(did you mean 'sigma'\?\)"),
        ("upper_log", "perhaps", "yes or no"),
    ],
)
def test_nonsense_is_refused_with_what_is_allowed(name, typed, says):
    with pytest.raises(BadOption, match=says):
        parsed(PAGE.parameters[name], typed)


# -- what an array remembers ------------------------------------------------------------------


def test_an_array_keeps_its_values_and_a_new_one_has_the_defaults():
    a, b = DataRef("a.npy", "a", (3, 4), "float64"), DataRef("b.npy", "b", (5, 6), "float64")
    defaults = PAGE.state()
    state = PAGE.state(rank=3)
    at_b = dataclasses.replace(state, **swapped(state, ("rank",), defaults, a, b))
    assert at_b.rank == 8
    assert at_b.remembered == (Remembered(a, (("rank", 3),)),)
    at_b = dataclasses.replace(at_b, rank=5)
    back = dataclasses.replace(at_b, **swapped(at_b, ("rank",), defaults, b, a))
    assert back.rank == 3
    assert {one.ref for one in back.remembered} == {a, b}


def test_another_slice_of_the_same_array_is_the_same_array():
    a = DataRef("a.npy", "a", (3, 4), "float64", (0,))
    assert (
        swapped(PAGE.state(), ("rank",), PAGE.state(), a, dataclasses.replace(a, index=(1,))) == {}
    )
