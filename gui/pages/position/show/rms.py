"""The RMS of the output against the position: measured dots, exact curves, the mean's dashed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from gui.core.declare.marks import answer_of, maybe, value_of
from gui.core.declare.parameter import Offer, toggle
from gui.core.figure.arrays import Floats
from gui.core.figure.figure import Axis, Figure, Series
from gui.core.figure.palette import Dash
from gui.core.words.i18n import tr
from gui.pages.position.compute.exact import Exact, ExactCurves
from gui.pages.position.compute.measure import MOST, Hard, Measured, Soft, Softmax, Uniform
from gui.pages.position.compute.setting import (
    KINDS,
    Kind,
    has_hard,
    has_soft,
    has_softmax,
    has_uniform,
    operator_in_force,
)
from gui.pages.position.show.frame import OverPositions, kind_title, source_of

# No operator has one of these; the hard one is the ink everywhere.
_LOOKS: Mapping[Kind, tuple[str, Dash]] = {
    "uniform": ("c0", "solid"),
    "softmax": ("c1", "solid"),
    "hard": ("ink", "solid"),
}
_LIMIT: tuple[str, Dash] = ("c1", "sparse")


class RmsPlot(OverPositions, key="position.rms", title="RMS of the output"):
    """The trace that a causal mask leaves: the norm of the output falls with the position."""

    exact: ExactCurves = answer_of(Exact)
    uniform: Measured | None = maybe(Uniform, when=has_uniform)
    softmax: Measured | None = maybe(Softmax, when=has_softmax)
    hard: Measured | None = maybe(Hard, when=has_hard)
    soft: Measured | None = maybe(Soft, when=has_soft)
    operator: Offer = value_of(operator_in_force)
    rms_log: bool = toggle(True, undo="logarithmic axis", axis="y")

    def figure(self) -> Figure:
        """Return the plot."""
        mean = tr("s/√n: the mean of n independent values")
        series = [Series("mean", mean, self.exact.n, self.exact.mean, "muted", "dash")]
        for kind, limit in self.exact.limit.items():
            name = tr("softmax for long input, s √(exp(σ²)/n)")
            series.append(Series(f"{kind}.limit", name, self.exact.n, limit, *_LIMIT))
        for kind, curve in self._measured:
            series += self._of(kind, curve)
        low = min(float(np.nanmin(one.y)) for one in series if np.isfinite(one.y).any())
        high = max(float(np.nanmax(one.y)) for one in series if np.isfinite(one.y).any())
        return Figure(
            title=tr("RMS of the attention output against the position"),
            x=self.axis,
            y=Axis(
                tr("RMS over d features"),
                log=self.rms_log,
                limits=(0.8 * low, 1.25 * high) if self.rms_log and low > 0.0 else None,
            ),
            series=tuple(one.above(0.0 if self.rms_log else None) for one in series),
            cursors=(self.cursor,),
            note=tr(
                "Lines: exact. Dots: measured up to n = {n}, ± one standard error.",
                n=min(self.length, MOST),
            ),
            meta=source_of(self.spec),
        )

    @property
    def _measured(self) -> Iterator[tuple[Kind, Measured | None]]:
        for kind in KINDS:
            curve: Measured | None = getattr(self, kind)
            if curve is not None or kind in self.exact.known:
                yield kind, curve

    def _look(self, kind: Kind) -> tuple[str, Dash]:
        """Return the colour and dash of a kind: an operator has its own on every page."""
        return (self.operator.color, self.operator.dash) if kind == "soft" else _LOOKS[kind]

    def _of(self, kind: Kind, curve: Measured | None) -> list[Series]:
        color, dash = self._look(kind)
        name = kind_title(kind, self.operator.title)
        known = self.exact.known.get(kind)
        if known is not None:
            line = Series(kind, name, self.exact.n, known, color, dash, 2.5)
        else:
            assert curve is not None
            line = Series(kind, name, curve.n, curve.weighted, color, dash, 2.5)
        if curve is None:
            return [line]
        n = curve.n
        dots = Series(
            f"{kind}.measured",
            tr("{kind}, measured", kind=name),
            n,
            curve.rms,
            color,
            symbol="o",
            line=False,
            listed=False,
        )
        return [line, dots, _bars(kind, n, curve, color)]


def _bars(kind: Kind, n: Floats, curve: Measured, color: str) -> Series:
    """Return a stroke from one standard error below each dot to one above."""
    gap = np.full(n.shape, np.nan)
    low = np.maximum(curve.rms - curve.error, 0.0)
    y = np.stack([low, curve.rms + curve.error, gap], axis=1).ravel()
    x = np.repeat(n, 3)
    return Series(f"{kind}.error", tr("± one standard error"), x, y, color, width=1.0, listed=False)
