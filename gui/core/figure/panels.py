"""Several figures as the panels of one picture, lettered, under one legend; plain data."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from gui.core.figure.figure import Figure
from gui.frozen import dataclass

MOST_PANELS = 12
LETTERS = "abcdefghijkl"


@dataclass(frozen=True, eq=False)
class Panels:
    """Figures side by side, row by row from the top left.

    ``columns`` 0 makes the grid about as wide as high. ``letters`` writes (a), (b), ... before the
    titles; ``shared_legend`` has one legend below all panels name every curve once, unless two
    panels say different things by one name. ``exporter`` is as of a figure.
    """

    figures: tuple[Figure, ...]
    columns: int = 0
    letters: bool = True
    shared_legend: bool = True
    exporter: Callable[[Any, str], bytes] | None = field(default=None, repr=False)

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns.

        Examples
        --------
        >>> Panels((Figure(),) * 3).grid, Panels((Figure(),) * 3, columns=3).grid
        ((2, 2), (1, 3))
        """
        count = max(len(self.figures), 1)
        columns = min(self.columns or math.ceil(math.sqrt(count)), count)
        return math.ceil(count / columns), columns

    def letter(self, place: int) -> str:
        """Return what stands before the title of a panel, "" for nothing."""
        return f"({LETTERS[place]})" if self.letters and len(self.figures) > 1 else ""

    @property
    def key(self) -> str:
        """The keys of its figures, a plus between."""
        return "+".join(figure.key for figure in self.figures)

    @property
    def title(self) -> str:
        """The titles of its figures."""
        return "; ".join(figure.title for figure in self.figures)

    @property
    def meta(self) -> Mapping[str, str]:
        """What no two figures say differently, once; the rest by the key of its figure."""
        said: dict[str, set[str]] = {}
        for figure in self.figures:
            for name, value in figure.meta.items():
                said.setdefault(name, set()).add(value)
        return {
            name if len(said[name]) == 1 else f"{figure.key}: {name}": value
            for figure in self.figures
            for name, value in figure.meta.items()
        }

    @property
    def state(self) -> Mapping[str, Any]:
        """What restores the page they are all of."""
        return next((figure.state for figure in self.figures if figure.state), {})

    def _repr_svg_(self) -> str | None:
        """Return the drawing as a notebook shows it."""
        return self.exporter(self, "svg").decode() if self.exporter is not None else None

    def _repr_png_(self) -> bytes | None:
        """Return the picture for what shows no SVG."""
        return self.exporter(self, "png") if self.exporter is not None else None


Shown = Figure | Panels


@dataclass(frozen=True)
class Arranged:
    """Which figures are panels, by their keys, and how they stand; the fields are of `Panels`."""

    figures: tuple[str, ...]
    columns: int = 0
    letters: bool = True
    shared_legend: bool = True

    @classmethod
    def read(cls, found: Any) -> Arranged | None:
        """Return what a file says of its panels, None where it says nothing that can be meant.

        Examples
        --------
        >>> Arranged.read({"figures": ["a.b"], "columns": 99}), Arranged.read("x")
        (Arranged(figures=('a.b',), columns=12, letters=True, shared_legend=True), None)
        """
        if not isinstance(found, dict) or not isinstance(found.get("figures"), list):
            return None
        keys = tuple(one for one in found["figures"][:MOST_PANELS] if isinstance(one, str))
        columns = found.get("columns", 0)
        count = columns if type(columns) is int else 0
        return cls(
            keys,
            min(max(count, 0), MOST_PANELS),
            bool(found.get("letters", True)),
            bool(found.get("shared_legend", True)),
        )


def remember_panels(settings: Any, page: str, arranged: Arranged) -> None:
    """Keep which plots of a page were panels the last time: the dialog starts with them."""
    settings.set_value("export/columns", arranged.columns)
    settings.set_value("export/letters", arranged.letters)
    settings.set_value("export/shared_legend", arranged.shared_legend)
    settings.set_value(f"export/panels/{page}", " ".join(arranged.figures))


def figures_of(shown: Shown) -> tuple[Figure, ...]:
    """Return the figures that a picture is made of."""
    return shown.figures if isinstance(shown, Panels) else (shown,)
