"""The keys and what they do, as a list that can be read and copied."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from gui.core.paint.theme import SPACING
from gui.core.widgets.controls import ReadoutTable
from gui.core.words.i18n import tr


class KeysDialog(QDialog):
    """What each key does."""

    def __init__(self, keys: Sequence[tuple[str, str]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        table = ReadoutTable(tr("Keyboard shortcuts"))
        table.set_rows([(what, shown) for shown, what in keys])
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(4 * [2 * SPACING]))
        column.setSpacing(2 * SPACING)
        column.addWidget(table, 1)
        column.addWidget(buttons)
