"""Boxes and sliders that a wheel on its way down a panel passes over without changing them."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSlider, QSpinBox


class WheelShy:
    """The wheel moves it only while it has the focus, and gives it none; else it scrolls on.

    Put before the class of Qt.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.focusPolicy() == Qt.FocusPolicy.WheelFocus:  # type: ignore[attr-defined]
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # type: ignore[attr-defined]

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: D102
        if self.hasFocus():  # type: ignore[attr-defined]
            super().wheelEvent(event)  # type: ignore[misc]
        else:
            event.ignore()


class ShyCombo(WheelShy, QComboBox):
    """A combo box."""


class ShySpinBox(WheelShy, QSpinBox):
    """A spin box of whole numbers."""


class ShyDoubleSpinBox(WheelShy, QDoubleSpinBox):
    """A spin box of any numbers."""


class ShySlider(WheelShy, QSlider):
    """A slider."""
