"""Which plots of a page stand side by side in one picture, and how."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.core.declare.draw import DrawAlone
from gui.core.declare.moment import Moment
from gui.core.figure.panels import LETTERS, MOST_PANELS, Arranged, remember_panels
from gui.core.paint.theme import SPACING
from gui.core.screen.services import Remembers
from gui.core.widgets.wheel_shy import ShySpinBox
from gui.core.words.i18n import tr

_ROWS_SEEN = 5
_FLAGS = Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


def not_in_view(now: Moment, seen: Sequence[str]) -> tuple[DrawAlone, ...]:
    """Return what draws the plots of a page that are not among those ``seen``."""
    known = Moment(now.page, now.state, now.given, now.answers.copy())
    plots = (one for one in now.page.plots if one.form() == "figure" and one.key not in seen)
    return tuple(DrawAlone(plot, known) for plot in plots)


class PanelChooser(QWidget):
    """A list to tick, in the order of the panels, and how they are arranged.

    ``changed``: something else is chosen.
    """

    changed = Signal()

    def __init__(self, plots: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._titles = dict(plots)
        self.order: list[str] = []  # the keys of the panels
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Panels"))
        self.list.setToolTip(tr("Tick the plots in the order of the panels"))
        for key, title in plots:
            item = QListWidgetItem(title)
            item.setData(Qt.ItemDataRole.UserRole, key)
            item.setFlags(_FLAGS)
            item.setCheckState(Qt.CheckState.Unchecked)
            self.list.addItem(item)
        high = self.list.sizeHintForRow(0) * min(_ROWS_SEEN, len(plots)) + 2 * SPACING
        self.list.setFixedHeight(high)
        self.list.setTabKeyNavigation(False)
        self.columns = ShySpinBox()
        self.columns.setRange(0, MOST_PANELS)
        self.columns.setSpecialValueText(tr("automatic"))
        self.letters = QCheckBox(tr("Letters (a), (&b)"))
        self.letters.setChecked(True)
        self.shared = QCheckBox(tr("S&hared legend"))
        self.shared.setChecked(True)
        for part, name, tip in (
            (self.columns, tr("Columns"), tr("How many panels stand side by side")),
            (self.letters, "", tr("A letter before the title of each panel")),
            (self.shared, "", tr("One legend for all panels")),
        ):
            part.setToolTip(tip)
            if name:
                part.setAccessibleName(name)
        label = QLabel(tr("Colu&mns"))
        label.setBuddy(self.columns)
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(label)
        row.addWidget(self.columns)
        row.addWidget(self.letters)
        row.addWidget(self.shared)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.list)
        column.addLayout(row)
        self.list.itemChanged.connect(self._ticked)
        self.columns.valueChanged.connect(self._arranged)
        self.letters.toggled.connect(self._arranged)
        self.shared.toggled.connect(self._arranged)

    def set_order(self, keys: Sequence[str]) -> None:
        """Tick the plots ``keys``; says nothing."""
        self.order = [key for key in dict.fromkeys(keys) if key in self._titles]
        self._write()

    def recall(self, settings: Remembers, page: str) -> None:
        """Show the choices of the last time."""
        value = settings.value
        with QSignalBlocker(self):
            self.columns.setValue(value("export/columns", 0))
            self.letters.setChecked(value("export/letters", True))
            self.shared.setChecked(value("export/shared_legend", True))
        self.set_order(str(value(f"export/panels/{page}", "")).split())

    def remember(self, settings: Remembers, page: str) -> None:
        """Keep the choices for the next time."""
        remember_panels(
            settings,
            page,
            Arranged(
                tuple(self.order),
                self.columns.value(),
                self.letters.isChecked(),
                self.shared.isChecked(),
            ),
        )

    def _arranged(self) -> None:
        self._write()
        self.changed.emit()

    def _ticked(self, item: QListWidgetItem) -> None:
        key = item.data(Qt.ItemDataRole.UserRole)
        on = item.checkState() == Qt.CheckState.Checked
        if on == (key in self.order):
            return
        if on and len(self.order) < MOST_PANELS:
            self.order.append(key)
        elif not on:
            self.order.remove(key)
        self._write()
        self.changed.emit()

    def _write(self) -> None:
        """Tick what is chosen and write its letter."""
        with QSignalBlocker(self.list):
            for row in range(self.list.count()):
                item = self.list.item(row)
                key = item.data(Qt.ItemDataRole.UserRole)
                on = key in self.order
                item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
                letter = f"({LETTERS[self.order.index(key)]}) " if on and self.lettered else ""
                item.setText(f"{letter}{self._titles[key]}")

    @property
    def lettered(self) -> bool:
        """Whether panels have letters."""
        return self.letters.isChecked() and len(self.order) > 1
