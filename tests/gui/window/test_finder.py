"""The one search is kept up to date bit by bit, and what a person likes stays with the person."""

from __future__ import annotations

import json
import re

import pytest

from engine.search import Index, Keyword
from gui.core.state.document import EXAMPLES_PATH
from gui.core.state.listed import EntryInfo, OpenFile
from gui.core.state.own_notes import OwnNote
from gui.core.words import i18n
from gui.window.findable import own_documents
from gui.window.finding.personal import NAME, Personal
from gui.window.finding.rows import context, snippet
from gui.window.finding.shelf import AT_ONCE, FileAway, Shelf, array_key, array_of, note_key


def opened(path, *names, readable=True):
    entries = tuple(EntryInfo(name, (2, 3), "float32", readable=readable) for name in names)
    return OpenFile(path, path.rsplit("/", 1)[-1], entries)


def filed(shelf, *files, notes=(), language="en"):
    FileAway(shelf, files, notes, language).run()
    with shelf.asking() as index:
        return {key: index[key] for key in index}


class Stops:
    """Cancels after so many looks."""

    def __init__(self, looks):
        self.looks = looks

    @property
    def cancelled(self):
        self.looks -= 1
        return self.looks < 0


def test_what_is_filed_is_what_is_open():
    shelf = Shelf()
    one, two = opened("/a/one.npz", "q", "k"), opened("/a/two.npz", "v")
    own = {document.key for document in own_documents()}
    assert set(filed(shelf, one, two)) == own | {
        array_key("/a/one.npz", "q"), array_key("/a/one.npz", "k"), array_key("/a/two.npz", "v")
    }  # fmt: skip
    assert set(filed(shelf, two)) == own | {array_key("/a/two.npz", "v")}
    assert shelf.remarks == {array_key("/a/two.npz", "v"): "two.npz   2 × 3   float32"}
    changed = opened("/a/two.npz", "v", "w")
    assert set(filed(shelf, changed)) == own | {
        array_key("/a/two.npz", "v"), array_key("/a/two.npz", "w")
    }  # fmt: skip
    unreadable = opened("/a/two.npz", "v", readable=False)
    assert set(filed(shelf, unreadable)) == own


def test_a_file_more_leaves_what_is_there_alone(monkeypatch):
    shelf = Shelf()
    filed(shelf, opened("/a/one.npz", *map(str, range(50))))
    added = []
    monkeypatch.setattr(Index, "add", lambda index, document: added.append(document.key))
    filed(shelf, opened("/a/one.npz", *map(str, range(50))), opened("/a/two.npz", "v"))
    assert added == [array_key("/a/two.npz", "v")]


def test_what_was_stopped_goes_on_where_it_was():
    names = [f"layers.{number}.q" for number in range(5 * AT_ONCE)]
    file, shelf = opened("/a/one.npz", *names), Shelf()
    filed(shelf)
    request = FileAway(shelf, (file,), (), "en")
    assert request.is_due
    request.run(Stops(len(names) + 2))
    assert request.is_due
    held = len(shelf.held["/a/one.npz"])
    assert 0 < held < len(names)
    request.run(Stops(10 * len(names)))
    assert not request.is_due
    assert len(shelf.held["/a/one.npz"]) == len(names)


def test_another_language_files_the_program_and_the_examples_anew():
    shelf = Shelf()
    examples = opened(EXAMPLES_PATH, "router logits")
    english = filed(shelf, examples)
    i18n.set_language("zh_CN")
    chinese = filed(shelf, examples, language="zh_CN")
    i18n.set_language("en")
    assert english.keys() == chinese.keys()
    assert chinese["rule/energy"].title == "能量占比"
    key = array_key(EXAMPLES_PATH, "router logits")
    assert english[key].title == "router logits"
    assert "router logits" in chinese[key].words


def test_the_edited_index_answers_as_a_fresh_one():
    shelf = Shelf()
    one, two = opened("/a/one.npz", "low.rank", "noise"), opened("/a/two.npz", "rank.noise")
    filed(shelf, one, two)
    filed(shelf, two)
    documents = filed(shelf, two, one).values()
    with shelf.asking() as index:
        edited = index.scores("rank noise")
    assert edited == Index(documents).scores("rank noise")


