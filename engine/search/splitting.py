"""A text as the words it is found by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from engine.search.checks import check_text

# Unified ideographs with their extensions, and the signs that stand for one.
HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Marks over and under a letter, where no letter with the mark has a place of its own.
_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f"
_HAN_RUN = re.compile(f"[{HAN}]+")
_RUN = re.compile(rf"([{HAN}]+)|(?:(?![{HAN}])[^\W_])(?:(?![{HAN}])[^\W_]|[{_MARKS}])*")
# Of the letters of a word only this much counts: capital, other letter, digit.
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# "GREEK SMALL LETTER FINAL SIGMA" is sigma, too; Unicode spells lambda without its b.
_NAMES = {
    chr(number): unicodedata.name(chr(number)).split()[-1].lower().replace("lamda", "lambda")
    for number in range(ord("α"), ord("ω") + 1)
}


def terms(text: str) -> list[str]:
    """Return the words of a text, in the order in which it says them.

    The text is normalised (NFKC) and casefolded, so that full-width, bold and raised characters
    are plain ones. A word ends at everything that is no letter and no digit (``_ . / -``, blanks,
    marks of punctuation), between a letter and a digit, and inside camelCase: before a capital
    after a small letter, and before the last of several capitals where a small letter follows
    (HTML, Parser). Each Greek letter is a word by its name. A run of Han characters gives its
    overlapping pairs; a single one is a word, which as a query finds every pair that holds it
    (`engine.search.Index.search`). There is no stemming, and nothing is left out.

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
    found: list[str] = []
    for run in _RUN.finditer(_plain(text)):
        if run[1] is None:
            found += _parts(run[0])
        elif len(run[0]) == 1:
            found.append(run[0])
        else:
            found += (run[0][at : at + 2] for at in range(len(run[0]) - 1))
    return found


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


def _plain(text: str) -> str:
    """Return a text in NFKC, with blanks and the name in place of each Greek letter."""
    return unicodedata.normalize("NFKC", text).translate(_GREEK_NAMES)


def _parts(run: str) -> Iterator[str]:
    """Yield the words of letters and digits that nothing else stands between."""
    if run.isascii():
        yield from map(str.lower, _PART.findall(run))
        return
    shape = ""
    for character in run:
        if unicodedata.category(character)[0] == "M":
            shape += shape[-1].replace("A", "a")
        elif not character.isalpha():
            shape += "0"
        else:
            shape += "A" if character.isupper() else "a"
    for part in _PART.finditer(shape):
        yield unicodedata.normalize("NFKC", run[part.start() : part.end()].casefold())


def _greek_names() -> dict[int, str]:
    """Return the name of each Greek letter, accents or not, by its number."""
    named = {}
    for number in (*range(0x370, 0x400), *range(0x1F00, 0x2000)):
        bare = unicodedata.normalize("NFD", chr(number))[0].casefold()
        if bare in _NAMES:
            named[number] = f" {_NAMES[bare]} "
    return named


_GREEK_NAMES = _greek_names()
