"""What the Top-k page has computed for it: scores, outputs and sweeps.

Every request is frozen, holds read-only arrays and runs anywhere; the engine is imported only
when one runs, so that the window opens without it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gui.core.i18n import tr
from gui.pages.topk.state import TAU_MAX, TAU_MIN, InputSpec

if TYPE_CHECKING:
    from engine.jobs import Progress

WORK_LIMIT = 2e8  # elementary steps of one evaluation: some seconds
SWEEP_LIMIT = 5e9
Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class OperatorInfo:
    """What the controls show of an operator."""

    key: str
    title: str
    formula: str
    source: str
    whole_k: bool
    has_tau: bool
    heavy: bool


@dataclass(frozen=True, eq=False)
class Scores:
    """The scores in force; ``order`` lists the indices from the largest score down.

    Among ties the lower index comes first, as for the hard mask. ``unmasked`` counts the scores
    that are not -inf: the largest k.
    """

    spec: InputSpec
    values: Floats
    order: Ints
    unmasked: int

    @property
    def size(self) -> int:
        """How many scores there are, masked ones included."""
        return int(self.values.size)


@dataclass(frozen=True, eq=False)
class OperatorOutput:
    """One operator's answer, or the sentence that says why there is none.

    ``argument`` names what the error is about ("k", "tau", "x"), "" when that is not known;
    ``total`` is sum p and ``moved`` the mass moved, sum |p - T_k| / k.
    """

    key: str
    scores: Scores
    k: float
    tau: float
    p: Floats | None
    seconds: float = 0.0
    error: str = ""
    argument: str = ""
    total: float = float("nan")
    moved: float = float("nan")


@dataclass(frozen=True, eq=False)
class LoadScores:
    """Read or draw the scores of ``spec``; ``source`` is the opened file, opaque here."""

    spec: InputSpec
    source: Any = field(default=None, repr=False)

    def run(self, progress: Progress | None = None) -> Scores:
        """Return the scores with their order."""
        spec = self.spec
        if spec.kind == "data":
            values = _read(spec, self.source, progress)
        elif spec.kind == "pasted":
            values = np.array(spec.numbers, dtype=np.float64)
        else:
            values = generate(spec.kind, spec.count, spec.seed)
        check_finite(values)
        return make_scores(spec, values)


@dataclass(frozen=True, eq=False)
class ComputeOutputs:
    """Evaluate operators; ``taus`` pairs each operator's key with its temperature."""

    scores: Scores
    k: float
    taus: tuple[tuple[str, float], ...]

    def run(self, progress: Progress | None = None) -> tuple[OperatorOutput, ...]:
        """Return one output per operator; an operator that refuses says why, the others go on."""
        from engine.jobs import checkpoint

        outputs = []
        mask = hard_mask(self.scores, self.k)
        for place, (key, tau) in enumerate(self.taus):
            checkpoint(progress, place / len(self.taus))
            output = evaluate(key, self.scores, self.k, tau)
            if output.p is not None:
                total, moved = float(output.p.sum()), mass_moved(output.p, mask)
                output = replace(output, total=total, moved=moved)
            outputs.append(output)
        return tuple(outputs)


@dataclass(frozen=True)
class Matched:
    """Each operator's own tau, and a sentence for each that cannot reach the softness."""

    taus: dict[str, float]
    missed: dict[str, str]


@dataclass(frozen=True, eq=False)
class MatchSoftness:
    """Find each operator's tau at which the ``measure`` ("mass", "entropy") is ``target``.

    ``tau`` is what operators without a temperature are listed with.
    """

    scores: Scores
    k: float
    operators: tuple[str, ...]
    measure: str
    target: float
    tau: float

    def run(self, progress: Progress | None = None) -> Matched:
        """Return tau by operator key; operators that cannot reach the target keep ``tau``."""
        from engine.topk import get_operator, match_softness

        soft = [get_operator(key) for key in self.operators if get_operator(key).has_tau]
        soft = [op for op in soft if not too_long(op.key, self.scores.size, self.k)]
        found = match_softness(soft, self.scores.values, self.k, self.target, self.measure)
        taus = {key: self.tau for key in self.operators}
        taus.update({one.key: one.tau for one in found if one.ok})
        missed = {one.key: one.sentence for one in found if not one.ok}
        return Matched(taus, missed)


