"""What a plot shows: its figure, table or read-outs, with what the house fills in.

A plot of a picture says ``look: Look = value_of(colours("name"))``: then its colour bar opens a
panel, and colour map, levels and scale are parameters as all others are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar

from gui.core.declare.answers import Missing
from gui.core.declare.marks import Source
from gui.core.declare.moment import Moment
from gui.core.declare.parameter import Parameter, choice, number, toggle
from gui.core.declare.records import Plot, Value, needs
from gui.core.figure.figure import Figure, Image
from gui.core.figure.levels import coloured, levels_in_force
from gui.core.figure.look import (
    FARTHEST,
    LEVELS_CHOICES,
    MAP_CHOICES,
    TIPS,
    LevelsChoice,
    Look,
    MapChoice,
    Range,
)
from gui.core.figure.table import Table, table_of_rows
from gui.core.words.i18n import tr
from gui.frozen import dataclass


@dataclass(frozen=True, eq=False)
class Picture:
    """What a plot shows of ``subject``; ``behind``: it is not of the present moment.

    The axes are those of ``fitted`` (see `Page`).
    """

    plot: Plot
    drawn: Figure | Table
    behind: bool = False
    subject: Any = None
    fitted: Any = None

    @property
    def figure(self) -> Figure | None:
        """The figure, None of a table."""
        return self.drawn if isinstance(self.drawn, Figure) else None

    @property
    def table(self) -> Table | None:
        """The table; read-outs are one, too."""
        return self.drawn if isinstance(self.drawn, Table) else None


def picture_of(plot: Plot, moment: Moment, behind: bool = False) -> Picture:
    """Return what ``plot`` shows at a moment.

    A key and a title that it does not say are filled in, and the parameters that made it.
    """
    kind = type(plot)
    drawn: Figure | Table
    if kind.form() == "figure":
        drawn = plot.figure()
    elif kind.form() == "table":
        drawn = plot.table()
    else:
        drawn = table_of_rows(plot.rows(), tr("Read-out"), tr("Value"))
        # What the tooltips say of where the numbers come from, an export says above them.
        drawn = replace(drawn, meta=MappingProxyType(dict(getattr(plot, "meta", {}))))
    filled: dict[str, Any] = {
        "key": drawn.key or kind.key,
        "title": drawn.title or tr(kind.title),
        "meta": MappingProxyType({**meta_of(moment, kind), **drawn.meta}),
    }
    if isinstance(drawn, Figure):
        filled["link"] = drawn.link or kind.link
        look = next((one for one in vars(plot).values() if isinstance(one, Look)), None)
        if look is not None:
            filled["images"] = tuple(coloured(image, look) for image in drawn.images)
    fitted = moment.look(moment.page.fitted or moment.page.subject)
    return Picture(plot, replace(drawn, **filled), behind, moment.subject, fitted)


def meta_of(moment: Moment, plot: type[Plot]) -> dict[str, str]:
    """Return every parameter that a plot depends on as an export says it, in force.

    One that no session keeps (see `Parameter.saved`) is none of them, nor one that is not offered
    or greyed out now: it counts for nothing.
    """
    found: dict[str, str] = {}
    for one in moment.page.of_plot(plot):
        if one.kind == "stored" or not one.saved:
            continue
        value = moment.look(one) if moment.is_shown(one) and moment.is_enabled(one) else None
        if value is not None and not isinstance(value, Missing):
            found[one.name] = f"{in_words(value)} {moment.words(one.unit)}".rstrip()
    return found


def in_words(value: Any) -> str:
    """Return a value as it stands in an export or on a command line.

    Examples
    --------
    >>> in_words(0.5), in_words(True), in_words(("a", "b"))
    ('0.5', 'yes', 'a b')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


# -- the colours of a picture -----------------------------------------------------------------

_RANGE = ("levels", "low", "high")


class Colours(Value):
    """How a picture is coloured, made of parameters; `colours` makes one of these for each.

    ``parts`` has the parameter of each part: map, reversed, log, levels, low, high and shared.
    ``first`` is that of the picture whose levels it shares.
    """

    parts: ClassVar[Mapping[str, Parameter]] = {}
    first: ClassVar[type[Colours] | None] = None

    def value(self) -> Look:
        """Return the look."""
        said = {part: vars(self)[one.name] for part, one in self.parts.items()}
        own = Range(*(said.pop(part) for part in _RANGE))
        if self.first is None:
            return Look(range=own, **said)
        lead = Range(*(vars(self)[self.first.parts[part].name] for part in _RANGE))
        return Look(range=own, lead=lead, **said)


