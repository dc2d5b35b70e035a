"""The four entries of the 2 x 2 matrix, and a clock that runs the circle through its stages."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QToolButton

from gui.core.declare.answers import Missing
from gui.core.declare.moment import Moment
from gui.core.screen.declared_controls import DeclaredControls
from gui.core.widgets.controls import NumberControl
from gui.core.words.i18n import tr
from gui.core.work.conductor import Conductor
from gui.pages.spectrum.compute.circle import FollowCircle, Matrix2

REACH = 10.0  # of the sliders; a matrix with larger entries widens them
FRAME_MS = 33
STAGES_PER_SECOND = 0.8


class Player(QObject):
    """Entries, and Play under the stage."""

    def __init__(self, controls: DeclaredControls, conductor: Conductor) -> None:
        super().__init__(controls)
        self._conductor = conductor
        section = controls.section_of("geometry")
        tip = tr("An entry of M = [[a, b], [c, d]]; drag the slider and watch the ellipse")
        self.entries: list[NumberControl] = []
        for place, name in enumerate("abcd"):
            entry = NumberControl(name, -REACH, REACH, step=0.1, tooltip=tip)
            entry.edited.connect(self._entry_edited)
            entry.sealed.connect(conductor.seal)
            section.insert(place, entry)
            self.entries.append(entry)
        self.button = QToolButton()
        self.button.setText(tr("P&lay"))
        self.button.setCheckable(True)
        self.button.setToolTip(tr("Turn, stretch, turn: run through the three factors"))
        self.button.toggled.connect(self._toggled)
        section.add(self.button, Qt.AlignmentFlag.AlignLeft)
        self._clock = QTimer(self, interval=FRAME_MS)
        self._clock.timeout.connect(self._advance)
        self._stage = 3.0

    def show_state(self, state: Any, now: Moment) -> None:
        """Show the matrix drawn; at the last stage, and out of sight, the clock stops."""
        matrix = _drawn(now) or state.matrix
        reach = max(REACH, *(abs(value) for value in matrix))
        for entry, value in zip(self.entries, matrix, strict=True):
            entry.set_range(-reach, reach)
            entry.set_value(value)
        self._stage = state.stage
        if state.view != "geometry" or state.stage >= 3.0:
            self.stop()

    def stop(self) -> None:
        """Let the clock stand."""
        self.button.setChecked(False)

    def _entry_edited(self) -> None:
        values = tuple(entry.value() for entry in self.entries)
        fields = {"matrix": values, "circle_of": "own"}
        self._conductor.edit_many(fields, tr("2 × 2 matrix"), "spectrum.matrix2")

    def _toggled(self, on: bool) -> None:
        if not on:
            self._clock.stop()
            self._conductor.seal()
            return
        if self._stage >= 3.0:
            self._conductor.edit("stage", 0.0)
        self._clock.start()

    def _advance(self) -> None:
        if not self.entries[0].isVisible():
            self.stop()
            return
        step = STAGES_PER_SECOND * FRAME_MS / 1000.0
        self._conductor.edit("stage", min(3.0, self._stage + step))


def _drawn(now: Moment) -> Matrix2 | None:
    """Return the matrix that the circle goes through; None where there is none of real numbers."""
    parts = now.args(FollowCircle)
    return None if isinstance(parts, Missing) else FollowCircle(**parts).real_entries()
