"""A page, read off its records: what there is, and what hangs on what.

``contents.py`` of a page lists its plots and shared parameters; everything else (steps, values,
views, parameters, the slice of the state) is found by following the marks.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from functools import cache, cached_property
from typing import Any, Literal

from gui.core.declare.check import faults
from gui.core.declare.parameter import Parameter, Shorthand
from gui.core.declare.records import DeclarationError, Need, Plot, Record, Step, View, needs
from gui.core.state.document import Opened
from gui.core.state.remembered import Remembered
from gui.frozen import dataclass


@dataclass(frozen=True, eq=False)
class Page:
    """Everything a page is.

    Parameters
    ----------
    key : str
        Slice of the state and folder under ``gui/pages``.
    title : str
        English title of its tab.
    shared : tuple of Record
        Parameters in the order of their controls; those of plots and steps follow.
    plots : tuple of Plot
        What it draws and lists, in the order of the screen.
    given : tuple of type
        What comes from outside.
    subject : value or type
        What the page is about: answers about another subject are never drawn anew.
    fitted : value or type
        Another of these has every axis fitted anew, and a person's zoom dropped; while it is the
        same, axes stand still. The subject where nothing is said.
    keeps : bool
        Whether the last picture stays, dimmed, where another subject is refused; otherwise its
        plot says why in its place.
    summary : value
        One line for the status bar.
    refused : value
        The same of what cannot be computed: where what ``summary`` is made of is refused.
    as_chosen : value
        What a call says beside its parameters (a second array), as the fields of the slice that a
        person would have chosen it by, by their names: so a picture carries it.
    also : tuple of step or value
        What the screen shows beside the plots, wanted whatever lower view is in front: numbers
        behind check boxes.
    sections : tuple of str
        Headings of the controls, in their order, below those without a heading and the view's.
    place : "centre" or "dock"
        A tab in the centre, or a dock at the left.
    aliases : mapping of str to str
        Former names of figures, to the keys they have now.
    presets : mapping of str to mapping
        What such a name sets beside, by parameter: a figure that is one of its plots now.
    shorthands : tuple of Shorthand
        Options of ``render`` that set several parameters.

    Raises
    ------
    DeclarationError
        With a line for every fault.
    """

    key: str
    title: str
    plots: tuple[type[Plot], ...] = ()
    shared: tuple[type[Record], ...] = ()
    given: tuple[type, ...] = (Opened,)
    subject: Any = Opened
    fitted: Any = None
    keeps: bool = False
    summary: Callable[..., str] | None = None
    refused: Callable[..., str] | None = None
    as_chosen: Callable[..., Mapping[str, Any]] | None = None
    also: tuple[Any, ...] = ()
    sections: tuple[str, ...] = ()
    place: Literal["centre", "dock"] = "centre"
    aliases: dict[str, str] = field(default_factory=dict)
    presets: dict[str, dict[str, Any]] = field(default_factory=dict)
    shorthands: tuple[Shorthand, ...] = ()

    def __post_init__(self) -> None:
        if found := list(faults(self)):
            raise DeclarationError("\n  ".join((f"page {self.key!r}:", *found)))

    # -- what there is ----------------------------------------------------------------------

    @cached_property
    def nodes(self) -> tuple[Any, ...]:
        """Every record, function, kind of given and parameter, what it is made of first."""
        found: dict[Any, None] = {}
        for root in self._roots():
            _gather(root, found)
        return tuple(found)

    def _roots(self) -> Iterator[Any]:
        for record in self.shared:
            yield from parameters_of(record)
        said = (self.subject, self.fitted, self.summary, self.refused, self.as_chosen)
        yield from (one for one in said if one is not None)
        yield from self.plots
        yield from self.also

    @cached_property
    def steps(self) -> tuple[type[Step], ...]:
        """Every step, what it needs first."""
        return tuple(one for one in self.nodes if isinstance(one, type) and issubclass(one, Step))

    @cached_property
    def step_set(self) -> frozenset[Any]:
        """Every step."""
        return frozenset(self.steps)

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """Every parameter by name: the shared ones, then in the order of the plots."""
        shared = (one for record in self.shared for one in parameters_of(record))
        others = (one for one in self.nodes if isinstance(one, Parameter))
        return {one.name: one for one in (*shared, *others)}

    @cached_property
    def views(self) -> dict[str, View]:
        """The lower views by key, in the order of their plots."""
        return {plot.view.key: plot.view for plot in self.plots if plot.view is not None}

    def plots_of(self, view: str) -> tuple[type[Plot], ...]:
        """Return what is on the screen while ``view`` is in front."""
        return self._plots_of.get(view, self._plots_of[""])

    def drawn_of(self, view: str) -> tuple[type[Plot], ...]:
        """Return what is on the screen in the order of drawing: above, and what is large, first."""
        return self._drawn_of.get(view, self._drawn_of[""])

    @cached_property
    def _drawn_of(self) -> dict[str, tuple[type[Plot], ...]]:
        def rank(plot: type[Plot]) -> tuple[bool, int]:
            return plot.view is not None, -plot.share

        return {view: tuple(sorted(plots, key=rank)) for view, plots in self._plots_of.items()}

    def controls_of(self, view: str) -> tuple[Parameter, ...]:
        """Return the parameters whose controls are shown while ``view`` is in front."""
        return self._controls_of.get(view, self._controls_of[""])

    @cached_property
    def _controls_of(self) -> dict[str, tuple[Parameter, ...]]:
        listed = self.parameters.values()
        return {
            view: tuple(one for one in listed if one.stands_beside(view))
            for view in ("", *self.views)
        }

    @cached_property
    def _plots_of(self) -> dict[str, tuple[type[Plot], ...]]:
        return {
            view: tuple(plot for plot in self.plots if plot.view_key() in ("", view))
            for view in ("", *self.views)
        }

    def plot(self, key: str) -> type[Plot] | None:
        """Return the plot ``key``, with or without the page before it, or by a former name."""
        key = self.aliases.get(key, key)
        names = (key, f"{self.key}.{key}")
        return next((plot for plot in self.plots if plot.key in names), None)

    # -- what hangs on what -----------------------------------------------------------------

    def made_of(self, node: Any) -> frozenset[Any]:
        """Return everything that ``node`` is made of, itself included."""
        return self._made_of[node]

    @cached_property
    def _made_of(self) -> dict[Any, frozenset[Any]]:
        found: dict[Any, frozenset[Any]] = {}
        for node in self.nodes:  # what it is made of comes first
            parts = (found[one] for one in sources(node))
            found[node] = frozenset({node}).union(*parts)
        return found

    @cached_property
    def affected(self) -> dict[Any, frozenset[Any]]:
        """What has to be looked at again when a node changes, itself included."""
        found: dict[Any, set[Any]] = {node: set() for node in self.nodes}
        for node, parts in self._made_of.items():
            for part in parts:
                found[part].add(node)
        return {node: frozenset(those) for node, those in found.items()}

    def affected_by(self, nodes: Iterable[Any]) -> frozenset[Any]:
        """Return what has to be looked at again when any of ``nodes`` changes."""
        return frozenset().union(*(self.affected.get(one, frozenset()) for one in nodes))

    def plots_among(self, nodes: Iterable[Any]) -> set[type[Plot]]:
        """Return the plots among ``nodes``."""
        return set(self.plots).intersection(nodes)

    def steps_of(self, consumers: Iterable[Any]) -> frozenset[type[Step]]:
        """Return the steps that may be asked for plots, parameters, values or steps."""
        return frozenset().union(*(self.beneath[one] for one in consumers))

    @cached_property
    def beneath(self) -> dict[Any, frozenset[type[Step]]]:
        """The steps that may be asked for each node, itself included."""
        found: dict[Any, frozenset[type[Step]]] = {}
        for node in self.nodes:  # what it is made of comes first
            mine = () if _is_given(node) else needs(node)
            parts = (found[need.node] for need in mine)
            found[node] = frozenset({node} if _is_step(node) else ()).union(*parts)
        return found

    def answers_to(self, plot: type[Plot]) -> tuple[type[Step], ...]:
        """Return the steps whose answers a plot cannot do without, whatever the values."""
        return self._answers_to[plot]

    @cached_property
    def _answers_to(self) -> dict[type[Plot], tuple[type[Step], ...]]:
        return {
            plot: tuple(
                need.node
                for need in self.trails[plot].needed
                if need.node in self.step_set and need.when is None
            )
            for plot in self.plots
        }

    def of_plot(self, plot: type[Plot]) -> tuple[Parameter, ...]:
        """Return the parameters that a plot depends on, in the page's order."""
        return self._of_plot[plot]

    @cached_property
    def _of_plot(self) -> dict[type[Plot], tuple[Parameter, ...]]:
        mine = self.parameters.values()
        return {
            plot: tuple(one for one in mine if one in self.made_of(plot)) for plot in self.plots
        }

    def only_drawn(self, plot: type[Plot]) -> frozenset[str]:
        """Return the fields of a plot that nothing computed for it depends on: log flags, marks."""
        return self._only_drawn[plot]

    @cached_property
    def _only_drawn(self) -> dict[type[Plot], frozenset[str]]:
        return {plot: self._drawn_only(plot) for plot in self.plots}

    def _drawn_only(self, plot: type[Plot]) -> frozenset[str]:
        computed: frozenset[Any] = frozenset()
        for need in needs(plot):
            if any(_is_step(part) for part in self.made_of(need.node)):
                computed |= self.made_of(need.node)
        free = (need for need in needs(plot) if need.node not in computed)
        return frozenset(
            need.field for need in free if not (self.made_of(need.node) - {need.node}) & computed
        )

    @cached_property
    def trails(self) -> dict[Any, Trail]:
        """Where the questions behind each node are found: walked at every event."""
        return {node: self._trail(node) for node in self.nodes}

    def _trail(self, node: Any) -> Trail:
        mine = () if _is_given(node) else needs(node)
        first = tuple(need for need in mine if not need.optional)
        return Trail(
            self.beneath[node],
            tuple(need for need in first if self.beneath[need.node]),
            first,
            tuple(need for need in mine if need.optional and self.beneath[need.node]),
        )

    # -- the slice of the state -------------------------------------------------------------

    @cached_property
    def state(self) -> type:
        """The page's slice: every parameter once, the view in front, what arrays remember."""
        fields: list[tuple[str, Any, Any]] = [
            (one.name, type_of(one), dataclasses.field(default=one.default))
            for one in self.parameters.values()
        ]
        if self.views:
            first = next(iter(self.views))
            fields.append(("view", Literal[tuple(self.views)], dataclasses.field(default=first)))
        if any(one.per_array for one in self.parameters.values()):
            kept = tuple[Remembered, ...]
            fields.append(("remembered", kept, dataclasses.field(default=())))
        name = self.key.title().replace("_", "") + "State"
        bare = dataclasses.make_dataclass(
            name, fields, namespace={"__doc__": self.title}, init=False, repr=False, eq=False
        )
        return dataclass(frozen=True)(bare)


