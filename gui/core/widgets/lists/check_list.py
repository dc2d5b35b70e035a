"""CheckList: rows of a check box, a piece of the curve, and a trailing number."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from operator import attrgetter

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStyle,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.core.figure.palette import Dash
from gui.core.paint.head.labels import PlainLabel, lines_of
from gui.core.paint.pens import make_pen
from gui.core.paint.theme import SPACING, Theme, tabular_font
from gui.core.widgets.lists.order_button import OrderButton, Orders
from gui.core.words.i18n import tr, without_mnemonic
from gui.frozen import dataclass

_LONGEST_WORD = 120  # pixels


class Swatch(QWidget):
    """A short piece of a curve: its colour and dash as drawn in the plot."""

    def __init__(self, color: str, dash: Dash, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._color, self._dash, self._theme = color, dash, theme
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:  # noqa: D102
        return QSize(4 * SPACING, 2 * SPACING)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(make_pen(self._theme.scheme.color(self._color), self._dash, 2.0))
        middle = self.height() / 2
        painter.drawLine(QPointF(1, middle), QPointF(self.width() - 1, middle))


@dataclass(frozen=True)
class CheckItem:
    """One row of a :class:`CheckList`; ``color`` "" shows no swatch."""

    key: str
    label: str
    color: str = ""
    dash: Dash = "solid"
    tooltip: str = ""


class _WrappedCheckBox(QCheckBox):
    """A check box that breaks its words where the row is narrow, not the number behind them."""

    def __init__(self, label: str) -> None:
        super().__init__(label)
        self._label = label
        self.setAccessibleName(label)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        # No word is broken for the number.
        words = map(self.fontMetrics().horizontalAdvance, label.split())
        self.setMinimumWidth(min(max(words, default=0), _LONGEST_WORD) + self._mark() + 2)

    def _mark(self) -> int:
        style = self.style()
        mark = style.pixelMetric(QStyle.PixelMetric.PM_IndicatorWidth, None, self)
        return mark + style.pixelMetric(QStyle.PixelMetric.PM_CheckBoxLabelSpacing, None, self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = event.size().width() - self._mark() - 2
        text = "\n".join(lines_of(self._label, self.font(), room))
        if text != self.text():
            self.setText(text)


class CheckList(QWidget):
    """Check boxes with a swatch of the curve and a trailing text each ("0.4 ms").

    ``edited(key, checked)`` reports one toggle; ``value()`` is the tuple of checked keys in
    display order.
    """

    edited = Signal(str, bool)

    def __init__(
        self,
        items: Iterable[CheckItem],
        theme: Theme,
        *,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(name)
        self._boxes: dict[str, QCheckBox] = {}
        self._trailing: dict[str, QLabel] = {}
        self._said: dict[str, str] = {}  # the texts at the ends of rows, in a line
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACING)
        self._grid.setVerticalSpacing(SPACING // 2)
        self._grid.setColumnStretch(1, 1)
        for item in items:
            self._add(item)

    def _add(self, item: CheckItem) -> None:
        row = len(self._boxes)
        box = _WrappedCheckBox(item.label)
        box.setToolTip(item.tooltip)
        box.clicked.connect(lambda checked, key=item.key: self.edited.emit(key, checked))
        trailing = PlainLabel()
        trailing.setFont(tabular_font(trailing.font()))
        trailing.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if item.color:
            swatch = Swatch(item.color, item.dash, self._theme)
            swatch.setToolTip(item.tooltip)
            self._grid.addWidget(swatch, row, 0)
        # A row without a number has the room of one for its words.
        self._grid.addWidget(box, row, 1, 1, 2)
        self._grid.addWidget(trailing, row, 2)
        self._boxes[item.key], self._trailing[item.key] = box, trailing

    def __contains__(self, key: str) -> bool:
        return key in self._boxes

    def box(self, key: str) -> QCheckBox:
        """Return the check box of one row, for tests and shortcuts."""
        return self._boxes[key]

    def names(self) -> tuple[str, ...]:
        """Return the keys of all rows in display order."""
        return tuple(self._boxes)

    def value(self) -> tuple[str, ...]:
        """Return the checked keys in display order."""
        return tuple(key for key, box in self._boxes.items() if box.isChecked())

    def set_value(self, keys: Iterable[str]) -> None:
        """Check exactly ``keys``; emits nothing."""
        wanted = set(keys)
        for key, box in self._boxes.items():
            box.setChecked(key in wanted)

    def set_trailing(self, key: str, text: str, tooltip: str = "") -> None:
        """Show ``text`` at the end of a row."""
        label = self._trailing.get(key)
        if label is None:
            return
        if label.toolTip() != tooltip:
            label.setToolTip(tooltip)
        before = self.trailing(key)
        if before != text:
            if bool(text) != bool(before):
                self._share(key, with_number=bool(text))
            self._said[key] = text
            self._write(key)
            self._boxes[key].setAccessibleDescription("\n".join(filter(None, (text, tooltip))))

    def _write(self, key: str) -> None:
        """Write the text at the end of a row, in several lines where its name needs the room."""
        label, text = self._trailing[key], self.trailing(key)
        left = self._grid.cellRect(0, 1).left() if self._grid.count() else 0
        room = self.width() - left - self._boxes[key].minimumWidth() - SPACING
        if label.fontMetrics().horizontalAdvance(text) > room:
            text = "\n".join(lines_of(text, label.font(), max(room, 1)))
        label.setText(text)
        # Room once taken is kept: numbers that change must not shift what stands beside them.
        label.setMinimumWidth(max(label.minimumWidth(), label.sizeHint().width()))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            for key, label in self._trailing.items():
                label.setMinimumWidth(0)
                self._write(key)

    def trailing(self, key: str) -> str:
        """Return the text at the end of a row."""
        return self._said.get(key, "")

    def trailing_tip(self, key: str) -> str:
        """Return the tooltip of that text."""
        return self._trailing[key].toolTip()

    def set_dimmed(self, on: bool) -> None:
        """Show the texts at the ends of rows as what has been, or as what is."""
        for label in self._trailing.values():
            label.setEnabled(not on)

    def _share(self, key: str, *, with_number: bool) -> None:
        box = self._boxes[key]
        row = list(self._boxes).index(key)
        self._grid.removeWidget(box)
        self._grid.addWidget(box, row, 1, 1, 1 if with_number else 2)


class FoldingList(QWidget):
    """A check list whose first rows are always in sight; a button unfolds the others.

    ``edited(key, checked)`` reports one toggle.
    """

    edited = Signal(str, bool)

    def __init__(
        self, name: str, theme: Theme, fold: int = 0, more: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name, self._theme, self._fold = without_mnemonic(name), theme, fold
        self.setAccessibleName(self._name)
        self._lists: list[CheckList] = []
        self.more_button = QToolButton()
        self.more_button.setText(more)
        self.more_button.setToolTip(tr("Show the others, too"))
        self.more_button.setCheckable(True)
        self.more_button.setArrowType(Qt.ArrowType.RightArrow)
        self.more_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more_button.setAutoRaise(True)
        self.more_button.toggled.connect(self._show_more)
        self.more_button.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACING)
        self.order_button: OrderButton | None = None
        self._under = QHBoxLayout()
        self._under.addWidget(self.more_button)
        self._under.addStretch(1)
        self._column.addLayout(self._under)
        self._items: tuple[CheckItem, ...] = ()
        self._in_order: Callable[[Iterable[CheckItem]], Iterable[CheckItem]] = tuple

    def offer_order(self, kind: str, orders: Orders) -> None:
        """Let a person have what is liked, or pinned, first: names of ``kind`` to the search."""
        button = OrderButton(
            tr("Order of {name}", name=self._name.lower()), tr("In their usual order"), orders, kind
        )
        self._in_order = partial(button.put, name=attrgetter("key"))
        button.chosen.connect(self.put_in_order)
        self._under.addWidget(button)
        self.order_button = button

    def put_in_order(self) -> None:
        """Put the rows into the order chosen, which may have changed; nothing else does."""
        checked, trailing = self.value(), {}
        for item in self._items:
            label = next(checks for checks in self._lists if item.key in checks)
            trailing[item.key] = label.trailing(item.key), label.trailing_tip(item.key)
        self._fill()
        self.set_value(checked)
        for key, said in trailing.items():
            self.set_trailing(key, *said)

    def set_items(self, items: Iterable[CheckItem]) -> None:
        """Offer these rows in place of what was offered; nothing is checked."""
        self._items = tuple(items)
        self._fill()

    def _fill(self) -> None:
        rows = list(self._in_order(self._items))
        for old in self._lists:
            self._column.removeWidget(old)
            old.hide()  # at once: what is deleted later is drawn until then
            old.deleteLater()
        parts = [rows[: self._fold], rows[self._fold :]] if self._fold else [rows]
        self._lists = [CheckList(part, self._theme, name=self._name) for part in parts if part]
        for place, checks in enumerate(self._lists):
            checks.edited.connect(self.edited)
            self._column.insertWidget(2 * place, checks)
        self.more_button.setVisible(len(self._lists) > 1)
        self._show_more(self.more_button.isChecked())

    def set_value(self, keys: Iterable[str]) -> None:
        """Check exactly ``keys``; what is checked is in sight; emits nothing."""
        for checks in self._lists:
            checks.set_value(keys)
        if any(checks.value() for checks in self._lists[1:]):
            self.more_button.setChecked(True)

    def names(self) -> tuple[str, ...]:
        """Return the keys of all rows in display order."""
        return tuple(key for checks in self._lists for key in checks.names())

    def value(self) -> tuple[str, ...]:
        """Return the checked keys in display order."""
        return tuple(key for checks in self._lists for key in checks.value())

    def box(self, key: str) -> QCheckBox:
        """Return the check box of one row."""
        return next(checks.box(key) for checks in self._lists if key in checks)

    def set_trailing(self, key: str, text: str, tooltip: str = "") -> None:
        """Show ``text`` at the end of a row."""
        for checks in self._lists:
            checks.set_trailing(key, text, tooltip)

    def trailing(self, key: str) -> str:
        """Return the text at the end of a row."""
        return next(checks.trailing(key) for checks in self._lists if key in checks)

    def set_dimmed(self, on: bool) -> None:
        """Show the texts at the ends of rows as what has been, or as what is."""
        for checks in self._lists:
            checks.set_dimmed(on)

    def _show_more(self, shown: bool) -> None:
        for checks in self._lists[1:]:
            checks.setVisible(shown)
        arrow = Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow
        self.more_button.setArrowType(arrow)
