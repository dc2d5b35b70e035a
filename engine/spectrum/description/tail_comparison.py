"""Whether a tail is a power law rather than another law: likelihood ratios on the same tail."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import erfc, gammaincc

from engine.errors import ArgumentError
from engine.sentences import as_sentence, one_of, say
from engine.spectrum.description.powerlaw_fit import (
    RELIABLE_TAIL,
    PowerLawFit,
    fit_power_law,
    fit_spectrum_tail,
    positive_sample,
)
from engine.spectrum.description.tail_rivals import TAIL_RIVALS, TailRival, power_law_tail
from engine.spectrum.spectrum import Spectrum

FloatArray = npt.NDArray[np.float64]

DECIDED = 0.1
# Below it the logarithms of a tail have lost the digits that tell the laws apart.
_LEAST_LOG_SPAN = 1e-6
_LEAST_SPREAD = 1e-6  # of log(x / x_min), in units of its mean: laws narrow without end below


@dataclass(frozen=True)
class TailComparison:
    """A power law against one rival on the same tail.

    Parameters
    ----------
    log_ratio : float
        Sum over the tail of the log density of the power law less that of the rival, both at their
        best parameters; above 0 the power law is likelier.
    normalised : float
        ``log_ratio`` in units of its standard deviation, ``log_ratio / (sd sqrt(n))``.
    p_value : float
        Chance of a ratio at least as far from 0 where both laws are equally good.
    favours : str
        ``"power_law"``, the key of the rival, or ``"undecided"`` where ``p_value > 0.1``.
    parameters : mapping of str to float
        The rival's, in the units of x; empty where there was nothing to fit.
    reason : str
        What to know about it; empty otherwise.
    """

    log_ratio: float
    normalised: float
    p_value: float
    favours: str
    parameters: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""


def compare_tails(
    x: npt.ArrayLike,
    x_min: float | None = None,
    rivals: Sequence[str] = tuple(TAIL_RIVALS),
) -> Mapping[str, TailComparison]:
    """Compare the power-law tail of a sample with other laws, each cut at the same x_min.

    Parameters
    ----------
    x : array_like of shape (n,)
        The sample; entries <= 0 are left out.
    x_min : float, optional
        Start of the tail, > 0; chosen by `fit_power_law` where it is not given.
    rivals : sequence of str
        Keys of `TAIL_RIVALS`.

    Returns
    -------
    mapping of str to TailComparison
        One for each rival, in their order. Without a tail all are undecided, with the reason.

    Raises
    ------
    DataError
        If an entry is NaN or infinite.
    ArgumentError
        If ``x`` is not one-dimensional, ``x_min`` not positive or a rival unknown.

    References
    ----------
    Vuong, Econometrica 57 (1989); Clauset, Shalizi & Newman, SIAM Review 51 (2009), section 5:
    for a rival that contains the power law, twice the ratio is compared with chi^2 of one degree.

    Examples
    --------
    >>> import numpy as np
    >>> x = 1.0 + np.random.default_rng(0).exponential(size=1000)
    >>> compare_tails(x, 1.0, ["exponential"])["exponential"].favours
    'exponential'
    """
    chosen = _chosen(rivals)
    fit = fit_power_law(x, x_min)
    logs = np.log(positive_sample(x))
    return _compare(logs, fit, chosen, None if x_min is None else math.log(x_min))


def compare_spectrum_tails(
    s: Spectrum, rivals: Sequence[str] = tuple(TAIL_RIVALS)
) -> Mapping[str, TailComparison]:
    """Compare the tail that `fit_spectrum_tail` finds in the eigenvalues ``sigma^2``.

    Parameters
    ----------
    s : Spectrum
        Values at rounding level are left out.
    rivals : sequence of str
        Keys of `TAIL_RIVALS`.

    Returns
    -------
    mapping of str to TailComparison
        As `compare_tails`.

    Raises
    ------
    ArgumentError
        If a rival is unknown.

    References
    ----------
    Clauset, Shalizi & Newman, SIAM Review 51 (2009), section 5.

    Examples
    --------
    >>> import numpy as np
    >>> s = Spectrum(np.ones(3), (3, 3), "float64", "svd", 0.0, True, 3.0**0.5)
    >>> compare_spectrum_tails(s, ["exponential"])["exponential"].reason
    'only 3 positive values, a fit needs 10'
    """
    chosen, fit = _chosen(rivals), fit_spectrum_tail(s)
    with np.errstate(divide="ignore"):
        return _compare(2.0 * np.log(s.values[::-1]), fit, chosen, None)


def _chosen(rivals: Sequence[str]) -> list[TailRival]:
    keys = [rivals] if isinstance(rivals, str) else list(rivals)
    for key in keys:
        if key not in TAIL_RIVALS:
            raise ArgumentError("rivals", key, one_of(TAIL_RIVALS))
    return [TAIL_RIVALS[key] for key in keys]


def _compare(
    ascending: FloatArray, fit: PowerLawFit, rivals: list[TailRival], log_start: float | None
) -> dict[str, TailComparison]:
    """Each rival on the tail of ``fit``, which begins with a value unless its start was given."""
    if fit.alpha is None:
        return {rival.key: _undecided(fit.reason) for rival in rivals}
    tail = ascending[ascending.size - fit.tail_size :]
    start = float(tail[0]) if log_start is None else log_start
    u = np.maximum(tail - start, 0.0)
    if u[-1] < _LEAST_LOG_SPAN or float(np.std(u)) < _LEAST_SPREAD * float(np.mean(u)):
        reason = say("the values are too close together to tell laws apart")
        return {rival.key: _undecided(reason) for rival in rivals}
    return {rival.key: _against(rival, u, start) for rival in rivals}


def _undecided(reason: str, parameters: Mapping[str, float] | None = None) -> TailComparison:
    return TailComparison(0.0, 0.0, 1.0, "undecided", parameters or {}, reason)


def _against(rival: TailRival, u: FloatArray, log_x_min: float) -> TailComparison:
    fitted = rival.fit(u, log_x_min)
    if fitted.is_limit:
        return _undecided(fitted.reason, fitted.parameters)
    differences = power_law_tail(u).log_density(u) - fitted.log_density(u)
    ratio, spread = float(np.sum(differences)), float(np.std(differences))
    normalised = ratio / (spread * math.sqrt(u.size)) if spread > 0.0 else 0.0
    p_value = float(erfc(abs(normalised) / math.sqrt(2.0)))
    if rival.nested:
        # The survival of chi^2 with one degree at 2 |ratio|.
        p_value = float(gammaincc(0.5, abs(ratio)))
    favours = "power_law" if ratio > 0.0 else rival.key
    if p_value > DECIDED:
        favours = "undecided"
    reason = _with_caution(fitted.reason, u.size)
    return TailComparison(ratio, normalised, p_value, favours, fitted.parameters, reason)


def _with_caution(reason: str, size: int) -> str:
    if size >= RELIABLE_TAIL:
        return reason
    few = say("the tail has only {count} values", count=size)
    return say("{first}; {second}", first=as_sentence(reason), second=few) if reason else few
