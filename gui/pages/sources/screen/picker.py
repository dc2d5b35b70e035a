"""Which matrix of an array with more than two axes is shown: the view, and where it is cut."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QSpinBox, QWidget

from gui.core.paint.head.labels import PlainLabel
from gui.core.state.document import DataRef
from gui.core.state.listed import EntryInfo
from gui.core.widgets.controls import ChoiceControl
from gui.core.widgets.wheel_shy import ShySpinBox
from gui.core.words.i18n import tr, tr_sentence


class ViewPicker(QWidget):
    """A list of views, and one spin box for each axis that stands at an index."""

    edited = Signal(str, tuple)  # name of the view, positions on the other axes

    def __init__(self) -> None:
        super().__init__()
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._heading = PlainLabel(wordWrap=True)
        self._form.addRow(self._heading)
        tip = tr("Which two axes are rows and columns, or a kernel unfolded to a row an output")
        self.view = ChoiceControl(tr("View"), (), tooltip=tip)
        self.view.edited.connect(lambda name: self.edited.emit(name, ()))
        self._form.addRow(self.view)
        self._name = ""
        self._offered: list[tuple[str, str]] = []
        self._axes: tuple[tuple[int, int], ...] = ()
        self.boxes: list[QSpinBox] = []
        self.hide()

    def set_matrix(self, entry: EntryInfo | None, active: DataRef | None) -> None:
        """Offer the views of ``entry``, with the matrix ``active`` chosen; emits nothing."""
        shown = entry.layout(active.view) if entry is not None and active is not None else None
        self.setVisible(shown is not None and bool((entry and entry.views) or shown.fixed))
        if shown is None or entry is None or active is None:
            return
        choices = [(str(one.name), tr_sentence(one.name)) for one in entry.views]
        if choices != self._offered:
            self._offered = choices
            self.view.set_choices(choices)
        self._name = str(shown.name)
        self.view.set_value(self._name)
        self.view.setVisible(bool(choices))
        if shown.fixed != self._axes:
            self._rebuild(shown.fixed)
        for place, box in enumerate(self.boxes):
            blocked = box.blockSignals(True)
            box.setValue(active.index[place] if place < len(active.index) else 0)
            box.blockSignals(blocked)
        words = tr(
            "This array has {count} axes. Matrix to show:", count=len(entry.axes or entry.shape)
        )
        self._heading.setText(words)

    def _rebuild(self, axes: tuple[tuple[int, int], ...]) -> None:
        for box in self.boxes:
            self._form.removeRow(box)
        self._axes, self.boxes = axes, []
        for axis, length in axes:
            box = ShySpinBox()
            box.setKeyboardTracking(False)
            box.setRange(0, length - 1)
            box.setSuffix(tr(" of {count}", count=length))
            box.setAccessibleName(tr("Position on axis {axis}", axis=axis))
            box.setToolTip(tr("Which position on axis {axis} the shown matrix has", axis=axis))
            box.valueChanged.connect(lambda _: self.edited.emit(self._name, self.index()))
            self._form.addRow(tr("Axis {axis}", axis=axis), box)
            self.boxes.append(box)

    def index(self) -> tuple[int, ...]:
        """Return the chosen position on each of the other axes."""
        return tuple(box.value() for box in self.boxes)
