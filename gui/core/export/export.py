"""A Figure to a file: PNG, SVG, PDF, CSV or NPZ. No dialogs, no Qt.

Adding a format is one writer and one line in ``EXPORT_FORMATS``; dialog, command line and tests
pick it up.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from gui.core.export.files import ExportError, check_target, write_whole
from gui.core.export.listing import WRITERS
from gui.core.export.metadata import read_metadata
from gui.core.export.picture import Paper, write_picture
from gui.core.export.sheet import write_sheet
from gui.core.export.tables import write_csv, write_npz
from gui.core.figure.figure import Figure
from gui.core.figure.legible import legible
from gui.core.figure.palette import SCHEMES
from gui.core.figure.table import Table
from gui.core.words.i18n import tr

__all__ = [
    "EXPORT_FORMATS",
    "ExportError",
    "ExportFormat",
    "ExportOptions",
    "ExportRequest",
    "PictureRequest",
    "check_export",
    "export_figure",
    "export_table",
    "format_of",
    "read_metadata",
]

Unit = Literal["mm", "px"]
WIDTH, HEIGHT, DPI = 160.0, 100.0, 200.0
LARGEST_PIXELS = 20_000
LARGEST_AREA = 150_000_000  # pixels; 600 MB while it is drawn
LARGEST_MM = 5_000.0  # PDF readers refuse pages above 200 inches
SMALLEST_MM = 20.0
DPI_RANGE = (20.0, 2400.0)

# writer(figure, path, paper) returns sentences about what could not be shown as it is.
Writer = Callable[[Figure, Path, Paper], list[str]]


@dataclass(frozen=True)
class ExportFormat:
    """One way to write a figure; ``picture`` formats have a size, ``raster`` ones pixels."""

    key: str
    title: str
    suffix: str
    writer: Writer
    picture: bool = True
    raster: bool = False


def _picture(kind: str) -> Writer:
    return lambda figure, path, paper: write_picture(figure, path, kind, paper)


def _table(write: Callable[[Figure, Path], None]) -> Writer:
    def writer(figure: Figure, path: Path, paper: Paper) -> list[str]:
        write(figure, path)
        return []

    return writer


EXPORT_FORMATS: tuple[ExportFormat, ...] = (
    ExportFormat("png", "PNG picture", ".png", _picture("png"), raster=True),
    ExportFormat("svg", "SVG drawing", ".svg", _picture("svg")),
    ExportFormat("pdf", "PDF page", ".pdf", _picture("pdf")),
    ExportFormat("csv", "CSV table", ".csv", _table(write_csv), picture=False),
    ExportFormat("npz", "NumPy arrays", ".npz", _table(write_npz), picture=False),
)


def export_figure(
    figure: Figure,
    path: str | Path,
    *,
    format: str | None = None,
    width: float = WIDTH,
    height: float = HEIGHT,
    unit: Unit = "mm",
    dpi: float = DPI,
    scheme: str = "white",
    overwrite: bool = False,
    notices: list[str] | None = None,
) -> Path:
    """Write ``figure`` to ``path`` and return the path.

    Parameters
    ----------
    format : str, optional
        A key of ``EXPORT_FORMATS``; by default the suffix of ``path`` says it.
    width, height : float
        Size of the picture in ``unit`` ("mm" or "px"); tables ignore it.
    dpi : float
        Dots per inch; with "px" it decides how large text is within the picture.
    scheme : str
        "white", "light" or "dark".
    notices : list of str, optional
        Gets a sentence for whatever could not be shown as it is.

    Raises
    ------
    ExportError
        With the reason and what to do.
    """
    path = Path(path).expanduser()
    chosen = format_of(path, format)
    if path.suffix.lower() != chosen.suffix:
        path = path.with_name(path.name + chosen.suffix)
    paper = _paper(chosen, width, height, unit, dpi, scheme)
    _check_content(figure)
    figure, said = legible(figure), []
    write_whole(
        path, lambda part: said.extend(chosen.writer(figure, part, paper)), overwrite=overwrite
    )
    if notices is not None:
        notices.extend(said)
    return path


def export_table(
    table: Table,
    path: str | Path,
    *,
    width: float = WIDTH,
    height: float = HEIGHT,
    unit: Unit = "mm",
    dpi: float = DPI,
    scheme: str = "white",
    overwrite: bool = False,
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
        write_whole(path, lambda part: WRITERS[suffix](table, part), overwrite=overwrite)
        return path
    pictures = {one.suffix: one for one in EXPORT_FORMATS if one.picture}
    if suffix not in pictures:
        names = ", ".join((*WRITERS, *pictures))
        words = tr("“{name}” is not a format to export a table to. Choose one of {names}.")
        raise ExportError(words.format(name=path.suffix or path.name, names=names))
    chosen = pictures[suffix]
    paper = _paper(chosen, width, height, unit, dpi, scheme)
    write_whole(path, lambda part: write_sheet(table, part, chosen.key, paper), overwrite=overwrite)
    return path


def check_export(
    path: str | Path,
    *,
    format: str | None = None,
    width: float = WIDTH,
    height: float = HEIGHT,
    unit: Unit = "mm",
    dpi: float = DPI,
    scheme: str = "white",
    overwrite: bool = False,
) -> None:
    """Raise the ExportError that ``export_figure`` would raise before it draws anything."""
    path = Path(path).expanduser()
    chosen = format_of(path, format)
    _paper(chosen, width, height, unit, dpi, scheme)
    check_target(path, overwrite=overwrite)


@dataclass(frozen=True)
class ExportOptions:
    """Size, resolution and colours of an export, as a person has chosen them."""

    width: float = WIDTH
    height: float = HEIGHT
    unit: Unit = "mm"
    dpi: float = DPI
    scheme: str = "white"


@dataclass(frozen=True, eq=False)
class ExportRequest:
    """An export for the runner; the result is (path, notices)."""

    figure: Figure
    path: Path
    options: ExportOptions
    overwrite: bool = False

    def run(self, progress: Any) -> tuple[Path, list[str]]:
        """Write the file."""
        progress.report(0.0, tr("Writing {name}", name=self.path.name))
        notices: list[str] = []
        path = export_figure(
            self.figure,
            self.path,
            overwrite=self.overwrite,
            notices=notices,
            **asdict(self.options),
        )
        return path, notices


@dataclass(frozen=True, eq=False)
class PictureRequest:
    """Pictures in memory (previews, the clipboard); the result is the bytes of each kind.

    ``most_pixels`` lowers the resolution, not the size: the picture is arranged as in the file.
    """

    figure: Figure
    options: ExportOptions
    kinds: tuple[str, ...] = ("png",)
    most_pixels: int = 0

    def run(self, progress: Any) -> tuple[bytes, ...]:
        """Draw the pictures."""
        pictures = []
        for kind in self.kinds:
            chosen = format_of(Path(), kind)
            paper = _paper(chosen, **asdict(self.options))
            _check_content(self.figure)
            if self.most_pixels:
                dpi = self.most_pixels / max(paper.width, paper.height)
                paper = replace(paper, dpi=min(dpi, paper.dpi))
            stream = io.BytesIO()
            write_picture(legible(self.figure), stream, kind, paper)
            pictures.append(stream.getvalue())
        return tuple(pictures)


def picture_bytes(figure: Figure, kind: str) -> bytes:
    """Return a picture in memory, as a notebook shows it."""
    stream = io.BytesIO()
    paper = _paper(format_of(Path(), kind), WIDTH, HEIGHT, "mm", 110.0, "white")
    write_picture(figure, stream, kind, paper)
    return stream.getvalue()


def format_of(path: Path, format: str | None = None) -> ExportFormat:
    """Return the format named by ``format`` or by the suffix of ``path``."""
    for known in EXPORT_FORMATS:
        if (format is None and path.suffix.lower() == known.suffix) or format == known.key:
            return known
    names = ", ".join(known.suffix for known in EXPORT_FORMATS)
    wrong = format or path.suffix or path.name
    raise ExportError(
        tr("“{name}” is not a format to export to. Choose one of {names}.", name=wrong, names=names)
    )


def _paper(
    chosen: ExportFormat, width: float, height: float, unit: str, dpi: float, scheme: str
) -> Paper:
    if scheme not in SCHEMES:
        names = ", ".join(SCHEMES)
        raise ExportError(
            tr("“{name}” is not a colour scheme. Choose one of {names}.", name=scheme, names=names)
        )
    if unit not in ("mm", "px"):
        raise ExportError(tr("“{name}” is not a unit. Choose mm or px.", name=unit))
    if not chosen.picture:
        return Paper(1.0, 1.0, 100.0, SCHEMES[scheme])
    if not all(map(math.isfinite, (width, height, dpi))):
        raise ExportError(tr("Width, height and DPI must be numbers."))
    if not DPI_RANGE[0] <= dpi <= DPI_RANGE[1]:
        low, high = DPI_RANGE
        raise ExportError(
            tr(
                "{dpi:g} DPI is not possible. Choose {low:g} to {high:g}.",
                dpi=dpi,
                low=low,
                high=high,
            )
        )
    inch = 25.4 if unit == "mm" else dpi
    _check_size(chosen, width / inch, height / inch, dpi)
    return Paper(width / inch, height / inch, dpi, SCHEMES[scheme])


def _check_size(chosen: ExportFormat, width: float, height: float, dpi: float) -> None:
    """Refuse sizes (inches) that are unreadable or that no program could open."""
    wide, high = round(width * dpi), round(height * dpi)
    if min(width, height) * 25.4 < SMALLEST_MM - 1e-6:
        raise ExportError(
            tr(
                "The picture would be {width:.0f} x {height:.0f} mm, too small to read. Choose at "
                "least {least:g} mm in both directions, or fewer DPI for a size in pixels.",
                width=width * 25.4,
                height=height * 25.4,
                least=SMALLEST_MM,
            )
        )
    if chosen.raster and (max(wide, high) > LARGEST_PIXELS or wide * high > LARGEST_AREA):
        raise ExportError(
            tr(
                "The picture would have {wide} x {high} pixels. Choose a smaller size or fewer "
                "DPI: at most {side} pixels a side and {area} million altogether.",
                wide=wide,
                high=high,
                side=LARGEST_PIXELS,
                area=LARGEST_AREA // 1_000_000,
            )
        )
    if max(width, height) * 25.4 > LARGEST_MM:
        raise ExportError(
            tr(
                "The picture would be wider or higher than {most:g} mm. Choose a smaller size.",
                most=LARGEST_MM,
            )
        )


def _check_content(figure: Figure) -> None:
    arrays = [*(series.y for series in figure.series), *(band.upper for band in figure.bands)]
    if not any(len(array) for array in arrays) and not any(i.values.size for i in figure.images):
        raise ExportError(
            tr("“{title}” shows no data yet, so there is nothing to export.", title=figure.title)
        )
