"""What can be found, and what is found."""

from __future__ import annotations

from dataclasses import dataclass, fields

from engine.search.checks import check_text
from engine.search.splitting import terms

# How often a word counts that stands once in a field.
FIELD_WEIGHTS = {"title": 3, "words": 2, "body": 1}


@dataclass(frozen=True, slots=True)
class Document:
    """Something that can be found.

    Attributes
    ----------
    key : str
        Tells it from all others; it is not searched, unless ``words`` has it, too.
    kind : str
        What it is ("operator", "note"); not searched.
    title : str
        A word in it counts 3 times.
    body : str
        A word in it counts once.
    words : str
        What it is also called: its key, family, folder, its title in another language. A word in
        it counts twice.

    Raises
    ------
    ArgumentError
        If a field is no text.

    Examples
    --------
    >>> Document("topk/exp", "operator", "Exponential threshold", words="exp softmax").kind
    'operator'
    """

    key: str
    kind: str
    title: str
    body: str = ""
    words: str = ""

    def __post_init__(self) -> None:
        for name in _FIELDS:
            if not isinstance(getattr(self, name), str):
                check_text(name, getattr(self, name))


_FIELDS = tuple(field.name for field in fields(Document))


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that was found.

    Attributes
    ----------
    key : str
        The key of the document.
    score : float
        How well it answers, above 0.
    matched : tuple of str
        Words of the document, as `terms` gives them, that answer the query: those said first, in
        its order, then those that say the same, then by the alphabet those that begin with the
        last word or hold a single Han character.
    """

    key: str
    score: float
    matched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind.

    Attributes
    ----------
    kind : str
        The kind of the documents.
    count : int
        How many of them answer.
    hits : tuple of Hit
        The best of them, the best first.
    """

    kind: str
    count: int
    hits: tuple[Hit, ...]


def word_counts(document: Document) -> dict[str, int]:
    """Return how often a document says each of its words, with the weights of its fields.

    Examples
    --------
    >>> word_counts(Document("a", "note", "Low rank", body="The rank"))
    {'low': 3, 'rank': 4, 'the': 1}
    """
    counts: dict[str, int] = {}
    for name, weight in FIELD_WEIGHTS.items():
        if text := getattr(document, name):
            for word in terms(text):
                counts[word] = counts.get(word, 0) + weight
    return counts
