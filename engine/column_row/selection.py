"""Which column-row pairs of a product to keep: every strategy is one record in `STRATEGIES`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import comb
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.arguments import check_seed
from engine.column_row.search import SUBSET_LIMIT, TUPLE_LIMIT
from engine.column_row.terms import GRAM_LIMIT, SUBSETS_AT_ONCE, Terms
from engine.errors import ArgumentError
from engine.sentences import as_sentence, one_of, say
from engine.spectrum.linalg.checks import check_rank
from engine.spectrum.linalg.norms import FloatArray

IndexArray = npt.NDArray[np.intp]
Options = Mapping[str, Any]
Choice = tuple[Any, Any]


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
        ``choose(terms, r, options) -> (indices, weights)``.
    work : callable
        ``work(l, r)``: how many sums of terms it compares, its cost in words.
    limit : int
        The most sums it compares; beyond, it refuses.
    random : bool
        Whether it depends on ``seed``.
    weighted : bool
        Whether it brings weights of its own, other than 1.
    """

    key: str
    title: str
    formula: str
    source: str
    choose: Callable[[Terms, int, Options], Choice]
    work: Callable[[int, int], int]
    limit: int = 2**62
    random: bool = False
    weighted: bool = False

    def refuses(self, pairs: int, r: int) -> bool:
        """Return whether keeping r of ``pairs`` terms would compare too many sums.

        Examples
        --------
        >>> STRATEGIES["drop3"].refuses(400, 10), STRATEGIES["exact"].refuses(20, 10)
        (True, False)
        """
        return self.work(pairs, r) > self.limit


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
    options = {"seed": check_seed(seed), "operator": operator, "tau": tau}
    return select_terms(Terms(x, y), r, strategy, options)


def select_terms(terms: Terms, r: int, strategy: str, options: Options) -> Selection:
    """Do what `select_pairs` does, for terms that serve several questions.

    Raises
    ------
    ArgumentError
        As `select_pairs`.

    Examples
    --------
    >>> terms = Terms([[1.0, 5.0, 2.0]], [[1.0], [1.0], [1.0]])
    >>> select_terms(terms, 2, "norm", {}).indices.tolist()
    [1, 2]
    """
    if strategy not in STRATEGIES:
        raise ArgumentError("strategy", strategy, one_of(STRATEGIES))
    count = check_rank("r", r, terms.pairs)
    indices, weights = STRATEGIES[strategy].choose(terms, count, options)
    return Selection(
        np.asarray(indices, dtype=np.intp), np.asarray(weights, dtype=np.float64), strategy, count
    )


def sampling_probabilities(norms: FloatArray, strategy: str) -> FloatArray:
    """Probability of each pair: 1/l, or its norm over their sum (1/l where all are zero).

    Examples
    --------
    >>> import numpy as np
    >>> sampling_probabilities(np.array([1.0, 3.0]), "norm_sampling").tolist()
    [0.25, 0.75]
    """
    if strategy == "uniform" or not norms.any():
        return np.full(norms.size, 1.0 / norms.size)
    if strategy != "norm_sampling":
        raise ArgumentError("strategy", strategy, "'uniform' or 'norm_sampling'")
    return np.asarray(norms / norms.sum())


def _largest(terms: Terms, r: int, options: Options) -> Choice:
    return terms.by_norm[:r], np.ones(r)


def _drop(size: int) -> Callable[[Terms, int, Options], Choice]:
    def choose(terms: Terms, r: int, options: Options) -> Choice:
        return terms.keep_after_dropping(r, size), np.ones(r)

    return choose


def _greedy(terms: Terms, r: int, options: Options) -> Choice:
    return np.sort(terms.by_elimination[terms.pairs - r :]), np.ones(r)


def _exact(terms: Terms, r: int, options: Options) -> Choice:
    return terms.best_subset(r), np.ones(r)


def _sample(key: str) -> Callable[[Terms, int, Options], Choice]:
    def choose(terms: Terms, r: int, options: Options) -> Choice:
        p = sampling_probabilities(terms.norms, key)
        drawn = np.random.default_rng(options["seed"]).choice(p.size, size=r, p=p)
        return drawn, 1.0 / (r * p[drawn]) if r else np.ones(0)

    return choose


def _soft(terms: Terms, r: int, options: Options) -> Choice:
    norms = terms.norms
    scores = norms / norms.max() if norms.any() else norms
    operator = options["operator"]
    if isinstance(operator, str):
        # Only here: the other strategies do not depend on the operators.
        from engine.topk import get_operator

        operator = get_operator(operator)
    mask = np.asarray(operator(scores, r, tau=options["tau"]), dtype=np.float64)
    kept = np.flatnonzero(mask)
    return kept, mask[kept]


def _tuples(size: int) -> Callable[[int, int], int]:
    return lambda pairs, r: comb(pairs, size) if r < pairs else 0


def _subsets(pairs: int, r: int) -> int:
    # Few terms have all their subsets looked at once, whatever r is.
    return 2**pairs if pairs <= SUBSETS_AT_ONCE else comb(pairs, r)


def _norms(pairs: int, r: int) -> int:
    return pairs


_SU = "Su, kexue.fm/archives/10427"
_DRINEAS = "Drineas, Kannan & Mahoney, SIAM J. Comput. 36 (2006)"

STRATEGIES: Mapping[str, Strategy] = MappingProxyType(
    {
        s.key: s
        for s in (
            Strategy("norm", "Largest norms", "largest ‖xᵢ‖ ‖yᵢ‖", _SU, _largest, _norms),
            Strategy(
                "drop1", "Drop singles", "drop smallest ‖xᵢ yᵢᵀ‖", _SU,
                _drop(1), _tuples(1), TUPLE_LIMIT,
            ),
            Strategy(
                "drop2", "Drop pairs", "drop smallest ‖Σ₂ xᵢ yᵢᵀ‖", _SU,
                _drop(2), _tuples(2), TUPLE_LIMIT,
            ),
            Strategy(
                "drop3", "Drop triples", "drop smallest ‖Σ₃ xᵢ yᵢᵀ‖", _SU,
                _drop(3), _tuples(3), TUPLE_LIMIT,
            ),
            Strategy(
                "greedy",
                "Drop by total error",
                "drop the i that keeps ‖Σ_dropped xᵢ yᵢᵀ‖ smallest",
                say("Greedy backward selection on the error of {source}", source=as_sentence(_SU)),
                _greedy,
                lambda pairs, r: pairs * (pairs + 1) // 2,
                GRAM_LIMIT * (GRAM_LIMIT + 1) // 2,
            ),
            Strategy(
                "exact", "Exact search", "min over all S of ‖Σ_{i∉S} xᵢ yᵢᵀ‖", _SU,
                _exact, _subsets, SUBSET_LIMIT,
            ),
            Strategy(
                "uniform", "Uniform sampling", "pᵢ = 1/l, weight 1/(r pᵢ)", _DRINEAS,
                _sample("uniform"), _norms, random=True, weighted=True,
            ),
            Strategy(
                "norm_sampling", "Norm sampling", "pᵢ ∝ ‖xᵢ‖ ‖yᵢ‖, weight 1/(r pᵢ)", _DRINEAS,
                _sample("norm_sampling"), _norms, random=True, weighted=True,
            ),
            Strategy(
                "soft", "Soft Top-k weights", "weights ST_r(‖xᵢ‖ ‖yᵢ‖ / max)",
                "Su, kexue.fm/archives/10373 and 10427", _soft, _norms, weighted=True,
            ),
        )
    }
)  # fmt: skip
