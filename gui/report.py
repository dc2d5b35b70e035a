"""``rankscope report``: figures, numbers and theory of an array as one file, without Qt."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from typing import Any

from gui.carried import carried
from gui.command_line import Parser, add_any_size, carried_out, speak, take_any_size
from gui.core.declare.call import call_of
from gui.core.declare.draw import moment_of, picture_at
from gui.core.declare.page import Page
from gui.core.declare.records import Plot
from gui.core.export.report_file import SUFFIX, Report, Shown, theory_of
from gui.core.figure.figure import Figure
from gui.core.figure.table import Table
from gui.core.state.document import Opened
from gui.core.words.i18n import language, tr
from gui.core.words.notes import Section
from gui.core.words.readable import readable
from gui.draw import given_of, opened_from, source_of
from gui.pages import PAGES
from gui.render import BadCommand, find, repair_of

_LARGEST_NOTE = 1 << 20  # characters


def main(arguments: Sequence[str]) -> int:
    """Run ``rankscope report``; return 0, or 1 after one sentence on standard error."""
    speak(arguments)
    return carried_out("rankscope report", lambda: _run(arguments))


def _parser() -> Parser:
    parser = Parser(
        "rankscope report",
        tr("Write figures, numbers and theory of an array as one HTML file, without a display."),
        tr("The file asks no network for anything; dropped on the window it restores it."),
    )
    add = parser.files.add_argument
    add("file", metavar="FILE", help=tr("a matrix, a vector or a picture"))
    add("--entry", default="", help=tr("which array of the file (default: the first)"))
    matrix = tr("of an array with more than two axes: two of them, as in 0,2, or unfolded")
    add("--view", default="", help=matrix)
    figures = tr("pages or figures, separated by commas (default: spectrum)")
    add("--figures", default="spectrum", metavar="KEYS", help=figures)
    add("--note", default="", metavar="FILE.md", help=tr("words of your own, Markdown"))
    add(
        "--missing", default="", help=tr("of NaN and infinity: zero, column-mean or leave-rows-out")
    )
    add("--out", required=True, help=tr("file to write, .html"))
    add("--overwrite", action="store_true", help=tr("replace an existing --out"))
    add_any_size(add)
    return parser


def _run(arguments: Sequence[str]) -> int:
    words = _parser().parse_args(arguments)
    take_any_size(words)
    missing, chosen, note = (
        repair_of(words.missing),
        list(_chosen(words.figures)),
        _note(words.note),
    )
    with source_of(words.file) as source:
        opened = opened_from(source, words.entry, (), missing, words.view)
        report = report_of(opened, chosen, Path(words.out), note, overwrite=words.overwrite)
        print(readable(str(report.run())))
    return 0


def _chosen(names: str) -> Iterator[tuple[Page, tuple[type[Plot], ...]]]:
    """Yield which plots of which page are meant; the name of a page is what stands on top of it."""
    pages = {page.key: page for page in PAGES if page.plots}
    for name in dict.fromkeys(filter(None, (word.strip() for word in names.split(",")))):
        if name in pages:
            page = pages[name]
            yield page, tuple(plot for plot in page.plots if plot.view is None)
        else:
            page, plot = find(name)
            yield page, (plot,)


def _note(path: str) -> str:
    if not path:
        return ""
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = file.read(_LARGEST_NOTE + 1)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or tr("it is no text in UTF-8")
        words = tr("{path} cannot be read: {reason}.", path=path, reason=reason)
        raise BadCommand(words) from error
    if len(text) > _LARGEST_NOTE:
        raise BadCommand(tr("{path} is too long for a note.", path=path))
    return text


def report_of(
    opened: Opened,
    chosen: Sequence[tuple[Page, Sequence[type[Plot]]]],
    path: Path,
    note: str = "",
    *,
    overwrite: bool = False,
) -> Report:
    """Return the report of an array from defaults: what the window shows of it at a first start.

    Parameters
    ----------
    opened : Opened
        The array.
    chosen : sequence of (Page, plots)
        What is drawn; the tables of their pages come along.
    path : Path
        Where it is written.
    note : str
        Markdown.

    Raises
    ------
    Exception
        What the first figure refuses with.
    """
    given = given_of(opened)
    figures: list[Figure] = []
    tables: list[Table] = []
    theory: list[Section] = []
    code, state = "", dict[str, Any]()
    for page, plots in _joined(chosen):
        now = moment_of(page, given, {})
        views = {one.view_key() for one in plots}
        beside = [one for one in page.plots if _belongs(one, views) and one not in plots]
        for plot in (*plots, *beside):
            drawn = picture_at(plot, now).drawn
            if isinstance(drawn, Figure):
                figures.append(drawn)
            elif drawn.cells:
                tables.append(drawn)
        theory += theory_of(page.key, views, page.views, language())
        if not state:
            first = next((one for one in plots if one.form() == "figure"), plots[0])
            code, state = call_of(first, now), carried(now, first)
    return Report(
        opened.title,
        path if path.suffix.lower() == SUFFIX else path.with_name(path.name + SUFFIX),
        language(),
        Shown.of(opened),
        note,
        tuple(figures),
        tuple(tables),
        tuple(theory),
        without_folder(code, opened.ref.path),
        state,
        overwrite,
    )


def _belongs(plot: type[Plot], views: Container[str]) -> bool:
    """Whether a plot comes along: read-outs of what is drawn, and every table, of rules or laws."""
    form = plot.form()
    return form == "table" or (form == "rows" and plot.view_key() in views)


def _joined(
    chosen: Sequence[tuple[Page, Sequence[type[Plot]]]],
) -> Iterator[tuple[Page, tuple[type[Plot], ...]]]:
    """Yield every page once, with all that is wanted of it."""
    wanted: dict[Page, dict[type[Plot], None]] = {}
    for page, plots in chosen:
        wanted.setdefault(page, {}).update(dict.fromkeys(plots))
    yield from ((page, tuple(plots)) for page, plots in wanted.items())


def without_folder(code: str, path: str) -> str:
    """Return a call in which a file is its name alone.

    Examples
    --------
    >>> without_folder("draw('/home/me/a.npy')", "/home/me/a.npy")
    "draw('a.npy')"
    """
    name = path.replace("\\", "/").rsplit("/", 1)[-1]
    return code.replace(repr(path), repr(name))