def test_own_notes_are_found_by_what_they_say():
    shelf, file = Shelf(), opened("/a/one.npz", "q")
    notes = (OwnNote("/a/one.npz", "q", "odd spikes near $x$"), OwnNote("/a/one.npz", "", "低秩"))
    filed(shelf, file, notes=notes)
    with shelf.asking() as index:
        assert [hit.key for hit in index.search("spikes")] == [note_key("/a/one.npz", "q")]
        assert note_key("/a/one.npz", "") in [hit.key for hit in index.search("低秩")]
        assert array_of(note_key("/a/one.npz", "q")) == ("/a/one.npz", "q")
    filed(shelf, file, notes=notes[:1])
    with shelf.asking() as index:
        assert note_key("/a/one.npz", "") not in index


# -- what is personal ----------------------------------------------------------------------------


def test_interests_are_kept_beside_the_session(tmp_path):
    personal = Personal(tmp_path)
    personal.seen([Keyword("rank", 2.0), Keyword("秩", 1.0)])
    personal.pin("rule/energy", True)
    personal.want("noise")
    again = Personal(tmp_path)
    assert again.interests() == {"rank": 2.0, "秩": 1.0}
    assert again.is_pinned("rule/energy")
    assert again.preference() == "noise"
    again.want("")
    assert again.preference() == {"rank": 2.0, "秩": 1.0}
    again.forget_all()
    again.record(False)
    again.seen([Keyword("rank", 2.0)])
    assert Personal(tmp_path).interests() == {}
    assert Personal(tmp_path).is_pinned("rule/energy")


def test_no_more_than_500_words_are_kept(tmp_path):
    personal = Personal(tmp_path)
    personal.seen([Keyword(f"w{number}", 1.0 + number) for number in range(700)])
    assert len(personal.interests(None)) == 500
    assert len(json.loads((tmp_path / NAME).read_text())["personal"]["words"]) == 500


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"personal": 3}', '{"personal": {"words": [["a", -1.0]]}}',
     '{"personal": {"words": [["a", NaN]], "pins": 4}}', "\ud800"],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_an_empty_one(tmp_path, text):
    (tmp_path / NAME).write_bytes(text.encode("utf-8", "surrogatepass"))
    personal = Personal(tmp_path)
    assert personal.interests() == {}
    personal.seen([Keyword("rank", 1.0)])
    assert Personal(tmp_path).interests() == {"rank": 1.0}


def test_a_folder_that_cannot_be_written_costs_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    personal = Personal(tmp_path / "file")
    personal.seen([Keyword("rank", 1.0)])
    assert personal.interests() == {"rank": 1.0}


def test_the_line_of_context_shows_what_was_found():
    text = "First things. " + 30 * "word " + "The *noise* of $x$ is low. " + 50 * "more "
    found = snippet(text, ["noise"])
    assert "The noise of x is low." in found
    assert len(found) < 200
    assert snippet("A short note.", []) == "A short note."
    assert snippet("", ["noise"]) == ""
    # Formulas that are not read in a line leave one mark, whatever stands between them.
    rules = "| first | $\\sigma_i$, $\\beta$ | $\\omega$ | noise $$\\sigma$$. More $\\tau$, and on."
    assert snippet(rules, ["noise"]) == "first … noise … More … and on."


@pytest.mark.parametrize(("language", "query"), [("zh_CN", "低秩"), ("zh_CN", "probability"),
                                               ("en", "probability"), ("en", "概率")])  # fmt: skip
def test_the_line_of_context_is_in_the_language_in_use(language, query):
    i18n.set_language(language)
    try:
        index = Index(own_documents())
        hits = index.search(query, kinds="note", limit=None)
        lines = [context(index[hit.key], hit.matched) for hit in hits]
    finally:
        i18n.set_language("en")
    assert len(lines) > 2
    assert {bool(re.search("[\u4e00-\u9fff]{2}", line)) for line in lines} == {language == "zh_CN"}
