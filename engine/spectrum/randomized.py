"""Leading singular values of a large matrix, with certified bounds."""

from __future__ import annotations

import numpy.typing as npt

from engine.jobs import Progress
from engine.spectrum.spectrum import Spectrum


def leading_singular_values(
    a: npt.ArrayLike,
    rank: int | None,
    *,
    seed: int = 0,
    tolerance: float | None = None,
    progress: Progress | None = None,
) -> Spectrum:
    """Leading ``rank`` singular values (follows in the next commit)."""
    raise NotImplementedError
