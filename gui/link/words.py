"""What the keywords of a call say: which page, which parameters, and which are arrays.

The window writes what its pages and parameters are called beside its socket, so that a caller need
import none of them; while it is being started the window itself looks, and answers.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import ArgumentError, RankscopeError
from engine.sentences import Sentence, joined, say
from gui.link.place import Place, read_own

LARGEST = 1 << 20  # bytes of a file of words
_LARGEST, _WHOLE = 2.0**1000, 2**62  # numbers that are taken, and whole ones
Words = Mapping[str, Mapping[str, Mapping[str, Any]]]  # by page and parameter
_read: tuple[Any, Words] = None, {}  # of which file, and the words read last


@dataclass(frozen=True)
class Call:
    """What was asked for: arrays by name, a page or "", and plain values by parameter."""

    arrays: Mapping[str, Any] = field(default_factory=dict)
    page: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


def known_words(place: Place) -> Words:
    """Return what the pages and parameters of the window are called; empty where it is not told.

    A loop says the same ones again and again: they are read again where the file is another.
    """
    global _read
    try:
        found = os.stat(place.words_path, follow_symlinks=False)
    except OSError:
        return {}
    now = place.words_path, found.st_ino, found.st_mtime_ns, found.st_size
    file, words = _read
    if file != now:
        words = _read_words(place)
        _read = now, words
    return words


def _read_words(place: Place) -> Words:
    try:
        found = json.loads(read_own(place.words_path, LARGEST) or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def sorted_out(words: Words, keywords: Mapping[str, Any]) -> Call:
    """Return which keywords are arrays and which say something else.

    Raises
    ------
    RankscopeError
        When one is neither, or says what is not allowed.
    """
    arrays: dict[str, Any] = {}
    values: dict[str, Any] = {}
    page = keywords.get("page", "")
    if not isinstance(page, str):
        raise ArgumentError("page", page, "the key of a page")
    if page and words and page not in words:
        raise _no_page(page, words)
    for name, value in keywords.items():
        if name == "page":
            continue
        plain = plain_value(value)
        if plain is None and _takes_numbers(words, name):
            raise _is_parameter(name)
        if plain is None:
            arrays[name] = value
        else:
            values[name] = plain
            if words:
                require(words, page, name, plain)
    return Call(arrays, page, values)


def plain_value(value: Any) -> Any:
    """Return a number, a text or several as what a message holds; None for an array.

    Examples
    --------
    >>> import numpy as np
    >>> plain_value(np.float64(0.5)), plain_value(("exp", "clip")), plain_value([1.0, 2.0])
    (0.5, ['exp', 'clip'], None)
    """
    with contextlib.suppress(Exception):  # whatever a foreign library raises: it is not plain
        if getattr(value, "shape", None) == () and hasattr(value, "item"):
            value = value.item()
    if isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        names = isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value)
        return list(value) if names and value else None
    return None


def require(words: Words, page: str, name: str, value: Any) -> None:
    """Refuse a parameter that there is none of, or whose value no page allows whatever the array.

    Raises
    ------
    RankscopeError
        With a sentence that says what is allowed.
    """
    if page:
        if page not in words:
            raise _no_page(page, words)
        if name not in words[page]:
            raise _no_parameter(name, page, words[page])
    mine = [words[page]] if page else [one for one in words.values() if name in one]
    if not mine:
        known = sorted({one for page in words.values() for one in page})
        raise _no_parameter(name, "", known)
    complaints = [_complaint(one[name], value) for one in mine]
    if all(complaints):
        raise ArgumentError(name, value, complaints[0] or "")


def placed(words: Words, call: Call, front: str) -> dict[str, dict[str, Any]]:
    """Return, by parameter, the pages that may take its value, and as what.

    That is the page that is said; else every page that has it, the one in front first.

    Raises
    ------
    RankscopeError
        As `require`.
    """
    for name in call.arrays:
        if _takes_numbers(words, name):
            raise _is_parameter(name)
    if call.page and call.page not in words:
        raise _no_page(call.page, words)
    found: dict[str, dict[str, Any]] = {}
    for name, value in call.values.items():
        require(words, call.page, name, value)
        pages = [call.page] if call.page else list(dict.fromkeys([front, *words]))
        found[name] = {
            page: _taken(words[page][name], value)
            for page in pages
            if name in words.get(page, {}) and not _complaint(words[page][name], value)
        }
    return found


def _taken(one: Mapping[str, Any], value: Any) -> Any:
    if one["kind"] == "number":
        return int(value) if one["whole"] else float(value)
    if one["kind"] == "many":
        return (value,) if isinstance(value, str) else tuple(value)
    return value


def _complaint(one: Mapping[str, Any], value: Any) -> Sentence | None:
    """Return what a value would have to be, None for one that is allowed."""
    kind, offered = one["kind"], one["choices"]
    if kind == "toggle":
        return None if isinstance(value, bool) else say("True or False")
    if kind == "number":
        return _number_complaint(one, value)
    texts = [value] if isinstance(value, str) else value
    plain = isinstance(texts, list) and all(isinstance(one, str) for one in texts)
    if not plain or (kind == "choice" and not isinstance(value, str)):
        return say("a text") if kind == "choice" else say("texts")
    if offered and not set(texts) <= set(offered):
        return say("one of {names}", names=", ".join(offered))
    if kind == "many" and len(set(texts)) < one["least"]:
        return say("at least {count} of them", count=one["least"])
    return None


def _number_complaint(one: Mapping[str, Any], value: Any) -> Sentence | None:
    low, high = (
        bound if bound is not None else fallback
        for bound, fallback in zip((one["low"], one["high"]), (-math.inf, math.inf), strict=True)
    )
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    number = number and abs(value) <= (_WHOLE if one["whole"] else _LARGEST)  # infinity is not
    whole = one["whole"]
    if number and low <= value <= high and (not whole or value == round(value)):
        return None
    if whole:
        return say("a whole number in [{low:g}, {high:g}]", low=low, high=high)
    return say("a number in [{low:g}, {high:g}]", low=low, high=high)


def _takes_numbers(words: Words, name: str) -> bool:
    """Return whether a page has a number of that name: one that takes words is no array's rival."""
    return any(one[name]["kind"] == "number" for one in words.values() if name in one)


def _near(name: str, known: Iterable[str]) -> Sentence | str:
    found = difflib.get_close_matches(name, list(known), 1)
    return say("Did you mean “{name}”?", name=found[0]) if found else ""


def _no_page(page: str, words: Words) -> RankscopeError:
    names = ", ".join(words)
    said = say("There is no page “{name}”; there are {names}.", name=page, names=names)
    return RankscopeError(joined(said, _near(page, words)))


def _no_parameter(name: str, page: str, known: Iterable[str]) -> RankscopeError:
    if page:
        said = say("The page {page} has no parameter {name!r}.", page=page, name=name)
    else:
        said = say("No page has a parameter {name!r}, and its value is no array.", name=name)
    return RankscopeError(joined(said, _near(name, known)))


def _is_parameter(name: str) -> RankscopeError:
    return RankscopeError(
        say(
            "{name!r} is a parameter, and what is given is an array. Show it under another name.",
            name=name,
        )
    )