@dataclass(frozen=True, eq=False)
class Sweep:
    """Outputs along a line of ``steps`` (temperatures or ks).

    ``values[key]`` is (steps, watched): p of the watched scores; ``moved[key]`` the mass moved.
    """

    steps: Floats
    watched: tuple[int, ...]
    ranks: tuple[int, ...]
    values: dict[str, Floats]
    moved: dict[str, Floats]


@dataclass(frozen=True, eq=False)
class SweepTau:
    """p of the scores around the boundary, and the mass moved, against tau."""

    scores: Scores
    k: float
    operators: tuple[str, ...]
    points: int = 61

    def run(self, progress: Progress | None = None) -> Sweep:
        """Return the sweep; steps an operator refuses are NaN."""
        taus = np.geomspace(TAU_MIN, TAU_MAX, self.points)
        pairs = [(self.k, float(tau)) for tau in taus]
        return _sweep(self.scores, pairs, taus, self.operators, self.k, progress)


@dataclass(frozen=True, eq=False)
class SweepK:
    """p of the scores around the boundary, and the mass moved, against k."""

    scores: Scores
    k: float
    taus: tuple[tuple[str, float], ...]
    points: int = 65

    def run(self, progress: Progress | None = None) -> Sweep:
        """Return the sweep over whole k from 0 to the number of scores."""
        top = self.scores.unmasked
        ks = np.unique(np.round(np.linspace(0, top, min(self.points, top + 1))))
        tau_of = dict(self.taus)
        pairs = [(float(k), 0.0) for k in ks]
        return _sweep(self.scores, pairs, ks, tuple(tau_of), self.k, progress, tau_of)


def operator_catalogue() -> tuple[OperatorInfo, ...]:
    """Return what the controls show of every operator, in display order."""
    from engine.topk import OPERATORS

    return tuple(
        OperatorInfo(
            op.key,
            tr(op.title),
            op.formula,
            op.source,
            op.needs_integer_k,
            op.has_tau,
            op.cost != "n",
        )
        for op in OPERATORS
    )


def generate(kind: str, count: int, seed: int) -> Floats:
    """Return ``count`` scores of a kind ("normal", "uniform", "heavy", "ties").

    Examples
    --------
    >>> len(np.unique(generate("ties", 100, 0))) <= 5
    True
    """
    rng = np.random.default_rng(seed)
    if kind == "uniform":
        return rng.uniform(-1.0, 1.0, count)
    if kind == "heavy":
        return rng.standard_t(2.0, count)
    if kind == "ties":
        return rng.integers(0, 5, count).astype(np.float64)
    return rng.normal(0.0, 1.0, count)


def make_scores(spec: InputSpec, values: Floats) -> Scores:
    """Return ``values`` read-only, with their descending order (ties: lower index first)."""
    order = np.argsort(-values, kind="stable")
    values.flags.writeable = False
    order.flags.writeable = False
    return Scores(spec, values, order, int(np.count_nonzero(np.isfinite(values))))


def with_points(scores: Scores, points: tuple[tuple[int, float], ...]) -> Scores:
    """Return ``scores`` with dragged points put in; indices out of range are left out."""
    if not points:
        return scores
    values = scores.values.copy()
    for index, value in points:
        if 0 <= index < values.size:
            values[index] = value
    return make_scores(scores.spec, values)


def check_finite(values: Floats) -> None:
    """Refuse scores no operator can answer, naming how many there are and where the first is.

    Raises
    ------
    engine.errors.DataError
        When a score is NaN or +inf, or when there is none.
    """
    from engine.errors import DataError

    if values.size == 0:
        raise DataError(tr("This array holds no scores."))
    bad = ~(values < np.inf)
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        raise DataError(
            tr(
                "{count} of {total} scores are NaN or +inf, the first ({value}) at index {first}. "
                "Scores are finite, or -inf to mask one out.",
                count=int(bad.sum()),
                total=values.size,
                value=values[first],
                first=first,
            ),
            int(bad.sum()),
            (first,),
        )
    if not np.isfinite(values).any():
        raise DataError(tr("All {total} scores are -inf (masked out).", total=values.size))


