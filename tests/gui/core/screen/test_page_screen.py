"""A declared page on the screen: what stands beside its controls, its figures, its one line."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from PySide6.QtWidgets import QSplitter

from gui.core.declare.marks import answer_of, given
from gui.core.declare.page import Page
from gui.core.declare.parameter import Offer, choice, number
from gui.core.declare.records import Plot, Record, Step, View
from gui.core.figure.figure import Figure
from gui.core.figure.table import Row
from gui.core.screen.page_screen import PageScreen
from gui.core.screen.reasons import Reasons
from gui.core.state.document import DataRef, Files, Opened, Selection
from gui.core.state.store import Store
from gui.core.widgets.number_control import ErrorLine

LOW = View("low", "Low")
REF = DataRef("/own.npy", "own", (3, 4), "float64")
BAD = DataRef("/own.npy", "bad", (3, 4), "float64")
CLOSED = DataRef("/own.npy", "closed", (3, 4), "float64")


class Flavours(Step, key="flavours"):
    data: Opened = given(Opened)

    def run(self, progress: Any = None) -> tuple[Offer, ...]:
        return (
            Offer("sweet", "Sweet", "sugar + water\nEvery kitchen"),
            Offer("sour", "Sour", "lemon"),
            Offer("plain", "Plain"),
        )


class Taste(Record):
    flavour: str = choice("sweet", Flavours, "&Flavour", "which", section="Taste")


def is_open(data: Opened = given(Opened)) -> bool:
    return data.ref.entry != "closed"


class Extra(Record):
    topping: str = choice("sweet", Flavours, "&Topping", "what on it", when=is_open)
    spoons: int = number(1, (0, 9), "&Spoons", "how many")


class Stir(Step, key="stir"):
    data: Opened = given(Opened)
    spoons: int = Extra.spoons
    topping: str = Extra.topping

    def run(self, progress: Any = None) -> int:
        if self.spoons > 3:
            raise Wrong("spoons", "3 spoons are enough.")
        if self.topping == "plain":
            raise Wrong("topping", "Something has to be on it.")
        return self.spoons


class Wrong(ValueError):
    for_people = True

    def __init__(self, argument: str, text: str) -> None:
        super().__init__(text)
        self.argument = argument


class Read(Step, key="read", title="Reading the file"):
    data: Opened = given(Opened)

    def run(self, progress: Any = None) -> str:
        if self.data.ref.entry == "bad":
            raise ValueError("nothing but holes")
        return self.data.ref.entry


class Narrow(Plot, key="own.narrow", title="Narrow"):
    read: str = answer_of(Read)
    flavour: str = Taste.flavour

    def figure(self) -> Figure:
        return Figure(note=f"{self.read} {self.flavour}")


class Wide(Plot, key="own.wide", title="Wide", share=3):
    read: str = answer_of(Read)

    def figure(self) -> Figure:
        return Figure(note=self.read)


class Stirred(Plot, key="own.stirred", title="Stirred", view=LOW):
    stir: int = answer_of(Stir)

    def figure(self) -> Figure:
        return Figure(note=str(self.stir))


class Letters(Plot, key="own.letters", title="Letters", section="Numbers"):
    read: str = answer_of(Read)

    def rows(self) -> Sequence[Row]:
        return (("letters", str(len(self.read)), "how many"),)


class Below(Plot, key="own.below", title="Below", view=LOW, share=9):
    read: str = answer_of(Read)

    def figure(self) -> Figure:
        return Figure(note=self.read)


def summary(data: Opened = given(Opened), read: str = answer_of(Read)) -> str:
    return f"{data.ref.entry} is {read}"


def refused(data: Opened = given(Opened)) -> str:
    return f"{data.ref.entry} cannot be read"


PAGE = Page(
    "own",
    "Own",
    (Narrow, Wide, Letters, Below, Stirred),
    (Taste,),
    summary=summary,
    refused=refused,
    sections=("Taste", "Numbers"),
)


@pytest.fixture
def screen(qtbot, context):
    slices = {"files": Files(), "selection": Selection(), "own": PAGE.state()}
    mine = dataclasses.replace(context, store=Store(slices, ("files",)))
    mine.library.add("/own.npy", object())
    made = PageScreen(PAGE, mine)
    window = QSplitter()
    window.addWidget(made.view)
    window.addWidget(made.controls)
    qtbot.addWidget(window)
    window.resize(1000, 700)
    with qtbot.waitExposed(window):
        window.show()
    yield made
    made.shutdown()


@pytest.fixture
def select(qtbot, screen):
    def select(ref):
        screen.context.store.replace("selection", label="select", active=ref)
        qtbot.waitUntil(lambda: not screen.context.runner.is_busy() and screen.is_at_rest)

    return select


def test_the_tip_of_a_choice_stands_under_it_and_the_rest_in_its_tooltip(screen, select):
    line = screen.controls.tips["flavour"]
    assert line.isHidden(), "before it is known what there is"
    select(REF)
    assert (line.text(), line.toolTip()) == ("sugar + water", "Every kitchen")
    assert line.isVisible()
    screen.conductor.edit("flavour", "sour")
    assert (line.text(), line.toolTip()) == ("lemon", "")
    screen.conductor.edit("flavour", "plain")
    assert line.isHidden()


def test_the_tip_of_a_choice_goes_with_its_control(screen, select):
    line, control = screen.controls.tips["topping"], screen.controls.control("topping")
    select(REF)
    assert (line.isVisible(), control.isVisible()) == (True, True)
    select(CLOSED)
    assert (line.isVisible(), control.isVisible()) == (False, False)


def test_what_is_wrong_with_a_parameter_stands_at_its_control_while_it_is(qtbot, screen, select):
    select(REF)
    errors = list(screen.controls.findChildren(ErrorLine))

    def said():
        return [label.text() for label in errors if label.isVisible()]

    for name, wrong, right, sentence in (
        ("spoons", 7, 2, "3 spoons are enough."),
        ("topping", "plain", "sour", "Something has to be on it."),
    ):
        screen.conductor.edit(name, wrong)
        qtbot.waitUntil(lambda sentence=sentence: said() == [sentence])
        assert screen.view.notice.isHidden()
        screen.conductor.edit(name, right)
        qtbot.waitUntil(lambda: said() == [])


def test_a_heading_goes_with_what_stands_under_it(qtbot, screen, select):
    section, table = screen.controls.section_of("Numbers"), screen.controls.readouts["own.letters"]
    assert section.isHidden()
    select(REF)
    qtbot.waitUntil(section.isVisible)
    assert table.rows() == [("letters", "3")]
    select(BAD)
    assert section.isHidden()
    assert screen.controls.section_of("Taste").isVisible()


def test_figures_come_by_their_share_those_above_first(screen, select):
    select(REF)
    assert [one.key for one in screen.figures()] == [
        "own.wide",
        "own.narrow",
        "own.below",
        "own.stirred",
    ]


def test_the_one_line_is_about_what_is_shown_or_what_cannot_be(screen, select):
    assert screen.summary() == ""
    select(REF)
    assert screen.summary() == "own is own"
    select(BAD)
    assert screen.summary() == "bad cannot be read"
    assert screen.view.notice.label.text() == "nothing but holes"


def test_a_plot_without_a_picture_says_what_it_waits_for(qtbot, screen, select, monkeypatch):
    def notes():  # of two plots that say the same one has a dash
        return [screen.view.plots[key].figure().note for key in ("own.wide", "own.narrow")]

    go = threading.Event()
    monkeypatch.setattr(Read, "run", lambda self, progress=None: go.wait(10) and "late")
    qtbot.waitUntil(lambda: "Choose a matrix in Sources, or drop a file on the window." in notes())
    screen.context.store.replace("selection", label="select", active=REF)
    qtbot.waitUntil(lambda: "Reading the file …" in notes())
    screen.context.runner.cancel_all()
    qtbot.waitUntil(lambda: "Nothing to show yet." in notes())
    go.set()
    screen.answer("again")
    qtbot.waitUntil(lambda: "late" in notes())


def test_what_is_still_on_its_way_is_named_and_no_more(screen):
    screen.context.store.replace("selection", label="select", active=REF)
    assert screen.context.runner.is_busy()
    assert screen.summary() == f"{REF.title} …"


class Aside(Plot, key="own.aside", title="Aside", view=LOW):
    read: str = answer_of(Read)

    def figure(self) -> Figure:
        return Figure(note=self.read)


def test_a_reason_stands_once_among_plots_side_by_side():
    reasons = Reasons((Narrow, Wide, Stirred, Below, Aside))
    assert reasons.told(Wide, "holes") == {Wide: "holes"}
    assert reasons.told(Narrow, "holes") == {Narrow: "holes", Wide: "–"}
    assert reasons.told(Below, "holes") == {Below: "holes"}  # in another row
    assert reasons.told(Aside, "holes") == {Aside: "–"}
    assert reasons.told(Stirred, "another") == {Stirred: "another"}
    assert reasons.told(Narrow, "another") == {Narrow: "another", Wide: "holes"}
    assert reasons.told(Narrow, None) == {}
    assert reasons.told(Below, None) == {Aside: "holes"}
    assert reasons.told(Below, "holes") == {Below: "holes", Aside: "–"}


def test_a_failure_stands_once_in_a_row_of_plots(qtbot, screen):
    screen.context.store.replace("selection", label="select", active=BAD)
    plots = screen.view.plots

    def notes():
        return [plots[key].figure().note for key in ("own.narrow", "own.wide")]

    qtbot.waitUntil(lambda: sorted(notes()) == ["nothing but holes", "–"])
