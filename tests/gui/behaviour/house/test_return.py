"""A file of several panels that is dropped on the window brings its page back, whichever it is."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from gui.core.export.export import export_figure
from gui.core.figure.panels import Panels
from gui.core.screen.exports.export_dialog import ExportDialog
from gui.core.state.document import EXAMPLES_PATH
from gui.core.state.session import encode
from gui.pages import PAGES
from tests.gui.checkpoint.conftest import tensors, write_model

# A number of every page that its picture shows.
NUMBERS = {
    "topk": ("k", 3.0),
    "spectrum": ("rank", 5),
    "column_row": ("r", 4),
    "position": ("at", 90),
    "checkpoint": ("curves", 7),
}


def drop(driver, path):
    """Let go of a file over the window."""
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile(str(path))])
    button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, files, button, keys)
    driver.window.dropEvent(event)
    driver.idle()


def panels_of(driver):
    """Two plots of the page in front as the dialog hands them to the export."""
    driver.application.export()
    dialog = driver.window.findChild(ExportDialog)
    dialog.several.setChecked(True)
    dialog.panels.set_order([figure.key for figure in driver.window.figures()[:2]])
    shown = dialog._shown()
    dialog.reject()
    dialog.deleteLater()
    assert isinstance(shown, Panels)
    assert len(shown.figures) == 2
    return shown


def state_of(driver, key):
    found = {name: encode(driver.store[name]) for name in (key, "selection")}
    found[key].pop("remembered", None)
    return found


@pytest.mark.parametrize("keys", [("position",), pytest.param(NUMBERS, marks=pytest.mark.long)])
def test_a_dropped_panel_file_restores_its_page(start, tmp_path, keys):
    assert set(NUMBERS) == {page.key for page in PAGES if page.plots}
    data = tmp_path / "data"
    data.mkdir()
    table = data / "own.csv"
    np.savetxt(table, np.random.default_rng(3).normal(size=(30, 12)), delimiter=",")
    model = write_model(data / "llama", tensors())
    driver = start("topk")
    for key in keys:
        name, value = NUMBERS[key]
        opened = model if key == "checkpoint" else table
        driver.application.open_paths([str(opened)])
        driver.wait(lambda: driver.store["selection"].active.path.startswith(str(data)))
        driver.page(key)
        driver.window.pages[key].conductor.edit(name, value)
        driver.window.pages[key].conductor.seal()
        driver.idle()
        before, path = state_of(driver, key), driver.store["selection"].active.path
        folder = model if key == "checkpoint" else data
        picture = export_figure(panels_of(driver), folder / "panels.svg", overwrite=True)
        driver.window.pages[key].conductor.edit(name, type(value)(value + 1))
        driver.window.pages[key].conductor.seal()
        driver.application.sources.select_first(EXAMPLES_PATH)
        driver.application.sources.close_file(path)
        driver.page("topk" if key != "topk" else "spectrum")
        drop(driver, picture)
        driver.wait(lambda k=key: driver.window.page_key == k)
        driver.idle()
        assert state_of(driver, key) == before
        assert driver.store["selection"].active.path == path
