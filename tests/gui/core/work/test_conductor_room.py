"""The conductor's contract: what has to be asked first leaves everything on the screen."""

from __future__ import annotations

from typing import Any

import pytest

from gui.core.declare.marks import answer_of, given
from gui.core.declare.page import Page
from gui.core.declare.records import Plot, Step
from gui.core.figure.figure import Figure
from gui.core.state.document import Opened
from tests.support.conducted import Rig
from tests.support.conducted_pages import Shared


class Large(ValueError):
    """A question as `engine.room.TooLarge` is one."""

    asks = True
    permitted = False

    def permit(self) -> None:
        Large.permitted = True


class Heavy(Step, key="heavy"):
    data: Any = given(Opened)
    r: int = Shared.r

    def run(self, progress: Any = None) -> str:
        if self.r > 5 and not Large.permitted:
            raise Large("takes 9 GB of 10")
        return f"{self.data}{self.r}"


class Shows(Plot, key="p.heavy", title="Heavy"):
    heavy: str = answer_of(Heavy)

    def figure(self) -> Figure:
        return Figure(note=self.heavy)


@pytest.fixture
def asked():
    """A page that shows r = 2 and has been asked for r = 7, which needs a person's word."""
    Large.permitted = False
    rig = Rig(Page("p", "P", (Shows,), (Shared,)))
    rig.c.update()
    rig.runner.answer("heavy")
    rig.c.edit("r", 7)
    rig.runner.answer("heavy")
    return rig


def test_what_is_shown_stays_while_it_is_asked_and_nothing_is_asked_again(asked):
    assert asked.failures() == ["takes 9 GB of 10"]
    assert asked.shown("heavy") == [("a2", False), ("a2", True)]
    asked.c.update()
    assert (asked.runner.asked, asked.blanks) == ([], [])


def test_going_on_computes_it(asked):
    asked.c.decide(True)
    assert asked.failures() == []
    asked.runner.answer("heavy")
    assert asked.shown("heavy")[-1] == ("a7", False)


def test_leaving_it_is_as_if_it_had_been_cancelled(asked):
    asked.c.decide(False)
    assert (asked.failures(), asked.c.is_stopped, asked.runner.asked) == ([], True, [])
    assert asked.shown("heavy")[-1] == ("a2", True)
    asked.c.again()
    asked.runner.answer("heavy")
    assert asked.failures() == ["takes 9 GB of 10"]


def test_something_smaller_is_computed_unasked(asked):
    asked.c.edit("r", 3)
    asked.runner.answer("heavy")
    assert (asked.failures(), asked.shown("heavy")[-1]) == ([], ("a3", False))


def test_of_other_data_the_former_picture_stays_too(asked):
    asked.data = "b"
    asked.c.update()
    asked.runner.answer("heavy")
    assert asked.failures() == ["takes 9 GB of 10"]
    assert asked.shown("heavy")[-1] == ("a2", True)
