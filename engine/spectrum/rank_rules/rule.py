"""The record every rank rule fills in, and the answer every rule gives."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from engine.errors import ArgumentError
from engine.sentences import Sentence, as_sentence, joined, say
from engine.spectrum.description.rounding import rounding_level
from engine.spectrum.spectrum import Spectrum

ROUNDING_MEANS = say("rounding of the entries or of the computation, not data")


@dataclass(frozen=True)
class Parameter:
    """A parameter of a rule, with what a form needs to ask for it.

    Parameters
    ----------
    key : str
        Keyword of the rule's call.
    title : str
        Name for people.
    default : float, int, bool, str or None
        None means "estimated from the spectrum", where ``meaning`` says so.
    minimum, maximum : float
        Allowed range, both ends included unless ``open_minimum``.
    meaning : str
        What it does and in which units.
    open_minimum : bool
        Whether ``minimum`` itself is refused.
    choices : tuple of str
        The allowed words of a parameter that is a word; its range is then ignored.
    """

    key: str
    title: str
    default: float | int | bool | str | None
    minimum: float
    maximum: float
    meaning: str
    open_minimum: bool = False
    choices: tuple[str, ...] = ()

    def check(self, value: Any) -> Any:
        """``value`` as the type of the default, or an `ArgumentError` that says what is allowed."""
        if value is None and self.default is None:
            return None
        if self.choices:
            if value not in self.choices:
                raise ArgumentError(self.key, value, _either(self.choices))
            return value
        if isinstance(self.default, bool):
            if value not in (True, False):
                raise ArgumentError(self.key, value, "True or False")
            return bool(value)
        return self._check_number(value)

    def _check_number(self, value: Any) -> float | int:
        whole = isinstance(self.default, int)
        allowed = self._allowed(say("an integer") if whole else say("a finite number"))
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise ArgumentError(self.key, value, allowed) from None
        low = number <= self.minimum if self.open_minimum else number < self.minimum
        if not math.isfinite(number) or low or number > self.maximum:
            raise ArgumentError(self.key, value, allowed)
        if whole and number != int(number):
            raise ArgumentError(self.key, value, allowed)
        return int(number) if whole else number

    def _allowed(self, kind: Sentence) -> Sentence:
        low, high = self.minimum, self.maximum
        if math.isinf(high) and self.open_minimum:
            return say("{kind} > {minimum:g}", kind=kind, minimum=low)
        if math.isinf(high):
            return say("{kind} >= {minimum:g}", kind=kind, minimum=low)
        if self.open_minimum:
            text = "{kind} > {minimum:g} and <= {maximum:g}"
        else:
            text = "{kind} >= {minimum:g} and <= {maximum:g}"
        return say(text, kind=kind, minimum=low, maximum=high)


@dataclass(frozen=True)
class RankChoice:
    """The rank a rule chose, and why.

    Parameters
    ----------
    rank : int
        0 ... min(m, n).
    reason : str
        One or two sentences: the convention, the figure reached, what limits the answer.
    cut : float or None
        Level on the sigma axis that parts kept from dropped values, in the units of the data: the
        threshold of a threshold rule, otherwise the smallest kept value. None when nothing is kept
        and the rule has no threshold.
    achieved : float or None
        What the rank reaches, in the quantity the rule is about (share, error, size).
    certain : bool
        False when leading values alone do not decide the rule; ``rank`` is then the best they
        allow, and the reason says so. True promises that the rule's condition is met at ``rank``.
    rule : str
        Key of the rule.
    parameters : mapping
        The parameters it ran with, defaults filled in.
    """

    rank: int
    reason: str
    cut: float | None = None
    achieved: float | None = None
    certain: bool = True
    rule: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)


def _unsaid(s: Spectrum, **parameters: Any) -> RankChoice:
    """Stand where a rule says nothing."""
    raise NotImplementedError


@dataclass(frozen=True)
class RankRule:
    """One way to choose a rank; calling it with a spectrum gives a `RankChoice`.

    Parameters
    ----------
    key, title, formula, source : str
        Identity; the formula states the off-by-one convention, the source is a paper or tool.
    parameters : tuple of Parameter
        In the order in which they may be passed.
    choose : callable
        ``choose(s, **parameters) -> RankChoice``.
    needs_complete : bool
        Whether leading values alone are refused.
    has_units : bool
        Whether a default is in the units of the data, so that the rank changes with them.
    may_exceed : bool
        Whether leading values may give more than the rank of the complete spectrum: enough to
        meet a target, though fewer would do.
    open_above : bool
        Whether this may also be so where the answer is not `certain`, which otherwise is a lower
        bound of the rank.
    plugin : str
        Distribution and version that it comes from; "" for the program's own.

    Raises
    ------
    ArgumentError
        If ``choose`` cannot be called.

    Examples
    --------
    >>> import numpy as np
    >>> from engine.spectrum.rank_rules import RANK_RULES
    >>> s = Spectrum(np.ones(4), (4, 4), "float64", "svd", 0.0, True, 2.0)
    >>> RANK_RULES["energy"](s, 0.75).rank
    3
    """

    key: str
    title: str
    formula: str = ""
    source: str = ""
    parameters: tuple[Parameter, ...] = ()
    choose: Callable[..., RankChoice] = _unsaid
    needs_complete: bool = False
    has_units: bool = False
    may_exceed: bool = False
    open_above: bool = False
    plugin: str = ""

    def __post_init__(self) -> None:
        if self.choose is _unsaid or not callable(self.choose):
            raise ArgumentError("choose", None, "a function of a spectrum and the parameters")

    def __call__(self, s: Spectrum, *args: Any, **kwargs: Any) -> RankChoice:
        """Apply the rule to a spectrum.

        Parameters
        ----------
        s : Spectrum
            What to choose from.
        *args, **kwargs
            The rule's parameters, by place or by key; the rest take their defaults.

        Returns
        -------
        RankChoice
            The zero matrix always gives rank 0 (except where a LoRA tool's habit is asked for).

        Raises
        ------
        ArgumentError
            If a parameter is unknown, given twice or out of range, or if the rule needs a complete
            spectrum and ``s`` is not.
        """
        filled = self.filled(args, kwargs)
        if self.needs_complete and not s.complete:
            raise ArgumentError(
                "s",
                say("{known} of {limit} singular values", known=s.values.size, limit=s.rank_limit),
                say("a complete spectrum for the rule {title!r}", title=as_sentence(self.title)),
                "Compute the full spectrum first.",
            )
        answer = self.choose(s, **filled)
        return RankChoice(
            answer.rank,
            joined(answer.reason, _below_rounding(s, answer.rank)),
            answer.cut,
            answer.achieved,
            answer.certain,
            self.key,
            filled,
        )

    def filled(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return a value of every parameter, checked, in their order.

        Raises
        ------
        ArgumentError
            If one is unknown, given twice or out of range.
        """
        keys = [parameter.key for parameter in self.parameters]
        if len(args) > len(keys):
            raise ArgumentError(
                "parameters",
                args,
                say("at most {count}: {names}", count=len(keys), names=", ".join(keys)),
            )
        given = dict(zip(keys, args, strict=False))
        for key, value in kwargs.items():
            if key not in keys:
                raise ArgumentError(
                    key, value, say("one of the parameters {names}", names=", ".join(keys))
                )
            if key in given:
                raise ArgumentError(key, value, "given once, by place or by name")
            given[key] = value
        return {p.key: p.check(given.get(p.key, p.default)) for p in self.parameters}


def _either(choices: tuple[str, ...]) -> str:
    quoted = map(repr, choices)
    return reduce(
        lambda first, second: say("{first} or {second}", first=first, second=second), quoted
    )


def _below_rounding(s: Spectrum, rank: int) -> str:
    """Sentence that says how many of the kept values may be nothing but rounding."""
    level = rounding_level(s)
    count = int((s.values[:rank] <= level).sum())
    if count == 0:
        return ""
    are = "is" if count == 1 else "are"
    return say(
        "{count} of the kept values {verb} not above {level:.3g}: {means}.",
        count=count,
        verb=are,
        level=level,
        means=ROUNDING_MEANS,
    )
