"""A Figure drawn by Matplotlib: PNG pixels, SVG and PDF with text that stays text.

Matplotlib is imported only here and only when something is drawn; never pyplot, which keeps
global state and would look for a display.
"""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from gui import __version__
from gui.core.export.drawing.grid import draw_figures
from gui.core.export.drawing.lowering import lower_indices
from gui.core.export.drawing.page import LayoutError, Text
from gui.core.export.files import ExportError
from gui.core.export.fonts import embedded, families_for, font_manager, notices_of
from gui.core.export.metadata import KEY, payload_text
from gui.core.export.paper import Paper
from gui.core.figure.figure import Figure
from gui.core.figure.panels import Shown, figures_of
from gui.core.words.i18n import tr
from gui.frozen import dataclass

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Picture

# Matplotlib's settings, font cache and text layout are shared by all threads.
_lock = threading.Lock()


@dataclass(frozen=True)
class Said:
    """What there is to say of a picture: what is not as it was asked for; its smallest text."""

    notices: tuple[str, ...] = ()
    smallest: float = 0.0  # points


def write_picture(shown: Shown, target: BinaryIO, kind: str, paper: Paper) -> Said:
    """Write a figure or panels as "png", "svg" or "pdf"; say what is not shown as it is."""
    with drawing_settings():
        texts = [text for figure in figures_of(shown) for text in _texts(figure)]
        families, missing = families_for(texts, paper.font)
        picture, notices = draw(shown, kind, paper, families)
        save(picture, shown, target, kind, paper, families)
        said = (*notices_of(families, missing, paper.font), *notices)
        return Said(said, smallest_of(picture))


def save(
    picture: Picture,
    shown: Shown,
    target: BinaryIO,
    kind: str,
    paper: Paper,
    families: list[str],
) -> None:
    """Write what is drawn, with what ``shown`` says of itself; an SVG brings its font along."""
    stream: Any = io.BytesIO() if kind == "svg" else target
    picture.savefig(
        stream,
        format=kind,
        dpi=paper.dpi,
        facecolor=paper.scheme.background,
        metadata=metadata_of(shown, kind),
    )
    if kind == "svg":
        letters = {letter for text in _written(picture) for letter in text.get_text()}
        data = embedded(stream.getvalue(), families, letters)
        if isinstance(target, Path):
            target.write_bytes(data)
        else:
            target.write(data)


def smallest_of(picture: Picture) -> float:
    """Return the size in points of the smallest text that is seen."""
    return min((float(text.get_fontsize()) for text in _written(picture)), default=0.0)


def _written(picture: Picture) -> list[Any]:
    from matplotlib.text import Text as Label

    found: list[Any] = picture.findobj(Label)
    return [text for text in found if text.get_visible() and text.get_text().strip()]


@contextmanager
def drawing_settings() -> Iterator[None]:
    """Draw by our settings alone, one picture at a time."""
    import matplotlib

    font_manager()
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
        try:
            yield
        finally:
            _close_fonts()


def _close_fonts() -> None:
    """Close the font files: Matplotlib keeps them open, anew for every thread that has drawn."""
    opened = getattr(font_manager(), "_get_font", None)
    if opened is not None:
        opened.cache_clear()


def draw(
    shown: Shown, kind: str, paper: Paper, families: list[str]
) -> tuple[Picture, tuple[str, ...]]:
    """Draw and arrange; what has no room at this size of text is left out, and said."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Picture

    matplotlib.rcParams["font.family"] = families
    matplotlib.rcParams["font.size"] = paper.text_size
    width, height = paper.width, paper.height
    if kind == "png":
        # Agg cuts fractions of a pixel off; a hair more than a whole number survives rounding.
        width = (round(width * paper.dpi) + 0.01) / paper.dpi
        height = (round(height * paper.dpi) + 0.01) / paper.dpi
    text = Text(paper.text_size, paper.scheme, title=paper.title, legend=paper.legend)
    for kept in _less_and_less(text):
        picture = Picture(figsize=(width, height), dpi=paper.dpi, facecolor="none")
        FigureCanvasAgg(picture)  # measures text, whatever is written in the end
        try:
            notices = draw_figures(picture, shown, kept)
        except LayoutError:
            continue
        lower_indices(picture)
        return picture, (*notices, *_left_out(shown, text, kept))
    if len(figures_of(shown)) > 1:
        raise ExportError(
            tr(
                "{width:.0f} x {height:.0f} mm is too small for {count} panels with text of "
                "{size:g} points. Choose a larger size, fewer panels or smaller text.",
                width=25.4 * paper.width,
                height=25.4 * paper.height,
                count=len(figures_of(shown)),
                size=paper.text_size,
            )
        )
    raise ExportError(
        tr(
            "{width:.0f} x {height:.0f} mm is too small for this plot with text of {size:g} "
            "points. Choose a larger size or smaller text.",
            width=25.4 * paper.width,
            height=25.4 * paper.height,
            size=paper.text_size,
        )
    )


def _less_and_less(text: Text) -> Iterator[Text]:
    yield text
    text = replace(text, note=False)
    yield text
    if text.legend == "inside":
        text = replace(text, legend="below")
        yield text
    if text.title:
        yield replace(text, title=False)
    if text.legend != "off":
        yield replace(text, legend="off")
        yield replace(text, legend="off", title=False)


def _left_out(shown: Shown, asked: Text, kept: Text) -> Iterator[str]:
    names = []
    figures = figures_of(shown)
    if any(figure.note for figure in figures) and not kept.note:
        names.append(tr("the note"))
    if any(figure.title for figure in figures) and asked.title and not kept.title:
        names.append(tr("the title"))
    entries = any(_names_parts(figure) for figure in figures)
    if entries and asked.legend != kept.legend == "off":
        names.append(tr("the legend"))
    if names:
        words = tr("At this size there is no room for {names}. A larger size has it.")
        yield words.format(names=tr(", ").join(names))
    if asked.legend == "inside" and kept.legend == "below":
        yield tr("The legend has no room inside the plot and stands below it.")


def _names_parts(figure: Figure) -> bool:
    parts: tuple[Any, ...] = (*figure.series, *figure.bands, *figure.spans)
    return figure.legend and any(part.name for part in parts)


def metadata_of(shown: Shown, kind: str) -> dict[str, Any]:
    """Return what a file of ``kind`` says of itself."""
    text, program = payload_text(shown), f"Rankscope {__version__}"
    title = shown.title or shown.key
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
    if figure.x.log or figure.y.log:
        texts.append("10⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
    return [*texts, "0123456789.−+e", tr("not a number")]
