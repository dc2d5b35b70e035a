"""Documents and the words they are found by, ranked by BM25F."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from engine.errors import ArgumentError
from engine.search.best import best
from engine.search.checks import check_limit, chosen, from_zero
from engine.search.document import Document, Group, Hit, word_counts
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
        self._lengths: dict[int, int] = {}
        self._kinds: dict[str, dict[int, None]] = {}  # numbers by kind, in their order
        self._length = 0
        self._next = 0
        self._postings: dict[str, dict[int, int]] = {}
        # What follows from the above, as far as it was asked for since the last edit.
        self._saturations: dict[str, dict[int, float]] = {}
        self._vocabulary: list[str] | None = None
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
        said = word_counts(document)
        for word, count in said.items():
            found = self._postings.get(word)
            if found is None:
                self._postings[word] = {number: count}
                self._vocabulary = None
            else:
                found[number] = count
        self._documents[number] = document
        self._kinds.setdefault(document.kind, {})[number] = None
        self._lengths[number] = length = sum(said.values())
        self._length += length
        self._saturations.clear()

    def remove(self, key: str) -> None:
        """Remove a document.

        Raises
        ------
        ArgumentError
            If there is none with this key.
        """
        self._forget(number := self._number(key))
        del self._numbers[key], self._documents[number], self._lengths[number]

    def _forget(self, number: int) -> None:
        """Take a document's words and kind out; the rest of it is the caller's."""
        alike = self._kinds[self._documents[number].kind]
        del alike[number]
        if not alike:
            del self._kinds[self._documents[number].kind]
        for word in word_counts(self._documents[number]):
            found = self._postings[word]
            del found[number]
            if not found:
                del self._postings[word]
                self._vocabulary = None
        self._length -= self._lengths[number]
        self._saturations.clear()

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
        return len(self._postings.get(word, ()))

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
        return self._hits(self._scores(words, kinds, within), words, check_limit(limit))

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
        scores = self._scores(words, None, None)
        whole = self._holding_all(query, prefix) if len(set(terms(query))) > 1 else None
        found = []
        # From the rarest kind to the commonest, which then has all that is left.
        for kind in (held := sorted(self._kinds, key=lambda kind: len(self._kinds[kind]))):
            mine = scores
            if kind != held[-1]:
                mine = {n: scores.pop(n) for n in self._kinds[kind] if n in scores}
            every = mine if whole is None else {n: mine[n] for n in mine if n in whole}
            some = every or mine
            if some and (wanted is None or kind in wanted):
                few = every if whole is not None and len(every) <= 500 else ()
                called = [n for n in few if says(self._documents[n].title, query, prefix)]
                first = self._hits({n: some[n] for n in called}, words, count)
                hits = (*first, *(h for h in self._hits(some, words, count) if h not in first))
                order = not called, not every, -hits[0].score if hits else 0.0
                found.append((order, Group(kind, len(some), hits[:count])))
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
        found = (self._documents[number] for number in self._holding_all(query, prefix))
        return frozenset(one.key for one in found if wanted is None or one.kind in wanted)

    def _holding_all(self, query: str, prefix: bool) -> set[int]:
        said = list(dict.fromkeys(terms(query)))
        held: list[set[int]] = []
        for word in said:
            alike = self._matching(asked(word, prefix=prefix and word == said[-1]))
            held.append(set[int]().union(*(self._postings[other] for other in alike)))
        return set[int].intersection(*held) if held else set()

    def _hits(
        self, scores: dict[int, float], words: dict[str, float], count: int | None
    ) -> tuple[Hit, ...]:
        return tuple(
            Hit(
                self._documents[number].key,
                scores[number],
                tuple(word for word in words if number in self._postings[word]),
            )
            for number in best(scores, len(scores) if count is None else count)
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
        scores = self._scores(self._matching(asked(query)), kinds, within)
        return {self._documents[number].key: score for number, score in scores.items()}

    def _matching(self, query: Query) -> dict[str, float]:
        """Return the words of the index that a query stands for, with their weights."""
        held = self._postings
        said = query.said | query.meant
        # Words said come first, so that a word keeps the place and the weight of being said.
        words = {word: weight for word, weight in said.items() if word in held}
        near: dict[str, float] = {}
        for word, weight in said.items():
            if len(word) == 1 and is_han(word):
                for other in self._words():
                    if word in other:
                        near[other] = max(weight, near.get(other, 0.0))
        if query.begun is not None:
            begun, weight = query.begun
            for other in self._beginning_with(begun):
                near[other] = max(weight, near.get(other, 0.0))
        return words | {word: near[word] for word in sorted(near) if word not in words}

    def _scores(
        self,
        words: dict[str, float],
        kinds: str | Iterable[str] | None,
        within: str | Iterable[str] | None,
    ) -> dict[int, float]:
        """Return the scores of the documents that hold one of the words, by their numbers."""
        wanted, inside = chosen("kinds", kinds), chosen("within", within)
        scores: dict[int, float] = {}
        for word, weight in words.items():
            found = self._saturated(word)
            n = len(found)
            heavy = weight * math.log(1.0 + (len(self) - n + 0.5) / (n + 0.5))
            if scores:
                before = scores.get
                for number, part in found.items():
                    scores[number] = before(number, 0.0) + heavy * part
            else:
                scores = {number: heavy * part for number, part in found.items()}
        if inside is not None:
            held = (self._numbers.get(key) for key in inside)
            numbers = {number for number in held if number is not None}
            scores = {number: score for number, score in scores.items() if number in numbers}
        if wanted is not None:
            kind = {number: self._documents[number].kind for number in scores}
            scores = {number: score for number, score in scores.items() if kind[number] in wanted}
        return scores

    def _saturated(self, word: str) -> dict[int, float]:
        """Return ``f (k1 + 1) / (f + k1 (1 - b + b |d| / avg))`` of the documents with a word."""
        if word not in self._saturations:
            k1, flat, slope = self.k1, 1.0 - self.b, self.b * len(self) / self._length
            lengths, gain = self._lengths, k1 + 1.0
            self._saturations[word] = {
                number: gain * f / (f + k1 * (flat + slope * lengths[number]))
                for number, f in self._postings[word].items()
            }
        return self._saturations[word]

    def _words(self) -> list[str]:
        """Return the words of all documents, by the alphabet."""
        if self._vocabulary is None:
            self._vocabulary = sorted(self._postings)
        return self._vocabulary

    def _beginning_with(self, start: str) -> Iterator[str]:
        words = self._words()
        for at in range(bisect_left(words, start), len(words)):
            if not words[at].startswith(start):
                return
            yield words[at]
