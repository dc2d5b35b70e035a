"""The numbers beside the plots: the input, then every operator that answered."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gui.core.declare.marks import answers_of, value_of
from gui.core.figure.table import Row, number_row
from gui.core.words.i18n import tr
from gui.core.words.numbers import format_value
from gui.pages.topk.compute.inputs import names
from gui.pages.topk.compute.outputs import OperatorOutput, Outputs, equal_softness
from gui.pages.topk.show.frame import OverScores
from gui.pages.topk.show.scores import threshold

_LONGEST_NAME = 16


class Numbers(OverScores, key="topk.numbers", title="Read-outs", section="Read-outs"):
    """What is kept, and of every operator its sum or its own tau, and the mass it moves."""

    outputs: Mapping[str, OperatorOutput] = answers_of(Outputs)
    own_tau: bool = value_of(equal_softness)
    names: tuple[str, ...] = value_of(names)

    def rows(self) -> Sequence[Row]:
        """Return (name, value, meaning) of each."""
        kept, gap = threshold(self.scores, self.k)
        least = _known(kept)
        if len(self.names) == self.scores.size and not math.isnan(kept):
            name = self.names[int(self.scores.order[round(self.k) - 1])]
            short = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
            least = f"{least} ({short})"
        rows: list[Row] = [
            number_row(tr("n (not masked)"), self.scores.unmasked),
            Row(tr("k"), f"{self.k:g}", "", ((self.k, ""),)),
            Row(tr("Smallest score kept"), least, tr("The k-th largest score"), _full(kept)),
            Row(tr("Gap to the next"), _known(gap), tr("x₍ₖ₎ − x₍ₖ₊₁₎"), _full(gap)),
        ]
        tip = tr("sum p, and the mass moved: sum |p - T_k| / k")
        if self.own_tau:
            tip = tr("The tau of this softness, and the mass moved: sum |p - T_k| / k")
        refused = getattr(self.outputs, "errors", {})
        for key, output in self.outputs.items():
            if key not in refused:
                rows.append(self._row(key, output, tip))
        return rows

    def _row(self, key: str, output: OperatorOutput, tip: str) -> Row:
        name = self.infos[key].name
        if math.isnan(output.total):
            return Row(name, tr("not a number"), tip)
        moved, shown = (output.moved, tr("mass moved / k")), format_value(output.moved, 3)
        if self.own_tau and self.infos[key].has_tau:
            words = tr("tau {tau}, moved {moved}", tau=format_value(output.tau, 3), moved=shown)
            return Row(name, words, tip, ((output.tau, "tau"), moved))
        total = format_value(_settled(output.total), 6)
        words = tr("Σp {total}, moved {moved}", total=total, moved=shown)
        return Row(name, words, tip, ((output.total, "Σp"), moved))


def _full(score: float) -> tuple[tuple[float, str], ...]:
    return () if math.isnan(score) else ((score, ""),)


def _known(score: float) -> str:
    """Return a score; where nothing is kept, or nothing left out, there is none."""
    return "–" if math.isnan(score) else format_value(score)


def _settled(total: float) -> float:
    """Return a sum without its last digits, which would make a whole number flicker."""
    if not math.isfinite(total):
        return total
    return round(total) if abs(total - round(total)) <= 1e-9 * max(1.0, abs(total)) else total
