"""The controls of the Spectrum page; displays and emits, ``set_*`` emits nothing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from gui.core.paint.theme import SPACING
from gui.core.widgets.controls import (
    ChoiceControl,
    ControlsPanel,
    NumberControl,
    ReadoutTable,
    Section,
    ToggleControl,
)
from gui.core.words.i18n import tr
from gui.pages.spectrum.state import ENTRY_MAX, TAU_MAX, TAU_MIN, SpectrumState

FRAME_MS = 33
STAGES_PER_SECOND = 0.8


class SpectrumControls(ControlsPanel):
    """Emits ``edited(field, value)`` for every field of the state a person changes.

    ``sealed`` ends a gesture; ``pin_requested``, ``unpinned(index)`` and ``save_requested`` are
    buttons.
    """

    edited = Signal(str, object)
    sealed = Signal()
    pin_requested = Signal()
    unpinned = Signal(int)
    save_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Spectrum controls"), parent)
        self.numbers: dict[str, NumberControl] = {}
        self.choices: dict[str, ChoiceControl] = {}
        self.toggles: dict[str, ToggleControl] = {}
        self._by_view: dict[str, Section] = {}
        self._build_rank()
        self._build_soft()
        self._build_vectors()
        self._build_geometry()
        self._build_density()
        self._build_error()
        self._build_readouts()
        self._build_plot()
        self._build_overlays()

    # -- building ---------------------------------------------------------------------------

    def _number(
        self,
        section: Section,
        field: str,
        label: str,
        lower: float,
        upper: float,
        tooltip: str,
        integer: bool = False,
        log: bool = False,
    ) -> NumberControl:
        control = NumberControl(label, lower, upper, integer=integer, log=log, tooltip=tooltip)
        control.edited.connect(
            lambda value: self.edited.emit(field, int(value) if integer else float(value))
        )
        control.sealed.connect(self.sealed)
        section.add(control)
        self.numbers[field] = control
        return control

    def _choice(
        self,
        section: Section,
        field: str,
        label: str,
        choices: Sequence[tuple[str, str]],
        tooltip: str,
    ) -> None:
        control = ChoiceControl(label, choices, tooltip=tooltip)
        control.edited.connect(lambda key: self.edited.emit(field, key))
        section.add(control)
        self.choices[field] = control

    def _toggle(self, section: Section, field: str, label: str, tooltip: str) -> None:
        control = ToggleControl(label, tooltip=tooltip)
        control.edited.connect(lambda on: self.edited.emit(field, bool(on)))
        section.add(control)
        self.toggles[field] = control

    def _build_rank(self) -> None:
        section = self.section("")
        tip = tr("How many singular values are kept: M_r = Σ_{i≤r} σᵢ uᵢ vᵢᵀ")
        self._number(section, "rank", tr("&Rank r"), 0, 1, tip, integer=True)
        self.at_rank = ReadoutTable(tr("At this rank"))
        section.add(self.at_rank)
        self.save_button = QPushButton(tr("Save &factors…"))
        self.save_button.setToolTip(
            tr("Write U_r, S_r, V_rᵀ to a .npz or .safetensors file, with rank, error and hash")
        )
        self.save_button.clicked.connect(self.save_requested)
        section.add(self.save_button)

    def _build_soft(self) -> None:
        section = self._view_section("soft", tr("Soft truncation"))
        tip = tr("Which soft Top-k decides how much of each σᵢ is kept")
        self._choice(section, "operator", tr("&Operator"), (), tip)
        self.formula = QLabel()
        self.formula.setWordWrap(True)
        section.add(self.formula)
        tip = tr("k is the rank r, so that hard and soft keep as much")
        self._toggle(section, "k_follows", tr("k follows the rank"), tip)
        self._number(section, "k", tr("&k"), 0, 1, tr("Σ pᵢ = k: how many values are kept"))
        tip = tr("Temperature as a share of σ₁: p = ST_k(σ / (τ σ₁)); 0 is hard truncation")
        self._number(section, "tau", tr("&τ / σ₁"), TAU_MIN, TAU_MAX, tip, log=True)
        self.soft_readouts = ReadoutTable(tr("Soft truncation"))
        section.add(self.soft_readouts)

    def _build_vectors(self) -> None:
        section = self._view_section("vectors", tr("Singular vectors"))
        tip = tr("Which pair: M vᵢ = σᵢ uᵢ")
        self._number(section, "vector", tr("Pair &i"), 1, 2, tip, integer=True)

    def _build_geometry(self) -> None:
        section = self._view_section("geometry", tr("2 × 2 matrix"))
        names = ("a", "b", "c", "d")
        tip = tr("An entry of M = [[a, b], [c, d]]; drag the slider and watch the ellipse")
        for name in names:
            control = NumberControl(name, -ENTRY_MAX, ENTRY_MAX, step=0.1, tooltip=tip)
            control.edited.connect(self._entry_edited)
            control.sealed.connect(self.sealed)
            section.add(control)
            self.numbers[name] = control
        tip = tr("0: unit circle, 1: after Vᵀ, 2: after S, 3: after U")
        self._number(section, "stage", tr("Sta&ge"), 0.0, 3.0, tip)
        self.play = QToolButton()
        self.play.setText(tr("&Play"))
        self.play.setCheckable(True)
        self.play.setToolTip(tr("Turn, stretch, turn: run through the three factors"))
        self.play.toggled.connect(self._play_toggled)
        section.add(_left(self.play))
        self._clock = QTimer(self, interval=FRAME_MS)
        self._clock.timeout.connect(self._advance)

    def _build_density(self) -> None:
        section = self._view_section("density", tr("Density"))
        tip = tr("Bars of the histogram; 0 follows the spread of the values (Freedman, Diaconis)")
        self._number(section, "bins", tr("&Bars (0: automatic)"), 0, 400, tip, integer=True)
        tip = tr(
            "Standard deviation s of the noise in one entry; 0 estimates it from the median: "
            "median(σ) / √(max(m, n) μ_β)"
        )
        self._number(section, "noise", tr("&Noise s (0: estimated)"), 0.0, 1.0, tip)
        self.noise_readouts = ReadoutTable(tr("Noise"))
        section.add(self.noise_readouts)

    def _build_error(self) -> None:
        section = self._view_section("error", tr("Error vs rank"))
        tip = tr("Divide by ‖M‖_F and σ₁, and show the stored size on the same scale")
        self._toggle(section, "error_relative", tr("Relative to the norms"), tip)

    def _build_readouts(self) -> None:
        section = self.section(tr("Matrix"))
        self.readouts = ReadoutTable(tr("Matrix"))
        section.add(self.readouts)
        self.remark = QLabel()
        self.remark.setWordWrap(True)
        self.remark.hide()
        section.add(self.remark)

    def _build_plot(self) -> None:
        section = self.section(tr("Spectrum plot"))
        quantities = (
            ("sigma", tr("singular values σ")),
            ("sigma2", tr("squares σ²")),
            ("energy", tr("cumulative energy")),
        )
        tip = tr("σᵢ, σᵢ² (eigenvalues of MᵀM), or Σ_{i≤r} σᵢ² / ‖M‖_F²")
        self._choice(section, "quantity", tr("Sho&w"), quantities, tip)
        self._toggle(section, "log_y", tr("Logarithmic &y"), tr("Equal ratios, equal distances"))
        self._toggle(section, "log_x", tr("Logarithmic &x"), tr("Power laws become straight lines"))
        self._toggle(section, "normalised", tr("&Divide by σ₁"), tr("σᵢ / σ₁: compare matrices"))
        tip = tr("A line for every rank rule, and the range where most of them agree")
        self._toggle(section, "show_rules", tr("Rank r&ules on the plot"), tip)
        methods = (
            ("auto", tr("automatic")),
            ("svd", tr("direct SVD")),
            ("gram", tr("Gram matrix, float64")),
            ("stream", tr("streamed by rows")),
        )
        tip = tr("How the values are computed; automatic takes the most accurate affordable one")
        self._choice(section, "method", tr("&Method"), methods, tip)
        reductions = (("mean", tr("block means")), ("extreme", tr("block extremes")))
        tip = tr("What one pixel of the matrix picture stands for when there are too many entries")
        self._choice(section, "reduction", tr("P&icture"), reductions, tip)

    def _build_overlays(self) -> None:
        section = self.section(tr("Comparison"))
        self.pin_button = QPushButton(tr("&Pin this spectrum"))
        self.pin_button.setToolTip(tr("Keep it in the plot while you look at other matrices"))
        self.pin_button.clicked.connect(self.pin_requested)
        section.add(self.pin_button)
        self._overlays = section
        self.overlay_rows: list[tuple[QWidget, QLabel, QToolButton]] = []

    def _view_section(self, view: str, title: str) -> Section:
        section = self.section(title)
        section.hide()
        self._by_view[view] = section
        return section

    # -- showing ----------------------------------------------------------------------------

    def set_operators(self, choices: Sequence[tuple[str, str]]) -> None:
        """Offer the operators, (key, title) each."""
        self.choices["operator"].set_choices(choices)

    def set_limits(self, limit: int) -> None:
        """Let rank, pair and k reach ``limit``."""
        top = max(limit, 1)
        self.numbers["rank"].set_range(0, top)
        self.numbers["vector"].set_range(1, max(top, 2))
        self.numbers["k"].set_range(0.0, float(top))

    def set_noise_limit(self, upper: float) -> None:
        """Let the noise level reach ``upper``."""
        self.numbers["noise"].set_range(0.0, max(upper, 1e-300))

    def set_state(self, state: SpectrumState, rank: int, k: float, pair: int) -> None:
        """Show the state; ``rank``, ``k`` and ``pair`` are the ones in force."""
        for field, toggle in self.toggles.items():
            toggle.set_value(bool(getattr(state, field)))
        for field, choice in self.choices.items():
            choice.set_value(str(getattr(state, field)))
        shown = {"rank": rank, "k": k, "vector": pair, "tau": state.tau, "stage": state.stage}
        shown |= {"bins": state.bins, "noise": state.noise}
        shown |= dict(zip("abcd", state.matrix, strict=True))
        for field, value in shown.items():
            self.numbers[field].set_value(float(value))
        energy = state.quantity == "energy"
        self.toggles["log_y"].setEnabled(not energy)
        self.toggles["normalised"].setEnabled(not energy)
        for view, section in self._by_view.items():
            section.setVisible(view == state.view)
        if state.view != "geometry" or state.stage >= 3.0:
            self.play.setChecked(False)

    def set_remark(self, text: str) -> None:
        """Show a sentence under the read-outs of the matrix; an empty one removes it."""
        self.remark.setText(text)
        self.remark.setVisible(bool(text))

    def set_overlays(self, titles: Sequence[str], can_pin: bool) -> None:
        """List the pinned spectra, each with a button that takes it away."""
        while len(self.overlay_rows) < len(titles):
            self._add_overlay_row()
        for index, (row, label, button) in enumerate(self.overlay_rows):
            row.setVisible(index < len(titles))
            if index < len(titles):
                label.setText(titles[index])
                label.setToolTip(titles[index])
                button.setAccessibleName(tr("Remove {name}", name=titles[index]))
        self.pin_button.setEnabled(can_pin)

    def _add_overlay_row(self) -> None:
        row, label, button = QWidget(), QLabel(), QToolButton()
        index = len(self.overlay_rows)
        button.setText("×")
        button.setAutoRaise(True)
        button.setToolTip(tr("Take this spectrum out of the plot"))
        button.clicked.connect(lambda: self.unpinned.emit(index))
        label.setMinimumWidth(1)
        box = QHBoxLayout(row)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACING)
        box.addWidget(label, 1)
        box.addWidget(button)
        self._overlays.add(row)
        self.overlay_rows.append((row, label, button))

    # -- the 2 x 2 matrix -------------------------------------------------------------------

    def _entry_edited(self) -> None:
        entries = tuple(self.numbers[name].value() for name in "abcd")
        self.edited.emit("matrix", entries)

    def _play_toggled(self, on: bool) -> None:
        if on:
            if self.numbers["stage"].value() >= 3.0:
                self.edited.emit("stage", 0.0)
                # The state's answer unchecks nothing: stage 0 is on its way.
            self._clock.start()
        else:
            self._clock.stop()
            self.sealed.emit()

    def _advance(self) -> None:
        step = STAGES_PER_SECOND * FRAME_MS / 1000.0
        self.edited.emit("stage", min(3.0, self.numbers["stage"].value() + step))

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: D102
        self.play.setChecked(False)
        super().hideEvent(event)


def _left(widget: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(widget)
    row.addStretch(1)
    return holder
