"""The Sources dock: a searchable tree of files and arrays; below it what is read of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QBrush, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.core.paint.head.labels import PlainLabel, plain_tip
from gui.core.paint.theme import SPACING
from gui.core.state.document import DataRef, entry_title
from gui.core.state.listed import EntryInfo, OpenFile, is_shown, program_of
from gui.core.widgets.lists.order_button import OrderButton
from gui.core.words.i18n import tr
from gui.core.words.readable import readable_name
from gui.pages.sources.screen.missing import MissingPicker
from gui.pages.sources.screen.picker import ViewPicker
from gui.pages.sources.show.words import (
    Node,
    entry_tooltip,
    file_title,
    file_tooltip,
    grouped,
    remarks,
    shape_text,
    titles_apart,
)

_ROLE = Qt.ItemDataRole.UserRole
# Of a file with more arrays, what is in a group is made when the group is opened.
_MANY = 2000

Name = tuple[str, str]  # of an array: path, entry


class SourcesView(QWidget):
    """Shows what is open; emits what a person chooses."""

    entry_chosen = Signal(str, str)  # path, entry name
    view_chosen = Signal(str, tuple)  # name of the view, positions on the other axes
    missing_chosen = Signal(str)  # what becomes of missing and infinite entries
    search_edited = Signal(str)
    close_requested = Signal(str)
    reading_requested = Signal(str)
    reload_requested = Signal(str)
    numbers_requested = Signal()
    open_requested = Signal()
    order_chosen = Signal()
    note_requested = Signal(str, str)  # path, entry name or ""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files: tuple[OpenFile, ...] = ()
        self._chosen: tuple[frozenset[Name] | None, list[Name] | None] = None, None
        self._items: dict[Name, QTreeWidgetItem] = {}
        self._tops: dict[int, tuple[OpenFile, QTreeWidgetItem]] = {}
        self._closed: list[tuple[QTreeWidgetItem, OpenFile, Node]] = []  # groups, nothing in them
        self._marks: Mapping[str, str] = {}
        self.search = QLineEdit(placeholderText=tr("Search arrays"), clearButtonEnabled=True)
        self.search.setAccessibleName(tr("Search arrays"))
        self.search.setToolTip(
            tr("Show only arrays with all of these words; the last may be only begun")
        )
        self.search.textEdited.connect(self.search_edited)
        self.search.textChanged.connect(self._when_cleared)
        self.sorting = OrderButton(tr("Order of the arrays"), tr("As in the file"))
        self.sorting.chosen.connect(self.order_chosen)
        self.tree = self._make_tree()
        self.open_button = QPushButton(tr("Open files…"))
        self.open_button.setToolTip(tr("Open matrices or vectors of your own (Ctrl+O)"))
        self.open_button.clicked.connect(self.open_requested)
        self.matrix = ViewPicker()
        self.matrix.edited.connect(self.view_chosen)
        self.missing = MissingPicker()
        self.missing.edited.connect(self.missing_chosen)
        self.note = PlainLabel(wordWrap=True)
        self.note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.reading_button = QPushButton(tr("How it is read…"))
        self.reading_button.setToolTip(
            tr("See the first lines of the table beside the matrix they become, and change it")
        )
        self.reading_button.clicked.connect(self._ask_reading)
        self.setMinimumWidth(24 * SPACING)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        layout.setSpacing(SPACING)
        layout.addWidget(self.open_button)
        line = QHBoxLayout()
        line.addWidget(self.search, 1)
        line.addWidget(self.sorting)
        layout.addLayout(line)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.matrix)
        layout.addWidget(self.missing)
        layout.addWidget(self.note)
        layout.addWidget(self.reading_button)

    def _make_tree(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setColumnCount(2)
        tree.setHeaderHidden(True)
        tree.setAccessibleName(tr("Open files and their arrays"))
        tree.setUniformRowHeights(True)
        tree.setIndentation(SPACING + SPACING // 2)
        tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, header.ResizeMode.Stretch)
        header.setSectionResizeMode(1, header.ResizeMode.ResizeToContents)
        # By the rows in view: all of a large checkpoint would be measured at every click.
        header.setResizeContentsPrecision(0)
        tree.currentItemChanged.connect(self._when_current_changed)
        tree.itemExpanded.connect(self._when_expanded)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.customContextMenuRequested.connect(self._show_menu)
        remove = QAction(tr("Close file"), tree)
        remove.setShortcut(QKeySequence(Qt.Key.Key_Delete))
        remove.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        remove.triggered.connect(self._close_current)
        tree.addAction(remove)
        return tree

    def set_files(
        self,
        files: tuple[OpenFile, ...],
        search: str,
        found: frozenset[Name] | None = None,
        ordered: Callable[[list[Name]], list[Name]] | None = None,
    ) -> None:
        """Show ``files``, reduced to the arrays ``found`` for ``search``; emits nothing.

        Those stand in no group, and neither do those that are put in an order.
        """
        order = None
        if ordered is not None:
            order = ordered([(one.path, entry.name) for one in files for entry in one.entries])
        if (files, found, order) != (self._files, *self._chosen):
            is_whole = self._chosen == (found, order) == (None, None)
            self._files, self._chosen = files, (found, order)
            blocked = self.tree.blockSignals(True)
            self._keep(files if is_whole else ())
            self._fill(files, found, order)
            self.tree.blockSignals(blocked)
        if self.search.text() != search:
            blocked = self.search.blockSignals(True)
            self.search.setText(search)
            self.search.blockSignals(blocked)

    def _keep(self, files: tuple[OpenFile, ...]) -> None:
        """Take out the rows of all but these files, where they are as they were, in their order."""
        kept = {id(file) for file in files}
        rows = {key: self.tree.indexOfTopLevelItem(top) for key, (_, top) in self._tops.items()}
        order = [rows[id(file)] for file in files if id(file) in rows]
        kept = kept if order == sorted(order) else set()
        for key, (file, top) in list(self._tops.items()):
            if key not in kept or is_shown(file.path):
                del self._tops[key]
                self.tree.takeTopLevelItem(self.tree.indexOfTopLevelItem(top))
        alive = {file.path for file, _ in self._tops.values()}
        self._items = {name: item for name, item in self._items.items() if name[0] in alive}
        self._closed = [one for one in self._closed if one[1].path in alive]

    def _fill(
        self, files: tuple[OpenFile, ...], found: frozenset[Name] | None, order: list[Name] | None
    ) -> None:
        places = {name: place for place, name in enumerate(order or ())}
        before: set[int] = set()  # the rows above
        for file in files:
            if id(file) in self._tops:
                before.add(id(self._tops[id(file)][1]))
                continue
            shown = file.entries
            if found is not None:
                shown = tuple(one for one in shown if (file.path, one.name) in found)
                if not shown:
                    continue
            if order is not None:
                shown = tuple(sorted(shown, key=lambda one: places[file.path, one.name]))
            if found is None and order is None:
                nodes = grouped(shown)
            else:  # what is searched for is to be seen at once: found arrays stand in no group
                nodes = tuple(Node(entry.name, entry) for entry in shown)
            top = self._top(file, len(before))
            before.add(id(top))
            self._tops[id(file)] = file, top
            top.addChildren(self._make_items(file, nodes))
            top.setExpanded(True)
        titles = titles_apart(files)
        for file, top in self._tops.values():
            top.setText(0, titles.get(file.path, top.text(0)))

    def _top(self, file: OpenFile, place: int) -> QTreeWidgetItem:
        """Return the row of a file; arrays of one running program stand together."""
        path = program_of(file.path) if is_shown(file.path) else file.path
        for row in range(self.tree.topLevelItemCount() if is_shown(path) else 0):
            found = self.tree.topLevelItem(row)
            if found is not None and found.data(0, _ROLE)[0] == path:
                return found
        top = QTreeWidgetItem([file_title(file), ""])
        top.setData(0, _ROLE, (path, None))
        top.setToolTip(0, plain_tip(file_tooltip(file)))
        top.setForeground(1, self.palette().placeholderText())
        top.setText(1, self._marks.get(path, ""))
        self.tree.insertTopLevelItem(place, top)
        return top

    def mark(self, words: Mapping[str, str]) -> None:
        """Write behind files, by their paths, what became of them on disk."""
        self._marks = words
        for row in range(self.tree.topLevelItemCount()):
            if top := self.tree.topLevelItem(row):
                top.setText(1, words.get(top.data(0, _ROLE)[0], ""))

    def _make_items(self, file: OpenFile, nodes: Sequence[Node]) -> list[QTreeWidgetItem]:
        """Return rows without a tree, which is many times faster than growing it row by row."""
        faint = self.palette().placeholderText()
        items = []
        for node in nodes:
            if node.entry is None:
                item = QTreeWidgetItem([readable_name(node.label), f"({node.count})"])
                item.setData(0, _ROLE, (file.path, None))
                if len(file.entries) > _MANY:
                    item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
                    self._closed.append((item, file, node))
                else:
                    item.addChildren(self._make_items(file, node.children))
            else:
                item = self._make_leaf(file, node.label, node.entry, faint)
            item.setForeground(1, faint)
            items.append(item)
        return items

    def _make_leaf(
        self, file: OpenFile, label: str, entry: EntryInfo, faint: QBrush
    ) -> QTreeWidgetItem:
        item = QTreeWidgetItem([entry_title(file.path, label), shape_text(entry.shape)])
        item.setData(0, _ROLE, (file.path, entry.name))
        tooltip = plain_tip(entry_tooltip(file.path, entry))
        item.setToolTip(0, tooltip)
        item.setToolTip(1, tooltip)
        if not entry.readable:
            item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsSelectable)
            item.setForeground(0, faint)
        self._items[file.path, entry.name] = item
        return item

    def set_active(self, active: DataRef | None) -> None:
        """Mark the selected array and offer its views; emits nothing."""
        blocked = self.tree.blockSignals(True)
        self.tree.setCurrentItem(self._find(active))  # type: ignore[arg-type]  # None clears it
        self.tree.blockSignals(blocked)
        file, entry = self._opened(active)
        self.matrix.set_matrix(entry, active)
        said = remarks(file, entry) if file and entry else ""
        self.note.setText(said)
        self.note.setVisible(bool(said))
        self.reading_button.setVisible(file is not None and file.table)

    def _find(self, active: DataRef | None) -> QTreeWidgetItem | None:
        if active is None:
            return None
        while (name := (active.path, active.entry)) not in self._items:
            holding = (
                item
                for item, file, node in self._closed
                if file.path == active.path and node.holds(active.entry)
            )
            group = next(holding, None)
            if group is None:
                return None
            self._when_expanded(group)
        return self._items[name]

    def _when_expanded(self, item: QTreeWidgetItem) -> None:
        """Make what is in a group, which is opened or in which an array is looked for."""
        found = next((one for one in self._closed if one[0] is item), None)
        if found is not None:
            self._closed.remove(found)
            _, file, node = found
            item.addChildren(self._make_items(file, node.children))

    def _opened(self, active: DataRef | None) -> tuple[OpenFile | None, EntryInfo | None]:
        for file in self._files:
            if active is not None and file.path == active.path:
                for entry in file.entries:
                    if entry.name == active.entry:
                        return file, entry
        return None, None

    def _when_current_changed(self, item: QTreeWidgetItem | None) -> None:
        path, entry = item.data(0, _ROLE) if item else (None, None)
        if entry is not None:
            self.entry_chosen.emit(path, entry)

    def _when_cleared(self, text: str) -> None:
        # The clear button changes the text without textEdited.
        if not text:
            self.search_edited.emit("")

    def _close_current(self) -> None:
        if item := self.tree.currentItem():
            self._close(item.data(0, _ROLE)[0])

    def _close(self, path: str) -> None:
        """Have a file closed, or all that a running program has shown."""
        mine = [one.path for one in self._files if is_shown(path) and program_of(one.path) == path]
        for one in mine or [path]:
            self.close_requested.emit(one)

    def _ask_reading(self) -> None:
        if item := self.tree.currentItem():
            self.reading_requested.emit(item.data(0, _ROLE)[0])

    def _show_menu(self, position: QPoint) -> None:
        item = self.tree.itemAt(position)
        if item is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        path, entry = item.data(0, _ROLE)
        if entry is not None and item.flags() & Qt.ItemFlag.ItemIsSelectable:
            numbers = menu.addAction(tr("Numbers"))
            numbers.triggered.connect(lambda: self.entry_chosen.emit(path, entry))
            numbers.triggered.connect(self.numbers_requested)
        if entry is not None or not is_shown(path):
            writes = menu.addAction(tr("Note…"))
            writes.triggered.connect(lambda: self.note_requested.emit(path, entry or ""))
        if self._is_closable(item):
            if any(file.stamp for file in self._files if file.path == path):
                again = menu.addAction(tr("Read again"))
                again.triggered.connect(lambda: self.reload_requested.emit(path))
            if any(file.table for file in self._files if file.path == path):
                asks = menu.addAction(tr("How it is read…"))
                asks.triggered.connect(lambda: self.reading_requested.emit(path))
            closes = menu.addAction(tr("Close file"))
            closes.triggered.connect(lambda: self._close(path))
        menu.popup(self.tree.viewport().mapToGlobal(position))

    def _is_closable(self, item: QTreeWidgetItem) -> bool:
        path = item.data(0, _ROLE)[0]
        return is_shown(path) or any(file.title for file in self._files if file.path == path)
