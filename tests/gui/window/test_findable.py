"""The program's own things are found in either language, whichever the window speaks."""

from __future__ import annotations

import time

import pytest

from engine.search import Document, Index, keywords, related
from engine.spectrum import RANK_RULES
from engine.topk import OPERATORS
from gui.core.words import i18n
from gui.core.words.notes import note_sections
from gui.pages import PAGES
from gui.window.commands import COMMANDS
from gui.window.findable import KINDS, in_small, own_documents

CENTRE = [page for page in PAGES if page.place == "centre"]


@pytest.fixture(params=["en", "zh_CN"])
def index(request):
    i18n.set_language(request.param)
    yield Index(own_documents())
    i18n.set_language("en")


def found(index, query, **options):
    return [hit.key for hit in index.search(query, prefix=True, **options)]


def test_a_word_of_a_hundred_thousand_letters_is_looked_through_once():
    began = time.process_time()
    document = in_small(Document("a", "array", "w" * 100_000 + " LoRA"))
    assert document.words.split(" / ")[-1] == "lora"
    assert time.process_time() - began < 2.0  # it was a minute


def test_everything_of_the_tables_is_there_once(index):
    documents = own_documents()
    assert len(index) == len(documents)
    kinds = {kind: {d.key for d in documents if d.kind == kind} for kind in KINDS}
    assert sum(map(len, kinds.values())) == len(documents)
    assert kinds["command"] == {f"command/{one.id}" for one in COMMANDS}
    assert kinds["operator"] == {f"operator/{op.key}" for op in OPERATORS}
    assert kinds["rule"] == {f"rule/{key}" for key in RANK_RULES}
    assert kinds["view"] == {f"view/{page.key}" for page in PAGES} | {
        f"view/{page.key}.{view}" for page in PAGES for view in page.views
    }
    assert kinds["note"] == {
        f"note/{page.key}#{section.key}"
        for page in CENTRE
        for section in note_sections(page.key, "en")
    }
    assert list(dict.fromkeys(document.kind for document in documents)) == list(KINDS)
    assert not [document.key for document in documents if "&" in document.title + document.words]


def test_titles_speak_the_language_of_the_window(index):
    chinese = i18n.language() == "zh_CN"
    assert index["rule/energy"].title == ("能量占比" if chinese else "Energy share")
    assert index["note/spectrum#density"].title == ("密度" if chinese else "Density")
    assert index["command/open"].title == ("打开…" if chinese else "Open…")


@pytest.mark.parametrize(
    ("english", "chinese", "key"),
    [
        ("density", "密度", "view/spectrum.density"),
        ("density", "密度", "note/spectrum#density"),
        ("energy share", "能量占比", "rule/energy"),
        ("sigmoid", "阈值", "operator/sigmoid"),
        ("export figure", "导出图", "command/export_figure"),
        ("sampling", "采样", "note/column_row#which-pairs"),
        ("rank rules", "定秩规则", "note/spectrum#rules"),
        ("probability", "概率", "note/topk#the-operators"),
        ("probability", "概率", "note/topk#gradtopk"),
        ("low rank", "低秩", "note/spectrum#spectrum-and-low-rank"),
    ],
)
def test_either_language_finds_the_same_thing(index, english, chinese, key):
    assert key in found(index, english, limit=12)
    assert key in found(index, chinese, limit=12)


@pytest.mark.parametrize("document", own_documents(), ids=lambda document: document.key)
def test_everything_is_found_by_its_titles_in_both_languages(document, every_language):
    for index in every_language.values():
        for own in every_language.values():
            title = own[document.key].title
            first = [hit.key for hit in index.search(title, kinds=document.kind, limit=8)]
            assert document.key in first, title


@pytest.fixture(scope="module")
def every_language():
    made = {}
    for language in i18n.known_languages():
        i18n.set_language(language)
        made[language] = Index(own_documents())
    i18n.set_language("en")
    return made


def test_notes_are_related_to_what_they_explain(index):
    assert "view/spectrum.density" in [hit.key for hit in related(index, "note/spectrum#density")]
    alike = related(index, "rule/energy", kinds=["note", "rule"], limit=3)
    assert len(alike) == 3


def test_formulas_of_operators_and_rules_are_no_keywords(index):
    for document in own_documents():
        if document.kind in ("operator", "rule"):
            words = {one.word for one in keywords(index, document.key, limit=None)}
            assert not words & {"lam", "such", "smallest"}, document.key
