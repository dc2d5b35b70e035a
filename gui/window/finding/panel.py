"""Ctrl+K: a line to type in, and below it what the program, the files and the notes have of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.core.paint.theme import SPACING
from gui.core.widgets.heard import unseen_label
from gui.core.widgets.wheel_shy import ShyCombo
from gui.core.words.i18n import tr
from gui.window.finding.delegate import FoundDelegate
from gui.window.finding.finder import TRIED, Finder
from gui.window.finding.interests import InterestsBar
from gui.window.finding.offers import is_ticked, offered_documents, offers, open_found
from gui.window.finding.rows import Row, Rows, rows_of, tried

WIDTH, LINES, PAGE = 760, 17, 12
# What the palette of commands (Ctrl+Shift+P) shows of all this.
COMMANDS_ONLY = ("command", "view", "operator", "control")
MOST = 200  # of one kind
_STEPS = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -PAGE,
    Qt.Key.Key_PageDown: PAGE,
}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class SearchPanel(QFrame):
    """The one search of the program, over the window rather than beside it.

    Enter opens what is chosen, Ctrl+Enter leaves the panel open, Esc goes back a step and at last
    to where one was. A click elsewhere closes it.

    Parameters
    ----------
    window : QMainWindow
        Where things are opened.
    finder : Finder
        Who is asked.
    kinds : collection of str, optional
        Only these; by default everything.
    """

    def __init__(self, window: Any, finder: Finder, kinds: Collection[str] | None = None) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(tr("Search"))
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self._window, self._finder, self._kinds = window, finder, kinds
        self._alone = ""  # the one kind that was asked for
        self._about = ""  # what related things are shown of
        self._offered = offers(window)
        self._before = window.focusWidget()
        self._stays = False  # while what is opened takes the keyboard
        finder.offer(offered_documents(self._offered))
        finder.begin()
        self._build()
        self.refresh()
        finder.changed.connect(self._when_filed)
        QApplication.instance().focusChanged.connect(self._when_focus)  # type: ignore[union-attr]

    # -- construction -------------------------------------------------------------------------

    def _build(self) -> None:
        self.line = QLineEdit(clearButtonEnabled=True)
        self.line.setPlaceholderText(
            tr("Search commands")
            if self._kinds
            else tr("Search commands, views, operators, notes, arrays and files")
        )
        self.line.setAccessibleName(tr("Search"))
        self.line.textChanged.connect(self._when_typed)
        self.line.installEventFilter(self)
        self.order = ShyCombo()
        for key, words in (
            ("", tr("best first")),
            ("liked", tr("♥ liked first")),
            ("pinned", tr("★ pinned first")),
        ):
            self.order.addItem(words, key)
        self.order.activated.connect(self.refresh)
        self.model = Rows()
        self.list = self._make_list()
        self.interests = InterestsBar(self._finder.personal)
        self.interests.query_chosen.connect(self.ask)
        top = QHBoxLayout()
        top.addWidget(self.line, 1)
        top.addWidget(unseen_label(tr("Order of what is found"), self.order))
        top.addWidget(self.order)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(4 * [SPACING]))
        column.setSpacing(SPACING)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        column.addLayout(self._make_actions())
        column.addWidget(self.interests)

    def _make_list(self) -> QListView:
        view = QListView(uniformItemSizes=True)
        view.setModel(self.model)
        view.setItemDelegate(FoundDelegate(view))
        view.setAccessibleName(tr("What was found"))
        # The line keeps the keyboard: arrows are handed on, letters go on searching.
        view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.clicked.connect(lambda _: self.open_current())
        view.selectionModel().currentChanged.connect(lambda *_: self._show_actions())
        return view

    def _make_actions(self) -> QHBoxLayout:
        self.related = QPushButton(tr("&Related"))
        self.related.setToolTip(tr("Show what is about the same as the chosen line"))
        self.related.clicked.connect(self.show_related)
        self.pin = QPushButton(tr("☆ &Pin"))
        self.pin.setToolTip(tr("Pin the chosen line, or take its pin away"))
        self.pin.clicked.connect(self.toggle_pin)
        self.scores = QPushButton(tr("Scores as a &vector"))
        self.scores.setToolTip(
            tr("Hand the scores of all that was found to Top-k: a ranking is a Top-k")
        )
        self.scores.clicked.connect(self.hand_over_scores)
        self.try_also = QLabel()
        self.try_also.setTextFormat(Qt.TextFormat.RichText)
        self.try_also.linkActivated.connect(self.ask)
        row = QHBoxLayout()
        for button in (self.related, self.pin, self.scores):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.try_also)
        return row

    def open_over(self) -> None:
        """Show the panel below the top edge of the window, in its middle."""
        window = self._window
        width = min(WIDTH, window.width() - 4 * SPACING)
        rest = self.sizeHint().height() - self.list.sizeHint().height()
        height = LINES * max(1, self.list.sizeHintForRow(0)) + rest
        self.resize(width, min(height, window.height() - 10 * SPACING))
        self.move((window.width() - width) // 2, 8 * SPACING)
        self.show()
        self.raise_()
        self.line.setFocus()

    # -- from the person ----------------------------------------------------------------------

    def ask(self, query: str) -> None:
        """Search for these words."""
        self.line.setText(query)
        self.line.setFocus()

    def show_related(self) -> None:
        """Show what is about the same as the chosen line."""
        row = self.current()
        if row is not None and row.key:
            self._about = row.key
            with QSignalBlocker(self.line):
                self.line.clear()
            self.refresh()
            self.line.setFocus()

    def toggle_pin(self) -> None:
        """Pin the chosen line, or take its pin away."""
        row = self.current()
        if row is not None and row.key:
            place = self.list.currentIndex().row()
            self._finder.personal.pin(row.key, not row.pinned)
            self._select(place)
            self.line.setFocus()

    def hand_over_scores(self) -> None:
        """Have the scores of what was found as scores of the Top-k page."""
        scores = self._finder.scores(self.line.text(), self._wanted())
        if scores:
            self.close()
            self._window.show_page("topk")
            self._window.pages["topk"].entry.use(tuple(scores.values()))
            said = tr("{count} scores of the search are on Top-k.", count=len(scores))
            self._window.messages.tell(said, "info")

    def open_current(self, stay: bool = False) -> None:
        """Open the chosen line; ``stay`` leaves the panel open."""
        row = self.current()
        if row is None or row.is_heading or not row.usable:
            return
        if row.more:
            self._alone = row.kind
            self.refresh()
            return
        self._finder.personal.seen(self._finder.keywords(row.key))
        if not stay:
            # Closed first: the keyboard is where it was, and what is opened may take it.
            self.close()
        self._stays = stay
        try:
            open_found(self._window, row.key, self._offered)
        finally:
            self._stays = False
        if stay:
            self._offered = offers(self._window)
            self.refresh(keep=True)
            self.raise_()
            self.line.setFocus()

    def current(self) -> Row | None:
        """Return the chosen line."""
        place = self.list.currentIndex().row()
        return self.model.rows[place] if 0 <= place < len(self.model.rows) else None

    # -- what is shown ------------------------------------------------------------------------

    def _wanted(self) -> Collection[str] | None:
        return (self._alone,) if self._alone else self._kinds

    def _when_typed(self) -> None:
        self._about = ""
        if not self.line.text():
            self._alone = ""
        self.refresh()

    def _when_filed(self) -> None:
        self.refresh(keep=True)

    def refresh(self, *_: object, keep: bool = False) -> None:
        """Show what answers the line now; ``keep`` leaves the same line chosen."""
        row, place = self.current(), self.list.currentIndex().row()
        query = self.line.text()
        if self._about:
            groups = self._finder.related(self._about)
        else:
            few = {} if not self._alone and (query or not self._kinds) else {"limit": MOST}
            order = self.order.currentData()
            groups = self._finder.groups(query, self._wanted(), order=order, **few)
        keys = (hit.key for group in groups for hit in group.hits)
        ticked = [key for key in keys if is_ticked(self._window, key)]
        alone = bool(self._alone or self._about)
        rows = rows_of(groups, self._finder, self._offered, ticked, alone)
        if self._about and (of := self._finder.document(self._about)) is not None:
            rows.insert(0, Row("", tr("Related to {title}", title=of.title or of.body)))
        self.model.show(rows)
        self.list.clearSelection()
        same = [at for at, one in enumerate(rows) if keep and row and one.key == row.key]
        self._select(same[0] if same else place if keep else 0)
        self._show_try_also(query)
        self.interests.setVisible(not query or self.order.currentData() == "liked")

    def _show_try_also(self, query: str) -> None:
        first = next((one.key for one in self.model.rows if one.key), "")
        about = self._finder.keywords(first) if query and first else ()
        words = tried([one.word for one in about], query)[:TRIED]
        links = "  ".join(f'<a href="{word}">{word}</a>' for word in words)
        self.try_also.setText(tr("try also: {words}", words=links) if words else "")

    def _show_actions(self) -> None:
        row = self.current()
        some = row is not None and bool(row.key)
        self.related.setEnabled(some)
        self.pin.setEnabled(some)
        self.pin.setText(tr("★ &Pinned") if row is not None and row.pinned else tr("☆ &Pin"))
        self.scores.setEnabled(bool(self.line.text()) and bool(self.model.rows))

    def _select(self, place: int, step: int = 1) -> None:
        """Choose a line, or the next that is no heading."""
        rows = self.model.rows
        usable = [at for at, row in enumerate(rows) if not row.is_heading]
        after = [at for at in usable if at >= place] or usable[-1:]
        before = [at for at in usable if at <= place][::-1] or usable[:1]
        chosen = next(iter(after if step > 0 else before), -1)
        if chosen >= 0:
            index = self.model.index(chosen, 0)
            self.list.setCurrentIndex(index)
            # The heading above the first of a kind is seen with it.
            above = chosen - 1 if chosen and rows[chosen - 1].is_heading else chosen
            self.list.scrollTo(self.model.index(above, 0))
            self.list.scrollTo(index)
        self._show_actions()

    # -- keys and focus -----------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        if event.key() == Qt.Key.Key_Escape:
            self._step_back()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102
        if not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        pressed = event.type() == QEvent.Type.KeyPress
        if event.key() == Qt.Key.Key_Escape:
            # Also as a shortcut: Esc cancels computations elsewhere in the window.
            event.accept()
            if pressed:
                self._step_back()
            return True
        if event.key() in _STEPS or event.key() in _ENTER:
            if pressed:
                self._press(event)
            return True
        return super().eventFilter(watched, event)

    def _press(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER:
            stay = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self.open_current(stay)
            return
        step = _STEPS[Qt.Key(event.key())]
        self._select(self.list.currentIndex().row() + step, step)

    def _step_back(self) -> None:
        """Show all kinds again, or what was found before related things; else close."""
        if self._alone or self._about:
            self._alone = self._about = ""
            self.refresh()
            self.line.setFocus()
        else:
            self.close()

    def _when_focus(self, _old: QWidget | None, now: QWidget | None) -> None:
        elsewhere = now is not None and now.window() is self._window and not self.isAncestorOf(now)
        if elsewhere and not self._stays:
            self._before = None
            self.close()

    def closeEvent(self, event: Any) -> None:  # noqa: D102
        self._finder.changed.disconnect(self._when_filed)
        QApplication.instance().focusChanged.disconnect(self._when_focus)  # type: ignore[union-attr]
        if self._before is not None:
            self._before.setFocus()
        super().closeEvent(event)
