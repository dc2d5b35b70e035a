"""What a report is made of: figures drawn in both schemes, their numbers, tables, theory, code."""

from __future__ import annotations

import io
from collections.abc import Container, Iterator, Mapping
from dataclasses import field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from gui.core.export.files import write_data
from gui.core.export.listing import markdown_text, marked
from gui.core.export.paper import ExportOptions, paper_of
from gui.core.export.picture import write_picture
from gui.core.export.report import Picture, report_html
from gui.core.figure.described import described
from gui.core.figure.figure import Axis, Figure
from gui.core.figure.legible import legible
from gui.core.figure.scale import Range
from gui.core.figure.table import Table
from gui.core.state.document import Opened
from gui.core.words.i18n import in_a_row, tr
from gui.core.words.notes import Section, note_sections
from gui.core.words.numbers import format_value
from gui.frozen import dataclass

NUMBERS = 200  # of a figure that are written out
_SCHEMES = ("white", "dark")
SUFFIX = ".html"


@dataclass(frozen=True)
class Shown:
    """What was opened: plain words, never a path. ``sha256`` asks for the fingerprint."""

    name: str = ""
    shape: tuple[int, ...] = ()
    dtype: str = ""
    source: Any = field(default=None, repr=False)

    @classmethod
    def of(cls, opened: Opened | None) -> Shown:
        """Return an opened array in words; nothing of none."""
        if opened is None:
            return cls()
        return cls(opened.title, opened.ref.shape, opened.ref.dtype, opened.source)

    def markdown(self, progress: Any = None) -> str:
        """Return a table of it, "" where nothing was."""
        if not self.name:
            return ""
        rows = [
            (tr("Array"), marked(self.name)),
            (tr("Shape"), " × ".join(map(str, self.shape))),
            (tr("Type"), marked(self.dtype)),
        ]
        if len(digest := self._fingerprint(progress)) == 64:
            rows.append(("SHA-256", f"`{digest}`"))
        lines = "".join(f"| {name} | {value} |\n" for name, value in rows)
        return f"## {tr('What was opened')}\n\n| | |\n| --- | --- |\n{lines}"

    def _fingerprint(self, progress: Any) -> str:
        read = getattr(self.source, "sha256", None)
        return str(read(progress)) if callable(read) else ""


@dataclass(frozen=True, eq=False)
class Report:
    """Everything of a report, and where it goes; ``run`` writes it.

    Parameters
    ----------
    title, language : str
    path : Path
    shown : Shown
    note : str
        A person's own words, Markdown.
    figures, tables : tuple
        In their order; read-outs are tables, too.
    theory : tuple of Section
        Of the notes.
    code : str
        The call that repeats the first figure.
    state : mapping
        What restores the window.
    """

    title: str
    path: Path
    language: str = "en"
    shown: Shown = Shown()
    note: str = ""
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    theory: tuple[Section, ...] = ()
    code: str = ""
    state: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    overwrite: bool = False

    def run(self, progress: Any = None) -> Path:
        """Write the file whole, or not at all; return its path.

        Raises
        ------
        ExportError
            When it cannot be written.
        """
        write_data(self.path, self.html(progress).encode(), overwrite=self.overwrite)
        return self.path

    def html(self, progress: Any = None) -> str:
        """Return the document."""
        blocks = list(self._blocks(progress))
        return report_html(self.title, blocks, language=self.language, state=self.state)

    @property
    def _writing(self) -> str:
        return tr("Writing {name}", name=self.path.name)

    def _blocks(self, progress: Any) -> Iterator[str | Picture]:
        if opened := self.shown.markdown(progress):
            yield opened
        if self.note.strip():
            yield f"## {tr('Note')}\n\n{self.note}"
        if self.figures:
            yield f"## {tr('Figures')}"
        for place, figure in enumerate(self.figures):
            if progress is not None:
                progress.report(place / len(self.figures), self._writing)
            yield picture_of(figure)
        if self.tables:
            yield f"## {tr('Numbers')}"
        for table in self.tables:
            yield markdown_text(legible(table))
        if self.code:
            yield f"## {tr('The same in Python')}\n\n{_fenced(self.code)}"
        if self.theory:
            yield f"## {tr('Theory')}"
        for section in self.theory:
            yield f"### {section.heading}\n\n{section.text}"


