"""``rankscope test-plugin DISTRIBUTION``: the registries' own suites, run on a plug-in; no Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from engine.plugins import Plugin, normalised
from gui.command_line import Parser, carried_out, speak
from gui.core.declare.page import Page
from gui.core.words.i18n import tr, tr_sentence
from gui.core.words.readable import readable_lines
from gui.plugins import installed, require, state

Check = Callable[[Any], None]


def main(arguments: Sequence[str]) -> int:
    """Run ``rankscope test-plugin`` with the words after it; return the exit status."""
    speak(arguments)
    parser = Parser(
        "rankscope test-plugin",
        tr("Tests what a distribution adds as the program's own formats, operators, … are."),
    )
    name = tr("as `rankscope plugins` lists it")
    parser.files.add_argument("distribution", metavar="DISTRIBUTION", help=name)
    wanted = parser.parse_args(arguments).distribution
    return carried_out("rankscope test-plugin", lambda: _run(wanted))


def _run(distribution: str) -> int:
    require(distribution)
    name, failed, count = normalised(distribution), 0, 0
    for plugin in installed([name]):
        if normalised(plugin.distribution) != name:
            continue
        for check, problem in _found(plugin):
            words = f"{plugin.group}  {plugin.name}  {check}"
            print(readable_lines(f"{words}: {problem}" if problem else f"{words}  ok"))
            count, failed = count + 1, failed + bool(problem)
    print(tr("{count} checks, {failed} failed.", count=count, failed=failed))
    return 1 if failed or not count else 0


def _found(plugin: Plugin) -> Iterator[tuple[str, str]]:
    """Yield each check's name and what is wrong; one line for a plug-in that is not loaded."""
    from engine.suites import run_checks

    if plugin.record is None:
        yield "loads", state(plugin)
        return
    record = plugin.record
    if plugin.group == "rankscope.formats" and not record.sample:
        yield tr("no sample is given: whole, cut and damaged files are not tried"), ""
    for result in run_checks(record, suites()[plugin.group]):
        yield result.name, tr_sentence(result.problem)


def suites() -> dict[str, tuple[Check, ...]]:
    """Return the checks of each group."""
    from engine.suites import FORMAT_CHECKS, OPERATOR_CHECKS, RANK_RULE_CHECKS

    return {
        "rankscope.formats": FORMAT_CHECKS,
        "rankscope.operators": OPERATOR_CHECKS,
        "rankscope.rank_rules": RANK_RULE_CHECKS,
        "rankscope.pages": PAGE_CHECKS,
    }


def every_plot_is_drawn_without_a_window(page: Page) -> None:
    """From defaults, of a small matrix, or refused in words."""
    from gui.core.declare.draw import draw_plot
    from gui.draw import given_of, opened_from

    rng = np.random.default_rng(3)
    opened = opened_from(_source({"small": rng.normal(size=(9, 7))}), "small")
    for plot in page.plots:
        try:
            drawn = draw_plot(page, plot.key, given_of(opened), {}).drawn
        except ValueError as error:
            if not getattr(error, "for_people", False):
                raise
            continue
        assert drawn.key == plot.key
        assert drawn.title, f"{plot.key} has no title"


def parameters_say_what_they_are(page: Page) -> None:
    """Each that has a control has a tip."""
    for name, one in page.parameters.items():
        assert not one.label or one.tip, f"{name} has a label and no tip"


def _source(arrays: dict[str, Any]) -> Any:
    from engine.files import memory_source

    return memory_source(arrays)


PAGE_CHECKS: tuple[Check, ...] = (
    every_plot_is_drawn_without_a_window,
    parameters_say_what_they_are,
)
