"""The notes: a page of theory for each page of the window, opened at what is in front (F1).

``assets/notes/KEY.LANGUAGE.md`` is Markdown; a line ``<!-- view -->`` before a heading names the
view that the section explains.
"""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextBlock
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from gui.core.paint.theme import SPACING
from gui.core.words.i18n import language, tr
from gui.core.words.resources import asset

WIDTH, HEIGHT = 720, 760
_SECTION = re.compile(r"<!-- (\w+) -->\n#+ (.+)\n")
_MARK = re.compile(r"<!-- \w+ -->\n")
# Markdown reads the end of a line as a blank; Chinese has none between its characters.
_WIDE = r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
_BROKEN_CHINESE = re.compile(rf"(?<={_WIDE})\n(?={_WIDE})")


def read_note(key: str, speech: str) -> tuple[str, dict[str, str]]:
    """Return the Markdown of a page's note, and the heading of each section by view.

    A language without a note of its own has the English one.

    Raises
    ------
    FileNotFoundError
        When the page has no note at all.
    """
    try:
        path = asset(f"notes/{key}.{speech}.md")
    except FileNotFoundError:
        path = asset(f"notes/{key}.en.md")
    text = path.read_text(encoding="utf-8")
    headings = {found[1]: found[2] for found in _SECTION.finditer(text)}
    return _BROKEN_CHINESE.sub("", _MARK.sub("", text)), headings


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
