"""The window of the notes: a page of theory for each page, opened at what is in front (F1)."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, QRect, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.core.declare.page import Page
from gui.core.paint.theme import SPACING
from gui.core.screen.notes import NotesView
from gui.core.screen.services import Context
from gui.core.screen.splitter import Splitter
from gui.core.words.i18n import language, tr
from gui.core.words.notes import note_sections, read_note
from gui.window.finding.offers import open_found

WIDTH, HEIGHT, CONTENTS = 940, 760, 200
NARROW = 640  # below it the contents are put away
READING = "how-to-read-this"  # the section that tells the controls of a page
_SCHEME = "rankscope:"
_ASKED = "notes/web"


def show_note(window: Any, context: Context, page: Page, section: str, control: str = "") -> None:
    """Open the theory of a page at a section, in the window of notes that is open already.

    With a ``control`` of the page: where the note says it.
    """
    dialog = window.findChild(NotesDialog) or NotesDialog(window, context)
    dialog.show_note(page.key, tr(page.title), section)
    if control:
        dialog.browser.show_link(f"{_SCHEME}control/{page.key}.{control}")


def show_here(window: Any, context: Context, page: Page) -> None:
    """Open the theory of what is in front: of the control with the keyboard, or the lower view."""
    focus, controls = window.focusWidget(), window.page(page.key).controls
    if focus is None or controls is None or not controls.isAncestorOf(focus):
        show_note(window, context, page, getattr(window.store[page.key], "view", ""))
    else:
        show_note(window, context, page, READING, controls.name_at(focus))


def note_in_front(window: Any) -> tuple[str, str]:
    """Return the page whose notes are open, and the section in sight; ("", "") for none."""
    dialog = window.findChild(NotesDialog)
    return dialog.place if dialog is not None and dialog.isVisible() else ("", "")


def _controls_left(window: Any) -> int:
    """Return where the controls begin, from the left; the width where they are elsewhere."""
    dock = window.findChild(QDockWidget, "dock.controls")
    docked = dock.isVisible() and not dock.isFloating() and dock.x() > window.width() // 2
    return int(dock.x() if docked else window.width())


class NotesDialog(QDialog):
    """Shows notes beside the window; it may stay open while one goes on working.

    Parameters
    ----------
    window : QMainWindow
        Where links to pages, operators and controls lead.
    context : Context
        Who asks before the web is opened, and remembers the answer.
    """

    def __init__(self, window: Any, context: Context) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._window, self._context = window, context
        self._shown = ""  # the page
        self._sections: list[str] = []
        self._before: list[tuple[str, str]] = []  # places
        self.browser = NotesView()
        self.browser.link_chosen.connect(self.follow)
        self.browser.source_requested.connect(self.show_source)
        self.contents = self._make_contents()
        self.split = Splitter()
        self.split.addWidget(self.contents)
        self.split.addWidget(self.browser)
        self.split.setStretchFactor(1, 1)
        self.split.setSizes([CONTENTS, WIDTH - CONTENTS])
        self.back = QToolButton()
        self.back.setText("←")
        self.back.setToolTip(tr("Back to the note before (Alt+Left)"))
        self.back.setAccessibleName(tr("Back"))
        self.back.clicked.connect(self.go_back)
        self.finding = self._make_finding()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.finding)
        column.addWidget(self.split, 1)
        for keys, slot in (("Ctrl+F", self.begin_finding), ("Alt+Left", self.go_back)):
            QShortcut(QKeySequence(keys), self, slot)
        # Over the plots, so that the controls that a formula leads to stay in sight.
        beside = _controls_left(window)
        width = min(WIDTH, beside if beside >= NARROW else window.width())
        self.resize(width, min(HEIGHT, window.height()))
        self.move(window.mapToGlobal(QPoint(max(0, beside - width), 0)))

    def _make_contents(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setHeaderHidden(True)
        tree.setRootIsDecorated(False)
        tree.setIndentation(SPACING)
        tree.setAccessibleName(tr("Contents"))
        tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        for chosen in (tree.itemActivated, tree.itemClicked):
            chosen.connect(self._show_section)
        return tree

    def _make_finding(self) -> QWidget:
        bar = QWidget()
        self.line = QLineEdit(clearButtonEnabled=True)
        self.line.setPlaceholderText(tr("Find in this note (Ctrl+F)"))
        self.line.setAccessibleName(tr("Find in this note"))
        self.line.textChanged.connect(lambda _: self._find(afresh=True))
        self.line.returnPressed.connect(self._find)
        self.found = QLabel()
        row = QHBoxLayout(bar)
        row.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        row.addWidget(self.back)
        row.addWidget(self.line, 1)
        row.addWidget(self.found)
        return bar

    # -- what is shown ------------------------------------------------------------------------

    @property
    def place(self) -> tuple[str, str]:
        """The page whose note is shown, and the key of the section in sight."""
        at = self.browser.heading_on_top()
        return self._shown, self._sections[at] if at < len(self._sections) else ""

    def show_note(self, key: str, title: str, section: str) -> None:
        """Show the note of the page ``key`` from a section on, else from its top."""
        self.setWindowTitle(tr("Notes: {title}", title=title))
        if self.isVisible() and self._shown:
            self._before.append(self.place)
        self._shown = key
        try:
            text, _ = read_note(key, language())
            self._sections = [one.key for one in note_sections(key, language())]
        except FileNotFoundError:
            text, self._sections = tr("There are no notes on this page."), []
        self.back.setEnabled(bool(self._before))
        self.show()
        self.raise_()
        self.activateWindow()
        if self.browser.markdown != text:
            self.browser.show_markdown(text)
            self._list_contents()
        number = self._sections.index(section) if section in self._sections else 0
        self.browser.show_heading(number)
        self.browser.setFocus()

    def _list_contents(self) -> None:
        self.contents.clear()
        parents: list[tuple[int, QTreeWidgetItem]] = []
        for number, (level, words) in enumerate(self.browser.headings()):
            item = QTreeWidgetItem([words])
            item.setToolTip(0, words)
            item.setData(0, Qt.ItemDataRole.UserRole, number)
            while parents and parents[-1][0] >= level:
                parents.pop()
            if parents:
                parents[-1][1].addChild(item)
            else:
                self.contents.addTopLevelItem(item)
            parents.append((level, item))
        self.contents.expandAll()

    def _show_section(self, item: QTreeWidgetItem) -> None:
        self.browser.show_heading(item.data(0, Qt.ItemDataRole.UserRole))

    def go_back(self) -> None:
        """Show what was there before the last link."""
        if self._before:
            self._shown = ""  # no step of its own
            self._window.show_note(*self._before.pop())

    # -- links --------------------------------------------------------------------------------

    def follow(self, link: str) -> None:
        """Go where a link leads: a note, a page, an operator, a control, or the web."""
        if link.startswith(_SCHEME):
            open_found(self._window, link.removeprefix(_SCHEME), {})
            if not link.startswith(f"{_SCHEME}note/"):
                self._give_way(link.startswith(f"{_SCHEME}control/"))
            return
        settings = self._context.settings
        if not settings.value(_ASKED, False):
            question = tr("{link}\n\nOpen links of notes in the browser?", link=link)
            if not self._context.dialogs.confirm(self, tr("Open the web"), question):
                return
            settings.set_value(_ASKED, True)
        QDesktopServices.openUrl(QUrl(link))

    def _give_way(self, to_control: bool) -> None:
        """Hand the keyboard to the window; what would hide where a link led goes, F1 returns."""
        target = self._window.focusWidget() if to_control else self._window.tabs
        if target is not None:
            place = QRect(target.mapToGlobal(QPoint(0, 0)), target.size())
            hidden = place & self.frameGeometry()
            if 2 * hidden.width() * hidden.height() > place.width() * place.height():
                self.hide()
        self._window.activateWindow()

    def show_source(self) -> None:
        """Show the Markdown as text: what a screen reader reads with the LaTeX in place."""
        dialog = QDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(tr("Source of the note"))
        text = QPlainTextEdit(self.browser.markdown, readOnly=True)
        text.setAccessibleName(tr("Source of the note"))
        text.setTabChangesFocus(True)
        column = QVBoxLayout(dialog)
        column.addWidget(text)
        dialog.resize(self.size() * 0.8)
        dialog.open()

    # -- finding and keys ---------------------------------------------------------------------

    def begin_finding(self) -> None:
        """Put the keyboard into the line of what is to be found."""
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    def _find(self, afresh: bool = False) -> None:
        words = self.line.text()
        there = not words or self.browser.find_words(words, afresh=afresh)
        self.found.setText("" if there else tr("not in this note"))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return  # what Enter does is said by what has the focus
        if event.key() == Qt.Key.Key_Escape and self.line.hasFocus():
            self.line.clear()
            self.browser.setFocus()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        super().resizeEvent(event)
        self.contents.setVisible(self.width() >= NARROW)
