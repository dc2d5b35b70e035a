"""The singular value spectrum, with the rank line and what lies over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gui.core.declare.marks import answer_of, answers_of, maybe
from gui.core.declare.parameter import toggle
from gui.core.declare.records import Plot
from gui.core.figure.arrays import Floats
from gui.core.figure.figure import Axis, Band, Cursor, Figure, Series, Span
from gui.core.figure.palette import category
from gui.core.figure.pictures import whole_ticks
from gui.core.state.document import Opened
from gui.core.words.i18n import tr
from gui.pages.spectrum.compute.analysis import Analysis
from gui.pages.spectrum.compute.matrix import Analyse
from gui.pages.spectrum.compute.pins import PinnedSpectrum
from gui.pages.spectrum.compute.rules import RuleRow, Rules, agreement, rules_on_plot
from gui.pages.spectrum.compute.shared import Quantity, Shared
from gui.pages.spectrum.show.frame import meta_of
from gui.pages.spectrum.show.rules import worth

EPS = float(np.finfo(np.float64).eps)
MARKED = 96


def not_energy(quantity: Quantity = Shared.quantity) -> bool:
    """Return whether values are plotted, which can be divided and drawn on a log axis."""
    return quantity != "energy"


class Values(Plot, key="spectrum.values", title="Singular value spectrum", share=2):
    """The spectrum with the rank line, its certified band, pinned spectra and rank rules."""

    analysis: Analysis = answer_of(Analyse)
    rank: int = Shared.rank
    quantity: Quantity = Shared.quantity
    log_y: bool = toggle(
        True,
        "Logarithmic &y",
        "Equal ratios, equal distances",
        undo="logarithmic y",
        section="Spectrum plot",
        enabled=not_energy,
        why="The energy share lies between 0 and 1 on a linear axis.",
        axis="y",
    )
    log_x: bool = toggle(
        False,
        "Logarithmic &x",
        "Power laws become straight lines",
        undo="logarithmic x",
        section="Spectrum plot",
        axis="x",
    )
    normalised: bool = toggle(
        False,
        "&Divide by σ₁",
        "σᵢ / σ₁: compare matrices",
        undo="division by σ₁",
        section="Spectrum plot",
        enabled=not_energy,
        why="The energy share lies between 0 and 1 on a linear axis.",
    )
    rules: tuple[RuleRow, ...] | None = maybe(Rules, when=rules_on_plot)
    pinned: Mapping[Opened, Analysis] = answers_of(PinnedSpectrum)

    def figure(self) -> Figure:
        """Return the plot."""
        analysis, rank = self.analysis, self.rank
        limit = min(analysis.shape)
        main = _Curve(analysis, self.quantity, self.normalised)
        log_y = self.log_y and self.quantity != "energy" and analysis.sigma1 > 0.0
        log_x = self.log_x and limit > 1
        series = [*main.series("main", analysis.data.title, 0, log_y)]
        overlays = tuple(self.pinned.values())
        for index, other in enumerate(overlays):
            curve = _Curve(other, self.quantity, self.normalised)
            series += curve.series(f"overlay{index}", other.data.title, index + 1, log_y)
        rules = self.rules or ()
        bands = main.bands(log_y)
        return Figure(
            x=Axis(
                tr("rank r") if self.quantity == "energy" else tr("index i"),
                log=log_x,
                limits=_index_limits(_shown_last(analysis, rank), overlays, log_x),
                ticks=() if overlays else whole_ticks(limit),
            ),
            y=Axis(
                _quantity_label(self.quantity, self.normalised),
                log=log_y,
                limits=None if overlays else main.limits(),
                log_locked=self.quantity == "energy",
            ),
            series=tuple(series),
            bands=bands,
            spans=_agreement_span(rules),
            cursors=(*_rule_cursors(rules, log_x), _rank_cursor(rank, limit, log_x)),
            legend=len(series) > 1 or bool(bands) or bool(rules),
            note=_spectrum_note(analysis),
            meta=meta_of(analysis, rank=str(rank)),
        )


class _Curve:
    """The chosen quantity of one spectrum, as it is drawn."""

    def __init__(self, analysis: Analysis, quantity: Quantity, normalised: bool) -> None:
        self._analysis = analysis
        self._energy = quantity == "energy"
        self._power = 2 if quantity == "sigma2" else 1
        top = analysis.sigma1
        self._unit = top if normalised and top > 0.0 else 1.0

    @property
    def y(self) -> Floats:
        if self._energy:
            return self._analysis.energy
        return self._scaled(self._analysis.spectrum.values)

    def _scaled(self, values: Any) -> Floats:
        with np.errstate(over="ignore", under="ignore"):
            return (np.asarray(values, dtype=np.float64) / self._unit) ** self._power

    @property
    def floor(self) -> float:
        """Where a log axis ends: values below are rounding, and would stretch it to nothing."""
        s = self._analysis.spectrum
        return float(self._scaled(max(max(s.shape) * EPS * self._analysis.sigma1, 1e-307)))

    def series(self, key: str, name: str, index: int, log_y: bool) -> list[Series]:
        color, dash = category(index)
        y = self.y
        x = np.arange(y.size, dtype=np.float64) + (0.0 if self._energy else 1.0)
        symbol = "o" if y.size <= MARKED else ""
        if not log_y:
            return [Series(key, name, x, y, color, dash, symbol=symbol)]
        found = [Series(key, name, x, y, color, dash, symbol=symbol).above(self.floor)]
        low = y <= self.floor
        if low.any():
            floor = np.full(int(low.sum()), self.floor)
            label = tr("at rounding level, drawn at the floor")
            found.append(
                Series(f"{key}.floor", label, x[low], floor, "muted", symbol="x", line=False,
                       numbers=y[low])
            )  # fmt: skip
        return found

    def limits(self) -> tuple[float, float] | None:
        """A tenth around values that are equal but for rounding, which else became a staircase."""
        values, level = self._analysis.spectrum.values, self._analysis.rounding
        if self._energy or not values.size or not 0.0 < values[0] - values[-1] <= level:
            return None
        middle = float(self._scaled(values[0]))
        # Squares may leave the range of numbers.
        return (0.9 * middle, 1.1 * middle) if 1e-300 < middle < 1e300 else None

    def bands(self, log_y: bool) -> tuple[Band, ...]:
        s = self._analysis.spectrum
        if self._energy or (s.complete and s.guarantee != "rigorous"):
            return ()
        lower, upper = (self._scaled(bound) for bound in s.band)
        if log_y:
            lower, upper = np.maximum(lower, self.floor), np.maximum(upper, self.floor)
        x = np.arange(1.0, lower.size + 1.0)
        return (Band("certified", tr("certified: σᵢ lies in this band"), x, lower, upper, "c0"),)


def _quantity_label(quantity: Quantity, normalised: bool) -> str:
    if quantity == "energy":
        return tr("energy share Σ_{i≤r} σᵢ² / ‖M‖_F²")
    labels: dict[tuple[Quantity, bool], str] = {
        ("sigma", False): tr("singular value σᵢ"),
        ("sigma", True): tr("σᵢ / σ₁"),
        ("sigma2", False): tr("squared singular value σᵢ²"),
        ("sigma2", True): tr("σᵢ² / σ₁²"),
    }
    return labels[quantity, normalised]


def _shown_last(analysis: Analysis, rank: int) -> int:
    """Return the last index worth showing: 64 leading values of 4096 are no thin line."""
    if analysis.spectrum.complete:
        return min(analysis.shape)
    return max(analysis.known, rank)


def _index_limits(limit: int, overlays: Sequence[Analysis], log_x: bool) -> tuple[float, float]:
    last = max([limit, *(min(item.shape) for item in overlays)])
    return (0.9, max(last, 2) * 1.1) if log_x else (0.0, last + 1.0 + 0.01 * last)


def _rank_cursor(rank: int, limit: int, log_x: bool) -> Cursor:
    lowest = 1.0 if log_x else 0.0
    return Cursor(
        "rank",
        tr("r = {rank}", rank=rank),
        "x",
        max(float(rank), lowest),
        draggable=True,
        bounds=(lowest, float(max(limit, 1))),
        step=1.0,
        color="accent",
        dash="solid",
    )


def _rule_cursors(rules: Sequence[RuleRow], log_x: bool) -> tuple[Cursor, ...]:
    """Return a line for every rank that a rule chooses, with the names of its rules."""
    by_rank: dict[int, list[str]] = {}
    for row in rules:
        if row.rank is not None and not (log_x and row.rank < 1):
            by_rank.setdefault(row.rank, []).append(row.title)
    return tuple(
        Cursor(
            f"rule.{rank}",
            ", ".join(titles),
            "x",
            float(rank),
            color="muted",
            dash="dot",
            names=tuple(titles),
        )
        for rank, titles in sorted(by_rank.items())
    )


def _agreement_span(rules: Sequence[RuleRow]) -> tuple[Span, ...]:
    found = agreement(tuple(rules))
    if found is None:
        return ()
    low, high, count = found
    words = {
        True: tr("{count} of {all} rules agree: r = {low}"),
        False: tr("{count} of {all} rules agree: r = {low} … {high}"),
    }
    name = words[low == high].format(count=count, all=len(rules), low=low, high=high)
    said, good = worth(rules, low, high)
    name = tr("{agreement}. {worth}", agreement=name, worth=said)
    color = "good" if good else "muted"
    return (Span("agreement", name, "x", max(low - 0.5, 0.5), high + 0.5, color),)


def _spectrum_note(analysis: Analysis) -> str:
    s = analysis.spectrum
    if analysis.sigma1 == 0.0:
        return tr("Every singular value is 0: this is the zero matrix.")
    if not s.complete:
        return tr(
            "The leading {known} of {limit} values with certified bounds.",
            known=analysis.known,
            limit=s.rank_limit,
        )
    return ""
