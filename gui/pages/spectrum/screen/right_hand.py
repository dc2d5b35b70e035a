"""Beside the pseudo-inverse: a field for a right-hand side, and a button that saves."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from gui.core.widgets.controls import Section, set_usable
from gui.core.words.i18n import tr
from gui.pages.spectrum.compute.inverse import TYPED_MAX, numbers_typed


class RightHandSide(QObject):
    """``typed(numbers)``: b was typed or pasted; ``wrong(sentence)``: it was none.

    ``save_requested``: the button was pressed.
    """

    typed = Signal(tuple)
    wrong = Signal(str)
    save_requested = Signal()

    def __init__(self, section: Section) -> None:
        super().__init__(section)
        self.field = QLineEdit()
        self.field.setPlaceholderText("1 0 2.5")
        self._tip = tr("The numbers of b, one a row of the matrix, with blanks or commas between")
        self.field.setAccessibleName(tr("Numbers of b"))
        self.field.setMaxLength(32 * TYPED_MAX)
        self.field.editingFinished.connect(self._finish)
        section.add(QLabel(tr("Numbers of b")))
        section.add(self.field)
        self.save_button = QPushButton(tr("Save pseudo-inverse…"))
        self._save_tip = tr("Write M⁺, or its factors, to a .npy, .npz or .safetensors file")
        self.save_button.clicked.connect(self.save_requested)
        section.add(self.save_button)
        self._shown: tuple[float, ...] = ()

    def show_state(self, numbers: Sequence[float], own: bool, why: str) -> None:
        """Show b, and why nothing can be saved; emits nothing."""
        if tuple(numbers) != self._shown:
            self._shown = tuple(numbers)
            self.field.setText(text_of(numbers))
        set_usable(self.field, own, self._tip, tr("Choose numbers of your own as b first."))
        set_usable(self.save_button, not why, self._save_tip, why)

    def _finish(self) -> None:
        numbers = numbers_typed(self.field.text())
        if isinstance(numbers, str):
            self.wrong.emit(tr("“{typed}” is not a number.", typed=numbers[:40]))
        elif numbers != self._shown:
            self.wrong.emit("")
            self._shown = numbers
            self.field.setText(self.field.text())  # committed: nothing typed is left to take back
            self.typed.emit(numbers)


def text_of(numbers: Sequence[float]) -> str:
    """Return numbers as they are typed.

    Examples
    --------
    >>> text_of((1.0, 0.5))
    '1 0.5'
    """
    return " ".join(repr(one).removesuffix(".0") for one in numbers)