def picture_of(figure: Figure) -> Picture:
    """Return a figure drawn for white paper and for a dark screen, in words, and in numbers."""
    plain = legible(replace(figure, state=MappingProxyType({}), meta=MappingProxyType({})))
    light, dark = (_svg(plain, scheme) for scheme in _SCHEMES)
    said = described(plain, _reach(plain, "x"), _reach(plain, "y"))
    words = _titled(plain.title, in_a_row(plain.note, said))
    return Picture(light, _titled(plain.title, plain.note), words, dark, numbers_of(plain))


def _titled(title: str, said: str) -> str:
    return tr("{title}. {sentence}", title=title, sentence=said) if said else title


def _svg(figure: Figure, scheme: str) -> str:
    stream = io.BytesIO()
    write_picture(figure, stream, "svg", paper_of(ExportOptions(scheme=scheme)))
    return stream.getvalue().decode()


def _reach(figure: Figure, axis: str) -> Range:
    """Return over which range an axis of a figure reaches."""
    one: Axis = getattr(figure, axis)
    if one.limits is not None:
        return one.limits
    parts = [np.asarray(getattr(series, axis), np.float64) for series in figure.series]
    for image in figure.images:
        parts.append(np.array(image.extent[:2] if axis == "x" else image.extent[2:]))
    values = np.concatenate(parts) if parts else np.zeros(0)
    values = values[np.isfinite(values)]
    return (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)


def numbers_of(figure: Figure, most: int = NUMBERS) -> str:
    """Return the first numbers of a figure as Markdown tables, a curve each; "" of a picture.

    Examples
    --------
    >>> from gui.core.figure.figure import Series
    >>> curve = Series("s", "p", np.array([1.0, 2.0]), np.array([0.5, np.nan]))
    >>> print(numbers_of(Figure(series=(curve,))))
    **p**
    <BLANKLINE>
    | x | y |
    | ---: | ---: |
    | 1 | 0.5000 |
    | 2 | – |
    """
    texts, left = [], most
    for series in figure.series:
        count = min(left // 2, series.x.size)
        if not (series.name or series.listed) or count == 0:
            continue
        left -= 2 * count
        names = [marked(figure.x.label) or "x", marked(figure.y.label) or "y"]
        y = series.y if series.numbers is None else series.numbers
        rows = (
            f"| {_number(a)} | {_number(b)} |"
            for a, b in zip(series.x[:count].tolist(), y[:count].tolist(), strict=True)
        )
        head = f"**{marked(series.name or series.key)}**"
        texts.append("\n".join((head, "", f"| {' | '.join(names)} |", "| ---: | ---: |", *rows)))
    return "\n\n".join(texts)


def _number(value: Any) -> str:
    number = float(value)
    if not np.isfinite(number):
        return "–"
    return format_value(int(number) if number.is_integer() and abs(number) < 1e15 else number)


def _fenced(code: str) -> str:
    ticks = "```"
    while ticks in code:
        ticks += "`"
    return f"{ticks}python\n{code.rstrip()}\n{ticks}"


def theory_of(
    page: str, views: Container[str], every: Container[str], speech: str
) -> tuple[Section, ...]:
    """Return the sections of a page's note that belong to the views of a report, and its sources.

    Parameters
    ----------
    page, speech : str
        Key of the page; the language.
    views : container of str
        The views in the report, "" for what stands above them.
    every : container of str
        All lower views of the page.
    """
    try:
        sections = note_sections(page, speech)
    except FileNotFoundError:
        return ()
    general = "" in views
    return tuple(
        one
        for one in sections
        if one.key in views or one.key == "sources" or (general and one.key not in every)
    )
