"""Rules that ask which values stand out of noise: optimal thresholds, edges, parallel analysis."""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg import eigvalsh_tridiagonal

from engine.sentences import as_sentence, joined, say
from engine.spectrum.description.marchenko_pastur import mp_edges, mp_median, mp_values
from engine.spectrum.description.rounding import rounding_level
from engine.spectrum.linalg.norms import FloatArray
from engine.spectrum.rank_rules.choices import count_values, kept_above, open_end
from engine.spectrum.rank_rules.rule import ROUNDING_MEANS, Parameter, RankChoice, RankRule
from engine.spectrum.spectrum import Spectrum

# Values this far from the edge fluctuate by about their spacing from one random matrix to another:
# the Marchenko-Pastur law, raised to their quantile, stands for them without drawing them all.
_DRAWN = 32


def hard_threshold(beta: float) -> float:
    """Optimal hard threshold ``lambda*(beta)`` in units of ``sqrt(max(m, n)) * noise``.

    Parameters
    ----------
    beta : float
        Aspect min(m, n) / max(m, n) in (0, 1].

    Returns
    -------
    float
        4 / sqrt(3) at beta = 1.

    References
    ----------
    Gavish & Donoho, IEEE Trans. Inf. Theory 60 (2014), equation 11.

    Examples
    --------
    >>> round(hard_threshold(1.0), 6)
    2.309401
    """
    root = math.sqrt(beta * beta + 14.0 * beta + 1.0)
    return math.sqrt(2.0 * (beta + 1.0) + 8.0 * beta / (beta + 1.0 + root))


def median_threshold(beta: float) -> float:
    """Optimal hard threshold ``omega(beta)`` in units of the median singular value.

    Parameters
    ----------
    beta : float
        Aspect min(m, n) / max(m, n) in (0, 1].

    Returns
    -------
    float
        ``lambda*(beta) / sqrt(mu_beta)`` with the median solved numerically; the paper's cubic fit
        gives 2.860 where this gives 2.858.

    References
    ----------
    Gavish & Donoho, IEEE Trans. Inf. Theory 60 (2014), equations 4 and 5.

    Examples
    --------
    >>> round(median_threshold(1.0), 3)
    2.858
    """
    return hard_threshold(beta) / math.sqrt(mp_median(beta))


def noise_from_median(s: Spectrum) -> float:
    """Standard deviation of noise whose median singular value is that of ``s``.

    Parameters
    ----------
    s : Spectrum
        A complete spectrum that is mostly noise.

    Returns
    -------
    float
        ``median(sigma) / sqrt(max(m, n) mu_beta)``; 0 when at least half the values are 0.

    References
    ----------
    Gavish & Donoho, IEEE Trans. Inf. Theory 60 (2014), section III-E.

    Examples
    --------
    >>> import numpy as np
    >>> a = np.random.default_rng(0).normal(size=(200, 300))
    >>> v = np.linalg.svd(a, compute_uv=False)
    >>> s = Spectrum(v, (200, 300), "float64", "svd", 0.0, True, float(np.linalg.norm(v)))
    >>> round(noise_from_median(s), 1)
    1.0
    """
    if not s.values.size:
        return 0.0
    return float(np.median(s.values)) / math.sqrt(max(s.shape) * mp_median(_aspect(s)))


def gaussian_singular_values(
    shape: tuple[int, int], leading: int, rng: np.random.Generator
) -> FloatArray:
    """Leading singular values of one random standard normal matrix, without forming it.

    Householder reflections turn a normal matrix into a bidiagonal one with independent chi
    entries, so a draw costs O(min(m, n)) numbers and a tridiagonal eigenvalue problem.

    Parameters
    ----------
    shape : (int, int)
        (m, n).
    leading : int
        How many values, 1 ... min(m, n).
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray of shape (leading,), float64
        Descending.

    References
    ----------
    Dumitriu & Edelman, Matrix models for beta ensembles, J. Math. Phys. 43 (2002), theorem 3.1.

    Examples
    --------
    >>> import numpy as np
    >>> v = gaussian_singular_values((400, 400), 1, np.random.default_rng(0))
    >>> bool(abs(v[0] / 40.0 - 1.0) < 0.05)
    True
    """
    small, large = min(shape), max(shape)
    diagonal = rng.chisquare(large - np.arange(small))
    lower = rng.chisquare(np.arange(small - 1, 0, -1))
    gram = diagonal + np.concatenate(([0.0], lower))
    off = np.sqrt(diagonal[:-1] * lower)
    values = _leading_eigenvalues(gram, off, leading)
    return np.asarray(np.sqrt(np.maximum(values, 0.0)))


