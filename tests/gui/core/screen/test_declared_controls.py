"""Controls made from declarations: what is refused is put right, headings over nothing are hidden,
the Tab key goes from top to bottom, choices have tips and sentences of the page."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLineEdit, QPushButton, QSplitter, QVBoxLayout, QWidget

from gui.core.declare.moment import Moment
from gui.core.declare.page import Page
from gui.core.declare.parameter import many, number, toggle
from gui.core.declare.records import Plot, Record
from gui.core.figure.figure import Figure
from gui.core.keys.focus import WalksAsRead
from gui.core.screen.page_screen import PageScreen
from gui.core.state.document import Files, Selection
from gui.core.state.store import Store


class What(Record):
    kinds: tuple[str, ...] = many(
        ("a",), {"a": "Ay", "b": "Bee"}, "Kinds", "which", section="Kinds", at_least=1,
        tips={"a": "the first letter"},
    )  # fmt: skip


def draws(kinds: tuple[str, ...] = What.kinds) -> bool:
    return "b" in kinds


class More(Record):
    seed: int = number(0, (0, 9), "&Seed", "where it begins", section="Draws", when=draws)
    fast: bool = toggle(False, "&Fast", "how", section="Below")


class Shown(Plot, key="own.shown", title="Shown"):
    kinds: tuple[str, ...] = What.kinds
    seed: int = More.seed
    fast: bool = More.fast

    def figure(self) -> Figure:
        return Figure(note=" ".join(self.kinds))


PAGE = Page("own", "Own", (Shown,), (What, More), sections=("Button", "Kinds", "Draws", "Below"))


class Window(WalksAsRead, QWidget):
    """What a page stands in."""


class Screen(PageScreen):
    said = ""

    def build(self) -> None:
        self.button = QPushButton("Press")
        self.controls.section_of("Button").add(self.button)

    def remarks(self, now: Moment) -> Mapping[str, str]:
        return {"kinds": self.said}


@pytest.fixture
def screen(qtbot, context):
    slices = {"files": Files(), "selection": Selection(), "own": PAGE.state()}
    made = Screen(PAGE, dataclasses.replace(context, store=Store(slices, ("files",))))
    window = QSplitter()
    window.addWidget(made.view)
    window.addWidget(made.controls)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    yield made
    made.shutdown()


def test_the_last_choice_that_has_to_stay_is_ticked_again(qtbot, screen):
    box = screen.controls.lists["kinds"].box("a")
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
    assert screen.context.store["own"].kinds == ("a",)
    assert box.isChecked()


def test_a_choice_says_what_it_means(screen):
    assert screen.controls.lists["kinds"].box("a").toolTip() == "the first letter"
    assert screen.controls.lists["kinds"].box("b").toolTip() == ""


def test_a_heading_with_nothing_under_it_is_hidden(screen):
    draws, kinds = (screen.controls.section_of(name) for name in ("Draws", "Kinds"))
    assert kinds.isVisible()
    assert not draws.isVisible()
    screen.conductor.tick("kinds", "b", True)
    assert draws.isVisible()
    screen.conductor.tick("kinds", "b", False)
    assert not draws.isVisible()


def test_tab_goes_from_top_to_bottom_through_what_a_screen_adds_and_what_is_listed_late(
    qtbot, screen
):
    screen.conductor.tick("kinds", "b", True)
    controls, order = screen.controls, []
    window = Window()
    qtbot.addWidget(window)
    QVBoxLayout(window).addWidget(controls)
    window.show()
    screen.button.setFocus()
    for _ in range(6):
        focused = screen.button.window().focusWidget()
        order.append(focused.parentWidget() if isinstance(focused, QLineEdit) else focused)
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    boxes, seed = controls.lists["kinds"], controls.numbers["seed"]
    assert order == [
        screen.button, boxes.box("a"), boxes.box("b"), seed.box, seed.slider,
        controls.toggles["fast"],
    ]  # fmt: skip


def test_what_the_page_says_stands_at_its_control_until_it_is_said_no_longer(screen):
    screen.said = "Bee is left out here."
    screen.conductor.edit("fast", True)
    assert screen.controls.error_of("kinds") == "Bee is left out here."
    screen.said = ""
    screen.conductor.edit("fast", False)
    assert screen.controls.error_of("kinds") == ""
