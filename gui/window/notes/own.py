"""The window in which a person writes of a file or an array, and sees it as it will be read."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QComboBox, QDialog, QPlainTextEdit, QVBoxLayout

from gui.core.paint.theme import SPACING
from gui.core.screen.notes import NotesView
from gui.core.screen.services import Context
from gui.core.screen.splitter import Splitter
from gui.core.state.document import EXAMPLES_PATH, entry_title
from gui.core.state.own_notes import SLICE, OwnNotes
from gui.core.widgets.heard import unseen_label
from gui.core.words.i18n import tr
from gui.core.words.names import shown_name

WIDTH, HEIGHT = 900, 480
PREVIEW_MS, KEEP_MS = 150, 500
_CHANNEL = "own_note.preview"


def write_note(window: Any, context: Context, path: str = "", entry: str = "") -> None:
    """Open the note on an array or a file; on the selected array where none is said."""
    active = context.store["selection"].active
    if not path and active is not None:
        path, entry = active.array
    if path:
        OwnNoteDialog(window, context, path, entry).show()


class OwnNoteDialog(QDialog):
    """Markdown on one side, the note on the other; it is kept while it is written.

    Parameters
    ----------
    window : QMainWindow
    context : Context
        Where it is kept: the slice "own_notes" of the state.
    path, entry : str
        The file and its array; an entry "" is the file itself.
    """

    def __init__(self, window: Any, context: Context, path: str, entry: str) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Note"))
        self._context, self._path = context, path
        self._preview = QTimer(self, singleShot=True, interval=PREVIEW_MS)
        self._preview.timeout.connect(self._typeset)
        self._keeping = QTimer(self, singleShot=True, interval=KEEP_MS)
        self._keeping.timeout.connect(self.keep)
        self.subject = QComboBox()
        if entry:
            name = entry_title(path, entry)
            self.subject.addItem(tr("On the array {name}", name=name), entry)
        file = tr("examples") if path == EXAMPLES_PATH else shown_name(path)
        self.subject.addItem(tr("On the file {name}", name=file), "")
        self.subject.currentIndexChanged.connect(self._turn)
        self._entry = entry
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(tr("Text of the note"))
        self.text.setPlaceholderText(tr("Markdown, with formulas such as $\\sigma_1^2$"))
        self.text.textChanged.connect(self._when_typed)
        self.view = NotesView()
        self.view.setAccessibleName(tr("The note as it is read"))
        split = Splitter()
        split.addWidget(self.text)
        split.addWidget(self.view)
        split.setSizes([WIDTH // 2, WIDTH // 2])
        column = QVBoxLayout(self)
        column.setContentsMargins(*(4 * [SPACING]))
        column.setSpacing(SPACING)
        column.addWidget(unseen_label(tr("What the note is on"), self.subject))
        column.addWidget(self.subject)
        column.addWidget(split, 1)
        self.resize(min(WIDTH, window.width()), min(HEIGHT, window.height()))
        self._load()

    def keep(self) -> None:
        """Put what is written into the state: one step of undo for all that is typed in a row."""
        self._keeping.stop()
        store = self._context.store
        items = store[SLICE].with_text(self._path, self._entry, self.text.toPlainText())
        if OwnNotes(items).text_of(self._path, self._entry) != self._kept():
            store.replace(SLICE, label=tr("note"), merge=f"{SLICE}.{self._entry}", items=items)

    def _kept(self) -> str:
        notes: OwnNotes = self._context.store[SLICE]
        return notes.text_of(self._path, self._entry)

    def _load(self) -> None:
        blocked = self.text.blockSignals(True)
        self.text.setPlainText(self._kept())
        self.text.blockSignals(blocked)
        self._typeset()

    def _turn(self) -> None:
        """Write of the other thing from now on: the array, or its file."""
        self.keep()
        self._context.store.seal()
        self._entry = str(self.subject.currentData())
        self._load()

    def _when_typed(self) -> None:
        self._preview.start()
        self._keeping.start()

    def _typeset(self) -> None:
        """Have the formulas typeset off the window's thread, and show the note then."""
        from gui.core.words.prepared import Ready

        request = Ready(self.text.toPlainText())
        self._context.runner.submit(_CHANNEL, request, lambda *_: self._show_preview())

    def _show_preview(self) -> None:
        bar = self.view.verticalScrollBar()
        place = bar.value()
        self.view.show_markdown(self.text.toPlainText())
        bar.setValue(place)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep the last words."""
        self.done(0)
        event.accept()

    def done(self, result: int) -> None:
        """Keep the last words, and end the step of undo."""
        self._preview.stop()
        self._context.runner.cancel(_CHANNEL)
        self.keep()
        self._context.store.seal()
        super().done(result)
