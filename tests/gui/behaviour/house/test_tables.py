"""Every table and all read-outs on the screen leave the window: by their menu and the search.

In the narrowest window the sentences of tables can be read.
"""

from __future__ import annotations

import csv

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from gui.core.export.listing import TEXT_FORMATS
from gui.core.widgets.lists.table_view import TableView
from gui.pages import PAGES

SHOWN = [page for page in PAGES if page.plots]
WAYS = [*(f"Copy as {one.title}" for one in TEXT_FORMATS), "Save table…"]
A = np.random.default_rng(1).normal(size=(24, 17))


def menu_of(widget, shown):
    """The menu that a right click on a table or on something in it opens, as its words."""
    shown.clear()
    askable = [one for one in (widget, *widget.findChildren(QWidget))
               if one.contextMenuPolicy() == Qt.ContextMenuPolicy.CustomContextMenu]  # fmt: skip
    for one in askable:
        one.customContextMenuRequested.emit(QPoint(2, 2))
    return {action.text(): action for menu in shown for action in menu.actions()}


def unreadable(widget):
    """The columns that have room for a few letters of a sentence only, by their titles."""
    table = widget.table if isinstance(widget, TableView) else None
    for place in range(0 if table is None else table.columnCount()):
        cells = [table.item(row, place).text() for row in range(table.rowCount())]
        width = table.columnWidth(place)
        if any(len(words) > 30 for words in cells) and width < 100:
            yield f"{table.horizontalHeaderItem(place).text()} has {width} pixels"


# Nothing is drawn of these for one matrix: they need a model and its base, or a layer of one.
ABSENT = {
    *("checkpoint.training_rows", "checkpoint.changes_table", "checkpoint.tokens"),
    "position.heads",
}


@pytest.mark.sample(1 / 5)
@pytest.mark.parametrize("page", SHOWN[1:] + SHOWN[:1], ids=lambda page: page.key)
def test_every_table_is_copied_from_its_menu_and_found_by_the_search(page, start, monkeypatch):
    driver, shown, problems = start(), [], []
    driver.window.resize(1024, 768)
    monkeypatch.setattr(QMenu, "popup", lambda menu, *_: shown.append(menu))
    driver.open(("a", A))
    clipboard = QGuiApplication.clipboard()
    met = set()
    driver.page(page.key)
    screen = driver.window.pages[page.key]
    for view in tuple(page.views) or ("",):
        if view:
            screen.conductor.show_view(view)
            driver.idle()
        driver.wait(lambda s=screen: s.is_at_rest)
        offered = {one.key for one in screen.commands()}
        for table in screen.drawn():
            if table.key in met or table.key in ABSENT:
                continue
            met.add(table.key)
            widget = screen.tables.get(table.key) or screen.controls.readouts[table.key]
            problems += [f"{table.key}: {title}" for title in unreadable(widget)]
            actions = menu_of(widget, shown)
            if not {*WAYS} <= {*actions}:
                problems.append(f"{table.key}: {[*actions]}")
                continue
            problems += [f"{table.key}: no {way} in the search" for way in WAYS
                         if f"{table.key}={way}" not in offered]  # fmt: skip
            actions[WAYS[0]].trigger()
            lines = [one for one in clipboard.text().splitlines() if not one.startswith("# ")]
            if len(list(csv.reader(lines))) < 2:
                problems.append(f"{table.key}: {clipboard.text()}")
    assert problems == []
    wanted = {plot.key for plot in page.plots if plot.form() != "figure"}
    assert wanted - met <= ABSENT
