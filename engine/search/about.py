"""What a document is about, and what is about the same."""

from __future__ import annotations

import math
from collections.abc import Iterable

from engine.search.checks import check_limit
from engine.search.document import FIELD_WEIGHTS, Hit
from engine.search.index import Index
from engine.search.pieces import pieces, rarest_pair
from engine.search.prose import prose
from engine.search.query import Keyword
from engine.search.splitting import terms

SHORTEST = 3
# As many words as the query of "related" has.
RELATED_BY = 10
STOP_WORDS = frozenset(
    terms("""
    about above after again against all almost alone along already also although always among and
    another any anything are around asks away back because been before behind being below best
    better between beyond both but call called came can cannot case cases come comes could did does
    doing done down during each either else enough even ever every everything except few first for
    from further gave get gets give given gives goes gone had has have having hence her here hers
    him his how however into its itself just keep kind know known last later least less let lets
    like long made make makes making many may means might more moreover most much must near nearly
    need needs neither never next nor not nothing now off often once one ones only onto other others
    our ours out over own per perhaps put quite rather really said same say says second see seen
    several shall she should show shown shows since some something sometimes soon stand stands still
    such take taken takes tell tells than that the their theirs them then there therefore these they
    thing things this those though three through thus together too toward two under unless until
    upon use used uses using very was way ways well were what whatever when where whereas whether
    which while who whole whom whose why will with within without would yes yet you your yours
    """)
)


def keywords(index: Index, key: str, limit: int | None = 10) -> tuple[Keyword, ...]:
    """Return the words that tell a document from the others, the heaviest first.

    The weight is tf-idf, ``f ln(N / n)``: f is how often the document says the word, 3 times as
    much in its title and twice in ``words``, and n of the N documents hold it. A word that all
    documents hold weighs nothing and is left out, and so is all that stands in formulas and code
    (`engine.search.prose.prose`). Words of letters have three or more and are no stop words; a
    Greek letter goes by its name. Chinese ones are the pieces of `engine.search.pieces.pieces`,
    where n is that of the rarest pair. Of equal weights, words of letters come first, then what
    is said first.

    Parameters
    ----------
    index : Index
    key : str
        A document of the index.
    limit : int or None
        At most so many; None: all.

    Returns
    -------
    tuple of Keyword

    Raises
    ------
    ArgumentError
        If the index has no such document, or the limit is no count.

    Examples
    --------
    >>> from engine.search import Document
    >>> index = Index([
    ...     Document("a", "note", "The rank of noise", "$\\\\sigma$ and rank 3: 低秩, 低秩."),
    ...     Document("b", "note", "Noise"),
    ... ])
    >>> [(found.word, round(found.weight, 3)) for found in keywords(index, "a")]
    [('rank', 2.773), ('低秩', 1.386)]
    """
    count, document = check_limit(limit), index[key]
    texts = [(prose(getattr(document, name)), weight) for name, weight in FIELD_WEIGHTS.items()]

    def rarity(word: str) -> float:
        return math.log(len(index) / max(index.holding(word), 1))

    found = [(word, f * rarity(word)) for word, f in _letters(texts).items()]
    found += pieces(texts, lambda piece: rarest_pair(piece, rarity))
    found.sort(key=lambda pair: -pair[1])
    return tuple(Keyword(word, weight) for word, weight in found if weight > 0.0)[:count]


def related(
    index: Index, key: str, limit: int | None = 5, kinds: str | Iterable[str] | None = None
) -> tuple[Hit, ...]:
    """Return the documents that are about the same as one, the most alike first.

    The ten `keywords` of the document are the query, each said once; itself is left out.

    Parameters
    ----------
    index : Index
    key : str
        A document of the index.
    limit : int or None
        At most so many; None: all.
    kinds : str, iterable of str, or None
        Only documents of these kinds.

    Returns
    -------
    tuple of Hit

    Raises
    ------
    ArgumentError
        As `keywords` and `Index.search`.

    Examples
    --------
    >>> from engine.search import Document
    >>> index = Index(Document(name, "array", name) for name in ("q_proj", "k_proj", "norm"))
    >>> [hit.key for hit in related(index, "q_proj")]
    ['k_proj']
    """
    count = check_limit(limit)
    query = " ".join(found.word for found in keywords(index, key, RELATED_BY))
    hits = index.search(query, limit=None if count is None else count + 1, kinds=kinds)
    return tuple(hit for hit in hits if hit.key != key)[:count]


def _letters(texts: list[tuple[str, int]]) -> dict[str, int]:
    """Return how often each word of letters is said that can be a keyword."""
    counts: dict[str, int] = {}
    for text, weight in texts:
        for word in terms(text):
            if len(word) >= SHORTEST and word.isalpha() and word not in STOP_WORDS:
                counts[word] = counts.get(word, 0) + weight
    return counts