def colours(name: str, *, several: bool = False, first: type[Colours] | None = None) -> Any:
    """Return the value that a picture's plot has as its ``look``, with parameters of its own.

    Parameters
    ----------
    name : str
        What their names begin with: "matrix" makes matrix_levels.
    several : bool
        It is the first of several pictures side by side, which share its levels until a person
        unlocks them.
    first : value or None
        The first of these: map, scale and lock are its own, levels are there for when they are
        unlocked.

    Examples
    --------
    >>> [one.name for one in colours("heat").parts.values()][:3]
    ['heat_colours', 'heat_reversed', 'heat_symlog']
    """
    made = _of_range(first)
    parts = {**(_of_map(several) if first is None else _common(first)), **made}
    own = {part: one for part, one in parts.items() if one.owner is None}
    fields: dict[str, Any] = {_name(name, part): one for part, one in own.items()}
    hints = {_name(name, part): _HINTS[part] for part in own}
    if first is not None:
        shared = {one.name: (one, _HINTS[part]) for part, one in first.parts.items()}
        fields.update({key: one for key, (one, _) in shared.items()})
        hints.update({key: hint for key, (_, hint) in shared.items()})
    body = {"__annotations__": hints, "__module__": __name__, "__doc__": Colours.__doc__}
    title = f"{name.title().replace('_', '')}Colours"
    return type(title, (Colours,), {**body, **fields, "parts": parts, "first": first})


_HINTS: Mapping[str, Any] = {
    "map": MapChoice,
    "levels": LevelsChoice,
    **dict.fromkeys(("reversed", "log", "shared"), bool),
    **dict.fromkeys(("low", "high"), float),
}
_CALLED = {"map": "colours", "log": "symlog"}  # "heat_map" would be another thing


def _name(name: str, part: str) -> str:
    return f"{name}_{_CALLED.get(part, part)}"


def _common(first: type[Colours]) -> dict[str, Parameter]:
    return {part: one for part, one in first.parts.items() if part not in _RANGE}


def _of_map(several: bool) -> dict[str, Any]:
    def switch(part: str, default: bool, undo: str, option: str) -> Any:
        return toggle(default, tip=TIPS[part], undo=undo, option=option, panel=True)

    tip, undo = TIPS["map"], "colour map"
    parts: dict[str, Any] = {
        "map": choice("auto", MAP_CHOICES, "", tip, undo=undo, option="colours", panel=True),
        "reversed": switch("reversed", False, "reversed colours", "reversed"),
        "log": switch("log", False, "logarithmic colours", "symlog"),
    }
    if several:
        parts["shared"] = switch("shared", True, "shared levels", "shared-levels")
    return parts


def _of_range(first: type[Colours] | None) -> dict[str, Any]:
    def option(part: str) -> str:
        # Of pictures that share levels --levels are the shared ones.
        return part if first is None else ""

    levels: Any = choice(
        *("auto", LEVELS_CHOICES, "", TIPS["levels"]),
        undo="levels",
        option=option("levels"),
        panel=True,
    )

    def by_hand(levels: LevelsChoice = levels) -> bool:
        return levels == "hand"

    def level(part: str, default: float, undo: str) -> Any:
        return number(
            *(default, (-FARTHEST, FARTHEST), "", TIPS[part]),
            undo=undo,
            option=option(part),
            enabled=by_hand,
            why="The levels are not by hand.",
            panel=True,
        )

    low, high = level("low", 0.0, "low level"), level("high", 1.0, "high level")
    return {"levels": levels, "low": low, "high": high}


def colours_of(plot: type[Plot]) -> type[Colours] | None:
    """Return the colours of a plot's picture; None where it has none."""
    for need in needs(plot):
        node = need.node if isinstance(need.source, Source) else None
        if isinstance(node, type) and issubclass(node, Colours):
            return node
    return None


def recoloured(kind: type[Colours], image: Image, part: str, value: Any) -> dict[str, Any]:
    """Return the parameters that change when a person sets a part of the colours of ``image``.

    A level that is moved is by hand from then on, and so is the other one. Of a picture that shares
    levels those of the first are set; about 0, as a residual has them, the middle of these stays.
    """
    look = image.look or Look()
    follows = kind.first is not None and bool(look.shared)
    parts = {**kind.parts}
    if kind.first is not None and follows:
        parts |= {part: kind.first.parts[part] for part in _RANGE}
    moves = part in ("low", "high")
    if not moves and (part, value) != ("levels", "hand"):
        return {parts[part].name: value}
    low, high = levels_in_force(image)
    if follows and image.difference and image.of is not None:
        low, high = levels_in_force(coloured(image.of, replace(look, range=look.lead or Range())))
        if moves:
            middle, reach = 0.5 * low + 0.5 * high, abs(float(value))
            low, high = middle - reach, middle + reach
    elif moves:
        low, high = (float(value), high) if part == "low" else (low, float(value))
    found = {"levels": "hand", "low": low, "high": high}
    return {parts[key].name: one for key, one in found.items()}
