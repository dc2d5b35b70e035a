"""What is wrong with a page, told where it is imported: all faults at once, each with its place."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from gui.core.declare.parameter import Parameter
from gui.core.declare.records import Front, Plot, Record, Step, Value, family, needs, where
from gui.core.words.names import near
from gui.frozen import dataclass

_KEY = re.compile(r"[a-z][a-z0-9_]*")
# What ``render`` takes whatever the figure.
OWN_OPTIONS = frozenset({
    "against", "any-size", "columns", "decimal", "delimiter", "dpi", "entry", "explain", "figure",
    "font", "header", "height", "help", "index", "language", "legend", "list", "missing",
    "no-letters", "no-title", "out", "overwrite", "own-legends", "panel-columns", "pixels",
    "scheme", "sheet", "skip", "slice", "text-size", "thousands", "times", "unit", "view", "width",
})  # fmt: skip
_MNEMONIC = re.compile(r"&(?=[^&\s])(.)")


@dataclass(frozen=True)
class _Place:
    """A field, in words only when there is a fault to tell: looking up a line takes 2 ms."""

    owner: type
    name: str

    def __str__(self) -> str:
        return f"{where(self.owner)}.{self.name}"


def faults(page: Any) -> Iterator[str]:
    """Yield a sentence for every fault, with module, line and name."""
    wrong = list(_listed(page))
    if wrong:  # nothing else can be read off what is no record
        yield from wrong
        return
    for node in page.nodes:
        if isinstance(node, Parameter):
            yield from _parameter(page, node)
        elif isinstance(node, type) and issubclass(node, Record):
            yield from _record(page, node)
        elif isinstance(node, type):
            yield from _given(page, node)
    for short in page.shorthands:
        for name in short.parameters - page.parameters.keys():
            known = near(name, list(page.parameters))
            yield f"page {page.key!r}: --{short.name} sets {name!r}, which is no parameter{known}"
    yield from _twice(page)
    yield from _former(page)


def _listed(page: Any) -> Iterator[str]:
    for one in page.plots:
        if not (isinstance(one, type) and issubclass(one, Plot)):
            yield f"page {page.key!r}: {one!r} among its plots is none"
    for record in page.shared:
        if not (isinstance(record, type) and issubclass(record, Record)):
            yield f"page {page.key!r}: {record!r} among its shared records is none"


# -- records --------------------------------------------------------------------------------


def _record(page: Any, record: type[Record]) -> Iterator[str]:
    if issubclass(record, Plot):
        yield from _plot(page, record)
    elif issubclass(record, Step):
        yield from _step(record)
    elif issubclass(record, Value) and record.value is Value.value:
        yield f"{where(record)}: a value without value()"
    for need in needs(record):
        yield from _need(record, need.field, need.source)


def _plot(page: Any, plot: type[Plot]) -> Iterator[str]:
    prefix, _, name = plot.key.partition(".")
    if not plot.key:
        yield f"{where(plot)}: no key"
    elif prefix != page.key or not _KEY.fullmatch(name):
        yield f"{where(plot)}: its key must be '{page.key}.name', not {plot.key!r}"
    if not plot.title:
        yield f"{where(plot)}: no title"
    if len(plot.forms()) != 1:
        yield f"{where(plot)}: a plot has one of figure(), table() and rows()"
    if plot.section and plot.section not in page.sections:
        yield f"{where(plot)}: no section {plot.section!r}{near(plot.section, page.sections)}"


def _step(step: type[Step]) -> Iterator[str]:
    if not _KEY.fullmatch(step.key):
        yield f"{where(step)}: no key" if not step.key else f"{where(step)}: key {step.key!r}"
    if step.run is Step.run:
        yield f"{where(step)}: a step without run()"
    if step.preview is not None:
        mine = {need.field for need in needs(step)}
        more = [need.field for need in needs(step.preview) if need.field not in mine]
        if more:
            yield (
                f"{where(step.preview)}.{more[0]}: {step.__name__}, whose preview it is, has no "
                f"such field{near(more[0], sorted(mine))}"
            )
    if len([need for need in needs(step) if need.member]) > 1:
        yield f"{where(step)}: a family has one field that says which member"


def _need(record: type[Record], field: str, source: Any) -> Iterator[str]:
    place = _Place(record, field)
    if isinstance(source, Parameter):
        return
    node = source.node
    is_step = isinstance(node, type) and issubclass(node, Step)
    if source.every and not (is_step and family(node)):
        yield f"{place}: answers_of() is for a family; {_name(node)} is one step"
    if is_step and not source.every and family(node):
        yield f"{place}: {_name(node)} is a family; write answers_of({_name(node)})"
    if isinstance(node, type) and issubclass(node, Plot):
        yield f"{place}: {_name(node)} is a plot; a record is made of steps and values"
    if source.member and not issubclass(record, Step):
        yield f"{place}: member_of() makes a family of a step; this is none"


def _name(node: Any) -> str:
    return str(getattr(node, "__name__", node))


def _given(page: Any, kind: type) -> Iterator[str]:
    if kind not in page.given and kind is not Front:
        users = [node for node in page.nodes if kind in _direct(node)]
        listed = [one.__name__ for one in page.given]
        yield (
            f"{where(users[0]) if users else page.key}: the page is not given {kind.__name__}"
            f"{near(kind.__name__, listed)}"
        )


def _direct(node: Any) -> list[Any]:
    is_kind = isinstance(node, type) and not issubclass(node, Record)
    return [] if is_kind else [need.node for need in needs(node)]


# -- parameters -----------------------------------------------------------------------------


def _parameter(page: Any, one: Parameter) -> Iterator[str]:
    place = _Place(one.owner, one.name)
    for view in one.views:
        if view not in page.views:
            yield f"{place}: no view is called {view!r}{near(view, list(page.views))}"
    if one.section and one.section not in page.sections:
        yield f"{place}: no section {one.section!r}{near(one.section, page.sections)}"
    if one.kind == "number":
        yield from _number(place, one)
    elif one.whole or one.unit is not None:
        yield f"{place}: only a number can be whole or have a unit"
    if one.kind in ("choice", "many"):
        yield from _choices(place, one)
    elif one.kind == "toggle" and not isinstance(one.default, bool):
        yield f"{place}: the default of a switch is True or False, not {one.default!r}"
    elsewhere = one.kind == "stored" or one.axis or one.panel
    if one.saved and not elsewhere and not one.label:
        yield f"{place}: no label"
    if one.axis:
        yield from _axis(page, place, one)
    if one.enabled is not None and not one.why:
        yield f"{place}: it is greyed out now and then; why= says why in its tooltip"
    if one.follows is not None:
        yield from _follows(place, one)
    if one.name == "view" or one.name == "remembered":
        yield f"{place}: that name is the page's own"


def _number(place: _Place, one: Parameter) -> Iterator[str]:
    low, high = one.lower, one.upper
    if isinstance(low, (int, float)) and isinstance(high, (int, float)) and low > high:
        yield f"{place}: its lower bound {low} is above its upper bound {high}"
    elif isinstance(low, (int, float)) and one.default < low:
        yield f"{place}: its default {one.default} is below {low}"
    elif isinstance(high, (int, float)) and one.default > high:
        yield f"{place}: its default {one.default} is above {high}"
    if one.log and not (isinstance(low, (int, float)) and low > 0 and math.isfinite(low)):
        yield f"{place}: a logarithmic slider needs a lower bound above 0"


def _choices(place: _Place, one: Parameter) -> Iterator[str]:
    if isinstance(one.choices, Mapping):
        asked = one.default if one.kind == "many" else (one.default,)
        for key in asked:
            if key not in one.choices:
                yield f"{place}: no choice is called {key!r}{near(str(key), list(one.choices))}"
    elif not callable(one.choices):
        yield f"{place}: choices are a mapping of keys to titles, or what lists them now"


def _axis(page: Any, place: _Place, one: Parameter) -> Iterator[str]:
    if one.axis not in ("x", "y"):
        yield f"{place}: an axis is 'x' or 'y', not {one.axis!r}"
    elif not any(one is need.source for plot in page.plots for need in needs(plot)):
        yield f"{place}: no plot has this field, whose axis it would toggle"


def _follows(place: _Place, one: Parameter) -> Iterator[str]:
    switch, lead = one.follows
    if not (isinstance(switch, Parameter) and switch.kind == "toggle"):
        yield f"{place}: it follows while a toggle is on; {switch!r} is none"
    if not (isinstance(lead, Parameter) and lead.kind == one.kind):
        yield f"{place}: it can follow another {one.kind}; {lead!r} is none"


# -- what stands twice ----------------------------------------------------------------------


def _former(page: Any) -> Iterator[str]:
    place, keys = f"page {page.key!r}", [plot.key for plot in page.plots]
    for name, key in page.aliases.items():
        if key not in keys:
            yield f"{place}: {name!r} is no former name of {key!r}{near(key, keys)}"
    for name, values in page.presets.items():
        if name not in page.aliases:
            yield f"{place}: only a former name sets something; {name!r} is none"
        for one in values:
            if one not in page.parameters:
                yield f"{place}: {name!r} sets {one!r}{near(one, list(page.parameters))}"


def _twice(page: Any) -> Iterator[str]:
    records = [node for node in page.nodes if isinstance(node, type) and issubclass(node, Record)]
    previews = {step.preview for step in records if issubclass(step, Step)}
    plots = [one for one in records if issubclass(one, Plot)]
    steps = [one for one in records if issubclass(one, Step) and one not in previews]
    for kind, listed in (("plot", plots), ("step", steps)):
        seen: dict[str, Any] = {}
        for one in listed:
            if one.key in seen:
                yield f"{where(one)}: the {kind} {one.key!r} is also {where(seen[one.key])}"
            seen[one.key] = one
    parameters = [one for one in page.nodes if isinstance(one, Parameter)]
    yield from _same_names(parameters)
    yield from _same_options(page, parameters)
    views: dict[str, Any] = {}
    for plot in plots:
        if plot.view is not None:
            if plot.view_key() in views and views[plot.view_key()].view is not plot.view:
                yield f"{where(plot)}: the view {plot.view_key()!r} is declared twice"
            views[plot.view_key()] = plot


def _same_names(parameters: list[Parameter]) -> Iterator[str]:
    seen: dict[str, Parameter] = {}
    letters: dict[tuple[str, str], Parameter] = {}
    for one in parameters:
        place = _Place(one.owner, one.name)
        if one.name in seen:
            first = seen[one.name]
            yield (
                f"{place}: {one.name!r} is declared in {where(first.owner)} as well; the second "
                f"may say {first.owner.__name__}.{one.name}"
            )
        seen[one.name] = one
        found = (_MNEMONIC.search(text) for text in (one.label, one.more if one.fold else ""))
        for key in (letter.group(1).casefold() for letter in found if letter):
            # Two lower views are never in front together.
            for view in {*one.views, ""} if one.views else {view for view, _ in letters} | {""}:
                if (view, key) in letters:
                    yield f"{place}: Alt+{key.upper()} is also {letters[view, key]!r}"
                    break
            letters.update(dict.fromkeys(((view, key) for view in one.views or ("",)), one))


def _same_options(page: Any, parameters: list[Parameter]) -> Iterator[str]:
    """Two plots may mean their own axis by --log-y; one plot cannot."""
    seen: dict[str, list[Parameter]] = {}
    for one in parameters:
        option = one.option_name
        if option in OWN_OPTIONS:
            yield (
                f"{where(one.owner)}.{one.name}: --{option} is an option that every figure has; "
                f"say option= with another name"
            )
        for other in seen.get(option, ()):
            if option and any({one, other} <= page.made_of(plot) for plot in page.plots):
                yield f"{where(one.owner)}.{one.name}: the option --{option} is also {other!r}"
        seen.setdefault(option, []).append(one)
