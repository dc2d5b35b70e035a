"""The table of what says the same, as anybody may add to it."""

from __future__ import annotations

import pytest

import engine.search.synonyms as synonyms
from engine.errors import FileError
from engine.search import Document, Index, terms
from engine.search.synonyms import read_synonyms
from tests.engine.search import reference

GROUPS = read_synonyms()


def in_chinese(text):
    return any(map(reference.is_han, text))


def test_the_table_has_a_few_dozen_groups():
    assert 40 <= len(GROUPS) <= 100


def test_no_saying_stands_twice_nor_says_nothing():
    sayings = [tuple(terms(text)) for group in GROUPS for text in group]
    assert len(set(sayings)) == len(sayings)
    assert all(sayings)
    assert all(len(group) > 1 for group in GROUPS)


def test_groups_are_of_both_languages_or_of_a_name_spelled_in_two_ways():
    for group in GROUPS:
        if not any(map(in_chinese, group)):
            plain = {"".join(terms(text)) for text in group}
            assert len(plain) == 1, group
        else:
            assert not all(map(in_chinese, group)), group


@pytest.mark.parametrize("group", GROUPS, ids="=".join)
def test_each_saying_of_a_group_finds_all_others(group):
    index = Index(Document(text, "", text) for text in group)
    for text in group:
        assert {hit.key for hit in index.search(text)} == set(group), text


def test_an_installation_without_the_table_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(synonyms, "_PACKAGE", tmp_path / "engine")
    with pytest.raises(FileError, match=r"assets/search/synonyms\.json: .*Install Rankscope again"):
        read_synonyms()
    (tmp_path / "engine" / "assets" / "search").mkdir(parents=True)
    (tmp_path / "engine" / "assets" / "search" / "synonyms.json").write_text(
        '[["a", "乙"]]', "utf-8"
    )
    assert read_synonyms() == [["a", "乙"]]
