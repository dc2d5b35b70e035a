"""What every page's plots have in common: one of them can fill the page, Esc brings all back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from gui.core.figure.figure import Figure
from gui.core.paint.head.header import level
from gui.core.paint.plot_view import PlotView, is_empty
from gui.core.paint.theme import Theme
from gui.core.widgets.colours_panel import ColoursPanel
from gui.core.widgets.heard import announce

FRAME = 1.0 / 60.0  # seconds


class PageView(QWidget):
    """The plots of a page; a page decides in ``_show_alone`` what stands beside one plot."""

    shown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._maximised: QWidget | None = None

    def toggle_maximised(self, plot: QWidget) -> None:
        """Let one plot fill the page, or bring the others back."""
        self._maximised = None if self._maximised is plot else plot
        self._show_alone(self._maximised)

    def _show_alone(self, alone: QWidget | None) -> None:
        """Hide everything but ``alone``; None shows everything."""
        raise NotImplementedError

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        if event.key() == Qt.Key.Key_Escape and self._maximised is not None:
            self.toggle_maximised(self._maximised)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:  # noqa: D102
        # Esc also cancels computations in the window; while a plot is maximised it restores,
        # while one of its lines is moved by keys it lets go.
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and event.key() == Qt.Key.Key_Escape and self._is_held():  # type: ignore[attr-defined]
            event.accept()
            return True
        return super().event(event)

    def _is_held(self) -> bool:
        """Whether Esc has something to bring back or to let go here."""
        return self._maximised is not None

    def showEvent(self, event: QShowEvent) -> None:  # noqa: D102
        super().showEvent(event)
        self.shown.emit()


class PlotsView(PageView):
    """A page whose plots have names.

    ``cursor_moved(key, value)`` follows the mouse, ``released`` ends a drag;
    ``log_toggled(plot, axis, on)``; ``recoloured(plot, part, value)``: a person sets a part of the
    colours of its picture.
    """

    cursor_moved = Signal(str, float)
    released = Signal()
    log_toggled = Signal(str, str, bool)
    recoloured = Signal(str, str, object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._focused: PlotView | None = None
        self.colours: ColoursPanel | None = None  # made when it is first wanted
        self.plots: dict[str, PlotView] = {}
        # No more figures per turn of the event loop than are painted in a frame: five pictures
        # laid out and painted in one go would keep the window from answering for three.
        self._waiting: dict[str, Figure] = {}
        self._afresh: set[str] = set()  # of those that wait: which are of other data
        self._spent = 0.0
        self._coloured = ""  # the plot whose colours are open
        self._pace = QTimer(self, singleShot=True, interval=0)
        self._pace.timeout.connect(self._draw_next)

    def new_plot(self, key: str, name: str) -> PlotView:
        """Return a new plot, wired to the signals of this page; ``name`` is read aloud."""
        plot = PlotView(self._theme)
        plot.setAccessibleName(name)
        plot.cursor_dragged.connect(self.cursor_moved)
        plot.cursor_released.connect(lambda _: self.released.emit())
        plot.log_toggled.connect(lambda axis, on: self.log_toggled.emit(key, axis, on))
        plot.colours_wanted.connect(lambda: self.open_colours(key))
        plot.focused.connect(lambda: self._set_focused(plot))
        plot.maximise_toggled.connect(lambda: self.toggle_maximised(plot))
        plot.said.connect(lambda words: announce(plot.canvas, words))
        plot.head.grown.connect(lambda: self._level(plot))
        self.plots[key] = plot
        return plot

    def _level(self, plot: PlotView) -> None:
        """Have the drawings beside a plot begin where it does."""
        beside = [one for one in self.plots.values() if one.parentWidget() is plot.parentWidget()]
        shown = [one for one in beside if not one.isHidden()]
        level(*([one.head for one in shown if _is_picture(one) is kind] for kind in (True, False)))

    def set_figure(self, key: str, figure: Figure, *, afresh: bool = False) -> None:
        """Draw ``figure`` in the plot ``key``: at once, or after those drawn in this turn.

        ``afresh``: it is of other data than the one before.
        """
        plot = self.plots[key]
        if afresh:
            self._afresh.add(key)
        cost = 0.0 if is_empty(figure) else plot.canvas.paint_cost
        if self._spent and self._spent + cost > FRAME:
            self._waiting[key] = figure
            return
        self._waiting.pop(key, None)
        self._spent += cost
        self._put(key, figure)
        self._pace.start()

    def _put(self, key: str, figure: Figure) -> None:
        self.plots[key].set_figure(figure, afresh=key in self._afresh)
        self._level(self.plots[key])  # curves may have made way for a picture
        self._afresh.discard(key)
        panel = self.colours
        if panel is not None and panel.isVisible() and panel.plot is self.plots[key]:
            panel.show_picture()

    def open_colours(self, key: str) -> None:
        """Open the panel with colours and levels of the picture in the plot ``key``."""
        self._draw_all()
        if self.colours is None:
            self.colours = ColoursPanel(self._theme, self)
            self.colours.edited.connect(
                lambda part, value: self.recoloured.emit(self._coloured, part, value)
            )
            self.colours.sealed.connect(self.released)
        self._coloured = key
        self.colours.open_beside(self.plots[key])

    @property
    def is_drawing(self) -> bool:
        """Whether figures wait for their turn."""
        return bool(self._waiting)

    def _draw_next(self) -> None:
        self._spent = 0.0
        for key, figure in list(self._waiting.items()):
            self.set_figure(key, figure)

    def _draw_all(self) -> None:
        for key in list(self._waiting):
            self._put(key, self._waiting.pop(key))

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: D102
        self._draw_all()
        self._pace.stop()
        self._spent = 0.0
        super().hideEvent(event)

    def figures_of(self, keys: Sequence[str]) -> tuple[Figure, ...]:
        """Return the figures of these plots as zoomed, the focused or maximised one first."""
        self._draw_all()
        plots = [self.plots[key] for key in keys if key in self.plots]
        if self._focused in plots:
            plots.insert(0, self._focused)
        if self._maximised is not None:
            plots = [plot for plot in plots if plot is self._maximised]
        figures = [plot.figure() for plot in dict.fromkeys(plots)]
        return tuple(figure for figure in figures if figure is not None)

    def _is_held(self) -> bool:
        canvas = self._focused.canvas if self._focused is not None else None
        moving = canvas is not None and canvas.hasFocus() and canvas.state.active is not None
        return moving or super()._is_held()

    def _set_focused(self, plot: PlotView) -> None:
        self._focused = plot


def _is_picture(plot: PlotView) -> bool:
    shown = plot.canvas.state.figure
    return shown is not None and bool(shown.images)
