"""The RMS of the output, measured: one step a kind, so that a control asks only those it moves."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.records import Step
from gui.core.figure.arrays import Floats, read_only
from gui.frozen import dataclass
from gui.pages.position.compute.setting import (
    Encoding,
    Encodings,
    Scores,
    Size,
    Spec,
    TokenSpec,
    from_array,
    softmax_of,
    topk_of,
)
from gui.pages.position.compute.tokens import ReadTokens

if TYPE_CHECKING:
    from engine.jobs import Progress

PER_OCTAVE = 16
MOST = 1024  # the last position that is measured; what is exact goes on
_A_SCORE = 3e-7  # seconds to weigh one score, cautiously; operators that sort take longer
_A_FEATURE = 6e-9  # to draw one number and weigh it


@dataclass(frozen=True, eq=False)
class Measured:
    """RMS at the positions ``n``, its standard ``error``, what the weights say it is.

    ``weighted`` is exact for independent values; ``entropy`` that of the weights, in nats.
    """

    n: Floats
    rms: Floats
    error: Floats
    weighted: Floats
    entropy: Floats


class Measuring(Step):
    """What all kinds share: values, encoding, size."""

    spec: TokenSpec = value_of(Spec)
    tokens: Floats | None = answer_of(ReadTokens, when=from_array)
    encoding: Encoding = Encodings.encoding
    base: float = Encodings.base
    slope: float = Encodings.slope
    length: int = Size.length
    features: int = Size.features
    trials: int = Size.trials
    seed: int = Size.seed
    dear: ClassVar[float] = 1.0

    @property
    def question(self) -> tuple[Any, ...]:
        """What makes no difference is left out: base or slope, and length beyond what counts."""
        used = {"base": self.encoding in ("sinusoidal", "rope"), "slope": self.encoding == "alibi"}
        said = {**vars(self), "length": min(self.length, MOST)}
        return tuple(value if used.get(name, True) else None for name, value in said.items())

    @property
    def cost(self) -> float:
        """Seconds, about."""
        length = min(self.length, MOST)
        scores = length * PER_OCTAVE / 0.69
        drawn = 3 * length * self.features + scores * self.features * 0.1
        return self.trials * (scores * _A_SCORE * self.dear + drawn * _A_FEATURE)

    def weighing(self) -> dict[str, Any]:
        """Return what the engine is told of the kind."""
        raise NotImplementedError

    def run(self, progress: Progress | None = None) -> Measured:
        """Return the curve over positions that lie evenly on a log axis.

        Raises
        ------
        engine.errors.RankscopeError
            When the encoding needs an even d, or an operator does not answer.
        """
        asked = {
            "encoding": self.encoding,
            "base": self.base,
            "slope": self.slope,
            "features": self.features,
            "trials": self.trials,
            "seed": self.seed,
            **self.weighing(),
        }
        length = min(self.length, MOST)
        if self.tokens is None:
            return _of_random(length, tuple(asked.items()), _Told(progress))
        return _measured(length, asked, self.tokens, progress)


@dataclass(frozen=True)
class _Told:
    """Who is told of progress: no part of what was asked."""

    progress: Any = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Told)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=16)
def _of_random(length: int, asked: tuple[tuple[str, Any], ...], told: _Told) -> Measured:
    """Return the curve of random values; those of one setting serve every plot and draw of it."""
    return _measured(length, dict(asked), None, told.progress)


def _measured(
    length: int, asked: dict[str, Any], tokens: Floats | None, progress: Progress | None
) -> Measured:
    from engine.attention import octave_positions, sampled_curve

    at = octave_positions(length, PER_OCTAVE)
    found = sampled_curve(at, values=tokens, progress=progress, **asked)
    return Measured(
        read_only(found.position.astype(np.float64)),
        read_only(found.rms),
        read_only(found.standard_error),
        read_only(found.weighted),
        read_only(found.entropy),
    )


class Uniform(Measuring, key="uniform", title="Measuring the output"):
    """Equal scores."""

    def weighing(self) -> dict[str, Any]:
        """Return softmax of nothing but the encoding."""
        return softmax_of(0.0)


class Softmax(Measuring, key="softmax", title="Measuring the output"):
    """Softmax of normal scores."""

    sigma: float = Scores.sigma

    def weighing(self) -> dict[str, Any]:
        """Return softmax at this spread."""
        return softmax_of(self.sigma)


class Hard(Measuring, key="hard", title="Measuring the output"):
    """The k largest scores alike."""

    sigma: float = Scores.sigma
    k: int = Scores.k

    def weighing(self) -> dict[str, Any]:
        """Return the hard operator."""
        return topk_of("hard", self.sigma, self.k)


class Soft(Measuring, key="soft", title="Measuring the output"):
    """A soft Top-k of normal scores."""

    sigma: float = Scores.sigma
    k: int = Scores.k
    tau: float = Scores.tau
    operator: str = Scores.operator
    dear: ClassVar[float] = 3.0

    def weighing(self) -> dict[str, Any]:
        """Return the operator in force."""
        return topk_of(self.operator, self.sigma, self.k, self.tau)
