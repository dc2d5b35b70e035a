"""A program to drive, and gates before the engine."""

from __future__ import annotations

import pytest

from gui.core.words import i18n
from tests.support.gates import Gates
from tests.support.window_driver import WindowDriver


@pytest.fixture
def gates(monkeypatch):
    made = Gates(monkeypatch)
    yield made
    made.open()


@pytest.fixture
def start(qtbot, qapp, tmp_path, dialogs, gates):
    """Start programs over one settings folder, as a person starts again."""
    running = []

    def start_(page: str = "", *, autosave: bool = False) -> WindowDriver:
        driver = WindowDriver(qtbot, qapp, tmp_path, dialogs, page=page, autosave=autosave)
        running.append(driver)
        return driver

    yield start_
    gates.open()
    for driver in running:
        driver.close()
    i18n.set_language("en")
