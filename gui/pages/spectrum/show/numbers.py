"""The numbers beside the plots: what the rank keeps, and what the matrix is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from gui.core.declare.marks import answer_of, maybe
from gui.core.declare.records import Plot
from gui.core.figure.table import Row, share_row
from gui.core.words.i18n import tr, tr_sentence
from gui.core.words.numbers import format_bound, format_known, format_value, share_known, share_text
from gui.pages.spectrum.compute.analysis import Analysis, stored_share
from gui.pages.spectrum.compute.matrix import Analyse
from gui.pages.spectrum.compute.picture import DrawMatrix, Picture
from gui.pages.spectrum.compute.shared import Shared

_SHOWN = (
    "numerical_rank",
    "stable_rank",
    "effective_rank",
    "participation_ratio",
    "condition_number",
    "frobenius_norm",
    "nuclear_norm",
    "spectral_entropy",
    "alpha",
)


class AtRank(Plot, key="spectrum.at_rank", title="At this rank"):
    """What the rank keeps and loses."""

    analysis: Analysis = answer_of(Analyse)
    rank: int = Shared.rank

    def rows(self) -> Sequence[Row]:
        """Return energy, errors and size."""
        analysis, rank = self.analysis, self.rank
        known = min(rank, analysis.known)
        # Beyond the known values every later error is smaller still, so "≤" stays true.
        at_most = "" if analysis.spectrum.complete else "≤ "
        at_least = "" if analysis.spectrum.complete else "≥ "
        total, top = analysis.spectrum.frobenius, analysis.sigma1
        frobenius, spectral = float(analysis.frobenius[known]), float(analysis.spectral[known])
        stored = float(stored_share(analysis.shape, rank))
        tail = analysis.tail_error(known) if analysis.spectrum.complete else 0.0
        one = analysis.spectrum.error_bound if tail else 0.0
        kept = float(analysis.energy[known])
        if kept == 1.0 and tail:
            kept = math.nextafter(1.0, 0.0)  # what is left out is less than this can show
        return [
            _row(
                *(tr("Energy kept"), at_least + share_text(kept), kept),
                *(tr("Σ_{i≤r} σᵢ² / ‖M‖_F²"), tr("share")),
            ),
            _row(
                *(tr("Frobenius error"), _at_most(at_most, format_known(frobenius, tail))),
                *(frobenius, tr("‖M − M_r‖_F = √Σ_{i>r} σᵢ²")),
            ),
            _row(
                *(tr("… relative"), _at_most(at_most, _share(frobenius, tail, total))),
                _ratio(frobenius, total),
                *(tr("‖M − M_r‖_F / ‖M‖_F"), tr("share of ‖M‖_F")),
            ),
            _row(
                *(tr("Spectral error"), _at_most(at_most, format_known(spectral, one))),
                *(spectral, tr("‖M − M_r‖₂ = σ_{r+1}")),
            ),
            _row(
                *(tr("… relative"), _at_most(at_most, _share(spectral, one, top))),
                _ratio(spectral, top),
                *(tr("σ_{r+1} / σ₁"), tr("share of σ₁")),
            ),
            share_row(tr("Stored size"), stored, tr("r (m + n) / (m n): two factors")),
        ]


class MatrixNumbers(Plot, key="spectrum.numbers", title="Matrix", section="Matrix"):
    """Shape and type; norms, ranks and how they were computed as soon as there is a spectrum."""

    picture: Picture = answer_of(DrawMatrix)
    analysis: Analysis | None = maybe(Analyse)

    @property
    def meta(self) -> Mapping[str, str]:
        """By which level the rank was counted, and what else is to be known, for exports."""
        facts = self.analysis.facts if self.analysis is not None else ()
        return {one.title: one.remark for one in facts if one.key in _SHOWN and one.remark}

    def rows(self) -> Sequence[Row]:
        """Return them."""
        m, n = self.picture.shape
        rows: list[Row] = [
            Row(tr("Shape"), f"{m} × {n}", tr("rows × columns")),
            Row(tr("Type"), self.picture.dtype, tr("Type of the stored numbers")),
        ]
        if self.picture.stored:
            text = tr("{count:,} of {cells:,}", count=self.picture.stored, cells=m * n)
            tip = tr("Sparse: the others are 0. Density {share}")
            share = f"{self.picture.stored / (m * n):.3g}"
            full = ((self.picture.stored, tr("of {whole}", whole=m * n)),)
            rows.append(Row(tr("Stored entries"), text, tip.format(share=share), full))
        return [*rows, *_spectrum_rows(self.analysis)] if self.analysis is not None else rows


def _row(title: str, text: str, value: float, tip: str, unit: str = "") -> Row:
    """Return a read-out; of one that is a bound the words are all that is known."""
    is_bound = text.startswith(("<", ">", "≤", "≥"))
    return Row(title, text, tip, () if is_bound else ((value, unit),))


def _ratio(value: float, whole: float) -> float:
    return value / whole if whole else 0.0


def _at_most(sign: str, text: str) -> str:
    return text if text.startswith("<") else sign + text


def _share(value: float, error: float, whole: float) -> str:
    return share_known(value / whole, error / whole) if whole else share_text(0.0)


def _spectrum_rows(analysis: Analysis) -> list[Row]:
    s = analysis.spectrum
    rows: list[Row] = [
        _row(
            *(tr("σ₁"), format_known(analysis.sigma1, s.error_bound), analysis.sigma1),
            tr("Largest singular value, ‖M‖₂"),
        )
    ]
    facts = {fact.key: fact for fact in analysis.facts}
    for key in _SHOWN:
        fact = facts[key]
        text = tr("none") if fact.value is None else _carried(fact.value, analysis)
        tip = tr("{formula} ({source})", formula=fact.formula, source=fact.source)
        full: tuple[tuple[float, str], ...] = () if fact.value is None else ((fact.value, ""),)
        if fact.bounds is not None:
            text = _between(*fact.bounds, fact.value)
            full = full if text == _bound(fact.bounds[0], fact.value) else ()
        if fact.remark:
            tip = tr("{meaning}. {remark}", meaning=tip, remark=fact.remark)
        rows.append(Row(fact.title, text, tip, full))
    method = method_title(s.method)
    tip = tr_sentence(s.note) or tr("How the values were computed")
    rows.append(Row(tr("Method"), method, tip))
    bound = tr("Every value is within this of the true one; relative to σ₁: {share}")
    share = format_value(s.error_bound / analysis.sigma1) if analysis.sigma1 else "0"
    full = ((s.error_bound, tr("absolute")),)
    shown = format_bound(s.error_bound)
    rows.append(Row(tr("Error bound"), shown, bound.format(share=share), full))
    rows.append(Row(tr("The bound is"), *_guarantee(s.guarantee)))
    return rows


def _carried(value: float, analysis: Analysis) -> str:
    """Return a descriptor with as many digits as the values have that it is made of."""
    s, top = analysis.spectrum, analysis.sigma1
    if isinstance(value, int) or not top:
        return format_value(value)
    return format_known(value, abs(value) * analysis.known * s.error_bound / top)


def _between(lower: float, upper: float, known: float | None) -> str:
    """Return bounds in words; beyond what the error carries only that it is more is known."""
    if math.isinf(upper) and math.isfinite(lower):
        return tr("> {value}", value=format_bound(lower, upper=False))
    low, high = _bound(lower, known), _bound(upper, known)
    return low if low == high else tr("{low} … {high}", low=low, high=high)


def _guarantee(guarantee: str) -> tuple[str, str]:
    """Return what a bound rests on, in a word and in a sentence."""
    return {
        "rigorous": (tr("proven"), tr("Proven for this matrix, every rounding included.")),
        "modelled": (tr("modelled"), tr("By the usual model of the algorithm's rounding errors.")),
        "probable": (tr("probable"), tr("It fails with probability 1e-10 over the random start.")),
    }[guarantee]


def _bound(value: float, known: float | None) -> str:
    counts = isinstance(known, int) and np.isfinite(value)
    return format_value(int(value) if counts else value)


def method_title(method: str) -> str:
    """Return what a method of ``engine.spectrum`` is called."""
    titles = {
        "svd": tr("direct SVD"),
        "gram": tr("Gram, float64"),
        "stream": tr("streamed Gram"),
        "randomized": tr("block Krylov"),
        "lanczos": tr("Lanczos"),
        "verified": tr("direct SVD, verified"),
        "product": tr("QR of the factors"),
    }
    return titles.get(method, method)
