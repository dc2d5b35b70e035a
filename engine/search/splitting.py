"""A text as the words it is found by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from engine.search.checks import check_text, check_texts

# Unified ideographs with their extensions, and the signs that stand for one.
HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Marks over and under a letter, where no letter with the mark has a place of its own.
_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f"
_HAN_RUN = re.compile(f"[{HAN}]+")
# A character with the marks that follow it, which may be one character more or less in NFKC.
_CLUSTER = re.compile(f".[{_MARKS}]*", re.DOTALL)
# Of the letters of a word only this much counts: capital, other letter, digit.
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# "GREEK SMALL LETTER FINAL SIGMA" is sigma, too; Unicode spells lambda without its b.
_NAMES = {
    chr(number): unicodedata.name(chr(number)).split()[-1].lower().replace("lamda", "lambda")
    for number in range(ord("α"), ord("ω") + 1)
}


def _greek_names() -> dict[str, str]:
    """Return the name of each Greek letter, with accents and without."""
    named = {}
    for number in (*range(0x370, 0x400), *range(0x1F00, 0x2000)):
        bare = unicodedata.normalize("NFD", chr(number))[0].casefold()
        if bare in _NAMES:
            named[chr(number)] = _NAMES[bare]
    return named


_GREEK = {**_greek_names(), "×": "x"}  # "2 × 2" is typed with a letter
_LETTER = rf"(?![{HAN}{''.join(_GREEK)}])[^\W_]"
_RUN = re.compile(
    f"(?P<han>[{HAN}]+)|(?P<greek>[{''.join(_GREEK)}])|{_LETTER}(?:{_LETTER}|[{_MARKS}])*"
)


def terms(text: str) -> list[str]:
    """Return the words of a text, in the order in which it says them.

    The text is normalised (NFKC) and casefolded, so that full-width, bold and raised characters
    are plain ones. A word ends at everything that is no letter and no digit (``_ . / -``, blanks,
    marks of punctuation), between a letter and a digit, and inside camelCase: before a capital
    after a small letter, and before the last of several capitals where a small letter follows
    (HTML, Parser). Each Greek letter is a word by its name, and × is x. A run of Han characters
    gives its overlapping pairs; a single one is a word, which as a query finds every pair that
    holds it (`engine.search.Index.search`). There is no stemming, and nothing is left out.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str

    Raises
    ------
    ArgumentError
        If ``text`` is no text.

    Examples
    --------
    >>> terms("layers.10.q_proj.lora_A"), terms("GradTopK at σ₁")
    (['layers', '10', 'q', 'proj', 'lora', 'a'], ['grad', 'top', 'k', 'at', 'sigma', '1'])
    >>> terms("低秩近似的秩 r")
    ['低秩', '秩近', '近似', '似的', '的秩', 'r']
    """
    if check_text("text", text).isascii():
        return " ".join(_PART.findall(text)).lower().split()
    return [word for word, _, _ in _places(unicodedata.normalize("NFKC", text))]


def says(text: str, query: str, prefix: bool = False) -> bool:
    """Return whether a text says the words of a query one after another.

    Parameters
    ----------
    text, query : str
    prefix : bool
        Whether the last word may be only begun.

    Raises
    ------
    ArgumentError
        If one is no text.

    Examples
    --------
    >>> says("2 × 2 geometry", "2x2 geo", prefix=True), says("2 × 2 geometry", "2 geometry 2")
    (True, False)
    """
    *whole, last = terms(query) or [""]
    said, many = terms(text), len(whole)
    return bool(last) and any(
        said[at : at + many] == whole
        and (said[at + many].startswith(last) if prefix else said[at + many] == last)
        for at in range(len(said) - many)
    )


def marked(text: str, words: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """Return where a text says one of some words: what is to be printed bold in a title.

    Parameters
    ----------
    text : str
    words : iterable of str
        Words as `terms` gives them: the ``matched`` of a `Hit`.

    Returns
    -------
    tuple of (int, int)
        Start and end of each place in ``text``, ascending; those that touch are one.

    Raises
    ------
    ArgumentError
        If an argument is none of these.

    Examples
    --------
    >>> title = "GradTopK：低秩近似"
    >>> [title[start:end] for start, end in marked(title, ["top", "低秩", "秩近"])]
    ['Top', '低秩近']
    """
    wanted = set(check_texts("words", words))
    plain, starts, ends = _normalised(check_text("text", text))
    found: list[tuple[int, int]] = []
    for word, first, end in _places(plain):
        if word in wanted:
            place = starts[first], ends[end - 1]
            if found and place[0] <= found[-1][1]:
                place = found[-1][0], max(place[1], found.pop()[1])
            found.append(place)
    return tuple(found)


def han_runs(text: str) -> list[str]:
    """Return the runs of Han characters in a text.

    Examples
    --------
    >>> han_runs("软 Top-k：低秩")
    ['软', '低秩']
    """
    return _HAN_RUN.findall(unicodedata.normalize("NFKC", text))


def is_han(word: str) -> bool:
    """Return whether a word is made of Han characters.

    Examples
    --------
    >>> is_han("秩"), is_han("rank")
    (True, False)
    """
    return _HAN_RUN.fullmatch(word) is not None


def _places(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each word of a text in NFKC with its start and end there."""
    for run in _RUN.finditer(text):
        start, end = run.span()
        if run["han"]:
            for at in range(start, max(end - 1, start + 1)):
                yield text[at : min(at + 2, end)], at, min(at + 2, end)
        elif run["greek"]:
            yield _GREEK[run[0]], start, end
        else:
            for part in _PART.finditer(_shape(run[0])):
                first, last = start + part.start(), start + part.end()
                yield unicodedata.normalize("NFKC", text[first:last].casefold()), first, last


def _shape(run: str) -> str:
    """Return "A" for each capital, "a" for another letter, "0" for a digit; marks go along."""
    if run.isascii():
        return run
    shape = ""
    for character in run:
        if unicodedata.category(character)[0] == "M":
            shape += shape[-1].replace("A", "a")
        elif not character.isalpha():
            shape += "0"
        else:
            shape += "A" if character.isupper() else "a"
    return shape


def _normalised(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    """Return a text in NFKC, and where in it each character of that begins and ends."""
    if unicodedata.is_normalized("NFKC", text):
        return text, range(len(text)), range(1, len(text) + 1)
    plain, starts, ends = "", list[int](), list[int]()
    for cluster in _CLUSTER.finditer(text):
        part = unicodedata.normalize("NFKC", cluster[0])
        plain += part
        starts += [cluster.start()] * len(part)
        ends += [cluster.end()] * len(part)
    return plain, starts, ends
