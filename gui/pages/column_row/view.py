"""The Column-row page's centre: norms and errors above, pictures or the table below.

Displays and emits; ``set_*`` emits nothing.
"""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from gui.core.figure import Figure
from gui.core.i18n import tr
from gui.core.notice import Notice
from gui.core.page_view import PlotsView, new_splitter, set_shares
from gui.core.theme import SPACING, Theme
from gui.pages.column_row.standings_table import StandingsTable

PICTURES = ("product", "approximation", "residual")


class ColumnRowView(PlotsView):
    """Plots and the table of the page.

    ``cursor_moved(key, value)`` follows the mouse, ``released`` ends a drag;
    ``notice_chosen(key)`` is a button of the notice.
    """

    view_chosen = Signal(str)
    standing_chosen = Signal(str, str)
    notice_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.notice = Notice()
        self.notice.chosen.connect(self.notice_chosen)
        self.upper = new_splitter(Qt.Orientation.Horizontal)
        self.upper.addWidget(self.new_plot("norms", tr("Norms of the pairs")))
        self.upper.addWidget(self.new_plot("error", tr("Error against r")))
        set_shares(self.upper, (1, 2))
        # The first to be focused is the one that is exported first.
        QWidget.setTabOrder(self.plots["error"].canvas, self.plots["norms"].canvas)
        self.standings = StandingsTable()
        self.standings.chosen.connect(self.standing_chosen)
        self.tabs = self._build_lower()
        self.panes = new_splitter(Qt.Orientation.Vertical)
        self.panes.addWidget(self.upper)
        self.panes.addWidget(self.tabs)
        set_shares(self.panes, (57, 43))
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column.setSpacing(SPACING)
        column.addWidget(self.notice)
        column.addWidget(self.panes, 1)

    def _build_lower(self) -> QTabWidget:
        tabs = QTabWidget(documentMode=True)
        tabs.setAccessibleName(tr("Lower view"))
        pictures = new_splitter(Qt.Orientation.Horizontal)
        names = (tr("Product XY"), tr("Approximation C L R"), tr("Residual"))
        for key, name in zip(PICTURES, names, strict=True):
            pictures.addWidget(self.new_plot(key, name))
        set_shares(pictures, (1, 1, 1))
        self._pages: dict[str, QWidget] = {"pictures": pictures, "table": self.standings}
        titles = {
            "pictures": (tr("Pictures"), tr("XY, C L R and what is missing, on one scale")),
            "table": (tr("Strategies"), tr("Every strategy and weights at this r")),
        }
        for key, (title, tooltip) in titles.items():
            tabs.setTabToolTip(tabs.addTab(self._pages[key], title), tooltip)
        tabs.currentChanged.connect(lambda _: self.view_chosen.emit(self.lower_key()))
        return tabs

    # -- what is shown ----------------------------------------------------------------------

    def lower_key(self) -> str:
        """Return the key of the lower view in front."""
        current = self.tabs.currentWidget()
        return next(key for key, page in self._pages.items() if page is current)

    def set_lower(self, key: str) -> None:
        """Bring a lower view to the front."""
        if key in self._pages:
            with QSignalBlocker(self.tabs):
                self.tabs.setCurrentWidget(self._pages[key])

    def figures(self) -> tuple[Figure, ...]:
        """Return the figures on screen as zoomed: the focused one first, then by size."""
        keys = ("error", "norms", *(PICTURES if self.lower_key() == "pictures" else ()))
        return self.figures_of(keys)

    # -- maximise ---------------------------------------------------------------------------

    def _show_alone(self, alone: QWidget | None) -> None:
        above = alone in (self.plots["norms"], self.plots["error"])
        for other in self.plots.values():
            other.setVisible(alone is None or alone is other)
        self.upper.setVisible(alone is None or above)
        self.tabs.setVisible(alone is None or not above)
