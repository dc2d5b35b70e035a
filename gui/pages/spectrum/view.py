"""The Spectrum page's centre: matrix and spectrum above, one of seven lower views below.

Displays and emits; ``set_*`` emits nothing.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QWidget

from gui.core.figure.figure import Figure
from gui.core.paint.theme import Theme
from gui.core.screen.two_row_view import TwoRowView
from gui.core.widgets.page_view import new_splitter, set_shares
from gui.core.widgets.tabs import FittingTabs
from gui.core.words.i18n import tr
from gui.pages.spectrum.rules_table import RulesTable

# Which plots each lower view shows, with the share of the width each of them gets.
_PLOTS: dict[str, tuple[tuple[str, int], ...]] = {
    "reconstruction": (("original", 1), ("approximation", 1), ("residual", 1)),
    "error": (("error", 1),),
    "density": (("density", 1),),
    "rules": (),
    "soft": (("filter", 4), ("soft_k", 3), ("soft_tau", 3)),
    "vectors": (("u", 1), ("v", 1), ("outer", 1)),
    "geometry": (("geometry", 4), ("stage1", 3), ("stage2", 3)),
}


PLOTS_WIDTH = 540


class SpectrumView(TwoRowView):
    """Plots and tables of the page."""

    rule_chosen = Signal(str)
    rule_value_typed = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.upper.addWidget(self.new_plot("matrix", tr("Matrix picture")))
        self.upper.addWidget(self.new_plot("values", tr("Singular value spectrum")))
        set_shares(self.upper, (1, 2))
        self.rules = RulesTable()
        self.rules.chosen.connect(self.rule_chosen)
        self.rules.value_typed.connect(self.rule_value_typed)
        self.stack(*self._build_lower(), shares=(55, 45))
        # The docks give way first: three plots side by side need this much to be read.
        self.panes.setMinimumWidth(PLOTS_WIDTH)

    def _build_lower(self) -> tuple[FittingTabs, dict[str, QWidget]]:
        titles = {
            "reconstruction": (
                tr("Reconstruction"),
                tr("Pictures"),
                tr("U_r S_r V_rᵀ beside the matrix"),
            ),
            "error": (
                tr("Error vs rank"),
                tr("Error"),
                tr("‖M − M_r‖ in two norms, and the stored size"),
            ),
            "density": (
                tr("Density"),
                tr("Density"),
                tr("Histogram with the law of pure noise over it"),
            ),
            "rules": (
                tr("Rank rules"),
                tr("Rules"),
                tr("What every rule says, and where they agree"),
            ),
            "soft": (
                tr("Soft truncation"),
                tr("Soft"),
                tr("U diag(p σ) Vᵀ with p a soft Top-k of σ"),
            ),
            "vectors": (tr("Vectors"), tr("Vectors"), tr("The singular vectors u, v of one pair")),
            "geometry": (
                tr("2 × 2 geometry"),
                tr("2 × 2"),
                tr("The unit circle through Vᵀ, S and U"),
            ),
        }
        tabs = FittingTabs()
        tabs.setAccessibleName(tr("Lower view"))
        pages: dict[str, QWidget] = {}
        for key, words in titles.items():
            pages[key] = self.rules if key == "rules" else self._plots_page(key, words[0])
            tabs.add(pages[key], *words)
        return tabs, pages

    def _plots_page(self, key: str, title: str) -> QSplitter:
        page = new_splitter(Qt.Orientation.Horizontal)
        for plot, _ in _PLOTS[key]:
            page.addWidget(self.new_plot(plot, f"{title}: {plot}"))
        set_shares(page, tuple(share for _, share in _PLOTS[key]))
        return page

    def plots_of(self, view: str) -> tuple[str, ...]:
        """Return the keys of the plots that a lower view shows."""
        return tuple(key for key, _ in _PLOTS[view])

    def figures(self) -> tuple[Figure, ...]:
        """Return the figures on screen as zoomed: the focused one first, then by size."""
        return self.figures_of(("values", "matrix", *self.plots_of(self.lower_key())))
