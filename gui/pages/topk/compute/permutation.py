"""The soft permutation matrix of the scores: by which method, and with which swaps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import numpy as np

from gui.core.declare.parameter import choice
from gui.core.declare.records import Record
from gui.core.figure.arrays import Floats
from gui.frozen import dataclass
from gui.pages.topk.compute.following import Following
from gui.pages.topk.compute.outputs import Kept
from gui.pages.topk.compute.scores import Scores

if TYPE_CHECKING:
    from engine.jobs import Progress

_QUICK = 64  # up to here the matrix keeps up with a moving slider

PermutationMethod = Literal["neuralsort", "softsort", "odd_even", "bitonic"]
PERMUTATIONS: Mapping[PermutationMethod, str] = {
    "neuralsort": "NeuralSort",
    "softsort": "SoftSort",
    "odd_even": "odd-even network",
    "bitonic": "bitonic network",
}
Swap = Literal["cauchy", "logistic"]
SWAPS: Mapping[Swap, str] = {"cauchy": "Cauchy", "logistic": "logistic"}


class Permuting(Record):
    """How the scores are sorted softly."""

    permutation: PermutationMethod = choice(
        "neuralsort",
        PERMUTATIONS,
        "Sorted by",
        "What makes the soft permutation: rows of a sorting operator, or a network of soft swaps",
        view="permutation claims",
        undo="soft permutation",
    )
    swap: Swap = choice(
        "cauchy",
        SWAPS,
        "Swap",
        "F of a network's comparators, q = F((a - b) / tau); sorting operators have none",
        view="permutation claims",
        undo="soft swap",
    )


@dataclass(frozen=True, eq=False)
class Permutation:
    """The matrix of these scores, (n, n): row i is a soft one-hot of the i-th largest."""

    scores: Scores
    matrix: Floats


class Permute(Following, key="permutation", title="Soft permutation"):
    """Sort the scores softly."""

    tau: float = Kept.tau
    method: PermutationMethod = Permuting.permutation
    swap: Swap = Permuting.swap

    @property
    def live(self) -> bool:
        """Whether overtaken answers are drawn."""
        return self.scores.size <= _QUICK

    def run(self, progress: Progress | None = None) -> Permutation:
        """Return the matrix.

        Raises
        ------
        engine.errors.ArgumentError
            When there are too many scores.
        """
        from engine.topk import permutation_rows

        matrix = permutation_rows(
            self.scores.values, self.tau, method=self.method, swap=self.swap, progress=progress
        )
        return Permutation(self.scores, matrix.astype(np.float64, copy=False))
