"""Error against parameters: what any budget buys, and what one share for all would."""

from __future__ import annotations

from typing import Any

import numpy as np

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.parameter import toggle
from gui.core.declare.records import Plot, View
from gui.core.figure.figure import Axis, Cursor, Figure, Series, empty_figure
from gui.core.figure.table import Row, number_row, share_row
from gui.core.words.i18n import tr
from gui.core.words.numbers import as_typed
from gui.pages.checkpoint.compute.budget import Plan, Prepare, Spending, is_complete, spent
from gui.pages.checkpoint.show.words import count_text

BUDGET = View("budget", "Budget", "Error against parameters, for the whole model")


class BudgetPlot(Plot, key="checkpoint.budget", title="Error against parameters", view=BUDGET):
    """The least error that a share of all parameters allows."""

    plan: Plan | None = answer_of(Prepare, when=is_complete)
    found: Any = value_of(spent)
    part: float = Spending.share
    error_log: bool = toggle(False, undo="logarithmic error", axis="y")

    def figure(self) -> Figure:
        """Return the curves with the budget as a line that is dragged."""
        plan = self.plan
        if plan is None or self.found is None:
            note = tr("The budget needs the spectra of all matrices.")
            return empty_figure("", "", note)
        floor = 1e-6 if self.error_log else None
        best = Series("best", tr("best ranks"), plan.parameters, plan.errors, "c0")
        uniform = Series(
            "uniform", tr("one share for all"), plan.shares, plan.uniform, "muted", "dash"
        )
        here = np.array([self.found.parameters / plan.budgets.total])
        error = np.array([self.found.error / plan.norm])
        chosen = Series("here", tr("this budget"), here, error, "accent", symbol="o", line=False)
        label = tr("{share} of all", share=f"{as_typed(100.0 * self.part)} %")
        return Figure(
            x=Axis(tr("parameters kept (share of all)"), limits=(0.0, 1.02)),
            y=Axis(tr("relative error"), log=self.error_log),
            series=(best.above(floor), uniform.above(floor), chosen),
            cursors=(
                Cursor(
                    "share",
                    label,
                    "x",
                    self.part,
                    draggable=True,
                    bounds=(0.01, 1.0),
                    color="accent",
                    dash="solid",
                ),
            ),
        )


class BudgetNumbers(Plot, key="checkpoint.budget_numbers", title="Budget", section="Budget"):
    """What the budget buys, in numbers."""

    plan: Plan | None = answer_of(Prepare, when=is_complete)
    found: Any = value_of(spent)

    def rows(self) -> list[Row]:
        """Return them."""
        plan, found = self.plan, self.found
        if plan is None or found is None:
            return [Row(tr("Error"), "–", tr("The budget needs the spectra of all matrices."))]
        uniform = float(np.interp(found.limit / plan.budgets.total, plan.shares, plan.uniform))
        total = tr("{kept} of {all}", kept=count_text(found.parameters),
                   all=count_text(plan.budgets.total))  # fmt: skip
        tip = tr("No choice of ranks within this budget has a smaller error")
        dense = sum(rank is None for rank in found.ranks)
        kept = ((found.parameters, tr("of {whole}", whole=plan.budgets.total)),)
        return [
            Row(tr("Parameters"), total, tr("Of the factors, and of what stays dense"), kept),
            _share(tr("Error"), found.error / plan.norm, tr("Of all matrices together")),
            _share(tr("Bound"), found.lower_bound / plan.norm, tip),
            _share(tr("One share for all"), uniform, tr("The same share of every matrix")),
            number_row(tr("Dense"), dense, tr("Matrices that stay as they are")),
        ]


def _share(title: str, value: float, tip: str) -> Row:
    return share_row(title, value, tip, f"{100.0 * value:.3g} %")
