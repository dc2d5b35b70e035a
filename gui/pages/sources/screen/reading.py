"""How a table is read: its first lines, the matrix they become, and every choice between them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QFontDatabase, QTextCursor
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTableWidget,
    QTableWidgetItem,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from gui.core.paint.head.labels import PlainLabel
from gui.core.paint.theme import SPACING, Theme
from gui.core.state.listed import Said
from gui.core.widgets.controls import ErrorLine
from gui.core.widgets.wheel_shy import ShyCombo
from gui.core.words.i18n import tr
from gui.core.words.readable import readable
from gui.core.words.tables import DELIMITERS, FIELDS, THOUSANDS
from gui.pages.sources.compute.tables import Preview
from gui.pages.sources.show.words import shape_text

WIDTH, HEIGHT, FIELD_WIDTH = 860, 600, 170
_NAMED = {"delimiter": DELIMITERS, "thousands": THOUSANDS}  # what has a name of its own


def _shown(name: str, word: str) -> str:
    """Return what stands for a word of a field in the person's language."""
    return tr(word) if word in _NAMED.get(name, ()) else word


class ReadingDialog(QDialog):
    """Asks for previews as choices change, and for the whole file when it is accepted.

    ``preview_wanted(said)`` asks for `show_preview`; ``chosen(said)`` is what a person decided.
    """

    preview_wanted = Signal(object)
    chosen = Signal(object)

    def __init__(self, name: str, said: Said, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("How {name} is read", name=name))
        self._theme = theme
        self.fields: dict[str, QComboBox | QLineEdit] = {}
        form = self._build_form(dict(said))
        self.lines = QPlainTextEdit(readOnly=True)
        self.lines.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.lines.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.lines.setAccessibleName(tr("First lines of the file"))
        self.matrix = QTableWidget()
        self.matrix.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.matrix.setAccessibleName(tr("The matrix they become"))
        self.notes, self.shape, self.error = PlainLabel(wordWrap=True), PlainLabel(), ErrorLine()
        views = QVBoxLayout()
        for label, widget in (
            (tr("First lines of the file"), self.lines),
            (tr("The matrix they become"), self.matrix),
        ):
            views.addWidget(QLabel(label))
            views.addWidget(widget, 1)
        for line in (self.shape, self.notes, self.error):
            views.addWidget(line)
        across = QHBoxLayout()
        across.setSpacing(2 * SPACING)
        across.addLayout(form)
        across.addLayout(views, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(across, 1)
        layout.addWidget(self._build_buttons())
        self.resize(WIDTH, HEIGHT)

    def _build_form(self, said: dict[str, str]) -> QFormLayout:
        labels = {
            "delimiter": tr("Columns are separated by"),
            "decimal": tr("Decimal mark"),
            "thousands": tr("Digits are grouped by"),
            "header": tr("Heading rows"),
            "index": tr("Label columns"),
            "skip": tr("Lines left out first"),
            "columns": tr("Columns kept, from 0"),
            "sheet": tr("Sheet"),
        }
        choices = {
            "delimiter": tuple(DELIMITERS),
            "decimal": (".", ","),
            "thousands": tuple(THOUSANDS),
        }
        form = QFormLayout()
        for name in FIELDS:
            field: QComboBox | QLineEdit
            if name in choices:
                field = ShyCombo(editable=True)
                field.addItems(["", *(_shown(name, word) for word in choices[name])])
                field.setCurrentText(_shown(name, said.get(name, "")))
                field.currentTextChanged.connect(self._ask)
            else:
                field = QLineEdit(said.get(name, ""))
                field.textChanged.connect(self._ask)
            field.setAccessibleName(labels[name])
            field.setMinimumWidth(FIELD_WIDTH)
            self.fields[name] = field
            form.addRow(labels[name], field)
        return form

    def _build_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        found = buttons.addButton(tr("As found"), QDialogButtonBox.ButtonRole.ResetRole)
        found.clicked.connect(self.reset)
        buttons.accepted.connect(self._decide)
        buttons.rejected.connect(self.reject)
        self.ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        return buttons

    def said(self) -> Said:
        """Return what is overruled; an empty field is found from the file."""
        texts = ((name, self._text(name)) for name in FIELDS)
        return tuple((name, text) for name, text in texts if text)

    def _text(self, name: str) -> str:
        field = self.fields[name]
        text = field.currentText() if isinstance(field, QComboBox) else field.text()
        return next((word for word in _NAMED.get(name, ()) if tr(word) == text), text)

    def reset(self) -> None:
        """Leave everything to be found."""
        for field in self.fields.values():
            blocked = field.blockSignals(True)
            (field.setCurrentText if isinstance(field, QComboBox) else field.setText)("")
            field.blockSignals(blocked)
        self._ask()

    def _ask(self, _text: str = "") -> None:
        self.preview_wanted.emit(self.said())

    def _decide(self) -> None:
        self.chosen.emit(self.said())
        self.accept()

    def show_preview(self, found: Preview) -> None:
        """Show the first lines, what they become, and what was found where nothing is said."""
        self.error.set_text(found.problem)
        self.ok.setEnabled(not found.problem)
        self._show_lines(found)
        self.lines.setVisible(bool(found.lines))
        taken = found.taken or {}
        for name, field in self.fields.items():
            edit = field.lineEdit() if isinstance(field, QComboBox) else field
            assert edit is not None
            value = _shown(name, taken.get(name) or "")
            edit.setPlaceholderText(tr("found: {value}", value=value) if value else "")
        self.notes.setText(found.notes)
        self.shape.setText(shape_text(found.shape) if found.shape else "")
        self._show_matrix(found)

    def _show_lines(self, found: Preview) -> None:
        self.lines.setPlainText("\n".join(found.lines))
        taken = found.taken or {}
        skip, header = (int(taken.get(name) or 0) for name in ("skip", "header"))
        scheme = self._theme.scheme
        marks = []
        for number in range(min(skip + header, len(found.lines))):
            mark = QTextEdit.ExtraSelection()
            mark.cursor = QTextCursor(self.lines.document().findBlockByNumber(number))
            mark.cursor.select(QTextCursor.SelectionType.LineUnderCursor)
            colour = scheme.muted if number < skip else scheme.color("accent")
            mark.format.setForeground(QColor(colour))
            marks.append(mark)
        self.lines.setExtraSelections(marks)

    def _show_matrix(self, found: Preview) -> None:
        rows, columns = len(found.cells), max(map(len, found.cells), default=0)
        self.matrix.setRowCount(rows)
        self.matrix.setColumnCount(columns)
        for labels, count, put in (
            (found.row_labels, rows, self.matrix.setVerticalHeaderLabels),
            (found.column_labels, columns, self.matrix.setHorizontalHeaderLabels),
        ):
            _put_labels(put, labels, count)
        for row, cells in enumerate(found.cells):
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.matrix.setItem(row, column, item)


def _put_labels(put: Callable[[list[str]], None], labels: tuple[str, ...], count: int) -> None:
    put(list(map(readable, labels[:count])) if labels else [str(number) for number in range(count)])
