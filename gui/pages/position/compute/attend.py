"""The weights of one draw as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gui.core.declare.parameter import choice
from gui.core.declare.records import Record, Step
from gui.core.figure.pictures import Shades, scale_of, shade
from gui.frozen import dataclass
from gui.pages.position.compute.setting import (
    Encoding,
    Encodings,
    Kind,
    Scores,
    Size,
    listed,
    softmax_of,
    topk_of,
)

if TYPE_CHECKING:
    from engine.jobs import Progress

SHOWN = 256  # tokens; more are not told apart in a picture


class Pictured(Record):
    """Which kind of attention is pictured."""

    pictured: Kind = choice(
        "softmax",
        listed,
        "&Map of",
        "Which attention the map shows",
        view="map",
        undo="attention pictured",
    )


@dataclass(frozen=True, eq=False)
class Weights:
    """Weights of the first trial, each row over its largest; ``size`` is how many tokens."""

    shades: Shades
    size: int


class Attend(Step, key="attend", title="Weighing the tokens"):
    """The weights of the first draw."""

    pictured: Kind = Pictured.pictured
    sigma: float = Scores.sigma
    k: int = Scores.k
    tau: float = Scores.tau
    operator: str = Scores.operator
    encoding: Encoding = Encodings.encoding
    base: float = Encodings.base
    slope: float = Encodings.slope
    length: int = Size.length
    features: int = Size.features
    seed: int = Size.seed

    @property
    def cost(self) -> float:
        """Seconds, about."""
        count = min(self.length, SHOWN)
        return count**2 * (1e-6 if self.pictured == "soft" else 2e-7)

    def run(self, progress: Progress | None = None) -> Weights:
        """Return them, each row divided by its largest: rows far down stay as bright."""
        from engine.attention import sampled_weights

        size = min(self.length, SHOWN)
        weights = sampled_weights(
            size,
            encoding=self.encoding,
            base=self.base,
            slope=self.slope,
            features=self.features,
            seed=self.seed,
            **self._kind(),
        )
        shares = weights / weights.max(axis=1, keepdims=True)
        return Weights(shade(shares, scale_of(shares)), size)

    def _kind(self) -> dict[str, Any]:
        if self.pictured in ("uniform", "softmax"):
            return softmax_of(self.sigma if self.pictured == "softmax" else 0.0)
        operator = "hard" if self.pictured == "hard" else self.operator
        return topk_of(operator, self.sigma, self.k, self.tau)
