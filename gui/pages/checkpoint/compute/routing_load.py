"""What every expert receives by the formulas of routers and the operators of the Top-k page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.parameter import Offer, many, number
from gui.core.declare.records import Step
from gui.core.figure.arrays import Floats
from gui.core.figure.palette import operator_looks
from gui.core.words.i18n import tr, tr_sentence
from gui.core.words.lowered import written
from gui.core.words.names import explained
from gui.frozen import dataclass
from gui.pages.checkpoint.compute.routing import (
    FORMULAS,
    ReadScores,
    RouterScores,
)
from gui.pages.checkpoint.compute.routing_audit import experts_per_token, grouping, groups_of

if TYPE_CHECKING:
    from engine.jobs import Progress

_AT_ONCE = 512  # tokens


class Operators(Step, key="operators"):
    """The operators of the Top-k page; the first to ask for them waits for their import."""

    def run(self, progress: Progress | None = None) -> tuple[Offer, ...]:
        """Return them in display order."""
        from engine.topk import OPERATORS

        looks = operator_looks([one.key for one in OPERATORS])
        offers = []
        for one in OPERATORS:
            title = tr(one.title)
            tip = explained(title, written(tr_sentence(one.formula)), tr_sentence(one.source))
            offers.append(Offer(one.key, title, tip, *looks[one.key]))
        return tuple(offers)


@dataclass(frozen=True, eq=False)
class RouterLoad:
    """What every expert receives over its fair share, by formula or operator: 1 is fair.

    ``starved`` are the experts below half of it, ``errors`` say why an operator has none.
    """

    tokens: int
    experts: int
    load: Mapping[str, Floats]
    errors: Mapping[str, str]


class AddUpRouter(Step, key="router_load", title="Adding up the load of every expert"):
    """Add up with which weights tokens go to every expert."""

    scores: RouterScores | None = answer_of(ReadScores)
    per_token: int = value_of(experts_per_token)
    grouping: tuple[int, int] = value_of(grouping)
    operators: tuple[str, ...] = many(
        ("hard", "exp", "sigmoid", "laplace", "grad"),
        Operators,
        "Operators",
        "Operators of the Top-k page whose load is drawn beside the formulas of routers",
        view="load",
        undo="operators of the load",
        at_least=0,
        fold=5,
        more="More o&perators",
    )
    softness: float = number(
        0.5,
        (1e-3, 1e3),
        "Softness ta&u",
        "tau of the operators, in the unit of the scores",
        view="load",
        log=True,
        undo="softness of the load",
    )

    def run(self, progress: Progress | None = None) -> RouterLoad | None:
        """Return the loads; None where there are no scores."""
        from engine.errors import RankscopeError
        from engine.jobs import checkpoint
        from engine.topk import get_operator, router_weights

        found = self.scores
        if found is None:
            return None
        tokens, experts = found.logits.shape
        sums: dict[Any, Any] = {key: np.zeros(experts) for key in (*FORMULAS, *self.operators)}
        errors: dict[str, str] = {}
        for start in range(0, tokens, _AT_ONCE):
            # As it is: what routers compare is rounded to the type of their scores.
            block = found.logits[start : start + _AT_ONCE]
            wide = np.asarray(block, dtype=np.float64)
            weights: Any
            for key in sums:
                checkpoint(progress, start / tokens, tr("Adding up the load of every expert"))
                if key in errors:
                    continue
                try:
                    if key in FORMULAS:
                        groups = groups_of(self.grouping, key)
                        weights = router_weights(block, self.per_token, key, found.bias, groups)
                    else:
                        weights = get_operator(key)(wide, self.per_token, self.softness)
                    sums[key] += weights.sum(axis=0)
                except RankscopeError as error:
                    if key in FORMULAS:
                        raise
                    errors[key] = tr_sentence(error)
        known = {key: over_fair(value) for key, value in sums.items() if key not in errors}
        return RouterLoad(tokens, experts, known, errors)


def over_fair(load: Floats) -> Floats:
    """Return the load of every expert over the mean; 0 where nothing is sent anywhere.

    Examples
    --------
    >>> over_fair(np.array([3.0, 1.0])).tolist(), over_fair(np.zeros(2)).tolist()
    ([1.5, 0.5], [0.0, 0.0])
    """
    mean = float(load.mean()) if load.size else 0.0
    return load / mean if mean else np.zeros_like(load)
