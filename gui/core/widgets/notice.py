"""A sentence over the lower edge of a page with the buttons that answer it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from gui.core.paint.theme import SPACING
from gui.core.widgets.heard import announce
from gui.core.widgets.over_edge import OverEdge, Sentence
from gui.core.words.i18n import tr


class Notice(OverEdge):
    """What a page has to say now, and ``chosen(key)`` when a button is pressed.

    Closed by a person it stays so until there is something else to say.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = Sentence(tr("Notice"))
        self.buttons: dict[str, QPushButton] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(SPACING, SPACING // 2, SPACING // 2, SPACING // 2)
        self._row.setSpacing(SPACING)
        self._row.addWidget(self.label, 1)
        self._row.addWidget(self.close_button)
        self.close_button.clicked.connect(self.hide)
        self._said: tuple[str, tuple[tuple[str, str, str], ...]] = ("", ())

    def set_notice(self, text: str, buttons: Sequence[tuple[str, str, str]] = ()) -> None:
        """Show ``text`` with buttons (key, label, tooltip); an empty text hides the notice."""
        said = (text, tuple(buttons))
        if said == self._said:
            return
        self._said = said
        for button in self.buttons.values():
            self._row.removeWidget(button)
            button.deleteLater()
        self.buttons = {}
        self.label.setText(text)
        for key, label, tooltip in buttons:
            button = QPushButton(label)
            button.setToolTip(tooltip)
            button.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
            self._row.insertWidget(self._row.count() - 1, button)
            self.buttons[key] = button
        self.setVisible(bool(text))
        announce(self.label, text, urgent=True)
