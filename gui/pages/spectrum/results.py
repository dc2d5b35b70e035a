"""What has been computed for each matrix, kept so that going back costs nothing."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from gui.pages.spectrum.analysis import Analysis
from gui.pages.spectrum.data import Data
from gui.pages.spectrum.factors import Factors, RankPictures
from gui.pages.spectrum.reduction import NonFinite, Picture
from gui.pages.spectrum.requests import Loaded

MATRICES = 4
SPECTRA = 64


@dataclass
class Results:
    """What is known of one matrix so far; ``method`` is how its values were asked for."""

    method: str = ""
    loaded: Loaded | None = None
    picture: Picture | None = None
    analysis: Analysis | None = None
    factors: Factors | None = None
    pictures: RankPictures | None = None
    bad: NonFinite | None = None
    error: str = ""

    def forget_values(self) -> None:
        """Drop the spectrum, to compute it another way; the old one is drawn until then."""
        self.method = ""
        self.error = ""
        self.analysis = None


class Memory:
    """Results of the last few matrices, and the complete spectra of more of them."""

    def __init__(self) -> None:
        self._results: OrderedDict[Data, Results] = OrderedDict()
        self._spectra: OrderedDict[Data, Analysis] = OrderedDict()

    def of(self, data: Data) -> Results:
        """Return what is known of ``data``; the oldest matrix is forgotten for a new one."""
        results = self._results.pop(data, None) or Results()
        self._results[data] = results
        while len(self._results) > MATRICES:
            self._results.popitem(last=False)
        return results

    def keep(self, data: Data, analysis: Analysis) -> None:
        """Remember a complete spectrum under ``data`` without its source."""
        self._spectra[data.plain] = analysis
        while len(self._spectra) > SPECTRA:
            self._spectra.popitem(last=False)

    def spectrum(self, data: Data) -> Analysis | None:
        """Return the complete spectrum of ``data`` if it is remembered."""
        return self._spectra.get(data.plain)
