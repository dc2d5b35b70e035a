"""The command palette: type a few letters of anything the window can do, and Enter does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QFrame, QHeaderView, QLineEdit, QTreeView, QVBoxLayout, QWidget

from gui.core.declare.command import Entry, best_matches
from gui.core.paint.theme import SPACING
from gui.core.words.i18n import tr

WIDTH, ROWS = 560, 12
_STEPS = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -ROWS,
    Qt.Key.Key_PageDown: ROWS,
}
_TITLE, _GROUP, _SHORTCUT = range(3)


class CommandModel(QAbstractTableModel):
    """The commands that match what was typed: title, group and shortcut."""

    def __init__(self, commands: Sequence[Entry], palette: QPalette) -> None:
        super().__init__()
        self._all = tuple(commands)
        self._shown = self._all
        self._muted = palette.placeholderText()

    def search(self, query: str) -> None:
        """Show what matches ``query``, the best first."""
        self.beginResetModel()
        self._shown = tuple(best_matches(self._all, query))
        self.endResetModel()

    def command(self, row: int) -> Entry:
        """Return the command in a row."""
        return self._shown[row]

    def rowCount(self, parent: Any = None) -> int:  # noqa: D102
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def columnCount(self, parent: Any = None) -> int:  # noqa: D102
        return 3

    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: D102
        command, column = self._shown[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            mark = {True: "✓ ", False: "", None: ""}[command.checked]
            return (mark + command.title, command.group, command.shortcut)[column]
        if role == Qt.ItemDataRole.ForegroundRole and column != _TITLE:
            return self._muted
        if role == Qt.ItemDataRole.TextAlignmentRole and column == _SHORTCUT:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


class CommandPalette(QFrame):
    """A line to type in and the matching commands below; a click elsewhere or Esc closes it.

    It lies in the window rather than above it: where a window of its own would appear is not for
    a program to say on every desktop.
    """

    def __init__(self, commands: Sequence[Entry], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(tr("Command palette"))
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("Search commands, views, operators, arrays and files"))
        self.line.setAccessibleName(tr("Search commands"))
        self.model = CommandModel(commands, self.palette())
        self.list = self._make_list()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        layout.addWidget(self.line)
        layout.addWidget(self.list)
        self.line.textChanged.connect(self._search)
        self.line.returnPressed.connect(self._run_current)
        self.list.clicked.connect(self._run_current)
        self.line.installEventFilter(self)
        self._select(0)

    def _make_list(self) -> QTreeView:
        view = QTreeView(rootIsDecorated=False, uniformRowHeights=True, headerHidden=True)
        view.setModel(self.model)
        view.setAccessibleName(tr("Matching commands"))
        # The line keeps the keyboard: arrows are handed on, letters go on searching.
        view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = view.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(_TITLE, QHeaderView.ResizeMode.Stretch)
        for column in (_GROUP, _SHORTCUT):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        return view

    def open_over(self, window: QWidget) -> None:
        """Show the palette below the top edge of ``window``, in its middle."""
        width = min(WIDTH, window.width() - 4 * SPACING)
        row = max(1, self.list.sizeHintForRow(0))
        self.resize(width, ROWS * row + self.line.sizeHint().height() + 5 * SPACING)
        self.move((window.width() - width) // 2, 8 * SPACING)
        self.show()
        self.raise_()
        self.line.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102
        if event.type() == QEvent.Type.FocusOut:
            self.close()
        elif isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            # Also as a shortcut: Esc cancels computations elsewhere in the window.
            event.accept()
            if event.type() == QEvent.Type.KeyPress:
                self.close()
            return True
        elif isinstance(event, QKeyEvent) and event.key() in _STEPS:
            if event.type() == QEvent.Type.KeyPress:
                steps = _STEPS[Qt.Key(event.key())]
                self._select(self.list.currentIndex().row() + steps)
            return True
        return super().eventFilter(watched, event)

    def _search(self, query: str) -> None:
        self.model.search(query)
        self._select(0)

    def _select(self, row: int) -> None:
        if count := self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(min(max(row, 0), count - 1), _TITLE))

    def _run_current(self, _index: object = None) -> None:
        row = self.list.currentIndex().row()
        if row >= 0:
            command = self.model.command(row)
            # Closed first: a command may open a dialog of its own.
            self.close()
            command.run()
