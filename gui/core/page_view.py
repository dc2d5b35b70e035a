"""What every page's plots have in common: one of them can fill the page, Esc brings all back."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QWidget


class PageView(QWidget):
    """The plots of a page; a page decides in ``_show_alone`` what stands beside one plot."""

    shown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._maximised: QWidget | None = None

    def toggle_maximised(self, plot: QWidget) -> None:
        """Let one plot fill the page, or bring the others back."""
        self._maximised = None if self._maximised is plot else plot
        self._show_alone(self._maximised)

    def _show_alone(self, alone: QWidget | None) -> None:
        """Hide everything but ``alone``; None shows everything."""
        raise NotImplementedError

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        if event.key() == Qt.Key.Key_Escape and self._maximised is not None:
            self.toggle_maximised(self._maximised)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:  # noqa: D102
        # Esc also cancels computations in the window; while a plot is maximised it restores.
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and self._maximised is not None and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            event.accept()
            return True
        return super().event(event)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: D102
        super().showEvent(event)
        self.shown.emit()
