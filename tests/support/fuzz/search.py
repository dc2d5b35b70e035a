"""Every public function of engine.search on texts that nobody would write."""

from __future__ import annotations

import itertools

import numpy as np

import engine.search as es
from engine.errors import ArgumentError
from tests.engine.search import reference

# What texts are cut at, letters of many scripts, marks, halves of pairs, formulas and code.
_SIGNS = list(
    "aAzZ09 .,-_/$`\\{}()[]<>~\n\tσΣςάß²½Ａ低秩近似的，。々豈ひカ가é\u0302\u200d\ud800🙂𝜎𠀀"
)
_SIGNS += [
    "$$",
    "```",
    "\\(",
    "\\begin{align}",
    "\\end{align}",
    "rank",
    "low rank",
    "采样",
    "http://",
]


def _text(rng, most=40):
    return "".join(rng.choice(_SIGNS, int(rng.integers(0, most))))


def _documents(rng):
    return [
        es.Document(f"d{i}", str(rng.choice(["x", "y"])), _text(rng), _text(rng, 300), _text(rng))
        for i in range(int(rng.integers(0, 9)))
    ]


def search_terms(rng):
    """Terms are those of the definition, and those of themselves."""
    text = _text(rng, 80)
    found = es.terms(text)
    assert found == reference.split(text), text
    assert es.terms(" ".join(found)) == found, text
    words = {*rng.permutation(found)[:3]} if found else set()
    places = es.marked(text, words)
    assert all(start < end <= len(text) for start, end in places), (text, words)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(places)), (text, words)
    said = {word for start, end in places for word in es.terms(text[start:end])}
    assert words <= said, (text, words)
    assert bool(places) == bool(words)
    return (text,)


def search_index(rng):
    """However an index was edited, it answers as a fresh one, with scores that fall."""
    documents = _documents(rng)
    fresh, edited = es.Index(documents), es.Index()
    for document in documents:
        edited.add(es.Document(document.key, "z", _text(rng)))
        edited.add(es.Document(_text(rng, 5) + "?", "x", _text(rng)))
    for key in set(edited) - set(fresh):
        edited.remove(key)
    for document in documents:
        edited.add(document)
    query, prefix = _text(rng), bool(rng.integers(2))
    hits = edited.search(query, limit=None, prefix=prefix)
    assert hits == fresh.search(query, limit=None, prefix=prefix), query
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 < score < np.inf for score in scores)
    for hit in hits:
        assert set(hit.matched) <= set(reference.counts(fresh[hit.key])), hit
    limit = int(rng.integers(0, 5))
    assert fresh.search(query, limit=limit, prefix=prefix) == hits[:limit]
    return (query,)


def search_about(rng):
    """Keywords are words of the document, the heaviest first; nothing is related to itself."""
    index = es.Index(_documents(rng))
    for key in index:
        found = es.keywords(index, key, limit=None)
        weights = [one.weight for one in found]
        assert weights == sorted(weights, reverse=True)
        assert all(0.0 < weight < np.inf for weight in weights)
        held = set(reference.counts(index[key]))
        assert all(set(es.terms(one.word)) <= held for one in found), found
        assert key not in [hit.key for hit in es.related(index, key, limit=None)]
    return ()


def search_preference(rng):
    """A preference permutes a list and keeps the order of what scores the same."""
    index = es.Index(_documents(rng))
    history = es.History()
    for _ in range(int(rng.integers(0, 5))):
        history = history.seen({_text(rng, 6): float(rng.exponential()) for _ in range(4)})
    keys = [f"d{i}" for i in rng.integers(0, 12, 15)]
    liked = es.preferred(index, history.top(), keys)
    assert sorted(liked) == sorted(keys)
    scores = index.scores(history.top())
    assert liked == tuple(sorted(keys, key=lambda key: -scores.get(key, 0.0)))
    return (history,)


def search_arguments(rng):
    """What is no text, count or weight is refused by name."""
    index = es.Index(_documents(rng))
    wrong = [None, 3, 0.5, b"rank", np.nan, object()][rng.integers(6)]
    calls = (
        lambda: es.terms(wrong),
        lambda: es.keywords(index, wrong),
        lambda: es.related(index, wrong),
        lambda: index.add(wrong),
        lambda: index.search("rank", limit=-1),
        lambda: es.preferred(index, {"rank": wrong} if wrong not in (3, 0.5) else None, ["d0"]),
    )
    for call in calls:
        try:
            call()
        except ArgumentError:
            continue
        raise AssertionError(f"taken: {wrong!r}")
    return (wrong,)


CHECKS = (search_terms, search_index, search_about, search_preference, search_arguments)
