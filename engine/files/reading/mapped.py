"""Parts of arrays that lie in a file as they are: mapped, and copied only where that is small."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from engine.files.reading.source import Array, Selection
from engine.jobs import Progress, checkpoint

# Up to this size a part is copied, so that a file cut short later cannot crash the program
# (touching a mapped page that is gone ends the process).
_COPY_BYTES = 64 << 20


def read_mapped(
    path: str,
    dtype: np.dtype[Any],
    shape: tuple[int, ...],
    offset: int,
    selection: Selection,
    progress: Progress | None,
    *,
    order: Literal["C", "F"] = "C",
    field: str | None = None,
) -> Array:
    """Return a part of the array that begins ``offset`` bytes into a file.

    Parameters
    ----------
    field : str, optional
        Which field of a record array is meant.

    Returns
    -------
    ndarray
        A copy up to 64 MiB; beyond that a read-only memory map.
    """
    # A map per read keeps threads apart and leaves no handle open between reads.
    mapped: Array = np.memmap(
        path, dtype=dtype, mode="r", offset=offset, shape=shape, order=order
    ).view(np.ndarray)
    part: Array = np.asarray((mapped if field is None else mapped[field])[selection])
    checkpoint(progress)
    return part.copy(order="K") if part.nbytes <= _COPY_BYTES else part
