"""``rankscope render``: any plot of the window from a file, without a display and without Qt."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from gui.command_line import Parser, add_any_size, carried_out, speak, take_any_size
from gui.core.declare.check import OWN_OPTIONS
from gui.core.declare.draw import NotAllowed
from gui.core.declare.explain import explained
from gui.core.declare.options import help_of, options, parsed, shorthands, spelled_out
from gui.core.declare.page import Page
from gui.core.declare.parameter import Parameter
from gui.core.declare.records import Plot
from gui.core.export.paper import LEGENDS, ExportOptions
from gui.core.figure.palette import SCHEMES
from gui.core.figure.panels import Shown
from gui.core.figure.table import Table
from gui.core.state.document import REPAIRS, Opened, Repair
from gui.core.words.i18n import tr
from gui.core.words.names import near
from gui.core.words.readable import readable
from gui.draw import draw_panels, given_of, opened_from, source_of
from gui.pages import PAGES
from gui.table_options import add_table_options, table_reading

SWITCH_WORDS = ("yes", "no", "on", "off", "true", "false", "1", "0")


def main(arguments: Sequence[str]) -> int:
    """Run ``rankscope render``; return 0, or 1 after one sentence on standard error."""
    speak(arguments)
    return carried_out("rankscope render", lambda: _run(arguments))


def _run(arguments: Sequence[str]) -> int:
    asked = _first_look(arguments)
    if asked.list:
        print("\n".join(f"{plot.key}\t{tr(plot.title)}" for _, plot in all_plots()))
        return 0
    if asked.explain:
        print(explained(*find(asked.explain)))
        return 0
    if not asked.figure:
        _parser().parse_args(arguments)  # says what is missing, or helps
        return 2
    page, plots = find_all(asked.figure)
    mine = {name: one for plot in plots for name, one in options(page, plot).items()}
    words, rest = _parser(page, plots).parse_known_args(_switches_said(arguments, mine))
    if rest:
        raise _stranger(plots[0], rest[0], mine)
    take_any_size(words)
    values = [_values(page, plot, words) for plot in plots]
    try:
        drawn = _drawn(page, words, values)
    except NotAllowed as error:
        one = page.parameters.get(error.argument)  # or of the table that is read
        option = one.option_name if one is not None else error.argument
        raise BadCommand(error.said(f"--{option}")) from error
    print(readable(str(_write(drawn, words))))
    return 0


@contextmanager
def _by_option(options: argparse.Namespace) -> Iterator[None]:
    """Name an argument that is refused by the option that said it."""
    from engine.errors import ArgumentError

    try:
        yield
    except ArgumentError as error:
        if error.argument not in OWN_OPTIONS:
            raise
        value = getattr(options, error.argument, error.value)
        raise ArgumentError(f"--{error.argument}", value, error.allowed) from error


def _values(page: Page, plot: type[Plot], words: argparse.Namespace) -> dict[str, Any]:
    """Return the parameters that were typed; one named by itself wins over a shorthand."""
    values: dict[str, Any] = {}
    for short in shorthands(page, plot):
        text = getattr(words, _dest(short.name))
        if text is not None:
            values |= spelled_out(page, short, text)
    for one in options(page, plot).values():
        text = getattr(words, _dest(one.option_name))
        if text is not None:
            values[one.name] = parsed(one, text)
    return values


def _dest(name: str) -> str:
    return f"of plots {name}"  # none of the options that every figure has


class BadCommand(ValueError):
    """A command line that cannot be carried out; the sentence says why."""

    for_people = True


def all_plots() -> Iterator[tuple[Page, type[Plot]]]:
    """Yield every plot that the window can show, in its order."""
    for page in PAGES:
        for plot in page.plots:
            yield page, plot


def find(key: str) -> tuple[Page, type[Plot]]:
    """Return the plot ``key`` and its page; former names are known, too.

    Raises
    ------
    BadCommand
        When there is none.
    """
    for page in PAGES:
        plot = page.plot(key) if "." in key or key in page.aliases else None
        if plot is not None:
            return page, plot
    names = [plot.key for _, plot in all_plots()] + [n for page in PAGES for n in page.aliases]
    words = tr("There is no figure “{name}”{near}. rankscope render --list names them.")
    raise BadCommand(words.format(name=key, near=near(key, names)))


def find_all(keys: str) -> tuple[Page, list[type[Plot]]]:
    """Return the plots ``keys``, commas between, and the page that they are all of.

    Raises
    ------
    BadCommand
        When there is none, or they are of several pages.
    """
    found = [find(key) for key in _keys(keys)] or [find(keys)]
    pages = {page.key for page, _ in found}
    if len(pages) > 1:
        words = tr("The figures of one picture are of one page; these are of {names}.")
        raise BadCommand(words.format(names=", ".join(sorted(pages))))
    return found[0][0], [plot for _, plot in found]


def _keys(text: str) -> list[str]:
    return [key.strip() for key in text.split(",") if key.strip()]


# -- the command line -------------------------------------------------------------------------


def _first_look(arguments: Sequence[str]) -> argparse.Namespace:
    """Return which figure is meant: its options are known only then."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--figure", nargs="?")
    parser.add_argument("--explain", nargs="?")
    parser.add_argument("--list", action="store_true")
    return parser.parse_known_args(arguments)[0]


