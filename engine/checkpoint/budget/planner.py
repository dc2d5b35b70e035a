"""Ranks for any budget: gains sorted once, and what is left over spent well.

The tails of sorted energies are convex, so every unit of rank has a gain per parameter and the
gains of a matrix fall. What a budget buys is a prefix of all gains in order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.arguments import as_number
from engine.checkpoint.budget.curves import FloatArray, IntArray, Weights, error_curves
from engine.checkpoint.budget.exact import best_choice
from engine.checkpoint.budget.gains import DENSE, Choice, Gains
from engine.checkpoint.budget.spending import branched_bound, force, spend
from engine.errors import ArgumentError
from engine.sentences import say
from engine.spectrum import Spectrum

_EQUAL = 1e-12
_TRIES = 3


@dataclass(frozen=True, eq=False)
class Budget:
    """What a number of parameters buys.

    Attributes
    ----------
    ranks : tuple of (int or None)
        Rank of each matrix; None stays dense.
    parameters : int
        What they take together: r (m + n) of a rank r, m n of a dense matrix.
    error : float
        ``sqrt(sum_l w_l sum_{i>r_l} sigma_{l,i}^2)``.
    lower_bound : float
        No choice within the budget has a smaller error: the linear relaxation's, branched once at
        the jump that it makes in part.
    optimal : bool
        Whether no choice is better: the bound is met, or all that can be were weighed (``exact``).
    errors : ndarray of shape (matrices,), float64
        ``sqrt(w_l sum_{i>r_l} sigma_{l,i}^2)`` of each; 0 where it stays dense.
    limit : int
        Parameters that were allowed.
    """

    ranks: tuple[int | None, ...]
    parameters: int
    error: float
    lower_bound: float
    optimal: bool
    errors: FloatArray
    limit: int


class Budgets:
    """Every budget of one model: gains sorted once, then an answer is one search in them.

    Parameters
    ----------
    spectra : sequence of (array_like or Spectrum)
        Singular values of each matrix, descending. Of a `Spectrum` that is not complete, ranks go
        as far as its values, and its residual is part of every error but of the dense matrix; what
        an array leaves out counts as 0.
    shapes : sequence of (int, int)
        (m, n) of each.
    weights : sequence of float, "absolute", "relative" or None
        ``w_l`` of each squared error; None and "absolute" are 1, "relative" is
        ``1 / ||W_l||_F^2``. For errors in activations give spectra of ``W_l C_l^{1/2}``.
    minimum, maximum : int
        Bounds on the rank of what is factored; no more than there are values.
    keep_dense : bool
        Whether a matrix may stay as it is, for m n parameters and without error.

    Attributes
    ----------
    total : int
        Parameters of all matrices as they are: what a share is a share of.
    least, most : int
        Parameters of the cheapest choice, and of the one that no larger budget betters.

    Raises
    ------
    ArgumentError
        For no matrices, lists of different lengths, bounds or weights out of range.
    DataError
        For values that are NaN, infinite, negative or not descending.

    References
    ----------
    Fox, "Discrete optimization via marginal analysis", Management Science 13 (1966): greedy on
    convex curves. Sinha & Zoltners, "The multiple-choice knapsack problem", Operations Research 27
    (1979): the relaxation needs the hull of each curve only.

    Examples
    --------
    >>> budgets = Budgets([[3.0, 1.0], [2.0, 2.0]], [(2, 2), (2, 2)], keep_dense=False)
    >>> budgets.at(8).ranks, round(budgets.at(8).error, 12), budgets.at(4).ranks
    ((1, 1), 2.2360679775, (1, 0))
    """

    def __init__(
        self,
        spectra: Sequence[npt.ArrayLike | Spectrum],
        shapes: Sequence[tuple[int, int]],
        weights: Weights = None,
        minimum: int = 0,
        maximum: int | None = None,
        keep_dense: bool = True,
    ) -> None:
        found = error_curves(spectra, shapes, weights, minimum, maximum, keep_dense)
        self._curves, self._exponent = found
        self._gains = gains = Gains(self._curves)
        self.total, self.least = gains.total, gains.least
        self.most = gains.least + int(gains.spent[-1] if gains.spent.size else 0)

    def at(self, budget: float, exact: bool = False) -> Budget:
        """Return the choice for a budget.

        Parameters
        ----------
        budget : float
            From above 0 to 1 it is a share of `total`, the parameters of all matrices as they
            are; above 1, and 0, it is their number.
        exact : bool
            Whether to weigh everything that may be better than what the sorted gains give. Where
            that is too much, the answer says ``optimal=False``.

        Raises
        ------
        ArgumentError
            For a budget below `least`, or that is no finite number from 0 up.

        Examples
        --------
        >>> Budgets([[3.0, 1.0]], [(2, 2)]).at(1.0).ranks
        (None,)
        """
        gains, limit = self._gains, self._limit(budget)
        place, left, price = gains.prefix(limit)
        bound = float(gains.undone[place]) - price * left
        found = gains.bought(place, left)
        if place == gains.spent.size:
            return self._budget(found, bound, limit, exact=False)
        choices = [spend(gains, found, place, np.zeros_like(found.dense))]
        # Too dear a jump, or one of those after it, may be worth what it takes from others.
        for jump in gains.jumps_from(place)[:_TRIES]:
            if forced := force(gains, found, place, int(jump)):
                choices.append(forced)
        if gains.kind[place] == DENSE:
            bound = max(bound, branched_bound(gains, found, place))
        best = min(choices, key=gains.squared)
        if not exact:
            return self._budget(best, bound, limit, exact=False)
        better = best_choice(self._curves, limit, price, gains.squared(best))
        if better is None:
            return self._budget(best, bound, limit, exact=False)
        if better[1] < gains.squared(best):
            ranks = better[0]
            best = Choice(np.where(ranks < 0, gains.first, ranks), ranks < 0, 0)
        return self._budget(best, bound, limit, exact=True)

    def uniform(self, budget: float) -> Budget:
        """Return what one share of its own parameters for every matrix makes of a budget.

        The share is the largest that the budget allows, with ranks rounded down.

        Raises
        ------
        ArgumentError
            As `at` does.

        Examples
        --------
        >>> Budgets([[3.0, 1.0], [2.0, 2.0]], [(2, 2), (2, 2)], keep_dense=False).uniform(8).ranks
        (1, 1)
        """
        gains, limit = self._gains, self._limit(budget)
        place, left, price = gains.prefix(limit)
        bound = float(gains.undone[place]) - price * left

        def cut(share: float) -> Choice:
            ranks = np.floor(share * gains.full / gains.step).astype(np.int64)
            dense = gains.only_dense | (gains.may_dense & (share >= 1.0))
            return Choice(np.clip(ranks, gains.first, gains.last), dense, 0)

        low, high = 0.0, 1.0
        if gains.cost_of(cut(high)) <= limit:
            low = high
        for _ in range(60):
            middle = 0.5 * (low + high)
            fits = gains.cost_of(cut(middle)) <= limit
            low, high = (middle, high) if fits else (low, middle)
        return self._budget(cut(low), bound, limit, exact=False)

    def curve(self, points: int = 512) -> tuple[IntArray, FloatArray]:
        """Return parameters and the least error that they allow, from `least` to `most`.

        The error is that of the relaxation's corners, which are choices that can be made.

        Examples
        --------
        >>> Budgets([[3.0, 1.0]], [(2, 2)], keep_dense=False).curve()
        (array([0, 4, 8]), array([3.16227766, 1.        , 0.        ]))
        """
        wanted = np.linspace(0, self.most - self.least, max(points, 2))
        places = np.unique(np.searchsorted(self._gains.spent, wanted, side="right"))
        spent = np.append(0, self._gains.spent)[places]
        return self.least + spent, self._error(self._gains.undone[places])

    def _limit(self, budget: float) -> int:
        allowed = "a share in (0, 1], or a number of parameters"
        number = as_number("budget", budget, allowed)
        if not 0.0 <= number < math.inf:
            raise ArgumentError("budget", budget, allowed)
        # A share such as 0.29 is not to lose a parameter because it has no binary form.
        limit = math.floor(number * self.total * (1.0 + 1e-15)) if number <= 1.0 else int(number)
        if limit < self.least:
            text = say(
                "at least {least:,} of {total:,} parameters, which the least ranks take",
                least=self.least,
                total=self.total,
            )
            raise ArgumentError("budget", budget, text)
        return limit

    def _error(self, squared: FloatArray) -> FloatArray:
        return np.ldexp(np.sqrt(np.maximum(squared, 0.0)), self._exponent)

    def _budget(self, found: Choice, bound: float, limit: int, exact: bool) -> Budget:
        squared = self._gains.squared(found)
        error, low = (float(one) for one in self._error(np.array([squared, min(bound, squared)])))
        pairs = zip(found.ranks.tolist(), found.dense.tolist(), strict=True)
        return Budget(
            tuple(None if dense else rank for rank, dense in pairs),
            self._gains.cost_of(found),
            error,
            low,
            exact or error <= low * (1.0 + _EQUAL),
            self._error(self._gains.tails_of(found)),
            limit,
        )


def allocate(
    spectra: Sequence[npt.ArrayLike | Spectrum],
    shapes: Sequence[tuple[int, int]],
    budget: float,
    weights: Weights = None,
    minimum: int = 0,
    maximum: int | None = None,
    keep_dense: bool = True,
    exact: bool = False,
) -> Budget:
    """Return the ranks that make the least of the error of a model within a budget.

    ``min sum_l w_l sum_{i>r_l} sigma_{l,i}^2`` with ``sum_l cost_l(r_l) <= budget``, where a rank
    r costs r (m + n), and a matrix that stays dense m n.

    Parameters
    ----------
    budget : float
        From above 0 to 1 it is a share of the parameters of all matrices as they are; above 1,
        and 0, it is their number.
    spectra, shapes, weights, minimum, maximum, keep_dense
        As for `Budgets`, which answers for any number of budgets and is prepared once.
    exact : bool
        Whether to weigh everything that may be better than what sorted gains give.

    Raises
    ------
    ArgumentError, DataError
        As `Budgets` and its ``at`` do.

    Examples
    --------
    >>> found = allocate([[3.0, 1.0], [2.0, 2.0]], [(2, 2), (2, 2)], 4)
    >>> found.ranks, found.parameters, round(found.error, 12), found.optimal
    ((None, 0), 4, 2.828427124746, True)
    """
    budgets = Budgets(spectra, shapes, weights, minimum, maximum, keep_dense)
    return budgets.at(budget, exact)
