"""The tail of the spectrum: its power law, and the laws that may follow it as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from gui.core.declare.marks import answer_of
from gui.core.declare.records import Step
from gui.core.figure.arrays import Floats
from gui.core.words.i18n import tr, tr_sentence
from gui.frozen import dataclass
from gui.pages.spectrum.compute.analysis import Analysis, Fact
from gui.pages.spectrum.compute.matrix import Analyse

if TYPE_CHECKING:
    from engine.jobs import Progress
    from engine.spectrum import TailComparison, TailRival

POWER_LAW = "power_law"


@dataclass(frozen=True, eq=False)
class TailLaw:
    """One law on the tail: its share of values beyond each place of the grid, and the verdict.

    The power law itself has no ratio.
    """

    key: str
    title: str
    formula: str
    source: str
    survival: Floats
    parameters: Mapping[str, float]
    log_ratio: float | None = None
    normalised: float | None = None
    p_value: float | None = None
    favours: str = ""
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Tails:
    """The values of the tail, ascending, the grid of its laws, and the laws.

    Without a tail ``values`` are all of them, there is no law, and ``reason`` says why.
    """

    values: Floats
    grid: Floats
    laws: tuple[TailLaw, ...]
    reason: str


class CompareTails(Step, key="tails", title="Comparing laws of the tail", keep=4):
    """The power law of the tail against its rivals."""

    analysis: Analysis = answer_of(Analyse)

    def run(self, progress: Progress | None = None) -> Tails:
        """Return the laws, the power law first."""
        from engine.jobs import checkpoint
        from engine.spectrum import TAIL_RIVALS, compare_spectrum_tails

        spectrum = self.analysis.spectrum
        fact = next(one for one in self.analysis.facts if one.key == "alpha")
        values = np.asarray(spectrum.values)[::-1]
        if fact.value is None:
            return Tails(values, np.zeros(0), (), fact.remark)
        values = values[values.size - self.analysis.descriptors.tail_size :]
        logs = 2.0 * np.log(values / values[0])
        grid = np.linspace(0.0, logs[-1], 241)
        found = compare_spectrum_tails(spectrum)
        laws = [_power_law(fact, fact.value, grid)]
        for place, rival in enumerate(TAIL_RIVALS.values()):
            checkpoint(progress, place / len(TAIL_RIVALS), tr(rival.title))
            survival = np.exp(rival.fit(logs, 0.0).log_survival(grid))
            laws.append(_against(rival, found[rival.key], survival))
        return Tails(values, values[0] * np.exp(0.5 * grid), tuple(laws), fact.remark)


def _power_law(fact: Fact, alpha: float, grid: Floats) -> TailLaw:
    return TailLaw(
        POWER_LAW,
        tr("Power law"),
        "x^(−α)",
        fact.source,
        np.exp((1.0 - alpha) * grid),
        {"alpha": alpha},
        reason=fact.remark,
    )


def _against(rival: TailRival, found: TailComparison, survival: Floats) -> TailLaw:
    return TailLaw(
        rival.key,
        tr(rival.title),
        tr_sentence(rival.formula),
        tr_sentence(rival.source),
        survival,
        found.parameters,
        found.log_ratio,
        found.normalised,
        found.p_value,
        found.favours,
        tr_sentence(found.reason),
    )
