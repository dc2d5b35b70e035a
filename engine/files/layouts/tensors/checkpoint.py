"""A checkpoint as a source: its tensors, codes multiplied out, and products of factor pairs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from engine.files.layouts.tensors.factor_pairs import Pair, find_pairs
from engine.files.layouts.tensors.quantised import Meaning, meanings
from engine.files.layouts.tensors.tensor import Tensor
from engine.files.reading.access import Fingerprint, require_unchanged
from engine.files.reading.arrays import Array
from engine.files.reading.entries import (
    BadArray,
    array_entry,
    natural_order,
    require_readable,
    unreadable_entry,
)
from engine.files.reading.kept import KeptArray
from engine.files.reading.source import Entry, Format, MatrixSource, Selection
from engine.jobs import Progress
from engine.room import require_room
from engine.sentences import say


class CheckpointSource(MatrixSource):
    """Tensors of one file or of several; parts are mapped from disk when they are read.

    Parameters
    ----------
    tensors : sequence of Tensor
        In any order.
    others : mapping of str to Fingerprint
        Further files that tensors lie in, as they were when they were opened.
    """

    def __init__(
        self,
        path: str,
        format: Format,
        known: Fingerprint,
        tensors: Sequence[Tensor],
        others: Mapping[str, Fingerprint] | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        # Libraries write them in the order of plain text: layer 10 before layer 2.
        ordered = sorted(tensors, key=lambda tensor: natural_order(tensor.name))
        self._tensors = {tensor.name: tensor for tensor in ordered}
        self._meanings = meanings(self._tensors)
        self._pairs = {pair.name: pair for pair in find_pairs(self._tensors)}
        parts = {
            side.name: pair for pair in self._pairs.values() for side in (pair.left, pair.right)
        }
        plain = (_entry(one, self._meanings.get(one.name), parts.get(one.name)) for one in ordered)
        products = (pair.entry() for pair in self._pairs.values())
        entries = (*products, *plain)
        require_readable(path, entries)
        super().__init__(path, format, entries, known, notes)
        self._others = dict(others or {})
        self._sides = KeptArray(), KeptArray()  # the two factors of a product

    def close(self) -> None:
        """Let go of the factors read last; arrays already read stay valid."""
        super().close()
        for kept in self._sides:
            kept.clear()

    def factors(
        self, name: str, index: tuple[int, ...] | None = None, progress: Progress | None = None
    ) -> tuple[Array, Array] | None:
        """Return the factors of a product, alpha / r within the first; see `MatrixSource`."""
        super().factors(name, index, progress)
        pair = self._pairs.get(name)
        if pair is None:
            return None
        left, right = self._factors(pair, progress)
        return (left[index], right[index]) if index else (left, right)

    def files(self, name: str) -> tuple[str, ...]:
        """Return the files that the numbers of an entry lie in; see `MatrixSource`."""
        super().files(name)
        pair, meaning = self._pairs.get(name), self._meanings.get(name)
        if pair is None and (meaning is None or meaning.scaled is None):
            return (self._tensors[name].path,)
        tensors = [pair.left, pair.right, pair.alpha] if pair else [self._tensors[name]]
        if meaning is not None and meaning.scaled is not None:
            tensors.append(meaning.scaled.scale)
        return tuple(dict.fromkeys(one.path for one in tensors if one is not None))

    def _take(self, entry: Entry, selection: Selection, progress: Progress | None) -> Any:
        pair = self._pairs.get(entry.name)
        if pair is not None:
            return self._product(pair, selection, progress)
        tensor = self._tensors[entry.name]
        meaning = self._meanings.get(entry.name)
        if meaning is None or meaning.scaled is None:
            return tensor.take(selection, progress)
        require_room(self.path, 2 * entry.bytes, say("'{name}'", name=entry.name))
        return meaning.scaled.read(tensor, selection, progress)

    def _factors(self, pair: Pair, progress: Progress | None) -> tuple[Array, Array]:
        """Return both factors; those asked for last are kept."""
        sides = [
            self._sides[side].get(pair.name, partial(pair.factor, side, progress), progress)
            for side in (0, 1)
        ]
        return sides[0], sides[1]

    def _product(self, pair: Pair, selection: Selection, progress: Progress | None) -> Array:
        """Return a part of a product; of the factors no more is multiplied than it takes."""
        left, right = self._factors(pair, progress)
        index, (rows, cols) = selection[:-2], selection[-2:]
        left, right = left[(*index, _kept_axis(rows))], right[(*index, ..., _kept_axis(cols))]
        size = math.prod((*left.shape[:-1], right.shape[-1])) * 8
        require_room(self.path, size, say("'{name}'", name=pair.name))
        # Infinite factors make NaN on the way, which is what such a product is.
        with np.errstate(all="ignore"):
            product: Array = left @ right
        return product[(..., *(0 if isinstance(one, int) else slice(None) for one in (rows, cols)))]

    def _check(self) -> None:
        super()._check()
        for path, known in self._others.items():
            require_unchanged(path, known)


def _kept_axis(part: int | slice) -> Any:
    """An axis that an int drops is dropped of the product, not of a factor."""
    return slice(part, part + 1 or None) if isinstance(part, int) else part


def _entry(tensor: Tensor, meaning: Meaning | None, product: Pair | None) -> Entry:
    if tensor.reason or tensor.dtype is None:
        reason = tensor.reason or say(
            "numbers of type {kind} are not read here: save it as float32", kind=tensor.kind
        )
        return unreadable_entry(tensor.name, reason, tensor.shape)
    is_scaled = meaning is not None and meaning.scaled is not None
    try:
        dtype: np.dtype[Any] = np.dtype(np.float32) if is_scaled else tensor.dtype
        entry = array_entry(tensor.name, dtype, tensor.shape)
    except BadArray as error:
        return unreadable_entry(tensor.name, error.sentence, tensor.shape)
    if meaning is not None:
        aside = "" if meaning.is_weight else meaning.notes[0]
        entry = replace(entry.noting(*meaning.notes), aside=aside)
    if product is not None:
        entry = replace(entry, aside=say("A factor of '{name}'.", name=product.name))
    return entry
