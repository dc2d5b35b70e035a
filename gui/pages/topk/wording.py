"""What the Top-k page says in words and numbers: input names, read-outs, undo labels; no Qt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set

from gui.core.state.document import DataRef
from gui.core.words.i18n import tr
from gui.core.words.numbers import format_value
from gui.pages.topk.figures import Style, threshold
from gui.pages.topk.requests import OperatorOutput
from gui.pages.topk.scores import Scores
from gui.pages.topk.state import GENERATORS, InputSpec, line_count


def input_title(spec: InputSpec) -> str:
    """Return where the scores come from: "router.npy row 17 of 4096"."""
    if spec.kind == "pasted":
        return tr("pasted numbers")
    if spec.kind != "data" or spec.ref is None:
        return tr("{kind}, seed {seed}", kind=kind_title(spec.kind), seed=spec.seed)
    if len(spec.ref.shape) < 2:
        return spec.ref.title
    place = {"file": spec.ref.title, "i": spec.position, "n": line_count(spec.ref, spec.axis)}
    if spec.axis == "row":
        return tr("{file} row {i} of {n}", **place)
    return tr("{file} column {i} of {n}", **place)


def readout_rows(
    scores: Scores,
    k: float,
    shown: Sequence[OperatorOutput],
    styles: Mapping[str, Style],
    own_tau: Set[str] = frozenset(),
) -> list[tuple[str, str, str]]:
    """Return (name, value, tooltip) rows: the input, then every operator that answered.

    ``own_tau`` are the operators that have a tau of their own, which is worth more than the sum.
    """
    kept, gap = threshold(scores, k)
    rows: list[tuple[str, str, str]] = [
        (tr("n (not masked)"), format_value(scores.unmasked), ""),
        (tr("k"), f"{k:g}", ""),
        (tr("Smallest score kept"), _known(kept), tr("The k-th largest score")),
        (tr("Gap to the next"), _known(gap), tr("x_(k) - x_(k+1)")),
    ]
    tip = tr("sum p, and the mass moved: sum |p - T_k| / k")
    if own_tau:
        tip = tr("The tau of this softness, and the mass moved: sum |p - T_k| / k")
    for output in shown:
        if not output.error:
            moved = format_value(output.moved, 3)
            if output.key in own_tau:
                tau = format_value(output.tau, 3)
                values = tr("tau {tau}, moved {moved}", tau=tau, moved=moved)
            else:
                total = format_value(_settled(output.total), 6)
                values = tr("Σp {total}, moved {moved}", total=total, moved=moved)
            rows.append((styles[output.key].name, values, tip))
    return rows


def _known(score: float) -> str:
    """Return a score; where nothing is kept, or nothing left out, there is none."""
    return "–" if math.isnan(score) else format_value(score)


def _settled(total: float) -> float:
    """Return a sum without its last digits, which would make a whole number flicker."""
    return round(total) if abs(total - round(total)) <= 1e-9 * max(1.0, abs(total)) else total


def kind_title(kind: str) -> str:
    """Return what a kind of input is called."""
    titles = {
        "data": tr("the selected array"),
        "normal": tr("normal"),
        "uniform": tr("uniform"),
        "heavy": tr("heavy-tailed (t, 2 degrees)"),
        "ties": tr("many ties (whole 0 to 4)"),
        "pasted": tr("pasted numbers"),
    }
    return titles[kind]


def input_kinds(spec: InputSpec, active: DataRef | None) -> list[tuple[str, str]]:
    """Return the kinds of input a person can choose now, (key, title) each."""
    kinds = [*(["data"] if active is not None else []), *GENERATORS]
    if spec.kind == "pasted":
        kinds.append("pasted")
    return [(kind, kind_title(kind)) for kind in kinds]


def change_labels() -> dict[str, str]:
    """Return what the undo menu calls a change of each field of the state."""
    return {
        "k": tr("k"),
        "tau": tr("tau"),
        "softness": tr("softness"),
        "comparison": tr("comparison"),
        "count": tr("number of scores"),
        "seed": tr("seed"),
        "axis": tr("rows or columns"),
        "position": tr("position"),
        "edits": tr("moved points"),
        "order": tr("order"),
        "quantity": tr("quantity"),
        "view": tr("lower view"),
        "sweep_quantity": tr("sweep quantity"),
        "focus": tr("operator in detail"),
        "jacobian_mode": tr("Jacobian view"),
        "column": tr("chosen score"),
        "direction": tr("loss"),
    }
