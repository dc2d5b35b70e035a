"""What is asked about one matrix of a checkpoint, and the answer: its row of the table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.checkpoint.listing import Matrix

FloatArray = npt.NDArray[np.float64]
# The key of a rank rule and its parameters, by place.
Rule = tuple[Any, ...]
Rules = tuple[Rule, ...]

DEFAULT_RULES: Rules = (("energy", 0.9), ("mp_edge",))


def rule_labels(rules: Rules) -> tuple[str, ...]:
    """Return what `Row.ranks` calls each rule: its key, with its parameters where that is not one.

    Examples
    --------
    >>> rule_labels((("energy", 0.9), ("mp_edge",)))
    ('energy', 'mp_edge')
    >>> rule_labels((("energy", 0.9), ("energy", 0.99)))
    ('energy=0.9', 'energy=0.99')
    """
    counts = Counter(rule[0] for rule in rules)
    return tuple(rule[0] if counts[rule[0]] == 1 else rule_text(rule) for rule in rules)


def rule_text(rule: Rule) -> str:
    """Return a rule with its parameters.

    Examples
    --------
    >>> rule_text(("energy", 0.9)), rule_text(("parallel_analysis", 0.95, 20))
    ('energy=0.9', 'parallel_analysis=0.95:20')
    """
    key, *parameters = rule
    return f"{key}={':'.join(map(str, parameters))}" if parameters else str(key)


def rules_of(text: str) -> Rules:
    """Return the rules that a person typed; they are checked when they are used.

    Examples
    --------
    >>> rules_of("energy=0.9, mp_edge")
    (('energy', 0.9), ('mp_edge',))
    """
    found = []
    for word in filter(None, (part.strip() for part in text.split(","))):
        key, _, parameters = word.partition("=")
        found.append((key.strip(), *map(_number, filter(None, parameters.split(":")))))
    return tuple(found)


def _number(text: str) -> float | int | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text.strip()


@dataclass(frozen=True)
class MatrixRequest:
    """One matrix to be described; picklable, and carries a place, never numbers.

    Attributes
    ----------
    matrix : Matrix
        One of `Checkpoint.matrices`.
    rules : tuple of tuple
        Rank rules: the key of each, then its parameters (`engine.spectrum.RANK_RULES`).
    """

    matrix: Matrix
    rules: Rules = DEFAULT_RULES


@dataclass(frozen=True, eq=False)
class Row:
    """What is known of one matrix; figures as in `engine.spectrum.Descriptors`.

    Attributes
    ----------
    name : str
        Of the matrix.
    layer : int or None
    stack, role : str
    expert : int or None
    shape : tuple of int
        (m, n).
    dtype : str
    parameters : int
        m n; r (m + n) of a product of factors.
    spectral_norm, frobenius_norm : float
        In the units of the data; NaN, as every other figure, where there is a ``problem``.
    stable_rank, effective_rank, participation_ratio : float
    numerical_rank : int
    condition_number : float
    alpha, ks_distance : float or None
        Power-law tail of sigma^2; None where there is none.
    tail_size : int
    ranks : mapping of str to int
        The rank that each rule chose, by `rule_labels`.
    snr : float
        Sum of the values above the Marchenko-Pastur edge over the sum of those below, over
        sigma_1 (Hartford et al., "Spectrum", 2024); inf where none is below.
    alpha_hat : float or None
        alpha log10(sigma_1^2) (Martin, Peng & Mahoney, Nature Communications 12, 2021).
    method : str
        What computed the values.
    error_bound : float
        |values[i] - sigma_i| is at most this.
    seconds : float
        What reading and computing took.
    key : str
        SHA-256 of the contents: equal matrices have equal keys. "" where it could not be read.
    problem : str
        Why the matrix could not be computed, in a sentence; "" where it was.
    values : ndarray of shape (min(m, n),), float64
        Singular values, descending; empty where there is a problem.
    """

    name: str
    layer: int | None
    stack: str
    role: str
    expert: int | None
    shape: tuple[int, int]
    dtype: str
    parameters: int
    spectral_norm: float = np.nan
    frobenius_norm: float = np.nan
    stable_rank: float = np.nan
    effective_rank: float = np.nan
    participation_ratio: float = np.nan
    numerical_rank: int = 0
    condition_number: float = np.nan
    alpha: float | None = None
    ks_distance: float | None = None
    tail_size: int = 0
    ranks: Mapping[str, int] = field(default_factory=dict)
    snr: float = np.nan
    alpha_hat: float | None = None
    method: str = ""
    error_bound: float = np.nan
    seconds: float = 0.0
    key: str = ""
    problem: str = ""
    values: FloatArray = field(default_factory=lambda: np.zeros(0), repr=False)
