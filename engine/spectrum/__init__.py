"""Singular value spectra, what describes them, and approximations of low rank."""

from engine.spectrum.curves import energy, frobenius_error, nuclear_error, spectral_error
from engine.spectrum.descriptors import DESCRIPTORS, DescriptorInfo, Descriptors, describe
from engine.spectrum.marchenko_pastur import mp_density, mp_edges, mp_median
from engine.spectrum.powerlaw_fit import PowerLawFit, fit_power_law, fit_spectrum_tail
from engine.spectrum.rank_rules import RANK_RULES, Parameter, RankChoice, RankRule
from engine.spectrum.singular_values import (
    METHODS,
    choose_method,
    estimate_seconds,
    singular_values,
)
from engine.spectrum.spectrum import Spectrum

__all__ = [
    "DESCRIPTORS",
    "METHODS",
    "RANK_RULES",
    "DescriptorInfo",
    "Descriptors",
    "Parameter",
    "PowerLawFit",
    "RankChoice",
    "RankRule",
    "Spectrum",
    "choose_method",
    "describe",
    "energy",
    "estimate_seconds",
    "fit_power_law",
    "fit_spectrum_tail",
    "frobenius_error",
    "mp_density",
    "mp_edges",
    "mp_median",
    "nuclear_error",
    "singular_values",
    "spectral_error",
]
