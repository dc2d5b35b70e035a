"""Singular value spectra, what describes them, and approximations of low rank."""

from engine.spectrum.complete import choose_method
from engine.spectrum.curves import energy, frobenius_error, nuclear_error, spectral_error
from engine.spectrum.descriptors import DESCRIPTORS, DescriptorInfo, Descriptors, describe
from engine.spectrum.factors import save_factors
from engine.spectrum.geometry import CircleStages, circle_stages
from engine.spectrum.interpolative import CUR, InterpolativeDecomposition, cur, interpolative
from engine.spectrum.lowrank import (
    FactorFit,
    best_left_factor,
    best_right_factor,
    penrose_errors,
    pseudo_inverse,
    reconstruct,
)
from engine.spectrum.marchenko_pastur import mp_density, mp_edges, mp_median, mp_values
from engine.spectrum.powerlaw_fit import PowerLawFit, fit_power_law, fit_spectrum_tail
from engine.spectrum.randomized import leading_singular_values
from engine.spectrum.rank_rules import RANK_RULES, Parameter, RankChoice, RankRule
from engine.spectrum.singular_values import METHODS, estimate_seconds, singular_values
from engine.spectrum.soft import SoftTruncation, soft_truncate
from engine.spectrum.spectrum import Spectrum
from engine.spectrum.stepper import RankStepper
from engine.spectrum.truncated import LowRank, svd_factors, truncated_svd, with_signs

__all__ = [
    "CUR",
    "DESCRIPTORS",
    "METHODS",
    "RANK_RULES",
    "CircleStages",
    "DescriptorInfo",
    "Descriptors",
    "FactorFit",
    "InterpolativeDecomposition",
    "LowRank",
    "Parameter",
    "PowerLawFit",
    "RankChoice",
    "RankRule",
    "RankStepper",
    "SoftTruncation",
    "Spectrum",
    "best_left_factor",
    "best_right_factor",
    "choose_method",
    "circle_stages",
    "cur",
    "describe",
    "energy",
    "estimate_seconds",
    "fit_power_law",
    "fit_spectrum_tail",
    "frobenius_error",
    "interpolative",
    "leading_singular_values",
    "mp_density",
    "mp_edges",
    "mp_median",
    "mp_values",
    "nuclear_error",
    "penrose_errors",
    "pseudo_inverse",
    "reconstruct",
    "save_factors",
    "singular_values",
    "soft_truncate",
    "spectral_error",
    "svd_factors",
    "truncated_svd",
    "with_signs",
]
