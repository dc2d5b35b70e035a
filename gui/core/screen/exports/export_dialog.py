"""The export dialog: what a person chooses, shown before it is written."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.core.declare.draw import DrawAlone
from gui.core.export.export import (
    EXPORT_FORMATS,
    ExportError,
    ExportFormat,
    ExportRequest,
    PictureRequest,
    Pictures,
    check_export,
    format_of,
)
from gui.core.export.pixels import size_of
from gui.core.figure.figure import Figure
from gui.core.figure.panels import Panels, Shown, figures_of
from gui.core.paint.head.labels import PlainLabel
from gui.core.paint.theme import SPACING
from gui.core.screen.exports.export_options import (
    ExportOptionsForm,
    add_row,
    begin_together,
    choose,
    combo,
)
from gui.core.screen.exports.panels import PanelChooser
from gui.core.screen.remedies import may_go_on
from gui.core.screen.services import Context
from gui.core.widgets.controls import ErrorLine
from gui.core.widgets.heard import announce
from gui.core.words.i18n import in_a_row, tr, tr_sentence

WRITE, PREVIEW, PANEL = "export", "export.preview", "export.panel"
_PREVIEW_WIDTH, _PREVIEW_HEIGHT = 440, 330


class ExportDialog(QDialog):
    """Choose figure, format, size, colours and file; remembers the choices of the last time.

    Parameters
    ----------
    figures : sequence of Figure
        Those on the page, the focused one first.
    context : Context
        Its runner, settings, dialogs and ``notify`` are used.
    page : str
        Its key: which plots were panels the last time is remembered by page.
    others : sequence of DrawAlone
        What draws the plots of the page that are not on the screen, for panels.
    behind : bool
        Whether what is seen is of before, its successor still on its way: the dialog says so.
    """

    def __init__(
        self,
        figures: Sequence[Figure],
        context: Context,
        parent: QWidget | None = None,
        *,
        page: str = "",
        others: Sequence[DrawAlone] = (),
        behind: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Export figure"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._figures = tuple(figures)
        self._context, self._page, self._behind = context, page, behind
        self._drawn = {figure.key: figure for figure in figures}
        self._others = {one.plot.key: one for one in others}
        self._seen: list[str] = []  # the keys of what the preview is of
        self._dots = 1.0  # of the screen for a pixel of the preview, along a side
        self._make_widgets()
        self._lay_out()
        self._recall()
        self._connect()
        self._refresh()
        self.export_button.setDefault(True)  # a button without its dialog cannot be the default

    def _make_widgets(self) -> None:
        self.figure = combo([(figure.key, figure.title) for figure in self._figures])
        self.format = combo(
            [(known.key, f"{tr(known.title)} (*{known.suffix})") for known in EXPORT_FORMATS]
        )
        self.several = QCheckBox(tr("Several &panels"))
        titles = [(figure.key, figure.title) for figure in self._figures]
        titles += [(key, one.title) for key, one in self._others.items()]
        self.panels = PanelChooser(titles)
        self.panels.setVisible(False)
        self.look = ExportOptionsForm(self._context)
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
        self.said = PlainLabel(alignment=Qt.AlignmentFlag.AlignHCenter)
        self.said.setWordWrap(True)
        buttons = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(buttons.Cancel)
        role = QDialogButtonBox.ButtonRole.AcceptRole
        self.export_button = self.buttons.addButton(tr("Export"), role)
        self.export_button.setAutoDefault(True)
        self.buttons.button(buttons.Cancel).setAutoDefault(False)

    def _lay_out(self) -> None:
        place, which = QHBoxLayout(), QHBoxLayout()
        form, below = QFormLayout(), QFormLayout()
        place.addWidget(self.path, 1)
        place.addWidget(self.browse)
        form.setSpacing(SPACING)
        below.setSpacing(SPACING)
        which.addWidget(self.figure, 1)
        which.addWidget(self.several)
        self.several.setToolTip(tr("Several plots of the page in one file"))
        add_row(form, tr("&Figure"), which, self.figure, tr("Which plot of the page to export"))
        form.addRow(self.panels)
        tip = tr("Pictures, or the plotted numbers")
        add_row(form, tr("F&ormat"), self.format, self.format, tip)
        tip = tr("Where to write; the suffix decides the format")
        add_row(below, tr("F&ile"), place, self.path, tip)
        self.browse.setToolTip(tr("Choose the file in a dialog"))
        left = QVBoxLayout()
        left.setSpacing(SPACING)
        left.addLayout(form)
        left.addWidget(self.look)
        left.addLayout(below)
        left.addWidget(self.overwrite)
        left.addWidget(self.error)
        left.addStretch(1)
        left.addWidget(self.buttons)
        right = QVBoxLayout()
        right.addWidget(self.preview, 1)
        right.addWidget(self.said)
        layout = QHBoxLayout(self)
        layout.setSpacing(2 * SPACING)
        layout.addLayout(left, 1)
        layout.addLayout(right)
        begin_together(self)

    def _connect(self) -> None:
        self.figure.activated.connect(self._figure_chosen)
        self.several.toggled.connect(self._show_panels)
        self.panels.changed.connect(self._refresh)
        self.format.activated.connect(self._format_chosen)
        self.look.changed.connect(self._refresh)
        self.path.textChanged.connect(self._path_changed)
        self.browse.clicked.connect(self._browse)
        self.overwrite.toggled.connect(self._refresh)
        self.export_button.clicked.connect(self.export)
        self.buttons.rejected.connect(self.reject)

    def _recall(self) -> None:
        """Start with the choices of the last time."""
        value = self._context.settings.value
        choose(self.format, value("export/format", "png"))
        self.panels.recall(self._context.settings, self._page)
        if not self.panels.order:
            self.panels.set_order([self._figures[0].key])
        self.several.setChecked(value(f"export/several/{self._page}", False))
        self.panels.setVisible(self.several.isChecked())
        self.figure.setEnabled(not self.several.isChecked())
        folder = Path(value("export/folder", "") or Path.home())
        self._named = self._figures[0].key.replace(".", "-")
        name = self._named + self._format().suffix
        self.path.setText(str((folder if os.path.isdir(folder) else Path.home()) / name))

    def _remember(self) -> None:
        self.look.remember()
        if self.several.isChecked():
            self.panels.remember(self._context.settings, self._page)
        remember = self._context.settings.set_value
        remember(f"export/several/{self._page}", self.several.isChecked())
        remember("export/format", self._format().key)
        remember("export/folder", str(self._target().parent))

    def _shown(self) -> Shown:
        """Return what is exported; of panels those that are drawn already."""
        if not self.several.isChecked():
            return self._figures[self.figure.currentIndex()]
        drawn = tuple(self._drawn[key] for key in self.panels.order if key in self._drawn)
        by = self.panels
        return Panels(drawn, by.columns.value(), by.letters.isChecked(), by.shared.isChecked())

    def _to_draw(self) -> list[str]:
        """Return the panels that are chosen and not drawn yet."""
        wanted = self.panels.order if self.several.isChecked() else ()
        return [key for key in wanted if key not in self._drawn]

    def _format(self) -> ExportFormat:
        return format_of(Path(), self.format.currentData())

    def _target(self) -> Path:
        path = Path(self.path.text().strip()).expanduser()
        if path.name and path.suffix.lower() != self._format().suffix:
            path = path.with_name(path.name + self._format().suffix)
        return path

    def _figure_chosen(self) -> None:
        """Name the file after the figure as long as nobody gave it another name."""
        path, before = Path(self.path.text().strip()), self._named
        self._named = self._figures[self.figure.currentIndex()].key.replace(".", "-")
        if path.stem == before:
            self.path.setText(str(path.with_name(self._named + path.suffix)))
        self._refresh()

    def _format_chosen(self) -> None:
        path = Path(self.path.text().strip())
        if path.suffix.lower() in [known.suffix for known in EXPORT_FORMATS]:
            path = path.with_suffix(self._format().suffix)
        with QSignalBlocker(self.path):
            self.path.setText(str(path))
        self.overwrite.setChecked(False)
        self._refresh()

    def _path_changed(self) -> None:
        path = Path(self.path.text().strip())
        if path.suffix.lower() != self._format().suffix:
            with suppress(ExportError):
                choose(self.format, format_of(path).key)
        self.overwrite.setChecked(False)  # agreed to for another file
        self._refresh()

    def _browse(self) -> None:
        filters = [(tr(known.title), (known.suffix,)) for known in EXPORT_FORMATS]
        chosen = self._context.dialogs.save_file(
            self, tr("Export figure"), str(self._target()), filters
        )
        if chosen:
            self.path.setText(chosen)

    def _refresh(self) -> None:
        """Show what the choices mean: errors, the overwrite question, the preview."""
        self._draw_next()
        self.look.setEnabled(self._format().picture)
        target = self._target()  # unlike a path's own method, that of os never raises
        exists = bool(self.path.text().strip()) and os.path.isfile(target)
        self.overwrite.setVisible(exists)
        self.error.set_text(self._complaint() if not exists or self.overwrite.isChecked() else "")
        self._show_preview()

    def _show_panels(self, on: bool) -> None:
        self.panels.setVisible(on)
        self.figure.setEnabled(not on)
        self._refresh()

    def _draw_next(self) -> None:
        """Have the next panel drawn that is not on the screen."""
        if missing := self._to_draw():
            request = self._others[missing[0]]
            title = tr("Drawing {title}", title=request.title)
            self._context.runner.submit(
                PANEL, request, self._panel_drawn, self._not_drawn, title=title
            )
        else:
            self._context.runner.cancel(PANEL)

    def _panel_drawn(self, request: DrawAlone, figure: Figure) -> None:
        self._drawn[request.plot.key] = replace(figure, state=self._figures[0].state)
        self._refresh()

    def _not_drawn(self, request: DrawAlone, error: BaseException) -> None:
        said = tr("{title} cannot be drawn: {why}", title=request.title, why=tr_sentence(error))
        if may_go_on(self._context, self, said, error):
            return self._refresh()
        self.panels.set_order([key for key in self.panels.order if key != request.plot.key])
        self._refresh()
        self.error.set_text(said)

    def _complaint(self) -> str:
        if not self.path.text().strip():
            return tr("Choose a file to write to.")
        if self.several.isChecked() and not self.panels.order:
            return tr("No panel is chosen: tick the plots that the picture is made of.")
        if self._to_draw():
            return tr("A panel is still being drawn.")
        if why := self._format().refuses(self._shown()):
            return why
        try:
            check_export(
                self._target(),
                self.look.options(),
                format=self._format().key,
                overwrite=self.overwrite.isChecked(),
            )
        except ExportError as error:
            return str(error)
        return ""

    def _show_preview(self) -> None:
        shown, chosen = self._shown(), self._format()
        is_empty = bool(chosen.refuses(shown)) or not figures_of(shown)
        if is_empty or not (chosen.picture or chosen.by_itself):
            numbers = tr("All plotted numbers are written, complete and at full precision.")
            self._context.runner.cancel(PREVIEW)
            self._say()
            self.preview.setText("" if is_empty else numbers)
            self._seen = []
            return
        seen, self._seen = self._seen, [figure.key for figure in figures_of(shown)]
        if seen != self._seen:  # never the picture of another figure
            self.preview.clear()
            self._say()
        kinds = (chosen.key,) if chosen.by_itself else ("png",)
        self._dots = 1.0 if chosen.by_itself else self.devicePixelRatioF()
        width = round(self._dots * _PREVIEW_WIDTH)
        request = PictureRequest(shown, self.look.options(), kinds, width)
        if self.preview.pixmap().isNull():
            self.preview.setText(tr("Drawing the preview; the first picture takes a few seconds."))
        done, failed = self._previewed, self._not_previewed
        self._context.runner.submit(PREVIEW, request, done, failed, live=True)

    def _previewed(self, request: PictureRequest, pictures: Pictures) -> None:
        pixmap = QPixmap.fromImage(QImage.fromData(pictures.files[0]))
        highest = round(self._dots * _PREVIEW_HEIGHT)
        if pixmap.height() > highest:
            pixmap = pixmap.scaledToHeight(highest, Qt.TransformationMode.SmoothTransformation)
        pixmap.setDevicePixelRatio(self._dots)
        self.preview.setPixmap(pixmap)
        said = tr("smallest text {size:.1f} pt", size=pictures.said.smallest)
        if self._format().by_itself:
            rows, columns = size_of(figures_of(request.figure)[0].images[0])
            said = tr("{columns} × {rows} pixels, without axes", columns=columns, rows=rows)
        self._say(said, *pictures.said.notices)

    def _say(self, *sentences: str) -> None:
        old = tr("The plots seen are of before: the new ones are on their way.")
        self.said.setText("\n".join((*sentences, old) if self._behind else sentences))

    def _not_previewed(self, request: PictureRequest, error: BaseException) -> None:
        self.preview.setText(str(error))
        self._say()

    def export(self) -> None:
        """Write the file in the background; the dialog closes when it is there."""
        complaint = self._complaint()
        if complaint:
            self.error.set_text(complaint)
            if self.overwrite.isVisible():
                self.overwrite.setFocus()
            return
        request = ExportRequest(
            self._shown(),
            self._target(),
            self.look.options(),
            self.overwrite.isChecked(),
            self._format().key,
        )
        self.export_button.setEnabled(False)
        self._say(tr("Writing {name}", name=request.path.name))
        announce(self.said, self.said.text())
        self._context.runner.submit(
            WRITE, request, self._written, self._not_written, title=tr("Exporting")
        )

    def _written(self, request: ExportRequest, result: tuple[Path, list[str]]) -> None:
        path, notices = result
        self._remember()
        text = in_a_row(tr("Exported to {path}.", path=path), *notices)
        self._context.notify(text, "warning" if notices else "info")
        self.accept()

    def _not_written(self, request: ExportRequest, error: BaseException) -> None:
        self.export_button.setEnabled(True)
        self._refresh()
        self.error.set_text(str(error))

    def done(self, result: int) -> None:
        """Close; nothing may call back into the dialog any more."""
        self.look.shutdown()
        for channel in (PANEL, PREVIEW, WRITE):
            self._context.runner.cancel(channel)
        super().done(result)
