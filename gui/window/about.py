"""What this is, and the plug-ins it runs with: a tick each, version and origin."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.errors import RankscopeError
from engine.plugins import Plugin, is_off, switch
from gui import __version__
from gui.core.screen.services import Context
from gui.core.words.i18n import tr, tr_sentence
from gui.core.words.readable import readable
from gui.frozen import dataclass
from gui.plugins import installed, known, state

_ICON = 64


@dataclass(frozen=True)
class LoadPlugins:
    """Load every plug-in: what is imported may take its time."""

    def run(self, progress: Any) -> tuple[Plugin, ...]:
        """Return them."""
        return installed()


class AboutDialog(QDialog):
    """Version and licence; below them the plug-ins, where there are any."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("About Rankscope"))
        self._context = context
        text = tr(
            "Rankscope {version}\n\nKeep the k most important, hard or softly: of a vector "
            "(soft Top-k), of a spectrum (low rank), of a product (column-row pairs).\n\n"
            "MIT licence.",
            version=__version__,
        )
        icon, words = QLabel(), QLabel(text)
        icon.setPixmap(parent.windowIcon().pixmap(_ICON, _ICON))
        words.setWordWrap(True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        head = QHBoxLayout()
        head.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(words, 1)
        column = QVBoxLayout(self)
        column.addLayout(head)
        self.plugins = QTreeWidget()
        self.note = QLabel(tr("Plug-ins; a change counts from the next start on."))
        if known():
            self._list(column)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)

    def sizeHint(self) -> QSize:  # noqa: D102
        return QSize(720, 420) if known() else super().sizeHint()

    def _list(self, column: QVBoxLayout) -> None:
        tree = self.plugins
        tree.setAccessibleName(tr("Plug-ins"))
        titles = (tr("Distribution"), tr("Version"), tr("What it adds"), tr("State"), tr("Origin"))
        tree.setHeaderLabels(titles)
        tree.setRootIsDecorated(False)
        self.note.setWordWrap(True)
        self.note.setBuddy(tree)
        column.addWidget(self.note)
        column.addWidget(tree, 1)
        self._fill(known(), loaded=False)
        tree.itemChanged.connect(self._switched)
        self._context.runner.submit(
            "plugins", LoadPlugins(), lambda _, found: self._fill(found), title=tr("Plug-ins")
        )

    def _fill(self, plugins: tuple[Plugin, ...], loaded: bool = True) -> None:
        tree = self.plugins
        blocked = tree.blockSignals(True)
        tree.clear()
        for plugin in plugins:
            said = state(plugin) if loaded or plugin.off else "…"
            what = f"{plugin.group.partition('.')[2]}: {plugin.name}"
            cells = (plugin.distribution, plugin.version, what, said, plugin.place)
            item = QTreeWidgetItem([readable(cell) for cell in cells])
            item.setData(0, Qt.ItemDataRole.UserRole, plugin.distribution)
            ticked = Qt.CheckState.Unchecked if is_off(plugin.distribution) else _ON
            item.setCheckState(0, ticked)
            for place, cell in enumerate(cells):
                item.setToolTip(place, readable(cell))
            tree.addTopLevelItem(item)
        for place in range(4):
            tree.resizeColumnToContents(place)
        tree.setColumnWidth(3, min(tree.columnWidth(3), 260))
        tree.blockSignals(blocked)

    def _switched(self, changed: QTreeWidgetItem, _: int) -> None:
        """Switch the distribution of a row, and with it its other rows."""
        name = changed.data(0, Qt.ItemDataRole.UserRole)
        ticked = changed.checkState(0)
        try:
            switch(name, ticked == _ON)
        except RankscopeError as error:
            self.note.setText(tr_sentence(error))
            ticked = Qt.CheckState.Unchecked if is_off(name) else _ON
        blocked = self.plugins.blockSignals(True)
        for place in range(self.plugins.topLevelItemCount()):
            item = self.plugins.topLevelItem(place)
            if item is not None and item.data(0, Qt.ItemDataRole.UserRole) == name:
                item.setCheckState(0, ticked)
        self.plugins.blockSignals(blocked)


_ON = Qt.CheckState.Checked
