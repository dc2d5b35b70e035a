"""The Column-row page's centre: norms and errors above, pictures or the table below.

Displays and emits; ``set_*`` emits nothing.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QTabWidget, QWidget

from gui.core.figure.figure import Figure
from gui.core.paint.theme import Theme
from gui.core.screen.two_row_view import TwoRowView
from gui.core.widgets.page_view import new_splitter, set_shares
from gui.core.widgets.tabs import RoomyTabs
from gui.core.words.i18n import tr
from gui.pages.column_row.standings_table import StandingsTable

PICTURES = ("product", "approximation", "residual")


class ColumnRowView(TwoRowView):
    """Plots and the table of the page."""

    standing_chosen = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.upper.addWidget(self.new_plot("norms", tr("Norms of the pairs")))
        self.upper.addWidget(self.new_plot("error", tr("Error against r")))
        set_shares(self.upper, (1, 2))
        # The first to be focused is the one that is exported first.
        QWidget.setTabOrder(self.plots["error"].canvas, self.plots["norms"].canvas)
        self.standings = StandingsTable()
        self.standings.chosen.connect(self.standing_chosen)
        self.stack(*self._build_lower(), shares=(57, 43))

    def _build_lower(self) -> tuple[QTabWidget, dict[str, QWidget]]:
        tabs = RoomyTabs()
        tabs.setAccessibleName(tr("Lower view"))
        pictures = new_splitter(Qt.Orientation.Horizontal)
        names = (tr("Product XY"), tr("Approximation C L R"), tr("Residual"))
        for key, name in zip(PICTURES, names, strict=True):
            pictures.addWidget(self.new_plot(key, name))
        set_shares(pictures, (1, 1, 1))
        pages: dict[str, QWidget] = {"pictures": pictures, "table": self.standings}
        titles = {
            "pictures": (tr("Pictures"), tr("XY, C L R and what is missing, on one scale")),
            "table": (tr("Strategies"), tr("Every strategy and weights at this r")),
        }
        for key, (title, tooltip) in titles.items():
            tabs.setTabToolTip(tabs.addTab(pages[key], title), tooltip)
        return tabs, pages

    def figures(self) -> tuple[Figure, ...]:
        """Return the figures on screen as zoomed: the focused one first, then by size."""
        keys = ("error", "norms", *(PICTURES if self.lower_key() == "pictures" else ()))
        return self.figures_of(keys)
