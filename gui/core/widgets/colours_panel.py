"""The panel that a colour bar opens: map, levels, scale, and a histogram with two handles."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStyle,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.core.figure.figure import Axis, Cursor, Figure, Image, Series
from gui.core.figure.levels import Histogram, Stretch, clipped_words, histogram, levels_in_force
from gui.core.figure.look import FARTHEST, LEVELS_CHOICES, MAP_CHOICES, TIPS
from gui.core.paint.head.labels import PlainLabel
from gui.core.paint.plot_view import PlotView
from gui.core.paint.theme import SPACING, Theme
from gui.core.widgets.controls import ChoiceControl, ToggleControl
from gui.core.widgets.number_control import NumberBox
from gui.core.words.i18n import in_a_row, tr
from gui.core.words.numbers import format_value

_WIDTH, _HISTOGRAM = 320, 170  # pixels
_FEW = 0.5  # a bar of none on an axis of logarithms: its lower edge


class ColoursPanel(QFrame):
    """Shows how the picture of a plot is coloured.

    ``edited(part, value)``: a person sets map, reversed, log, levels, low, high or shared;
    ``sealed`` ends the move of a level. Esc closes it.
    """

    edited = Signal(str, object)
    sealed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.plot: PlotView | None = None  # whose colours these are
        self._image: Image | None = None
        self._stretch = Stretch()
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self._title = PlainLabel(wordWrap=True)
        font = QFont(self._title.font())
        font.setWeight(QFont.Weight.DemiBold)
        self._title.setFont(font)
        self.close_button = QToolButton(autoRaise=True)
        self.close_button.setIcon(
            self.style().standardIcon(QStyle.StandardPixmap.SP_TitleBarCloseButton)
        )
        self.close_button.setToolTip(tr("Close colours and levels (Esc)"))
        self.close_button.setAccessibleName(tr("Close colours and levels"))
        self.close_button.clicked.connect(self.leave)
        self._make_controls()
        self.histogram = PlotView(theme)
        self.histogram.setFixedHeight(_HISTOGRAM)
        # The window's own commands for plots are about those of the page.
        self.histogram.canvas.menu_wanted.disconnect()
        self.histogram.cursor_dragged.connect(self._dragged)
        self.histogram.cursor_released.connect(lambda _key: self.sealed.emit())
        self._note = PlainLabel(wordWrap=True)
        self._note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._lay_out()
        self.hide()

    def _make_controls(self) -> None:
        self.map = ChoiceControl(
            tr("Colour map"),
            [(key, tr(title)) for key, title in MAP_CHOICES.items()],
            tooltip=_tip("map"),
        )
        self.levels = ChoiceControl(
            tr("Levels"),
            [(key, tr(title)) for key, title in LEVELS_CHOICES.items()],
            tooltip=_tip("levels"),
        )
        self.reversed = ToggleControl(tr("Reversed"), tooltip=_tip("reversed"))
        self.log = ToggleControl(tr("Symmetric log"), tooltip=_tip("log"))
        self.shared = ToggleControl(tr("Shared levels"), tooltip=_tip("shared"))
        self.numbers = {"low": NumberBox(False, False), "high": NumberBox(False, False)}
        names = {"low": tr("Low level"), "high": tr("High level")}
        for part, box in self.numbers.items():
            box.setRange(-FARTHEST, FARTHEST)
            box.setAccessibleName(names[part])
            box.setToolTip(_tip(part))
            box.valueChanged.connect(lambda value, part=part: self._moved(part, value))
            box.editingFinished.connect(self.sealed)
        self.map.edited.connect(lambda key: self.edited.emit("map", key))
        self.levels.edited.connect(lambda key: self.edited.emit("levels", key))
        for part in ("reversed", "log", "shared"):
            toggle = getattr(self, part)
            toggle.edited.connect(lambda on, part=part: self.edited.emit(part, bool(on)))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column.setSpacing(SPACING)
        head, toggles, ends = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        for part in (self.reversed, self.log):
            toggles.addWidget(part)
        toggles.addStretch(1)
        ends.addWidget(self.numbers["low"], 1)
        ends.addWidget(QLabel(tr("to")))
        ends.addWidget(self.numbers["high"], 1)
        column.addLayout(head)
        column.addWidget(self.map)
        column.addLayout(toggles)
        column.addWidget(self.histogram)
        column.addWidget(self.levels)
        column.addLayout(ends)
        column.addWidget(self.shared)
        column.addWidget(self._note)
        widest = max(one.label.sizeHint().width() for one in (self.map, self.levels))
        for one in (self.map, self.levels):
            one.label.setMinimumWidth(widest)

    # -- opening and closing ----------------------------------------------------------------

    def open_beside(self, plot: PlotView) -> None:
        """Open beside ``plot``, within what the panel lies over, and take the keyboard."""
        if self.plot is not plot:
            if self.plot is not None:
                self.plot.removeEventFilter(self)
            self.plot = plot
            plot.installEventFilter(self)
            self.histogram.canvas.forget_view()
        if not self.show_picture():
            return
        self.show()
        self._settle()
        self.raise_()
        self.map.setFocus(Qt.FocusReason.PopupFocusReason)

    def leave(self) -> None:
        """Close, and give the keyboard back to the plot."""
        self.hide()
        if self.plot is not None:
            self.plot.setFocus(Qt.FocusReason.OtherFocusReason)

    def _settle(self) -> None:
        """Lie beside the plot: to its right, to its left, or over it."""
        page = self.parentWidget()
        if self.plot is None or page is None:
            return
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self.resize(_WIDTH, layout.totalHeightForWidth(_WIDTH))
        corner = self.plot.mapTo(page, QPoint(0, 0))
        beside = (corner.x() + self.plot.width(), corner.x() - self.width())
        room = page.width() - self.width()
        x = next((x for x in beside if 0 <= x <= room), max(0, room))
        y = max(0, min(corner.y(), page.height() - self.height()))
        self.move(x, y)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102
        if watched is self.plot and event.type() == QEvent.Type.Hide:
            self.hide()
        elif watched is self.plot and event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._settle()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:  # noqa: D102
        # Esc also cancels computations in the window; while the panel has the keyboard it closes.
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    # -- showing ----------------------------------------------------------------------------

    def show_picture(self) -> bool:
        """Show the colours that the picture of the plot has now; False where it has none."""
        figure = self.plot.figure() if self.plot is not None else None
        image = next(iter(figure.images), None) if figure is not None else None
        if figure is None or image is None or image.look is None:
            self._image = None
            self.hide()
            return False
        if image is self._image:
            return True
        self._image, look = image, image.look
        shares = bool(look.shared) and image.of is not None and look.lead is not None
        own = look.lead if shares and look.lead is not None else look.range
        self._title.setText(tr("Colours and levels: {plot}", plot=figure.title))
        self.setAccessibleName(self._title.text())
        self.map.set_value(look.map)
        self.levels.set_value(own.levels)
        self.reversed.set_value(look.reversed)
        self.log.set_value(look.log)
        self.shared.set_value(bool(look.shared))
        self.shared.setVisible(look.shared is not None)
        low, high = levels_in_force(image)
        for part, value in (("low", low), ("high", high)):
            with QSignalBlocker(self.numbers[part]):
                self.numbers[part].setSingleStep((high - low) / 100 or 1.0)
                self.numbers[part].setValue(value)
        self._note.setText(_note(image))
        found = histogram(image)
        self._stretch = found.stretch
        self.histogram.set_figure(_drawn(image, found))
        if self.isVisible():
            self._settle()
        return True

    # -- from the person --------------------------------------------------------------------

    def _moved(self, part: str, value: float) -> None:
        if self._image is not None:
            self.edited.emit(part, float(value))

    def _dragged(self, part: str, place: float) -> None:
        self._moved(part, self._stretch.value(place))


def _tip(part: str) -> str:
    tip = TIPS[part]
    return tr(tip)


def _note(image: Image) -> str:
    """Return what levels and histogram are of, and what is clipped."""
    words = [tr("Levels and histogram are of the values shown.")]
    left, right, top, bottom = image.extent
    rows, columns = image.values.shape[:2]
    if max(abs(right - left) / columns, abs(bottom - top) / rows) > 1.5:
        words.append(tr("Each stands for several entries."))
    said = [one for one in clipped_words(image) if one]
    if said:
        words.append(tr("Clipped: {shares}.", shares=", ".join(said)))
    return in_a_row(*words)


def _drawn(image: Image, found: Histogram) -> Figure:
    """Return the histogram as a figure: bars on an axis of logarithms, a cursor at each level."""
    stretch, levels = found.stretch, levels_in_force(image)
    ends = float(found.edges[0]), float(found.edges[-1])
    counts = np.repeat(found.counts, 2)
    x = np.repeat(found.edges, 2)[1:-1]
    bars = Series("counts", tr("values"), x, np.maximum(counts, _FEW), "muted", fill_to=_FEW)
    most = max(float(found.counts.max(initial=1)), 1.0)
    places = tuple(stretch.place(level) for level in levels)
    names = {"low": tr("low"), "high": tr("high")}
    bounds = {"low": (-math.inf, places[1]), "high": (places[0], math.inf)}
    cursors = tuple(
        Cursor(
            part,
            f"{name} {format_value(level, 3)}",
            "x",
            place,
            draggable=True,
            bounds=bounds[part],
            color="accent",
            dash="solid",
        )
        for (part, name), level, place in zip(names.items(), levels, places, strict=True)
    )
    label = image.unit or tr("value")
    if stretch.knee:
        label = f"asinh({label} / {format_value(stretch.knee, 3)})"
    room = 0.02 * (ends[1] - ends[0])
    return Figure(
        key="colours",
        title=tr("{count} values", count=format_value(found.count)),
        x=Axis(
            label,
            limits=(ends[0] - room, ends[1] + room),
            ticks=_ticks(stretch, *ends),
            log_locked=True,
        ),
        y=Axis(tr("count"), log=True, limits=(_FEW, 2.0 * most), log_locked=True),
        series=(bars,),
        cursors=cursors,
        legend=False,
    )


def _ticks(stretch: Stretch, first: float, last: float) -> tuple[tuple[float, str], ...]:
    """Return powers of ten of both signs, and 0, where places are not values."""
    if not stretch.knee:
        return ()
    # The ends themselves are numbers, whatever asinh and sinh have rounded.
    low, high = (stretch.value(end) * (1.0 + 1e-9) for end in (first, last))
    reach = max(abs(low), abs(high), stretch.knee)
    powers = [
        10.0**power
        for power in range(math.ceil(math.log10(stretch.knee)), math.floor(math.log10(reach)) + 1)
    ]
    values = [*(-one for one in reversed(powers)), 0.0, *powers]
    return tuple((stretch.place(one), format_value(one, 1)) for one in values if low <= one <= high)
