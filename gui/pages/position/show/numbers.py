"""The numbers at the position that is read."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gui.core.declare.marks import answer_of, maybe, value_of
from gui.core.declare.records import Plot
from gui.core.figure.table import Row
from gui.core.words.i18n import tr
from gui.core.words.numbers import format_value
from gui.pages.position.compute.exact import Scale
from gui.pages.position.compute.measure import Hard, Measured, Soft, Softmax, Uniform
from gui.pages.position.compute.setting import (
    KINDS,
    Kind,
    Place,
    Size,
    Spec,
    TokenSpec,
    has_hard,
    has_soft,
    has_softmax,
    has_uniform,
)
from gui.pages.position.show.frame import says_itself


class AtN(Plot, key="position.at_n", title="At this position", section="Read-outs"):
    """RMS, tokens that count and entropy of every kind at the position read."""

    s: float = answer_of(Scale)
    features: int = Size.features
    at: int = Place.at
    uniform: Measured | None = maybe(Uniform, when=has_uniform)
    softmax: Measured | None = maybe(Softmax, when=has_softmax)
    hard: Measured | None = maybe(Hard, when=has_hard)
    soft: Measured | None = maybe(Soft, when=has_soft)

    def rows(self) -> list[Row]:
        """Return them."""
        said = tr("What the RMS of one output says of its position: n (1 ± √(2/d))")
        spread = ((self.at, "n"), (self.at * float(np.sqrt(2.0 / self.features)), "±"))
        rows = [Row(tr("Says itself as"), says_itself(self.at, self.features), said, spread)]
        for kind, curve in self._curves():
            place = int(np.argmin(np.abs(curve.n - self.at)))
            n, rms = int(curve.n[place]), float(curve.weighted[place])
            counts = (self.s / rms) ** 2 if rms > 0.0 else float("nan")
            bits = float(curve.entropy[place] / np.log(2.0))
            values = {
                "rms": format_value(rms, 3),
                "tokens": format_value(counts, 3),
                "entropy": format_value(bits, 3),
            }
            words = tr("RMS {rms}; {tokens} tokens; {entropy} bits", **values)
            tip = tr("At n = {n}: RMS, tokens that count 1/Σa², entropy of the weights", n=n)
            full = ((rms, tr("RMS")), (counts, tr("tokens")), (bits, tr("bits")))
            rows.append(Row(tr(KINDS[kind]), words, tip, full))
        return rows

    def _curves(self) -> Iterator[tuple[Kind, Measured]]:
        for kind in KINDS:
            curve: Measured | None = getattr(self, kind)
            if curve is not None:
                yield kind, curve


def summary(
    spec: TokenSpec = value_of(Spec), length: int = Size.length, features: int = Size.features
) -> str:
    """Return one line about what is shown."""
    name = tr("random values") if spec.ref is None else spec.ref.title
    return tr("{name}, n = {n}, d = {d}", name=name, n=length, d=features)
