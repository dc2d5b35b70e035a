"""Numbers into the page by clipboard or editor, and the operator out of it as Python code."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QApplication

from gui.core.screen.services import Context
from gui.core.words.i18n import tr, tr_sentence
from gui.pages.topk.controls_view import TopkControls
from gui.pages.topk.numbers import (
    NotANumber,
    has_decimal_commas,
    numbers_text,
    parse_numbers,
    scores_text,
)
from gui.pages.topk.numbers_dialog import NumbersDialog
from gui.pages.topk.requests import operator_catalogue, python_snippet
from gui.pages.topk.scores import Scores
from gui.pages.topk.state import PASTE_MAX, Override, chosen_focus

SLICE = "topk"


class NumberEntry:
    """Pastes, edits and copies on behalf of the controller."""

    def __init__(
        self,
        context: Context,
        controls: TopkControls,
        scores: Callable[[], Scores | None],
        k_in_force: Callable[[], float],
    ) -> None:
        self._context = context
        self._controls = controls
        self._scores = scores
        self._k_in_force = k_in_force
        self.dialog: NumbersDialog | None = None

    def paste(self) -> None:
        """Take the clipboard's numbers as scores, or say which item is not a number."""
        text = QApplication.clipboard().text()
        try:
            numbers = parse_numbers(text)
        except NotANumber as error:
            message = tr("Nothing was pasted. {reason}", reason=str(error))
            self._controls.input_error.set_text(message)
            return
        self._controls.input_error.set_text("")
        self._use(numbers)
        words = tr("Pasted {scores}.", scores=scores_text(len(numbers)))
        if has_decimal_commas(text):
            scores = scores_text(len(numbers))
            words = tr("Pasted {scores}, read with decimal commas.", scores=scores)
        self._context.notify(words, "info")

    def open(self) -> None:
        """Open the editor with the scores in force."""
        scores = self._scores()
        values: tuple[float, ...] = ()
        if scores is not None and scores.size <= PASTE_MAX:
            values = tuple(scores.values.tolist())
        self.dialog = NumbersDialog(numbers_text(values), self._controls)
        self.dialog.numbers_entered.connect(self._use)
        self.dialog.open()

    def copy(self, flavour: str) -> None:
        """Put a self-contained function of the operator in detail on the clipboard."""
        state = self._context.store[SLICE]
        key = chosen_focus(state)
        title = next(info.title for info in operator_catalogue() if info.key == key)
        try:
            text = python_snippet(key, self._k_in_force(), state.tau, flavour)
        except ValueError as error:
            message = tr(
                "No Python code for {name}: {reason}", name=title, reason=tr_sentence(error)
            )
            self._context.notify(message, "warning")
            return
        QApplication.clipboard().setText(text)
        self._context.notify(tr("Copied {name} as Python.", name=title), "info")

    def close(self) -> None:
        """Close the editor, if it is open."""
        if self.dialog is not None:
            self.dialog.close()
            self.dialog = None

    def _use(self, numbers: tuple[float, ...]) -> None:
        store = self._context.store
        override = Override(store["selection"].active, "pasted", numbers)
        store.replace(SLICE, label=tr("pasted scores"), override=override)
