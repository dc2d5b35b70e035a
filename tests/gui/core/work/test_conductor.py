"""The conductor's contract, a line a test: no thread, no widget, no waiting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gui.core.declare.marks import (
    answer_of,
    answers_of,
    given,
    maybe,
    maybe_given,
    member_of,
    value_of,
)
from gui.core.declare.page import Page
from gui.core.declare.parameter import Offer, choice, many, number, stored, toggle
from gui.core.declare.records import Plot, Record, Step, Value, View
from gui.core.figure.figure import Figure
from gui.core.state.document import Opened
from tests.support.conducted import Rig


def limit(data: Any = given(Opened)) -> int:
    return 9 if data == "small" else 99


class Shared(Record):
    r: int = number(2, (0, limit), "&r", "how many", undo="rank")


class Load(Step, key="matrix", keep=4):
    data: Any = given(Opened)

    def run(self, progress: Any = None) -> list[str]:
        if self.data == "bad":
            raise ValueError("1 NaN")
        return [self.data]


class Sum(Step, key="total", keep=4):
    matrix: list[str] = answer_of(Load)
    r: int = Shared.r

    def run(self, progress: Any = None) -> str:
        return f"{self.matrix[0]}{self.r}"


class Curve(Step, key="curve"):
    matrix: list[str] = answer_of(Load)
    r: int = Shared.r

    def run(self, progress: Any = None) -> list[Any]:
        return ["curve", self.r]


class Top(Plot, key="p.top", title="Top"):
    total: str = answer_of(Sum)
    r: int = Shared.r
    top_log: bool = toggle(False, axis="y")
    curve: list[Any] | None = maybe(Curve)

    def figure(self) -> Figure:
        return Figure(note=f"{self.total} r={self.r} log={self.top_log} {self.curve}")


PAGE = Page("p", "P", (Top,), (Shared,))


@pytest.fixture
def rig():
    made = Rig(PAGE)
    made.c.update()
    return made


def answered(rig):
    for name in ("matrix", "total", "curve"):
        rig.runner.answer(name)
    rig.told.clear()
    return rig


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
    rig.pass_time(0.14)
    assert rig.dimmed == []
    rig.pass_time(0.02)
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


# -- a move is drawn in one go ----------------------------------------------------------------


class Beside(Plot, key="p.beside", title="Beside"):
    r: int = Shared.r

    def figure(self) -> Figure:
        return Figure(note=f"r={self.r}")


TWO = Page("p", "P", (Top, Beside), (Shared,))


def test_a_move_is_drawn_in_one_go_with_the_quick_answers_to_it():
    rig = Rig(TWO)
    rig.c.update()
    answered(rig)
    rig.c.edit("r", 4)
    assert rig.told == []
    rig.runner.answer("total")
    assert [name for name, *_ in rig.told] == ["top", "beside"]


def test_a_move_is_drawn_in_time_whatever_is_still_on_its_way():
    rig = Rig(TWO)
    rig.c.update()
    answered(rig)
    rig.c.edit("r", 4)
    rig.pass_time(0.04)
    assert rig.told == []
    rig.pass_time(0.02)
    assert rig.shown("beside") == [("r=4", False)]
    assert rig.shown("top") == [("a2 r=2 log=False ['curve', 2]", True)]


def test_equal_plots_are_not_drawn_again(rig):
    answered(rig)
    rig.c.update()
    rig.store.replace_many({}, label="")
    assert rig.told == []


def test_a_change_draws_only_the_plots_that_hang_on_it():
    rig = Rig(TWO)
    rig.c.update()
    answered(rig)
    rig.c.toggle_log(Top, "y", True)
    assert [name for name, *_ in rig.told] == ["top"]


# -- 7, 10, 19: errors ------------------------------------------------------------------------


def test_a_failure_is_told_remembered_and_leaves_the_last_plot_of_the_same_data():
    class Odd(Step, key="odd"):
        data: Any = given(Opened)
        r: int = Shared.r

        def run(self, progress: Any = None) -> str:
            if self.r > 5:
                raise ValueError("r is too large")
            return f"{self.data}{self.r}"

    class Shows(Plot, key="p.odd", title="Odd"):
        odd: str = answer_of(Odd)

        def figure(self) -> Figure:
            return Figure(note=self.odd)

    rig = Rig(Page("p", "P", (Shows,), (Shared,)))
    rig.c.update()
    rig.runner.answer("odd")
    rig.c.edit("r", 7)
    rig.runner.answer("odd")
    assert rig.failures() == ["r is too large"]
    assert rig.shown("odd")[-1] == ("a2", True)
    assert rig.runner.asked == []
    rig.c.update()
    assert rig.runner.asked == [], "asked again without end"
    rig.c.edit("r", 3)
    rig.runner.answer("odd")
    assert (rig.failures(), rig.shown("odd")[-1]) == ([], ("a3", False))


def test_a_failure_of_other_data_blanks_the_plot_and_says_why(rig):
    answered(rig)
    rig.blanks.clear()
    rig.data = "bad"
    rig.c.update()
    rig.runner.answer("matrix")
    assert rig.blanks == [("top", "1 NaN")]
    assert rig.failures() == ["1 NaN"]
    rig.c.again()
    assert rig.runner.asked == ["matrix"]


def test_an_error_that_was_overtaken_is_not_shown(rig):
    answered(rig)
    rig.c.edit("r", 5)
    _, _, done, _ = rig.runner.jobs[-1]
    rig.c.edit("r", 7)
    done(None, ValueError("of 5"))
    assert rig.failures() == []
    rig.runner.answer("total")
    assert rig.failures() == []


def test_a_plot_that_never_had_a_picture_says_so_in_words(rig):
    rig.pass_time(0.05)
    assert rig.blanks == [("top", "")]


def test_nothing_selected_blanks_the_plot(rig):
    answered(rig)
    rig.blanks.clear()
    rig.data = None
    rig.c.update()
    assert rig.blanks == [("top", "")]


def test_a_figure_that_raises_is_that_plots_error_and_the_others_go_on():
    class Bad(Plot, key="p.bad", title="Bad"):
        r: int = Shared.r

        def figure(self) -> Figure:
            return [][self.r]  # type: ignore[return-value]

    rig = Rig(Page("p", "P", (Bad, Top), (Shared,)))
    rig.c.update()
    assert rig.runner.asked == ["matrix"]
    rig.pass_time(0.05)
    assert rig.blanks == [("bad", "list index out of range"), ("top", "")]
    assert rig.failures() == ["list index out of range"]
    rig.runner.answer("matrix")
    rig.runner.answer("total")
    assert rig.shown("top")


# -- 8, 20: long steps and previews -----------------------------------------------------------


class Rough(Step, key="spread", title="Rough"):
    matrix: list[str] = answer_of(Load)
    cost_of: float = stored(1.0, "cost")

    def run(self, progress: Any = None) -> str:
        if self.matrix[0] == "rough fails":
            raise ValueError("no preview")
        return "rough"


class Spread(Step, key="spread", title="Spread", preview=Rough):
    matrix: list[str] = answer_of(Load)
    cost_of: float = Rough.cost_of
    parts: int = number(8, (2, 64), "&Parts", "how many")

    @property
    def cost(self) -> float:
        return self.cost_of

    def run(self, progress: Any = None) -> str:
        return f"spread {self.parts}"


class Slower(Step, key="slower"):
    matrix: list[str] = answer_of(Load)

    @property
    def cost(self) -> float:
        return 5.0

    def run(self, progress: Any = None) -> str:
        return "slower"


class Spreads(Plot, key="p.spread", title="Spread"):
    spread: str = answer_of(Spread)

    def figure(self) -> Figure:
        return Figure(note=self.spread)


class Slowly(Plot, key="p.slow", title="Slow"):
    slower: str = answer_of(Slower)

    def figure(self) -> Figure:
        return Figure(note=self.slower)


LONG = Page("p", "P", (Slowly, Spreads))


def test_long_steps_run_one_at_a_time_the_quickest_first():
    rig = Rig(LONG)
    rig.c.update()
    rig.runner.answer("matrix")
    assert rig.runner.asked == ["spread"]
    rig.runner.answer("spread")
    rig.runner.answer("spread")
    assert rig.runner.asked == ["slower"]


def test_a_preview_goes_before_its_step_and_counts_as_behind_until_that_has_answered():
    rig = Rig(LONG)
    rig.c.update()
    rig.runner.answer("matrix")
    assert type(rig.runner.request("spread")) is Rough
    rig.runner.answer("spread")
    assert rig.shown("spread") == [("rough", True)]
    assert type(rig.runner.request("spread")) is Spread
    rig.runner.answer("spread")
    assert rig.shown("spread")[-1] == ("spread 8", False)


def test_a_preview_that_fails_is_no_error_the_step_itself_answers():
    rig = Rig(LONG, data="rough fails")
    rig.c.update()
    rig.runner.answer("matrix")
    rig.runner.answer("spread")
    assert rig.failures() == []
    assert type(rig.runner.request("spread")) is Spread


def test_a_short_step_has_no_preview():
    rig = Rig(LONG, state=LONG.state(cost_of=0.1))
    rig.c.update()
    rig.runner.answer("matrix")
    assert type(rig.runner.request("spread")) is Spread


# -- 9: cancel --------------------------------------------------------------------------------


def test_what_was_cancelled_waits_for_again_and_a_new_question_does_not(rig):
    rig.runner.answer("matrix")
    rig.runner.cancel("p.total")
    assert rig.c.is_stopped
    assert rig.runner.asked == []
    rig.c.update()
    assert rig.runner.asked == []
    rig.c.edit("r", 3)
    assert "total" in rig.runner.asked
    assert not rig.c.is_stopped
    rig.runner.cancel("p.total")
    rig.c.again()
    assert "total" in rig.runner.asked


def test_cancelling_stops_just_what_is_on_its_way(rig):
    answered(rig)
    rig.c.edit("r", 3)
    rig.runner.cancel("p.total")
    assert rig.shown("top")[-1] == ("a2 r=2 log=False ['curve', 2]", True)
    rig.c.edit("r", 2)
    assert rig.shown("top")[-1] == ("a2 r=2 log=False ['curve', 2]", False)
    assert not rig.c.is_stopped


# -- 13: parameters ---------------------------------------------------------------------------


def test_bounds_that_depend_on_the_data_limit_what_is_in_force_only(rig):
    rig.c.edit("r", 50)
    rig.data = "small"
    assert rig.value("r") == 9
    rig.data = "a"
    assert rig.value("r") == 50


def test_a_drag_is_one_undo_step_named_by_the_parameter(rig):
    rig.c.edit("r", 3)
    rig.c.edit("r", 4)
    assert rig.store.undo_label == "rank"
    rig.store.undo()
    assert rig.value("r") == 2


class Following(Plot, key="f.follow", title="Follow"):
    r: int = Shared.r
    k_follows: bool = toggle(True, "k follows r", "as many")
    k: float = number(1.5, (0.0, 99.0), "&k", "how many, softly", follows=(k_follows, Shared.r))

    def figure(self) -> Figure:
        return Figure(note=f"{self.r} {self.k}")


FOLLOWING = Page("f", "F", (Following,), (Shared,))


def test_a_follower_has_its_leads_value_lets_go_when_set_and_keeps_its_value_when_released():
    rig = Rig(FOLLOWING)
    rig.c.update()
    assert rig.shown("follow") == [("2 2.0", False)]
    rig.c.edit("r", 6)
    rig.c.edit("k_follows", False)
    assert (rig.value("k"), rig.store["f"].k) == (6.0, 6.0)
    rig.c.edit("k_follows", True)
    rig.c.edit("k", 4.0)
    assert (rig.value("k"), rig.value("r"), rig.value("k_follows")) == (4.0, 6, False)


# -- families ---------------------------------------------------------------------------------


class Moved(Value):
    matrix: list[str] = answer_of(Load)
    point: int = stored(0, "moved point", gesture=True)

    def value(self) -> list[Any]:
        return [*self.matrix, self.point]


class Names(Record):
    names: tuple[str, ...] = many(("a", "b"), {c: c for c in ("a", "b", "c", "odd", "heavy")},
                                  "&Names", "which")  # fmt: skip


def needs_whole(names: tuple[str, ...] = Names.names) -> bool:
    return "a" in names


class Out(Step, key="outputs"):
    scores: list[Any] = value_of(Moved)
    name: str = member_of(Names.names)
    k: float = number(2.0, (0.0, 9.0), "&k", "how many", whole=needs_whole)

    @property
    def apart(self) -> bool:
        return self.name == "heavy"

    def run(self, progress: Any = None) -> str:
        if self.name == "odd" and self.k > 3:
            raise ValueError("odd refuses")
        return f"{self.name}({self.scores[-1]},{self.k:g})"


class Below(Step, key="below"):
    scores: list[Any] = value_of(Moved)
    k: float = Out.k
    grain: int = number(1, (1, 9), "&Grain", "how fine", view="low")

    @property
    def live(self) -> bool:
        return self.scores[0] != "long"

    @property
    def rest(self) -> float:
        return 0.0 if self.live else 0.15

    def run(self, progress: Any = None) -> str:
        return f"below({self.scores[-1]},{self.k:g})"


class Held:
    pass


class Above(Plot, key="p.above", title="Above"):
    scores: list[Any] = value_of(Moved)
    outputs: Mapping[str, str] = answers_of(Out)
    k: float = Out.k
    held: Held | None = maybe_given(Held)

    def figure(self) -> Figure:
        note = " ".join(self.outputs.values()) + f" | {self.scores[-1]} {self.k:g}"
        return Figure(note=note + (" held" if self.held else ""))


class Under(Plot, key="p.under", title="Under", view=View("low", "Low")):
    scores: list[Any] = value_of(Moved)
    k: float = Out.k
    below: str = answer_of(Below)

    def figure(self) -> Figure:
        return Figure(note=f"{self.below} | {self.scores[-1]} {self.k:g}")


FAMILY = Page("p", "P", (Above, Under), (Names,), given=(Opened, Held))


@pytest.fixture
def family():
    made = Rig(FAMILY, data="x")
    made.c.update()
    made.runner.answer("matrix")
    return made


def all_answered(family):
    family.runner.answer("outputs")
    family.pass_time(0.03)
    family.runner.answer("below")
    family.told.clear()
    family.dimmed.clear()
    return family


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


def test_read_outs_are_written_a_while_after_they_have_changed_with_the_newest_numbers():
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
