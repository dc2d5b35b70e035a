"""Singular value spectra, what describes them, and approximations of low rank."""

from engine.spectrum.spectrum import Spectrum

__all__ = [
    "Spectrum",
]
