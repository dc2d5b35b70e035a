"""Documents and the words they are found by, ranked by BM25F."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from engine.errors import ArgumentError
from engine.search.best import best
from engine.search.checks import check_limit, chosen, from_zero
from engine.search.document import Document, Group, Hit, word_counts
from engine.search.postings import Postings
from engine.search.query import Query, Words, asked
from engine.search.splitting import is_han, says, terms


class Index:
    """Documents and where their words stand; it may be edited at any time.

    Scores are those of the documents held now: an edited index answers as one made anew of the
    same documents, number for number. It is not safe to edit it while another thread asks.

    Parameters
    ----------
    documents : iterable of Document
        As by `add`, in their order.
    k1 : float
        In [0, 1e6]: how much it counts that a word is said again.
    b : float
        In [0, 1]: how much the length of a document counts.

    Raises
    ------
    ArgumentError
        If a parameter is none of these.

    References
    ----------
    Robertson & Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009), section 3:
    BM25, the fields added up before the saturation (BM25F). The inverse document frequency is
    Lucene's, which is above 0 for every word.

    Examples
    --------
    >>> index = Index([Document("a", "note", "Low rank"), Document("b", "note", "Noise")])
    >>> index.add(Document("b", "note", "Rank of noise"))
    >>> [hit.key for hit in index.search("rank")], "b" in index, len(index)
    (['a', 'b'], True, 2)
    """

    def __init__(
        self, documents: Iterable[Document] = (), *, k1: float = 1.2, b: float = 0.75
    ) -> None:
        self.k1 = from_zero("k1", k1, 1e6)
        self.b = from_zero("b", b, 1.0)
        # A document is a number inside, rising in the order of adding.
        self._numbers: dict[str, int] = {}
        self._documents: dict[int, Document] = {}
        self._kinds: dict[str, dict[int, None]] = {}  # numbers by kind, in their order
        self._next = 0
        self._postings = Postings(self.k1, self.b)
        if not isinstance(documents, Iterable):
            raise ArgumentError("documents", documents, "a list of engine.search.Document")
        for document in documents:
            self.add(document)

    # -- the documents -----------------------------------------------------------------------

    def add(self, document: Document) -> None:
        """Add a document; in place of the one with the same key, whose place in the order it takes.

        Raises
        ------
        ArgumentError
            If it is no `Document`.
        """
        if not isinstance(document, Document):
            raise ArgumentError("document", document, "an engine.search.Document")
        number = self._numbers.get(document.key)
        if number is None:
            number, self._next = self._next, self._next + 1
            self._numbers[document.key] = number
        else:
            self._forget(number)
        self._postings.add(number, word_counts(document))
        self._documents[number] = document
        self._kinds.setdefault(document.kind, {})[number] = None

    def remove(self, key: str) -> None:
        """Remove a document.

        Raises
        ------
        ArgumentError
            If there is none with this key.
        """
        self._forget(number := self._number(key))
        del self._numbers[key], self._documents[number]

    def _forget(self, number: int) -> None:
        """Take a document's words and kind out; the rest of it is the caller's."""
        alike = self._kinds[self._documents[number].kind]
        del alike[number]
        if not alike:
            del self._kinds[self._documents[number].kind]
        self._postings.remove(number, word_counts(self._documents[number]))

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key in self._numbers

    def __getitem__(self, key: str) -> Document:
        return self._documents[self._number(key)]

    def __iter__(self) -> Iterator[str]:
        """Go over the keys, in the order of adding."""
        return iter(self._numbers)

    def _number(self, key: str) -> int:
        if key not in self:
            raise ArgumentError("key", key, "the key of a document in the index")
        return self._numbers[key]

    def holding(self, word: str) -> int:
        """Return how many documents hold a word, which is as `terms` gives it.

        Examples
        --------
        >>> Index([Document("a", "note", "Low rank")]).holding("rank")
        1
        """
        return self._postings.holding(word)

    # -- what answers a query ----------------------------------------------------------------

    def search(
        self,
        query: Words,
        *,
        limit: int | None = 20,
        kinds: str | Iterable[str] | None = None,
        within: str | Iterable[str] | None = None,
        prefix: bool = False,
    ) -> tuple[Hit, ...]:
        """Return the documents that hold a word of a query, the best first.

        The score is the sum over the words w of the query of ``q ln(1 + (N - n + 1/2) / (n + 1/2))
        f (k1 + 1) / (f + k1 (1 - b + b |d| / avg))``: q is how often (or how heavily) the query
        says w, n of the N documents hold it, f is how often d says it and |d| how many words d
        has, both with a word counted 3 times in the title and 2 in ``words``; avg is the mean of
        |d|. Filters change no score. Of equal scores the document that was added earlier is first.

        A word of the index that the query does not say counts, once, where

        * it says the same as words that the query says (a table of synonyms in both languages):
          as heavily as these,
        * it holds a single Han character that is a word of the query: as heavily as this,
        * ``prefix`` is true and it begins with the last word: 0.8 times as heavily.

        Parameters
        ----------
        query : str, mapping of str to float, or iterable of str and Keyword
            A text; or words with their weights.
        limit : int or None
            At most so many; None: all.
        kinds, within : str, iterable of str, or None
            Only documents of these kinds, and with these keys; keys that the index lacks are
            passed over. A text stands for itself. None: all.
        prefix : bool
            Whether the last word may be only begun, as while one types.

        Raises
        ------
        ArgumentError
            If an argument is none of these.

        Examples
        --------
        >>> index = Index([Document("a", "note", "Sampling"), Document("b", "note", "低秩与抽样")])
        >>> [(hit.key, hit.matched) for hit in index.search("采样")]
        [('a', ('sampling',)), ('b', ('抽样',))]
        >>> [hit.key for hit in index.search("秩")], index.search("samp", prefix=True)[0].key
        (['b'], 'a')
        """
        words = self._matching(asked(query, prefix=prefix))
        numbers, scores = self._scores(words, kinds, within)
        return self._hits(numbers, scores, words, check_limit(limit))

    def groups(
        self,
        query: str,
        *,
        limit: int | None = 5,
        kinds: str | Iterable[str] | None = None,
        prefix: bool = False,
    ) -> tuple[Group, ...]:
        """Return what `search` finds, kind by kind; the kind of the best hit first.

        Of a kind of which documents hold every word of the query (or what stands for it) only
        these count, and it comes before the kinds of which none does. First of all come titles
        that say its words one after another, if at most 500 of the kind hold them.

        Parameters
        ----------
        query : str
        limit : int or None
            At most so many hits of a kind; None: all.
        kinds, prefix
            As for `search`.

        Raises
        ------
        ArgumentError
            As `search`.

        Examples
        --------
        >>> index = Index([Document("a", "note", "Low rank"), Document("b", "rule", "Rank"),
        ...                Document("c", "note", "Low noise")])
        >>> [(one.kind, one.count, one.hits[0].key) for one in index.groups("rank")]
        [('rule', 1, 'b'), ('note', 1, 'a')]
        >>> [(one.kind, one.count) for one in index.groups("low rank")]
        [('note', 1), ('rule', 1)]
        """
        count, wanted = check_limit(limit), chosen("kinds", kinds)
        words = self._matching(asked(query, prefix=prefix))
        scores, left = self._postings.scores(words, self._next)
        whole = self._holding_all(query, prefix) if len(set(terms(query))) > 1 else None
        found = []
        # From the rarest kind to the commonest, which then has all that is left.
        for kind in (held := sorted(self._kinds, key=lambda kind: len(self._kinds[kind]))):
            if kind == held[-1]:
                mine = np.flatnonzero(left)
            else:
                alike = np.fromiter(self._kinds[kind], np.intp, len(self._kinds[kind]))
                mine = alike[left[alike]]
                left[mine] = False
            every = mine if whole is None else mine[whole[mine]]
            some = every if every.size else mine
            if some.size and (wanted is None or kind in wanted):
                few = every.tolist() if whole is not None and every.size <= 500 else []
                called = [n for n in few if says(self._documents[n].title, query, prefix)]
                first = self._hits(np.array(called, np.intp), scores, words, count)
                rest = self._hits(some, scores, words, count)
                hits = (*first, *(hit for hit in rest if hit not in first))
                order = not called, not every.size, -hits[0].score if hits else 0.0
                found.append((order, Group(kind, some.size, hits[:count])))
        return tuple(group for _, group in sorted(found, key=lambda one: one[0]))

    def holding_all(
        self, query: str, *, kinds: str | Iterable[str] | None = None, prefix: bool = False
    ) -> frozenset[str]:
        """Return the keys of the documents that hold every word of a query, or what stands for it.

        Raises
        ------
        ArgumentError
            As `search`.

        Examples
        --------
        >>> index = Index([Document("a", "array", "q_proj"), Document("b", "array", "k_proj")])
        >>> sorted(index.holding_all("q_pr", prefix=True)), sorted(index.holding_all("proj"))
        (['a'], ['a', 'b'])
        """
        wanted = chosen("kinds", kinds)
        numbers = np.flatnonzero(self._holding_all(query, prefix)).tolist()
        found = (self._documents[number] for number in numbers)
        return frozenset(one.key for one in found if wanted is None or one.kind in wanted)

    def _holding_all(self, query: str, prefix: bool) -> NDArray[np.bool_]:
        """Return of each number whether its document holds every word, or what stands for it."""
        said = list(dict.fromkeys(terms(query)))
        found = np.full(self._next, bool(said))
        for word in said:
            alike = self._matching(asked(word, prefix=prefix and word == said[-1]))
            found &= self._postings.holders(alike, self._next)
        return found

    def _hits(
        self, numbers: NDArray[np.intp], scores: NDArray[np.float64], words: Iterable[str],
        count: int | None,
    ) -> tuple[Hit, ...]:  # fmt: skip
        return tuple(
            Hit(
                self._documents[number].key,
                float(scores[number]),
                tuple(word for word in words if self._postings.holds(number, word)),
            )
            for number in best(numbers, scores, numbers.size if count is None else count)
        )

    def scores(
        self,
        query: Words,
        *,
        kinds: str | Iterable[str] | None = None,
        within: str | Iterable[str] | None = None,
    ) -> dict[str, float]:
        """Return the score of each document that `search` would find, by key, in no order.

        Raises
        ------
        ArgumentError
            As `search`.

        Examples
        --------
        >>> index = Index([Document("a", "note", "Rank"), Document("b", "note", "Noise")])
        >>> {key: round(score, 4) for key, score in index.scores("rank").items()}
        {'a': 1.0892}
        """
        numbers, scores = self._scores(self._matching(asked(query)), kinds, within)
        pairs = zip(numbers.tolist(), scores[numbers].tolist(), strict=True)
        return {self._documents[number].key: score for number, score in pairs}

    def _matching(self, query: Query) -> dict[str, float]:
        """Return the words of the index that a query stands for, with their weights."""
        held = self._postings
        said = query.said | query.meant
        # Words said come first, so that a word keeps the place and the weight of being said.
        words = {word: weight for word, weight in said.items() if word in held}
        near: dict[str, float] = {}
        for word, weight in said.items():
            if len(word) == 1 and is_han(word):
                for other in self._postings.words():
                    if word in other:
                        near[other] = max(weight, near.get(other, 0.0))
        if query.begun is not None:
            begun, weight = query.begun
            for other in self._postings.beginning_with(begun):
                near[other] = max(weight, near.get(other, 0.0))
        return words | {word: near[word] for word in sorted(near) if word not in words}

    def _scores(
        self,
        words: dict[str, float],
        kinds: str | Iterable[str] | None,
        within: str | Iterable[str] | None,
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return who holds one of the words and is among those wanted, and scores by number."""
        wanted, inside = chosen("kinds", kinds), chosen("within", within)
        scores, found = self._postings.scores(words, self._next)
        if inside is not None:
            found &= self._mask(self._numbers[key] for key in inside if key in self._numbers)
        if wanted is not None:
            found &= self._mask(n for kind in wanted for n in self._kinds.get(kind, ()))
        return np.flatnonzero(found), scores

    def _mask(self, numbers: Iterable[int]) -> NDArray[np.bool_]:
        mask = np.zeros(self._next, np.bool_)
        mask[list(numbers)] = True
        return mask
