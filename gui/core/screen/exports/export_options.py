"""The choices of an exported picture: size, text, legend, font and colours, remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QWidget,
)

from gui.core.export.fonts import installed
from gui.core.export.paper import (
    BASE_FONT,
    DPI_RANGE,
    LEGENDS,
    PRESETS,
    TEXT_RANGE,
    ExportOptions,
)
from gui.core.figure.palette import SCHEMES
from gui.core.paint.theme import SPACING
from gui.core.screen.services import Context, Remembers
from gui.core.widgets.controls import ElidedCombo
from gui.core.widgets.heard import unseen_label
from gui.core.widgets.wheel_shy import ShyDoubleSpinBox
from gui.core.words.i18n import tr, without_mnemonic
from gui.frozen import dataclass

FONTS = "export.fonts"
_OWN = "own"  # a size without a name


@dataclass(frozen=True)
class FontsRequest:
    """Which fonts there are: looked up in the background, as the first time takes a while."""

    def run(self, progress: Any) -> list[str]:
        """Return the families."""
        progress.report(0.0, tr("Looking up the fonts of this machine"))
        return installed()


class ExportOptionsForm(QWidget):
    """Rows of a form; ``changed`` says that a person chose something else."""

    changed = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._unit = "mm"
        self.preset = combo(
            [*((known.key, tr(known.title)) for known in PRESETS), (_OWN, tr("own size"))]
        )
        self.width_box, self.height_box = number(0.1, 100_000.0), number(0.1, 100_000.0)
        self.unit = combo([("mm", "mm"), ("px", "px")])
        self.text_size = number(*TEXT_RANGE)
        self.text_size.setSuffix(" pt")
        self.title = QCheckBox(tr("&Title"))
        self.legend = combo([(key, tr(title)) for key, title in LEGENDS.items()])
        self.font_box = combo([("", BASE_FONT)])
        self.dpi = number(*DPI_RANGE)
        self.scheme = combo([(one.key, tr(one.title)) for one in SCHEMES.values()])
        self._lay_out()
        self.set_options(recalled(context.settings))
        self._connect()
        context.runner.submit(FONTS, FontsRequest(), self._list_fonts)

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(SPACING)
        unit = unseen_label(tr("Unit"), self.unit)
        size = _row(self.width_box, QLabel("×"), self.height_box, unit, self.unit)
        text = _row(self.text_size, self.title)
        rows: list[tuple[str, QWidget | QHBoxLayout, QWidget, str]] = [
            (tr("&Size"), self.preset, self.preset, tr("Sizes that papers and slides ask for")),
            ("", size, self.width_box, tr("Width and height of the picture")),
            (
                tr("Te&xt"),
                text,
                self.text_size,
                tr("Size of the smallest text in points; lines and marks follow it"),
            ),
            (tr("&Legend"), self.legend, self.legend, tr("Where the names of the curves stand")),
            (tr("Fo&nt"), self.font_box, self.font_box, tr("The font of every text; embedded")),
            (tr("&Colours"), self.scheme, self.scheme, tr("Colours of background and text")),
            (tr("&DPI"), self.dpi, self.dpi, tr("Dots per inch: pixels = inches × DPI")),
        ]
        for one in rows:
            add_row(form, *one)
        for part, name, tip in (
            (self.width_box, tr("Width"), tr("Width of the picture")),
            (self.height_box, tr("Height"), tr("Height of the picture")),
            (self.unit, tr("Unit"), tr("Millimetres on paper, or pixels")),
            (self.text_size, tr("Text size"), self.text_size.toolTip()),
            (self.title, tr("Title"), tr("Whether the title stands over the plot")),
        ):
            part.setAccessibleName(name)
            part.setToolTip(tip)

    def _connect(self) -> None:
        self.preset.activated.connect(self._take_preset)
        self.unit.activated.connect(self._convert_unit)
        self.title.toggled.connect(self._edited)
        for one in (self.legend, self.font_box, self.scheme):
            one.activated.connect(self._edited)
        for box in (self.width_box, self.height_box, self.text_size, self.dpi):
            box.valueChanged.connect(self._edited)

    # -- what is chosen ---------------------------------------------------------------------

    def options(self) -> ExportOptions:
        """Return what is chosen."""
        return ExportOptions(
            self.width_box.value(),
            self.height_box.value(),
            self.unit.currentData(),
            self.dpi.value(),
            self.scheme.currentData(),
            self.text_size.value(),
            self.title.isChecked(),
            self.legend.currentData(),
            self.font_box.currentData(),
        )

    def set_options(self, options: ExportOptions) -> None:
        """Show ``options``; says nothing."""
        with QSignalBlocker(self):
            choose(self.unit, options.unit)
            self._unit = self.unit.currentData()
            self.width_box.setValue(options.width)
            self.height_box.setValue(options.height)
            self.dpi.setValue(options.dpi)
            self.text_size.setValue(options.text_size)
            self.title.setChecked(options.title)
            choose(self.scheme, options.scheme)
            choose(self.legend, options.legend)
            if self.font_box.findData(options.font) < 0:
                self.font_box.addItem(options.font, options.font)
            choose(self.font_box, options.font)
            self._name_size()

    def remember(self) -> None:
        """Keep the choices for the next time."""
        for name, value in vars(self.options()).items():
            self._context.settings.set_value(f"export/{name}", value)

    def shutdown(self) -> None:
        """Nothing may call back any more."""
        self._context.runner.cancel(FONTS)

    # -- reacting ---------------------------------------------------------------------------

    def _edited(self) -> None:
        self._name_size()
        self.changed.emit()

    def _take_preset(self) -> None:
        chosen = next((p for p in PRESETS if p.key == self.preset.currentData()), None)
        if chosen is None:
            return
        choose(self.unit, chosen.unit)
        self._unit = chosen.unit
        for box, value in ((self.width_box, chosen.width), (self.height_box, chosen.height)):
            with QSignalBlocker(box):
                box.setValue(value)
        self._edited()

    def _name_size(self) -> None:
        size = (self.width_box.value(), self.height_box.value(), self.unit.currentData())
        known = {(p.width, p.height, p.unit): p.key for p in PRESETS}
        choose(self.preset, known.get(size, _OWN))

    def _convert_unit(self) -> None:
        """Keep the size when the unit changes."""
        unit = self.unit.currentData()
        if unit == self._unit:
            return
        factor = self.dpi.value() / 25.4 if unit == "px" else 25.4 / self.dpi.value()
        self._unit = unit
        for box in (self.width_box, self.height_box):
            with QSignalBlocker(box):
                box.setValue(round(box.value() * factor, 0 if unit == "px" else 1))
        self._edited()

    def _list_fonts(self, _: FontsRequest, families: list[str]) -> None:
        for family in families:
            if self.font_box.findText(family) < 0:
                self.font_box.addItem(family, family)


def recalled(settings: Remembers) -> ExportOptions:
    """Return the choices of the last time; what was never chosen is as at first."""
    standard = ExportOptions()
    found: dict[str, Any] = {
        one.name: settings.value(f"export/{one.name}", getattr(standard, one.name))
        for one in fields(standard)
    }
    return ExportOptions(**found)


def combo(entries: Sequence[tuple[str, str]]) -> QComboBox:
    """Return a combo box of (key, words)."""
    made = ElidedCombo()
    for key, title in entries:
        made.addItem(title, key)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(6)
    return made


def choose(box: QComboBox, key: str) -> None:
    """Show the entry ``key``; says nothing."""
    index = box.findData(key)
    if index >= 0:
        with QSignalBlocker(box):
            box.setCurrentIndex(index)


def number(low: float, high: float) -> QDoubleSpinBox:
    """Return a box for a number with one decimal."""
    box = ShyDoubleSpinBox()
    box.setRange(low, high)
    box.setDecimals(1)
    box.setKeyboardTracking(False)
    return box


def add_row(
    form: QFormLayout, words: str, row: QWidget | QHBoxLayout, buddy: QWidget, tip: str
) -> None:
    """Add a row to a form: ``words`` name ``buddy``, and both say ``tip``."""
    label = QLabel(words)
    label.setBuddy(buddy)
    for part in (label, buddy):
        part.setToolTip(tip)
    buddy.setAccessibleName(without_mnemonic(words))
    form.addRow(label, row)


def begin_together(window: QWidget) -> None:
    """Have the fields of all forms in a window begin under one another."""
    names = [one for one in window.findChildren(QLabel) if one.buddy() is not None]
    widest = max(one.sizeHint().width() for one in names)
    for one in names:
        one.setMinimumWidth(widest)


def _row(*parts: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for part in parts:
        row.addWidget(part, 0 if isinstance(part, QLabel) else 1)
    return row
