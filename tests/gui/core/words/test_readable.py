"""Names from outside are shown in a length that can be laid out; by them nothing is found."""

from __future__ import annotations

import pytest

from engine.errors import FileError
from gui.core.state.document import DataRef, Opened, entry_title
from gui.core.state.listed import EntryInfo, OpenFile
from gui.core.words.i18n import set_language, tr, tr_sentence
from gui.core.words.readable import LONGEST_NAME, readable_names
from gui.pages.sources.show.words import file_title

LONG = "layer." * 200_000 + "weight"
PAGE = 5000


def test_long_names_are_shown_by_both_their_ends():
    ref = DataRef("a.safetensors", LONG, (3, 4), "float32")
    for shown in (
        ref.title,
        entry_title(ref.path, LONG),
        file_title(OpenFile("a.npz", LONG, ())),
        *readable_names((LONG,)),
    ):
        assert len(shown) <= LONGEST_NAME
        assert shown.endswith("weight")
    assert ref.entry == LONG  # what it is found by stays


def test_titles_of_a_hostile_session_are_readable():
    assert file_title(OpenFile("a.npz", "a\u202eb\n", ())) == "a\ufffdb\ufffd"


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_sentences_with_long_names_are_no_longer_than_a_page(language):
    set_language(language)
    try:
        assert len(tr_sentence(FileError("a.safetensors", f"{LONG!r} is no number"))) < PAGE
        assert len(tr("{path}: there is no such file.", path=LONG)) < PAGE
    finally:
        set_language("en")


def test_labels_of_an_array_are_shown_short():
    class Source:
        def entry(self, name):
            info = EntryInfo(name, (2, 2), "float64")
            return type("E", (), {"row_labels": (LONG, "b"), "column_labels": (), "info": info})()

    rows, _ = Opened(DataRef("a.csv", "a", (2, 2), "float64"), Source()).labels
    assert [len(row) for row in rows] == [LONGEST_NAME, 1]