def _switches_said(words: Sequence[str], mine: Mapping[str, Parameter]) -> list[str]:
    """Return the command line with every switch of a plot written out: --log-y is --log-y=yes."""
    switches = {f"--{name}" for name, one in mine.items() if one.kind == "toggle"}
    said: list[str] = []
    for place, word in enumerate(words):
        before = words[place - 1] if place else ""
        if before in switches and word.casefold() in SWITCH_WORDS:
            said[-1] = f"{before}={word}"
        elif word in switches:
            said.append(f"{word}=yes")
        elif word.startswith("--no-") and f"--{word.removeprefix('--no-')}" in switches:
            said.append(f"--{word.removeprefix('--no-')}=no")
        else:
            said.append(word)
    return said


def _parser(page: Page | None = None, plots: Sequence[type[Plot]] = ()) -> Parser:
    parser = Parser(
        "rankscope render",
        tr("Draw a figure of a file without a display."),
        tr("rankscope render --list names the figures; --figure KEY --help the options of one."),
    )
    _add_files(parser.files)
    _add_paper(parser.options)
    for plot in plots:
        assert page is not None
        _add_plot(parser, page, plot)
    return parser


def _add_plot(parser: Parser, page: Page, plot: type[Plot]) -> None:
    """Add the options of a plot; what panels before it have counts for it, too."""
    taken_already = {option for action in parser._actions for option in action.option_strings}
    group = parser.add_argument_group(f"{tr('figure options')}: {tr(plot.title)}")
    for name, one in options(page, plot).items():
        if f"--{name}" in taken_already:
            continue
        group.add_argument(
            f"--{name}",
            dest=_dest(name),
            metavar="yes|no" if one.kind == "toggle" else one.name.upper(),
            help=help_of(one).replace("%", "%%"),
        )
    for option in shorthands(page, plot):
        if f"--{option.name}" not in taken_already:
            taken: Any = {"action": "store_const", "const": ""}
            if option.typed:
                taken = {"metavar": option.name.upper().replace("-", "_")}
            words = tr(option.help).replace("%", "%%")
            group.add_argument(f"--{option.name}", dest=_dest(option.name), help=words, **taken)


def _add_files(files: Any) -> None:
    add = files.add_argument
    add("file", metavar="FILE", help=tr("a matrix, a vector or a picture"))
    what = tr("what to draw; several with commas between are the panels of one picture")
    add("--figure", required=True, metavar="KEY", help=what)
    out = tr(
        "file to write: png, svg, pdf, csv or npz; of a table also md or tex; of a picture "
        "without axes tif or npy"
    )
    add("--out", required=True, help=out)
    add("--entry", default="", help=tr("which array of the file (default: the first)"))
    matrix = tr("of an array with more than two axes: two of them, as in 0,2, or unfolded")
    add("--view", default="", help=matrix)
    positions = tr("positions on the other axes of an array with more than two (default: 0)")
    add("--slice", default="", metavar="I,J", help=positions)
    second = tr("another array of the file, or another file, to multiply by, or to compare with")
    add("--times", "--against", default="", help=second)
    add(
        "--missing", default="", help=tr("of NaN and infinity: zero, column-mean or leave-rows-out")
    )
    add("--overwrite", action="store_true", help=tr("replace an existing --out"))
    add_any_size(add)
    add_table_options(files)


