"""A parameter, declared once: as the default of the field that uses it first.

The control and its range, the slice of the state, what a session file may hold, the words of undo,
the option of ``render``, the entry of the palette and "Copy as Python" all come from this record.
Other records refer to it: ``rank: int = Shared.rank``.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Literal, TypeVar, overload

from gui.core.declare.marks import Mark
from gui.core.figure.palette import Dash
from gui.frozen import dataclass

Kind = Literal["number", "choice", "many", "toggle", "stored"]
Bound = float | Callable[..., float]
K = TypeVar("K", bound=str)
T = TypeVar("T")


@dataclass(frozen=True)
class Offer:
    """One choice as it is shown, in the language in use; ``color`` "" has no curve beside it.

    ``short`` is what its row in a list of several says, its title where that is "".
    """

    key: str
    title: str
    tip: str = ""
    color: str = ""
    dash: Dash = "solid"
    short: str = field(default="", kw_only=True)


@dataclasses.dataclass(eq=False)
class Parameter(Mark):
    """What a person can set.

    Parameters
    ----------
    kind : str
        "number", "choice" (one key), "many" (a tuple of keys), "toggle", or "stored": no control
        of its own shows it (dragged points, pinned arrays).
    default : object
        The value of a first start.
    label, tip : str
        English; the label with its key ("&Rank r"), the tip with its formula.
    undo : str
        What the undo menu calls a change of it; by default its name in words.
    section : str
        Under which heading of the controls it stands; "" is the top.
    view : str
        Key of the lower view beside which it is shown, several with blanks between; "" is always.
    lower, upper : float or callable
        Bounds; a derived value says so now.
    whole : bool or callable
        Whether it is a whole number.
    unit : callable or None
        A value: what the number counts now, in the language in use; it stands behind the label.
    because : callable or None
        A value: what its bounds come from now, in the language in use; it stands behind them where
        a number is refused.
    log : bool
        The slider travels in equal ratios.
    step : float
        What an arrow of its box adds; 0 is a hundredth of the range.
    choices : mapping of str to str, or step or value
        Key to English title, or what lists them now, an :class:`Offer` each.
    at_least : int
        How many of the choices of a "many" stay ticked.
    tips : mapping of str to str
        What choices mean, by key, where they are a mapping.
    fold : int
        How many choices of a "many" are always in sight, 0 for all; ``more`` unfolds the others.
    filed : str
        The kind under which the search knows the choices of a "many" ("operator"): a person can
        have what is liked, or pinned, first.
    follows : (toggle, parameter) or None
        While the toggle is on, the value in force is the other's.
    axis : "x", "y" or ""
        The axis of every plot with this field whose log toggle it is.
    panel : bool
        Its control stands in the panel that the colour bar of a picture opens.
    when : callable or None
        A value: shown, and offered, only while it is true.
    enabled : callable or None
        A value: greyed out while it is false.
    why : str
        What its tooltip says while it is greyed out.
    gesture : bool
        Whether changes come in gestures, one undo step each; numbers always do.
    option : str
        Name of the option of ``render``; "" is the field's name, of the switch of an axis
        "log-x" or "log-y"; "-" is none.
    per_array : bool
        Remembered by array: one seen for the first time has the default, or ``suits(shape)``.
    saved : bool
        Whether a session and an exported picture carry it; one that is not and has no label is
        for command lines and scripts only.
    clean : callable or None
        Of a stored one: ``clean(value)`` returns what is allowed of a value from outside.
    """

    kind: Kind
    default: Any
    label: str = ""
    tip: str = ""
    undo: str = ""
    section: str = ""
    view: str = ""
    lower: Bound = -math.inf
    upper: Bound = math.inf
    whole: Any = False
    unit: Any = None
    because: Any = None
    log: bool = False
    step: float = 0.0
    choices: Any = field(default_factory=dict)
    at_least: int = 0
    tips: Mapping[str, str] = field(default_factory=dict)
    fold: int = 0
    more: str = "&More"
    filed: str = ""
    follows: Any = None
    axis: str = ""
    panel: bool = False
    when: Any = None
    enabled: Any = None
    why: str = ""
    gesture: bool = False
    option: str = ""
    per_array: bool = False
    suits: Any = None
    saved: bool = True
    clean: Callable[[Any], Any] | None = None
    # Filled in by the record in whose body it stands.
    name: str = ""
    owner: Any = None

    def bind(self, owner: type, name: str) -> None:
        """Say in which record, under which name, this stands."""
        self.owner, self.name = owner, name
        self.undo = self.undo or name.replace("_", " ")

    @property
    def views(self) -> tuple[str, ...]:
        """The lower views beside which it is shown; none is always."""
        return tuple(self.view.split())

    def stands_beside(self, view: str) -> bool:
        """Whether its control is shown while ``view`` is in front."""
        return not self.view or view in self.views

    @property
    def option_name(self) -> str:
        """The name of the option of ``render``, "" where there is none.

        Examples
        --------
        >>> Parameter("toggle", True, name="show_rules").option_name
        'show-rules'
        """
        axis = f"log-{self.axis}" if self.axis else ""
        name = self.option or axis or self.name.replace("_", "-")
        return "" if name == "-" else name

    @property
    def drags(self) -> bool:
        """Whether it changes in gestures."""
        return self.gesture or self.kind == "number"

    @property
    def sources(self) -> tuple[Any, ...]:
        """The values, steps and parameters that say what it may be now."""
        listed = None if isinstance(self.choices, Mapping) else self.choices
        found = (self.lower, self.upper, self.whole, listed)
        callables = (one for one in found if callable(one))
        others = (self.when, self.enabled, self.unit, self.because, *(self.follows or ()))
        return (*callables, *(one for one in others if one is not None))

    def __repr__(self) -> str:
        owner = getattr(self.owner, "__name__", "?")
        return f"{owner}.{self.name or '?'}"


@dataclass(frozen=True)
class Shorthand:
    """One option of ``render`` that sets several parameters: ``--row 3``, ``--by-index``.

    ``sets`` are fixed values by name; what is typed after the option is the value of the parameter
    ``typed``, "" for an option that stands alone. ``help`` is English.
    """

    name: str
    sets: Mapping[str, Any]
    typed: str = ""
    help: str = ""

    @property
    def parameters(self) -> frozenset[str]:
        """The names of the parameters that it sets."""
        return frozenset({*self.sets, *([self.typed] if self.typed else [])})


@overload
def number(
    default: int, between: tuple[Bound, Bound], label: str, tip: str, **more: Any
) -> int: ...
@overload
def number(
    default: float, between: tuple[Bound, Bound], label: str, tip: str, **more: Any
) -> float: ...
def number(default: float, between: tuple[Bound, Bound], label: str, tip: str, **more: Any) -> Any:
    """Declare a number between two bounds; whole where its default is."""
    more.setdefault("whole", isinstance(default, int))
    lower, upper = between
    return Parameter("number", default, label, tip, lower=lower, upper=upper, **more)


def choice(
    default: K, choices: Mapping[K, str] | Callable[..., Any], label: str, tip: str, **more: Any
) -> K:
    """Declare a choice among keys with titles, or among what a step lists."""
    return Parameter("choice", default, label, tip, choices=choices, **more)  # type: ignore[return-value]


def many(
    default: tuple[K, ...],
    choices: Mapping[K, str] | Callable[..., Any],
    label: str,
    tip: str,
    **more: Any,
) -> tuple[K, ...]:
    """Declare a choice of several; they are kept in the order in which they are listed."""
    return Parameter("many", default, label, tip, choices=choices, **more)  # type: ignore[return-value]


def toggle(default: bool, label: str = "", tip: str = "", **more: Any) -> bool:
    """Declare a switch."""
    return Parameter("toggle", default, label, tip, **more)  # type: ignore[return-value]


def stored(default: T, undo: str, **more: Any) -> T:
    """Declare a value that no control of its own shows: dragged points, pinned arrays."""
    return Parameter("stored", default, undo=undo, option="-", **more)  # type: ignore[return-value]
