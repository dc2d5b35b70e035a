"""The editor for typing or pasting scores; says which item is not a number."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from gui.core.paint.theme import SPACING
from gui.core.widgets.controls import ErrorLine
from gui.core.words.i18n import tr
from gui.pages.topk.numbers import NotANumber, comma_words, parse_numbers
from gui.pages.topk.show.sentences import read_as


class NumbersDialog(QDialog):
    """Emits ``numbers_entered`` with a tuple when the text is all numbers; else explains."""

    numbers_entered = Signal(object)

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Edit scores"))
        hint = QLabel(
            tr(
                "One score per line, or separated by spaces, commas or semicolons. "
                "-inf masks a score out."
            )
        )
        hint.setWordWrap(True)
        self.text = QPlainTextEdit(text)
        self.text.setAccessibleName(tr("Scores"))
        self.text.setTabChangesFocus(True)
        self.error = ErrorLine()
        self.count = QLabel()
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(SPACING)
        for widget in (hint, self.text, self.error, self.count, self.buttons):
            column.addWidget(widget)
        self.resize(420, 440)
        self.text.textChanged.connect(self._check)
        self.text.selectAll()
        self._check()

    def accept(self) -> None:
        """Hand over the numbers, or mark the first item that is none and stay open."""
        try:
            numbers = parse_numbers(self.text.toPlainText())
        except NotANumber as error:
            self.error.set_text(str(error))
            self._mark(error)
            return
        self.numbers_entered.emit(numbers)
        super().accept()

    def _check(self) -> None:
        try:
            text = self.text.toPlainText()
            numbers = parse_numbers(text)
        except NotANumber as error:
            self.error.set_text(str(error))
            self.count.setText("")
        else:
            self.error.set_text("")
            self.count.setText(read_as(len(numbers), comma_words(text)))

    def _mark(self, error: NotANumber) -> None:
        cursor = self.text.textCursor()
        cursor.setPosition(error.start)
        cursor.setPosition(error.end, QTextCursor.MoveMode.KeepAnchor)
        self.text.setTextCursor(cursor)
        self.text.setFocus()
