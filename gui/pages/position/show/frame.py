"""What several plots of the page say alike."""

from __future__ import annotations

import math
from types import MappingProxyType

from gui.core.declare.marks import value_of
from gui.core.declare.parameter import toggle
from gui.core.declare.records import Plot
from gui.core.figure.figure import Axis, Cursor
from gui.core.words.i18n import tr
from gui.core.words.numbers import format_value
from gui.pages.position.compute.setting import (
    KINDS,
    Kind,
    Place,
    Size,
    Spec,
    TokenSpec,
)


class OverPositions(Plot):
    """A plot over the positions, with the line at which they are read."""

    spec: TokenSpec = value_of(Spec)
    length: int = Size.length
    features: int = Size.features
    at: int = Place.at
    position_log: bool = toggle(True, undo="logarithmic axis", axis="x")

    @property
    def axis(self) -> Axis:
        """The positions."""
        low = 0.9 if self.position_log else 0.0
        label, limits = tr("position n (tokens seen)"), (low, 1.1 * self.length)
        return Axis(label, log=self.position_log, limits=limits)

    @property
    def cursor(self) -> Cursor:
        """What the RMS of one output says of its position."""
        return Cursor(
            "at",
            self.said,
            "x",
            float(self.at),
            draggable=True,
            bounds=(1.0, float(self.length)),
            step=1.0,
            color="accent",
            dash="solid",
        )

    @property
    def said(self) -> str:
        """The position as its RMS says it."""
        return says_itself(self.at, self.features)


def source_of(spec: TokenSpec) -> MappingProxyType[str, str]:
    """Return whose values they are, for exports."""
    return MappingProxyType({} if spec.ref is None else {"source": spec.ref.title})


def says_itself(n: int, features: int) -> str:
    """Return a position with the standard error that an RMS over d features has of it.

    Examples
    --------
    >>> says_itself(128, 64)
    'n = 128 ± 23'
    """
    error = n * math.sqrt(2.0 / features)
    return tr("n = {n} ± {error}", n=n, error=format_value(error, 2))


def kind_title(kind: Kind, operator: str = "") -> str:
    """Return what a kind of attention is called."""
    if kind == "soft" and operator:
        return tr("{kind}, {operator}", kind=tr(KINDS[kind]), operator=operator)
    return tr(KINDS[kind])
