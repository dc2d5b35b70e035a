"""The numbers beside the Top-k plots: read-outs, timings, and refusals in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from PySide6.QtCore import QTimer

from gui.core.widgets.controls import format_value
from gui.core.words.i18n import tr
from gui.pages.topk.controls_view import TopkControls
from gui.pages.topk.figures import Style
from gui.pages.topk.requests import OperatorOutput
from gui.pages.topk.scores import Scores
from gui.pages.topk.wording import readout_rows

# Nobody reads numbers faster, and laying the panel out anew takes as long as drawing the curves.
INTERVAL_MS = 100


@dataclass(frozen=True, eq=False)
class _Shown:
    scores: Scores
    k: float
    outputs: tuple[OperatorOutput, ...]
    own_tau: bool


class Readouts:
    """Writes the latest numbers into the controls, a few times a second while they change.

    ``tempered`` are the keys of the operators that have a tau.
    """

    def __init__(
        self, controls: TopkControls, styles: Mapping[str, Style], tempered: Set[str]
    ) -> None:
        self._controls = controls
        self._styles = styles
        self._tempered = tempered
        self._latest: _Shown | None = None
        self._timer = QTimer(controls, singleShot=True, interval=INTERVAL_MS)
        self._timer.timeout.connect(self._write)

    @property
    def pending(self) -> bool:
        """Whether newer numbers than those shown wait to be written."""
        return self._timer.isActive()

    def show(
        self, scores: Scores, k: float, outputs: Sequence[OperatorOutput], own_tau: bool
    ) -> None:
        """Write these numbers soon, unless newer ones come first."""
        self._latest = _Shown(scores, k, tuple(outputs), own_tau)
        if not self._timer.isActive():
            self._timer.start()

    def show_errors(self, outputs: Sequence[OperatorOutput]) -> None:
        """Put each refusal beside the control that caused it, at once."""
        errors = {
            one.argument: tr("{name}: {error}", name=self._styles[one.key].name, error=one.error)
            for one in reversed(outputs)
            if one.error
        }
        controls = self._controls
        controls.set_k_error(errors.get("k", ""))
        controls.tau.set_error(errors.get("tau", ""))
        controls.input_error.set_text(errors.get("x", ""))
        controls.operator_error.set_text(errors.get("operator", ""))

    def stop(self) -> None:
        """Write nothing any more."""
        self._timer.stop()

    def _write(self) -> None:
        latest = self._latest
        if latest is None:
            return
        own_tau = self._tempered if latest.own_tau else frozenset()
        rows = readout_rows(latest.scores, latest.k, latest.outputs, self._styles, own_tau)
        self._controls.readouts.set_rows(rows)
        for key in self._styles.keys() - {one.key for one in latest.outputs}:
            self._controls.set_timing(key, "", "")
        for output in latest.outputs:
            time = tr("{time} ms", time=format_value(1000 * output.seconds, 2))
            tau = tr("tau = {tau}", tau=format_value(output.tau))
            if output.key not in self._tempered:
                tau = ""
            if output.error:
                time, tau = "–", output.error
            self._controls.set_timing(output.key, time, tau)
