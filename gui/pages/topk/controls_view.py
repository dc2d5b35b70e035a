"""The Top-k page's controls: display and emit only.

``edited(field, value)`` names the field of the state a person changed; ``sealed`` ends a gesture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from gui.core.paint.theme import SPACING, Theme
from gui.core.widgets.controls import (
    CheckItem,
    CheckList,
    ChoiceControl,
    ControlsPanel,
    ErrorLine,
    NumberControl,
    ReadoutTable,
    Section,
)
from gui.core.words.i18n import tr
from gui.pages.topk.figures import Style
from gui.pages.topk.requests import OperatorInfo
from gui.pages.topk.state import COUNT_MAX, SEED_MAX, TAU_MAX, TAU_MIN

MAIN = 8  # operators always in sight; the others unfold


class TopkControls(ControlsPanel):
    """Input, k, tau, operators, what is shown, read-outs."""

    edited = Signal(str, object)
    operator_edited = Signal(str, bool)
    sealed = Signal()
    editor_requested = Signal()
    points_reset = Signal()
    copy_requested = Signal(str)

    def __init__(
        self,
        catalogue: Sequence[OperatorInfo],
        styles: Mapping[str, Style],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Top-k controls"), parent)
        self._titles = {info.key: info.title for info in catalogue}
        self._offered: dict[ChoiceControl, Sequence[tuple[str, str]]] = {}
        self._main = {info.key for info in catalogue[:MAIN]}
        self._build_parameters()
        self._build_input()
        self._build_operators(catalogue, styles, theme)
        self._build_shown()
        self.readouts = ReadoutTable(tr("Read-outs"))
        self.section(tr("Read-outs")).add(self.readouts)

    # -- construction -----------------------------------------------------------------------

    def _build_parameters(self) -> None:
        section = self.section(tr("How many, how softly"))
        tip = tr("k: how many scores are kept, sum p = k, 0 ≤ k ≤ n")
        self.k_whole = NumberControl(tr("&k"), 0, 64, 8, integer=True, tooltip=tip)
        self.k_real = NumberControl(tr("&k"), 0, 64, 8, tooltip=tip)
        self.tau = NumberControl(
            tr("&tau"),
            TAU_MIN,
            TAU_MAX,
            0.5,
            log=True,
            tooltip=tr("Temperature tau > 0, in the unit of the scores: p = ST_k(x / tau)"),
        )
        self.comparison = ChoiceControl(
            tr("&Compare at"),
            (
                ("tau", tr("equal tau")),
                ("mass", tr("equal mass moved")),
                ("entropy", tr("equal entropy")),
            ),
            tooltip=tr(
                "The same tau means a different softness for every operator. Equal softness "
                "chooses each operator's own tau."
            ),
        )
        self.softness = NumberControl(
            tr("&Softness"),
            1e-3,
            1.0,
            0.2,
            log=True,
            tooltip=tr(
                "Mass moved: sum |p - T_k| / k. Entropy: mean binary entropy of p, in bits."
            ),
        )
        self._add_number(section, "k", self.k_whole)
        self._add_number(section, "k", self.k_real)
        self._add_number(section, "tau", self.tau)
        section.add(self.comparison)
        self._connect_choice("comparison", self.comparison)
        self._add_number(section, "softness", self.softness)
        self.k_real.hide()

    def _build_operators(
        self, catalogue: Sequence[OperatorInfo], styles: Mapping[str, Style], theme: Theme
    ) -> None:
        section = self.section(tr("Operators"))
        self.operators = CheckList(
            _items(catalogue[:MAIN], styles), theme, name=tr("Operators compared")
        )
        self.more_button = QToolButton()
        self.more_button.setText(tr("&More operators"))
        self.more_button.setCheckable(True)
        self.more_button.setArrowType(Qt.ArrowType.RightArrow)
        self.more_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more_button.setAutoRaise(True)
        self.more_button.setToolTip(tr("Further families, sorting and random constructions"))
        self.more_operators = CheckList(
            _items(catalogue[MAIN:], styles), theme, name=tr("More operators compared")
        )
        self.more_operators.hide()
        self.more_button.toggled.connect(self._show_more)
        for checks in (self.operators, self.more_operators):
            checks.edited.connect(self.operator_edited)
        for widget in (self.operators, self.more_button, self.more_operators):
            section.add(widget)
        self.operator_error = ErrorLine()
        section.add(self.operator_error)
        self.focus = ChoiceControl(
            tr("In &detail"),
            (),
            tooltip=tr("The operator of the heat map, the Jacobian and Copy as Python"),
        )
        self._connect_choice("focus", self.focus)
        section.add(self.focus)
        self.copy_button = QPushButton(tr("Copy as &Python"))
        self.copy_button.setToolTip(
            tr("Copy a self-contained function of the operator in detail, with its formula")
        )
        menu = QMenu(self.copy_button)
        for flavour, title in (("numpy", tr("&NumPy")), ("torch", tr("Py&Torch (with gradient)"))):
            action = menu.addAction(title)
            action.triggered.connect(lambda _=False, f=flavour: self.copy_requested.emit(f))
        self.copy_button.setMenu(menu)
        section.add(self.copy_button)

    def _build_input(self) -> None:
        section = self.section(tr("Scores"))
        self.kind = ChoiceControl(
            tr("F&rom"), (), tooltip=tr("Where the scores come from; choosing a file wins")
        )
        section.add(self.kind)
        self._connect_choice("kind", self.kind)
        self.count = NumberControl(
            tr("&n"), 1, COUNT_MAX, 64, integer=True, log=True, tooltip=tr("How many scores")
        )
        self.seed = NumberControl(
            tr("Seed"), 0, SEED_MAX, 0, integer=True, tooltip=tr("Seed of the random scores")
        )
        self.axis = ChoiceControl(
            tr("&Along"),
            (("row", tr("rows")), ("column", tr("columns"))),
            tooltip=tr("Whether a row or a column of the matrix holds the scores"),
        )
        self.position = NumberControl(
            tr("Pos&ition"),
            0,
            0,
            0,
            integer=True,
            tooltip=tr("Which one (Alt+Up and Alt+Down step)"),
        )
        self._add_number(section, "count", self.count)
        self._add_number(section, "seed", self.seed)
        section.add(self.axis)
        self._connect_choice("axis", self.axis)
        self._add_number(section, "position", self.position)
        section.add(self._step_buttons())
        self.input_error = ErrorLine()
        section.add(self.input_error)
        self.edit_button = QPushButton(tr("Edit or paste n&umbers…"))
        self.edit_button.setToolTip(tr("Type or paste scores (Ctrl+V pastes directly)"))
        self.edit_button.clicked.connect(self.editor_requested)
        self.reset_button = QPushButton(tr("Put moved points &back"))
        self.reset_button.setToolTip(tr("Undo all dragging of points of these scores"))
        self.reset_button.clicked.connect(self.points_reset)
        section.add(self.edit_button)
        section.add(self.reset_button)

    def _step_buttons(self) -> QWidget:
        self.steps = QWidget()
        row = QHBoxLayout(self.steps)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        self.previous = QPushButton(tr("Previous"))
        self.next = QPushButton(tr("Next"))
        for button, step, keys in ((self.previous, -1, "Alt+Up"), (self.next, 1, "Alt+Down")):
            button.setShortcut(QKeySequence(keys))
            button.setToolTip(tr("Step through the array ({keys})", keys=keys))
            button.clicked.connect(lambda _=False, s=step: self._step(s))
            row.addWidget(button)
        return self.steps

    def _build_shown(self) -> None:
        section = self.section(tr("Shown"))
        self.order = ChoiceControl(
            tr("&Order"),
            (("rank", tr("by rank")), ("index", tr("by index"))),
            tooltip=tr("Sort by score, or leave in the order of the array"),
        )
        self.quantity = ChoiceControl(
            tr("&Quantity"),
            (("output", tr("output p")), ("difference", tr("difference to hard"))),
            tooltip=tr("p, or p - T_k with T_k the hard mask"),
        )
        for field, control in (("order", self.order), ("quantity", self.quantity)):
            section.add(control)
            self._connect_choice(field, control)

    def _show_more(self, shown: bool) -> None:
        self.more_operators.setVisible(shown)
        arrow = Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow
        self.more_button.setArrowType(arrow)

    def _add_number(self, section: Section, field: str, control: NumberControl) -> None:
        section.add(control)
        control.edited.connect(lambda value, f=field: self.edited.emit(f, value))
        control.sealed.connect(self.sealed)

    def _connect_choice(self, field: str, control: ChoiceControl) -> None:
        control.edited.connect(lambda key, f=field: self.edited.emit(f, key))

    def _step(self, step: int) -> None:
        self.edited.emit("position", self.position.value() + step)
        self.sealed.emit()

    # -- display ----------------------------------------------------------------------------

    def set_k(self, value: float, top: int, whole: bool) -> None:
        """Show k in the control for whole or for real numbers, up to ``top``."""
        for control in (self.k_whole, self.k_real):
            control.set_range(0, top)
            control.set_value(value)
        self.k_whole.setVisible(whole)
        self.k_real.setVisible(not whole)

    def set_k_error(self, text: str) -> None:
        """Show a sentence under k, in whichever control is visible."""
        for control in (self.k_whole, self.k_real):
            control.set_error(text)

    def set_comparison(self, comparison: str, softness: float) -> None:
        """Show which comparison is on; the control it makes meaningless is disabled."""
        self.comparison.set_value(comparison)
        self.softness.set_value(softness)
        self.softness.setVisible(comparison != "tau")
        self.tau.setEnabled(comparison == "tau")

    def set_operators(self, keys: Sequence[str], focus: str) -> None:
        """Tick the compared operators and offer them for the detailed views."""
        for checks in (self.operators, self.more_operators):
            checks.set_value(keys)
        if self.more_operators.value():
            self.more_button.setChecked(True)  # what is compared must not be out of sight
        self._offer(self.focus, [(key, self._titles[key]) for key in keys])
        self.focus.set_value(focus)
        self.focus.setEnabled(bool(keys))
        self.copy_button.setEnabled(bool(keys))

    def _offer(self, control: ChoiceControl, choices: Sequence[tuple[str, str]]) -> None:
        # Filling a combo box costs more than a frame has: only when the entries differ.
        if self._offered.get(control) != choices:
            self._offered[control] = choices
            control.set_choices(choices)

    def set_timing(self, key: str, text: str, tooltip: str) -> None:
        """Show how long an operator took, at the end of its row."""
        for checks in (self.operators, self.more_operators):
            checks.set_trailing(key, text, tooltip)

    def operator_box(self, key: str) -> QCheckBox:
        """Return the check box of one operator, for commands and tests."""
        main = key in self._main
        return self.operators.box(key) if main else self.more_operators.box(key)

    def set_input(
        self, kinds: Sequence[tuple[str, str]], kind: str, count: int, seed: int, lines: int
    ) -> None:
        """Show the kind of input and only the controls that mean something for it."""
        self._offer(self.kind, kinds)
        self.kind.set_value(kind)
        self.count.set_value(count)
        self.seed.set_value(seed)
        generated = kind not in ("data", "pasted")
        self.count.setVisible(generated)
        self.seed.setVisible(generated)
        for widget in (self.axis, self.position, self.steps):
            widget.setVisible(kind == "data" and lines > 0)

    def set_line(self, axis: str, position: int, lines: int) -> None:
        """Show which row or column is used."""
        self.axis.set_value(axis)
        self.position.set_range(0, max(lines - 1, 0))
        self.position.set_value(position)
        self.previous.setEnabled(position > 0)
        self.next.setEnabled(position < lines - 1)


def _items(infos: Sequence[OperatorInfo], styles: Mapping[str, Style]) -> list[CheckItem]:
    return [
        CheckItem(
            info.key,
            styles[info.key].name,
            styles[info.key].color,
            styles[info.key].dash,
            tr(
                "{title}: {formula}\nSource: {source}",
                title=info.title,
                formula=info.formula,
                source=info.source,
            ),
        )
        for info in infos
    ]
