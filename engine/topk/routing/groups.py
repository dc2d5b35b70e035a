"""Experts in groups: a token first chooses groups, then experts of these alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import ArgumentError
from engine.sentences import one_of, say
from engine.topk.routing.formats import Rounding
from engine.topk.semantics import FloatArray

__all__ = ["GROUP_SCORES", "Grouped", "Groups", "largest", "within_groups"]

Flags = NDArray[np.bool_]
GROUP_SCORES = ("largest", "two_largest")


@dataclass(frozen=True)
class Groups:
    """Experts in groups of equal size, in their order: those of one device, say.

    Parameters
    ----------
    count : int
        How many groups the experts make.
    kept : int
        Of how many groups a token may choose experts, in [1, count].
    score : {"largest", "two_largest"}
        What a group is chosen by: the largest of what is compared in it (DeepSeek-V2), or the sum
        of its two largest (DeepSeek-V3).

    Raises
    ------
    ArgumentError
        If an argument is not allowed.

    References
    ----------
    DeepSeek-AI, "DeepSeek-V2", arXiv 2405.04434, section 2.2.2 (device-limited routing);
    "DeepSeek-V3 technical report", arXiv 2412.19437 (node-limited routing).

    Examples
    --------
    >>> within_groups([[5.0, 1.0, 4.0, 3.0]], Groups(2, 1, "two_largest")).tolist()
    [[-inf, -inf, 4.0, 3.0]]
    >>> within_groups([[5.0, 1.0, 4.0, 3.0]], Groups(2, 1)).tolist()
    [[5.0, 1.0, -inf, -inf]]
    """

    count: int
    kept: int
    score: str = "largest"

    def __post_init__(self) -> None:
        if not _is_count(self.count):
            raise ArgumentError("groups", self.count, say("an integer >= 1"))
        if not _is_count(self.kept) or self.kept > self.count:
            allowed = say("an integer from 1 to {most}", most=self.count)
            raise ArgumentError("kept", self.kept, allowed)
        if self.score not in GROUP_SCORES:
            raise ArgumentError("score", self.score, one_of(GROUP_SCORES))

    def check(self, experts: int, k: int) -> None:
        """Refuse experts that make no groups of equal size, or groups too small for k of them."""
        if experts % self.count:
            allowed = say("a divisor of the {count} experts", count=experts)
            raise ArgumentError("groups", self.count, allowed)
        most = self.kept * (experts // self.count)
        if k > most:
            allowed = say("at most {most}, the experts of the groups that are kept", most=most)
            raise ArgumentError("k", k, allowed)

    def scores(self, compared: FloatArray) -> FloatArray:
        """Return what every group of every token is chosen by, (tokens, count)."""
        parts = compared.reshape(len(compared), self.count, -1)
        largest: FloatArray = parts.max(axis=2)
        if self.score == "largest" or parts.shape[2] == 1:
            return largest
        two = np.partition(parts, -2, axis=2)[:, :, -2:]
        found: FloatArray = two.sum(axis=2)
        return found


def within_groups(compared: ArrayLike, groups: Groups) -> FloatArray:
    """Return what is compared, -inf outside of the groups that each token keeps.

    Parameters
    ----------
    compared : array_like (tokens, experts)
        Of `compared_scores`; -inf is masked out.
    groups : Groups
        Among groups that tie the lower index is kept.

    Returns
    -------
    ndarray (tokens, experts), float64

    Raises
    ------
    ArgumentError
        If the experts make no groups of equal size.
    """
    wide = np.asarray(compared, dtype=np.float64)
    groups.check(wide.shape[1], 0)
    is_kept = largest(groups.scores(wide), groups.kept)
    return np.where(np.repeat(is_kept, wide.shape[1] // groups.count, axis=1), wide, -np.inf)


def largest(x: FloatArray, k: int) -> Flags:
    """Return which k entries of each row are the largest; among ties those of lower index."""
    order = np.argsort(-x, axis=1, kind="stable")[:, :k]
    found: Flags = np.zeros(x.shape, dtype=bool)
    np.put_along_axis(found, order, True, axis=1)
    return found


class Grouped:
    """A block of tokens that choose groups, then k experts of them; by brute force.

    Attributes
    ----------
    groups : Groups
    boundary : ndarray (tokens, 2)
        ``x_(k)`` and ``x_(k+1)`` in the groups that are kept; -inf where there is none.
    group_boundary : ndarray (tokens, 2)
        The same of the scores of groups.
    """

    def __init__(self, block: FloatArray, k: int, groups: Groups) -> None:
        self._block, self._k, self.groups = block, k, groups
        self.boundary = _boundary(within_groups(block, groups), k)
        self.group_boundary = _boundary(groups.scores(block), groups.kept)
        self._chosen = self._choice(block)

    def _choice(self, block: FloatArray) -> Flags:
        chosen = largest(within_groups(block, self.groups), self._k)
        return chosen & (block > -np.inf)  # a group of which nothing is left lends none

    def changed(self, rounding: Rounding) -> Flags:
        """Return which tokens choose others once what is compared is rounded."""
        after = self._choice(rounding.rounded(self._block))
        found: Flags = (after != self._chosen).any(axis=1)
        return found


def _boundary(x: FloatArray, k: int) -> FloatArray:
    ordered = -np.sort(-x, axis=1)
    last = np.full((len(x), 1), -np.inf)
    return np.hstack([last, ordered, last])[:, k : k + 2]


def _is_count(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        return False
    return int(value) >= 1
