"""The export dialog and the clipboard: what a person chooses, shown before it is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QByteArray, QMimeData, QSignalBlocker, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.core.export.export import (
    DPI_RANGE,
    EXPORT_FORMATS,
    ExportError,
    ExportFormat,
    ExportOptions,
    ExportRequest,
    PictureRequest,
    check_export,
    format_of,
)
from gui.core.figure.figure import Figure
from gui.core.figure.palette import SCHEMES
from gui.core.paint.theme import SPACING
from gui.core.screen.services import Context
from gui.core.state.jobs import Runs
from gui.core.widgets.controls import ErrorLine
from gui.core.widgets.wheel_shy import ShyCombo, ShyDoubleSpinBox
from gui.core.words.i18n import tr, without_mnemonic

WRITE, PREVIEW, COPY = "export", "export.preview", "export.copy"
_PREVIEW_WIDTH, _PREVIEW_HEIGHT = 480, 360


class ExportDialog(QDialog):
    """Choose figure, format, size, colours and file; remembers the choices of the last time.

    Parameters
    ----------
    figures : sequence of Figure
        Those on the page, the focused one first.
    context : Context
        Its runner, settings, dialogs and ``notify`` are used.
    """

    def __init__(
        self, figures: Sequence[Figure], context: Context, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Export figure"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._figures = tuple(figures)
        self._context = context
        self._unit = "mm"
        self._make_widgets()
        self._lay_out()
        self._recall()
        self._connect()
        self._refresh()
        self.export_button.setDefault(True)  # a button without its dialog cannot be the default

    # -- building ---------------------------------------------------------------------------

    def _make_widgets(self) -> None:
        self.figure = _combo([(figure.key, figure.title) for figure in self._figures])
        self.format = _combo(
            [(known.key, f"{tr(known.title)} (*{known.suffix})") for known in EXPORT_FORMATS]
        )
        self.width_box, self.height_box = _number(0.1, 100_000.0), _number(0.1, 100_000.0)
        self.unit = _combo([("mm", "mm"), ("px", "px")])
        self.dpi = _number(*DPI_RANGE)
        self.scheme = _combo([(one.key, tr(one.title)) for one in SCHEMES.values()])
        self.path = QLineEdit()
        self.browse = QPushButton(tr("Browse…"))
        self.browse.setAutoDefault(False)  # Enter exports, wherever the focus is
        self.overwrite = QCheckBox(tr("Replace the existing file"))
        self.overwrite.setVisible(False)
        self.error = ErrorLine()
        self.preview = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.preview.setMinimumSize(_PREVIEW_WIDTH, _PREVIEW_HEIGHT)
        self.preview.setWordWrap(True)
        self.preview.setAccessibleName(tr("Preview"))
        buttons = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(buttons.Cancel)
        role = QDialogButtonBox.ButtonRole.AcceptRole
        self.export_button = self.buttons.addButton(tr("Export"), role)
        self.export_button.setAutoDefault(True)
        self.buttons.button(buttons.Cancel).setAutoDefault(False)

    def _lay_out(self) -> None:
        size = QHBoxLayout()
        size.addWidget(self.width_box)
        size.addWidget(QLabel("×"))
        size.addWidget(self.height_box)
        size.addWidget(self.unit)
        place = QHBoxLayout()
        place.addWidget(self.path, 1)
        place.addWidget(self.browse)
        form = QFormLayout()
        form.setSpacing(SPACING)
        rows: list[tuple[str, QWidget | QHBoxLayout, QWidget, str]] = [
            (tr("&Figure"), self.figure, self.figure, tr("Which plot of the page to export")),
            (tr("F&ormat"), self.format, self.format, tr("Pictures, or the plotted numbers")),
            (tr("&Size"), size, self.width_box, tr("Width and height of the picture")),
            (tr("&DPI"), self.dpi, self.dpi, tr("Dots per inch: pixels = inches × DPI")),
            (tr("&Colours"), self.scheme, self.scheme, tr("Colours of background and text")),
            (tr("F&ile"), place, self.path, tr("Where to write; the suffix decides the format")),
        ]
        for title, row, buddy, tip in rows:
            label = QLabel(title)
            label.setBuddy(buddy)
            for part in (label, buddy):
                part.setToolTip(tip)
            buddy.setAccessibleName(without_mnemonic(title))
            form.addRow(label, row)
        self.width_box.setAccessibleName(tr("Width"))
        self.height_box.setAccessibleName(tr("Height"))
        self.height_box.setToolTip(tr("Height of the picture"))
        self.unit.setAccessibleName(tr("Unit"))
        self.unit.setToolTip(tr("Millimetres on paper, or pixels"))
        self.browse.setToolTip(tr("Choose the file in a dialog"))
        left = QVBoxLayout()
        left.setSpacing(SPACING)
        left.addLayout(form)
        left.addWidget(self.overwrite)
        left.addWidget(self.error)
        left.addStretch(1)
        left.addWidget(self.buttons)
        layout = QHBoxLayout(self)
        layout.setSpacing(2 * SPACING)
        layout.addLayout(left, 1)
        layout.addWidget(self.preview)

    def _connect(self) -> None:
        self.figure.activated.connect(self._refresh)
        self.format.activated.connect(self._format_chosen)
        self.unit.activated.connect(self._convert_unit)
        self.scheme.activated.connect(self._refresh)
        for box in (self.width_box, self.height_box, self.dpi):
            box.valueChanged.connect(self._refresh)
        self.path.textChanged.connect(self._path_changed)
        self.browse.clicked.connect(self._browse)
        self.overwrite.toggled.connect(self._refresh)
        self.export_button.clicked.connect(self.export)
        self.buttons.rejected.connect(self.reject)

    def _recall(self) -> None:
        """Start with the choices of the last time."""
        value, standard = self._context.settings.value, ExportOptions()
        _choose(self.unit, value("export/unit", standard.unit))
        self._unit = self.unit.currentData()
        self.width_box.setValue(value("export/width", standard.width))
        self.height_box.setValue(value("export/height", standard.height))
        self.dpi.setValue(value("export/dpi", standard.dpi))
        _choose(self.scheme, value("export/scheme", standard.scheme))
        _choose(self.format, value("export/format", "png"))
        folder = Path(value("export/folder", "") or Path.home())
        name = self._figures[0].key.replace(".", "-") + self._format().suffix
        self.path.setText(str((folder if folder.is_dir() else Path.home()) / name))

    def _remember(self) -> None:
        remember, options = self._context.settings.set_value, self.options()
        remember("export/unit", options.unit)
        remember("export/width", options.width)
        remember("export/height", options.height)
        remember("export/dpi", options.dpi)
        remember("export/scheme", options.scheme)
        remember("export/format", self._format().key)
        remember("export/folder", str(self._target().parent))

    # -- what is chosen ---------------------------------------------------------------------

    def options(self) -> ExportOptions:
        """Return size, resolution and colours as chosen."""
        return ExportOptions(
            self.width_box.value(),
            self.height_box.value(),
            self.unit.currentData(),
            self.dpi.value(),
            self.scheme.currentData(),
        )

    def _figure(self) -> Figure:
        return self._figures[self.figure.currentIndex()]

    def _format(self) -> ExportFormat:
        return format_of(Path(), self.format.currentData())

    def _target(self) -> Path:
        path = Path(self.path.text().strip()).expanduser()
        if path.name and path.suffix.lower() != self._format().suffix:
            path = path.with_name(path.name + self._format().suffix)
        return path

    # -- reacting ---------------------------------------------------------------------------

    def _format_chosen(self) -> None:
        path = Path(self.path.text().strip())
        if path.suffix.lower() in [known.suffix for known in EXPORT_FORMATS]:
            path = path.with_suffix(self._format().suffix)
        with QSignalBlocker(self.path):
            self.path.setText(str(path))
        self.overwrite.setChecked(False)
        self._refresh()

    def _path_changed(self) -> None:
        with suppress(ExportError):
            _choose(self.format, format_of(Path(self.path.text().strip())).key)
        self.overwrite.setChecked(False)  # agreed to for another file
        self._refresh()

    def _browse(self) -> None:
        filters = [(tr(known.title), (known.suffix,)) for known in EXPORT_FORMATS]
        chosen = self._context.dialogs.save_file(
            self, tr("Export figure"), str(self._target()), filters
        )
        if chosen:
            self.path.setText(chosen)

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
        self._refresh()

    def _refresh(self) -> None:
        """Show what the choices mean: errors, the overwrite question, the preview."""
        picture = self._format().picture
        for part in (self.width_box, self.height_box, self.unit, self.dpi, self.scheme):
            part.setEnabled(picture)
        target = self._target()
        exists = bool(self.path.text().strip()) and target.is_file()
        self.overwrite.setVisible(exists)
        self.error.set_text(self._complaint() if not exists or self.overwrite.isChecked() else "")
        self._show_preview()

    def _complaint(self) -> str:
        if not self.path.text().strip():
            return tr("Choose a file to write to.")
        options = self.options()
        try:
            check_export(
                self._target(),
                width=options.width,
                height=options.height,
                unit=options.unit,
                dpi=options.dpi,
                scheme=options.scheme,
                overwrite=self.overwrite.isChecked(),
            )
        except ExportError as error:
            return str(error)
        return ""

    def _show_preview(self) -> None:
        if not self._format().picture:
            self._context.runner.cancel(PREVIEW)
            self.preview.setText(
                tr("All plotted numbers are written, complete and at full precision.")
            )
            return
        request = PictureRequest(self._figure(), self.options(), most_pixels=_PREVIEW_WIDTH)
        self._context.runner.submit(
            PREVIEW, request, self._previewed, self._not_previewed, live=True
        )

    def _previewed(self, request: PictureRequest, pictures: tuple[bytes, ...]) -> None:
        pixmap = QPixmap.fromImage(QImage.fromData(pictures[0]))
        keep = Qt.AspectRatioMode.KeepAspectRatio
        smooth = Qt.TransformationMode.SmoothTransformation
        if pixmap.height() > _PREVIEW_HEIGHT:
            pixmap = pixmap.scaled(_PREVIEW_WIDTH, _PREVIEW_HEIGHT, keep, smooth)
        self.preview.setPixmap(pixmap)

    def _not_previewed(self, request: PictureRequest, error: BaseException) -> None:
        self.preview.setText(str(error))

    # -- writing ----------------------------------------------------------------------------

    def export(self) -> None:
        """Write the file in the background; the dialog closes when it is there."""
        complaint = self._complaint()
        if complaint:
            self.error.set_text(complaint)
            if self.overwrite.isVisible():
                self.overwrite.setFocus()
            return
        request = ExportRequest(
            self._figure(), self._target(), self.options(), self.overwrite.isChecked()
        )
        self.export_button.setEnabled(False)
        self._context.runner.submit(
            WRITE, request, self._written, self._not_written, title=tr("Exporting")
        )

    def _written(self, request: ExportRequest, result: tuple[Path, list[str]]) -> None:
        path, notices = result
        self._remember()
        text = " ".join([tr("Exported to {path}.", path=path), *notices])
        self._context.notify(text, "warning" if notices else "info")
        self.accept()

    def _not_written(self, request: ExportRequest, error: BaseException) -> None:
        self.export_button.setEnabled(True)
        self._refresh()
        self.error.set_text(str(error))

    def done(self, result: int) -> None:
        """Close; nothing may call back into the dialog any more."""
        self._context.runner.cancel(PREVIEW)
        self._context.runner.cancel(WRITE)
        super().done(result)


def copy_figure_to_clipboard(
    figure: Figure,
    scheme: str = "white",
    *,
    runner: Runs | None = None,
    done: Callable[[], None] | None = None,
    failed: Callable[[str], None] | None = None,
) -> None:
    """Put ``figure`` on the clipboard, as an image and as SVG.

    With a ``runner`` it is drawn in the background and ``done`` or ``failed(sentence)`` follows;
    without one the call blocks for some tenths of a second and raises ExportError.
    """
    request = PictureRequest(figure, ExportOptions(scheme=scheme), kinds=("png", "svg"))

    def put(_: PictureRequest, pictures: tuple[bytes, ...]) -> None:
        data = QMimeData()
        data.setImageData(QImage.fromData(pictures[0]))
        data.setData("image/png", QByteArray(pictures[0]))
        data.setData("image/svg+xml", QByteArray(pictures[1]))
        QGuiApplication.clipboard().setMimeData(data)
        if done is not None:
            done()

    def refuse(_: PictureRequest, error: BaseException) -> None:
        if failed is not None:
            failed(str(error))

    if runner is not None:
        runner.submit(COPY, request, put, refuse, title=tr("Copying the figure"))
    else:
        put(request, request.run(_Silent()))


class _Silent:
    cancelled = False

    def report(self, fraction: float, text: str) -> None:
        """Say nothing."""


def _combo(entries: Sequence[tuple[str, str]]) -> QComboBox:
    combo = ShyCombo()
    for key, title in entries:
        combo.addItem(title, key)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(6)
    return combo


def _choose(combo: QComboBox, key: str) -> None:
    index = combo.findData(key)
    if index >= 0:
        with QSignalBlocker(combo):
            combo.setCurrentIndex(index)


def _number(low: float, high: float) -> QDoubleSpinBox:
    box = ShyDoubleSpinBox()
    box.setRange(low, high)
    box.setDecimals(1)
    box.setKeyboardTracking(False)
    return box
