"""One tensor of a checkpoint, in whatever file it lies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.files.reading.arrays import Array
from engine.files.reading.mapped import read_mapped
from engine.files.reading.selection import Selection
from engine.jobs import Progress

# What NumPy lacks, by its name in safetensors and in ml_dtypes.
EXTENSIONS = {
    "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
    "F8_E4M3FNUZ": "float8_e4m3fnuz",
    "F8_E5M2FNUZ": "float8_e5m2fnuz",
    "F8_E8M0": "float8_e8m0fnu",
}


def extension_dtype(kind: str) -> np.dtype[Any]:
    """Return the type that NumPy lacks, by one of the names of `EXTENSIONS`."""
    # Imported here: opening the window must not wait for it.
    import ml_dtypes

    dtype: np.dtype[Any] = np.dtype(getattr(ml_dtypes, EXTENSIONS[kind]))
    return dtype


@dataclass(frozen=True)
class Tensor:
    """A tensor as the header of its file describes it.

    Attributes
    ----------
    kind : str
        Its type as the file spells it.
    dtype : numpy.dtype or None
        None for types that are not read here.
    path : str
        The file it lies in.
    offset : int
        Where its first number lies, in bytes from the beginning of the file.
    strides : tuple of int or None
        Steps along its axes, in numbers; None where they follow from the shape.
    reason : str
        Why it cannot be read; "" where it can.
    signs : tuple of str
        "conj" and "neg": what is still to be done to the numbers as they are stored.
    """

    name: str
    kind: str
    dtype: np.dtype[Any] | None
    shape: tuple[int, ...]
    path: str
    offset: int
    strides: tuple[int, ...] | None = None
    reason: str = ""
    signs: tuple[str, ...] = ()

    def take(self, selection: Selection, progress: Progress | None) -> Array:
        """Return a part of it."""
        part = self._stored(selection, progress)
        if "conj" in self.signs:
            part = np.conj(part)
        return np.negative(part) if "neg" in self.signs else part

    def _stored(self, selection: Selection, progress: Progress | None) -> Array:
        assert self.dtype is not None
        if self.strides is None:
            return read_mapped(self.path, self.dtype, self.shape, self.offset, selection, progress)
        # As far as its last number lies; a header has made sure that the file holds it.
        spans = (step * (length - 1) for step, length in zip(self.strides, self.shape, strict=True))
        flat = read_mapped(
            self.path, self.dtype, (1 + sum(spans),), self.offset, (slice(None),), progress
        )
        steps = tuple(step * self.dtype.itemsize for step in self.strides)
        whole = np.lib.stride_tricks.as_strided(flat, self.shape, steps, writeable=False)
        return np.array(whole[selection])

    def whole(self, progress: Progress | None) -> Array:
        """Return all of it."""
        return self.take((slice(None),) * len(self.shape), progress)

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return math.prod(self.shape)
