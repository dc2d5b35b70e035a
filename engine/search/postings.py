"""Which numbered documents hold a word how often, and what that adds to their scores (BM25F)."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

__all__ = ["Postings"]

Numbers = NDArray[np.intp]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]


class Postings:
    """Counts of words in documents that have numbers; kept by word, so that they may be edited.

    Parameters
    ----------
    k1, b : float
        How much it counts that a word is said again, and how long the document is.
    """

    def __init__(self, k1: float, b: float) -> None:
        self.k1, self.b = k1, b
        self.documents = 0
        self._counts: dict[str, dict[int, int]] = {}
        self._lengths = np.zeros(64)  # by number; of a number that is free, anything
        self._length = 0
        # What follows from the above, as far as it was asked for since the last edit of it.
        self._columns: dict[str, tuple[Numbers, Floats]] = {}
        self._vocabulary: list[str] | None = None

    # -- editing -----------------------------------------------------------------------------

    def add(self, number: int, said: Mapping[str, int]) -> None:
        """Add the words of a document under a number that is free."""
        for word, count in said.items():
            found = self._counts.get(word)
            if found is None:
                self._counts[word] = {number: count}
                self._vocabulary = None
            else:
                found[number] = count
                self._columns.pop(word, None)
        if number >= self._lengths.size:
            self._lengths = np.resize(self._lengths, 2 * number)
        self._lengths[number] = length = sum(said.values())
        self._length += length
        self.documents += 1

    def remove(self, number: int, said: Iterable[str]) -> None:
        """Take the words of a document out."""
        for word in said:
            found = self._counts[word]
            del found[number]
            self._columns.pop(word, None)
            if not found:
                del self._counts[word]
                self._vocabulary = None
        self._length -= int(self._lengths[number])
        self.documents -= 1

    # -- words -------------------------------------------------------------------------------

    def __contains__(self, word: object) -> bool:
        return word in self._counts

    def holding(self, word: str) -> int:
        """Return how many documents hold a word."""
        return len(self._counts.get(word, ()))

    def holds(self, number: int, word: str) -> bool:
        """Whether a document holds a word."""
        return number in self._counts.get(word, ())

    def words(self) -> list[str]:
        """Return the words of all documents, by the alphabet."""
        if self._vocabulary is None:
            self._vocabulary = sorted(self._counts)
        return self._vocabulary

    def beginning_with(self, start: str) -> Iterator[str]:
        """Yield the words that begin so."""
        words = self.words()
        for at in range(bisect_left(words, start), len(words)):
            if not words[at].startswith(start):
                return
            yield words[at]

    # -- documents ---------------------------------------------------------------------------

    def scores(self, words: Mapping[str, float], size: int) -> tuple[Floats, Mask]:
        """Return the sum of what words add to each number below ``size``, and who holds one.

        A word w of weight q adds ``q ln(1 + (N - n + 1/2) / (n + 1/2)) f (k1 + 1) / (f + k1
        (1 - b + b |d| / avg))``.
        """
        sums, found = np.zeros(size), np.zeros(size, np.bool_)
        if words:
            flat, slope = 1.0 - self.b, self.b * self.documents / max(self._length, 1)
        for word, weight in words.items():
            numbers, f = self._column(word)
            n = numbers.size
            heavy = weight * math.log(1.0 + (self.documents - n + 0.5) / (n + 0.5))
            part = (self.k1 + 1.0) * f / (f + self.k1 * (flat + slope * self._lengths[numbers]))
            sums[numbers] += heavy * part
            found[numbers] = True
        return sums, found

    def holders(self, words: Iterable[str], size: int) -> Mask:
        """Return which numbers below ``size`` hold one of the words."""
        found = np.zeros(size, np.bool_)
        for word in words:
            found[self._column(word)[0]] = True
        return found

    def _column(self, word: str) -> tuple[Numbers, Floats]:
        """Return who holds a word, and how often."""
        found = self._columns.get(word)
        if found is None:
            counts = self._counts[word]
            numbers = np.fromiter(counts, np.intp, len(counts))
            found = numbers, np.fromiter(counts.values(), np.float64, len(counts))
            self._columns[word] = found
        return found
