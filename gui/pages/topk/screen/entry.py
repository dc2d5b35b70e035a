"""Numbers into the page by clipboard or editor, and the operator out of it as code."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication

from gui.core.declare.answers import Missing
from gui.core.screen.code_button import CodeButton, copy_code
from gui.core.screen.page_screen import PageScreen
from gui.core.state.scores import Override
from gui.core.widgets.controls import set_usable
from gui.core.words.i18n import tr, tr_sentence
from gui.pages.topk.compute.catalogue import Detail, any_compared, infos
from gui.pages.topk.compute.code import python_code
from gui.pages.topk.compute.inputs import PASTE_MAX, active
from gui.pages.topk.compute.outputs import Kept, taus
from gui.pages.topk.compute.scores import Dragged
from gui.pages.topk.numbers import (
    NotANumber,
    comma_words,
    numbers_text,
    parse_numbers,
)
from gui.pages.topk.screen.dialog import NumbersDialog
from gui.pages.topk.show.sentences import read_as


class NumberEntry:
    """Pastes and edits; ``complaint`` says which item of what was pasted is no number."""

    def __init__(self, screen: PageScreen) -> None:
        self._screen, self._context = screen, screen.context
        self.complaint = ""
        self.dialog: NumbersDialog | None = None
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Paste), screen.view)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.paste)

    def paste(self) -> None:
        """Take the clipboard's numbers as scores, or say which item is not a number."""
        text = QApplication.clipboard().text()
        try:
            numbers = parse_numbers(text)
        except NotANumber as error:
            self.complaint = tr("Nothing was pasted. {reason}", reason=str(error))
            self._screen.conductor.update()
            return
        self.complaint = ""
        self.use(numbers)
        scores = read_as(len(numbers), comma_words(text))
        self._context.notify(tr("Pasted {scores}.", scores=scores), "info")

    def open(self) -> None:
        """Open the editor with the scores in force."""
        scores = self._screen.conductor.present().look(Dragged)
        values: tuple[float, ...] = ()
        if not isinstance(scores, Missing) and scores.size <= PASTE_MAX:
            values = tuple(scores.values.tolist())
        self.dialog = NumbersDialog(numbers_text(values), self._screen.controls)
        self.dialog.numbers_entered.connect(self.use)
        self.dialog.open()

    def close(self) -> None:
        """Close the editor, if it is open."""
        if self.dialog is not None:
            self.dialog.close()
            self.dialog = None

    def use(self, numbers: tuple[float, ...]) -> None:
        """Have numbers as scores, in place of the selected array."""
        ref = self._screen.conductor.present().look(active)
        override = Override(ref, "pasted", numbers)
        self._screen.conductor.edit("override", override, tr("pasted scores"))


class CodeCopier:
    """Copies the operator in detail as a function that needs one library, at its k and tau.

    "Copy as Python" of every plot is another thing: the call that draws it.
    """

    def __init__(self, screen: PageScreen) -> None:
        self._screen, self._context = screen, screen.context
        self._tip = tr(
            "Copy the operator in detail as a function that runs by itself, at its k and tau"
        )
        self.button = CodeButton(tr("Copy o&perator as code"), self._tip)
        self.button.chosen.connect(self.copy)
        screen.controls.section_of("Operators").add(self.button)

    def show(self) -> None:
        """Let it be pressed while there is an operator to copy."""
        usable = self._screen.conductor.present().look(any_compared) is True
        set_usable(self.button, usable, self._tip, tr("Tick an operator first."))

    def copy(self, flavour: str) -> None:
        """Put the function on the clipboard, or say why there is none."""
        now = self._screen.conductor.present()
        key, known, own = now.look(Detail.focus), now.look(infos), now.look(taus)
        if isinstance(known, Missing) or key not in known:
            return
        tau = now.look(Kept.tau) if isinstance(own, Missing) else dict(own).get(key)
        name = known[key].title
        try:
            if tau is None:
                raise ValueError(tr("{name} does not answer at this softness.", name=name))
            text = python_code(key, now.look(Kept.k), tau, flavour)
        except ValueError as error:
            message = tr("No code for {name}: {reason}", name=name, reason=tr_sentence(error))
            self._context.notify(message, "warning")
            return
        copy_code(text, name, flavour, self._context)