def _leading_eigenvalues(diagonal: FloatArray, off: FloatArray, leading: int) -> FloatArray:
    """Largest eigenvalues of the tridiagonal matrix, descending, from its corner where that does.

    The chi entries fall along the diagonal, so leading eigenvectors decay like
    ``exp(-sum arccosh((value - diagonal) / (2 off)))`` past a turning point: once that is below
    ``e^-20`` at a corner's end, the rest changes a value by its square, less than rounding.
    """
    size = max(128, 4 * leading)
    while 2 * size < diagonal.size:
        values = eigvalsh_tridiagonal(diagonal[:size], off[: size - 1])[::-1][:leading]
        reach = (values[-1] - diagonal[:size]) / (2.0 * off[:size])
        if float(np.sum(np.arccosh(np.maximum(reach, 1.0)))) > 20.0:
            return np.asarray(values)
        size *= 2
    return np.asarray(eigvalsh_tridiagonal(diagonal, off)[::-1][:leading])


def _aspect(s: Spectrum) -> float:
    return min(s.shape) / max(s.shape)


def _above_noise(s: Spectrum, threshold: float, what: str, edge: str = "") -> RankChoice:
    """`kept_above`, but never below rounding level: what lies there is neither signal nor noise.

    ``edge`` is what the threshold is called where it is the one that counts.
    """
    level = rounding_level(s)
    if threshold >= level:
        return kept_above(s, threshold, edge or what)
    text = "rounding level ({what} = {threshold:.6g} is below it)"
    return kept_above(s, level, say(text, what=as_sentence(what), threshold=threshold))


def _without_noise(s: Spectrum) -> RankChoice | None:
    """Answer where the median of sigma does not tell the noise; None where it does."""
    if s.values.size == 1 and s.values[0] > 0.0:
        reason = (
            "A matrix of one row or one column has one singular value, which is its own median: "
            "no value can stand out."
        )
        return RankChoice(0, reason, None, 0.0)
    level = rounding_level(s)
    rank = int((s.values > level).sum())
    if 2 * rank > s.values.size:
        return None
    reason = say(
        "There is no noise to measure: {count} of {total} singular values, half or more, are not "
        "above {level:.3g}, which is {means}. {values} above it and kept.",
        count=s.values.size - rank,
        total=s.values.size,
        level=level,
        means=ROUNDING_MEANS,
        values=count_values(rank),
    )
    return RankChoice(rank, reason, level, float(rank))


def _gavish_donoho_known(s: Spectrum, noise: float) -> RankChoice:
    if not s.values.size:
        return kept_above(s, 0.0, "the threshold")
    threshold = hard_threshold(_aspect(s)) * math.sqrt(max(s.shape)) * noise
    return _above_noise(s, threshold, "λ*(β) √max(m, n) s")


def _gavish_donoho(s: Spectrum) -> RankChoice:
    silent = _without_noise(s)
    if silent is not None:
        return silent
    omega = median_threshold(_aspect(s))
    threshold = omega * float(np.median(s.values))
    return kept_above(s, threshold, say("ω(β) median(σ), ω = {omega:.4f},", omega=omega))


def _mp_edge(s: Spectrum, noise: float | None) -> RankChoice:
    if noise is None and not s.complete:
        reason = "The noise is estimated from the median, which leading values do not tell."
        return RankChoice(0, joined(reason, open_end(s)), None, None, False)
    silent = _without_noise(s) if noise is None else None
    if silent is not None:
        return silent
    level = noise_from_median(s) if noise is None else noise
    # Noise estimated from subnormal values may underflow, its edge then too.
    edge = mp_edges(s.shape, level)[1] if level > 0.0 else 0.0
    origin = say("from the median") if noise is None else say("as given")
    return _above_noise(
        s,
        edge,
        say("s (√m + √n) with s = {level:.6g} {origin}", level=level, origin=origin),
        say("s (√m + √n) with s = {level:.6g} {origin}, the edge", level=level, origin=origin),
    )


