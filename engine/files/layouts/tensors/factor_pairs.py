"""Pairs of low-rank factors (LoRA): which two tensors make an update, and how it is formed.

References
----------
Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", ICLR 2022: W + (alpha / r) B A.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from engine.errors import FileError
from engine.files.layouts.tensors.tensor import Tensor
from engine.files.reading.arrays import Array
from engine.files.reading.entries import natural_order
from engine.files.reading.source import Entry
from engine.jobs import Progress
from engine.sentences import say

# PEFT, kohya's scripts, diffusers and mlx: stem, which of the two, and an adapter's own name.
_NAME = re.compile(
    r"(?P<stem>.+?)[._](?:lora_(?P<embedding>embedding_)?(?P<side>[AaBb]|down|up)"
    r"|lora\.(?P<other>down|up))(?:\.(?!weight$|bias$|alpha$)(?P<adapter>\w+))?(?:\.weight)?$"
)
_FIRST = ("a", "down")
_ALPHAS = (".alpha", ".lora_alpha", "_alpha", ".scaling_alpha")
_MAGNITUDES = (".lora_magnitude_vector", ".lora_magnitude_vector.weight", ".dora_scale")
_MIDDLES = (".lora_mid.weight", ".lora_mid")


@dataclass(frozen=True)
class Pair:
    """Two factors and their product.

    Attributes
    ----------
    left, right : Tensor
        The factors in the order in which they are multiplied.
    alpha : Tensor or None
        The number that the product is multiplied by, over the rank.
    is_stack : bool
        Whether the first axis counts products: one for each expert.
    """

    name: str
    left: Tensor
    right: Tensor
    rank: int
    alpha: Tensor | None
    is_stack: bool
    notes: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the product; kernels are unfolded."""
        if self.is_stack:
            return (*self.left.shape[:2], self.right.shape[2])
        return self.left.shape[0], math.prod(self.right.shape[1:])

    def entry(self) -> Entry:
        """Describe the product."""
        size = math.prod(self.shape) * 8
        return Entry(self.name, self.shape, np.dtype(np.float64), size).noting(*self.notes)

    def factor(self, side: int, progress: Progress | None) -> Array:
        """Return the left (0) or the right factor in float64, the left one times alpha / r."""
        one = (self.left, self.right)[side]
        array = one.whole(progress).astype(np.float64).reshape(_flat(one.shape, self.is_stack))
        return array if side else array * self.scale(progress)

    def scale(self, progress: Progress | None) -> float:
        """Return alpha / r, 1 where no alpha is stored."""
        if self.alpha is None:
            return 1.0
        found = float(np.asarray(self.alpha.whole(progress), np.float64).reshape(-1)[0])
        if not math.isfinite(found):
            problem = say("its alpha '{name}' is {value}", name=self.alpha.name, value=found)
            raise FileError(self.alpha.path, problem, "Save the adapter again.")
        return found / self.rank


def find_pairs(tensors: Mapping[str, Tensor]) -> list[Pair]:
    """Return the pairs among tensors, in the order of their names."""
    sides: dict[tuple[str, str, str], dict[bool, Tensor]] = {}
    for name, tensor in tensors.items():
        found = _NAME.fullmatch(name)
        if found and tensor.dtype is not None and not tensor.reason:
            side = (found["side"] or found["other"]).lower()
            key = found["stem"], found["adapter"] or "", found["embedding"] or ""
            sides.setdefault(key, {})[side in _FIRST] = tensor
    made = (_pair(*key, both, tensors) for key, both in sides.items() if len(both) == 2)
    return sorted((pair for pair in made if pair), key=lambda pair: natural_order(pair.name))


def _pair(
    stem: str, adapter: str, embedding: str, both: dict[bool, Tensor], tensors: Mapping[str, Tensor]
) -> Pair | None:
    # A third factor between the two (LoCon's Tucker form) makes another product of them.
    if any(stem + one in tensors for one in _MIDDLES):
        return None
    first, second = both[True], both[False]
    found = _order(first, second)
    if found is None:
        return None
    left, right, rank, is_stack = found
    alpha = next(
        (tensors[stem + one] for one in _ALPHAS if _is_number(tensors.get(stem + one))), None
    )
    label = f"{stem}.{adapter}" if adapter else stem
    label += ".embedding" if embedding else ""
    has_magnitude = any(stem + one in tensors for one in _MAGNITUDES)
    notes = tuple(_notes(left, right, rank, alpha, left is first, has_magnitude))
    return Pair(f"{label} B@A", left, right, rank, alpha, is_stack, notes)


def _order(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor, int, bool] | None:
    """Return the factors in the order that their shapes allow, the rank, and if it is a stack."""
    a, b = first.shape, second.shape
    if len(a) < 2 or len(b) < 2 or 0 in a or 0 in b:
        return None
    # B is a matrix, or a kernel of one pixel; A may be a kernel of any size.
    if b[1] == a[0] and set(b[2:]) <= {1}:
        return second, first, a[0], False
    if len(a) == len(b) == 2 and a[1] == b[0]:
        return first, second, b[0], False
    if len(a) == len(b) == 3 and a[0] == b[0]:
        if b[2] == a[1]:
            return second, first, a[1], True
        if a[2] == b[1]:
            return first, second, b[1], True
    return None


def _notes(
    left: Tensor,
    right: Tensor,
    rank: int,
    alpha: Tensor | None,
    is_turned: bool,
    has_magnitude: bool,
) -> Iterator[str]:
    yield say(
        "The product of '{left}' and '{right}', of rank {rank} at most.",
        left=left.name,
        right=right.name,
        rank=rank,
    )
    if alpha is not None:
        yield say("Times alpha / r, alpha from '{name}'.", name=alpha.name)
    else:
        yield say("No alpha is stored in the file: not scaled (PEFT: adapter_config.json).")
    if is_turned:
        yield say("A @ B, as their shapes have it.")
    if len(right.shape) > 2 and len(left.shape) != 3:
        yield say("Kernels are unfolded to (out, in*kh*kw).")
    if has_magnitude:
        yield say("DoRA: its magnitudes are not in the product.")


def _is_number(tensor: Tensor | None) -> bool:
    return tensor is not None and tensor.dtype is not None and tensor.size == 1


def _flat(shape: tuple[int, ...], is_stack: bool) -> tuple[int, ...]:
    return shape if is_stack else (shape[0], math.prod(shape[1:]))
