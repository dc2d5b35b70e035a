"""The change of one module cut to a rank, wherever it is computed: rounded factors, measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.checkpoint.changes.matching import Pair
from engine.checkpoint.changes.pairs import Read, difference, room_of, seconds_of
from engine.checkpoint.sweeping.carried import pack, unpack
from engine.errors import DataError, RankscopeError
from engine.jobs import Progress
from engine.sentences import say
from engine.spectrum import RANK_RULES, LowRank, Spectrum, svd_factors
from engine.spectrum.lowrank.storing import converted

STEM = "base_model.model."
_COMPARED = 2e-9  # seconds of a number: both sides read, and their difference


@dataclass(frozen=True)
class Cutting:
    """How updates are cut: rule and its parameters, largest rank, type and file of the factors."""

    rule: str
    parameters: tuple[Any, ...]
    most: float
    dtype: np.dtype[Any]
    path: str


@dataclass(frozen=True, eq=False)
class Cut:
    """An update cut to a rank, with what is left out by it.

    Attributes
    ----------
    name, module : str
        Of the matrix, and of its module.
    turned : bool
        Whether the model keeps it in x out.
    rank : int
    error, floor, size : float
        As `LoraModule` has error and floor; ``||D||_F``.
    packed : tuple
        The rounded factors B and A as they travel.
    """

    name: str
    module: str
    turned: bool
    rank: int
    error: float = 0.0
    floor: float = 0.0
    size: float = 0.0
    packed: tuple[Any, ...] = field(default=(), repr=False)

    @property
    def tensors(self) -> dict[str, Any]:
        """The factors by their names in the file; none of rank 0."""
        pairs = zip(names_of(self.module), self.packed, strict=False)
        return {name: unpack(part) for name, part in pairs}


@dataclass(frozen=True)
class LeftOut:
    """A matrix that changed and is no module, with the reason."""

    name: str
    reason: str


@dataclass(frozen=True, eq=False)
class UpdateTask:
    """A pair as a task of `ways`; its answer is None where nothing changed.

    ``reason`` says why it is no Linear layer; with the models whose numbers lie in no file.
    """

    pair: Pair
    module: str
    cutting: Cutting
    rank: int | None
    reason: str = ""
    base: Read | None = None
    tuned: Read | None = None

    @property
    def seconds(self) -> float:
        """About how long it takes one core."""
        return _COMPARED * self._count if self.reason else seconds_of(self.pair)

    @property
    def room(self) -> int:
        """About how many bytes it takes: where nothing is decomposed, both matrices."""
        return 16 * self._count if self.reason else room_of(self.pair)

    @property
    def _count(self) -> int:
        return math.prod(self.pair.base.shape)

    def run(
        self, known: Collection[str], progress: Progress | None = None
    ) -> Cut | LeftOut | RankscopeError | None:
        """Return the update, cut; or why there is none."""
        try:
            return self._cut(progress)
        except RankscopeError as error:
            return error
        except MemoryError:
            return self.lost(say("There is not enough memory to compute this matrix."))

    def _cut(self, progress: Progress | None) -> Cut | LeftOut | None:
        pair = self.pair
        first, second, is_changed = difference(pair, (self.base, self.tuned), progress)
        if not is_changed:
            return None
        if self.reason:
            return LeftOut(pair.name, self.reason)
        turned = pair.base.role.orientation == "in_out"
        delta = (second - first).T if turned else second - first
        del first, second
        factors = svd_factors(delta, progress)

        def distance(b: Any, a: Any) -> float:
            return float(np.linalg.norm(delta - b @ a))

        return cut(pair.name, self.module, turned, factors, self.cutting, self.rank, distance)

    def learnt(self, answer: Any) -> str:
        """Return that nothing is known of other pairs from it."""
        return ""

    def lost(self, problem: str) -> RankscopeError:
        """Return the error of a pair that could not be computed."""
        text = "{name} could not be computed: {problem}"
        return DataError(say(text, name=self.pair.name, problem=problem))


def names_of(module: str) -> tuple[str, str]:
    """Return the names of B and of A in the file.

    Examples
    --------
    >>> names_of("h.0.q_proj")[0]
    'base_model.model.h.0.q_proj.lora_B.weight'
    """
    b, a = (f"{STEM}{module}.lora_{side}.weight" for side in "BA")
    return b, a


def cut(
    name: str,
    module: str,
    turned: bool,
    factors: LowRank,
    cutting: Cutting,
    rank: int | None,
    distance: Callable[[Any, Any], float],
) -> Cut:
    """Cut an update to its own rank or that of the rule; round its factors, and measure these.

    Parameters
    ----------
    name, module, turned
        As `Cut` has them.
    factors : LowRank
        All triplets of the update, out x in.
    cutting : Cutting
    rank : int or None
        Before the rule.
    distance : callable
        ``||D - B A||_F`` of float64 factors.
    """
    kept, values = _rank_of(factors, cutting, rank), factors.s
    if kept == 0:
        return Cut(name, module, turned, 0)
    root = np.sqrt(values[:kept])
    parts = factors.u[:, :kept] * root, root[:, None] * factors.vh[:kept]
    both = zip(names_of(module), parts, strict=True)
    b, a = (converted(Path(cutting.path), key, part, cutting.dtype) for key, part in both)
    size = float(np.linalg.norm(values))
    # What measuring itself may round away, so that the bound holds.
    rounding = (kept + 16.0) * 2.0**-52 * (size + float(values.sum()))
    floor = float(np.linalg.norm(values[kept:]))
    error = max(distance(np.asarray(b, np.float64), np.asarray(a, np.float64)) + rounding, floor)
    return Cut(name, module, turned, kept, error, floor, size, (pack(b), pack(a)))


def _rank_of(found: LowRank, cutting: Cutting, rank: int | None) -> int:
    values: npt.NDArray[np.float64] = found.s
    if rank is None:
        shape = found.u.shape[0], found.vh.shape[1]
        bound = float(found.errors.max()) if found.errors is not None else 0.0
        whole = np.append(values, np.zeros(min(shape) - values.size))
        size = float(np.linalg.norm(values))
        asked = Spectrum(whole, shape, "float64", found.method, bound, True, size)
        rank = RANK_RULES[cutting.rule](asked, *cutting.parameters).rank
    return int(min(rank, cutting.most, int(np.count_nonzero(values))))
