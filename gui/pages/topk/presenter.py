"""Puts the state into the controls; emits nothing, decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gui.core.state.document import DataRef
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

_OPTIONS = ("sweep_quantity", "jacobian_mode", "direction")


@dataclass(frozen=True)
class InForce:
    """What follows from the state and the scores: k, its upper end, whether it is whole."""

    k: float
    top: int
    whole: bool
    operators: tuple[str, ...]


class Presenter:
    """Shows the state in every control and option of the page, one piece at a time.

    A slider's move changes one field of many: a piece is shown again only when something it
    depends on has changed, as typed or as in force.
    """

    def __init__(self, controls: TopkControls, view: TopkView) -> None:
        self._controls, self._view = controls, view
        self._shown: dict[Callable[..., None], tuple[object, ...]] = {}

    def show(self, state: TopkState, active: DataRef | None, in_force: InForce) -> None:
        """Show ``state`` while ``active`` is selected."""
        controls, view, tell = self._controls, self._view, self._tell
        spec = effective_input(state, active)
        lines = line_count(active, state.axis)
        kinds = input_kinds(spec, active)
        tell(controls.set_k, in_force.k, in_force.top, in_force.whole, typed=state.k)
        tell(controls.tau.set_value, state.tau)
        tell(controls.set_comparison, state.comparison, state.softness)
        chosen = in_force.operators, chosen_focus(state)
        tell(controls.set_operators, *chosen, typed=(state.operators, state.focus))
        tell(controls.set_input, kinds, spec.kind, state.count, state.seed, lines)
        tell(controls.set_line, spec.axis, spec.position, lines, typed=(state.axis, state.position))
        tell(controls.reset_button.setVisible, bool(effective_edits(state, spec)))
        tell(controls.order.set_value, state.order)
        tell(controls.quantity.set_value, state.quantity)
        tell(view.set_lower, state.view)
        tell(view.set_load_available, spec.kind == "data" and lines > 0)
        tell(
            view.set_options,
            *((field, getattr(state, field)) for field in _OPTIONS),
        )

    def _tell(self, setter: Callable[..., None], *values: object, typed: object = None) -> None:
        now = (values, typed)
        if self._shown.get(setter) != now:
            self._shown[setter] = now
            setter(*values)
