"""A button that offers something as code in one of three libraries."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from gui.core.words.i18n import tr

LIBRARIES = {"numpy": "NumPy", "torch": "PyTorch", "jax": "JAX"}


class CodeButton(QPushButton):
    """``chosen(library)``: one of `LIBRARIES` was asked for."""

    chosen = Signal(str)

    def __init__(self, words: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        self.setToolTip(tip)
        menu = QMenu(self)
        titles = {
            "numpy": tr("Copy as &NumPy"),
            "torch": tr("Copy as Py&Torch (with gradient)"),
            "jax": tr("Copy as &JAX (with gradient)"),
        }
        for library, title in titles.items():
            action = menu.addAction(title)
            action.triggered.connect(lambda _=False, one=library: self.chosen.emit(one))
        self.setMenu(menu)
