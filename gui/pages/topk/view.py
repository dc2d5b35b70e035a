"""The Top-k page's centre: scores and output above, one of eight lower views below.

Displays and emits; ``set_*`` emits nothing.
"""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QSplitter, QTabWidget, QVBoxLayout, QWidget

from gui.core.figure.figure import Figure
from gui.core.paint.plot_view import PlotView
from gui.core.paint.theme import SPACING, Theme
from gui.core.widgets.controls import ChoiceControl
from gui.core.widgets.page_view import PageView
from gui.core.widgets.tabs import RoomyTabs
from gui.core.words.i18n import tr
from gui.pages.topk.lower_view import LowerPane, PlotPane, TablePane


class TopkView(PageView):
    """Plots and tables of the page.

    ``cursor_moved(key, value)`` and ``point_moved(index, y)`` follow the mouse; ``released``
    ends a drag; ``log_toggled(figure key, axis, on)``.
    """

    cursor_moved = Signal(str, float)
    point_moved = Signal(int, float)
    point_chosen = Signal(int)
    released = Signal()
    log_toggled = Signal(str, str, bool)
    view_chosen = Signal(str)
    option_chosen = Signal(str, str)
    cell_chosen = Signal(str, str)
    pasted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._focused: PlotView | None = None
        self.scores = self.new_plot(tr("Scores"))
        self.output = self.new_plot(tr("Output of the operators"))
        self.upper = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        self.upper.addWidget(self.scores)
        self.upper.addWidget(self.output)
        self.upper.setSizes([380, 620])
        self.upper.setStretchFactor(0, 2)
        self.upper.setStretchFactor(1, 3)
        # The first to be focused is the one that is exported first.
        QWidget.setTabOrder(self.output.canvas, self.scores.canvas)
        self.tabs = self._build_lower()
        self.panes = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        self.panes.addWidget(self.upper)
        self.panes.addWidget(self.tabs)
        self.panes.setSizes([430, 330])
        self.panes.setStretchFactor(0, 4)
        self.panes.setStretchFactor(1, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column.addWidget(self.panes)
        self._connect_points()
        paste = QShortcut(QKeySequence(QKeySequence.StandardKey.Paste), self)
        paste.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        paste.activated.connect(self.pasted)

    def _build_lower(self) -> QTabWidget:
        tabs = RoomyTabs()
        tabs.setAccessibleName(tr("Lower view"))
        self.lower_panes: dict[str, LowerPane] = {}
        for key, title, tip, pane in self._lower_panes():
            self.lower_panes[key] = pane
            tabs.setTabToolTip(tabs.addTab(pane, title), tip)
            pane.option_chosen.connect(self.option_chosen)
        tabs.currentChanged.connect(lambda _: self.view_chosen.emit(self.lower_key()))
        return tabs

    def _lower_panes(self) -> list[tuple[str, str, str, LowerPane]]:
        sweep = (
            ("boundary", tr("p around the boundary")),
            ("moved", tr("mass moved")),
        )
        tip = tr("Mass moved: sum |p - T_k| / k")
        jacobian = (("matrix", tr("whole matrix")), ("column", tr("one column, all operators")))
        losses = (
            ("first_out", tr("p of the first score left out")),
            ("last_in", tr("p of the last score kept")),
            ("scores", tr("sum x_i p_i, x held fixed")),
            ("ramp", tr("sum g_i p_i, g rising with the index")),
            ("random", tr("sum g_i p_i, g random")),
        )

        def choice(field: str, label: str, choices: object, tooltip: str) -> dict[str, object]:
            control = ChoiceControl(label, choices, tooltip=tooltip)  # type: ignore[arg-type]
            return {field: control}

        return [
            (
                "tau",
                tr("Tau"),
                tr("How p around the boundary, or the mass moved, depends on tau"),
                PlotPane(self, choice("sweep_quantity", tr("Show"), sweep, tip)),
            ),
            (
                "k",
                tr("k"),
                tr("How p around the boundary, or the mass moved, depends on k"),
                PlotPane(self, choice("sweep_quantity", tr("Show"), sweep, tip)),
            ),
            (
                "heat",
                tr("Heat map"),
                tr("p of the operator in detail over all scores and tau"),
                PlotPane(self, {}),
            ),
            (
                "jacobian",
                tr("Jacobian"),
                tr("How every output depends on every score"),
                PlotPane(
                    self,
                    choice("jacobian_mode", tr("Show"), jacobian, tr("J_ij = dp_i / dx_j")),
                ),
            ),
            (
                "gradient",
                tr("Gradient"),
                tr("The gradient of a loss that reaches each score"),
                PlotPane(
                    self,
                    choice("direction", tr("Loss L"), losses, tr("dL/dx = J^T g, g = dL/dp")),
                ),
            ),
            ("load", tr("Load"), "", PlotPane(self, {})),
            (
                "laws",
                tr("Laws"),
                tr("Which laws each operator keeps on these scores"),
                TablePane(self.cell_chosen),
            ),
            (
                "claims",
                tr("Claims"),
                tr("What the article claims, measured on these scores"),
                TablePane(None),
            ),
        ]

    def new_plot(self, name: str) -> PlotView:
        """Return a plot wired to this page's signals."""
        plot = PlotView(self._theme)
        plot.setAccessibleName(name)
        plot.cursor_dragged.connect(self.cursor_moved)
        plot.cursor_released.connect(lambda _: self.released.emit())
        plot.log_toggled.connect(lambda axis, on, p=plot: self._tell_log(p, axis, on))
        plot.focused.connect(lambda p=plot: self._set_focused(p))
        plot.maximise_toggled.connect(lambda p=plot: self.toggle_maximised(p))
        return plot

    def _connect_points(self) -> None:
        self.scores.point_dragged.connect(lambda _, index, y: self.point_moved.emit(index, y))
        self.scores.point_released.connect(lambda *_: self.released.emit())
        for plot in (self.scores, self.output):
            plot.point_clicked.connect(lambda _, index: self.point_chosen.emit(index))

    def _tell_log(self, plot: PlotView, axis: str, on: bool) -> None:
        figure = plot.figure()
        if figure is not None:
            self.log_toggled.emit(figure.key, axis, on)

    def _set_focused(self, plot: PlotView) -> None:
        self._focused = plot

    # -- lower views ------------------------------------------------------------------------

    def lower_key(self) -> str:
        """Return the key of the lower view in front."""
        current = self.tabs.currentWidget()
        return next(key for key, pane in self.lower_panes.items() if pane is current)

    def set_lower(self, key: str) -> None:
        """Bring a lower view to the front."""
        if key in self.lower_panes and key != self.lower_key():
            with QSignalBlocker(self.tabs):
                self.tabs.setCurrentWidget(self.lower_panes[key])

    def set_load_available(self, available: bool) -> None:
        """Offer the load view only where there are rows to add up."""
        index = self.tabs.indexOf(self.lower_panes["load"])
        tip = tr("Needs an array with rows: tokens x experts.")
        if available:
            tip = tr("What every expert receives, added up over the rows")
        if self.tabs.tabToolTip(index) == tip:
            return  # changing a tab lays the whole page out anew
        with QSignalBlocker(self.tabs):
            self.tabs.setTabEnabled(index, available)
        self.tabs.setTabToolTip(index, tip)

    def set_options(self, *options: tuple[str, str]) -> None:
        """Show the values of options, (field, value) each, in every lower view that has them."""
        for pane in self.lower_panes.values():
            for field, value in options:
                pane.set_option(field, value)

    def plot_of(self, key: str) -> PlotView | None:
        """Return the plot of a lower view, None for tables."""
        return self.lower_panes[key].plot()

    # -- maximise ---------------------------------------------------------------------------

    def _show_alone(self, alone: QWidget | None) -> None:
        above = alone in (self.scores, self.output)
        self.scores.setVisible(alone is None or alone is self.scores)
        self.output.setVisible(alone is None or alone is self.output)
        self.upper.setVisible(alone is None or above)
        self.tabs.setVisible(alone is None or not above)

    # -- figures ----------------------------------------------------------------------------

    def figures(self) -> tuple[Figure, ...]:
        """Return the figures on screen as zoomed: the focused one first, then by size."""
        plots = [self.output, self.scores]
        lower = self.plot_of(self.lower_key())
        if lower is not None:
            plots.append(lower)
        if self._maximised in plots:
            plots.insert(0, self._maximised)
        if self._focused in plots:
            plots.insert(0, self._focused)
        figures = [plot.figure() for plot in dict.fromkeys(plots)]
        return tuple(figure for figure in figures if figure is not None)
