"""The conductor's contract: moves drawn in one go, errors, long steps, cancelling, parameters."""

from __future__ import annotations

from typing import Any

from gui.core.declare.marks import (
    answer_of,
    given,
)
from gui.core.declare.page import Page
from gui.core.declare.parameter import number, stored, toggle
from gui.core.declare.records import Plot, Step
from gui.core.figure.figure import Figure
from gui.core.state.document import Opened
from tests.support.conducted import Rig
from tests.support.conducted_pages import (
    TWO,
    Load,
    Shared,
    Top,
    answered,
)

# -- a move is drawn in one go ----------------------------------------------------------------


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
