"""Numbers that describe a spectrum: how many directions matter, how uneven they are, how large."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.sentences import say
from engine.spectrum.curves import upper_values
from engine.spectrum.description.powerlaw_fit import fit_spectrum_tail
from engine.spectrum.description.rounding import numerical_rank, rank_reason, rounding_level
from engine.spectrum.linalg.norms import FloatArray, ldexp
from engine.spectrum.spectrum import Spectrum


@dataclass(frozen=True)
class DescriptorInfo:
    """One row of the descriptor table: a field of `Descriptors` with its meaning.

    Parameters
    ----------
    key : str
        Field name in `Descriptors`.
    title, formula, source : str
        For people: the name, the definition, where it comes from.
    """

    key: str
    title: str
    formula: str
    source: str


DESCRIPTORS: tuple[DescriptorInfo, ...] = (
    DescriptorInfo(
        "stable_rank", "Stable rank", "‖M‖_F² / σ₁²", "Rudelson & Vershynin, J. ACM 54 (2007)"
    ),
    DescriptorInfo(
        "effective_rank",
        "Effective rank",
        "exp H(σ / Σσ)",
        "Roy & Vetterli, EUSIPCO (2007), definition 1",
    ),
    DescriptorInfo(
        "participation_ratio",
        "Participation ratio",
        "(Σσ²)² / Σσ⁴",
        "Bell & Dean, Discuss. Faraday Soc. 50 (1970); of eigenvalues: Gao & Ganguli (2015)",
    ),
    DescriptorInfo(
        "numerical_rank",
        "Numerical rank",
        "#{σᵢ > rounding level}",
        "Golub & Van Loan, Matrix Computations (2013), 5.4.1; Bai & Yin, Ann. Probab. 21 (1993)",
    ),
    DescriptorInfo(
        "condition_number",
        "Condition number",
        "σ₁ / σ_min(m, n)",
        "Golub & Van Loan, Matrix Computations (2013), 2.6.2",
    ),
    DescriptorInfo(
        "spectral_entropy",
        "Spectral entropy",
        "H = -Σ pᵢ ln pᵢ, p = σ / Σσ (nats)",
        "Roy & Vetterli, EUSIPCO (2007), equation 2",
    ),
    DescriptorInfo("spectral_norm", "Spectral norm", "σ₁", "Golub & Van Loan (2013), 2.3.3"),
    DescriptorInfo("frobenius_norm", "Frobenius norm", "√Σσ²", "Golub & Van Loan (2013), 2.4.2"),
    DescriptorInfo("nuclear_norm", "Nuclear norm", "Σσ", "Fazel, PhD thesis, Stanford (2002)"),
    DescriptorInfo(
        "alpha",
        "Power-law exponent",
        "p(λ) ~ λ^-α for λ = σ² ≥ x_min",
        "Clauset, Shalizi & Newman, SIAM Review 51 (2009); Martin & Mahoney, JMLR 22 (2021)",
    ),
    DescriptorInfo(
        "x_min",
        "Start of the tail",
        "argmin over x_min of the KS distance",
        "Clauset, Shalizi & Newman, SIAM Review 51 (2009), 3.3",
    ),
    DescriptorInfo(
        "ks_distance",
        "KS distance",
        "max |F_empirical - F_fit| over the tail",
        "Clauset, Shalizi & Newman, SIAM Review 51 (2009), equation 3.9",
    ),
    DescriptorInfo(
        "tail_size",
        "Values in the tail",
        "#{λᵢ ≥ x_min}",
        "Clauset, Shalizi & Newman, SIAM Review 51 (2009)",
    ),
)


@dataclass(frozen=True)
class Descriptors:
    """Descriptors of one spectrum; `DESCRIPTORS` says what each field means.

    Parameters
    ----------
    stable_rank, participation_ratio : float
        Soft counts of directions, in [1, min(m, n)]; 0 for the zero matrix.
    effective_rank, spectral_entropy : float or None
        As above, and its logarithm in nats; None while only leading values are known.
    numerical_rank : int
        Values above rounding level; ``remarks`` says which.
    condition_number : float
        inf for a singular matrix. Where the smallest value cannot be told from 0, the lower bound
        that its error supports.
    spectral_norm, frobenius_norm, nuclear_norm : float
        In the units of the data.
    alpha, x_min, ks_distance : float or None
        Power-law tail of sigma^2; None where ``alpha_reason`` says why.
    tail_size : int
        Values in that tail.
    complete : bool
        Whether all singular values were known.
    bounds : mapping of str to (float, float)
        Key -> guaranteed lower and upper bound of the true value. When ``complete``, of the
        condition number alone: everything else is as good as the errors of the values. While
        leading values are known, a key that is not there is exact.
    remarks : mapping of str to str
        Key -> a sentence on how a figure came about or why there is none.
    """

    stable_rank: float
    effective_rank: float | None
    participation_ratio: float
    numerical_rank: int
    condition_number: float
    spectral_entropy: float | None
    spectral_norm: float
    frobenius_norm: float
    nuclear_norm: float
    alpha: float | None
    x_min: float | None
    ks_distance: float | None
    tail_size: int
    complete: bool
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)

    @property
    def alpha_reason(self) -> str:
        """Why alpha is missing or rough; empty otherwise."""
        return self.remarks.get("alpha", "")


def describe(s: Spectrum) -> Descriptors:
    """Compute every descriptor of a spectrum.

    Parameters
    ----------
    s : Spectrum
        Complete or leading singular values.

    Returns
    -------
    Descriptors
        Safe for values from 1e-300 to 1e300. The zero matrix has ranks 0, entropy 0, norms 0 and
        condition number inf. While only leading values are known, each figure is computed from
        those and ``||M||_F``, and ``bounds`` holds what is guaranteed.

    References
    ----------
    See `DESCRIPTORS`, which names the source of each.

    Examples
    --------
    >>> import numpy as np
    >>> s = Spectrum(np.array([2.0, 2.0, 1.0]), (3, 3), "float64", "svd", 0.0, True, 3.0)
    >>> d = describe(s)
    >>> d.stable_rank, d.numerical_rank, d.condition_number
    (2.25, 3, 2.0)
    """
    fit = fit_spectrum_tail(s)
    values, exponent = _scaled(s)
    head = float(values[0]) if values.size else 0.0
    square_sum = _square_sum(s, values, exponent)
    entropy = _entropy(values) if s.complete else None
    bounds = _condition_bounds(s) if s.complete else _bounds(s)
    return Descriptors(
        stable_rank=square_sum / head**2 if head else 0.0,
        effective_rank=None if entropy is None else _effective_rank(values, entropy),
        participation_ratio=square_sum**2 / float(np.sum(values**4)) if head else 0.0,
        numerical_rank=numerical_rank(s),
        condition_number=_condition(values, bounds),
        spectral_entropy=entropy,
        spectral_norm=float(s.values[0]) if s.values.size else 0.0,
        frobenius_norm=float(ldexp(square_sum**0.5, exponent)),
        nuclear_norm=float(ldexp(values.sum(), exponent)),
        alpha=fit.alpha,
        x_min=fit.x_min,
        ks_distance=fit.ks_distance,
        tail_size=fit.tail_size,
        complete=s.complete,
        bounds=bounds,
        remarks=_remarks(s, fit.reason, bounds),
    )


def _condition(values: FloatArray, bounds: Mapping[str, tuple[float, float]]) -> float:
    """Quotient of the ends, or its lower bound where nothing bounds it above."""
    low, high = bounds.get("condition_number", (np.inf, 0.0))
    if high == np.inf:
        return low
    return _ratio(float(values[0]), float(values[-1])) if values.size else np.inf


def _condition_bounds(s: Spectrum) -> dict[str, tuple[float, float]]:
    """Bounds on the condition number that the errors of the ends support; none without errors."""
    lower, upper = s.band
    if not s.values.size or s.values[0] == 0.0 or bool((lower[[0, -1]] == upper[[0, -1]]).all()):
        return {}
    # Scaled first: sums near the range of float64 would overflow, subnormal ones lose digits.
    exponent = int(np.frexp(s.values[0])[1])
    low, high = ldexp(lower, -exponent), ldexp(upper, -exponent)
    least = max(_ratio(float(low[0]), float(high[-1])), 1.0)
    return {"condition_number": (least, _ratio(float(high[0]), float(low[-1])))}


def _remarks(s: Spectrum, tail: str, bounds: Mapping[str, tuple[float, float]]) -> dict[str, str]:
    """What is to be said about the figures."""
    said = {"alpha": tail, "numerical_rank": rank_reason(s) if s.values.size else ""}
    if s.complete and bounds.get("condition_number", (0.0, 0.0))[1] == np.inf:
        said["condition_number"] = say(
            "The smallest singular value, {value:.3g}, cannot be told from 0: its error bound is "
            "{error:.3g}. More than this lower bound is not known.",
            value=float(s.values[-1]),
            error=float(s.band[1][-1] - s.values[-1]),
        )
    return {key: sentence for key, sentence in said.items() if sentence}


def _scaled(s: Spectrum) -> tuple[FloatArray, int]:
    """Values divided by a power of two that brings the largest into [0.5, 1)."""
    exponent = int(np.frexp(s.values[0])[1]) if s.values.size else 0
    return ldexp(s.values, -exponent), exponent


def _square_sum(s: Spectrum, values: FloatArray, exponent: int) -> float:
    """``||M||_F^2`` in scaled units; what leading values leave out is in ``s.residual``."""
    rest = 0.0 if s.complete else float(ldexp(s.residual, -exponent))
    return float(np.sum(values**2)) + rest**2


def _ratio(numerator: float, denominator: float) -> float:
    """Quotient that is inf, not a warning, when the denominator vanishes or the result is huge."""
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        return float(np.float64(numerator) / denominator) if numerator else np.inf


def _entropy(values: FloatArray) -> float:
    """Shannon entropy of ``values / sum`` in nats, with 0 log 0 = 0."""
    total = float(values.sum())
    if total == 0.0:
        return 0.0
    shares = values[values > 0.0] / total
    shares = shares[shares > 0.0]
    return max(float(-np.sum(shares * np.log(shares))), 0.0)


def _effective_rank(values: FloatArray, entropy: float) -> float:
    return float(np.exp(entropy)) if values.size and values[0] > 0.0 else 0.0


def _bounds(s: Spectrum) -> dict[str, tuple[float, float]]:
    """Guaranteed bounds from leading values, their upper bounds and the norm of the rest.

    The effective rank is bounded below through the collision entropy, which never exceeds
    Shannon's: ``exp H >= (sum sigma)^2 / sum sigma^2``.
    """
    limit = s.rank_limit
    tolerance = rounding_level(s)
    if not s.values.size or s.values[0] == 0.0:
        return {}
    low, exponent = _scaled(s)
    high = ldexp(upper_values(s), -exponent)
    rest = float(ldexp(s.residual, -exponent))
    square_sum = _square_sum(s, low, exponent)
    # No unknown value exceeds the bound of the last known one.
    last = min(float(high[-1]), rest)
    fourth_low = float(np.sum(low**4))
    fourth_high = float(np.sum(high**4)) + rest**2 * last**2
    nuclear_high = float(high.sum()) + max(limit - low.size, 0) ** 0.5 * rest
    effective_low = min(max(float(low.sum()) ** 2 / square_sum, 1.0), float(limit))
    count = int(np.count_nonzero(s.values > tolerance))
    return {
        "stable_rank": (square_sum / float(high[0]) ** 2, square_sum / float(low[0]) ** 2),
        "effective_rank": (effective_low, float(limit)),
        "participation_ratio": (square_sum**2 / fourth_high, square_sum**2 / fourth_low),
        "numerical_rank": (float(count), float(limit if count == low.size else _highest(s))),
        "condition_number": (_ratio(float(low[0]), float(high[-1])), np.inf),
        "spectral_entropy": (float(np.log(effective_low)), float(np.log(limit))),
        "spectral_norm": (float(s.values[0]), float(upper_values(s)[0])),
        "nuclear_norm": (float(ldexp(low.sum(), exponent)), float(ldexp(nuclear_high, exponent))),
    }


def _highest(s: Spectrum) -> int:
    """Largest numerical rank that the upper bounds of leading values allow."""
    above = upper_values(s) > rounding_level(s)
    return s.rank_limit if above.all() else int(np.count_nonzero(above))
