"""Small typed widgets for the controls of a page.

Every one has an accessible name, a tooltip and a place in the tab order; ``set_*`` never emits,
``edited`` / ``chosen`` / ``toggled`` report only what a person did.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAccessible, QFont, QKeySequence, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from gui.core.paint.head.labels import NameLabel, PlainLabel, plain_tip
from gui.core.paint.theme import SPACING, tabular_font
from gui.core.widgets.lists.check_list import CheckItem, CheckList, Swatch
from gui.core.widgets.number_control import SEAL_AFTER_MS, ErrorLine, NumberControl
from gui.core.widgets.wheel_shy import ShyCombo
from gui.core.words.i18n import tr, without_mnemonic
from gui.core.words.numbers import format_value, parse_number

__all__ = [
    "SEAL_AFTER_MS",
    "CheckItem",
    "CheckList",
    "ChoiceControl",
    "ControlsPanel",
    "ElidedCombo",
    "ErrorLine",
    "NumberControl",
    "ReadoutTable",
    "Section",
    "Swatch",
    "ToggleControl",
    "format_value",
    "parse_number",
    "set_usable",
]
PANEL_WIDTH = 260
_LOOKED_AT = 64  # entries of a box, to see how wide it would like to be
_BOX_FRAME = 44  # pixels of a box beside its words
LONGEST_IN_A_LINE = 16  # letters of a number; a longer one wraps before it widens the panel


class ElidedCombo(ShyCombo):
    """A combo box that shortens what does not fit: Fusion cuts it, and 20 × 48 reads 20 × 4.

    Its list is as wide as its entries.
    """

    def showPopup(self) -> None:  # noqa: D102
        view = self.view()
        whole = view.sizeHintForColumn(0) + view.verticalScrollBar().sizeHint().width()
        view.setMinimumWidth(min(whole, self.screen().availableSize().width() // 2))
        super().showPopup()

    def elided(self, option: QStyleOptionComboBox) -> str:
        """Return the words of the chosen entry as they fit."""
        part = QStyle.SubControl.SC_ComboBoxEditField
        field = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, self)
        return self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideMiddle, field.width() - 2
        )

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self.elided(option)
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


class ChoiceControl(QWidget):
    """A label and a combo box; ``edited(key)`` when a person chooses another entry."""

    edited = Signal(str)

    def __init__(
        self,
        label: str,
        choices: Sequence[tuple[str, str]],
        value: str = "",
        *,
        tooltip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._combo = ElidedCombo()
        self._combo.setAccessibleName(without_mnemonic(label))
        # A long entry must not widen the dock; it is elided and shown whole in the list.
        self._combo.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._combo.setMinimumContentsLength(8)
        self.label = QLabel(label)
        self.label.setBuddy(self._combo)
        self._line = _row(self)
        self._line.addWidget(self.label)
        self._line.addWidget(self._combo, 1)
        self.set_tooltip(tooltip)
        self.setFocusProxy(self._combo)
        self.set_choices(choices)
        if value:
            self.set_value(value)
        self._combo.activated.connect(self._chosen)
        self._last = self.value()

    def set_tooltip(self, text: str) -> None:
        """Set the tooltip of every part."""
        for part in (self, self.label, self._combo):
            part.setToolTip(text)

    @property
    def combo(self) -> QComboBox:
        """The combo box, for tests."""
        return self._combo

    def value(self) -> str:
        """Return the key of the entry shown."""
        return str(self._combo.currentData() or "")

    def set_value(self, key: str) -> None:
        """Show the entry ``key``; emits nothing; an unknown key changes nothing."""
        index = self._combo.findData(key)
        if index >= 0:
            with QSignalBlocker(self._combo):
                self._combo.setCurrentIndex(index)
            self._last = key

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """Replace the entries, (key, title) each; emits nothing, keeps the choice if it can."""
        kept = self.value()
        with QSignalBlocker(self._combo):
            self._combo.clear()
            for key, title in choices:
                self._combo.addItem(title, key)
                place = self._combo.count() - 1
                self._combo.setItemData(place, plain_tip(title), Qt.ItemDataRole.ToolTipRole)
        self._last = self.value()
        self.set_value(kept)
        self._place_box()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        super().resizeEvent(event)
        self._place_box()

    def _place_box(self) -> None:
        """Put the box below its label where beside it an entry would be cut."""
        count = min(self._combo.count(), _LOOKED_AT)
        words = (self._combo.itemText(place) for place in range(count))
        longest = max(map(self.fontMetrics().horizontalAdvance, words), default=0)
        needed = self.label.sizeHint().width() + SPACING + longest + _BOX_FRAME
        ways = QBoxLayout.Direction
        way = ways.LeftToRight if needed <= self.width() else ways.TopToBottom
        if self._line.direction() != way:
            self._line.setDirection(way)

    def _chosen(self) -> None:
        if self.value() != self._last:
            self._last = self.value()
            self.edited.emit(self._last)


def set_usable(widget: QWidget, usable: bool, tip: str, why: str) -> None:
    """Let ``widget`` be used or not; its tooltip says why not, then what it would do."""
    words = tip if usable or not why else f"{why}\n{tip}"
    widget.setEnabled(usable)
    if widget.toolTip() != words:
        set_tooltip = getattr(widget, "set_tooltip", widget.setToolTip)
        set_tooltip(words)


class ToggleControl(QCheckBox):
    """A check box; ``edited(bool)`` when a person toggles it."""

    edited = Signal(bool)

    def __init__(
        self, label: str, value: bool = False, *, tooltip: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(label, parent)
        self.setAccessibleName(without_mnemonic(label))
        self.setToolTip(tooltip)
        self.setChecked(value)
        self.clicked.connect(self.edited)

    def value(self) -> bool:
        """Return whether it is checked."""
        return self.isChecked()

    def set_value(self, value: bool) -> None:
        """Check or uncheck; emits nothing."""
        with QSignalBlocker(self):
            self.setChecked(value)


class ReadoutTable(QWidget):
    """Names and numbers; the numbers can be selected, Ctrl+C copies the whole table."""

    heard_as = QAccessible.Role.Grouping

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._labels: list[tuple[QLabel, QLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACING)
        self._grid.setVerticalSpacing(SPACING // 2)
        self._grid.setColumnStretch(0, 1)

    def set_rows(self, rows: Sequence[tuple[str, str] | tuple[str, str, str]]) -> None:
        """Show ``rows`` of (label, value) or (label, value, tooltip); widgets are reused."""
        while len(self._labels) < len(rows):
            self._add_row()
        for index, (label, value) in enumerate(self._labels):
            shown = index < len(rows)
            label.setVisible(shown)
            value.setVisible(shown)
            if shown:
                row = rows[index]
                tooltip = row[2] if len(row) == 3 else ""
                _set_text(label, row[0], tooltip)
                _set_text(value, row[1], tooltip)
                value.setWordWrap(len(row[1]) > LONGEST_IN_A_LINE)
                said = heard(row[0], row[1])
                if value.accessibleName() != said:
                    value.setAccessibleName(said)
        said = "\n".join(heard(*row) for row in self.rows())
        if self.accessibleDescription() != said:
            self.setAccessibleDescription(said)

    def rows(self) -> list[tuple[str, str]]:
        """Return what is shown, (label, value) each."""
        return [(a.text(), b.text()) for a, b in self._labels if not a.isHidden()]

    def text(self) -> str:
        """Return the table as tab-separated lines."""
        return "\n".join(f"{label}\t{value}" for label, value in self.rows())

    def keyPressEvent(self, event: object) -> None:  # noqa: D102
        if event.matches(QKeySequence.StandardKey.Copy):  # type: ignore[attr-defined]
            QApplication.clipboard().setText(self.text())
        else:
            super().keyPressEvent(event)  # type: ignore[arg-type]

    def _add_row(self) -> None:
        row = len(self._labels)
        label, value = NameLabel(), PlainLabel()
        label.setWordWrap(True)
        value.setFont(tabular_font(value.font()))
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setCursor(Qt.CursorShape.IBeamCursor)
        value.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)  # the whole table has one
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(value, row, 1)
        self._labels.append((label, value))


class Section(QWidget):
    """A heading and rows under it; whitespace does the grouping."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: list[ChoiceControl] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACING)
        self._heading = PlainLabel()
        font = QFont(self._heading.font())
        font.setWeight(QFont.Weight.DemiBold)
        self._heading.setFont(font)
        self._heading.setWordWrap(True)
        self._column.addWidget(self._heading)
        self.set_title(title)

    def set_title(self, title: str) -> None:
        """Change the heading; an empty one takes no room."""
        self._heading.setText(title)
        self._heading.setVisible(bool(title))
        self.setAccessibleName(title)

    def add(self, widget: QWidget, alignment: Qt.AlignmentFlag | None = None) -> QWidget:
        """Append a row and return it; the boxes of its choices stand under one another."""
        self._column.addWidget(widget, 0, alignment or Qt.AlignmentFlag(0))
        if isinstance(widget, ChoiceControl):
            self._choices.append(widget)
            widest = max(one.label.sizeHint().width() for one in self._choices)
            for one in self._choices:
                one.label.setMinimumWidth(widest)
        return widget

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing under the heading."""
        return self._column.count() == 1

    @property
    def is_blank(self) -> bool:
        """Whether nothing under the heading is shown."""
        items = (self._column.itemAt(place) for place in range(1, self._column.count()))
        rows = (item.widget() for item in items if item is not None)
        return all(row is None or row.isHidden() for row in rows)

    def insert(self, place: int, widget: QWidget) -> QWidget:
        """Put a row at ``place``, counted from 0 below the heading, and return it."""
        self._column.insertWidget(place + 1, widget)
        return widget


class ControlsPanel(QScrollArea):
    """The controls of a page, one section under the other; scrolls rather than cuts."""

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._content = QWidget()
        self._column = QVBoxLayout(self._content)
        self._column.setContentsMargins(*(4 * [2 * SPACING]))
        self._column.setSpacing(3 * SPACING)
        self._column.addStretch(1)
        self.setWidget(self._content)
        self._content.installEventFilter(self)
        self._fit_width()

    def add(self, widget: QWidget) -> QWidget:
        """Append a section (or any widget) and return it."""
        self._column.insertWidget(self._column.count() - 1, widget)
        return widget

    def section(self, title: str) -> Section:
        """Append an empty section and return it."""
        section = Section(title)
        self.add(section)
        return section

    def eventFilter(self, watched: object, event: QEvent) -> bool:  # noqa: D102
        if watched is self._content and event.type() == QEvent.Type.LayoutRequest:
            self._fit_width()
        return super().eventFilter(watched, event)  # type: ignore[arg-type]

    def _fit_width(self) -> None:
        # Never narrower than the content: with the horizontal bar off it would be cut. Never
        # narrower than before either: the plots beside it would change their size with a number.
        bar = self.verticalScrollBar().sizeHint().width()
        wanted = max(PANEL_WIDTH, self._content.minimumSizeHint().width() + bar)
        if wanted > self.minimumWidth():
            self.setMinimumWidth(wanted)


def _row(owner: QWidget) -> QHBoxLayout:
    row = QHBoxLayout(owner)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(SPACING)
    return row


def heard(name: str, value: str) -> str:
    """Return a value as it is read aloud: after its name."""
    return tr("{name}, {value}", name=name, value=value) if value else name


def _set_text(label: QLabel, text: str, tooltip: str) -> None:
    # setText always lays out again, which costs more than the comparison on every frame.
    if label.text() != text:
        label.setText(text)
    if label.toolTip() != tooltip:
        label.setToolTip(tooltip)
