"""What a person has looked at, and lists in the order of what they like."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.errors import ArgumentError
from engine.search.checks import check_limit, check_texts
from engine.search.index import Index
from engine.search.query import Keyword, Words, weighed

FADING = 0.98
LEAST = 0.01
MOST = 500


@dataclass(frozen=True, slots=True)
class History:
    """Words that a person met, the more lately and often the heavier.

    Parameters
    ----------
    words : tuple of Keyword
        What is remembered, in the order in which it was met first: what a session keeps. One is
        taken out by ``History(tuple(w for w in history.words if w.word != word))``.

    Raises
    ------
    ArgumentError
        If ``words`` is anything else.

    Examples
    --------
    >>> history = History().seen(["spectrum", "noise"]).seen({"noise": 2.0})
    >>> {word: round(weight, 9) for word, weight in history.top().items()}
    {'noise': 2.98, 'spectrum': 0.98}
    """

    words: tuple[Keyword, ...] = ()

    def __post_init__(self) -> None:
        fine = isinstance(self.words, tuple) and all(isinstance(w, Keyword) for w in self.words)
        if not fine:
            raise ArgumentError("words", self.words, "a tuple of Keyword")

    def seen(self, words: Words) -> History:
        """Return what is remembered after something was opened.

        All that was remembered weighs 0.98 times as much; then the words are added with their
        weights (1 each, where none is said). What weighs less than 0.01 is forgotten, and of more
        than 500 words the lightest; of equal ones those met last.

        Parameters
        ----------
        words : iterable of Keyword or str, mapping of str to float, or str
            The keywords of what was opened; a text is one word, as it stands.

        Returns
        -------
        History

        Raises
        ------
        ArgumentError
            If they are something else, or a weight is no number in [0, 1e100].
        """
        heavy = {one.word: FADING * one.weight for one in self.words}
        for word, weight in weighed(words).items():
            heavy[word] = heavy.get(word, 0.0) + weight
        kept = {word: weight for word, weight in heavy.items() if weight >= LEAST}
        if len(kept) > MOST:
            most = sorted(kept, key=lambda word: -kept[word])[:MOST]
            kept = {word: kept[word] for word in kept if word in set(most)}
        return History(tuple(Keyword(word, weight) for word, weight in kept.items()))

    def top(self, limit: int | None = 20) -> dict[str, float]:
        """Return the heaviest words with their weights, the heaviest first.

        Parameters
        ----------
        limit : int or None
            At most so many; None: all. Of equal ones those met first come first.

        Returns
        -------
        dict of str to float

        Raises
        ------
        ArgumentError
            If the limit is neither None nor a non-negative integer.
        """
        count = check_limit(limit)
        order = sorted(self.words, key=lambda one: -one.weight)
        return {one.word: one.weight for one in order[:count]}


def preferred(
    index: Index, preference: Words, within: Iterable[str], limit: int | None = None
) -> tuple[str, ...]:
    """Return keys in the order in which their documents answer a preference.

    Parameters
    ----------
    index : Index
    preference : mapping of str to float, iterable of str and Keyword, or str
        What is liked, as a query (`Index.search`): words with their weights, words, or a text.
    within : iterable of str
        The keys to order. What answers nothing keeps its order behind what does, and so do keys
        that the index lacks; a key that is said twice is there twice.
    limit : int or None
        At most so many; None: all.

    Returns
    -------
    tuple of str
        A permutation of ``within``, stable: equal scores keep their order. Its beginning, where
        there is a limit.

    Raises
    ------
    ArgumentError
        If an argument is none of these.

    Examples
    --------
    >>> from engine.search import Document
    >>> index = Index(Document(key, "rule", title) for key, title in [
    ...     ("energy", "Energy share"), ("gap", "Largest gap"), ("gd", "Gavish-Donoho, noise")])
    >>> preferred(index, {"noise": 2.0, "gap": 1.0}, ["energy", "gap", "gd"])
    ('gd', 'gap', 'energy')
    """
    count = check_limit(limit)
    keys = check_texts("within", within)
    scores = index.scores(preference, within=keys)
    return tuple(sorted(keys, key=lambda key: -scores.get(key, 0.0))[:count])
