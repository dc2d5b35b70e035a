"""The window that shows what was done as a script, to be copied or saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QFontMetrics
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
)

from gui.core.export.files import reason_of
from gui.core.paint.theme import SPACING
from gui.core.screen.page_screen import PageScreen
from gui.core.screen.recorded import Recorder
from gui.core.screen.services import Context
from gui.core.state.session import write_atomically
from gui.core.widgets.dialogs import place_to_save
from gui.core.words.i18n import tr

SUFFIX = ".py"


def show_record(window: Any, context: Context) -> None:
    """Open the record, or bring the one that is open to the front."""
    dialog = window.findChild(RecordDialog) or RecordDialog(window, context)
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()


class RecordDialog(QDialog):
    """The steps that undo knows as calls of ``rankscope.draw``; it grows while one works.

    Parameters
    ----------
    window : QMainWindow
        Whose pages are drawn.
    context : Context
        Whose history is told.
    """

    def __init__(self, window: Any, context: Context) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Record of steps"))
        self._window, self._context, self._recorder = window, context, Recorder()
        words = QLabel(
            tr("Each step is drawn by a call that runs in a script or notebook (import rankscope).")
        )
        words.setWordWrap(True)
        self.text = QPlainTextEdit(readOnly=True, lineWrapMode=QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName(tr("Record of steps"))
        self.text.setTabChangesFocus(True)
        letter = QFontMetrics(self.text.font()).horizontalAdvance("x")
        self.text.setMinimumSize(72 * letter, 32 * letter)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton(tr("&Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        save = buttons.addButton(tr("&Save…"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self.copy)
        save.clicked.connect(self.save)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(4 * [2 * SPACING]))
        column.setSpacing(2 * SPACING)
        column.addWidget(words)
        column.addWidget(self.text, 1)
        column.addWidget(buttons)
        context.store.history_changed.connect(self._tell)
        self.finished.connect(lambda _: context.store.history_changed.disconnect(self._tell))
        self._tell()

    def copy(self) -> None:
        """Put the script on the clipboard."""
        QApplication.clipboard().setText(self.text.toPlainText())
        self._context.notify(tr("Copied: {title}", title=tr("Record of steps")), "info")

    def save(self) -> None:
        """Ask for a file and write the script."""
        start = str(Path.home() / f"steps{SUFFIX}")
        filters = [(tr("Python"), (SUFFIX,))]
        path = place_to_save(self._context.dialogs, self, tr("Record of steps"), start, filters)
        if not path:
            return
        try:
            write_atomically(Path(path), self.text.toPlainText())
        except OSError as error:
            words = tr("{path} could not be written: {reason}", path=path, reason=reason_of(error))
            self._context.notify(words, "error")
            return
        self._context.notify(tr("Saved {path}.", path=path), "info")

    def _tell(self) -> None:
        pages = self._window.pages
        screens = {key: one for key, one in pages.items() if isinstance(one, PageScreen)}
        script = self._recorder.script(self._context.store.steps, screens, self._window.page_key)
        if script == self.text.toPlainText():
            return
        bar = self.text.verticalScrollBar()
        self.text.setPlainText(script)
        bar.setValue(bar.maximum())
