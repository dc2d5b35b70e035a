"""Singular value spectra, what describes them, and approximations of low rank."""

from engine.spectrum.curves import energy, frobenius_error, nuclear_error, spectral_error
from engine.spectrum.description.descriptors import (
    DESCRIPTORS,
    DescriptorInfo,
    Descriptors,
    describe,
)
from engine.spectrum.description.geometry import CircleStages, circle_stages
from engine.spectrum.description.marchenko_pastur import mp_density, mp_edges, mp_median, mp_values
from engine.spectrum.description.powerlaw_fit import PowerLawFit, fit_power_law, fit_spectrum_tail
from engine.spectrum.description.rounding import rounding_level
from engine.spectrum.description.tail_comparison import (
    TailComparison,
    compare_spectrum_tails,
    compare_tails,
)
from engine.spectrum.description.tail_rivals import TAIL_RIVALS, TailRival
from engine.spectrum.lowrank.factors import save_factors, save_product
from engine.spectrum.lowrank.fits import (
    FactorFit,
    best_left_factor,
    best_right_factor,
    pseudo_inverse,
    reconstruct,
)
from engine.spectrum.lowrank.interpolative import (
    CUR,
    InterpolativeDecomposition,
    cur,
    interpolative,
)
from engine.spectrum.lowrank.inverse import (
    LeastSquares,
    PseudoInverse,
    invert_factors,
    least_squares,
)
from engine.spectrum.lowrank.penrose import penrose_errors
from engine.spectrum.lowrank.soft import SoftTruncation, soft_truncate
from engine.spectrum.lowrank.stepper import RankStepper
from engine.spectrum.lowrank.truncated import LowRank, svd_factors, truncated_svd, with_signs
from engine.spectrum.rank_rules import RANK_RULES, Parameter, RankChoice, RankRule
from engine.spectrum.rank_rules.code import CODED_RULES, rank_snippet
from engine.spectrum.spectrum import GUARANTEES, Spectrum
from engine.spectrum.values.costs import METHODS, choose_method
from engine.spectrum.values.factored import Factored
from engine.spectrum.values.leading import leading_singular_values
from engine.spectrum.values.routes import SPARSE_ORDER, estimate_bytes, estimate_seconds
from engine.spectrum.values.singular_values import singular_values
from engine.spectrum.values.smallest import SmallestValues, smallest_singular_values

__all__ = [
    "CODED_RULES",
    "CUR",
    "DESCRIPTORS",
    "GUARANTEES",
    "METHODS",
    "RANK_RULES",
    "SPARSE_ORDER",
    "TAIL_RIVALS",
    "CircleStages",
    "DescriptorInfo",
    "Descriptors",
    "FactorFit",
    "Factored",
    "InterpolativeDecomposition",
    "LeastSquares",
    "LowRank",
    "Parameter",
    "PowerLawFit",
    "PseudoInverse",
    "RankChoice",
    "RankRule",
    "RankStepper",
    "SmallestValues",
    "SoftTruncation",
    "Spectrum",
    "TailComparison",
    "TailRival",
    "best_left_factor",
    "best_right_factor",
    "choose_method",
    "circle_stages",
    "compare_spectrum_tails",
    "compare_tails",
    "cur",
    "describe",
    "energy",
    "estimate_bytes",
    "estimate_seconds",
    "fit_power_law",
    "fit_spectrum_tail",
    "frobenius_error",
    "interpolative",
    "invert_factors",
    "leading_singular_values",
    "least_squares",
    "mp_density",
    "mp_edges",
    "mp_median",
    "mp_values",
    "nuclear_error",
    "penrose_errors",
    "pseudo_inverse",
    "rank_snippet",
    "reconstruct",
    "rounding_level",
    "save_factors",
    "save_product",
    "singular_values",
    "smallest_singular_values",
    "soft_truncate",
    "spectral_error",
    "svd_factors",
    "truncated_svd",
    "with_signs",
]
