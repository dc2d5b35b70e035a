"""NumberControl: one number, shown by a spin box and a slider that never disagree."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QLocale, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QPalette, QValidator
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QGridLayout,
    QLabel,
    QSlider,
    QWidget,
)

from gui.core.paint.head.labels import PlainLabel
from gui.core.paint.theme import SPACING, tabular_font
from gui.core.widgets.heard import announce
from gui.core.widgets.wheel_shy import ShyDoubleSpinBox, ShySlider
from gui.core.words.i18n import tr, without_mnemonic
from gui.core.words.numbers import as_typed, format_value, number_complaint, parse_number

# A pause this long ends a gesture of key presses or wheel turns (one undo step).
SEAL_AFTER_MS = 600
_SLIDER_STEPS = 1000
_MOST_STEPS = 2**31 - 1  # of a slider, as Qt counts


class NumberBox(ShyDoubleSpinBox):
    """A spin box that reads numbers as people type them and refuses the rest in words."""

    refused = Signal(str)

    def __init__(self, integer: bool, log: bool) -> None:
        super().__init__()
        self._integer = integer
        self._log = log
        self.because = ""  # what the range comes from, in words
        # value() reads pending text through valueFromText: asking it there would never end.
        self._good = 0.0
        self.valueChanged.connect(self._remember)
        # The box must not round what it holds: 1e-300 is a legal tolerance.
        self.setDecimals(0 if integer else 323)
        self.setKeyboardTracking(False)
        self.setLocale(QLocale.c())
        self.setAccelerated(True)
        self.setFont(tabular_font(self.font()))
        self.setAlignment(Qt.AlignmentFlag.AlignRight)

    def set_integer(self, integer: bool) -> None:
        """Read whole numbers only, or any."""
        self._integer = integer
        self.setDecimals(0 if integer else 323)

    def textFromValue(self, value: float) -> str:
        return str(int(value)) if self._integer else as_typed(value)

    def valueFromText(self, text: str) -> float:
        number = parse_number(text)
        if number is None:
            return self._good
        return float(round(number)) if self._integer else number

    def validate(self, text: str, position: int) -> Any:
        # Refusing single keys hides the reason; let anything be typed, judge the whole.
        acceptable = self._complaint(text) == ""
        state = QValidator.State
        return (state.Acceptable if acceptable else state.Intermediate, text, position)

    def fixup(self, text: str) -> str:
        self.refused.emit(self._complaint(text))
        return self.textFromValue(self._good)

    def setValue(self, value: float) -> None:
        super().setValue(value)
        # The control blocks signals while it shows a value.
        self._remember(super().value())

    def _remember(self, value: float) -> None:
        self._good = value

    @property
    def is_typed_in(self) -> bool:
        """Whether something has been typed that is not the number in force yet."""
        return self.text() != self.textFromValue(self._good)

    def take_back(self) -> None:
        """Show the number in force again, in place of what was typed."""
        if self.is_typed_in:
            self.lineEdit().setText(self.textFromValue(self._good))
            self.selectAll()
            self.refused.emit("")

    def stepBy(self, steps: int) -> None:
        if not self._log or self._integer:
            super().stepBy(steps)
            return
        self.setValue(self.value() * 10 ** (steps / 20))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self.selectAll()

    def _complaint(self, text: str) -> str:
        if not text.strip():
            return tr("Type a number.")
        number = parse_number(text)
        if number is None:
            return number_complaint(text)
        if self._integer and number != round(number):
            return tr("{typed} is not a whole number.", typed=text)
        if not self.minimum() <= number <= self.maximum():
            low, high = self.textFromValue(self.minimum()), self.textFromValue(self.maximum())
            words = {"typed": text, "low": low, "high": high, "because": self.because}
            if self.because:
                return tr("{typed} is not between {low} and {high} ({because}).", **words)
            return tr("{typed} is not between {low} and {high}.", **words)
        return ""


class NumberControl(QWidget):
    """A label, a spin box and a slider for one number.

    ``edited(value)`` is emitted for every change a person makes and never by ``set_*``;
    ``sealed()`` when the gesture has ended: slider released, Enter, focus gone, or a pause after
    keys and wheel.

    Parameters
    ----------
    label : str
        Shown at the left, also the accessible name.
    lower, upper : float
        Bounds; both positive where ``log``.
    integer, log : bool
        Whole numbers only; slider travels in equal ratios.
    tooltip : str
        The formula or meaning.
    """

    edited = Signal(float)
    sealed = Signal()

    def __init__(
        self,
        label: str,
        lower: float,
        upper: float,
        value: float | None = None,
        *,
        integer: bool = False,
        log: bool = False,
        step: float | None = None,
        tooltip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._integer, self._log, self._step = integer, log, step
        self._ranged = False
        self._box = NumberBox(integer, log)
        self._slider = ShySlider(Qt.Orientation.Horizontal)
        self._error = ErrorLine()
        self._pause = QTimer(self, singleShot=True, interval=SEAL_AFTER_MS)
        self._pause.timeout.connect(self.sealed)
        self._lay_out(label)
        self.set_tooltip(tooltip)
        self.set_range(lower, upper)
        self.set_value(lower if value is None else value)
        self._box.valueChanged.connect(self._box_changed)
        self._box.editingFinished.connect(self._end_gesture)
        self._box.refused.connect(self.set_error)
        self._slider.valueChanged.connect(self._slider_changed)
        self._slider.sliderReleased.connect(self._seal_now)

    def _lay_out(self, label: str) -> None:
        self._name = label
        self._label = QLabel(label)
        self._label.setWordWrap(True)
        self._label.setBuddy(self._box)
        name = without_mnemonic(label)
        self._box.setAccessibleName(name)
        self._slider.setAccessibleName(tr("{name} slider", name=name))
        self._slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._box.setMinimumWidth(88)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACING)
        grid.setVerticalSpacing(SPACING // 2)
        grid.addWidget(self._label, 0, 0)
        grid.addWidget(self._box, 0, 1)
        grid.addWidget(self._slider, 1, 0, 1, 2)
        grid.addWidget(self._error, 2, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        self.setFocusProxy(self._box)

    @property
    def box(self) -> QAbstractSpinBox:
        """The spin box, for tests and shortcuts."""
        return self._box

    @property
    def slider(self) -> QSlider:
        """The slider, for tests."""
        return self._slider

    def value(self) -> float:
        """Return the number shown."""
        return self._box.value()

    def set_value(self, value: float) -> None:
        """Show ``value``; emits nothing. Text that is being typed is left alone."""
        if self._box.value() != value:
            with QSignalBlocker(self._box):
                self._box.setValue(value)
            self.set_error("")
        self._move_slider()

    def limits(self) -> tuple[float, float]:
        """Return the bounds."""
        return self._box.minimum(), self._box.maximum()

    def set_range(self, lower: float, upper: float) -> None:
        """Change the bounds; emits nothing. The number shown is kept within them."""
        if self._log and lower <= 0:
            raise ValueError(f"a logarithmic range needs lower > 0, not {lower}")
        upper = max(lower, upper)
        if (self._box.minimum(), self._box.maximum()) == (lower, upper) and self._ranged:
            return  # Qt lays the panel out anew at every call
        self._ranged = True
        with QSignalBlocker(self._box), QSignalBlocker(self._slider):
            self._box.setRange(lower, upper)
            self._box.setSingleStep(self._step or (1 if self._integer else (upper - lower) / 100))
            whole_steps = self._integer and not self._log
            steps = min(upper - lower, _MOST_STEPS) if whole_steps else _SLIDER_STEPS
            self._slider.setRange(0, int(steps))
            self._slider.setPageStep(max(1, self._slider.maximum() // 10))
        self._move_slider()

    def set_whole(self, whole: bool) -> None:
        """Take whole numbers only, or any; emits nothing."""
        if whole == self._integer:
            return
        self._integer, self._ranged = whole, False
        with QSignalBlocker(self._box):
            self._box.set_integer(whole)
        self.set_range(self._box.minimum(), self._box.maximum())

    def set_because(self, words: str) -> None:
        """Say what the range comes from; it is named where a number beyond it is typed."""
        self._box.because = words

    def set_unit(self, unit: str) -> None:
        """Say behind the label what the number counts, and to those who hear it."""
        label = f"{self._name} ({unit})" if unit else self._name
        if self._label.text() != label:
            self._label.setText(label)
            self._box.setAccessibleName(without_mnemonic(label))

    def set_error(self, text: str) -> None:
        """Show a sentence under the control; an empty one removes it. The box says it, too."""
        self._error.set_text(text)
        self._describe()

    def error(self) -> str:
        """Return the sentence shown, empty where all is well."""
        return self._error.text()

    def set_tooltip(self, text: str) -> None:
        """Set the tooltip of every part."""
        for part in (self, self._label, self._box, self._slider):
            part.setToolTip(text)
        self._describe()

    def _describe(self) -> None:
        # Without a description of its own a widget is described by its tooltip.
        said = f"{self.error()}\n{self._box.toolTip()}" if self.error() else ""
        self._box.setAccessibleDescription(said)

    def _box_changed(self, value: float) -> None:
        self.set_error("")
        self._move_slider()
        self._pause.start()
        self.edited.emit(value)

    def _slider_changed(self, position: int) -> None:
        value = self._value_at(position)
        with QSignalBlocker(self._box):
            self._box.setValue(value)
        self.set_error("")
        if not self._slider.isSliderDown():
            self._pause.start()
        self.edited.emit(self._box.value())

    def _end_gesture(self) -> None:
        if self._pause.isActive():
            self._seal_now()

    def _seal_now(self) -> None:
        self._pause.stop()
        self.sealed.emit()

    def _move_slider(self) -> None:
        # While it is dragged the slider leads; moving it back would fight the person's hand.
        if self._slider.isSliderDown():
            return
        with QSignalBlocker(self._slider):
            self._slider.setValue(round(self._position_of(self._box.value())))

    def _position_of(self, value: float) -> float:
        low, high, top = self._box.minimum(), self._box.maximum(), self._slider.maximum()
        if high <= low:
            return 0.0
        if self._log:
            return top * math.log(value / low) / math.log(high / low)
        return top * (value - low) / (high - low)

    def _value_at(self, position: int) -> float:
        low, high, top = self._box.minimum(), self._box.maximum(), self._slider.maximum()
        share = position / top if top else 0.0
        value = low * (high / low) ** share if self._log else low + share * (high - low)
        if self._integer:
            return float(round(value))
        # Four digits are what a slider can mean; the ends stay exact.
        return value if position in (0, top) else float(f"{value:.4g}")


class ErrorLine(PlainLabel):
    """A sentence beside a control, in the warning colour; takes no room while empty."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setForegroundRole(QPalette.ColorRole.BrightText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setAccessibleDescription(tr("Error message"))
        self.setVisible(False)

    def set_text(self, text: str) -> None:
        """Show ``text``; an empty one hides the line."""
        if text != self.text():
            self.setText(text)
            announce(self, text)
        self.setVisible(bool(text))


__all__ = ["SEAL_AFTER_MS", "ErrorLine", "NumberControl", "format_value"]
