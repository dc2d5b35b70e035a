"""Soft truncation: a Top-k operator as the mask on the singular values, and its errors."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from gui.core.declare.marks import answer_of
from gui.core.declare.parameter import Offer, choice, number, toggle
from gui.core.declare.records import Record, Step
from gui.core.figure.arrays import Floats
from gui.core.figure.palette import Dash, operator_looks
from gui.core.words.i18n import tr, tr_sentence
from gui.core.words.lowered import written
from gui.frozen import dataclass
from gui.pages.spectrum.compute.analysis import Analysis
from gui.pages.spectrum.compute.matrix import Analyse, limit
from gui.pages.spectrum.compute.shared import Shared

if TYPE_CHECKING:
    from engine.jobs import Progress


SWEEP_POINTS = 41
TAU_MIN, TAU_MAX = 1e-4, 10.0


class Operators(Step, key="operators"):
    """The operators that can act on a spectrum.

    A step, because the first of them to be asked imports the family of operators, which takes
    longer than a window may keep still.
    """

    def run(self, progress: Progress | None = None) -> tuple[Offer, ...]:
        """Return the operators in display order, with formula and source."""
        from engine.topk import OPERATORS

        return tuple(
            Offer(
                *(op.key, tr(op.title)),
                f"{written(tr_sentence(op.formula))}\n{tr_sentence(op.source)}",
            )
            for op in OPERATORS
        )


@dataclass(frozen=True, eq=False)
class SoftResult:
    """A soft truncation: its mask over the spectrum and its relative errors beside the floor."""

    operator: str
    title: str
    color: str
    dash: Dash
    k: float
    tau: float
    mask: Floats
    frobenius: float
    spectral: float
    floor_frobenius: float
    floor_spectral: float


class Mask(Record):
    """Which soft mask acts on the spectrum; ``tau`` is a share of sigma_1, so that it means the
    same for every matrix."""

    operator: str = choice(
        "sigmoid",
        Operators,
        "&Operator",
        "Which soft Top-k decides how much of each σᵢ is kept",
        view="soft",
    )
    k_follows: bool = toggle(
        True,
        "k follows the rank",
        "k is the rank r, so that hard and soft keep as much",
        undo="k follows the rank",
        view="soft",
    )
    k: float = number(
        8.0,
        (0.0, limit),
        "&k",
        "Σ pᵢ = k: how many values are kept",
        view="soft",
        follows=(k_follows, Shared.rank),
        per_array=True,
    )
    tau: float = number(
        0.02,
        (TAU_MIN, TAU_MAX),
        "τ / σ₁",
        "Temperature as a share of σ₁: p = ST_k(σ / (τ σ₁)); 0 is hard truncation",
        view="soft",
        log=True,
        undo="temperature",
    )


class Soften(Step, key="soft"):
    """Apply a Top-k operator to the spectrum."""

    analysis: Analysis = answer_of(Analyse)
    operator: str = Mask.operator
    k: float = Mask.k
    tau: float = Mask.tau

    def run(self, progress: Progress | None = None) -> SoftResult:
        """Return the mask and the errors, relative to the norms of the matrix."""
        return _soft(self.analysis, self.operator, self.k, self.tau)


@dataclass(frozen=True, eq=False)
class SoftCurve:
    """Relative Frobenius errors of the soft truncation at some k or tau; NaN: refused there."""

    at: Floats
    errors: Floats


class SweepK(Step, key="sweep_k"):
    """Errors of the soft truncation along k, at this tau."""

    analysis: Analysis = answer_of(Analyse)
    operator: str = Mask.operator
    tau: float = Mask.tau

    @property
    def apart(self) -> bool:
        """Whether it must hold up no other: the mask follows a drag without it."""
        return True

    def run(self, progress: Progress | None = None) -> SoftCurve:
        """Return the curve."""
        ks = np.unique(np.round(np.linspace(0, self.analysis.known, SWEEP_POINTS)))
        places = [(float(k), self.tau) for k in ks]
        errors = _errors(self.analysis, self.operator, places, progress, tr("Errors along k"))
        return SoftCurve(ks, errors)


class SweepTau(Step, key="sweep_tau"):
    """Errors of the soft truncation along tau, at this k."""

    analysis: Analysis = answer_of(Analyse)
    operator: str = Mask.operator
    k: float = Mask.k

    @property
    def apart(self) -> bool:
        """Whether it must hold up no other: the mask follows a drag without it."""
        return True

    def run(self, progress: Progress | None = None) -> SoftCurve:
        """Return the curve."""
        taus = np.geomspace(TAU_MIN, TAU_MAX, SWEEP_POINTS)
        places = [(self.k, float(tau)) for tau in taus]
        errors = _errors(self.analysis, self.operator, places, progress, tr("Errors along τ"))
        return SoftCurve(taus, errors)


def _errors(
    analysis: Analysis,
    operator: str,
    places: Sequence[tuple[float, float]],
    progress: Progress | None,
    what: str,
) -> Floats:
    """Return the relative Frobenius error at each (k, tau)."""
    from engine.errors import RankscopeError
    from engine.jobs import checkpoint

    errors = np.full(len(places), np.nan)
    for place, (k, tau) in enumerate(places):
        checkpoint(progress, place / len(places), what)
        with suppress(RankscopeError):
            errors[place] = _soft(analysis, operator, k, tau).frobenius
    return errors


def _soft(analysis: Analysis, key: str, k: float, tau: float) -> SoftResult:
    from engine.spectrum import soft_truncate
    from engine.topk import OPERATORS, get_operator

    operator = get_operator(key)
    k = min(k, float(analysis.known))
    k = float(round(k)) if operator.needs_integer_k else k
    found = soft_truncate(analysis.spectrum, operator, k, tau, relative=True)
    total, top = analysis.spectrum.frobenius or 1.0, analysis.sigma1 or 1.0
    return SoftResult(
        key,
        tr(operator.title),
        *operator_looks([one.key for one in OPERATORS])[key],
        k,
        tau,
        found.filter,
        found.frobenius_error / total,
        found.spectral_error / top,
        found.floor_frobenius / total,
        found.floor_spectral / top,
    )
