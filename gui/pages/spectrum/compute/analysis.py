"""A spectrum with what follows from it alone: curves over ranks and descriptors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gui.core.figure.arrays import Floats
from gui.core.state.document import Opened
from gui.core.words.i18n import tr, tr_sentence
from gui.frozen import dataclass

if TYPE_CHECKING:
    from engine.spectrum import Descriptors, Spectrum


@dataclass(frozen=True, eq=False)
class Analysis:
    """A spectrum with its curves; entry r of a curve belongs to rank r, r = 0 ... K.

    While only leading values are known the errors are upper bounds and the energy a lower one.
    Values no more than ``rounding`` apart cannot be told from equal ones. ``more``: all values are
    on their way.
    """

    data: Opened
    spectrum: Spectrum
    energy: Floats
    frobenius: Floats
    spectral: Floats
    descriptors: Descriptors
    facts: tuple[Fact, ...]
    rounding: float
    more: bool = False

    @property
    def known(self) -> int:
        """How many singular values are known."""
        return int(self.spectrum.values.size)

    @property
    def shape(self) -> tuple[int, int]:
        """(m, n)."""
        return self.spectrum.shape

    @property
    def sigma1(self) -> float:
        """The largest singular value."""
        return float(self.spectrum.values[0]) if self.known else 0.0

    def tail_error(self, rank: int) -> float:
        """Return how far the computed Frobenius error at ``rank`` may be from the true one.

        Every value left out is within the bound of the true one.
        """
        return float(self.spectrum.error_bound * max(self.known - rank, 0) ** 0.5)


@dataclass(frozen=True)
class Fact:
    """One descriptor as it is shown: its name, value (None where there is none) and meaning."""

    key: str
    title: str
    value: float | None
    formula: str
    source: str
    bounds: tuple[float, float] | None = None
    remark: str = ""


def analyse(data: Opened, spectrum: Spectrum, more: bool = False) -> Analysis:
    """Return the curves and descriptors of ``spectrum``."""
    from engine.spectrum import (
        describe,
        energy,
        frobenius_error,
        rounding_level,
        spectral_error,
    )

    descriptors = describe(spectrum)
    return Analysis(
        data,
        spectrum,
        energy(spectrum),
        frobenius_error(spectrum),
        spectral_error(spectrum),
        descriptors,
        _facts(descriptors),
        rounding_level(spectrum),
        more,
    )


def _facts(found: Descriptors) -> tuple[Fact, ...]:
    from engine.spectrum import DESCRIPTORS

    return tuple(
        Fact(
            info.key,
            tr(info.title),
            getattr(found, info.key),
            tr_sentence(info.formula),
            tr_sentence(info.source),
            found.bounds.get(info.key),
            tr_sentence(found.remarks.get(info.key, "")),
        )
        for info in DESCRIPTORS
    )


def stored_share(shape: tuple[int, int], rank: Any) -> Any:
    """Return the size of two factors of ``rank`` as a share of the matrix, r (m + n) / (m n).

    Examples
    --------
    >>> stored_share((10, 10), 5)
    1.0
    """
    m, n = shape
    return rank * (m + n) / (m * n) if m * n else 0.0 * rank
