"""How a table is read, overruled in the window as a person does."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QComboBox

from gui.pages.sources.screen.reading import ReadingDialog


def dialogs() -> list[ReadingDialog]:
    """Return the dialogs on the screen that show how a table is read."""
    shown = [one for one in QApplication.topLevelWidgets() if isinstance(one, ReadingDialog)]
    return [one for one in shown if one.isVisible()]


def action(driver: Any, name: str) -> QAction:
    """Return an action of the window by the name of its command."""
    found: QAction = driver.window.findChild(QAction, name)
    return found


def dialog_of(driver: Any) -> ReadingDialog:
    """Ask how the selected table is read, and wait for the preview."""
    action(driver, "reading").trigger()
    (dialog,) = dialogs()
    driver.wait(lambda: dialog.matrix.rowCount() > 0)
    return dialog


def say(dialog: ReadingDialog, **fields: str) -> None:
    """Type into fields of the dialog."""
    for name, text in fields.items():
        field = dialog.fields[name]
        (field.setCurrentText if isinstance(field, QComboBox) else field.setText)(text)


def overrule(driver: Any, **fields: str) -> None:
    """Say something of the selected table in the dialog and take it; wait for its numbers."""
    dialog = dialog_of(driver)
    say(dialog, **fields)
    driver.wait(lambda: not driver.runner.is_busy() and dialog.ok.isEnabled())
    dialog.ok.click()
    path = driver.store["selection"].active.path
    driver.wait(lambda: dict(driver.store["selection"].said_of(path)) == fields)
    driver.idle()


def cells(dialog: ReadingDialog) -> list[list[str]]:
    """Return what the dialog shows of the matrix."""
    table = dialog.matrix
    return [
        [table.item(row, column).text() for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]