def _add_paper(paper: Any) -> None:
    add, standard = paper.add_argument, ExportOptions()
    add("--list", action="store_true", help=tr("name every figure, a line each"))
    add("--explain", metavar="KEY", help=tr("say what a figure is made of"))
    add("--width", type=float, default=standard.width, help=tr("width (default: 160)"))
    add("--height", type=float, default=standard.height, help=tr("height (default: 100)"))
    unit = tr("of width and height: millimetres or pixels")
    add("--unit", choices=("mm", "px"), default=standard.unit, help=unit)
    add("--dpi", type=float, default=standard.dpi, help=tr("dots per inch (default: 200)"))
    schemes, colours = tuple(SCHEMES), tr("colours of background and text")
    add("--scheme", choices=schemes, default=standard.scheme, help=colours)
    least = tr("size of the smallest text in points (default: 8)")
    add("--text-size", type=float, default=standard.text_size, metavar="PT", help=least)
    add("--no-title", action="store_true", help=tr("leave the title out"))
    legend = tr("where the names of the curves stand")
    add("--legend", choices=tuple(LEGENDS), default=standard.legend, help=legend)
    font = tr("an installed font for every text; it is embedded")
    add("--font", default=standard.font, metavar="NAME", help=font)
    pixels = tr("of a picture: every entry a pixel, without axes (png, tif)")
    add("--pixels", action="store_true", help=pixels)
    columns = tr("how many panels stand side by side (default: as many as below each other)")
    add("--panel-columns", type=int, default=0, metavar="COUNT", help=columns)
    add("--no-letters", action="store_true", help=tr("no (a), (b) before the titles of panels"))
    own = tr("a legend for each panel, not one for all")
    add("--own-legends", action="store_true", help=own)


def _stranger(plot: type[Plot], name: str, mine: Mapping[str, Parameter]) -> BadCommand:
    option = name.partition("=")[0].removeprefix("--")
    others = [p.key for page, p in all_plots() if option in options(page, p)]
    if others and name.startswith("--"):
        words = tr("--{option} does not belong to {figure}; it belongs to {others}.")
        shown = ", ".join(others[:6])
        return BadCommand(words.format(option=option, figure=plot.key, others=shown))
    words = tr("{figure} has no option {option}{near}.")
    meant = near(f"--{option}", [f"--{one}" for one in mine])
    return BadCommand(words.format(figure=plot.key, option=name, near=meant))


# -- drawing ----------------------------------------------------------------------------------


def _drawn(
    page: Page, options: argparse.Namespace, values: Sequence[Mapping[str, Any]]
) -> Shown | Table:
    missing = repair_of(options.missing)
    with _by_option(options):
        source = source_of(options.file, table_reading(options))
    with source:
        with _by_option(options):
            index = _index(options.slice)
            which = (index, missing, options.view, table_reading(options))
            opened = opened_from(source, options.entry, *which)
        second = _second(options.times, source, missing) if options.times else None
        return draw_panels(
            *(page, _keys(options.figure), given_of(opened, second), values),
            columns=options.panel_columns,
            letters=not options.no_letters,
            shared_legend=not options.own_legends,
        )


def repair_of(word: str) -> Repair:
    """Return what ``--missing`` asks for.

    Raises
    ------
    BadCommand
        When it is none of what can be done.
    """
    if not word:
        return ""
    for repair in REPAIRS:
        if repair == word.replace("-", "_"):
            return repair
    words = tr("--missing {word} is not allowed: it must be zero, column-mean or leave-rows-out.")
    raise BadCommand(words.format(word=word))


def _second(name: str, source: Any, missing: Repair) -> Opened:
    """Return the second array: another one of the file, or the first of another file."""
    if any(entry.name == name for entry in source.entries):
        return opened_from(source, name, (), missing)
    return opened_from(source_of(name), "", (), missing)


def _index(text: str) -> tuple[int, ...]:
    positions = [word.strip() for word in text.split(",") if word.strip()]
    if not all(word.lstrip("-").isdigit() for word in positions):
        raise BadCommand(
            tr("--slice {text} is not allowed: it is whole numbers, as in 0,3.", text=text)
        )
    return tuple(map(int, positions))


def _write(drawn: Shown | Table, options: argparse.Namespace) -> Any:
    from gui.core.export.export import export_figure, export_table

    if options.pixels and (isinstance(drawn, Table) or not options.out.endswith((".png", ".tif"))):
        raise BadCommand(tr("--pixels writes a picture: --out must end with .png or .tif."))
    own = {"format": "pixels"} if options.pixels and options.out.endswith(".png") else {}
    export: Any = export_table if isinstance(drawn, Table) else export_figure
    return export(
        drawn,
        options.out,
        **own,
        width=options.width,
        height=options.height,
        unit=options.unit,
        dpi=options.dpi,
        scheme=options.scheme,
        text_size=options.text_size,
        title=not options.no_title,
        legend=options.legend,
        font=options.font,
        overwrite=options.overwrite,
    )
