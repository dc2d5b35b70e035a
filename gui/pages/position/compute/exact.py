"""What is known in closed form: there at once, while the measured numbers are on their way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.parameter import number
from gui.core.declare.records import Record, Step
from gui.core.figure.arrays import Floats, read_only
from gui.frozen import dataclass
from gui.pages.position.compute.setting import (
    Encoding,
    Encodings,
    Kind,
    Scores,
    Size,
    from_array,
    ticked,
)
from gui.pages.position.compute.tokens import ReadTokens

if TYPE_CHECKING:
    from engine.jobs import Progress

_POINTS = 400


def grid(length: int) -> Floats:
    """Return positions from 1 to ``length``, evenly on a log axis.

    Examples
    --------
    >>> grid(4)[[0, -1]].tolist()
    [1.0, 4.0]
    """
    return np.unique(np.append(np.arange(1.0, min(length, 64) + 1.0),
                               np.geomspace(1.0, float(length), _POINTS)))  # fmt: skip


class Scale(Step, key="scale"):
    """The root mean square of the values."""

    tokens: Floats | None = answer_of(ReadTokens, when=from_array)
    length: int = Size.length

    def run(self, progress: Progress | None = None) -> float:
        """Return s: 1 of random values."""
        if self.tokens is None:
            return 1.0
        return float(np.sqrt(np.mean(np.square(self.tokens[: self.length])))) or 1.0


@dataclass(frozen=True, eq=False)
class ExactCurves:
    """RMS over ``n`` where theory says it: ``known`` exactly, ``limit`` for long input only."""

    n: Floats
    mean: Floats
    known: Mapping[Kind, Floats]
    limit: Mapping[Kind, Floats]


class Exact(Step, key="exact"):
    """The curves of those kinds that have a closed form under the encoding in force."""

    s: float = answer_of(Scale)
    kinds: frozenset[Kind] = value_of(ticked)
    sigma: float = Scores.sigma
    k: int = Scores.k
    encoding: Encoding = Encodings.encoding
    slope: float = Encodings.slope
    length: int = Size.length

    def run(self, progress: Progress | None = None) -> ExactCurves:
        """Return them."""
        from engine.attention import alibi_concentration, expected_rms

        n = grid(self.length)
        known: dict[Kind, Floats] = {}
        limit: dict[Kind, Floats] = {}
        mean = np.asarray(expected_rms(n, self.s))
        if "uniform" in self.kinds and self.encoding != "sinusoidal":
            known["uniform"] = mean
            if self.encoding == "alibi":
                known["uniform"] = self.s * np.sqrt(alibi_concentration(n, self.slope))
        if "hard" in self.kinds:
            known["hard"] = self.s / np.sqrt(np.minimum(n, self.k))
        if "softmax" in self.kinds and self.encoding in ("none", "rope"):
            # The law of large numbers needs many more tokens than the largest weights take.
            limit["softmax"] = np.where(
                n > 4.0 * np.exp(min(self.sigma**2, 700.0)),
                self.s * np.exp(0.5 * self.sigma**2) / np.sqrt(n),
                np.nan,
            )
        return ExactCurves(read_only(n), read_only(mean), known, limit)


class Telling(Record):
    """When two positions count as told apart."""

    z: float = number(
        2.0,
        (0.1, 10.0),
        "Standard errors &z",
        "Neighbours are told apart where their RMS differ by z standard errors",
        view="resolution",
        undo="standard errors",
    )


@dataclass(frozen=True, eq=False)
class Resolved:
    """The step from n to n + 1, what it must exceed, and how many positions can be told apart."""

    n: Floats
    step: Floats
    noise: Floats
    last: float
    places: Floats
    places_here: float


class Resolve(Step, key="resolve"):
    """How finely the RMS of one output tells its position."""

    s: float = answer_of(Scale)
    length: int = Size.length
    features: int = Size.features
    z: float = Telling.z

    def run(self, progress: Progress | None = None) -> Resolved:
        """Return the curves."""
        from engine.attention import distinguishable_positions, resolution

        n = grid(self.length)
        noise = self.s / np.sqrt(2.0 * self.features * n)
        places = np.asarray(distinguishable_positions(n, self.features, self.z))
        # 1 - sqrt(n / (n + 1)) = z / sqrt(2d): about sqrt(2d) / (2z) where that is large.
        ratio = max(1.0 - self.z / np.sqrt(2.0 * self.features), 0.0)
        last = ratio**2 / (1.0 - ratio**2)
        step = np.asarray(resolution(n, self.s))
        return Resolved(n, step, noise, float(last), places, float(places[-1]))


@dataclass(frozen=True, eq=False)
class Decay:
    """How a score falls with distance under RoPE; ``slopes`` are those of ALiBi's heads."""

    distance: Floats
    rope: Floats
    smooth: Floats
    slopes: Floats


class Fall(Step, key="fall"):
    """What the encodings make of distance."""

    length: int = Size.length
    features: int = Size.features
    heads: int = Size.heads
    base: float = Encodings.base

    def run(self, progress: Progress | None = None) -> Decay:
        """Return the curves from distance 1 on."""
        from scipy.special import sici

        from engine.attention import alibi_slopes, rope_decay

        # Cosines of whole distances: on a coarser grid they would look like other ones.
        far, pairs = np.arange(1.0, self.length + 1.0), max(self.features // 2, 1)
        rope = np.asarray(rope_decay(far, 2 * pairs, base=self.base))
        smooth = np.full(far.shape, np.nan)
        if self.base > 1.0:
            smooth = (sici(far)[1] - sici(far / self.base)[1]) / np.log(self.base)
        slopes = np.asarray(alibi_slopes(self.heads))
        return Decay(far, rope, smooth, slopes)
