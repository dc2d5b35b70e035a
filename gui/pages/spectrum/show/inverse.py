"""The pseudo-inverse: what is inverted, its picture, its identities, and M⁺ b."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gui.core.declare.marks import answer_of, given, value_of
from gui.core.declare.pictures import colours
from gui.core.declare.records import Plot, View
from gui.core.figure.arrays import Floats
from gui.core.figure.figure import Axis, Cursor, Figure, Series
from gui.core.figure.look import Look
from gui.core.figure.pictures import picture_figure, whole_ticks
from gui.core.figure.table import Row, number_row, share_row
from gui.core.state.document import Opened
from gui.core.words.i18n import tr
from gui.core.words.numbers import as_typed, format_bound, format_known
from gui.pages.spectrum.compute.analysis import Analysis
from gui.pages.spectrum.compute.inverse import (
    CUT_MIN,
    VIEW,
    Choices,
    CutBy,
    Inverse,
    Invert,
    Measure,
    Numbers,
    Penrose,
    RightHand,
    Solve,
    Solved,
)
from gui.pages.spectrum.compute.matrix import Analyse
from gui.pages.spectrum.compute.shared import Shared
from gui.pages.spectrum.compute.whole import whole_inverse
from gui.pages.spectrum.show.frame import meta_of, rank_line
from gui.pages.spectrum.show.reconstruction import complex_figure

INVERSE = View(
    VIEW,
    "Pseudo-inverse",
    "M⁺ = V_r S_r⁻¹ U_rᵀ, and the shortest x in M x ≈ b",
    short="Inverse",
)
MARKED = 64


class InverseValues(
    Plot, key="spectrum.inverse_values", title="Singular values inverted", view=INVERSE, share=4
):
    """1/σ beside σ, relative to σ₁; the cut is dragged."""

    analysis: Analysis = answer_of(Analyse)
    inverse: Inverse = answer_of(Invert)
    by: CutBy = Choices.cut_by
    cut: float = Numbers.cut
    rank: int = Shared.rank

    def figure(self) -> Figure:
        """Return the plot."""
        inverse = self.inverse
        index, share, other = _ratios(inverse.sigma)
        inside = index <= inverse.rank
        symbol = "o" if index.size <= MARKED else ""
        series = [
            Series("sigma", tr("σᵢ / σ₁"), index, share, "c0", symbol=symbol),
            Series("inverted", tr("σ₁ / σᵢ"), index, np.where(inside, other, np.nan), "c1", "dash",
                   symbol=symbol),
        ]  # fmt: skip
        if not inside.all():
            rest = np.where(inside, np.nan, other)
            name = tr("left out")
            series.append(Series("left_out", name, index, rest, "muted", "dot", 1.5))
        return Figure(
            x=Axis(
                tr("index i"),
                limits=(0.0, index.size + 1.0 + 0.01 * index.size),
                log_locked=True,
                ticks=whole_ticks(index.size),
            ),
            y=Axis(tr("ratio to σ₁"), log=True, log_locked=True),
            series=tuple(series),
            cursors=self._cursors(),
            note=_why_less(inverse),
            meta=_meta(self),
        )

    def _cursors(self) -> tuple[Cursor, ...]:
        if self.by == "rank":
            return (rank_line(self.rank, min(self.analysis.shape)),)
        text = tr("tolerance {cut}", cut=as_typed(self.cut))
        bounds = (CUT_MIN, 1.0)
        return (Cursor("cut", text, "y", self.cut, True, bounds, color="accent", dash="solid"),)


class InversePicture(
    Plot, key="spectrum.inverse", title="Pseudo-inverse M⁺", view=INVERSE, share=3
):
    """The entries of M⁺ in block means, columns of M downwards."""

    analysis: Analysis = answer_of(Analyse)
    inverse: Inverse = answer_of(Invert)
    data: Opened = given(Opened)
    look: Look = value_of(colours("inverse"))

    def figure(self) -> Figure:
        """Return the picture."""
        inverse = self.inverse
        title = tr("M⁺ of rank {rank}", rank=inverse.rank)
        if inverse.picture is None:
            return complex_figure(title)
        image = inverse.picture.image("inverse", title, inverse.extent)
        image = replace(image, whole=whole_inverse(inverse))
        down, across = self.data.labels
        names, shape = (across, down), inverse.factors.shape
        return picture_figure("", title, image, shape, meta=_meta(self), names=names)


class Solution(Plot, key="spectrum.solution", title="x = M⁺ b", view=INVERSE, share=3):
    """The shortest of all x that make ‖b − M x‖ least."""

    analysis: Analysis = answer_of(Analyse)
    inverse: Inverse = answer_of(Invert)
    solved: Solved = answer_of(Solve)
    of: RightHand = Choices.b_of
    data: Opened = given(Opened)

    def figure(self) -> Figure:
        """Return the plot."""
        x = self.solved.found.x
        label, y = tr("entry of x"), x
        if x.dtype.kind == "c":
            label, y = tr("size of the entry of x"), np.abs(x)
        places = np.arange(float(x.size))
        symbol = "o" if x.size <= MARKED else ""
        return Figure(
            x=Axis(tr("column"), limits=(-1.0, float(x.size)), log_locked=True).named(
                self.data.labels[1]
            ),
            y=Axis(label, log_locked=True),
            series=(Series("x", tr("x"), places, y, "c2", symbol=symbol),),
            legend=False,
            meta={**_meta(self), "b": self.of},
        )


class InverseNumbers(
    Plot, key="spectrum.inverse_numbers", title="Pseudo-inverse and solution", view=INVERSE
):
    """The norms of M⁺, and how well and with how long an x the right-hand side is met."""

    analysis: Analysis = answer_of(Analyse)
    inverse: Inverse = answer_of(Invert)
    solved: Solved = answer_of(Solve)

    def rows(self) -> Sequence[Row]:
        """Return them."""
        inverse, solved = self.inverse, self.solved
        found, known = solved.found, self.inverse.sigma.size
        share = found.residual / solved.b_norm if solved.b_norm else 0.0
        return (
            Row(
                tr("Inverted"),
                tr("{rank} of {known}", rank=inverse.rank, known=known),
                tr("How many singular values are inverted, of those that are known"),
                ((inverse.rank, tr("of {whole}", whole=known)),),
            ),
            self._largest(tr("1 / σ_r: how much an error in b can grow in x")),
            number_row(tr("‖M⁺‖_F"), inverse.factors.frobenius, tr("√Σ_{i≤r} 1 / σᵢ²")),
            Row(tr("Error of M⁺"), *self._bound()),
            number_row(tr("‖x‖"), found.norm, tr("Length of x = M⁺ b")),
            number_row(
                tr("‖b − M x‖"),
                found.residual,
                tr("What no x of the space that is inverted can do better, measured with M itself"),
            ),
            share_row(tr("… relative"), share, tr("‖b − M x‖ / ‖b‖")),
        )

    def _largest(self, tip: str) -> Row:
        rank, error = self.inverse.rank, self.analysis.spectrum.error_bound
        name = tr("‖M⁺‖₂")
        if rank == 0:
            return number_row(name, 0.0, tip)
        last = float(self.inverse.sigma[rank - 1])
        if last <= error:
            least = format_bound(1.0 / (last + error), upper=False)
            return Row(name, tr("> {value}", value=least), tip)
        shown = format_known(1.0 / last, error / last / (last - error))
        return Row(name, shown, tip, ((1.0 / last, ""),))

    def _bound(self) -> tuple[str, str]:
        bound = self.inverse.factors.error_bound
        if bound is None:
            words = tr(
                "A bound is known where all min(m, n) singular values are inverted and the "
                "smallest is above the rounding of the vectors."
            )
            return tr("none known"), words
        return tr("≤ {value}", value=format_bound(bound)), tr("Bound on its spectral norm (Wedin)")


class Identities(Plot, key="spectrum.penrose", title="Penrose identities", view=INVERSE):
    """The four equations that only the pseudo-inverse satisfies, and by how much it misses them."""

    penrose: Penrose = answer_of(Measure)

    def rows(self) -> Sequence[Row]:
        """Return the four relative errors."""
        first = tr(
            "Relative error in the Frobenius norm: ‖M − M_r‖_F / ‖M‖_F and rounding. "
            "What is not inverted is missing here."
        )
        other = tr("Relative error in the Frobenius norm: rounding, times σ₁ / σ_r at worst")
        names = ("M M⁺ M = M", "M⁺ M M⁺ = M⁺", "(M M⁺)ᵀ = M M⁺", "(M⁺ M)ᵀ = M⁺ M")
        tips = (first, other, other, other)
        return tuple(
            number_row(name, error, tip, digits=2)
            for name, error, tip in zip(names, self.penrose, tips, strict=True)
        )


def _ratios(sigma: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the indices of values, σᵢ/σ₁ and σ₁/σᵢ, NaN where a value is 0."""
    index = np.arange(1.0, sigma.size + 1.0)
    top = float(sigma[0]) if sigma.size else 0.0
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        share = np.where(sigma > 0.0, sigma / top, np.nan)
        other = 1.0 / share
    return index, share, np.where(np.isfinite(other), other, np.nan)


def _why_less(inverse: Inverse) -> str:
    """Return why fewer values are inverted than were asked for, "" where they are not."""
    if inverse.rank >= inverse.asked:
        return ""
    if inverse.rank == inverse.sigma.size:
        return tr(
            "Singular vectors are known up to rank {rank}: there are no more, or they would "
            "take more than 2 GB.",
            rank=inverse.rank,
        )
    return tr("Beyond {rank} every singular value is 0 and has no inverse.", rank=inverse.rank)


def _meta(plot: InverseValues | InversePicture | Solution) -> dict[str, str]:
    return dict(meta_of(plot.analysis, inverted=str(plot.inverse.rank)))
