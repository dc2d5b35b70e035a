"""What was looked at fades, and orders what is listed."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from engine.errors import ArgumentError
from engine.search import Document, History, Index, Keyword, keywords, preferred


def test_what_was_seen_fades_with_everything_seen_after():
    history = History().seen(["elm"]).seen(["ash"]).seen(["elm", "oak"])
    want = {"elm": 0.98**2 + 1, "oak": 1.0, "ash": 0.98}
    assert history.top() == pytest.approx(want, rel=1e-12)
    assert list(history.top()) == list(want)
    assert history.top(2) == dict(list(history.top().items())[:2])
    assert history.top(0) == History().top() == {}


def test_keywords_count_by_their_weights():
    index = Index([Document("a", "", "elm elm ash"), Document("b", "", "ash oak")])
    found = keywords(index, "a")
    assert History().seen(found).top() == {one.word: one.weight for one in found}
    assert History().seen({"elm": 2.5}).seen("elm").top() == {"elm": pytest.approx(3.45)}
    assert History().seen(["elm", "elm", Keyword("elm", 0.5)]).top() == {"elm": 2.5}
    assert History().seen("low rank").top() == {"low rank": 1.0}


def test_what_weighs_too_little_is_forgotten():
    history, times = History().seen(["elm"]), 0
    while "elm" in history.top():
        history, times = history.seen(["ash"]), times + 1
    assert 0.98**times < 0.01 <= 0.98 ** (times - 1)
    assert History().seen({"elm": 0.01}).top() == {"elm": 0.01}
    assert History().seen({"elm": 0.0099}).top() == {}
    assert History().seen({"elm": 0.01}).seen([]).top() == {}
    # What is seen again is not forgotten in between.
    assert History().seen({"elm": 0.01}).seen({"elm": 0.002}).top() == pytest.approx(
        {"elm": 0.0118}
    )


def test_no_more_than_five_hundred_words_are_kept():
    first = {f"w{i}": 2.0 for i in range(499)}
    history = History().seen(first).seen({"light": 0.5, "heavy": 3.0})
    assert len(history.words) == 500
    assert "heavy" in history.top(1)
    assert "light" not in history.top(None)
    assert len(History().seen({f"w{i}": 1.0 for i in range(2000)}).top(limit=None)) == 500


def test_of_equal_weights_those_met_first_come_first():
    assert list(History().seen(["oak", "elm", "ash"]).top()) == ["oak", "elm", "ash"]
    assert list(History().seen(["oak", "elm", "ash"]).top(2)) == ["oak", "elm"]


def test_a_history_is_a_frozen_record_that_a_session_can_keep():
    before = History()
    after = before.seen(["elm"])
    assert (before.top(), after.top()) == ({}, {"elm": 1.0})
    assert after.words == (Keyword("elm", 1.0),)
    assert History(after.words) == after == pickle.loads(pickle.dumps(after)) == copy.copy(after)
    assert hash(History(after.words)) == hash(after)
    with pytest.raises(dataclasses.FrozenInstanceError):
        after.words = ()


@pytest.mark.parametrize("words", [["elm"], {"elm": 1.0}, None, (("elm", 1.0),), [Keyword("a", 1)]])
def test_a_history_is_made_of_keywords(words):
    with pytest.raises(ArgumentError, match="words"):
        History(words)


@pytest.mark.parametrize("words", [None, 3, [3], [("elm", 1.0)], {"elm": float("nan")}])
def test_only_words_are_seen(words):
    with pytest.raises(ArgumentError):
        History().seen(words)


TITLES = {"a": "elm", "b": "oak", "c": "elm oak", "d": "ash", "e": "抽样"}
INDEX = Index(Document(key, "", title) for key, title in TITLES.items())


def test_what_is_liked_comes_first_and_the_rest_keeps_its_order():
    keys = ["d", "e", "b", "c", "a"]
    assert preferred(INDEX, {"elm": 2.0, "oak": 1.0}, keys) == ("c", "a", "b", "d", "e")
    assert preferred(INDEX, {"elm": 1.0, "oak": 3.0}, keys) == ("c", "b", "a", "d", "e")
    assert preferred(INDEX, ["elm"], keys) == preferred(INDEX, "elm", keys)
    assert preferred(INDEX, ["采样"], keys) == ("e", "d", "b", "c", "a")
    assert preferred(INDEX, [Keyword("oak", 1.0)], ["d", "a", "b"]) == ("b", "d", "a")


@pytest.mark.parametrize("nothing", [[], {}, "", ["maple"], {"elm": 0.0}, History().top()])
def test_no_preference_changes_nothing(nothing):
    assert preferred(INDEX, nothing, ["d", "a", "c"]) == ("d", "a", "c")


def test_the_order_is_a_stable_permutation():
    # Keys that are not in the index, and such as are said twice, stay in the list.
    keys = ["x", "b", "d", "y", "a", "b", "a", "x"]
    found = preferred(INDEX, ["elm"], iter(keys))
    assert found == ("a", "a", "x", "b", "d", "y", "b", "x")
    index = Index(Document(str(i), "", "elm ash" if i % 3 else "oak") for i in range(30))
    keys = [str(i) for i in reversed(range(30))]
    liked = preferred(index, ["elm"], keys)
    assert list(liked) == [k for k in keys if int(k) % 3] + [k for k in keys if not int(k) % 3]
    assert preferred(index, ["elm"], keys, limit=4) == liked[:4]
    assert preferred(index, ["elm"], []) == ()


def test_interests_order_a_list():
    history = History().seen(["oak"]).seen(["elm"]).seen(["elm"])
    assert preferred(INDEX, history.top(), ["b", "d", "a"]) == ("a", "b", "d")


def test_what_is_no_list_of_keys_is_refused():
    for within in ("abc", None, 3, [3], [None]):
        with pytest.raises(ArgumentError, match=r"^within = "):
            preferred(INDEX, ["elm"], within)
    with pytest.raises(ArgumentError, match=r"^limit = "):
        preferred(INDEX, ["elm"], ["a"], -1)
    with pytest.raises(ArgumentError, match=r"^weight = "):
        preferred(INDEX, {"elm": -1.0}, ["a"])
