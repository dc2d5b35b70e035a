"""The numbers of a matrix on their way to where its files are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.checkpoint.listing import Matrix
from engine.files import is_sparse
from engine.jobs import Progress
from engine.spectrum import Factored


@dataclass(frozen=True, eq=False)
class Carried:
    """One matrix in memory, read as a `Checkpoint` is; picklable, whatever its type."""

    packed: Any

    def read(self, matrix: Matrix, progress: Progress | None = None) -> Any:
        """Return the numbers, whichever matrix is named."""
        return unpack(self.packed)


def pack(array: Any) -> Any:
    """Return an array in types that travel: those of ml_dtypes as bytes with their name."""
    if isinstance(array, Factored) or is_sparse(array) or array.dtype.kind != "V":
        return array
    return array.dtype.name, array.shape, np.ascontiguousarray(array).view(np.uint8)


def unpack(packed: Any) -> Any:
    """Return what `pack` was given."""
    if not isinstance(packed, tuple):
        return packed
    import ml_dtypes

    name, shape, data = packed
    return np.ascontiguousarray(data).view(np.dtype(getattr(ml_dtypes, name))).reshape(shape)
