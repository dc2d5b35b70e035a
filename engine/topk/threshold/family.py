"""The threshold family: ``p_i = F(z_i - lam)`` with lam such that ``sum p = k``.

With ``f_i = F'(z_i - lam)`` and ``S = sum f`` every derivative follows from the constraint:
``J = (diag(f) - f f^T / S) / tau``, ``dp/dk = f / S``,
``dp/dtau = -(f / tau) (z - <f, z> / S)``; all are 0 when S is.

References
----------
Su, "Softmax后传：寻找Top-K的光滑近似", kexue.fm/archives/10373, section on ThreTopK.
"""

from __future__ import annotations

import numpy as np

from engine.sentences import Sentence, as_sentence, say
from engine.topk.code import Code
from engine.topk.operator import Operator
from engine.topk.semantics import FloatArray, Rows
from engine.topk.solution import Solution
from engine.topk.threshold.distributions import Distribution
from engine.topk.threshold.log_domain import log_values
from engine.topk.threshold.route import multiplied, solved
from engine.topk.threshold.solver import arguments

__all__ = ["ThresholdSolution", "threshold_formula", "threshold_operator"]


class ThresholdSolution(Solution):
    """Rows with their thresholds found; the rest are single passes over them.

    Parameters
    ----------
    rows : Rows
        The rows.
    distribution : Distribution
        F.
    """

    def __init__(self, rows: Rows, distribution: Distribution) -> None:
        super().__init__(rows)
        self.distribution = distribution
        self.found = solved(distribution, rows)
        self._free, self._spent = True, False  # whether p is nobody's yet; was written over

    def value(self) -> FloatArray:
        """Return p, (m, n)."""
        if self._spent:
            self.found, self._spent = solved(self.distribution, self.rows), False
        self._free = False
        return self.found.p

    def density(self) -> FloatArray:
        """Return f, (m, n)."""
        if self.found.f is None:
            self.found = solved(self.distribution, self.rows.with_slopes())
        assert self.found.f is not None
        return self.found.f

    def t(self) -> FloatArray:
        """Return ``z - lam``, (m, n): 0 where it does not matter to any derivative."""
        with np.errstate(all="ignore"):
            t = arguments(self.rows.scores, self.rows.tau, *self.place())
        return np.where(self.density() > 0.0, t, 0.0)

    def place(self) -> tuple[FloatArray, FloatArray]:
        """Return center and lam, (m, 1): the threshold is at ``center + tau lam``."""
        return self.found.center[:, None], self.found.lam[:, None]

    def jvp(self, v: FloatArray) -> FloatArray:
        """Return ``f (v - <f, v> / S) / tau``, in the memory of p if nobody has asked for p."""
        f, room = self.density(), self.found.p if self._free else None
        self._free, self._spent = False, self._spent or self._free
        return multiplied(f, v, self.rows.tau, room)

    def vjp(self, g: FloatArray) -> FloatArray:
        """Return J^T g; J is symmetric."""
        return self.jvp(g)

    def jacobian(self) -> FloatArray:
        """Return ``(diag(f) - f f^T / S) / tau``, (n, n), of the only row."""
        f = self.density()[0]
        total = float(f.sum())
        if total == 0.0:
            return np.zeros((f.size, f.size))
        result = np.outer(f, f / -total)
        result[np.diag_indices(f.size)] = self._diagonal(f, total)
        result /= self.rows.tau
        return result

    @staticmethod
    def _diagonal(f: FloatArray, total: float) -> FloatArray:
        """Return ``f_i sum_{j != i} f_j / S``: for a dominant f_i, f_i - f_i^2 / S cancels."""
        others = total - f
        top = int(f.argmax())
        others[top] = f[:top].sum() + f[top + 1 :].sum()
        return f * (others / total)

    def d_tau(self) -> FloatArray:
        """Return ``-(f / tau) (z - <f, z> / S)``."""
        return -self.jvp(self.t())

    def d_k(self) -> FloatArray:
        """Return ``f / S``."""
        f = self.density()
        total = f.sum(axis=1, keepdims=True)
        result: FloatArray = np.divide(f, total, out=np.zeros_like(f), where=total > 0.0)
        return result

    def log_value(self) -> FloatArray:
        """Return log F(t), with t and lam in digits of their own, (m, n)."""
        return log_values(self.distribution, self.rows, *self.place())


def threshold_operator(
    *,
    key: str,
    title: str,
    formula: str,
    source: str,
    distribution: Distribution,
    law_code: str,
    density_code: str,
    saturates: bool = True,
) -> Operator:
    """Return the operator with this F.

    Parameters
    ----------
    key, title, formula, source, saturates
        As `Operator` has them.
    distribution : Distribution
        F.
    law_code, density_code : str
        F and F' as lines that run without this package, see `engine.topk.code.Code.of_law`.
    """
    return Operator(
        key=key,
        title=title,
        formula=formula,
        source=source,
        family="threshold",
        needs_integer_k=False,
        solve=lambda rows: ThresholdSolution(rows, distribution),
        code=Code.of_law(law_code, density_code, distribution.smooth, distribution.touching),
        saturates=saturates,
        kernels=(distribution.kernels, "products", "long") if distribution.kernels else (),
    )


def threshold_formula(law: str) -> Sentence:
    """Return the formula of an operator with this F, in plain text.

    Examples
    --------
    >>> threshold_formula("1 / (1 + e^-t)")
    'p_i = F(z_i - lam), F(t) = 1 / (1 + e^-t), lam such that sum p = k'
    """
    text = "p_i = F(z_i - lam), F(t) = {law}, lam such that sum p = k"
    return say(text, law=as_sentence(law))
