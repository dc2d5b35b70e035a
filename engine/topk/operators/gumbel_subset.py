"""Relaxed subset sampling: Gumbel noise, then k softmax steps that remove what was taken.

References
----------
Xie & Ermon, "Reparameterizable subset sampling via continuous relaxations", IJCAI 2019,
arXiv 1901.10517, Algorithm 2.
"""

from __future__ import annotations

import numpy as np

from engine.topk.code import Code
from engine.topk.iterated.softmax import softmax_and_rest
from engine.topk.operator import Operator
from engine.topk.semantics import FloatArray, Problem
from engine.topk.solution import RowSolution, row_by_row

__all__ = ["GUMBEL_SUBSET", "gumbel_noise"]


def gumbel_noise(n: int, seed: int) -> FloatArray:
    """Return n standard Gumbel numbers drawn with the seed.

    Examples
    --------
    >>> bool((gumbel_noise(3, 0) == gumbel_noise(3, 0)).all())
    True
    """
    return np.random.default_rng(seed).gumbel(size=n)


class GumbelSubsetSolution(RowSolution):
    """One relaxed sample: ``a = softmax(r / tau); p += a; r += log(1 - a)``, k times."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.noise = gumbel_noise(problem.scores.size, problem.seed)

    def value(self) -> FloatArray:
        """Return p, (n,)."""
        return self._run(None)[0]

    def jvp(self, v: FloatArray) -> FloatArray:
        """Return J v, (n,), by differentiating each step forwards."""
        return self._run(v)[1]

    def vjp(self, g: FloatArray) -> FloatArray:
        """Return J^T g, (n,), by running the k steps backwards from their stored values."""
        history: list[tuple[FloatArray, FloatArray]] = []
        self._run(None, history=history)
        back = np.zeros_like(g)
        for share, odds in reversed(history):
            # back is the cotangent of r after this step; a = share, dr = -odds-weighted da
            back_logit = _softmax_pull(share, odds, g, back) / self.problem.tau
            back = back + back_logit
        return back

    def d_tau(self) -> FloatArray:
        """Return dp/dtau, (n,): the noise does not scale with tau, so Euler does not apply."""
        return self._run(None, with_tau=True)[1]

    def _run(
        self,
        v: FloatArray | None,
        with_tau: bool = False,
        history: list[tuple[FloatArray, FloatArray]] | None = None,
    ) -> tuple[FloatArray, FloatArray]:
        x, tau = self.problem.scores, self.problem.tau
        p, removed, slope = np.zeros_like(x), np.zeros_like(x), np.zeros_like(x)
        change = np.zeros_like(x) if v is None else v.copy()
        for _ in range(self.problem.count):
            top = int((((x - x[0]) + self.noise) + removed).argmax())
            # Relative to the current leader, so that no large common part is rounded.
            r = (x - x[top]) + (self.noise - self.noise[top]) + (removed - removed[top])
            logits = np.clip(r / tau, -1e300, 1e300)
            share, rest = softmax_and_rest(logits)
            odds = share / np.maximum(rest, 1e-300)
            if history is not None:
                history.append((share, odds))
            if v is not None or with_tau:
                logit_change = (change - logits if with_tau else change) / tau
                centred = logit_change - np.dot(share, logit_change)
                slope += share * centred
                change -= odds * centred
            removed = removed + _log_rest(logits, share)
            p += share
        return p, slope


def _log_rest(logits: FloatArray, share: FloatArray) -> FloatArray:
    """Return log(1 - softmax), (n,), also where 1 - softmax underflows."""
    result = np.log1p(-np.minimum(share, 0.5))
    top = int(share.argmax())
    if share[top] > 0.5:
        others = np.delete(logits, top)
        peak = float(others.max())
        result[top] = peak - logits[top] + np.log(np.exp(others - peak).sum() * share[top])
    return result


def _softmax_pull(
    share: FloatArray, odds: FloatArray, g: FloatArray, back: FloatArray
) -> FloatArray:
    """Pull g (on the share) and back (on log(1 - share)) through one softmax.

    ``da = a (l - <a, l>)`` and ``d log(1 - a) = -a / (1 - a) (l - <a, l>)``.
    """
    weight = share * g - odds * back
    return weight - share * float(weight.sum())


_VALUE = """\
# A score that is kept has the noise that it would get alone.
place = np.where(keep, np.cumsum(keep, axis=-1) - 1, 0)
noise = gumbel(n)
y, p = z + noise[place] / tau, 0.0 * z
for _ in range(k):
    share, log_rest = shares(y, keep)
    y, p = y + log_rest / tau, p + share
"""

GUMBEL_SUBSET = Operator(
    key="gumbel_subset",
    title="Gumbel subset relaxation (one sample)",
    formula="r = x + Gumbel(seed); k times: a = softmax(r / tau), p += a, r += log(1 - a)",
    source="Xie & Ermon, IJCAI 2019, arXiv 1901.10517",
    family="random",
    needs_integer_k=True,
    stochastic=True,
    cost="n k",
    solve=row_by_row(GumbelSubsetSolution),
    code=Code(_VALUE, helpers=("shares",)),
    saturates=False,
    accurate=False,
)
