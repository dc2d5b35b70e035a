"""The notes: a page of theory for each page of the window, opened at what is in front (F1)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextBlock
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from gui.core.paint.theme import SPACING
from gui.core.words.i18n import language, tr
from gui.core.words.notes import read_note

WIDTH, HEIGHT = 720, 760


class NotesDialog(QDialog):
    """Shows a note beside the window; it may stay open while one goes on working."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.browser = QTextBrowser()
        self.browser.setAccessibleName(tr("Notes"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.browser)
        self.resize(WIDTH, min(HEIGHT, parent.height()))

    def show_note(self, key: str, title: str, view: str) -> None:
        """Show the note of the page ``key`` from the section on ``view`` on, else from its top."""
        self.setWindowTitle(tr("Notes: {title}", title=title))
        try:
            text, headings = read_note(key, language())
        except FileNotFoundError:
            text, headings = tr("There are no notes on this page."), {}
        self.show()
        self.raise_()
        self.browser.setMarkdown(text)
        self._set_margins()
        self._scroll_to(headings.get(view, ""))

    def _set_margins(self) -> None:
        frame = self.browser.document().rootFrame()
        margins = frame.frameFormat()
        margins.setMargin(2 * SPACING)
        # Room below the end, so that also the last section can begin at the top of the view.
        margins.setBottomMargin(self.browser.viewport().height() - 4 * SPACING)
        frame.setFrameFormat(margins)

    def _scroll_to(self, heading: str) -> None:
        block = self._heading(heading)
        bar = self.browser.verticalScrollBar()
        if block is None:
            bar.setValue(0)
            return
        layout = self.browser.document().documentLayout()
        layout.documentSize()  # lays out all of it, so that the bar reaches far enough
        bar.setValue(round(layout.blockBoundingRect(block).top()))

    def _heading(self, text: str) -> QTextBlock | None:
        block = self.browser.document().begin()
        while block.isValid():
            if text and block.blockFormat().headingLevel() and block.text() == text:
                return block
            block = block.next()
        return None
