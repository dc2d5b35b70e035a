"""Rows computed elsewhere: a scheduler that a person names, and a local one for trying."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

import engine.checkpoint
from engine.checkpoint.sweeping.schedulers import ClusterError
from gui.pages.checkpoint.compute.where import StartLocal
from gui.pages.checkpoint.contents import PAGE
from tests.gui.checkpoint.conftest import LAYERS, open_model
from tests.gui.checkpoint.test_page import rows_shown
from tests.support.page_driver import PageDriver

THERE, GONE = "tcp://there:8786", "tcp://gone:1"
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def addresses(monkeypatch):
    """Where sweeps were computed, in turn; nothing answers at one address."""
    real, asked = engine.checkpoint.sweep, []

    def sweep(*args, address, **more):
        asked.append(address)
        if address == GONE:
            raise ClusterError("No scheduler answers.")
        return real(*args, **more)

    monkeypatch.setattr(engine.checkpoint, "sweep", sweep)
    return asked


def type_address(driver, text):
    line = driver.page.where.line
    line.clear()
    driver.qtbot.keyClicks(line, text)
    driver.qtbot.keyClick(line, Qt.Key.Key_Return)
    driver.settle()


def test_a_scheduler_is_named_and_remembered(driver, llama, addresses):
    type_address(driver, f"  {THERE} ")
    open_model(driver, llama[0])
    assert addresses == [THERE]
    assert driver.page.where.line.text() == THERE
    assert rows_shown(driver) == 4 * LAYERS + 1
    # All is computed: another address changes nothing.
    type_address(driver, "")
    assert addresses == [THERE]
    assert driver.context.settings.value("checkpoint.address", "-") == ""


def test_where_none_answers_it_is_said_and_goes_on_here(driver, llama, addresses):
    type_address(driver, GONE)
    open_model(driver, llama[0])
    assert "No scheduler answers" in driver.view.notice.label.text()
    type_address(driver, "")
    assert addresses == [GONE, None]
    assert rows_shown(driver) == 4 * LAYERS + 1
    assert driver.view.notice.label.text() == ""


class Local:
    def __init__(self):
        self.address, self.closed = THERE, 0

    def close(self):
        self.closed += 1


def test_local_workers_are_started_used_and_ended(qtbot, context, tmp_path, llama, addresses,
                                                  monkeypatch):  # fmt: skip
    started = []

    def run(self, progress=None):
        started.append(Local())
        return started[-1]

    monkeypatch.setattr(StartLocal, "run", run)
    driver = PageDriver(qtbot, context, tmp_path, PAGE)
    button = driver.page.where.button
    driver.click(button)
    assert (driver.page.where.line.text(), button.text()) == (THERE, "End")
    open_model(driver, llama[0])
    assert addresses == [THERE]
    driver.click(button)
    assert (driver.page.where.line.text(), button.text()) == ("", "Local…")
    assert started[0].closed == 1
    driver.click(button)
    # They end with the window, and are not asked for when it is open again.
    assert context.settings.value("checkpoint.address", "") == ""
    driver.close()
    assert started[1].closed == 1


def test_what_does_not_start_is_said(driver, monkeypatch, messages):
    def run(self, progress=None):
        raise ClusterError("distributed is missing.")

    monkeypatch.setattr(StartLocal, "run", run)
    driver.click(driver.page.where.button)
    assert ("distributed is missing.", "error") in messages
    assert driver.page.where.button.text() == "Local…"
    assert driver.page.where.address == ""
