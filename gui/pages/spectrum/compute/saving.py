"""Writing the factors of one rank to a file, with where they come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gui.core.figure.arrays import Array, Floats
from gui.core.state.document import Opened
from gui.pages.spectrum.compute.factors import Factors, Vectors

if TYPE_CHECKING:
    from engine.jobs import Progress

LORA_SUFFIX = ".lora.safetensors"
# Factors of data of another type, integers for example, keep the type they were computed in.
_KEPT_TYPES = {"bfloat16", "float16", "float32", "float64"}


@dataclass(frozen=True)
class Truncated:
    """The factors of one rank, as :func:`engine.spectrum.save_factors` takes them."""

    u: Array = field(repr=False)
    s: Floats = field(repr=False)
    vh: Array = field(repr=False)


@dataclass(frozen=True, eq=False)
class SaveFactors:
    """Write the factors of ``rank`` to ``path``, with where they come from.

    ``factors`` may be the step that computes them: no view has needed them yet.
    """

    data: Opened
    factors: Factors | Vectors = field(repr=False)
    rank: int
    path: str
    dtype: str
    error: float
    reason: str = ""
    overwrite: bool = False

    @property
    def cost(self) -> float:
        """Seconds, about: those of the factors, where they have to be computed."""
        return self.factors.cost if isinstance(self.factors, Vectors) else 0.0

    def run(self, progress: Progress | None = None) -> str:
        """Write the file; return its path."""
        from engine.spectrum import save_factors

        factors, r = self.factors, self.rank
        if isinstance(factors, Vectors):
            factors = factors.run(progress)
        part = Truncated(factors.u[:, :r], factors.s[:r], factors.vh[:r])
        name = self.path.casefold()
        save_factors(
            self.path,
            part,
            form="usv" if name.endswith(".npz") else "ab",
            naming="lora" if name.endswith(LORA_SUFFIX) else "plain",
            dtype=self.dtype if self.dtype in _KEPT_TYPES else None,
            metadata={
                "source": self.data.ref.title,
                "source_sha256": self.data.source.sha256(progress),
                "rank": r,
                "rank_rule": self.reason,
                "relative_frobenius_error": self.error,
            },
            overwrite=self.overwrite,
        )
        return self.path
