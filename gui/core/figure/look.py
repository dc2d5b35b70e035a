"""How a person wants a picture coloured, as plain data; what it makes of one is in ``levels``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from gui.frozen import dataclass

MapChoice = Literal["auto", "sequential", "grey", "warm", "diverging", "purple_green"]
MAP_CHOICES: Mapping[MapChoice, str] = {
    "auto": "automatic",
    "sequential": "blue to yellow",
    "grey": "grey",
    "warm": "red to yellow",
    "diverging": "signed, blue to red",
    "purple_green": "signed, purple to green",
}
LevelsChoice = Literal["auto", "full", "middle", "symmetric", "hand"]
LEVELS_CHOICES: Mapping[LevelsChoice, str] = {
    "auto": "automatic",
    "full": "full range",
    "middle": "1 to 99 %",
    "symmetric": "symmetric about 0",
    "hand": "by hand",
}
FARTHEST = 1e300  # that a level by hand may be from 0
# What each part means, in English: tooltips, and the help of ``render``.
TIPS: Mapping[str, str] = {
    "map": "Evenly growing maps for numbers of one sign; signed ones have 0 in their middle",
    "reversed": "The colour map runs the other way",
    "log": "Colours go by asinh(value / c), c a thousandth of the larger level: logarithmic for "
    "both signs, linear about 0",
    "shared": "The pictures side by side have the levels of the first; otherwise each has its own",
    "levels": "Which of the values shown have the first and the last colour; automatic: as far as "
    "three times what 99 % do not exceed, or what the plot suggests",
    "low": "The value of the first colour, where levels are by hand",
    "high": "The value of the last colour, where levels are by hand",
}


@dataclass(frozen=True)
class Range:
    """Which values have the first and the last colour: a rule, or ``low`` and ``high`` by hand."""

    levels: LevelsChoice = "auto"
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class Look:
    """Colour map, its direction, its scale and its levels; "auto" is what the plot suggests.

    ``shared`` is None of a picture that stands alone. Of several side by side it says whether all
    have the levels of the first, whose range is ``lead``.
    """

    map: MapChoice = "auto"
    reversed: bool = False
    log: bool = False
    range: Range = Range()
    shared: bool | None = None
    lead: Range | None = None