@dataclass(frozen=True, eq=False)
class Trail:
    """Where the questions behind a node are found.

    ``steps`` are all that may be asked for it; ``needed`` are those of its needs that lead to one,
    as are ``better``, which it is only better with; ``first`` is all that must be there before
    these count.
    """

    steps: frozenset[type[Step]]
    needed: tuple[Need, ...]
    first: tuple[Need, ...]
    better: tuple[Need, ...]


def parameters_of(record: type[Record]) -> Iterator[Parameter]:
    """Yield the parameters declared in a record."""
    for need in needs(record):
        if isinstance(need.source, Parameter) and need.source.owner is record:
            yield need.source


@cache
def sources(node: Any) -> tuple[Any, ...]:
    """Return what a node is made of directly."""
    return () if _is_given(node) else tuple(_sources(node))


def _sources(node: Any) -> Iterator[Any]:
    if isinstance(node, type) and issubclass(node, Step) and node.preview is not None:
        yield node.preview
    if isinstance(node, type) and issubclass(node, Plot) and node.view is not None:
        yield from () if node.view.when is None else (node.view.when,)
    for need in needs(node):
        if need.when is not None:
            yield need.when
        yield need.node


def _gather(node: Any, found: dict[Any, None]) -> None:
    if node in found:
        return
    for one in sources(node):
        _gather(one, found)
    found[node] = None


def _is_given(node: Any) -> bool:
    """Whether a node comes from outside."""
    return isinstance(node, type) and not issubclass(node, Record)


def _is_step(node: Any) -> bool:
    return isinstance(node, type) and issubclass(node, Step)


def type_of(parameter: Parameter) -> Any:
    """Return the type a parameter was declared with."""
    hint = parameter.owner.__annotations__[parameter.name]
    names = vars(sys.modules[parameter.owner.__module__])
    return eval(hint, dict(names)) if isinstance(hint, str) else hint
