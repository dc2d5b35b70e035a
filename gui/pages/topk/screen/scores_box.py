"""Where the scores come from: the choice of a kind, stepping, and buttons beside the controls."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from gui.core.declare.answers import Missing
from gui.core.declare.moment import Moment
from gui.core.paint.theme import SPACING
from gui.core.screen.declared_controls import DeclaredControls
from gui.core.state.scores import Override
from gui.core.widgets.controls import ChoiceControl, set_usable
from gui.core.words.i18n import tr
from gui.core.work.conductor import Conductor
from gui.pages.topk.compute.inputs import (
    GENERATORS,
    Along,
    Spec,
    active,
    has_lines,
    kind,
    last_line,
)
from gui.pages.topk.compute.scores import Dragged, Load
from gui.pages.topk.show.sentences import kind_title

_SHOWN_FOR = frozenset({kind, active, last_line, Spec.position, Along.axis, Dragged, Load})


class ScoresBox(QObject):
    """``editor_requested``, ``points_reset``: a person pressed the button."""

    editor_requested = Signal()
    points_reset = Signal()

    def __init__(self, controls: DeclaredControls, conductor: Conductor) -> None:
        super().__init__(controls)
        self._conductor = conductor
        self._kinds: list[tuple[str, str]] = []
        section = controls.section_of("Scores")
        self.kind = ChoiceControl(
            tr("F&rom"), (), tooltip=tr("Where the scores come from; choosing a file wins")
        )
        self.kind.edited.connect(self._choose_kind)
        section.insert(0, self.kind)
        section.add(self._step_buttons())
        controls.add_place("x", "Scores")
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

    # -- from the person --------------------------------------------------------------------

    def _choose_kind(self, chosen: str) -> None:
        if chosen == "pasted":
            return
        ref = self._conductor.present().look(active)
        override = None if chosen == "data" else Override(ref, chosen)  # type: ignore[arg-type]
        self._conductor.edit("override", override)

    def _step(self, step: int) -> None:
        position = self._conductor.present().look(Spec).position
        self._conductor.edit("position", position + step)
        self._conductor.seal()

    # -- display ----------------------------------------------------------------------------

    def show_moment(self, now: Moment, changed: frozenset[Any] | None) -> None:
        """Show where the scores come from; emits nothing."""
        if changed is not None and changed.isdisjoint(_SHOWN_FOR):
            return
        chosen, spec = now.look(kind), now.look(Spec)
        offered = [*(["data"] if now.look(active) is not None else []), *GENERATORS]
        offered += ["pasted"] if chosen == "pasted" else []
        kinds = [(one, kind_title(one)) for one in offered]
        if self._kinds != kinds:
            # Filling a combo box costs more than a frame has: only when the entries differ.
            self._kinds = kinds
            self.kind.set_choices(kinds)
        self.kind.set_value(chosen)
        self.steps.setVisible(now.look(has_lines))
        last = now.look(last_line)
        for button, usable, keys, why in (
            (self.previous, spec.position > 0, "Alt+Up", tr("This is the first one.")),
            (self.next, spec.position < last, "Alt+Down", tr("This is the last one.")),
        ):
            set_usable(button, usable, tr("Step through the array ({keys})", keys=keys), why)
        edits = now.look(Dragged.edits)
        moved = edits is not None and not isinstance(edits, Missing) and bool(edits.of(spec))
        self.reset_button.setVisible(moved)
