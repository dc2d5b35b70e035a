"""The claims of the article, each with a verdict measured on the current scores.

References
----------
Su, kexue.fm/archives/10373.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.errors import ArgumentError
from engine.sentences import as_sentence, say
from engine.topk.judge.laws import LawResult, check_laws
from engine.topk.judge.recursion import recursion_breakdown
from engine.topk.judge.softmax import SOFTMAX_TOLERANCE, softmax_gap
from engine.topk.registry import get_operator
from engine.topk.semantics import FloatArray, check_k, check_scores, check_tau

__all__ = ["Claim", "check_claims"]

_LAWFUL = ("exp", "sigmoid", "laplace", "grad")
_LAWS = {
    "sum": "The p of exp, sigmoid, laplace and grad sum to k.",
    "range": "The p of exp, sigmoid, laplace and grad lie in [0, 1].",
    "monotonicity": "A larger score never gets a smaller p (exp, sigmoid, laplace, grad).",
    "shift": "Adding a constant to all scores changes nothing (exp, sigmoid, laplace, grad).",
    "limit": "As tau goes to 0, p tends to the hard mask (exp, sigmoid, laplace, grad).",
}


@dataclass(frozen=True)
class Claim:
    """One claim and what measuring it gave.

    Parameters
    ----------
    title : str
        Short name.
    statement : str
        The claim in words.
    verdict : str
        "holds", "fails", "undefined" where it says nothing about these scores, or "not applicable"
        where they neither show nor refute it.
    measured : float
        The number the verdict rests on; NaN where there is none.
    witness : str
        The operator, indices and values that show it, in words.
    """

    title: str
    statement: str
    verdict: str
    measured: float
    witness: str


def check_claims(
    x: ArrayLike, k: float, tau: float | Mapping[str, float | None] = 1.0
) -> tuple[Claim, ...]:
    """Measure every claim of the article on these scores.

    Parameters
    ----------
    x : array_like (n,)
        Scores; -inf entries are left out.
    k : float
        How many to keep, in [0, n]; claims about integer k use the nearest one.
    tau : float or mapping of str to float
        Temperature, or that of each operator by its key ("exp", "sigmoid", "laplace", "grad"):
        operators of equal softness have one each.  None for one that has none: it is left out.

    Returns
    -------
    tuple of Claim

    Raises
    ------
    ArgumentError, DataError
        As the operators.

    References
    ----------
    kexue.fm/archives/10373.

    Examples
    --------
    >>> claims = check_claims([2.0, 1.0, 0.5, -1.0], 2, 0.02)
    >>> next(c.measured for c in claims if c.title == "weighted limit") < 1e-9
    True
    """
    scores = check_scores(x)
    if scores.ndim != 1:
        raise ArgumentError("x", scores.shape, "a 1-D array")
    number, taus = check_k(k, scores.size, False), _taus(tau)
    get_operator("sigmoid")(scores, number)  # one place decides what is allowed
    row = scores[np.isfinite(scores)].astype(np.float64)
    if row.size == 0:
        return ()
    return (
        *_law_claims(row, number, taus),
        _softmax_claim("exp", row, taus["exp"]),
        _softmax_claim("grad", row, taus["grad"]),
        _laplace_claim(row, taus["laplace"]),
        _weighted_claim(row),
        _recursion_claim(row, round(number), taus["grad"]),
    )


def _taus(tau: float | Mapping[str, float | None]) -> dict[str, float | None]:
    if not isinstance(tau, Mapping):
        return dict.fromkeys(_LAWFUL, check_tau(tau))
    missing = [key for key in _LAWFUL if key not in tau]
    if missing:
        allowed = say("a number, or one each for {operators}", operators=", ".join(_LAWFUL))
        raise ArgumentError("tau", dict(tau), allowed)
    return {key: None if tau[key] is None else check_tau(tau[key]) for key in _LAWFUL}


def _law_claims(x: FloatArray, k: float, taus: Mapping[str, float | None]) -> list[Claim]:
    found: dict[str, tuple[LawResult, str]] = {}
    for key in _LAWFUL:
        operator, tau = get_operator(key), taus[key]
        if tau is None:
            continue
        count = round(k) if operator.needs_integer_k else k
        for result in check_laws(operator, x, count, tau):
            kept = found.get(result.law)
            if kept is None or _severity(result) > _severity(kept[0]):
                found[result.law] = (result, key)
    return [
        _law_claim(law, statement, *found[law]) if law in found else _no_tau(law, statement)
        for law, statement in _LAWS.items()
    ]


def _no_tau(title: str, statement: str) -> Claim:
    why = "No operator of this claim has a tau with this softness."
    return Claim(title, statement, "not applicable", math.nan, why)


def _severity(result: LawResult) -> float:
    """Return by how much a law is broken; NaN is the worst there is, undefined nothing at all."""
    if result.verdict == "undefined":
        return -1.0
    return math.inf if math.isnan(result.worst) else result.worst / result.tolerance


def _law_claim(law: str, statement: str, result: LawResult, key: str) -> Claim:
    if result.verdict == "undefined":  # of the scores, and so for all of them
        return Claim(law, statement, "undefined", math.nan, result.sentence)
    witness = say("{operator}: {finding}", operator=key, finding=as_sentence(result.sentence))
    return Claim(law, statement, _verdict(result.ok), result.worst, witness)


def _softmax_claim(key: str, x: FloatArray, tau: float | None) -> Claim:
    title = say("{operator} is softmax at k = 1", operator=key)
    statement = say("For k = 1 the {operator} operator is exactly softmax.", operator=key)
    if tau is None:
        return _no_tau(title, statement)
    gap = softmax_gap(get_operator(key), x, tau)
    return Claim(
        title,
        statement,
        _verdict(gap.worst <= SOFTMAX_TOLERANCE),
        gap.worst,
        say("Largest difference {worst:.2g}, at tau = {tau:.4g}.", worst=gap.worst, tau=gap.tau),
    )


def _laplace_claim(x: FloatArray, tau: float | None) -> Claim:
    """An exercise of the article; true only while no softmax probability exceeds 1/2."""
    title = "laplace is softmax at k = 1"
    statement = (
        "For k = 1 the laplace operator is softmax too (true while no softmax value exceeds 1/2)."
    )
    if tau is None:
        return _no_tau(title, statement)
    gap = softmax_gap(get_operator("laplace"), x, tau)
    return Claim(
        title,
        statement,
        _verdict(gap.worst <= SOFTMAX_TOLERANCE),
        gap.worst,
        say(
            "At tau = {tau:.4g} the largest softmax value is {top:.6g}; at index {place} laplace "
            "gives {value:.6g}, softmax {truth:.6g}.",
            tau=gap.tau,
            top=gap.top,
            place=gap.place,
            value=gap.p,
            truth=gap.truth,
        ),
    )


def _weighted_claim(x: FloatArray) -> Claim:
    title = "weighted limit"
    statement = "Iterated weighted softmax tends to (1.5, 0.5, 0, ...) for k = 2, not to (1, 1, 0)."
    ordered = np.sort(x)[::-1]
    gap = float((ordered[:-1] - ordered[1:])[:2].min()) if x.size > 2 else 0.0
    if gap <= 0.0:
        reason = "It needs three different largest scores."
        return Claim(title, statement, "not applicable", math.nan, reason)
    p = np.sort(get_operator("iterated_weighted_softmax")(x, 2, max(gap / 50.0, 1e-300)))[::-1]
    worst = float(np.abs(p - np.r_[1.5, 0.5, np.zeros(x.size - 2)]).max())
    shown = ", ".join(f"{value:.6g}" for value in p[:3])
    witness = say("At tau = {tau:.2g} the largest p are {values}.", tau=gap / 50.0, values=shown)
    return Claim(title, statement, _verdict(worst <= 1e-6), worst, witness)


def _recursion_claim(x: FloatArray, k: int, tau: float | None) -> Claim:
    """The steps are scanned on at most 400 scores: the comparison costs k exact solves.

    Scores on which it keeps its digits are no counterexample: k and variance are not large there.
    """
    title = "recursion breaks down"
    statement = "The log-space recursion for grad loses all digits at large k or large variance."
    if tau is None:
        return _no_tau(title, statement)
    step = -(-x.size // 400)
    sample = np.sort(x)[::step]
    places = min(max(round(k / step), 0), sample.size)
    found = recursion_breakdown(sample, places, tau)
    measured = math.nan if found.step is None else float(found.step)
    sentence = found.sentence
    if step > 1:
        sentence = say(
            "{finding} (on every {step}th score)", finding=as_sentence(sentence), step=step
        )
    return Claim(
        title, statement, "not applicable" if found.step is None else "holds", measured,
        sentence,
    )  # fmt: skip


def _verdict(ok: bool) -> str:
    return "holds" if ok else "fails"
