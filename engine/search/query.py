"""What is asked for: words, and how heavily each is said."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from engine.errors import ArgumentError
from engine.search.checks import check_text, from_zero
from engine.search.splitting import terms
from engine.search.synonyms import Saying, others, sayings_in

# Of what a word begins only: "samp" for sampling.
PREFIX_WEIGHT = 0.8
MOST_WEIGHT = 1e100


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word that a document is about.

    Attributes
    ----------
    word : str
        As `terms` gives it, or two to six Han characters.
    weight : float
        How heavily it counts.

    Raises
    ------
    ArgumentError
        If ``word`` is no text, or ``weight`` no number in [0, 1e100].

    Examples
    --------
    >>> Keyword("spectrum", 2.5)
    Keyword(word='spectrum', weight=2.5)
    """

    word: str
    weight: float

    def __post_init__(self) -> None:
        check_text("word", self.word)
        object.__setattr__(self, "weight", from_zero("weight", self.weight, MOST_WEIGHT))


Words = str | Mapping[str, float] | Iterable[str | Keyword]


def weighed(words: Words) -> dict[str, float]:
    """Return how heavily each of some words is said, in the order in which they are said first.

    Parameters
    ----------
    words : str, mapping of str to float, or iterable of str and Keyword
        A text, which is one saying; words with their weights; words, each of which weighs 1 every
        time, or keywords with their weights.

    Raises
    ------
    ArgumentError
        If they are something else, or a weight is no number in [0, 1e100].

    Examples
    --------
    >>> weighed(["rank", "noise", "rank"]), weighed({"rank": 0.5}), weighed("low rank")
    ({'rank': 2.0, 'noise': 1.0}, {'rank': 0.5}, {'low rank': 1.0})
    """
    if isinstance(words, str):
        words = [words]
    elif isinstance(words, Mapping):
        words = [Keyword(word, weight) for word, weight in words.items()]
    elif not isinstance(words, Iterable):
        raise ArgumentError("words", words, "a text, words, or words with their weights")
    heavy: dict[str, float] = {}
    for said in words:
        one = said if isinstance(said, Keyword) else Keyword(said, 1.0)
        heavy[one.word] = heavy.get(one.word, 0.0) + one.weight
    return heavy


@dataclass(frozen=True, slots=True)
class Query:
    """The words of a query by weight; made by `asked`.

    Attributes
    ----------
    said : dict of str to float
        Words of the query itself, each as heavy as all times it is said together.
    meant : dict of str to float
        Words that say the same and are not said, as heavy as the heaviest saying they stand for.
    begun : tuple of str and float, or None
        The last word, which may be only begun, and how heavily what it begins counts.
    """

    said: dict[str, float]
    meant: dict[str, float]
    begun: tuple[str, float] | None


def asked(words: Words, *, prefix: bool = False) -> Query:
    """Return a query word by word.

    Parameters
    ----------
    words : see `weighed`
        Each saying is cut into words by `terms`, which all weigh as much as the saying; one that
        weighs 0 is not asked.
    prefix : bool
        Whether the last word may be only begun.

    Raises
    ------
    ArgumentError
        As `weighed`.

    Examples
    --------
    >>> asked("random sampl", prefix=True)
    Query(said={'random': 1.0, 'sampl': 1.0}, meant={'随机': 1.0}, begun=('sampl', 0.8))
    """
    said: dict[str, float] = {}
    sayings: dict[Saying, float] = {}
    begun = None
    for text, weight in weighed(words).items():
        parts = terms(text) if weight > 0.0 else []
        for word in parts:
            said[word] = said.get(word, 0.0) + weight
            begun = word, PREFIX_WEIGHT * weight
        for known in sayings_in(parts):
            sayings[known] = sayings.get(known, 0.0) + weight
    return Query(said, _meant(said, sayings), begun if prefix else None)


def _meant(said: Collection[str], sayings: Mapping[Saying, float]) -> dict[str, float]:
    """Return the words of what says the same, without those that are said."""
    meant: dict[str, float] = {}
    for known, weight in sayings.items():
        for other in others(known):
            for word in other:
                if word not in said:
                    meant[word] = max(weight, meant.get(word, 0.0))
    return meant
