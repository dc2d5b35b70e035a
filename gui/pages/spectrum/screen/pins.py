"""The pinned spectra: a button that pins, and a row with a button for each that is pinned."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from gui.core.paint.head.labels import PlainLabel, plain_tip
from gui.core.paint.theme import SPACING
from gui.core.widgets.controls import Section, set_usable
from gui.core.words.i18n import tr


class PinList(QObject):
    """``pin_requested``; ``unpinned(index)``: a person took one away."""

    pin_requested = Signal()
    unpinned = Signal(int)

    def __init__(self, section: Section) -> None:
        super().__init__(section)
        self._section = section
        self.button = QPushButton(tr("&Pin this spectrum"))
        self._tip = tr("Keep it in the plot while you look at other matrices")
        self.button.setToolTip(self._tip)
        self.button.clicked.connect(self.pin_requested)
        section.add(self.button)
        self.rows: list[tuple[QWidget, QLabel, QToolButton]] = []

    def show_pins(self, titles: Sequence[str], why: str) -> None:
        """List the pinned spectra, and say why no other can be pinned; emits nothing."""
        while len(self.rows) < len(titles):
            self._add_row()
        for index, (row, label, button) in enumerate(self.rows):
            row.setVisible(index < len(titles))
            if index < len(titles):
                label.setText(titles[index])
                label.setToolTip(plain_tip(titles[index]))
                button.setAccessibleName(tr("Remove {name}", name=titles[index]))
        set_usable(self.button, not why, self._tip, why)

    def _add_row(self) -> None:
        row, label, button = QWidget(), PlainLabel(), QToolButton()
        index = len(self.rows)
        button.setText("×")
        button.setAutoRaise(True)
        button.setToolTip(tr("Take this spectrum out of the plot"))
        button.clicked.connect(lambda: self.unpinned.emit(index))
        label.setMinimumWidth(1)
        box = QHBoxLayout(row)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACING)
        box.addWidget(label, 1)
        box.addWidget(button)
        self._section.add(row)
        self.rows.append((row, label, button))
