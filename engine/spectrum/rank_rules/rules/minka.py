"""Minka's rule: the rank at which probabilistic PCA has the largest evidence."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from engine.errors import ArgumentError
from engine.sentences import joined, say
from engine.spectrum.description.rounding import rounding_level
from engine.spectrum.linalg.norms import FloatArray
from engine.spectrum.rank_rules.choices import smallest_kept
from engine.spectrum.rank_rules.rule import Parameter, RankChoice, RankRule
from engine.spectrum.spectrum import Spectrum


def log_evidence(sigma: FloatArray, samples: float, floor: float, error: float = 0.0) -> FloatArray:
    """Laplace's approximation of the evidence of probabilistic PCA, for every rank.

    Parameters
    ----------
    sigma : ndarray of shape (p,)
        Singular values of the centred data, descending.
    samples : float
        N, how many samples there are.
    floor : float
        Values up to it are taken for 0, the level of rounding; > 0.
    error : float
        Values at most this far apart are equal. Their factor of the Hessian, which would be 0, is
        left out.

    Returns
    -------
    ndarray of shape (r,), float64
        Natural logarithm of the evidence of ranks 1 ... r, up to a constant; r is p - 1, or the
        number of values above ``floor`` where that is less.

    References
    ----------
    Minka, Automatic choice of dimensionality for PCA, NIPS 2000, equations 30 to 32 (77 to 80 of
    the report M.I.T. 514).

    Examples
    --------
    >>> import numpy as np
    >>> int(np.argmax(log_evidence(np.array([9.0, 8.0, 1.1, 1.0, 0.9]), 50.0, 1e-9))) + 1
    2
    """
    p = sigma.size
    ranks = np.arange(1, min(p - 1, int(np.count_nonzero(sigma > floor))) + 1)
    if ranks.size == 0:
        return np.zeros(0)
    # Scaled to a largest eigenvalue of 1: a common factor adds the same to every rank.
    eigenvalues = (sigma / sigma[0]) ** 2
    logs = np.log(np.maximum(eigenvalues, (floor / sigma[0]) ** 2))
    rest = np.maximum(np.cumsum(eigenvalues[::-1])[::-1][ranks], 0.0) / (p - ranks)
    noise = np.maximum(rest, (floor / sigma[0]) ** 2)
    free = p * ranks - ranks * (ranks + 1) / 2.0
    halves = (p - ranks + 1) / 2.0
    frames = np.cumsum(gammaln(halves) - halves * math.log(math.pi)) - ranks * math.log(2.0)
    likelihood = np.cumsum(logs[: ranks.size]) + (p - ranks) * np.log(noise)
    return np.asarray(
        frames
        - 0.5 * samples * likelihood
        + 0.5 * (free + ranks) * math.log(2.0 * math.pi)
        - 0.5 * _log_hessian(sigma / sigma[0], logs, noise, samples, error / sigma[0])
        - 0.5 * ranks * math.log(samples)
    )


def _log_hessian(
    sigma: FloatArray, logs: FloatArray, noise: FloatArray, samples: float, error: float
) -> FloatArray:
    """Logarithm of the Hessian's determinant for ranks 1 ... noise.size.

    The product over pairs i < j, i <= k, of ``N (l_i - l_j) (1/l'_j - 1/l'_i)``, where l' is l up
    to k and the noise beyond. All but the noise is a running sum over k.
    """
    p, last = sigma.size, noise.size
    # First place after i that holds a smaller value.
    smaller = np.searchsorted(-sigma, error - sigma[:last], side="right")
    smaller = np.maximum(smaller, np.arange(1, last + 1))
    beyond, inside = np.zeros(last), np.zeros(last + 1)
    for i in range(last):
        differences = _log_difference(sigma[i], sigma[smaller[i] :])
        beyond[i] = differences.sum() + (p - smaller[i]) * math.log(samples)
        within = slice(smaller[i], last)
        if smaller[i] < last:
            inside[smaller[i] + 1 :] += np.cumsum(
                differences[: last - smaller[i]] - logs[i] - logs[within]
            )
    result = np.cumsum(beyond) + inside[1:]
    for k in range(1, last + 1):
        counts = p - np.maximum(k, smaller[:k])
        some = counts > 0
        gaps = np.exp(logs[:k][some]) - noise[k - 1]
        scale = np.log(gaps) - math.log(noise[k - 1]) - logs[:k][some]
        result[k - 1] += float(np.sum(counts[some] * scale))
    return result


def _log_difference(larger: float, smaller: npt.NDArray[np.float64]) -> FloatArray:
    """Logarithm of the difference of the squares, without cancellation."""
    return np.asarray(np.log(larger - smaller) + np.log(larger + smaller))


def _minka(s: Spectrum, samples: float | None) -> RankChoice:
    m, n = s.shape
    if not s.values.size or s.values[0] == 0.0:
        return RankChoice(0, "All singular values are zero: nothing to keep.", None, None)
    if samples is None and m < n:
        wide = say("None for a matrix of {rows} rows and {columns} columns", rows=m, columns=n)
        hint = "A wide matrix may hold a sample a column: give how many samples there are."
        raise ArgumentError("samples", wide, "the number of samples", hint)
    count = float(m if samples is None else samples)
    if count < s.rank_limit:
        raise ArgumentError("samples", samples, say("at least min(m, n) = {p}", p=s.rank_limit))
    if s.rank_limit == 1:
        return RankChoice(0, "One row or column: no rank from 1 to min(m, n) − 1.", None, None)
    level = rounding_level(s)
    if s.values[0] - s.values[-1] <= level:
        return RankChoice(0, "All singular values are equal: no direction stands out.", None, None)
    evidence = log_evidence(s.values, count, level, level)
    rank = int(np.argmax(evidence)) + 1
    reason = say(
        "Of ranks 1 to {last} this has the largest evidence{lead}, with {samples:.6g} samples.",
        last=s.rank_limit - 1,
        lead=_lead(evidence, rank),
        samples=count,
    )
    assumed = "It is meant for centred columns of normal noise, a sample a row."
    if samples is not None:
        assumed = "It is meant for centred features with normal noise."
    return RankChoice(
        rank, joined(reason, say(assumed)), smallest_kept(s, rank), float(evidence[rank - 1])
    )


def _lead(evidence: FloatArray, rank: int) -> str:
    """How far the best is ahead: a lead of less than 1 or so decides little."""
    if evidence.size < 2:
        return ""
    others = np.delete(np.arange(evidence.size), rank - 1)
    second = int(others[np.argmax(evidence[others])]) + 1
    lead = float(evidence[rank - 1] - evidence[second - 1])
    return say(", e^{lead:.4g} times that of rank {second}", lead=lead, second=second)


MINKA = RankRule(
    "minka",
    "Evidence of probabilistic PCA (Minka)",
    "argmax over r of Laplace's evidence p(M | r), r = 1 ... min(m, n) − 1",
    "Minka, NIPS 13 (2000)",
    (
        Parameter(
            "samples",
            "Samples",
            None,
            2.0,
            math.inf,
            "How many samples there are; empty: one a row, which needs m ≥ n.",
        ),
    ),
    _minka,
    needs_complete=True,
)
