"""A button that offers something as code in one of three libraries."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QWidget

from gui.core.screen.services import Context
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


def copy_code(text: str, name: str, library: str, context: Context) -> None:
    """Put code on the clipboard, and say so: what it is called and for which of `LIBRARIES`."""
    QApplication.clipboard().setText(text)
    said = tr("Copied {name} as {library}.", name=name, library=LIBRARIES[library])
    context.notify(said, "info")
