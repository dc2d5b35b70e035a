"""Puts the state into the controls; emits nothing, decides nothing."""

from __future__ import annotations

from dataclasses import dataclass

from gui.core.document import DataRef
from gui.pages.topk.controls_view import TopkControls
from gui.pages.topk.state import (
    TopkState,
    chosen_focus,
    effective_edits,
    effective_input,
    line_count,
)
from gui.pages.topk.view import TopkView
from gui.pages.topk.wording import input_kinds


@dataclass(frozen=True)
class InForce:
    """What follows from the state and the scores: k, its upper end, whether it is whole."""

    k: float
    top: int
    whole: bool
    operators: tuple[str, ...]


def show_state(
    controls: TopkControls,
    view: TopkView,
    state: TopkState,
    active: DataRef | None,
    in_force: InForce,
) -> None:
    """Show ``state`` in every control and option of the page."""
    spec = effective_input(state, active)
    controls.set_k(in_force.k, in_force.top, in_force.whole)
    controls.tau.set_value(state.tau)
    controls.set_comparison(state.comparison, state.softness)
    controls.set_operators(in_force.operators, chosen_focus(state))
    lines = line_count(active, state.axis)
    kinds = input_kinds(spec, active)
    controls.set_input(kinds, spec.kind, state.count, state.seed, lines)
    controls.set_line(spec.axis, spec.position, lines)
    controls.reset_button.setVisible(bool(effective_edits(state, spec)))
    controls.order.set_value(state.order)
    controls.quantity.set_value(state.quantity)
    view.set_lower(state.view)
    view.set_load_available(spec.kind == "data" and lines > 0)
    for field in ("sweep_quantity", "jacobian_mode", "direction"):
        view.set_option(field, getattr(state, field))
