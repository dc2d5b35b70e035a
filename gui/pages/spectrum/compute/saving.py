"""Writing the factors of one rank to a file, with where they come from."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from gui.core.figure.arrays import Array, Floats
from gui.core.state.document import Opened
from gui.frozen import dataclass
from gui.pages.spectrum.compute.factors import Factors, Vectors

if TYPE_CHECKING:
    from engine.jobs import Progress
    from engine.spectrum import PseudoInverse

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

    def require_room(self) -> None:
        """Ask before much memory is taken."""
        if isinstance(self.factors, Vectors):
            self.factors.require_room()

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
            dtype=_kept(self.dtype),
            metadata={
                **_origin(self.data, progress),
                "rank": r,
                "rank_rule": self.reason,
                "relative_frobenius_error": self.error,
            },
            overwrite=self.overwrite,
        )
        return self.path


@dataclass(frozen=True, eq=False)
class SaveInverse:
    """Write a pseudo-inverse to ``path``: itself as .npy, otherwise as three or two factors."""

    data: Opened
    inverse: PseudoInverse = field(repr=False)
    path: str
    dtype: str
    overwrite: bool = False

    @property
    def cost(self) -> float:
        """Seconds, about: a product of factors where all of it is written."""
        (n, m), rank = self.inverse.shape, self.inverse.rank
        return 2.0 * n * m * rank / 1e10 if self.path.casefold().endswith(".npy") else 0.0

    def run(self, progress: Progress | None = None) -> str:
        """Write the file; return its path."""
        from engine.spectrum import save_factors, save_product

        dtype, name = _kept(self.dtype), self.path.casefold()
        if name.endswith(".npy"):
            save_product(self.path, self.inverse, dtype=dtype, overwrite=self.overwrite)
            return self.path
        save_factors(
            self.path,
            self.inverse,
            form="usv" if name.endswith(".npz") else "ab",
            dtype=dtype,
            metadata={
                **_origin(self.data, progress),
                "rank": self.inverse.rank,
                "what": "pseudo-inverse",
            },
            overwrite=self.overwrite,
        )
        return self.path


def _kept(dtype: str) -> str | None:
    return dtype if dtype in _KEPT_TYPES else None


def _origin(data: Opened, progress: Progress | None) -> dict[str, Any]:
    return {"source": data.ref.title, "source_sha256": data.source.sha256(progress)}
