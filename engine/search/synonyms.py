"""Words that say the same, in English and Chinese: ``assets/search/synonyms.json``.

Each line of the table is a group; what one of its sayings finds, all of them find.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from engine.errors import FileError
from engine.search.splitting import terms

_PACKAGE = Path(__file__).resolve().parents[1]
_TABLE = "assets/search/synonyms.json"
Saying = tuple[str, ...]


def sayings_in(words: Sequence[str]) -> Iterator[Saying]:
    """Yield the sayings of the table in a row of words.

    A saying of several words is met where they stand side by side, the longest one first: "low
    rank" is not "rank".

    Parameters
    ----------
    words : sequence of str
        Words as `terms` gives them.

    Examples
    --------
    >>> list(sayings_in(["low", "rank", "or", "rank"]))
    [('low', 'rank'), ('rank',)]
    """
    groups, longest = _groups()
    at = 0
    while at < len(words):
        for length in range(min(longest, len(words) - at), 0, -1):
            said = tuple(words[at : at + length])
            if said in groups:
                yield said
                at += length
                break
        else:
            at += 1


def others(saying: Saying) -> list[Saying]:
    """Return what says the same as a saying of the table.

    Examples
    --------
    >>> others(("抽样",)), others(("low", "rank"))
    ([('sampling',), ('采样',)], [('低秩',)])
    """
    return _groups()[0][saying]


@cache
def _groups() -> tuple[dict[Saying, list[Saying]], int]:
    """Return what else is said for each saying, and the most words that one has."""
    sayings = [[tuple(terms(text)) for text in group] for group in read_synonyms()]
    groups = {
        saying: [other for other in group if other != saying]
        for group in sayings
        for saying in group
    }
    return groups, max(map(len, groups))


def read_synonyms() -> list[list[str]]:
    """Return the groups of sayings as the table has them.

    Raises
    ------
    FileError
        If the installation lacks it.
    """
    for root in (_PACKAGE, _PACKAGE.parent):
        if (root / _TABLE).exists():
            groups: list[list[str]] = json.loads((root / _TABLE).read_text("utf-8"))
            return groups
    raise FileError(_TABLE, "this installation lacks it", "Install Rankscope again.")
