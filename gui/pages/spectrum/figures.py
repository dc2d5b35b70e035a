"""Results as figures: the matrix, its spectrum with the rank line, and the rank-r pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from gui.core.figure.arrays import Floats
from gui.core.figure.figure import Axis, Band, Cursor, Figure, Series, Span
from gui.core.figure.palette import category
from gui.core.figure.pictures import Shades, picture_figure, whole_ticks
from gui.core.words.i18n import tr
from gui.pages.spectrum.analysis import Analysis
from gui.pages.spectrum.factors import Factors, RankPicture
from gui.pages.spectrum.reduction import Picture
from gui.pages.spectrum.rules import RuleRow, agreement
from gui.pages.spectrum.state import Quantity, SpectrumState, rules_on_plot

EPS = float(np.finfo(np.float64).eps)
LINK = "spectrum.pictures"
MARKED = 96


@dataclass(frozen=True)
class Overlay:
    """A pinned spectrum to draw beside the present one."""

    title: str
    analysis: Analysis


def spectrum_figure(
    analysis: Analysis,
    state: SpectrumState,
    rank: int,
    overlays: Sequence[Overlay] = (),
    rules: Sequence[RuleRow] = (),
) -> Figure:
    """Return the spectrum with the rank line, its certified band and what lies over it."""
    limit = min(analysis.shape)
    name = analysis.data.ref.title
    main = _Curve(analysis, state)
    log_y = state.log_y and state.quantity != "energy" and analysis.sigma1 > 0.0
    log_x = state.log_x and limit > 1
    series = [*main.series("main", name, 0, log_y)]
    for index, overlay in enumerate(overlays):
        curve = _Curve(overlay.analysis, state)
        series += curve.series(f"overlay{index}", overlay.title, index + 1, log_y)
    shown_rules = tuple(rules) if rules_on_plot(state) else ()
    return Figure(
        key="spectrum.values",
        title=tr("Singular value spectrum"),
        x=Axis(
            tr("rank r") if state.quantity == "energy" else tr("index i"),
            log=log_x,
            limits=_index_limits(_shown_last(analysis, rank), overlays, log_x),
            ticks=() if overlays else whole_ticks(limit),
        ),
        y=Axis(_quantity_label(state), log=log_y, log_locked=state.quantity == "energy"),
        series=tuple(series),
        bands=main.bands(log_y),
        spans=_agreement_span(shown_rules),
        cursors=(*_rule_cursors(shown_rules, log_x), _rank_cursor(rank, limit, log_x)),
        legend=len(series) > 1 or bool(main.bands(log_y)) or bool(shown_rules),
        note=_spectrum_note(analysis),
        meta=meta_of(analysis, rank=str(rank)),
    )


class _Curve:
    """The chosen quantity of one spectrum, as it is drawn."""

    def __init__(self, analysis: Analysis, state: SpectrumState) -> None:
        self._analysis = analysis
        self._energy = state.quantity == "energy"
        self._power = 2 if state.quantity == "sigma2" else 1
        top = analysis.sigma1
        self._unit = top if state.normalised and top > 0.0 else 1.0

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
        low = y <= self.floor
        drawn = np.where(low, np.nan, y)
        found = [Series(key, name, x, drawn, color, dash, symbol=symbol)]
        if low.any():
            floor = np.full(int(low.sum()), self.floor)
            label = tr("at rounding level, drawn at the floor")
            found.append(
                Series(f"{key}.floor", label, x[low], floor, "muted", symbol="x", line=False)
            )
        return found

    def bands(self, log_y: bool) -> tuple[Band, ...]:
        s = self._analysis.spectrum
        if s.complete or self._energy or s.upper is None:
            return ()
        lower, upper = self._scaled(s.values), self._scaled(s.upper)
        if log_y:
            lower, upper = np.maximum(lower, self.floor), np.maximum(upper, self.floor)
        x = np.arange(1.0, lower.size + 1.0)
        return (Band("certified", tr("certified: σᵢ lies in this band"), x, lower, upper, "c0"),)


def _quantity_label(state: SpectrumState) -> str:
    if state.quantity == "energy":
        return tr("energy share Σ_{i≤r} σᵢ² / ‖M‖_F²")
    labels: dict[tuple[Quantity, bool], str] = {
        ("sigma", False): tr("singular value σᵢ"),
        ("sigma", True): tr("σᵢ / σ₁"),
        ("sigma2", False): tr("squared singular value σᵢ²"),
        ("sigma2", True): tr("σᵢ² / σ₁²"),
    }
    return labels[state.quantity, state.normalised]


def _shown_last(analysis: Analysis, rank: int) -> int:
    """Return the last index worth showing: 64 leading values of 4096 are no thin line."""
    if analysis.spectrum.complete:
        return min(analysis.shape)
    return max(analysis.known, rank)


def _index_limits(limit: int, overlays: Sequence[Overlay], log_x: bool) -> tuple[float, float]:
    last = max([limit, *(min(item.analysis.shape) for item in overlays)])
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
    by_rank: dict[int, list[str]] = {}
    for row in rules:
        if row.rank is not None and not (log_x and row.rank < 1):
            by_rank.setdefault(row.rank, []).append(row.title)
    return tuple(
        Cursor(f"rule.{rank}", _rule_label(titles), "x", float(rank), color="muted", dash="dot")
        for rank, titles in sorted(by_rank.items())
    )


def _rule_label(titles: Sequence[str]) -> str:
    # Rules that agree share a line: its label counts them and names the first.
    if len(titles) == 1:
        return titles[0]
    return tr("{count} rules: {first} …", first=titles[0], count=len(titles))


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
    return (Span("agreement", name, "x", max(low - 0.5, 0.5), high + 0.5, "good"),)


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


def meta_of(analysis: Analysis, **more: str) -> MappingProxyType[str, str]:
    """Return where a figure comes from, for exports."""
    ref, s = analysis.data.ref, analysis.spectrum
    entries = {
        "source": ref.title,
        "shape": f"{s.shape[0]} x {s.shape[1]}",
        "dtype": s.dtype,
        "method": s.method,
        "error_bound": f"{s.error_bound:.3g}",
    }
    if analysis.data.repair:
        entries["nonfinite_replaced_by"] = analysis.data.repair
    return MappingProxyType({**entries, **more})


def picture_meta(picture: Picture, source: str, **more: str) -> MappingProxyType[str, str]:
    """Return where a picture comes from, for exports: it is there before any singular value."""
    rows, columns = picture.shape
    entries = {"source": source, "shape": f"{rows} x {columns}", "dtype": picture.dtype}
    return MappingProxyType({**entries, **more})


def matrix_figure(picture: Picture, title: str, state: SpectrumState) -> Figure:
    """Return the picture of the matrix; blocks with a bad entry stay empty."""
    shades = picture.means if state.reduction == "mean" else picture.extremes
    reduced = picture.block != (1, 1)
    note = ""
    if reduced:
        words = {
            "mean": tr("one pixel: the mean of {rows} × {columns} entries", **_block(picture)),
            "extreme": tr(
                "one pixel: the largest of {rows} × {columns} entries by size", **_block(picture)
            ),
        }
        note = words[state.reduction]
    image = shades.image("matrix", title, picture.extent)
    meta = picture_meta(picture, title, reduction=state.reduction)
    return picture_figure("spectrum.matrix", title, image, picture.size, note, meta=meta)


def _block(picture: Picture) -> dict[str, int]:
    return {"rows": picture.block[0], "columns": picture.block[1]}


def original_figure(picture: Picture, source: str) -> Figure:
    """Return the picture that rank r and residual are compared with."""
    title = tr("Original")
    image = picture.means.image("original", title, picture.extent)
    meta = picture_meta(picture, source)
    return picture_figure("spectrum.original", title, image, picture.size, "", LINK, meta)


def reconstruction_figures(
    factors: Factors, drawn: RankPicture, asked: int, source: str
) -> tuple[Figure, Figure]:
    """Return rank r and residual, on the original's colour scale and zooming with it.

    ``asked`` is the rank the person wants, which may exceed the vectors known; ``source`` is what
    the matrix is called.
    """
    picture = factors.picture
    in_colour = picture.channels == 3
    rank = drawn.rank
    known = ""
    if asked > factors.known:
        known = tr("Singular vectors are known up to rank {rank}.", rank=factors.known)

    def figure(key: str, title: str, shades: Shades, note: str = "") -> Figure:
        image = shades.image(key, title, picture.extent)
        meta = picture_meta(picture, source, rank=str(rank))
        return picture_figure(f"spectrum.{key}", title, image, picture.size, note, LINK, meta)

    return (
        figure("approximation", tr("Rank {rank}", rank=rank), drawn.approximation, known),
        figure(
            "residual",
            tr("Residual, mid-grey is 0") if in_colour else tr("Residual, same contrast"),
            drawn.residual,
        ),
    )
