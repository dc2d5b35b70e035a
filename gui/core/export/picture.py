"""A Figure drawn by Matplotlib: PNG pixels, SVG and PDF with text that stays text.

Matplotlib is imported only here and only when something is drawn; never pyplot, which keeps
global state and would look for a display.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from gui import __version__
from gui.core.export.artists import draw_contents
from gui.core.export.files import ExportError
from gui.core.export.fonts import families_for
from gui.core.export.layout import LayoutError, Text, lay_out
from gui.core.export.metadata import KEY, payload_text
from gui.core.figure.figure import Figure
from gui.core.figure.palette import Scheme
from gui.core.words.i18n import tr

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Picture

# Matplotlib's settings, font cache and text layout are shared by all threads.
_lock = threading.Lock()
_FULL_SIZE = 160 / 25.4  # inches; a picture this wide has 9 pt text
_STANDARD_FONT = 9.0


@dataclass(frozen=True)
class Paper:
    """Size in inches, resolution and colours of a picture."""

    width: float
    height: float
    dpi: float
    scheme: Scheme

    @property
    def font_size(self) -> float:
        """Text size in points: smaller, but not in proportion, on small pictures."""
        scale = min(self.width / _FULL_SIZE, 1.6 * self.height / _FULL_SIZE)
        return float(min(14.0, max(6.5, _STANDARD_FONT * scale**0.45)))


def write_picture(figure: Figure, target: Path | BinaryIO, kind: str, paper: Paper) -> list[str]:
    """Write ``figure`` as "png", "svg" or "pdf"; return what could not be shown as it is."""
    with drawing_settings():
        families, missing = families_for(_texts(figure))
        notices = []
        if missing:
            notices.append(
                tr(
                    "No installed font has the characters {letters}; they are shown as boxes. "
                    "Install a font for them, for example Noto Sans CJK.",
                    letters=missing[:20],
                )
            )
        picture = _draw(figure, kind, paper, families, notices)
        picture.savefig(
            target,
            format=kind,
            dpi=paper.dpi,
            facecolor=paper.scheme.background,
            metadata=metadata_of(figure, kind),
        )
    return notices


@contextmanager
def drawing_settings() -> Iterator[None]:
    """Draw by our settings alone, one picture at a time."""
    import matplotlib

    with _lock, matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*[Gg]lyph.*")  # said by our own notice
        matplotlib.rcdefaults()  # a person's matplotlibrc must not change our figures
        matplotlib.rcParams.update(
            {
                "svg.fonttype": "none",
                "svg.hashsalt": KEY,
                "pdf.fonttype": 42,
                "text.parse_math": False,  # file names may contain dollar signs
                "axes.formatter.use_mathtext": False,
                "axes.unicode_minus": True,
                "path.simplify": True,
                "lines.scale_dashes": True,
            }
        )
        yield


def _draw(
    figure: Figure, kind: str, paper: Paper, families: list[str], notices: list[str]
) -> Picture:
    """Draw and arrange; a picture with too much text for its size gets smaller text."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Picture

    matplotlib.rcParams["font.family"] = families
    width, height = paper.width, paper.height
    if kind == "png":
        # Agg cuts fractions of a pixel off; a hair more than a whole number survives rounding.
        width = (round(width * paper.dpi) + 0.01) / paper.dpi
        height = (round(height * paper.dpi) + 0.01) / paper.dpi
    for shrink in (1.0, 0.85, 0.7):
        size = paper.font_size * shrink
        matplotlib.rcParams["font.size"] = size
        picture = Picture(figsize=(width, height), dpi=paper.dpi, facecolor="none")
        FigureCanvasAgg(picture)  # measures text, whatever is written in the end
        axes = picture.add_axes((0.15, 0.2, 0.7, 0.6))
        text = Text(size, paper.scheme)
        drawn = draw_contents(figure, axes, text)
        try:
            lay_out(picture, axes, figure, drawn, text)
        except LayoutError:
            continue
        notices.extend(drawn.notices)
        return picture
    raise ExportError(
        tr(
            "{width:.0f} x {height:.0f} mm is too small for this plot with its title and legend. "
            "Choose a larger size.",
            width=25.4 * paper.width,
            height=25.4 * paper.height,
        )
    )


def metadata_of(figure: Figure, kind: str) -> dict[str, Any]:
    """Return what a file of ``kind`` says of itself."""
    text, program = payload_text(figure), f"Rankscope {__version__}"
    title = figure.title or figure.key
    if kind == "png":
        return {"Title": title, "Software": program, KEY: text}
    if kind == "svg":
        return {"Title": title, "Creator": program, "Description": text, "Date": None}
    return {"Title": title, "Creator": program, "Keywords": text}


def _texts(figure: Figure) -> list[str]:
    parts: tuple[Any, ...] = (*figure.series, *figure.bands, *figure.spans, *figure.images)
    texts = [figure.title, figure.note, figure.x.label, figure.y.label]
    texts += [part.name for part in parts]
    texts += [cursor.label for cursor in figure.cursors]
    texts += [image.unit for image in figure.images]
    texts += [label for axis in (figure.x, figure.y) for _, label in axis.ticks]
    return [*texts, tr("not a number")]
