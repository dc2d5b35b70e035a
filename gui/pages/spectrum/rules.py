"""Every rank rule asked about one spectrum: the rows of the consensus table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gui.core.i18n import tr
from gui.pages.spectrum.analysis import Analysis
from gui.pages.spectrum.data import stored_share

if TYPE_CHECKING:
    from engine.jobs import Progress
    from engine.spectrum import Spectrum

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RuleParameter:
    """The number a rule asks for: what a field shows and accepts."""

    key: str
    title: str
    value: float
    minimum: float
    maximum: float
    meaning: str
    log: bool


@dataclass(frozen=True)
class RuleRow:
    """What one rule says: the rank and its consequences, or why it gives none.

    ``error`` is the relative Frobenius error at the rank (an upper bound while values are
    missing), ``stored`` the size of the two factors as a share of the matrix.
    """

    key: str
    title: str
    formula: str
    source: str
    rank: int | None
    reason: str
    certain: bool
    error: float
    stored: float
    parameter: RuleParameter | None = None

    @property
    def ratio(self) -> float:
        """Compression ratio m n / (r (m + n)); infinite at rank 0."""
        return 1.0 / self.stored if self.stored else float("inf")


@dataclass(frozen=True, eq=False)
class ChooseRanks:
    """Ask every rule; ``values`` are the parameters that differ from the rules' defaults."""

    spectrum: Spectrum = field(repr=False)
    frobenius: Floats = field(repr=False)
    values: tuple[tuple[str, float], ...] = ()
    cost: float = 0.0

    def run(self, progress: Progress | None = None) -> tuple[RuleRow, ...]:
        """Return one row per rule, in the order of the registry."""
        from engine.jobs import checkpoint
        from engine.spectrum import RANK_RULES

        chosen = dict(self.values)
        rows = []
        for place, rule in enumerate(RANK_RULES.values()):
            checkpoint(progress, place / len(RANK_RULES), rule.title)
            rows.append(_ask(rule, self.spectrum, self.frobenius, chosen.get(rule.key)))
        return tuple(rows)


def choose_ranks(analysis: Analysis, values: tuple[tuple[str, float], ...]) -> ChooseRanks:
    """Return the request with its cost: parallel analysis draws many random spectra."""
    cost = 20 * analysis.known**2 * 2e-8
    return ChooseRanks(analysis.spectrum, analysis.frobenius, values, cost)


def _ask(rule: Any, spectrum: Spectrum, frobenius: Floats, value: float | None) -> RuleRow:
    from engine.errors import RankscopeError

    parameter = _parameter(rule, spectrum, value)
    named = (rule.key, tr(rule.title), rule.formula, rule.source)
    given = {parameter.key: parameter.value} if parameter and _given(rule, value) else {}
    if rule.key == "absolute" and parameter:
        given = {parameter.key: parameter.value}
    try:
        choice = rule(spectrum, **given)
    except RankscopeError as error:
        nan = float("nan")
        return RuleRow(*named, None, str(error), False, nan, nan, parameter)
    total = spectrum.frobenius
    error_share = float(frobenius[min(choice.rank, frobenius.size - 1)]) / total if total else 0.0
    stored = float(stored_share(spectrum.shape, choice.rank))
    return RuleRow(
        *named, choice.rank, choice.reason, choice.certain, error_share, stored, parameter
    )


def _given(rule: Any, value: float | None) -> bool:
    return value is not None or rule.parameters[0].default is not None


def _parameter(rule: Any, spectrum: Spectrum, value: float | None) -> RuleParameter | None:
    if not rule.parameters:
        return None
    first = rule.parameters[0]
    default = first.default
    if rule.key == "absolute":
        # A cut of 1 means nothing in units nobody knows yet: one percent of sigma_1 does.
        default = 0.01 * float(spectrum.values[0]) if spectrum.values.size else 1.0
    if default is None or isinstance(default, (str, bool)):
        default = 0.0
    unbounded = not np.isfinite(first.maximum)
    return RuleParameter(
        first.key,
        tr(first.title),
        float(default if value is None else value),
        float(first.minimum),
        1e12 if unbounded else float(first.maximum),
        tr(first.meaning),
        unbounded,
    )


def agreement(rows: tuple[RuleRow, ...]) -> tuple[float, float, float] | None:
    """Return (lower quartile, median, upper quartile) of the ranks that are certain.

    Examples
    --------
    >>> agreement(()) is None
    True
    """
    ranks = [row.rank for row in rows if row.rank is not None and row.certain]
    if len(ranks) < 3:
        return None
    low, middle, high = np.percentile(ranks, [25, 50, 75])
    return float(low), float(middle), float(high)
