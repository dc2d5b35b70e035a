"""What a person types to see some of the matrices: ``role:q layer:<8 alpha:>6``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gui.core.declare.parameter import stored
from gui.core.declare.records import Record
from gui.core.figure.arrays import Floats
from gui.core.words.i18n import tr
from gui.core.words.names import near
from gui.frozen import dataclass
from gui.pages.checkpoint.compute.figures import DESCRIPTORS, Board

Mask = NDArray[np.bool_]
_LONGEST = 1000
_RELATION = re.compile(r"(<=|>=|<|>|=)?(.+)")
_RANGE = re.compile(r"(.+?)\.\.(.+)")
_SHORT: Mapping[str, str] = {
    "stable": "stable_rank",
    "effective": "effective_rank",
    "participation": "participation_ratio",
    "rank": "numerical_rank",
    "condition": "condition_number",
    "ks": "ks_distance",
    "sigma1": "spectral_norm",
    "norm": "frobenius_norm",
    "energy": "rank_energy",
    "mp": "rank_mp_edge",
    "bound": "error_bound",
}
_WORDS = ("role", "stack", "type", "name", "problem")
_WHOLE = ("layer", "expert", "rows", "columns")


class BadFilter(ValueError):
    """What was typed is no filter; the sentence says what would be one."""

    for_people = True
    argument = "filter"


@dataclass(frozen=True)
class Term:
    """One word of a filter: ``key`` is "" of a plain word, ``unlike`` of one after a minus."""

    key: str
    text: str
    low: float = -np.inf
    high: float = np.inf
    strict: tuple[bool, bool] = (False, False)
    unlike: bool = False

    def holds(self, board: Board) -> Mask:
        """Return which matrices it holds for."""
        found = self._numbers(board) if self.key not in ("", *_WORDS) else self._words(board)
        return ~found if self.unlike else found

    def _words(self, board: Board) -> Mask:
        wanted = tuple(word for word in self.text.casefold().split(",") if word)
        said: Callable[[Any, Any], bool]
        if self.key == "problem":
            said = _problem
        elif self.key in ("", "name"):
            return np.array(
                [any(word in one.name.casefold() for word in wanted) for one in board.matrices],
                dtype=bool,
            )
        else:
            said = {"role": _role, "stack": _stack, "type": _dtype}[self.key]
        pairs = zip(board.matrices, board.rows, strict=True)
        return np.array([said((one, row), wanted) for one, row in pairs], dtype=bool)

    def _numbers(self, board: Board) -> Mask:
        values = _whole(board, self.key) if self.key in _WHOLE else board.figures(self.key)
        low, high = self.strict
        with np.errstate(invalid="ignore"):
            above = values > self.low if low else values >= self.low
            below = values < self.high if high else values <= self.high
        return np.asarray(above & below)


def _role(one: Any, wanted: tuple[str, ...]) -> bool:
    return one[0].role.role in wanted


def _stack(one: Any, wanted: tuple[str, ...]) -> bool:
    return one[0].role.stack in wanted


def _dtype(one: Any, wanted: tuple[str, ...]) -> bool:
    return one[0].dtype in wanted


def _problem(one: Any, wanted: tuple[str, ...]) -> bool:
    return (one[1] is not None and bool(one[1].problem)) == (wanted != ("no",))


def _whole(board: Board, key: str) -> Floats:
    found = []
    for one in board.matrices:
        number = {
            "layer": one.role.layer,
            "expert": one.role.expert,
            "rows": one.shape[0],
            "columns": one.shape[1],
        }[key]
        found.append(np.nan if number is None else float(number))
    return np.array(found, dtype=np.float64)


def parse(text: str) -> tuple[Term, ...]:
    """Return the words of a filter; all of them hold for what is shown.

    Raises
    ------
    BadFilter
        With a sentence, when a word means nothing.

    Examples
    --------
    >>> [(one.key, one.text) for one in parse("role:q,k layer:<8 attn")]
    [('role', 'q,k'), ('layer', '<8'), ('', 'attn')]
    """
    return tuple(_term(word) for word in text.split())


def _term(word: str) -> Term:
    unlike = len(word) > 1 and word.startswith("-")
    key, colon, text = word.removeprefix("-" if unlike else "").partition(":")
    if not colon:
        return Term("", key, unlike=unlike)
    known = (*_WORDS, *_WHOLE, *_SHORT, *DESCRIPTORS)
    if key not in known:
        words = tr("“{word}”: nothing is called {key} here{near}. There are {some}.")
        some = ", ".join((*_WORDS, *_WHOLE, "alpha", "stable", "effective"))
        raise BadFilter(words.format(word=word, key=repr(key), near=near(key, known), some=some))
    if not text:
        raise BadFilter(tr("“{word}”: after the colon stands what is wanted.", word=word))
    key = _SHORT.get(key, key)
    if key in _WORDS:
        return Term(key, text, unlike=unlike)
    return _number_term(word, key, text, unlike)


def _number_term(word: str, key: str, text: str, unlike: bool) -> Term:
    if between := _RANGE.fullmatch(text):
        low, high = (_number(word, key, one) for one in between.groups())
        return Term(key, text, low, high, unlike=unlike)
    relation, said = _RELATION.fullmatch(text).groups()  # type: ignore[union-attr]
    value = _number(word, key, said)
    if relation in ("<", "<="):
        return Term(key, text, high=value, strict=(False, relation == "<"), unlike=unlike)
    if relation in (">", ">="):
        return Term(key, text, low=value, strict=(relation == ">", False), unlike=unlike)
    return Term(key, text, value, value, unlike=unlike)


def _number(word: str, key: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if np.isnan(value):
        words = tr("“{word}”: {text} is no number; write {key}:<8, {key}:2..5 or {key}:7.")
        raise BadFilter(words.format(word=word, text=repr(text), key=key))
    return value


def _clean(value: Any) -> str:
    return " ".join(str(value).split())[:_LONGEST]


class Filtering(Record):
    """Which matrices are listed."""

    filter: str = stored("", "filter of matrices", gesture=True, clean=_clean)


@dataclass(frozen=True, eq=False)
class Kept:
    """The places of the matrices that are listed; ``problem`` says why all of them are."""

    places: tuple[int, ...]
    problem: str = ""


def kept(board: Board, text: str) -> Kept:
    """Return which matrices a filter leaves; nonsense leaves all, and says so."""
    try:
        terms = parse(text)
    except BadFilter as error:
        return Kept(tuple(range(len(board.matrices))), str(error))
    holds = np.ones(len(board.matrices), dtype=bool)
    for term in terms:
        holds &= term.holds(board)
    return Kept(tuple(np.flatnonzero(holds).tolist()))
