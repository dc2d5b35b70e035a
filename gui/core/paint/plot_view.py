"""PlotView: draws a Figure live, and tells what a person does with it."""

from __future__ import annotations

import weakref
from dataclasses import replace

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAction,
    QFont,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QMenu,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from gui.core.figure.described import described
from gui.core.figure.figure import Axis, AxisName, Figure
from gui.core.paint.head.header import Head, Header, small_button
from gui.core.paint.head.labels import PlainLabel, Title
from gui.core.paint.head.legend import Legend, entries_of
from gui.core.paint.plot_canvas import PlotCanvas
from gui.core.paint.plot_overlay import Handle
from gui.core.paint.theme import SPACING, Theme, make_palette
from gui.core.words.i18n import tr

# Views that zoom together, by the figure's link name. Weak: a closed page leaves by itself.
_LINKED: dict[str, weakref.WeakSet[PlotView]] = {}

_VEIL = 150  # of 255
_LOW = 200  # pixels, below which a title has one line


class PlotView(QWidget):
    """One plot: title, note, legend, drawing area, crosshair, log toggles, reset.

    ``set_figure`` updates in place and emits nothing. Dragging reports and draws the value under
    the hand; the figure that the controller sends back replaces it.

    Mouse: drag pans, Shift+drag zooms to a rectangle, wheel zooms, double click maximises.
    Keys: Space chooses the next movable thing; arrows move it (Shift: ten steps; left and right
    choose another point), Home and End as far as it goes, Esc lets go. Ctrl+arrows walk along the
    curves, Ctrl+Shift+arrows pan, + and - zoom, Home resets.
    """

    heard_as = QAccessible.Role.Grouping

    cursor_dragged = Signal(str, float)
    cursor_released = Signal(str)
    point_dragged = Signal(str, int, float)
    point_released = Signal(str, int)
    point_clicked = Signal(str, int)
    clicked = Signal(object)
    colours_wanted = Signal()
    log_toggled = Signal(str, bool)
    focused = Signal()
    maximise_toggled = Signal()
    # Emitted when a frame has been painted: the end of "slider moved -> seen".
    painted = Signal()
    said = Signal(str)  # by a key: to be read aloud

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._figure: Figure | None = None
        self._log: dict[AxisName, bool | None] = {"x": None, "y": None}
        self._link = ""
        self._menu: QMenu | None = None
        self.frames_painted = 0
        self._build()
        self._connect()
        self._apply_scheme()

    def _build(self) -> None:
        self.canvas = PlotCanvas(self._theme, self)  # or the stack shows it as a window
        self._title, self._note = Title(), PlainLabel()
        font = QFont(self._title.font())
        font.setWeight(QFont.Weight.DemiBold)
        self._title.setFont(font)
        self._note.setWordWrap(True)
        self._note.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.legend = Legend(self._theme)
        self._empty = PlainLabel()
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setMargin(2 * SPACING)
        self._buttons = {
            "x": small_button(tr("log x"), tr("Logarithmic x axis"), checkable=True),
            "y": small_button(tr("log y"), tr("Logarithmic y axis"), checkable=True),
            "colours": small_button(tr("Colours"), tr("Colours and levels of the picture")),
            "reset": small_button(tr("Reset"), tr("Reset view: show everything again (Home)")),
        }
        self.header = Header(self._title, tuple(self._buttons.values()))
        self.head = Head((self.header, self._note, self.legend))
        self._veil = _Veil(self)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.canvas)
        self._stack.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING, SPACING // 2, SPACING // 2, SPACING // 2)
        column.setSpacing(SPACING // 4)
        column.addWidget(self.head)
        column.addLayout(self._stack, 1)
        self.setAutoFillBackground(True)
        self.setFocusProxy(self.canvas)
        self.setMinimumSize(76, 140)  # four side by side in the smallest window

    def _connect(self) -> None:
        canvas = self.canvas
        canvas.handle_moved.connect(self._report_move)
        canvas.handle_released.connect(self._report_release)
        canvas.point_clicked.connect(self.point_clicked)
        canvas.clicked.connect(self.clicked)
        canvas.zoomed.connect(self._zoomed)
        canvas.overlay.framed.connect(self._number_marks)
        canvas.painted.connect(self._count_frame)
        canvas.focused.connect(self.focused)
        canvas.double_clicked.connect(self.maximise_toggled)
        canvas.said.connect(self.said)
        canvas.menu_wanted.connect(self._show_menu)
        self._buttons["x"].clicked.connect(lambda checked: self._toggle_log("x", checked))
        self._buttons["y"].clicked.connect(lambda checked: self._toggle_log("y", checked))
        self._buttons["colours"].clicked.connect(self.colours_wanted)
        canvas.bar.clicked.connect(self.colours_wanted)
        self._buttons["reset"].clicked.connect(self.reset_view)
        self._theme.changed.connect(self._apply_scheme)

    def set_figure(self, figure: Figure, *, afresh: bool = False) -> None:
        """Show ``figure``; emits nothing. Items, zoom and axis ranges are kept where they fit.

        ``afresh``: it is of other data, so axes are fitted anew and zoom and pan are dropped.
        """
        before = self._figure
        if afresh:
            self.canvas.forget_view()
        for axis in ("x", "y"):
            own, old = _axis(figure, axis), before and _axis(before, axis)
            # A figure that brings another scale has taken the person's toggle into account.
            if before is None or figure.key != before.key or (old and own.log != old.log):
                self._log[axis] = None
        self._figure = figure
        self._join(figure.link)
        self._show_words(figure)
        if is_empty(figure):
            self.legend.set_entries(())
            self._empty.setText(figure.note or tr("Nothing to show yet."))
            self._stack.setCurrentWidget(self._empty)
            return
        self._draw()
        self._buttons["colours"].setAccessibleDescription(", ".join(self.canvas.bar.said()))
        self._stack.setCurrentWidget(self.canvas)

    def set_dimmed(self, on: bool) -> None:
        """Lay a veil over what is drawn: it is not of the present moment."""
        self._veil.setVisible(on)
        self._cover()

    @property
    def is_dimmed(self) -> bool:
        """Whether what is drawn lies under a veil."""
        return not self._veil.isHidden()

    def _cover(self) -> None:
        if self.is_dimmed:
            self._veil.setGeometry(self.rect())
            self._veil.raise_()

    def figure(self) -> Figure | None:
        """Return the figure as shown: with the person's log toggles and zoomed limits."""
        if self._figure is None:
            return None
        shown = self._as_shown()
        if self.canvas.is_zoomed and not is_empty(shown):
            x, y = self.canvas.visible_limits()
            shown = shown.with_limits(x=x, y=y)
        return shown

    def reset_view(self) -> None:
        """Show everything again; linked views follow."""
        self.canvas.reset_view()
        self._update_reset()
        for view in self._partners():
            view.canvas.reset_view()
            view._update_reset()

    def legend_entries(self) -> tuple[str, ...]:
        """Return the names in the legend."""
        return tuple(entry.name for entry in self.legend.entries())

    def button(self, name: str) -> QToolButton:
        """Return the small button "x", "y" (log toggles), "colours" or "reset"."""
        return self._buttons[name]

    def context_menu(self) -> QMenu:
        """Return a fresh context menu; the last one is kept alive while shown."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._add_action(menu, tr("Reset view"), self.reset_view)
        for axis, text in (("x", tr("Logarithmic x axis")), ("y", tr("Logarithmic y axis"))):
            button = self._buttons[axis]
            action = self._add_action(menu, text, button.click)
            action.setCheckable(True)
            action.setChecked(button.isChecked())
            action.setVisible(not button.isHidden())
        if not self._buttons["colours"].isHidden():
            self._add_action(menu, tr("Colours and levels…"), self.colours_wanted.emit)
        menu.addSeparator()
        # The window's own actions: they work on the focused plot, and a click has focused this.
        mine = [one for one in self.window().actions() if one.property("context") == "plot"]
        menu.addActions(mine)
        return menu

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """What is not on the drawing area: its title, its legend."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setFocus(Qt.FocusReason.MouseFocusReason)  # Esc brings the others back
            self.maximise_toggled.emit()
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        super().resizeEvent(event)
        self._cover()
        self.header.set_low(self.height() < _LOW)
        self.legend.set_rows_allowed(1 if self.height() < 260 else min(6, self.height() // 90))

    def _as_shown(self) -> Figure:
        assert self._figure is not None
        changes: dict[str, Axis] = {}
        for axis in ("x", "y"):
            own, chosen = _axis(self._figure, axis), self._log[axis]
            if chosen is not None and chosen != own.log:
                changes[axis] = replace(own, log=chosen)
        return replace(self._figure, **changes) if changes else self._figure  # type: ignore[arg-type]

    def _show_words(self, figure: Figure) -> None:
        self._title.set_text(figure.title)
        empty = is_empty(figure)
        if self._note.text() != figure.note:
            self._note.setText(figure.note)
        self._note.setVisible(bool(figure.note) and not empty)
        shown = self._as_shown()
        for axis in ("x", "y"):
            own, button = _axis(shown, axis), self._buttons[axis]
            button.setVisible(not (own.log_locked or empty))
            button.setChecked(own.log)
        self._buttons["colours"].setVisible(any(one.look is not None for one in shown.images))
        self._update_reset()
        self.header.arrange()
        if self.canvas.accessibleName() != figure.title:
            self.setAccessibleName(figure.title)
            self.canvas.setAccessibleName(figure.title)
            # On the screen the buttons stand beside the title.
            title = figure.title
            self.legend.more.setAccessibleName(tr("All names of the legend, {plot}", plot=title))
            for name, said in (
                ("x", tr("Logarithmic x axis, {plot}", plot=title)),
                ("y", tr("Logarithmic y axis, {plot}", plot=title)),
                ("reset", tr("Reset {plot}", plot=title)),
                ("colours", tr("Colours, {plot}", plot=title)),
            ):
                self._buttons[name].setAccessibleName(said)

    def _draw(self) -> None:
        self.canvas.set_figure(self._as_shown())
        self._number_marks()
        self._describe()

    def _number_marks(self) -> None:
        """Have the legend list the lines whose labels have no room."""
        if self._figure is not None and not is_empty(self._figure):
            shown = self.canvas.overlay.number_marks(self._as_shown(), float(self.height()))
            self.legend.set_entries(entries_of(shown))

    def _describe(self) -> None:
        """Say what is drawn now to those who hear it."""
        said = described(self._as_shown(), *self.canvas.visible_limits())
        if self.canvas.accessibleDescription() != said:
            self.canvas.setAccessibleDescription(said)

    def _update_reset(self) -> None:
        self._buttons["reset"].setVisible(self._figure is not None and not is_empty(self._figure))

    def _toggle_log(self, axis: AxisName, checked: bool) -> None:
        self._log[axis] = checked
        if self._figure is not None:
            self._draw()
        self.log_toggled.emit(axis, checked)

    def _report_move(self, handle: Handle, value: float) -> None:
        if handle.is_point:
            self.point_dragged.emit(handle.key, handle.index, value)
        else:
            self.cursor_dragged.emit(handle.key, value)

    def _report_release(self, handle: Handle) -> None:
        if handle.is_point:
            self.point_released.emit(handle.key, handle.index)
        else:
            self.cursor_released.emit(handle.key)

    def _count_frame(self) -> None:
        self.frames_painted += 1
        self.painted.emit()

    def _apply_scheme(self) -> None:
        palette = make_palette(self._theme.scheme)
        # The plot lies on the background colour, which is the palette's Base, not its Window.
        palette.setColor(QPalette.ColorRole.Window, palette.color(QPalette.ColorRole.Base))
        self.setPalette(palette)
        self.canvas.apply_scheme()
        self.legend.update()

    # Zooming together

    def _join(self, link: str) -> None:
        if link == self._link:
            return
        if self._link:
            _LINKED[self._link].discard(self)
        if link:
            _LINKED.setdefault(link, weakref.WeakSet()).add(self)
        self._link = link

    def _partners(self) -> list[PlotView]:
        group = _LINKED.get(self._link, ()) if self._link else ()
        # Qt deletes the plots of a window that has gone before Python lets go of them.
        others = (view for view in group if view is not self and isValid(view))
        return [view for view in others if view.window() is self.window()]

    def _zoomed(self) -> None:
        self._update_reset()
        self._describe()
        if not self.canvas.is_zoomed:
            for view in self._partners():
                view.canvas.reset_view()
            return
        x, y = self.canvas.view_ranges()
        for view in self._partners():
            view.canvas.show_view_ranges(x, y)
            view._update_reset()

    def _show_menu(self, place: QPoint) -> None:
        self._menu = self.context_menu()
        self._menu.popup(place)

    def _add_action(self, menu: QMenu, text: str, slot: object) -> QAction:
        action = menu.addAction(text)
        action.triggered.connect(lambda _checked=False: slot())  # type: ignore[operator]
        return action


class _Veil(QWidget):
    """Fades what lies under it; an opacity effect would paint the canvas black."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        color = self.palette().color(QPalette.ColorRole.Window)
        color.setAlpha(_VEIL)
        QPainter(self).fillRect(self.rect(), color)


def is_empty(figure: Figure) -> bool:
    """Return whether a figure has nothing to draw."""
    drawn = any(series.x.size for series in figure.series) or any(b.x.size for b in figure.bands)
    return not drawn and not any(image.values.size for image in figure.images)


def _axis(figure: Figure, axis: str) -> Axis:
    return figure.x if axis == "x" else figure.y
