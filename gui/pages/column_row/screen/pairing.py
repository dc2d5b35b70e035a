"""The controls that say how the selected array is multiplied; they display and emit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QPushButton

from gui.core.paint.head.labels import PlainLabel
from gui.core.state.document import Arrays, DataRef
from gui.core.widgets.controls import ChoiceControl, Section, ToggleControl, set_usable
from gui.core.words.i18n import tr
from gui.pages.column_row.compute.product import Pairing


class PairingControls(QObject):
    """``edited(field, value)``: a person changed how the array is multiplied.

    ``example_requested``: asked for the product that comes with the program. ``set_*`` emits
    nothing.
    """

    edited = Signal(str, object)
    example_requested = Signal()

    def __init__(self, section: Section) -> None:
        super().__init__(section)
        self._offered: list[tuple[str, str]] = []
        tip = tr("A is the array selected in Sources; X has one column and Y one row for each pair")
        kinds = (
            ("rows", tr("Aᵀ A: pick rows of A")),
            ("columns", tr("A Aᵀ: pick columns of A")),
            ("other", tr("A times another array")),
        )
        self._kind_tip = tip
        self.kind = ChoiceControl(tr("Multipl&y"), kinds, tooltip=tip)
        self.kind.edited.connect(lambda key: self.edited.emit("kind", key))
        tip = tr("Any array of an open file or of the examples")
        self.other = ChoiceControl(tr("&Other array"), (), tooltip=tip)
        self.other.edited.connect(lambda key: self.edited.emit("y", key))
        self.turn_x = ToggleControl(tr("&Transpose A"), tooltip=tr("X = Aᵀ"))
        tip = tr("Y = Bᵀ, with B the other array")
        self.turn_y = ToggleControl(tr("Tr&anspose the other array"), tooltip=tip)
        for field, toggle in (("x_transposed", self.turn_x), ("y_transposed", self.turn_y)):
            toggle.edited.connect(lambda on, f=field: self.edited.emit(f, bool(on)))
        self.shapes = PlainLabel(wordWrap=True)
        self.example_button = QPushButton(tr("Built-&in example"))
        self.example_button.setToolTip(
            tr("Activations times weights: four strong channels, and two that cancel")
        )
        self.example_button.clicked.connect(self.example_requested)
        for row in (self.kind, self.other, self.turn_x, self.turn_y, self.shapes):
            section.add(row)
        section.add(self.example_button)

    def set_pairing(self, pairing: Pairing | None, arrays: Sequence[DataRef], shapes: str) -> None:
        """Show what is multiplied; ``arrays`` are those to choose from."""
        other = pairing is not None and pairing.kind == "other"
        usable = pairing is not None
        set_usable(self.kind, usable, self._kind_tip, tr("Choose a matrix in Sources first."))
        # Filling a combo box costs more than a frame has: only when the entries differ.
        choices = [(array_key(ref), array_title(ref)) for ref in arrays]
        if self._offered != choices:
            self._offered = choices
            self.other.set_choices(choices)
        if pairing is not None:
            self.kind.set_value(pairing.kind)
            self.turn_x.set_value(pairing.x_transposed)
            self.turn_y.set_value(pairing.y_transposed)
            self.other.set_value(array_key(pairing.y) if pairing.y is not None else "")
        for widget in (self.other, self.turn_x, self.turn_y):
            widget.setVisible(other)
        if self.shapes.text() != shapes:
            self.shapes.setText(shapes)


def array_key(ref: DataRef) -> str:
    """Return the key under which an array is offered.

    Examples
    --------
    >>> array_key(DataRef("a.npz", "w", (2, 2), "float64", (3,)))
    'a.npz\\nw\\n3'
    """
    return "\n".join((ref.path, ref.entry, ",".join(map(str, ref.index))))


def array_title(ref: DataRef) -> str:
    """Return how an array is listed: name and shape."""
    rows, columns = ref.matrix_shape
    return f"{ref.title}  {rows} × {columns}"


def offered_arrays(arrays: Arrays, chosen: DataRef | None) -> list[DataRef]:
    """Return what can be the other factor: every readable array, at its first or chosen slice."""
    refs = list(arrays.refs)
    if chosen is not None:
        known = {(ref.path, ref.entry): place for place, ref in enumerate(refs)}
        place = known.get((chosen.path, chosen.entry))
        if place is None:
            refs.append(chosen)
        else:
            refs[place] = chosen
    return refs


def likely_partner(pairing: Pairing, arrays: Sequence[DataRef]) -> DataRef | None:
    """Return the first other array that fits as it is, else the first other one."""
    others = [ref for ref in arrays if ref != pairing.a]
    inner = pairing.a.matrix_shape[1]
    fitting = (ref for ref in others if ref.matrix_shape[0] == inner)
    return next(fitting, others[0] if others else None)
