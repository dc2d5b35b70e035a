"""``rankscope plugins``: what other distributions add, and the switch for each; no Qt."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from engine.plugins import GROUPS, Plugin, declared, forget, is_off, normalised, switch
from gui.command_line import Parser, carried_out, speak
from gui.core.words.i18n import tr, tr_sentence
from gui.core.words.readable import readable_lines


class NoSuchPlugin(ValueError):
    """No distribution of that name has a plug-in; the sentence names those that have."""

    for_people = True


def main(arguments: Sequence[str]) -> int:
    """Run ``rankscope plugins`` with the words after it; return the exit status."""
    speak(arguments)
    options = _parser().parse_args(arguments)
    return carried_out("rankscope plugins", lambda: _run(options.off, options.on))


def _parser() -> Parser:
    parser = Parser(
        "rankscope plugins",
        tr("Lists what other distributions add: group, name, distribution, version, state."),
    )
    add = parser.options.add_argument
    add("--off", metavar="DISTRIBUTION", help=tr("load nothing of it from the next start on"))
    add("--on", metavar="DISTRIBUTION", help=tr("load it again"))
    return parser


def _run(off: str | None, on: str | None) -> int:
    if not (off or on):
        _print(installed(), tr("No plug-ins are installed."))
        return 0
    for name, to in ((off, False), (on, True)):
        if name:
            if not (to and is_off(name)):  # what was taken away may be switched on, too
                require(name)
            switch(name, to)
    forget()
    touched = {normalised(name) for name in (off, on) if name}
    _print((one for one in installed(touched) if normalised(one.distribution) in touched), "")
    return 0


def require(distribution: str) -> None:
    """Raise `NoSuchPlugin` unless a distribution, however it is spelled, has a plug-in."""
    names = {normalised(one.distribution): one.distribution for one in known()}
    if normalised(distribution) in names:
        return
    if not names:
        raise NoSuchPlugin(tr("No plug-ins are installed."))
    words = tr("{name} has no plug-in; there are those of {names}.")
    raise NoSuchPlugin(words.format(name=distribution, names=", ".join(sorted(names.values()))))


def known() -> tuple[Plugin, ...]:
    """Return every plug-in, not loaded."""
    return tuple(plugin for group in GROUPS for plugin, _ in declared(group))


def installed(only: Iterable[str] | None = None) -> tuple[Plugin, ...]:
    """Return every plug-in, loaded, by group.

    Parameters
    ----------
    only : names, optional
        Groups without a plug-in of these distributions are not loaded.
    """
    from engine.files import FORMATS
    from engine.spectrum import RANK_RULES
    from engine.topk import OPERATORS
    from gui.pages import PAGES

    found: list[Plugin] = []
    for records in (FORMATS, OPERATORS, RANK_RULES.records, PAGES):
        there = {normalised(plugin.distribution) for plugin, _ in declared(records.group)}
        if only is None or there & set(only):
            found += records.plugins()
    return tuple(found)


def state(plugin: Plugin) -> str:
    """Return "ok", "off" or what went wrong, in the language in use."""
    return "off" if plugin.off else tr_sentence(plugin.error) if plugin.error else "ok"


def _print(plugins: Iterable[Plugin], none: str) -> None:
    rows = [(one.group, one.name, one.distribution, one.version, state(one)) for one in plugins]
    if not rows and none:
        print(none, file=sys.stderr)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(readable_lines("  ".join(cells).rstrip()))
