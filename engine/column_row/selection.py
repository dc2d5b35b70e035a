"""Which column-row pairs of a product to keep: every strategy is one record in `STRATEGIES`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.column_row.products import checked_pair, pair_norms, term_gram
from engine.column_row.search import drop_greedily, drop_tuples, search_all
from engine.errors import ArgumentError
from engine.spectrum.checks import check_rank
from engine.spectrum.curves import FloatArray

IndexArray = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Selection:
    """Chosen pairs and how to weigh them: ``X Y ~ X[:, indices] L Y[indices]``.

    Parameters
    ----------
    indices : ndarray of shape (q,), intp
        q = r, repeated where drawn twice; for ``soft`` every pair with a weight above 0.
    weights : ndarray of shape (q,) or (q, q)
        Diagonal of L, or L itself after ``fit_weights(..., "full")``.
    strategy : str
        Key in `STRATEGIES`.
    r : int
        The number asked for.
    """

    indices: IndexArray
    weights: FloatArray
    strategy: str
    r: int


@dataclass(frozen=True)
class Strategy:
    """One way to select pairs.

    Parameters
    ----------
    key, title, formula, source : str
        Identity.
    choose : callable
        ``choose(x, y, r, options) -> (indices, weights)`` for factors of moderate size.
    random : bool
        Whether it depends on ``seed``.
    """

    key: str
    title: str
    formula: str
    source: str
    choose: Callable[[FloatArray, FloatArray, int, Mapping[str, Any]], tuple[Any, Any]]
    random: bool = False


def select_pairs(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    r: int,
    strategy: str = "norm",
    *,
    seed: int = 0,
    operator: str | Callable[..., Any] = "sigmoid",
    tau: float = 0.1,
) -> Selection:
    """Choose r of the l column-row pairs of ``X Y = sum_i x_i y_i^T``.

    Parameters
    ----------
    x : array_like of shape (n, l)
        Real and finite; its columns are x_i.
    y : array_like of shape (l, m)
        Real and finite; its rows are y_i.
    r : int
        0 ... l.
    strategy : str
        Key in `STRATEGIES`.
    seed : int
        For the sampling strategies.
    operator : str or callable
        For ``soft``: key of an operator of ``engine.topk``, or ``operator(scores, r, tau=tau)``.
    tau : float
        For ``soft``: temperature for scores ``||x_i|| ||y_i||`` divided by their maximum.

    Returns
    -------
    Selection
        Deterministic strategies list the indices in ascending order, ``norm`` by norm.

    Raises
    ------
    ArgumentError
        For an unknown strategy, r outside [0, l], sides that do not fit, or a search that would
        look at too many subsets (the message has the count).
    DataError
        If a factor has NaN or inf.

    References
    ----------
    Su, kexue.fm/archives/10427; Drineas, Kannan & Mahoney, SIAM J. Comput. 36 (2006).

    Examples
    --------
    >>> pick = select_pairs([[1.0, 5.0, 2.0]], [[1.0], [1.0], [1.0]], 2)
    >>> pick.indices.tolist(), pick.weights.tolist()
    ([1, 2], [1.0, 1.0])
    """
    if strategy not in STRATEGIES:
        raise ArgumentError("strategy", strategy, "one of " + ", ".join(STRATEGIES))
    left, right, _ = checked_pair(x, y)
    count = check_rank("r", r, left.shape[1])
    options = {"seed": seed, "operator": operator, "tau": tau}
    indices, weights = STRATEGIES[strategy].choose(left, right, count, options)
    return Selection(
        np.asarray(indices, dtype=np.intp), np.asarray(weights, dtype=np.float64), strategy, count
    )


def sampling_probabilities(x: FloatArray, y: FloatArray, strategy: str) -> FloatArray:
    """Probability of each pair: 1/l, or ``||x_i|| ||y_i|| / sum`` (1/l where all are zero).

    Examples
    --------
    >>> import numpy as np
    >>> sampling_probabilities(np.array([[1.0, 3.0]]), np.ones((2, 1)), "norm_sampling").tolist()
    [0.25, 0.75]
    """
    pairs = x.shape[1]
    norms = pair_norms(x, y)
    if strategy == "uniform" or not norms.any():
        return np.full(pairs, 1.0 / pairs)
    if strategy != "norm_sampling":
        raise ArgumentError("strategy", strategy, "'uniform' or 'norm_sampling'")
    return np.asarray(norms / norms.sum())


def _largest(x: FloatArray, y: FloatArray, r: int, options: Mapping[str, Any]) -> tuple[Any, Any]:
    order = np.argsort(-pair_norms(x, y), kind="stable")
    return order[:r], np.ones(r)


def _drop(size: int) -> Callable[..., tuple[Any, Any]]:
    def choose(x: FloatArray, y: FloatArray, r: int, options: Mapping[str, Any]) -> tuple[Any, Any]:
        return drop_tuples(term_gram(x, y), r, size), np.ones(r)

    return choose


def _greedy(x: FloatArray, y: FloatArray, r: int, options: Mapping[str, Any]) -> tuple[Any, Any]:
    return drop_greedily(term_gram(x, y), r), np.ones(r)


def _exact(x: FloatArray, y: FloatArray, r: int, options: Mapping[str, Any]) -> tuple[Any, Any]:
    return search_all(lambda: term_gram(x, y), x.shape[1], r), np.ones(r)


def _sample(key: str) -> Callable[..., tuple[Any, Any]]:
    def choose(x: FloatArray, y: FloatArray, r: int, options: Mapping[str, Any]) -> tuple[Any, Any]:
        p = sampling_probabilities(x, y, key)
        drawn = np.random.default_rng(options["seed"]).choice(p.size, size=r, p=p)
        return drawn, 1.0 / (r * p[drawn]) if r else np.ones(0)

    return choose


def _soft(x: FloatArray, y: FloatArray, r: int, options: Mapping[str, Any]) -> tuple[Any, Any]:
    norms = pair_norms(x, y)
    scores = norms / norms.max() if norms.any() else norms
    operator = options["operator"]
    if isinstance(operator, str):
        # Only here: the other strategies do not depend on the operators.
        from engine.topk import get_operator

        operator = get_operator(operator)
    mask = np.asarray(operator(scores, r, tau=options["tau"]), dtype=np.float64)
    kept = np.flatnonzero(mask)
    return kept, mask[kept]


_SU = "Su, kexue.fm/archives/10427"
_DRINEAS = "Drineas, Kannan & Mahoney, SIAM J. Comput. 36 (2006)"

STRATEGIES: Mapping[str, Strategy] = MappingProxyType(
    {
        s.key: s
        for s in (
            Strategy("norm", "Largest norms", "largest ‖xᵢ‖ ‖yᵢ‖", _SU, _largest),
            Strategy("drop1", "Drop singles", "drop smallest ‖xᵢ yᵢᵀ‖", _SU, _drop(1)),
            Strategy("drop2", "Drop pairs", "drop smallest ‖Σ₂ xᵢ yᵢᵀ‖", _SU, _drop(2)),
            Strategy("drop3", "Drop triples", "drop smallest ‖Σ₃ xᵢ yᵢᵀ‖", _SU, _drop(3)),
            Strategy(
                "greedy",
                "Drop by total error",
                "drop the i that keeps ‖Σ_dropped xᵢ yᵢᵀ‖ smallest",
                "Greedy backward selection on the error of " + _SU,
                _greedy,
            ),
            Strategy("exact", "Exact search", "min over all S of ‖Σ_{i∉S} xᵢ yᵢᵀ‖", _SU, _exact),
            Strategy(
                "uniform", "Uniform sampling", "pᵢ = 1/l, weight 1/(r pᵢ)", _DRINEAS,
                _sample("uniform"), True,
            ),
            Strategy(
                "norm_sampling", "Norm sampling", "pᵢ ∝ ‖xᵢ‖ ‖yᵢ‖, weight 1/(r pᵢ)", _DRINEAS,
                _sample("norm_sampling"), True,
            ),
            Strategy(
                "soft", "Soft Top-k weights", "weights ST_r(‖xᵢ‖ ‖yᵢ‖ / max)",
                "Su, kexue.fm/archives/10373 and 10427", _soft,
            ),
        )
    }
)  # fmt: skip
