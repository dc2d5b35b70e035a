"""Whether the tail of the spectrum is a power law rather than another law."""

from __future__ import annotations

import numpy as np

from gui.core.declare.marks import answer_of
from gui.core.declare.records import Plot, View
from gui.core.figure.figure import Axis, Figure, Series
from gui.core.figure.palette import category
from gui.core.figure.table import Cell, Column, Table
from gui.core.words.i18n import tr
from gui.core.words.numbers import format_value
from gui.pages.spectrum.compute.analysis import Analysis
from gui.pages.spectrum.compute.ends.tails import POWER_LAW, CompareTails, TailLaw, Tails
from gui.pages.spectrum.compute.matrix import Analyse
from gui.pages.spectrum.show.frame import meta_of

TAILS = View("tails", "Tail", "Whether the largest values follow a power law or another law")

_SYMBOLS = {"alpha": "α", "rate": "λ", "mu": "μ", "sigma": "s", "beta": "β"}


class TailPlot(Plot, key="spectrum.tail", title="Tail of the spectrum", view=TAILS, share=2):
    """The share of values beyond each, and what every law says of it."""

    analysis: Analysis = answer_of(Analyse)
    tails: Tails = answer_of(CompareTails)

    def figure(self) -> Figure:
        """Return the plot."""
        tails, values = self.tails, self.tails.values
        beyond = 1.0 - np.arange(values.size) / values.size
        log = bool(values[0] > 0.0)
        series = [
            Series("values", tr("values"), values, beyond, "ink", symbol="o", line=False),
            *(
                Series(law.key, law.title, tails.grid, law.survival, *category(place)).above(
                    0.5 / values.size
                )
                for place, law in enumerate(tails.laws)
            ),
        ]
        return Figure(
            x=Axis(tr("singular value σ"), log=log),
            y=Axis(tr("share of the tail from σ on"), log=True),
            series=tuple(series),
            note=_conclusion(tails),
            meta=meta_of(self.analysis),
        )


class TailsTable(Plot, key="spectrum.tails", title="Laws of the tail", view=TAILS, share=3):
    """Every law against the power law."""

    tails: Tails = answer_of(CompareTails)

    def table(self) -> Table:
        """Return a row a law."""
        columns: tuple[Column, ...] = (
            Column(tr("Law of x = σ²"), tr("Density beyond the start of the tail")),
            Column(tr("Parameters"), tr("The most likely ones, in the units of σ²")),
            Column(
                tr("log ratio"),
                tr("Log likelihood of the power law less that of this law; above 0 it is likelier"),
                number=True,
            ),
            Column(tr("Normalised"), tr("The ratio in units of its deviation"), number=True),
            Column(
                tr("p"),
                tr("Chance of such a ratio where both laws are equally good (Vuong 1989)"),
                number=True,
                words=tr("Chance p (Vuong)"),
            ),
            Column(tr("Verdict"), tr("Decided where p ≤ 0.1")),
            Column(tr("Remark"), wide=True, elided=True),
        )
        cells = tuple(_cells(place, law) for place, law in enumerate(self.tails.laws))
        if not cells:
            dash = Cell("–")
            cells = ((Cell(tr("Power law")), *[dash] * 5, Cell(self.tails.reason)),)
        if not any(line[-1].text for line in cells):
            columns, cells = columns[:-1], tuple(line[:-1] for line in cells)
        return Table(columns, cells)  # what they come to stands over the curves beside it


def _cells(place: int, law: TailLaw) -> tuple[Cell, ...]:
    tip = tr("{formula} ({source})", formula=law.formula, source=law.source)
    texts = [f"{_SYMBOLS[key]} = {format_value(one)}" for key, one in law.parameters.items()]
    verdict = {
        "": "",
        "undecided": tr("undecided"),
        POWER_LAW: tr("power law"),
        law.key: tr("this law"),
    }
    return (
        Cell(law.title, tip=tip, curve=category(place)),
        Cell(", ".join(texts), tip=tip),
        _number(law.log_ratio),
        _number(law.normalised),
        _number(law.p_value),
        Cell(verdict[law.favours], role="muted" if law.favours == "undecided" else "ink"),
        Cell(law.reason, tip=law.reason),
    )


def _number(value: float | None) -> Cell:
    return Cell("") if value is None else Cell(f"{value:.3g}".replace("-", "−"), value)


def _conclusion(tails: Tails) -> str:
    """What the comparison comes to, in a sentence."""
    if not tails.laws:
        return tr("No power law is fitted: {reason}.", reason=tails.reason)
    better = [law.title for law in tails.laws if law.favours == law.key]
    if better:
        return tr("Likelier than a power law: {laws}.", laws=", ".join(better))
    worse = [law.title for law in tails.laws if law.favours == POWER_LAW]
    if worse:
        return tr("The power law is likelier than: {laws}.", laws=", ".join(worse))
    return tr("The values do not decide between the laws.")
