"""One budget of parameters for the whole model: which rank each matrix gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.parameter import choice, number
from gui.core.declare.records import Record, Step
from gui.core.figure.arrays import Floats
from gui.frozen import dataclass
from gui.pages.checkpoint.compute.rows import Rows, rows_of

if TYPE_CHECKING:
    from engine.checkpoint import Budget, Budgets
    from engine.jobs import Progress

Weighting = Literal["relative", "absolute"]
WEIGHTINGS: Mapping[Weighting, str] = {
    "relative": "of each matrix, relative",
    "absolute": "absolute",
}
_SHARES = np.linspace(0.02, 1.0, 50)  # at which the uniform choice is drawn


class Spending(Record):
    """What may be spent, and what counts as an error."""

    share: float = number(
        0.5,
        (0.01, 1.0),
        "&Budget (share)",
        "Ranks are spread over all matrices so that the error is the least that this share allows; "
        "rank r of an m × n matrix takes r (m + n) parameters",
        section="Budget",
        undo="budget",
        step=0.01,
    )
    weighting: Weighting = choice(
        "relative",
        WEIGHTINGS,
        "Error",
        "Whether errors of matrices are added up relative to their own norms, or as they are",
        section="Budget",
        undo="error of the budget",
    )


@dataclass(frozen=True, eq=False)
class Plan:
    """All budgets of a model: ``places`` are those of the matrices that are spent on.

    ``norm`` is the error of nothing kept; ``parameters``, ``errors`` are the curve of the best, the
    other pair that of one share for all.
    """

    budgets: Budgets
    places: tuple[int, ...]
    norm: float
    parameters: Floats
    errors: Floats
    shares: Floats
    uniform: Floats


def is_complete(rows: Rows | None = value_of(rows_of)) -> bool:
    """Return whether every row is there."""
    return rows is not None and rows.swept is not None and rows.swept.done


class Prepare(Step, key="budget", title="Preparing the budget"):
    """Sort what every unit of rank gains."""

    rows: Rows | None = value_of(rows_of)
    weighting: Weighting = Spending.weighting

    @property
    def cost(self) -> float:
        """Seconds, about; what it answers is large, so it stays in a thread."""
        return 0.2

    def run(self, progress: Progress | None = None) -> Plan | None:
        """Return all budgets; None where no matrix is computed."""
        from engine.checkpoint import Budgets
        from engine.jobs import checkpoint

        found = self.rows
        if found is None:
            return None
        known = [
            (place, row)
            for place, row in enumerate(found.rows)
            if row is not None and row.values.size and row.values[0] > 0.0
        ]
        if not known:
            return None
        spectra = [row.values for _, row in known]
        shapes = [row.shape for _, row in known]
        budgets = Budgets(spectra, shapes, self.weighting)
        parameters, errors = budgets.curve()
        squares = [float(np.linalg.norm(values)) for values in spectra]
        norm = float(np.linalg.norm(squares))
        if self.weighting == "relative":
            norm = float(np.sqrt(len(known)))
        uniform = []
        for share in _SHARES:
            checkpoint(progress)
            uniform.append(budgets.uniform(float(share)).error)
        return Plan(
            budgets,
            tuple(place for place, _ in known),
            norm,
            np.asarray(parameters, dtype=np.float64) / budgets.total,
            np.asarray(errors) / norm,
            _SHARES,
            np.array(uniform) / norm,
        )


def spent(
    plan: Plan | None = answer_of(Prepare, when=is_complete), share: float = Spending.share
) -> Budget | None:
    """Return the choice for the budget: one search in what is sorted."""
    if plan is None:
        return None
    least = plan.budgets.least / plan.budgets.total
    return plan.budgets.at(max(share, least))


def budget_figures(plan: Plan, found: Budget, count: int, rows: Any) -> dict[str, Floats]:
    """Return rank, error and kept share of every matrix under a budget, NaN of what is not in it.

    A matrix that stays dense has its full rank.
    """
    ranks, errors, shares = (np.full(count, np.nan) for _ in range(3))
    for number_, place in enumerate(plan.places):
        row, rank = rows[place], found.ranks[number_]
        full = min(row.shape)
        norm = row.frobenius_norm
        ranks[place] = full if rank is None else rank
        error = found.errors[number_]
        relative = error if plan.norm == np.sqrt(len(plan.places)) else error / (norm or 1.0)
        errors[place] = relative
        shares[place] = ranks[place] / full if full else np.nan
    return {"rank_budget": ranks, "error_budget": errors, "share_budget": shares}
