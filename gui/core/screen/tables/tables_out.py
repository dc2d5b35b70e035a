"""Tables and read-outs that leave the window: copied or saved as CSV, Markdown or LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from gui.core.declare.command import Entry
from gui.core.export.files import ExportError
from gui.core.export.listing import TEXT_FORMATS, TextFormat
from gui.core.figure.legible import legible
from gui.core.figure.table import Table
from gui.core.screen.services import Context
from gui.core.widgets.dialogs import place_to_save
from gui.core.words.i18n import tr


class TablesOut:
    """Offers what is on screen as text: in context menus and in the palette.

    Parameters
    ----------
    context : Context
        Its dialogs, settings and ``notify`` are used.
    parent : QWidget
        What dialogs lie over.
    shown : callable
        ``shown()`` returns the tables and read-outs on screen.
    """

    def __init__(
        self, context: Context, parent: QWidget, shown: Callable[[], Sequence[Table]]
    ) -> None:
        self._context, self._parent, self._shown = context, parent, shown

    def offer(self, widget: QWidget, key: str) -> None:
        """Give a widget the context menu of the table ``key``."""
        widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        widget.customContextMenuRequested.connect(
            lambda place: self._pop_up(widget, key, widget.mapToGlobal(place))
        )

    def menu(self, key: str, parent: QWidget) -> QMenu | None:
        """Return what can be done with the table ``key``; None while it is not shown."""
        table = next((one for one in self._shown() if one.key == key and one.cells), None)
        if table is None:
            return None
        menu = QMenu(parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for words, run in self._ways(table):
            menu.addAction(words).triggered.connect(run)
        return menu

    def entries(self) -> Iterator[Entry]:
        """Yield what the search offers."""
        for table in self._shown():
            if table.cells:
                for words, run in self._ways(table):
                    yield Entry(
                        words, table.title, run, words=table.key, key=f"{table.key}={words}"
                    )

    def _ways(self, table: Table) -> Iterator[tuple[str, Callable[[], None]]]:
        for known in TEXT_FORMATS:
            yield tr("Copy as {format}", format=known.title), partial(self.copy, table, known)
        yield tr("Save table…"), partial(self.save, table)

    def _pop_up(self, widget: QWidget, key: str, place: QPoint) -> None:
        menu = self.menu(key, widget)
        if menu is not None:
            menu.popup(place)

    def copy(self, table: Table, known: TextFormat, *_: object) -> None:
        """Put a table on the clipboard as text."""
        QGuiApplication.clipboard().setText(known.text(legible(table)))
        words = tr("Copied as {format}: {title}", format=known.title, title=table.title)
        self._context.notify(words, "info")

    def save(self, table: Table, *_: object) -> None:
        """Ask where, and write the table in the format that the suffix says."""
        from gui.core.export.export import export_table  # what draws pictures is not for the start

        dialogs, settings = self._context.dialogs, self._context.settings
        folder = settings.value("export/folder", "") or str(Path.home())
        start = str(Path(folder) / (table.key.replace(".", "-") + TEXT_FORMATS[0].suffix))
        filters = [(known.title, (known.suffix,)) for known in TEXT_FORMATS]
        title = tr("Save table")
        path = place_to_save(dialogs, self._parent, title, start, filters)
        if not path:
            return
        try:
            written = export_table(table, Path(path), overwrite=True)
        except ExportError as error:
            self._context.notify(str(error), "error")
            return
        settings.set_value("export/folder", str(written.parent))
        self._context.notify(tr("Exported to {path}.", path=written), "info")
