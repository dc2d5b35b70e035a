"""What the Top-k page has computed for it: outputs, equal softness and sweeps.

Every request is frozen, holds read-only arrays and runs anywhere; the engine is imported only
when one runs, so that the window opens without it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gui.core.words.i18n import tr, tr_sentence
from gui.pages.topk.scores import Floats, Scores, boundary_ranks, hard_mask, mass_moved, spoken
from gui.pages.topk.state import TAU_MAX, TAU_MIN, Order

if TYPE_CHECKING:
    from engine.jobs import Progress
    from engine.topk import Operator

WORK_LIMIT = 2e8  # elementary steps of one evaluation: some seconds
SWEEP_LIMIT = 5e9
_SUSPICIOUS = 0.1  # seconds; no operator linear in n takes as long on scores people look at
_TIMED: set[str] = set()  # keys of the operators that have answered before in this process


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
class OperatorOutput:
    """One operator's answer, or the sentence that says why there is none.

    ``p`` is listed by index or by rank, as ``by`` says. ``argument`` names what the error is about
    ("k", "tau", "x"), "" when that is not known; ``total`` is sum p and ``moved`` the mass moved,
    sum |p - T_k| / k.
    """

    key: str
    scores: Scores
    k: float
    tau: float
    p: Floats | None
    by: Order = "index"
    seconds: float = 0.0
    error: str = ""
    argument: str = ""
    total: float = float("nan")
    moved: float = float("nan")

    def by_index(self) -> Floats | None:
        """Return p in the order of the scores' indices."""
        if self.p is None or self.by == "index":
            return self.p
        p = np.empty_like(self.p)
        p[self.scores.order] = self.p
        return p

    def standing_on(self, last: OperatorOutput | None) -> OperatorOutput:
        """Return a refusal with the last good p of the same input still in it."""
        if self.p is not None or last is None or last.scores.spec != self.scores.spec:
            return self
        return replace(self, p=last.by_index(), by="index")


@dataclass(frozen=True, eq=False)
class ComputeOutputs:
    """Evaluate operators; ``taus`` pairs each operator's key with its temperature.

    ``by`` is the order the answers are wanted in.
    """

    scores: Scores
    k: float
    taus: tuple[tuple[str, float], ...]
    by: Order = "index"

    def run(self, progress: Progress | None = None) -> tuple[OperatorOutput, ...]:
        """Return one output per operator; an operator that refuses says why, the others go on."""
        from engine.jobs import checkpoint

        mask = hard_mask(self.scores, self.k, self.by)

        def answer(pair: tuple[str, float]) -> OperatorOutput:
            checkpoint(progress)
            return _measured(evaluate(pair[0], self.scores, self.k, pair[1], self.by), mask)

        # One after the other: in two threads they share the memory bandwidth and the median
        # of four operators at n = 1e5 grew from 13 to 21 ms.
        return tuple(map(answer, self.taus))


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
        from engine.errors import RankscopeError
        from engine.topk import get_operator, match_softness

        soft = [get_operator(key) for key in self.operators if get_operator(key).has_tau]
        soft = [op for op in soft if not too_long(op.key, self.scores.size, self.k)]
        taus = dict.fromkeys(self.operators, self.tau)
        try:
            found = match_softness(soft, self.scores.values, self.k, self.target, self.measure)
        except RankscopeError as error:
            return Matched(taus, {"": tr_sentence(error)})
        taus.update({one.key: one.tau for one in found if one.ok})
        missed = {one.key: tr_sentence(one.sentence) for one in found if not one.ok}
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
            tr_sentence(op.formula),
            tr_sentence(op.source),
            op.needs_integer_k,
            op.has_tau,
            op.cost != "n",
        )
        for op in OPERATORS
    )


def _measured(output: OperatorOutput, mask: Floats) -> OperatorOutput:
    if output.p is None:
        return output
    return replace(output, total=float(output.p.sum()), moved=mass_moved(output.p, mask, output.k))


def evaluate(key: str, scores: Scores, k: float, tau: float, by: Order = "index") -> OperatorOutput:
    """Evaluate one operator, timed; a refusal becomes the output's error.

    A soft Top-k treats all scores alike: on scores that lie in the order of drawing it gives p in
    that order, and nothing has to be gathered. Random numbers belong to the index, though.
    """
    from engine.errors import RankscopeError
    from engine.topk import get_operator

    refusal = too_long(key, scores.size, k)
    if refusal:
        return OperatorOutput(key, scores, k, tau, None, by, 0.0, refusal, "operator")
    operator = get_operator(key)
    asked: Order = "index" if operator.stochastic else by
    try:
        p, seconds = _timed(operator, scores.along(asked), k, tau)
        if seconds > _SUSPICIOUS and operator.cost == "n" and key not in _TIMED:
            # The first call loads or compiles what it needs: that is not the operator's speed.
            p, seconds = _timed(operator, scores.along(asked), k, tau)
    except (RankscopeError, FloatingPointError, MemoryError) as error:
        argument = str(getattr(error, "argument", "") or "x")
        return OperatorOutput(key, scores, k, tau, None, by, 0.0, tr_sentence(error), argument)
    _TIMED.add(key)
    if asked != by:
        p = p[scores.order]
    p.flags.writeable = False
    return OperatorOutput(key, scores, k, tau, p, by, seconds)


def _timed(operator: Operator, x: Floats, k: float, tau: float) -> tuple[Floats, float]:
    start = time.perf_counter()
    p = np.asarray(operator(x, k, tau), dtype=np.float64)
    return p, time.perf_counter() - start


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


def python_snippet(key: str, k: float, tau: float, flavour: str) -> str:
    """Return a self-contained function for operator ``key`` ("numpy" or "torch").

    Raises
    ------
    ValueError
        When there is none for this operator.
    """
    from engine.topk import python_snippet as snippet

    return snippet(key, k, tau, flavour)


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
        mask = hard_mask(scores, step_k, "rank")
        for key in operators:
            checkpoint(progress, done / total, spoken(scores, tr("Sweeping")))
            done += 1
            output = evaluate(key, scores, step_k, tau_of[key] if tau_of else step_tau, "rank")
            if output.p is not None:
                values[key][row] = output.p[list(ranks)]
                moved[key][row] = mass_moved(output.p, mask, step_k)
    return Sweep(steps, tuple(int(i) for i in watched), ranks, values, moved)
