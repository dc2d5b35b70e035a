"""What an exported picture is like: size, text, legend, font, colours; checked, in words."""

from __future__ import annotations

import math
from typing import Literal

from gui.core.export.files import ExportError
from gui.core.figure.palette import SCHEMES, Scheme
from gui.core.words.i18n import tr
from gui.frozen import dataclass

Unit = Literal["mm", "px"]
Legend = Literal["below", "inside", "off"]

LEGENDS: dict[Legend, str] = {"below": "below the plot", "inside": "inside the plot", "off": "none"}
BASE_FONT = "DejaVu Sans"  # comes with Matplotlib
LARGEST_PIXELS = 20_000
LARGEST_AREA = 150_000_000  # pixels; 600 MB while it is drawn
LARGEST_MM = 5_000.0  # PDF readers refuse pages above 200 inches
SMALLEST_MM = 20.0
DPI_RANGE = (20.0, 2400.0)
TEXT_RANGE = (4.0, 48.0)


@dataclass(frozen=True)
class ExportOptions:
    """What a person has chosen; ``width`` and ``height`` in ``unit``, ``text_size`` in points.

    No text of the picture is smaller than ``text_size``. ``font`` "" is `BASE_FONT`.
    """

    width: float = 160.0
    height: float = 100.0
    unit: Unit = "mm"
    dpi: float = 200.0
    scheme: str = "white"
    text_size: float = 8.0
    title: bool = True
    legend: Legend = "below"
    font: str = ""


@dataclass(frozen=True)
class Preset:
    """A size that has a name, in ``unit``."""

    key: str
    title: str
    width: float
    height: float
    unit: Unit


PRESETS = (
    Preset("column", "one column, 85 mm", 85.0, 60.0, "mm"),
    Preset("page", "two columns, 174 mm", 174.0, 100.0, "mm"),
    Preset("slide", "slide, 254 × 143 mm", 254.0, 143.0, "mm"),
    Preset("screen", "screen, 1280 × 800 px", 1280.0, 800.0, "px"),
)


@dataclass(frozen=True)
class Paper:
    """A page to draw on: size in inches, dots an inch, and what stands on it."""

    width: float
    height: float
    dpi: float
    scheme: Scheme
    text_size: float = 8.0
    title: bool = True
    legend: Legend = "below"
    font: str = ""


def paper_of(options: ExportOptions, *, raster: bool = False, picture: bool = True) -> Paper:
    """Return the page for ``options``.

    Raises
    ------
    ExportError
        When something is out of range; the sentence says what is possible.
    """
    scheme, unit, dpi = options.scheme, options.unit, options.dpi
    if scheme not in SCHEMES:
        names = ", ".join(SCHEMES)
        raise ExportError(
            tr("“{name}” is not a colour scheme. Choose one of {names}.", name=scheme, names=names)
        )
    if unit not in ("mm", "px"):
        raise ExportError(tr("“{name}” is not a unit. Choose mm or px.", name=unit))
    if options.legend not in LEGENDS:
        words = tr("“{name}” is no place for a legend. Choose one of {names}.")
        raise ExportError(words.format(name=options.legend, names=", ".join(LEGENDS)))
    if not picture:
        return Paper(1.0, 1.0, 100.0, SCHEMES[scheme])
    if not all(map(math.isfinite, (options.width, options.height, dpi))):
        raise ExportError(tr("Width, height and DPI must be numbers."))
    words = tr("{number:g} DPI is not possible. Choose {low:g} to {high:g}.")
    _check_range(words, dpi, DPI_RANGE)
    words = tr("Text of {number:g} points is not possible. Choose {low:g} to {high:g}.")
    _check_range(words, options.text_size, TEXT_RANGE)
    inch = 25.4 if unit == "mm" else dpi
    width, height = options.width / inch, options.height / inch
    _check_size(width, height, dpi, raster=raster)
    return Paper(
        width,
        height,
        dpi,
        SCHEMES[scheme],
        options.text_size,
        options.title,
        options.legend,
        options.font,
    )


def _check_range(words: str, number: float, limits: tuple[float, float]) -> None:
    low, high = limits
    if not low <= number <= high:
        raise ExportError(words.format(number=number, low=low, high=high))


def _check_size(width: float, height: float, dpi: float, *, raster: bool) -> None:
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
    if raster and (max(wide, high) > LARGEST_PIXELS or wide * high > LARGEST_AREA):
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
