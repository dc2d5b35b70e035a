"""Results in words: read-outs, table rows, notices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gui.core.words.i18n import tr, tr_sentence
from gui.core.words.numbers import format_value, share_text
from gui.pages.spectrum.analysis import Analysis, Density
from gui.pages.spectrum.data import Data, stored_share
from gui.pages.spectrum.reduction import NonFinite, Picture
from gui.pages.spectrum.rules import RuleRow, agreement
from gui.pages.spectrum.rules_table import RuleLine
from gui.pages.spectrum.soft import SoftResult

Row = tuple[str, str, str]


def method_title(method: str) -> str:
    """Return what a method of ``engine.spectrum`` is called."""
    titles = {
        "svd": tr("direct SVD"),
        "gram": tr("Gram, float64"),
        "stream": tr("streamed Gram"),
        "randomized": tr("block Krylov"),
    }
    return titles.get(method, method)


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


def change_labels() -> dict[str, str]:
    """Return what the undo menu calls a change of each field."""
    return {
        "rank": tr("rank"),
        "quantity": tr("plotted quantity"),
        "log_x": tr("logarithmic x"),
        "log_y": tr("logarithmic y"),
        "normalised": tr("division by σ₁"),
        "method": tr("method"),
        "reduction": tr("picture"),
        "repairs": tr("replacing of bad entries"),
        "overlays": tr("comparison"),
        "view": tr("lower view"),
        "show_rules": tr("rank rules on the plot"),
        "rule_values": tr("rule parameter"),
        "error_relative": tr("relative errors"),
        "error_log": tr("logarithmic error"),
        "density_log": tr("logarithmic density"),
        "bins": tr("number of bars"),
        "noise": tr("noise level"),
        "operator": tr("operator"),
        "k": tr("k"),
        "k_follows": tr("k follows the rank"),
        "tau": tr("temperature"),
        "vector": tr("singular pair"),
        "matrix": tr("2 × 2 matrix"),
        "stage": tr("stage"),
    }


def rank_rows(analysis: Analysis, rank: int) -> list[Row]:
    """Return what the rank keeps and loses."""
    known = min(rank, analysis.known)
    # Beyond the known values every later error is smaller still, so "≤" stays true.
    at_most = "" if analysis.spectrum.complete else "≤ "
    at_least = "" if analysis.spectrum.complete else "≥ "
    total, top = analysis.spectrum.frobenius, analysis.sigma1
    frobenius, spectral = float(analysis.frobenius[known]), float(analysis.spectral[known])
    stored = float(stored_share(analysis.shape, rank))
    rows = [
        (
            tr("Energy kept"),
            at_least + share_text(float(analysis.energy[known])),
            tr("Σ_{i≤r} σᵢ² / ‖M‖_F²"),
        ),
        (
            tr("Frobenius error"),
            at_most + format_value(frobenius),
            tr("‖M − M_r‖_F = √Σ_{i>r} σᵢ²"),
        ),
        (
            tr("… relative"),
            at_most + share_text(frobenius / total if total else 0.0),
            tr("‖M − M_r‖_F / ‖M‖_F"),
        ),
        (tr("Spectral error"), at_most + format_value(spectral), tr("‖M − M_r‖₂ = σ_{r+1}")),
        (
            tr("… relative"),
            at_most + share_text(spectral / top if top else 0.0),
            tr("σ_{r+1} / σ₁"),
        ),
        (tr("Stored size"), share_text(stored), tr("r (m + n) / (m n): two factors")),
    ]
    return rows


def plain_rows(picture: Picture) -> list[Row]:
    """Return the read-outs of a matrix that has no spectrum."""
    m, n = picture.shape
    return [
        (tr("Shape"), f"{m} × {n}", tr("rows × columns")),
        (tr("Type"), picture.dtype, tr("Type of the stored numbers")),
    ]


def matrix_rows(analysis: Analysis) -> list[Row]:
    """Return the read-outs of the matrix."""
    s = analysis.spectrum
    m, n = s.shape
    rows: list[Row] = [
        (tr("Shape"), f"{m} × {n}", tr("rows × columns")),
        (tr("Type"), s.dtype, tr("Type of the stored numbers")),
        (tr("σ₁"), format_value(analysis.sigma1), tr("Largest singular value, ‖M‖₂")),
    ]
    facts = {fact.key: fact for fact in analysis.facts}
    for key in _SHOWN:
        fact = facts[key]
        text = "–" if fact.value is None else format_value(fact.value)
        tip = tr("{formula} ({source})", formula=fact.formula, source=fact.source)
        if fact.bounds is not None:
            low, high = (_bound(value, fact.value) for value in fact.bounds)
            text = low if low == high else tr("{low} … {high}", low=low, high=high)
        if fact.remark:
            tip = tr("{meaning}. {remark}", meaning=tip, remark=fact.remark)
        rows.append((fact.title, text, tip))
    method = method_title(s.method)
    rows.append((tr("Method"), method, tr_sentence(s.note) or tr("How the values were computed")))
    bound = tr("Every value is within this of the true one; relative to σ₁: {share}")
    share = format_value(s.error_bound / analysis.sigma1) if analysis.sigma1 else "0"
    rows.append((tr("Error bound"), format_value(s.error_bound), bound.format(share=share)))
    return rows


def _bound(value: float, known: float | None) -> str:
    counts = isinstance(known, int) and np.isfinite(value)
    return format_value(int(value) if counts else value)


def remark_of(analysis: Analysis) -> str:
    """Return what should be said about this matrix in a sentence; mostly nothing."""
    ref, s = analysis.data.ref, analysis.spectrum
    sentences = []
    if len(ref.shape) == 1:
        words = tr("A vector of {count} numbers, taken as a 1 × {count} matrix.")
        if ref.shape[0] == 1:
            words = tr("A vector of 1 number, taken as a 1 × 1 matrix.")
        sentences.append(words.format(count=ref.shape[0]))
    if s.note:
        sentences.append(tr_sentence(s.note))
    return " ".join(sentences)


def rule_lines(rows: Sequence[RuleRow], rank: int) -> list[RuleLine]:
    """Return the lines of the consensus table."""
    return [_rule_line(row, rank) for row in rows]


def _rule_line(row: RuleRow, rank: int) -> RuleLine:
    tooltip = tr("{formula} ({source})", formula=row.formula, source=row.source)
    value, value_tip = "", ""
    if row.parameter is not None:
        value = tr("auto") if row.parameter.automatic else f"{row.parameter.value:.6g}"
        value_tip = tr(
            "{title}: {meaning} Double click to change it.",
            title=row.parameter.title,
            meaning=row.parameter.meaning,
        )
    if row.rank is None:
        return RuleLine(
            row.key, row.title, "–", value, "–", "–", "–", row.reason, tooltip, value_tip
        )
    shown = str(row.rank) if row.certain else tr("≥ {rank}", rank=row.rank)
    ratio = f"{row.ratio:.3g}×" if np.isfinite(row.ratio) else "∞"
    return RuleLine(
        row.key,
        row.title,
        shown,
        value,
        share_text(row.error),
        share_text(row.stored),
        ratio,
        row.reason,
        tooltip,
        value_tip,
        chosen=row.rank == rank,
    )


def rules_summary(rows: Sequence[RuleRow], complete: bool) -> str:
    """Return the consensus in a sentence."""
    found = agreement(tuple(rows))
    if found is None:
        return tr("No three rules agree. Click a rule to go to its rank.")
    low, high, count = found
    words = {
        True: tr("{count} of {all} rules choose r = {low}. Click a rule to go to its rank."),
        False: tr(
            "{count} of {all} rules choose r between {low} and {high}. "
            "Click a rule to go to its rank."
        ),
    }
    text = words[low == high].format(count=count, all=len(rows), low=low, high=high)
    if not complete:
        text = tr("{sentence} Rules that need all singular values wait for them.", sentence=text)
    return text


def soft_rows(soft: SoftResult) -> list[Row]:
    """Return the errors of a soft truncation beside the hard ones."""
    return [
        (tr("Σ pᵢ"), format_value(float(soft.mask.sum())), tr("How much is kept in all")),
        (
            tr("Frobenius error, soft"),
            share_text(soft.frobenius),
            tr(
                "‖M − U diag(p σ) Vᵀ‖_F / ‖M‖_F; a soft mask keeps a little of every rank, so "
                "this may be less than hard truncation leaves"
            ),
        ),
        (
            tr("hard, at ⌊k⌋"),
            share_text(soft.floor_frobenius),
            tr("The least any matrix of this rank can have"),
        ),
        (tr("Spectral error, soft"), share_text(soft.spectral), tr("max |1 − pᵢ| σᵢ / σ₁")),
        (tr("hard, at ⌊k⌋"), share_text(soft.floor_spectral), tr("σ_{r+1} / σ₁")),
    ]


def noise_rows(density: Density | None) -> list[Row]:
    """Return the noise level in force and the edge it gives."""
    if density is None or not density.grid.size:
        return []
    return [
        (tr("Noise in force"), format_value(density.noise), tr("Standard deviation per entry")),
        (tr("Noise edge"), format_value(density.edge), tr("s (√m + √n), squared for σ²")),
    ]


def bad_entries(bad: NonFinite) -> str:
    """Return the sentence about NaN and infinite entries."""
    words = {
        (True, True): tr("The matrix holds {nan} NaN and {inf} inf"),
        (True, False): tr("The matrix holds {nan} NaN"),
        (False, True): tr("The matrix holds {inf} inf"),
    }
    kind = words[bool(bad.nan_count), bool(bad.inf_count)]
    return tr(
        "{what}, the first at row {row}, column {column} (counted from 0). A spectrum needs "
        "numbers: replace them to go on. Your file stays as it is.",
        what=kind.format(**_bad(bad)),
        row=bad.first[0],
        column=bad.first[1],
    )


def _bad(bad: NonFinite) -> dict[str, int]:
    return {"nan": bad.nan_count, "inf": bad.inf_count}


def repaired(data: Data) -> str:
    """Return the sentence that says what was replaced; empty where nothing was."""
    if data.repair == "zero":
        return tr("NaN and infinite entries count as 0 here.")
    if data.repair == "column_mean":
        return tr("NaN and infinite entries are replaced by their column's mean here.")
    return ""
