"""A checkpoint as a source: its tensors, codes multiplied out, and products of factor pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.files.layouts.tensors.factor_pairs import Pair, find_pairs
from engine.files.layouts.tensors.quantised import Meaning, meanings
from engine.files.layouts.tensors.tensor import Tensor
from engine.files.reading.access import Fingerprint, require_memory, require_unchanged
from engine.files.reading.arrays import Array
from engine.files.reading.entries import (
    BadArray,
    array_entry,
    natural_order,
    require_readable,
    unreadable_entry,
)
from engine.files.reading.source import Entry, Format, MatrixSource, Selection
from engine.jobs import Progress
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
        plain = (_entry(tensor, self._meanings.get(tensor.name)) for tensor in ordered)
        products = (pair.entry() for pair in self._pairs.values())
        entries = (*products, *plain)
        require_readable(path, entries)
        super().__init__(path, format, entries, known, notes)
        self._others = dict(others or {})

    def factors(self, name: str, progress: Progress | None = None) -> tuple[Array, Array] | None:
        """Return the factors of a product, so that it need not be formed; None for other entries.

        Parameters
        ----------
        name : str
            Name of an entry.

        Returns
        -------
        tuple of ndarray or None
            float64 of shapes (..., m, r) and (..., r, n), alpha / r within the first: their
            product is what `read` gives.

        Raises
        ------
        ArgumentError
            When there is no such entry.
        FileError
            When they cannot be read.
        """
        self.entry(name)
        self._check()
        pair = self._pairs.get(name)
        return None if pair is None else pair.factors(progress)

    def _take(self, entry: Entry, selection: Selection, progress: Progress | None) -> Any:
        pair = self._pairs.get(entry.name)
        if pair is not None:
            whole = self._kept.get(entry.name, lambda: self._product(pair, progress), progress)
            return whole[selection]
        tensor = self._tensors[entry.name]
        meaning = self._meanings.get(entry.name)
        if meaning is None or meaning.scaled is None:
            return tensor.take(selection, progress)
        require_memory(self.path, 2 * entry.bytes, say("'{name}'", name=entry.name))
        return meaning.scaled.read(tensor, selection, progress)

    def _product(self, pair: Pair, progress: Progress | None) -> Array:
        require_memory(self.path, pair.entry().bytes, say("'{name}'", name=pair.name))
        left, right = pair.factors(progress)
        # Infinite factors make NaN on the way, which is what such a product is.
        with np.errstate(all="ignore"):
            product: Array = left @ right
        return product

    def _check(self) -> None:
        super()._check()
        for path, known in self._others.items():
            require_unchanged(path, known)


def _entry(tensor: Tensor, meaning: Meaning | None) -> Entry:
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
    return entry if meaning is None else entry.noting(*meaning.notes)
