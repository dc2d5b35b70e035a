"""Every rank rule asked about one spectrum: the rows of the consensus table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gui.core.declare.marks import answer_of, given
from gui.core.declare.parameter import stored, toggle
from gui.core.declare.records import Front, Record, Step
from gui.core.words.i18n import tr, tr_sentence
from gui.frozen import dataclass
from gui.pages.spectrum.compute.analysis import Analysis, stored_share
from gui.pages.spectrum.compute.matrix import Analyse

if TYPE_CHECKING:
    from engine.jobs import Progress
    from engine.spectrum import Spectrum


AGREEMENT = 1.5


@dataclass(frozen=True)
class RuleParameter:
    """The number a rule asks for; ``automatic``: nobody gave one, the rule estimates it."""

    key: str
    title: str
    value: float
    minimum: float
    maximum: float
    meaning: str
    automatic: bool


@dataclass(frozen=True)
class RuleRow:
    """What one rule says: the rank and its consequences, or why it gives none.

    ``error`` is the relative Frobenius error at the rank (an upper bound while values are
    missing), within ``error_bound`` of the true one; ``stored`` is the size of the two factors as
    a share of the matrix.
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
    error_bound: float = 0.0

    @property
    def ratio(self) -> float:
        """Compression ratio m n / (r (m + n)); infinite at rank 0."""
        return 1.0 / self.stored if self.stored else float("inf")


class RuleValues(Record):
    """Whether the rules are drawn, and their parameters that differ from the rules' defaults."""

    show_rules: bool = toggle(
        False,
        "Rank r&ules on the plot",
        "A line for every rank rule, and the range where most of them agree",
        undo="rank rules on the plot",
        section="Spectrum plot",
        option="rules",
    )
    rule_values: tuple[tuple[str, float], ...] = stored((), "rule parameter")


def rules_on_plot(show_rules: bool = RuleValues.show_rules, front: Front = given(Front)) -> bool:
    """Return whether the spectrum plot shows the rules: on request, and beside their table."""
    return show_rules or front.key == "rules"


class Rules(Step, key="rules", title="Asking the rank rules", keep=4, live=False):
    """Every rank rule asked: one row a rule."""

    analysis: Analysis = answer_of(Analyse)
    rule_values: tuple[tuple[str, float], ...] = RuleValues.rule_values

    @property
    def cost(self) -> float:
        """Seconds, about: parallel analysis draws many random spectra."""
        return 20 * self.analysis.known**2 * 2e-8

    def run(self, progress: Progress | None = None) -> tuple[RuleRow, ...]:
        """Return one row per rule, in the order of the registry."""
        from engine.jobs import checkpoint
        from engine.spectrum import RANK_RULES

        chosen, analysis = dict(self.rule_values), self.analysis
        rows = []
        for place, rule in enumerate(RANK_RULES.values()):
            checkpoint(progress, place / len(RANK_RULES), tr(rule.title))
            value = chosen.get(rule.key)
            rows.append(_ask(rule, analysis, value))
        return tuple(rows)


def _ask(rule: Any, analysis: Analysis, value: float | None) -> RuleRow:
    from engine.errors import RankscopeError

    spectrum, frobenius = analysis.spectrum, analysis.frobenius
    parameter = _parameter(rule, spectrum, value)
    named = (rule.key, tr(rule.title), tr_sentence(rule.formula), tr_sentence(rule.source))
    given = {}
    if parameter is not None and not parameter.automatic:
        given[parameter.key] = parameter.value
    try:
        choice = rule(spectrum, **given)
    except RankscopeError as error:
        nan, reason = float("nan"), tr_sentence(error)
        if rule.needs_complete and not (spectrum.complete or analysis.more):
            words = tr("Needs all {limit} singular values; {known} are computed of this matrix.")
            reason = words.format(limit=spectrum.rank_limit, known=spectrum.values.size)
        return RuleRow(*named, None, reason, False, nan, nan, parameter)
    total = spectrum.frobenius
    error_share = float(frobenius[min(choice.rank, frobenius.size - 1)]) / total if total else 0.0
    error_share = 1.0 if total and choice.rank == 0 else error_share
    stored = float(stored_share(spectrum.shape, choice.rank))
    return RuleRow(
        *named,
        choice.rank,
        tr_sentence(choice.reason),
        choice.certain,
        error_share,
        stored,
        parameter,
        analysis.tail_error(choice.rank) / total if total and spectrum.complete else 0.0,
    )


def _parameter(rule: Any, spectrum: Spectrum, value: float | None) -> RuleParameter | None:
    if not rule.parameters:
        return None
    first = rule.parameters[0]
    default = first.default
    if rule.key == "absolute":
        # A cut of 1 means nothing in units nobody knows yet: one percent of sigma_1 does.
        default = 0.01 * float(spectrum.values[0]) if spectrum.values.size else 1.0
    automatic = default is None and value is None
    return RuleParameter(
        first.key,
        tr(first.title),
        0.0 if automatic else float(default if value is None else value),
        float(first.minimum),
        float(first.maximum),
        tr(first.meaning),
        automatic,
    )


def agreement(rows: tuple[RuleRow, ...]) -> tuple[int, int, int] | None:
    """Return (lowest rank, highest rank, how many rules) of where most rules agree, or None.

    Ranks agree when the highest and the lowest, each plus one, are at most a factor of
    ``AGREEMENT`` apart. Rules about noise and rules about energy often form two camps, and a mean
    of both would be nobody's choice: the larger camp is returned, of equal ones the narrower.
    Only rules certain of their answer count, and fewer than three are no agreement.

    Examples
    --------
    >>> agreement(()) is None
    True
    """
    ranks = sorted(row.rank for row in rows if row.rank is not None and row.certain)
    camps = []
    for place, low in enumerate(ranks):
        camp = [rank for rank in ranks[place:] if rank + 1 <= AGREEMENT * (low + 1)]
        camps.append((-len(camp), (camp[-1] + 1) / (low + 1), low, camp[-1]))
    if not camps:
        return None
    count, _, low, high = min(camps)
    return (low, high, -count) if -count >= 3 else None


def truncation_code(rank: int, rule: RuleRow | None, library: str) -> tuple[str, bool]:
    """Return code that truncates by a rule, or at the rank; and whether a rule chooses in it."""
    from engine.spectrum import CODED_RULES, rank_snippet

    if rule is None or rule.key not in CODED_RULES:
        return rank_snippet(rank, "", library), False
    one = rule.parameter
    given = {} if one is None or one.automatic else {one.key: one.value}
    return rank_snippet(rank, rule.key, library, **given), True
