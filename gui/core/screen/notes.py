"""Notes with formulas: a text to read."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, Qt, QUrl, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QPalette,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QTextBrowser, QWidget

from gui.core.paint.theme import SPACING
from gui.core.screen.formulas import FormulaObjects
from gui.core.words.i18n import tr
from gui.core.words.markdown import markdown_to_html

_OBJECT = "\ufffc"
_BREAKS = str.maketrans({"\u2029": "\n", "\u2028": "\n", "\ufdd0": "\n", "\ufdd1": "\n"})


class NotesView(QTextBrowser):
    """Shows Markdown with LaTeX: formulas on the line, in the ink of the text, sharp at any scale.

    What is copied has the LaTeX of the formulas. ``link_chosen(link)`` tells where a link leads.
    """

    link_chosen = Signal(str)
    source_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Notes"))
        self.setOpenLinks(False)
        self.anchorClicked.connect(self._follow)
        self.markdown = ""
        self._objects = FormulaObjects(self)
        self._mime: QMimeData | None = None
        self._written: QTextDocument | None = None

    def show_markdown(self, text: str) -> None:
        """Show a text from its top."""
        self.markdown = text
        self._write()

    @property
    def drawn_formulas(self) -> int:
        """How many formulas have been painted since the text is there: those that were in sight."""
        return len(self._objects.drawn)

    @property
    def formula_count(self) -> int:
        """How many formulas the text has."""
        return len(self._objects.placed)

    def _write(self) -> None:
        self._objects.forget()
        self._objects.font = self.font()
        self._objects.ink = self.palette().color(QPalette.ColorRole.Text)
        # Made before it is shown: a text in sight is laid out anew at each step.
        document, former = QTextDocument(self), self._written
        document.setDefaultFont(self.font())
        document.setDefaultStyleSheet(_style(self.palette()))
        html = markdown_to_html(self.markdown, draw=self._objects.place)
        document.setHtml(html.strip())
        self._set_margins(document)  # while nothing lays out yet
        kind = QTextFormat.ObjectTypes.ImageObject.value
        document.documentLayout().registerHandler(kind, self._objects)
        self.setDocument(document)
        self._written = document
        if former is not None:
            former.deleteLater()

    def _set_margins(self, document: QTextDocument) -> None:
        """Leave room around the text, and below it so that its last section can begin on top."""
        frame = document.rootFrame()
        margins = frame.frameFormat()
        margins.setMargin(2 * SPACING)
        margins.setBottomMargin(max(2 * SPACING, self.viewport().height() - 4 * SPACING))
        frame.setFrameFormat(margins)

    # -- headings -----------------------------------------------------------------------------

    def headings(self) -> list[tuple[int, str]]:
        """Return level and words of each heading, in their order."""
        return [(block.blockFormat().headingLevel(), _words(block)) for block in self._headings()]

    def show_heading(self, number: int) -> None:
        """Scroll so that a heading, by its place among them, is on top; one there is not: to it."""
        bar, blocks = self.verticalScrollBar(), self._headings()
        if not 0 < number < len(blocks):
            bar.setValue(0)
            return
        layout = self.document().documentLayout()
        layout.documentSize()  # lays out all of it, so that the bar reaches far enough
        bar.setValue(round(layout.blockBoundingRect(blocks[number]).top()))

    def heading_on_top(self) -> int:
        """Return which heading the text in sight belongs to, by its place among them."""
        top = self.cursorForPosition(self.viewport().rect().topLeft()).position() + 1
        before = [one for one in self._headings() if one.position() <= top]
        return max(0, len(before) - 1)

    def _headings(self) -> list[QTextBlock]:
        found = []
        block = self.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel():
                found.append(block)
            block = block.next()
        return found

    def show_link(self, link: str) -> bool:
        """Choose the first place that leads there, and bring it into sight; return whether."""
        block = self.document().begin()
        while block.isValid():
            parts = block.begin()
            while not parts.atEnd():
                part = parts.fragment()
                if part.charFormat().anchorHref() == link:
                    cursor = QTextCursor(self.document())
                    cursor.setPosition(part.position())
                    cursor.setPosition(
                        part.position() + part.length(), QTextCursor.MoveMode.KeepAnchor
                    )
                    self.setTextCursor(cursor)
                    return True
                parts += 1
            block = block.next()
        return False

    # -- what a person does -------------------------------------------------------------------

    def find_words(self, words: str, *, back: bool = False, afresh: bool = False) -> bool:
        """Choose the next place that says ``words``, from the top again after the last."""
        flags = self.document().FindFlag.FindBackward if back else self.document().FindFlag(0)
        cursor = self.textCursor()
        if afresh:
            cursor.setPosition(cursor.selectionStart())
        found = self.document().find(words, cursor, flags)
        if found.isNull():
            end = QTextCursor(self.document())
            if back:
                end.movePosition(QTextCursor.MoveOperation.End)
            found = self.document().find(words, end, flags)
        if not found.isNull():
            self.setTextCursor(found)
        return not found.isNull()

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: D102
        # Tab walks over the links from what is in sight on: Qt begins where the text does.
        cursor = self.textCursor()
        if next and not cursor.hasSelection():
            cursor = self.cursorForPosition(self.viewport().rect().topLeft())
            cursor.movePosition(
                QTextCursor.MoveOperation.NextCharacter, QTextCursor.MoveMode.KeepAnchor
            )
            self.setTextCursor(cursor)
        return super().focusNextPrevChild(next)

    def createMimeDataFromSelection(self) -> QMimeData:  # noqa: D102
        # Kept here: Qt does not, and the program would crash at its end.
        self._mime = QMimeData()
        self._mime.setText(self.selected_source())
        return self._mime

    def selected_source(self) -> str:
        """Return what is selected as text, with the LaTeX of its formulas."""
        cursor = self.textCursor()
        text, start = cursor.selectedText(), cursor.selectionStart()
        parts, at, done = [], text.find(_OBJECT), 0
        while at >= 0:
            cursor.setPosition(start + at + 1)  # the format before the cursor
            parts += [text[done:at], self._objects.source(cursor.charFormat())]
            done, at = at + 1, text.find(_OBJECT, at + 1)
        return "".join([*parts, text[done:]]).translate(_BREAKS)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: D102
        menu = self.createStandardContextMenu(event.pos())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        source = QAction(tr("Show &source"), menu)
        source.triggered.connect(self.source_requested)
        menu.addAction(source)
        menu.popup(event.globalPos())

    def _follow(self, url: QUrl) -> None:
        self.link_chosen.emit(url.toString())

    def changeEvent(self, event: QEvent) -> None:  # noqa: D102
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and self.markdown:
            place = self.verticalScrollBar().value()
            self._write()
            self.verticalScrollBar().setValue(place)


def _words(block: QTextBlock) -> str:
    return block.text().replace(_OBJECT, "").strip()


def _style(palette: QPalette) -> str:
    """Return how code, tables and links look in these colours."""
    faint = palette.color(QPalette.ColorRole.Mid).name()
    ground = palette.color(QPalette.ColorRole.AlternateBase).name()
    link = palette.color(QPalette.ColorRole.Link).name()
    return (
        f"a {{ color: {link}; }} code, pre {{ background-color: {ground}; }}"
        "table { border-collapse: collapse; margin-top: 4px; margin-bottom: 8px; }"
        f"th, td {{ border: 1px solid {faint}; padding: 4px 8px; }} th {{ font-weight: bold; }}"
        "li { margin-bottom: 4px; } p { margin-bottom: 6px; line-height: 125%; }"
    )
