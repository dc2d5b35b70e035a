"""A Figure, or several as panels, to a file: drawings, pictures, numbers. No dialogs, no Qt.

Adding a format is one writer and one line in ``EXPORT_FORMATS``; dialog, command line and tests
pick it up.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, BinaryIO

from gui.core.export.files import ExportError, check_target, write_data, write_whole
from gui.core.export.listing import WRITERS
from gui.core.export.metadata import read_metadata
from gui.core.export.paper import ExportOptions, Paper, paper_of
from gui.core.export.picture import Said, write_picture
from gui.core.export.pixels import has_picture, no_picture, seen_pixels, write_entries, write_pixels
from gui.core.export.sheet import write_sheet
from gui.core.export.tables import write_csv, write_npz
from gui.core.figure.figure import Figure
from gui.core.figure.legible import legible
from gui.core.figure.panels import MOST_PANELS, Panels, Shown, figures_of
from gui.core.figure.table import Table
from gui.core.words.i18n import in_a_row, tr
from gui.frozen import dataclass

__all__ = [
    "EXPORT_FORMATS",
    "ExportError",
    "ExportFormat",
    "ExportOptions",
    "ExportRequest",
    "PictureRequest",
    "Pictures",
    "check_export",
    "export_figure",
    "export_table",
    "format_of",
    "read_metadata",
]

# writer(shown, path, paper) returns what there is to say of the picture.
Writer = Callable[[Any, Path, Paper], Said]


@dataclass(frozen=True)
class ExportFormat:
    """One way to write a figure; ``picture`` formats have a size, ``raster`` ones pixels.

    Formats ``by_itself`` write the one picture of a figure without axes, each entry once. What a
    format does not take is refused in words (`ExportFormat.refuses`).
    """

    key: str
    title: str
    suffix: str
    writer: Writer
    picture: bool = True
    raster: bool = False
    by_itself: bool = False

    def refuses(self, shown: Shown) -> str:
        """Return why ``shown`` cannot be written so, "" where it can."""
        if isinstance(shown, Panels) and not self.picture:
            return tr("Several panels are a drawing: choose PNG, SVG or PDF, or one figure.")
        if self.by_itself and not has_picture(shown):
            return no_picture(shown.title)
        return ""


def _picture(kind: str) -> Writer:
    return lambda shown, path, paper: _drawn(path, lambda s: write_picture(shown, s, kind, paper))


def _drawn(path: Path, draw: Callable[[BinaryIO], Said]) -> Said:
    """Write a picture once it is whole: on a full disk what draws it would leave files open."""
    stream = io.BytesIO()
    said = draw(stream)
    path.write_bytes(stream.getvalue())
    return said


def _pixels(kind: str) -> Writer:
    return _table(lambda figure, path: write_pixels(figure, path, kind))


def _table(write: Callable[[Figure, Path], None]) -> Writer:
    def writer(figure: Figure, path: Path, paper: Paper) -> Said:
        write(figure, path)
        return Said()

    return writer


EXPORT_FORMATS: tuple[ExportFormat, ...] = (
    ExportFormat("png", "PNG picture", ".png", _picture("png"), raster=True),
    ExportFormat("svg", "SVG drawing", ".svg", _picture("svg")),
    ExportFormat("pdf", "PDF page", ".pdf", _picture("pdf")),
    ExportFormat("csv", "CSV table", ".csv", _table(write_csv), picture=False),
    ExportFormat("npz", "NumPy arrays", ".npz", _table(write_npz), picture=False),
    ExportFormat(
        *("pixels", "PNG of its own pixels", ".png", _pixels("png")),
        picture=False,
        by_itself=True,
    ),
    ExportFormat(
        *("tiff", "TIFF of its own pixels", ".tif", _pixels("tiff")),
        picture=False,
        by_itself=True,
    ),
    ExportFormat(
        *("npy", "NumPy array of every entry", ".npy", _table(write_entries)),
        picture=False,
        by_itself=True,
    ),
)


def export_figure(
    figure: Shown,
    path: str | Path,
    *,
    format: str | None = None,
    overwrite: bool = False,
    notices: list[str] | None = None,
    **options: Any,
) -> Path:
    """Write ``figure``, or several as panels, to ``path`` and return the path.

    Parameters
    ----------
    figure : Figure or Panels
        What is drawn; panels as a drawing only.
    format : str, optional
        A key of ``EXPORT_FORMATS``; by default the suffix of ``path`` says it.
    notices : list of str, optional
        Gets a sentence for whatever could not be shown as it is.
    **options
        What the picture is like, by the names of `ExportOptions`; tables ignore it.

    Raises
    ------
    ExportError
        With the reason and what to do.
    """
    path = Path(path).expanduser()
    chosen = format_of(path, format)
    if path.suffix.lower() != chosen.suffix:
        path = path.with_name(path.name + chosen.suffix)
    paper = _paper(chosen, ExportOptions(**options))
    _check_content(figure)
    if why := chosen.refuses(figure):
        raise ExportError(why)
    figure = legible(figure)
    return _write(path, lambda part: chosen.writer(figure, part, paper), overwrite, notices)


def export_table(
    table: Table,
    path: str | Path,
    *,
    overwrite: bool = False,
    notices: list[str] | None = None,
    **options: Any,
) -> Path:
    """Write ``table`` as CSV, Markdown or LaTeX, or drawn as a picture; return the path.

    Raises
    ------
    ExportError
        With the reason and what to do.
    """
    path, table = Path(path).expanduser(), legible(table)
    suffix = path.suffix.lower()
    if suffix in WRITERS:
        write_data(path, WRITERS[suffix](table).encode(), overwrite=overwrite)
        return path
    pictures = {one.suffix: one for one in EXPORT_FORMATS if one.picture}
    if suffix not in pictures:
        names = ", ".join((*WRITERS, *pictures))
        words = tr("“{name}” is not a format to export a table to. Choose one of {names}.")
        raise ExportError(words.format(name=path.suffix or path.name, names=names))
    kind = pictures[suffix].key
    paper = _paper(pictures[suffix], ExportOptions(**options))
    return _write(
        path,
        lambda part: _drawn(part, lambda stream: write_sheet(table, stream, kind, paper)),
        overwrite,
        notices,
    )


def _write(
    path: Path, write: Callable[[Path], Said], overwrite: bool, notices: list[str] | None
) -> Path:
    """Have a picture written; ``notices`` get what there is to say of it."""
    said: list[Said] = []
    write_whole(path, lambda part: said.append(write(part)), overwrite=overwrite)
    if notices is not None:
        notices.extend(said[0].notices)
    return path


def check_export(
    path: str | Path, options: ExportOptions, *, format: str | None = None, overwrite: bool = False
) -> None:
    """Raise the ExportError that ``export_figure`` would raise before it draws anything."""
    path = Path(path).expanduser()
    _paper(format_of(path, format), options)
    check_target(path, overwrite=overwrite)


@dataclass(frozen=True, eq=False)
class ExportRequest:
    """An export for the runner; the result is (path, notices)."""

    figure: Shown
    path: Path
    options: ExportOptions
    overwrite: bool = False
    format: str | None = None

    def run(self, progress: Any) -> tuple[Path, list[str]]:
        """Write the file."""
        progress.report(0.0, tr("Writing {name}", name=self.path.name))
        notices: list[str] = []
        path = export_figure(
            self.figure,
            self.path,
            format=self.format,
            overwrite=self.overwrite,
            notices=notices,
            **asdict(self.options),
        )
        return path, notices


@dataclass(frozen=True)
class Pictures:
    """Pictures in memory, in the order asked for, and what there is to say of them."""

    files: tuple[bytes, ...]
    said: Said


@dataclass(frozen=True, eq=False)
class PictureRequest:
    """Pictures in memory (previews, the clipboard); the result is `Pictures`.

    ``most_pixels`` lowers the resolution, not the size: the picture is arranged as in the file.
    """

    figure: Shown
    options: ExportOptions
    kinds: tuple[str, ...] = ("png",)
    most_pixels: int = 0

    def run(self, progress: Any) -> Pictures:
        """Draw the pictures."""
        files, said = [], Said()
        for kind in self.kinds:
            chosen = format_of(Path(), kind)
            paper = _paper(chosen, self.options)
            _check_content(self.figure)
            if chosen.by_itself and isinstance(self.figure, Figure):
                files.append(seen_pixels(self.figure))
                continue
            if self.most_pixels:
                dpi = self.most_pixels / max(paper.width, paper.height)
                paper = replace(paper, dpi=min(dpi, paper.dpi))
            stream = io.BytesIO()
            said = write_picture(legible(self.figure), stream, kind, paper)
            files.append(stream.getvalue())
        return Pictures(tuple(files), said)


def picture_bytes(shown: Shown, kind: str) -> bytes:
    """Return a picture in memory, as a notebook shows it."""
    stream = io.BytesIO()
    write_picture(shown, stream, kind, paper_of(ExportOptions(dpi=110.0)))
    return stream.getvalue()


def format_of(path: Path, format: str | None = None) -> ExportFormat:
    """Return the format named by ``format`` or by the suffix of ``path``."""
    for known in EXPORT_FORMATS:
        if (format is None and path.suffix.lower() == known.suffix) or format == known.key:
            return known
    names = ", ".join(dict.fromkeys(known.suffix for known in EXPORT_FORMATS))
    wrong = format or path.suffix or path.name
    raise ExportError(
        tr("“{name}” is not a format to export to. Choose one of {names}.", name=wrong, names=names)
    )


def _paper(chosen: ExportFormat, options: ExportOptions) -> Paper:
    return paper_of(options, raster=chosen.raster, picture=chosen.picture)


def _check_content(shown: Shown) -> None:
    figures = figures_of(shown)
    if not figures:
        raise ExportError(tr("No panel is chosen: tick the plots that the picture is made of."))
    if len(figures) > MOST_PANELS:
        words = tr("{count} panels are too many: a picture has at most {most}.")
        raise ExportError(words.format(count=len(figures), most=MOST_PANELS))
    for figure in figures:
        _check_data(figure)


def _check_data(figure: Figure) -> None:
    arrays = [*(series.y for series in figure.series), *(band.upper for band in figure.bands)]
    if not any(len(array) for array in arrays) and not any(i.values.size for i in figure.images):
        said = tr("“{title}” shows no data yet, so there is nothing to export.", title=figure.title)
        raise ExportError(in_a_row(said, figure.note))
