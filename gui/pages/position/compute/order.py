"""Who sees the order: the last output while the tokens before it are permuted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gui.core.declare.marks import answer_of
from gui.core.declare.records import Step
from gui.core.figure.arrays import Floats
from gui.frozen import dataclass
from gui.pages.position.compute.setting import (
    ENCODINGS,
    Encoding,
    Encodings,
    Size,
    from_array,
)
from gui.pages.position.compute.tokens import ReadTokens

if TYPE_CHECKING:
    from engine.jobs import Progress

LAYERS = (1, 2, 3)
TOKENS = 64  # the order of few tokens says as much as that of many


@dataclass(frozen=True, eq=False)
class Changes:
    """Change of the last output, relative to its values, by (encoding, layers, causal)."""

    values: dict[tuple[Encoding, int, bool], float]
    tokens: int


class Permute(Step, key="permute", title="Permuting the tokens"):
    """One to three layers of softmax attention with every encoding, causal and not."""

    tokens: Floats | None = answer_of(ReadTokens, when=from_array)
    length: int = Size.length
    features: int = Size.features
    base: float = Encodings.base
    slope: float = Encodings.slope
    seed: int = Size.seed

    @property
    def cost(self) -> float:
        """Seconds, about."""
        count = min(self.length, TOKENS)
        return 96 * count**2 * (1e-8 * self.features + 5e-8)

    def run(self, progress: Progress | None = None) -> Changes:
        """Return the changes, over the root mean square of the values.

        The values are scaled so that a token scores itself about 1: at larger scores each token
        sees little but itself, and the changes drown in rounding.
        """
        from engine.attention import last_token_error
        from engine.jobs import checkpoint

        x, found = self._values(), {}
        scale = x.shape[1] ** -0.25
        for layers in LAYERS:
            for encoding in ENCODINGS:
                checkpoint(progress, (layers - 1) / len(LAYERS))
                for causal in (True, False):
                    change = last_token_error(
                        scale * x,
                        layers=layers,
                        encoding=encoding,
                        causal=causal,
                        base=self.base,
                        slope=self.slope,
                        seed=self.seed,
                    )
                    found[encoding, layers, causal] = change / scale
        return Changes(found, len(x))

    def _values(self) -> Floats:
        """Return the tokens, with an even number of features, which the sinusoids need."""
        count = min(self.length, TOKENS)
        if self.tokens is None:
            columns = self.features - self.features % 2
            return np.random.default_rng((self.seed, 1)).normal(size=(count, columns))
        x = self.tokens[:count]
        if x.shape[1] % 2:
            x = np.hstack([x, np.zeros((len(x), 1))])
        return x / (np.sqrt(np.mean(np.square(x))) or 1.0)