def _noise_quantiles(
    shape: tuple[int, int], leading: int, quantile: float, draws: int, seed: int
) -> FloatArray:
    """Quantile over random matrices of each leading singular value; shape (leading,).

    Drawn for the first values, from the law for the rest: within about one place of drawing all.
    """
    rng = np.random.default_rng(seed)
    drawn = min(leading, _DRAWN)
    sample = [gaussian_singular_values(shape, drawn, rng) for _ in range(draws)]
    limits = np.quantile(np.asarray(sample), quantile, axis=0)
    if leading == drawn:
        return np.asarray(limits)
    expected = mp_values(shape)
    # How far the quantile lies above the law changes slowly from value to value.
    excess = float(np.mean(limits[drawn // 2 :] / expected[drawn // 2 : drawn]))
    inner = np.minimum(excess * expected[drawn:leading], limits[-1])
    return np.concatenate((limits, inner))


def _parallel_analysis(s: Spectrum, quantile: float, draws: int, seed: int) -> RankChoice:
    m, n = s.shape
    if not s.values.size or s.values[0] == 0.0:
        return RankChoice(0, "All singular values are zero: none beats noise.", None, 0.0)
    level = s.frobenius / math.sqrt(m * n)
    known = s.values.size
    # Few values stand out as a rule: look at the leading ones, and at all only when all pass.
    for leading in sorted({min(8, known), min(_DRAWN, known), known}):
        limits = level * _noise_quantiles(s.shape, leading, quantile, draws, seed)
        failed = np.flatnonzero(s.values[:leading] <= limits)
        if failed.size:
            break
    rank = int(failed[0]) if failed.size else known
    certain = s.complete or (bool(failed.size) and float(s.band[1][rank]) <= limits[rank])
    cut = float(limits[min(rank, limits.size - 1)])
    reason = say(
        "{values} above the {quantile:.4g} quantile of {draws} normal matrices of the same shape "
        "and ‖M‖_F (entries of deviation {level:.4g}, seed {seed}), counted up to the first that "
        "is not.",
        values=count_values(rank),
        quantile=quantile,
        draws=draws,
        level=level,
        seed=seed,
    )
    if not certain:
        reason = joined(reason, open_end(s))
    return RankChoice(rank, reason, cut, float(rank), certain)


GAVISH_DONOHO_KNOWN = RankRule(
    "gavish_donoho_known",
    "Gavish-Donoho, known noise",
    "#{σᵢ > λ*(β) √max(m, n) s}",
    "Gavish & Donoho, IEEE Trans. Inf. Theory 60 (2014), equation 3",
    (
        Parameter(
            "noise",
            "Noise s",
            1.0,
            0.0,
            math.inf,
            "Standard deviation of the noise in each entry, in the data's units.",
            open_minimum=True,
        ),
    ),
    _gavish_donoho_known,
    has_units=True,
)
GAVISH_DONOHO = RankRule(
    "gavish_donoho",
    "Gavish-Donoho, unknown noise",
    "#{σᵢ > ω(β) median(σ)}",
    "Gavish & Donoho, IEEE Trans. Inf. Theory 60 (2014), equation 4",
    (),
    _gavish_donoho,
    needs_complete=True,
)
MP_EDGE = RankRule(
    "mp_edge",
    "Marchenko-Pastur edge",
    "#{σᵢ > s (√m + √n)}",
    "Marchenko & Pastur, Math. USSR Sbornik 1 (1967); Bai & Yin, Ann. Probab. 21 (1993)",
    (
        Parameter(
            "noise",
            "Noise s",
            None,
            0.0,
            math.inf,
            "Standard deviation of the noise in each entry; empty: from the median of σ.",
            open_minimum=True,
        ),
    ),
    _mp_edge,
)
PARALLEL_ANALYSIS = RankRule(
    "parallel_analysis",
    "Parallel analysis",
    "first r with σ_{r+1} ≤ quantile of σ_{r+1}(noise of the same shape and ‖M‖_F)",
    "Horn, Psychometrika 30 (1965); quantile: Glorfeld, Educ. Psychol. Meas. 55 (1995)",
    (
        Parameter("quantile", "Quantile", 0.95, 0.0, 1.0, "Quantile over the random matrices."),
        Parameter("draws", "Draws", 20, 1, 10_000, "How many normal random matrices."),
        Parameter("seed", "Seed", 0, 0, 2**63 - 1, "Makes the draws repeatable."),
    ),
    _parallel_analysis,
)
