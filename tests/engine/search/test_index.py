"""The index against the formula, however it came to hold its documents."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import random

import numpy as np
import pytest

from engine.errors import ArgumentError
from engine.search import Document, Hit, Index, Keyword
from tests.engine.search import reference

# No word of these is in the table of synonyms; those that begin alike are meant.
WORDS = ["alder", "ald", "Alders", "birchTree", "cedar9", "σ", "elm_12", "12"]
HAN = "山水云木石田"


def a_text(generator, most=7):
    def word():
        if generator.random() < 0.4:
            return "".join(generator.choices(HAN, k=generator.randrange(1, 5)))
        return generator.choice(WORDS)

    return " ".join(word() for _ in range(generator.randrange(most)))


def a_document(generator, key):
    kind = generator.choice(["note", "array"])
    return Document(key, kind, a_text(generator), a_text(generator, 20), a_text(generator))


def some_documents(generator, count=12):
    return [a_document(generator, f"d{i}") for i in range(count)]


def assert_as_defined(index, documents, query, **options):
    given = {name: options[name] for name in ("k1", "b") if name in options}
    keys, scores = reference.ranked(documents, query, **options)
    hits = index.search(query, limit=None, prefix=options.get("prefix", False))
    found = {hit.key: hit.score for hit in hits}
    assert found.keys() == scores.keys(), given
    np.testing.assert_allclose([found[key] for key in keys], [scores[key] for key in keys], 1e-12)
    places = {document.key: place for place, document in enumerate(documents)}
    order = [(-hit.score, places[hit.key]) for hit in hits]
    assert order == sorted(order)


@pytest.mark.sample(1 / 2)
@pytest.mark.parametrize("prefix", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_scores_are_those_of_the_formula(seed, prefix):
    generator = random.Random(seed)
    documents = some_documents(generator)
    k1, b = generator.choice([(1.2, 0.75), (0.0, 0.5), (2.5, 0.0), (0.9, 1.0)])
    index = Index(documents, k1=k1, b=b)
    for _ in range(20):
        query = a_text(generator, 5)
        if generator.random() < 0.3:
            query = {word: generator.choice([0.0, 0.3, 2.0]) for word in query.split()}
        assert_as_defined(index, documents, query, k1=k1, b=b, prefix=prefix)


@pytest.mark.parametrize("seed", range(6))
def test_an_edited_index_equals_a_fresh_one(seed):
    generator = random.Random(seed)
    held, index = {}, Index()
    for step in range(120):
        key = f"d{generator.randrange(15)}"
        if key in held and generator.random() < 0.4:
            index.remove(key)
            del held[key]
        else:
            held[key] = a_document(generator, key)
            index.add(held[key])
        if step % 5:
            continue
        fresh = Index(held.values())
        assert list(index) == list(fresh) == list(held)
        assert len(index) == len(held)
        query = a_text(generator, 4) + generator.choice(["", " a", " 山"])
        for prefix in (False, True):
            # To the last bit: the sums are taken in the same order.
            found = index.search(query, limit=None, prefix=prefix)
            assert found == fresh.search(query, limit=None, prefix=prefix)
        assert_as_defined(index, list(held.values()), query)
    for key in list(held):
        index.remove(key)
    assert (len(index), index.search("alder 山水"), list(index)) == (0, (), [])
    assert index.holding("alder") == 0


def test_a_title_counts_three_times_and_words_twice():
    places = [Document("title", "", "elm"), Document("words", "", "", "", "elm")]
    places.append(Document("body", "", "", "elm"))
    # Without regard to length and almost without saturation a score is in proportion to f.
    hits = Index(places, k1=1e6, b=0.0).search("elm")
    assert [hit.key for hit in hits] == ["title", "words", "body"]
    np.testing.assert_allclose(np.array([h.score for h in hits]) / hits[2].score, [3, 2, 1], 1e-5)


def test_key_and_kind_are_not_searched():
    assert Index([Document("elm", "elm", "birch")]).search("elm") == ()


def test_a_replaced_document_keeps_its_place():
    index = Index([Document("a", "", "elm"), Document("b", "", "elm")])
    index.add(Document("a", "", "ash"))
    index.add(Document("a", "", "elm"))
    assert [hit.key for hit in index.search("elm")] == ["a", "b"]
    index.remove("a")
    index.add(Document("a", "", "elm"))
    assert [hit.key for hit in index.search("elm")] == ["b", "a"]
    assert [*Index([Document("x", "", "1"), Document("y", "", ""), Document("x", "", "2")])] == [
        "x",
        "y",
    ]


@pytest.mark.parametrize("limit", [0, 1, 7, 49, 50, 51, None, np.int64(3)])
def test_a_limit_takes_the_first_of_all(limit):
    titles = ["elm", "elm ash", "ash elm", "elm elm"]
    index = Index(Document(str(i), "", titles[i * 7 % 4]) for i in range(50))
    everything = index.search("elm", limit=50)
    assert len(everything) == 50
    assert index.search("elm", limit=limit) == everything[:limit]


def test_ties_keep_the_order_of_adding_whichever_word_found_them():
    index = Index(Document(str(i), "", "elm" if i % 2 else "ash") for i in range(10))
    for limit in range(11):
        hits = index.search("elm ash", limit=limit)
        assert [hit.key for hit in hits] == list("0123456789"[:limit])
    assert len({hit.score for hit in hits}) == 1


def test_filters_choose_among_hits_and_change_no_score():
    generator = random.Random(1)
    documents = some_documents(generator, 20)
    index = Index(documents)
    hits = index.search("alder 山", limit=None)
    kinds = {document.key: document.kind for document in documents}
    assert len({kinds[hit.key] for hit in hits}) == 2
    notes = tuple(hit for hit in hits if kinds[hit.key] == "note")
    for wanted in ("note", ["note"], ("note", "nothing"), iter(["note"])):
        assert index.search("alder 山", limit=None, kinds=wanted) == notes
    keys = [hit.key for hit in hits][1::2]
    for inside in (keys, set(keys), (key for key in [*keys, "nowhere", *keys])):
        assert index.search("alder 山", limit=None, within=inside) == hits[1::2]
    assert index.search("alder 山", within=keys[0]) == (hits[1],)
    both = tuple(hit for hit in hits[1::2] if kinds[hit.key] == "note")
    assert index.search("alder 山", limit=None, kinds="note", within=keys) == both
    assert index.search("alder 山", limit=1, kinds="note") == notes[:1]
    assert index.search("alder", kinds=[]) == index.search("alder", within=[]) == ()
    scores = index.scores("alder 山", kinds=["note"])
    assert scores == {hit.key: hit.score for hit in notes}


def test_a_single_han_character_finds_every_pair_that_holds_it():
    index = Index(Document(text, "", text) for text in ("低秩近似", "秩", "矩阵的秩", "次序"))
    hits = {hit.key: hit.matched for hit in index.search("秩")}
    assert hits == {"秩": ("秩",), "低秩近似": ("低秩", "秩近"), "矩阵的秩": ("的秩",)}
    assert [hit.key for hit in index.search("低秩")] == ["低秩近似"]


def test_only_the_last_word_may_be_begun():
    index = Index(Document(text, "", text) for text in ("alder", "alders", "birch", "birches"))
    hits = index.search("birch alder", prefix=True)
    assert {hit.key: hit.matched for hit in hits} == {
        "birch": ("birch",),
        "alder": ("alder",),
        "alders": ("alders",),
    }
    assert [hit.key for hit in index.search("birch alder")] == ["alder", "birch"]
    alder, alders = (index.search("alder", prefix=True)[i].score for i in range(2))
    assert alders == pytest.approx(0.8 * alder, rel=1e-12)
    assert index.search("alder birch", prefix=True)[0].key == "alder"


def test_sayings_of_both_languages_find_each_other():
    texts = ["抽样与误差", "采样", "Sampling", "有放回地抽样", "sample"]
    index = Index(Document(text, "", text) for text in texts)
    for query in ("采样", "抽样", "sampling"):
        assert {hit.key for hit in index.search(query)} == set(texts[:4]), query
    # Which one is said changes no weight: idf is that of the word found.
    found = {hit.key: hit.score for hit in index.search("采样")}
    assert found == {hit.key: hit.score for hit in index.search("sampling")}
    # What is said itself is not raised by what says the same.
    said = index.search("采样 抽样 sampling", limit=None)
    assert {hit.key: hit.score for hit in said} == found
    mixed = {hit.key: hit.score for hit in index.search("采样 采样 抽样")}
    assert mixed["抽样与误差"] == found["抽样与误差"]
    assert mixed["采样"] == pytest.approx(2 * found["采样"], rel=1e-12)
    # What says the same counts as often as the saying that is said most.
    assert mixed["Sampling"] == pytest.approx(2 * found["Sampling"], rel=1e-12)
    assert index.search("采样 抽样", limit=None, within="Sampling")[0].score == found["Sampling"]
    twice = {hit.key: hit.score for hit in index.search("采样 采样")}
    assert twice == pytest.approx({key: 2 * score for key, score in found.items()}, rel=1e-12)


def test_the_longest_saying_is_meant():
    index = Index(
        Document(text, "", text) for text in ("低秩", "满秩", "singular", "value", "奇异值")
    )
    assert [hit.key for hit in index.search("low rank")] == ["低秩"]
    assert {hit.key for hit in index.search("rank")} == {"低秩", "满秩"}
    assert {hit.key for hit in index.search("奇异值")} == {"singular", "value", "奇异值"}
    assert {hit.key for hit in index.search("singular value")} == {"singular", "value", "奇异值"}


def test_matched_words_come_as_they_are_asked():
    index = Index([Document("a", "", "抽样 近秩 alders Birch 秩 ald")])
    (hit,) = index.search("birch sampling 秩 ald", prefix=True)
    assert hit.matched == ("birch", "秩", "ald", "抽样", "alders", "近秩")


def test_queries_are_texts_words_or_weights():
    index = Index([Document("a", "", "elm"), Document("b", "", "ash ash"), Document("c", "", "")])
    plain = index.search("elm ash ash")
    assert plain == index.search(["elm", "ash", "ash"]) == index.search({"elm": 1, "ash": 2})
    assert plain == index.search([Keyword("ash", 1.5), "elm", Keyword("ash", 0.5)])
    assert index.search({"elm": 0.0}) == index.search([]) == index.search({}) == ()
    assert index.search("") == index.search(" ,;") == index.search("oak") == Index().search("elm")


def test_documents_are_looked_up_by_key():
    document = Document("a", "note", "Elm")
    index = Index([document])
    assert index["a"] is document
    assert ("a" in index, "b" in index, None in index, ["a"] in index) == (
        True,
        False,
        False,
        False,
    )
    assert index.search("elm") == (Hit("a", index.search("elm")[0].score, ("elm",)),)


def test_nothing_but_empty_documents():
    index = Index([Document("a", "", ""), Document("b", "", " - ")])
    assert len(index) == 2
    assert index.search("a", prefix=True) == ()


def test_records_are_frozen_and_travel():
    document = Document("a", "note", "Elm", "body", "words")
    hit = Index([document]).search("elm")[0]
    for record in (document, hit, Keyword("elm", 1.0)):
        assert pickle.loads(pickle.dumps(record)) == copy.deepcopy(record) == record
        assert hash(record) == hash(copy.copy(record))
        name = dataclasses.fields(record)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(record, name, "b")
    index = pickle.loads(pickle.dumps(Index([document])))
    assert index.search("elm") == (hit,)


NAN, INF = float("nan"), float("inf")
INDEX = Index([Document("a", "note", "elm")])
WRONG = {
    "title": [lambda: Document("a", "note", None), lambda: Document("a", "note", 3)],
    "key": [
        lambda: Document(1, "note", "elm"),
        lambda: INDEX["b"],
        lambda: INDEX.remove("b"),
        lambda: INDEX[None],
        lambda: INDEX[["a"]],
    ],
    "document": [lambda: Index([None]), lambda: INDEX.add("elm")],
    "documents": [lambda: Index(3), lambda: Index(None)],
    "k1": [lambda v=v: Index(k1=v) for v in (-1, NAN, INF, "1", None, True)],
    "b": [lambda v=v: Index(b=v) for v in (-0.1, 1.1, NAN, "1", None)],
    "limit": [lambda v=v: INDEX.search("elm", limit=v) for v in (-1, 1.5, "3", NAN)],
    "kinds": [lambda v=v: INDEX.search("elm", kinds=v) for v in (3, [3], [None])],
    "within": [lambda v=v: INDEX.search("elm", within=v) for v in (3, [["a"]])],
    "words": [lambda v=v: INDEX.search(v) for v in (None, 3)],
    "word": [lambda v=v: INDEX.search(v) for v in ([None], [3], {3: 1.0}, b"elm")],
    "weight": [
        lambda v=v: INDEX.search({"elm": v}) for v in (-1.0, NAN, INF, "1", None, True, 1e101)
    ],
}


@pytest.mark.parametrize("argument", WRONG)
def test_what_is_wrong_is_named(argument):
    for call in WRONG[argument]:
        with pytest.raises(ArgumentError, match=f"^{argument} = "):
            call()
    assert [hit.key for hit in INDEX.search("elm")] == ["a"]


def test_titles_that_say_all_words_in_order_come_first():
    other = Document("o", "operator", "Two x", "x 2 x 2 x 2 over 2 x 2", "x 2 x 2 x 2 2")
    late = Document("n", "note", "Late", "2 x 2 geometry 2 x 2", "2 x 2 geometry")
    called = [
        Document("v", "view", "2 × 2 geometry", "the unit circle " * 20),
        Document("a", "note", "On the 2x2 geometry", "of all else " * 40),
    ]
    index = Index([other, late, *called])
    for query in ("2 x 2", "2x2", "2 × 2"):
        groups = index.groups(query, prefix=True)
        assert {one.kind for one in groups[:2]} == {"view", "note"}
        assert {one.kind: [hit.key for hit in one.hits] for one in groups} == {
            "view": ["v"],
            "note": ["a", "n"],
            "operator": ["o"],
        }
        assert groups[-1].kind == "operator"
        assert [one.count for one in groups if one.kind == "note"] == [2]
    (first, *_) = index.groups("2x2 geo", prefix=True, limit=1)
    assert (first.kind, len(first.hits)) in [("view", 1), ("note", 1)]
    # Neither another order nor a word that is only begun counts as such.
    assert [hit.key for hit in index.groups("geometry 2", kinds="note")[0].hits] == ["n", "a"]
    assert next(hit.key for hit in index.groups("2x2 geo", kinds="note")[0].hits) == "n"
    # One word alone is ranked by its score.
    assert [hit.key for hit in index.groups("geometry", kinds="note")[0].hits] == [
        hit.key for hit in index.search("geometry", kinds="note")
    ]
