"""What follows from the singular values alone: curves, descriptors, rules, density, soft masks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gui.core.i18n import tr
from gui.pages.spectrum.requests import Data, stored_share

if TYPE_CHECKING:
    from engine.jobs import Progress
    from engine.spectrum import Descriptors, Spectrum

Floats = NDArray[np.float64]

SWEEP_POINTS = 41


@dataclass(frozen=True, eq=False)
class Analysis:
    """A spectrum with its curves; entry r of a curve belongs to rank r, r = 0 ... K.

    While only leading values are known the errors are upper bounds and the energy a lower one.
    """

    data: Data
    spectrum: Spectrum
    energy: Floats
    frobenius: Floats
    spectral: Floats
    descriptors: Descriptors
    facts: tuple[Fact, ...]

    @property
    def known(self) -> int:
        """How many singular values are known."""
        return int(self.spectrum.values.size)

    @property
    def shape(self) -> tuple[int, int]:
        """(m, n)."""
        return self.spectrum.shape

    @property
    def sigma1(self) -> float:
        """The largest singular value."""
        return float(self.spectrum.values[0]) if self.known else 0.0


@dataclass(frozen=True)
class Fact:
    """One descriptor as it is shown: its name, value (None where there is none) and meaning."""

    key: str
    title: str
    value: float | None
    formula: str
    source: str
    bounds: tuple[float, float] | None = None
    remark: str = ""


@dataclass(frozen=True, eq=False)
class AnalyseSpectrum:
    """Compute curves and descriptors."""

    data: Data = field(repr=False)
    spectrum: Spectrum = field(repr=False)

    def run(self, progress: Progress | None = None) -> Analysis:
        """Return the analysis."""
        return analyse(self.data, self.spectrum)


def analyse(data: Data, spectrum: Spectrum) -> Analysis:
    """Return the curves and descriptors of ``spectrum``."""
    from engine.spectrum import describe, energy, frobenius_error, spectral_error

    descriptors = describe(spectrum)
    return Analysis(
        data,
        spectrum,
        energy(spectrum),
        frobenius_error(spectrum),
        spectral_error(spectrum),
        descriptors,
        _facts(descriptors),
    )


def _facts(found: Descriptors) -> tuple[Fact, ...]:
    from engine.spectrum import DESCRIPTORS

    return tuple(
        Fact(
            info.key,
            tr(info.title),
            getattr(found, info.key),
            info.formula,
            info.source,
            found.bounds.get(info.key),
            found.alpha_reason if info.key == "alpha" else "",
        )
        for info in DESCRIPTORS
    )


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

    analysis: Analysis = field(repr=False)
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
            rows.append(_ask(rule, self.analysis, chosen.get(rule.key)))
        return tuple(rows)


def choose_ranks(analysis: Analysis, values: tuple[tuple[str, float], ...]) -> ChooseRanks:
    """Return the request with its cost: parallel analysis draws many random spectra."""
    return ChooseRanks(analysis, values, 20 * analysis.known**2 * 2e-8)


def _ask(rule: Any, analysis: Analysis, value: float | None) -> RuleRow:
    from engine.errors import RankscopeError

    spectrum = analysis.spectrum
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
    rank = min(choice.rank, analysis.known)
    total = analysis.spectrum.frobenius
    error_share = float(analysis.frobenius[rank]) / total if total else 0.0
    stored = float(stored_share(analysis.shape, choice.rank))
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


@dataclass(frozen=True, eq=False)
class Density:
    """A histogram with the law of pure noise; ``edge`` is where noise would end."""

    edges: Floats
    heights: Floats
    grid: Floats
    law: Floats
    noise: float
    edge: float


@dataclass(frozen=True, eq=False)
class ComputeDensity:
    """Histogram of sigma (or sigma^2) and the Marchenko-Pastur law; ``noise`` 0 is estimated."""

    spectrum: Spectrum = field(repr=False)
    squared: bool = False
    bins: int = 0
    noise: float = 0.0

    def run(self, progress: Progress | None = None) -> Density:
        """Return heights that integrate to 1, and the law on a grid of its support."""
        from engine.spectrum import mp_density, mp_edges, mp_median

        values = np.asarray(self.spectrum.values)
        shown = values**2 if self.squared else values
        top = float(shown.max(initial=0.0)) or 1.0
        bins = self.bins or int(np.clip(2.0 * np.sqrt(values.size), 8, 160))
        heights, edges = np.histogram(shown, bins, range=(0.0, top), density=True)
        m, n = self.spectrum.shape
        noise = self.noise
        if not noise and values.size and self.spectrum.complete:
            beta = min(m, n) / max(m, n)
            noise = float(np.median(values)) / float(np.sqrt(max(m, n) * mp_median(beta)))
        if not (noise > 0.0 and np.isfinite(noise)):
            empty = np.zeros(0)
            return Density(edges, heights, empty, empty, 0.0, float("nan"))
        low, high = mp_edges((m, n), noise)
        grid = np.linspace(low, high, 301)
        law = mp_density(grid, (m, n), noise)
        if self.squared:
            # d sigma / d lambda = 1 / (2 sigma); the density at 0 is infinite and not drawn.
            positive = grid > 0.0
            law = np.where(positive, law / np.where(positive, 2.0 * grid, 1.0), np.nan)
            grid, high = grid**2, high**2
        return Density(edges, heights, grid, law, noise, high)


@dataclass(frozen=True)
class OperatorInfo:
    """What the controls show of a Top-k operator."""

    key: str
    title: str
    formula: str
    source: str
    whole_k: bool


def operator_catalogue() -> tuple[OperatorInfo, ...]:
    """Return the operators that can act on a spectrum, in display order."""
    from engine.topk import OPERATORS

    return tuple(
        OperatorInfo(op.key, tr(op.title), op.formula, op.source, op.needs_integer_k)
        for op in OPERATORS
    )


@dataclass(frozen=True, eq=False)
class SoftResult:
    """A soft truncation: its mask over the spectrum and its relative errors beside the floor."""

    operator: str
    title: str
    k: float
    tau: float
    mask: Floats
    frobenius: float
    spectral: float
    floor_frobenius: float
    floor_spectral: float


@dataclass(frozen=True, eq=False)
class SoftTruncate:
    """Apply a Top-k operator to the spectrum; ``tau`` is a share of sigma_1."""

    analysis: Analysis = field(repr=False)
    operator: str
    k: float
    tau: float

    def run(self, progress: Progress | None = None) -> SoftResult:
        """Return the mask and the errors, relative to the norms of the matrix."""
        return _soft(self.analysis, self.operator, self.k, self.tau)


@dataclass(frozen=True, eq=False)
class SoftSweep:
    """Relative Frobenius errors of the soft truncation along k and along tau; NaN: refused."""

    operator: str
    k: float
    tau: float
    ks: Floats
    over_k: Floats
    taus: Floats
    over_tau: Floats


@dataclass(frozen=True, eq=False)
class SweepSoft:
    """Errors of the soft truncation along k (at tau) and along tau (at k)."""

    analysis: Analysis = field(repr=False)
    operator: str
    k: float
    tau: float

    def run(self, progress: Progress | None = None) -> SoftSweep:
        """Return both curves."""
        from engine.jobs import checkpoint

        ks = np.unique(np.round(np.linspace(0, self.analysis.known, SWEEP_POINTS)))
        taus = np.geomspace(1e-4, 10.0, SWEEP_POINTS)
        over_k, over_tau = np.full(ks.size, np.nan), np.full(taus.size, np.nan)
        for place, k in enumerate(ks):
            checkpoint(progress, 0.5 * place / ks.size, tr("Errors along k"))
            over_k[place] = self._error(float(k), self.tau)
        for place, tau in enumerate(taus):
            checkpoint(progress, 0.5 + 0.5 * place / taus.size, tr("Errors along τ"))
            over_tau[place] = self._error(self.k, float(tau))
        return SoftSweep(self.operator, self.k, self.tau, ks, over_k, taus, over_tau)

    def _error(self, k: float, tau: float) -> float:
        from engine.errors import RankscopeError

        try:
            return _soft(self.analysis, self.operator, k, tau).frobenius
        except RankscopeError:
            return float("nan")


def _soft(analysis: Analysis, key: str, k: float, tau: float) -> SoftResult:
    from engine.spectrum import soft_truncate
    from engine.topk import get_operator

    operator = get_operator(key)
    k = min(k, float(analysis.known))
    k = float(round(k)) if operator.needs_integer_k else k
    found = soft_truncate(analysis.spectrum, operator, k, tau, relative=True)
    total, top = analysis.spectrum.frobenius or 1.0, analysis.sigma1 or 1.0
    return SoftResult(
        key,
        tr(operator.title),
        k,
        tau,
        found.filter,
        found.frobenius_error / total,
        found.spectral_error / top,
        found.floor_frobenius / total,
        found.floor_spectral / top,
    )


@dataclass(frozen=True)
class FollowCircle:
    """The unit circle through V^T, S and U of a 2 x 2 matrix."""

    matrix: tuple[float, float, float, float]

    def run(self, progress: Progress | None = None) -> Any:
        """Return the engine's CircleStages."""
        from engine.spectrum import circle_stages

        a, b, c, d = self.matrix
        return circle_stages(np.array([[a, b], [c, d]]))
