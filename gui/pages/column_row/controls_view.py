"""The controls of the Column-row page; displays and emits, ``set_*`` emits nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from gui.core.paint.theme import Theme
from gui.core.widgets.controls import (
    CheckItem,
    CheckList,
    ChoiceControl,
    ControlsPanel,
    ErrorLine,
    NumberControl,
    ReadoutTable,
    ToggleControl,
)
from gui.core.words.i18n import tr
from gui.pages.column_row.catalogue import Catalogue
from gui.pages.column_row.figures import Style, weight_titles
from gui.pages.column_row.state import (
    SEED_MAX,
    TAU_MAX,
    TAU_MIN,
    WEIGHTS,
    ColumnRowState,
    Pairing,
)


class ColumnRowControls(ControlsPanel):
    """Emits ``edited(field, value)`` for every field of the state a person changes.

    ``strategy_edited(key, on)`` and ``weights_edited(kind, on)`` are ticks; ``pairing_edited(
    field, value)`` changes what is multiplied; ``sealed`` ends a gesture.
    """

    edited = Signal(str, object)
    strategy_edited = Signal(str, bool)
    weights_edited = Signal(str, bool)
    pairing_edited = Signal(str, object)
    example_requested = Signal()
    sealed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(tr("Column-row controls"), parent)
        self._theme = theme
        self._offered: dict[str, Sequence[tuple[str, str]]] = {}
        self._titles: dict[str, str] = {}
        self.strategies: CheckList | None = None
        self._build_r()
        self._build_product()
        self._build_strategies()
        self._build_weights()
        self._build_options()
        self._build_shown()

    # -- building ---------------------------------------------------------------------------

    def _build_r(self) -> None:
        section = self.section("")
        tip = tr(
            "How many of the l pairs are kept: XY = Σ xᵢ yᵢᵀ ≈ C L R, C = X[:, S], R = Y[S, :]"
        )
        self.r = NumberControl(tr("Pairs &r"), 0, 1, integer=True, tooltip=tip)
        self.r.edited.connect(lambda value: self.edited.emit("r", int(value)))
        self.r.sealed.connect(self.sealed)
        section.add(self.r)
        self.readouts = ReadoutTable(tr("At this r"))
        section.add(self.readouts)

    def _build_product(self) -> None:
        section = self.section(tr("Product XY"))
        kinds = (
            ("rows", tr("Aᵀ A: pick rows of A")),
            ("columns", tr("A Aᵀ: pick columns of A")),
            ("other", tr("A times another array")),
        )
        tip = tr("A is the array selected in Sources; X has one column and Y one row for each pair")
        self.kind = ChoiceControl(tr("Multipl&y"), kinds, tooltip=tip)
        self.kind.edited.connect(lambda key: self.pairing_edited.emit("kind", key))
        self.other = ChoiceControl(
            tr("&Other array"), (), tooltip=tr("Any array of an open file or of the examples")
        )
        self.other.edited.connect(lambda key: self.pairing_edited.emit("y", key))
        self.turn_x = ToggleControl(tr("&Transpose A"), tooltip=tr("X = Aᵀ"))
        self.turn_y = ToggleControl(
            tr("Transpose the ot&her array"), tooltip=tr("Y = Bᵀ, with B the other array")
        )
        for field, toggle in (("x_transposed", self.turn_x), ("y_transposed", self.turn_y)):
            toggle.edited.connect(lambda on, f=field: self.pairing_edited.emit(f, bool(on)))
        self.shapes = QLabel(wordWrap=True)
        self.example_button = QPushButton(tr("Built-&in example"))
        self.example_button.setToolTip(
            tr("Activations times weights: four strong channels, and two that cancel")
        )
        self.example_button.clicked.connect(self.example_requested)
        for widget in (self.kind, self.other, self.turn_x, self.turn_y, self.shapes):
            section.add(widget)
        section.add(self.example_button)

    def _build_strategies(self) -> None:
        self._strategies = self.section(tr("Strategies"))
        self.strategy_error = ErrorLine()
        self.detail = ChoiceControl(
            tr("In &detail"),
            (),
            tooltip=tr("The strategy whose pairs are marked, pictured and read out"),
        )
        self.detail.edited.connect(lambda key: self.edited.emit("detail", key))
        self._strategies.add(self.strategy_error)
        self._strategies.add(self.detail)

    def _build_weights(self) -> None:
        section = self.section(tr("Weights L"))
        titles = weight_titles()
        tips = {
            "own": tr("L = I; 1 / (r pᵢ) when sampled, the mask when soft"),
            "diagonal": tr("λ = (UᵀU)⁺ Uᵀ V 1, UᵀU = (CᵀC) ∘ (R Rᵀ), UᵀV = (CᵀX) ∘ (R Yᵀ)"),
            "full": tr("L = C⁺ X Y R⁺"),
        }
        marks = {"own": "", "diagonal": " ◆", "full": " ■"}
        items = [CheckItem(k, titles[k] + marks[k], tooltip=tips[k]) for k in WEIGHTS]
        self.weights = CheckList(items, self._theme, name=tr("Weights shown"))
        self.weights.edited.connect(self.weights_edited)
        section.add(self.weights)
        self.detail_weights = ChoiceControl(
            tr("In detai&l"),
            tuple(titles.items()),
            tooltip=tr("The weights of the approximation that is pictured and read out"),
        )
        self.detail_weights.edited.connect(lambda key: self.edited.emit("detail_weights", key))
        section.add(self.detail_weights)

    def _build_options(self) -> None:
        self._sampling = self.section(tr("Sampling"))
        tip = tr("Seed of every draw; the same seed draws the same pairs")
        self.seed = NumberControl(tr("&Seed"), 0, SEED_MAX, 0, integer=True, tooltip=tip)
        self.seed.edited.connect(lambda value: self.edited.emit("seed", int(value)))
        self.seed.sealed.connect(self.sealed)
        self._sampling.add(self.seed)
        self._soft = self.section(tr("Soft mask"))
        self.operator = ChoiceControl(
            tr("O&perator"), (), tooltip=tr("Which soft Top-k makes the weights ST_r of the norms")
        )
        self.operator.edited.connect(lambda key: self.edited.emit("operator", key))
        tip = tr("Temperature for norms divided by the largest: ST_r(‖xᵢ‖ ‖yᵢ‖ / (max τ))")
        self.tau = NumberControl(tr("t&au"), TAU_MIN, TAU_MAX, 0.1, log=True, tooltip=tip)
        self.tau.edited.connect(lambda value: self.edited.emit("tau", float(value)))
        self.tau.sealed.connect(self.sealed)
        self.soft_error = ErrorLine()
        for widget in (self.operator, self.tau, self.soft_error):
            self._soft.add(widget)

    def _build_shown(self) -> None:
        section = self.section(tr("Norms plot"))
        orders = (("norm", tr("by norm")), ("index", tr("by index")))
        tip = tr("Sort the pairs by norm, or leave them in the order of the array")
        self.order = ChoiceControl(tr("Ord&er"), orders, tooltip=tip)
        self.order.edited.connect(lambda key: self.edited.emit("order", key))
        section.add(self.order)
        self.product_readouts = ReadoutTable(tr("Product"))
        section.add(self.product_readouts)

    def set_catalogue(self, catalogue: Catalogue, styles: Mapping[str, Style]) -> None:
        """List the strategies with their colours and dashes; once, when the engine is there."""
        if self.strategies is not None:
            return
        items = []
        for info in catalogue.strategies:
            style = styles[info.key]
            words = {"title": style.title, "formula": info.formula, "source": info.source}
            tip = tr("{title}: {formula}\nSource: {source}", **words)
            items.append(CheckItem(info.key, style.title, style.color, style.dash, tip))
        self.strategies = CheckList(items, self._theme, name=tr("Strategies compared"))
        self.strategies.edited.connect(self.strategy_edited)
        self._strategies.insert(0, self.strategies)
        self._titles = {info.key: styles[info.key].title for info in catalogue.strategies}
        self.operator.set_choices(catalogue.operators)
        QWidget.setTabOrder(self.example_button, self.strategies.box(catalogue.strategies[0].key))
        keys = [info.key for info in catalogue.strategies]
        for before, after in pairwise(keys):
            QWidget.setTabOrder(self.strategies.box(before), self.strategies.box(after))
        QWidget.setTabOrder(self.strategies.box(keys[-1]), self.detail.combo)

    # -- showing ----------------------------------------------------------------------------

    def set_state(self, state: ColumnRowState, r: int, pairs: int, detail: str) -> None:
        """Show the state; ``r`` and ``detail`` are the ones in force."""
        self.r.set_range(0, max(pairs, 1))
        self.r.set_value(r)
        self.r.setEnabled(pairs > 0)
        self.weights.set_value(state.weights)
        self.detail_weights.set_value(state.detail_weights)
        self.seed.set_value(state.seed)
        self.tau.set_value(state.tau)
        self.operator.set_value(state.operator)
        self.order.set_value(state.order)
        if self.strategies is None:
            return
        self.strategies.set_value(state.strategies)
        shown = [(key, title) for key, title in self._titles.items() if key in state.strategies]
        self._offer("detail", self.detail, shown)
        self.detail.set_value(detail)
        self.detail.setEnabled(bool(shown))

    def set_visible_options(self, sampling: bool, soft: bool) -> None:
        """Show only the options that some compared strategy depends on."""
        self._sampling.setVisible(sampling)
        self._soft.setVisible(soft)

    def set_pairing(
        self, pairing: Pairing | None, choices: Sequence[tuple[str, str]], y: str, shapes: str
    ) -> None:
        """Show what is multiplied; ``choices`` are the arrays to choose from."""
        other = pairing is not None and pairing.kind == "other"
        self.kind.setEnabled(pairing is not None)
        if pairing is not None:
            self.kind.set_value(pairing.kind)
            self.turn_x.set_value(pairing.x_transposed)
            self.turn_y.set_value(pairing.y_transposed)
        self._offer("y", self.other, choices)
        self.other.set_value(y)
        for widget in (self.other, self.turn_x, self.turn_y):
            widget.setVisible(other)
        if self.shapes.text() != shapes:
            self.shapes.setText(shapes)

    def set_trailing(self, key: str, text: str, tooltip: str) -> None:
        """Show what a strategy reaches at the present r, at the end of its row."""
        if self.strategies is not None:
            self.strategies.set_trailing(key, text, tooltip)

    def _offer(self, name: str, control: ChoiceControl, choices: Sequence[tuple[str, str]]) -> None:
        # Filling a combo box costs more than a frame has: only when the entries differ.
        if self._offered.get(name) != choices:
            self._offered[name] = list(choices)
            control.set_choices(choices)