def evaluate(key: str, scores: Scores, k: float, tau: float) -> OperatorOutput:
    """Evaluate one operator, timed; a refusal becomes the output's error."""
    from engine.errors import RankscopeError
    from engine.topk import get_operator

    refusal = too_long(key, scores.size, k)
    if refusal:
        return OperatorOutput(key, scores, k, tau, None, 0.0, refusal, "operator")
    start = time.perf_counter()
    try:
        p = np.asarray(get_operator(key)(scores.values, k, tau), dtype=np.float64)
    except (RankscopeError, FloatingPointError, MemoryError) as error:
        argument = str(getattr(error, "argument", "") or "x")
        return OperatorOutput(key, scores, k, tau, None, 0.0, str(error), argument)
    seconds = time.perf_counter() - start
    p.flags.writeable = False
    return OperatorOutput(key, scores, k, tau, p, seconds)


def too_long(key: str, size: int, k: float, times: int = 1) -> str:
    """Return a sentence when evaluating ``key`` that often would take minutes, else "".

    Examples
    --------
    >>> too_long("sigmoid", 1_000_000, 1000)
    ''
    >>> too_long("softsort", 1_000_000, 1000)
    'Takes too long for 1000000 scores at k = 1000. Choose fewer scores or a smaller k.'
    """
    from engine.topk import get_operator

    factors = {"n k": max(k, 1.0), "1000 n": 1000.0}
    steps = size * factors.get(get_operator(key).cost, 1.0) * times
    if steps <= (WORK_LIMIT if times == 1 else SWEEP_LIMIT):
        return ""
    return tr(
        "Takes too long for {n} scores at k = {k}. Choose fewer scores or a smaller k.",
        n=size,
        k=f"{k:g}",
    )


def boundary_ranks(size: int, k: float, around: int = 2) -> tuple[int, ...]:
    """Return the ranks (from 0) next to the boundary, ``around`` on either side.

    Examples
    --------
    >>> boundary_ranks(10, 3)
    (1, 2, 3, 4)
    """
    middle = round(k)
    return tuple(range(max(middle - around, 0), min(middle + around, size)))


def hard_mask(scores: Scores, k: float) -> Floats:
    """Return the hard mask of round(k) scores: the reference every difference is taken from."""
    mask = np.zeros(scores.size)
    mask[scores.order[: round(k)]] = 1.0
    return mask


def mass_moved(p: Floats, mask: Floats) -> float:
    """Return sum |p - T_k| / k, 0 for an empty mask."""
    total = float(mask.sum())
    return float(np.abs(p - mask).sum()) / total if total else 0.0


def python_snippet(key: str, flavour: str) -> str:
    """Return a self-contained function for operator ``key`` ("numpy" or "torch")."""
    from engine.topk import snippets

    return str(snippets.snippet(key, flavour))


def _read(spec: InputSpec, source: Any, progress: Progress | None) -> Floats:
    from engine.errors import DataError

    ref = spec.ref
    if ref is None or source is None:
        raise DataError(tr("This file is no longer open. Open it again."))
    index = ref.index or None
    if len(ref.shape) == 1:
        part = source.read(ref.entry, index=index, progress=progress)
    elif spec.axis == "row":
        part = source.read(ref.entry, rows=spec.position, index=index, progress=progress)
    else:
        part = source.read(ref.entry, cols=spec.position, index=index, progress=progress)
    part = np.asarray(part)
    if np.iscomplexobj(part):
        raise DataError(tr("These scores are complex numbers, which have no order."))
    return np.array(part, dtype=np.float64).ravel()


def _sweep(
    scores: Scores,
    pairs: list[tuple[float, float]],
    steps: Floats,
    operators: tuple[str, ...],
    k: float,
    progress: Progress | None,
    tau_of: dict[str, float] | None = None,
) -> Sweep:
    from engine.jobs import checkpoint

    ranks = boundary_ranks(scores.unmasked, k)
    watched = scores.order[list(ranks)] if ranks else np.empty(0, dtype=np.intp)
    operators = tuple(
        key for key in operators if not too_long(key, scores.size, k, times=len(pairs))
    )
    values = {key: np.full((len(pairs), len(watched)), np.nan) for key in operators}
    moved = {key: np.full(len(pairs), np.nan) for key in operators}
    total, done = len(pairs) * len(operators), 0
    for row, (step_k, step_tau) in enumerate(pairs):
        mask = hard_mask(scores, step_k)
        for key in operators:
            checkpoint(progress, done / total, tr("Sweeping"))
            done += 1
            output = evaluate(key, scores, step_k, tau_of[key] if tau_of else step_tau)
            if output.p is not None:
                values[key][row] = output.p[watched]
                moved[key][row] = mass_moved(output.p, mask)
    return Sweep(steps, tuple(int(i) for i in watched), ranks, values, moved)
