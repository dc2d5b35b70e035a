"""F1: every page has its theory in every language, opened at the section of what is in front."""

import gzip
import json
import re
import typing

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence

from engine.spectrum import DESCRIPTORS, RANK_RULES
from engine.topk import OPERATORS, check_laws
from gui.core.words.i18n import set_language, tr
from gui.core.words.markdown import formulas
from gui.core.words.notes import note_sections, read_note
from gui.core.words.prepared import NAME, typeset_notes
from gui.core.words.resources import asset
from gui.pages import PAGES
from gui.pages.checkpoint.compute.figures import DESCRIPTORS as FIGURES
from gui.window.finding.offers import _WAYS
from gui.window.notes.dialog import READING, NotesDialog

CENTRE = [page for page in PAGES if page.place == "centre"]


def views(page):
    """The lower views a page's state can name."""
    state = page.state()
    return set(typing.get_args(typing.get_type_hints(type(state)).get("view")))


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("page", CENTRE, ids=lambda page: page.key)
def test_every_view_has_its_section(page, language):
    text, headings = read_note(page.key, language)
    assert set(headings) == views(page)
    assert text.startswith("# ")
    assert "<!--" not in text


def test_a_language_without_notes_has_the_english_ones():
    assert read_note("topk", "tlh") == read_note("topk", "en")
    with pytest.raises(FileNotFoundError):
        read_note("nowhere", "en")


@pytest.mark.parametrize("page", CENTRE, ids=lambda page: page.key)
def test_lines_of_chinese_are_joined_without_a_blank(page):
    text, _ = read_note(page.key, "zh_CN")
    assert re.findall(r"[\u4e00-\u9fff，。；]\n[\u4e00-\u9fff]", text) == []


@pytest.mark.parametrize("page", CENTRE, ids=lambda page: page.key)
def test_both_languages_tell_the_same(page):
    english, chinese = (read_note(page.key, language)[0] for language in ("en", "zh_CN"))

    def shape(text):
        return [line.split(" ")[0] for line in text.splitlines() if re.match(r"#|\||- ", line)]

    assert shape(chinese) == shape(english)
    references = r"\d{4}\.\d{5}|archives/\d+|10366"
    assert set(re.findall(references, chinese)) == set(re.findall(references, english))


@pytest.mark.parametrize("page", CENTRE, ids=lambda page: page.key)
def test_a_note_has_the_same_sections_in_every_language(page):
    english, chinese = (note_sections(page.key, language) for language in ("en", "zh_CN"))
    assert [section.key for section in chinese] == [section.key for section in english]
    assert len({section.key for section in english}) == len(english)
    assert views(page) <= {section.key for section in english}
    assert note_sections(page.key, "tlh") == english
    for language, sections in (("en", english), ("zh_CN", chinese)):
        text, headings = read_note(page.key, language)
        said = {section.key: section.heading for section in sections}
        assert {view: said[view] for view in headings} == headings
        # Nothing of the note is lost, and nothing but the headings is left out.
        parts = [part for section in sections for part in (section.heading, section.text)]
        plain = "".join(re.sub(r"^#+ ", "", text, flags=re.MULTILINE).split())
        assert "".join("".join(parts).split()) == plain


NOTES = sorted(asset("notes").glob("*.md"))


def test_the_prepared_formulas_are_those_of_the_notes():
    """`make notes` writes them."""
    saved = json.loads(gzip.decompress(asset(NAME).read_bytes()))
    assert saved == {key: list(row) for key, row in typeset_notes(asset("notes")).items()}


@pytest.mark.parametrize("path", NOTES, ids=lambda path: path.stem)
def test_every_formula_is_drawn_without_a_missing_glyph(path):
    """What the font lacks is written in a font of the screen: Chinese words, and nothing else."""
    saved = json.loads(gzip.decompress(asset(NAME).read_bytes()))
    found = formulas(path.read_text(encoding="utf-8"))
    assert len(found) > 10
    for formula in found:
        svg, width, height, depth = saved[
            ("display " if formula.display else "inline ") + formula.tex
        ]
        assert width > 0
        assert height > depth >= -height
        foreign = re.findall("<text[^>]*>(.)</text>", svg)
        assert all("\u3000" <= char <= "\uffef" for char in foreign), formula
        assert len(re.findall(r"[\u3000-\uffef]", formula.tex)) == len(foreign), formula


def links(path):
    return re.findall(r"\]\(rankscope:(\w+)/([^)]+)\)", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", NOTES, ids=lambda path: path.stem)
def test_every_link_of_a_note_leads_somewhere(path):
    pages = {page.key: page for page in PAGES}
    assert len(links(path)) > 5
    for kind, name in links(path):
        page, _, rest = name.partition("#" if kind == "note" else ".")
        assert kind in _WAYS
        if kind == "note":
            assert rest in {section.key for section in note_sections(page, "en")}, name
        elif kind == "control":
            one = pages[page].parameters[rest]
            assert one.label, name
        elif kind in ("page", "view"):
            assert not rest or rest in pages[page].views, name
        else:
            assert name in ({op.key for op in OPERATORS} if kind == "operator" else RANK_RULES)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_operator_rule_and_page_is_explained(language):
    said = [link for path in NOTES if f".{language}." in path.name for link in links(path)]
    assert {("operator", op.key) for op in OPERATORS} <= set(said)
    assert {("rule", key) for key in RANK_RULES} <= set(said)
    for page in CENTRE:
        (section,) = (one for one in note_sections(page.key, language) if one.key == READING)
        controls = {name for kind, name in links(asset(f"notes/{page.key}.{language}.md"))
                    if kind == "control"}  # fmt: skip
        assert len(controls) >= 6
        assert section.text.count("rankscope:control/") >= 6


def plain(label):
    """Return the words of a label without its key and without what stands in brackets."""
    label = re.sub(r"\(&.\)|&", "", label)
    return re.sub(r" ?[(（].*[)）]", "", label).strip().casefold().replace("tau", "τ")


@pytest.fixture(params=["en", "zh_CN"])
def language(request):
    set_language(request.param)
    yield request.param
    set_language("en")


@pytest.mark.parametrize("page", CENTRE, ids=lambda page: page.key)
def test_how_to_read_this_calls_a_control_as_the_page_does(page, language):
    (section,) = (one for one in note_sections(page.key, language) if one.key == READING)
    said = re.findall(r"\[([^\]]+)\]\(rankscope:control/\w+\.(\w+)\)", section.text)
    labels = {name: tr(page.parameters[name].label) for _, name in said}
    assert {name: plain(words) for words, name in said} == {
        name: plain(label) for name, label in labels.items()
    }


@pytest.mark.parametrize("key", [page.key for page in CENTRE])
def test_every_page_names_its_sources(key, language):
    sections = note_sections(key, language)
    sources = sections[-1]
    assert sources.key == "sources"
    above = "\n".join(one.text for one in sections[:-1])
    for number in set(re.findall(r"\b\d{4}\.\d{5}\b", above)):
        assert number in sources.text
    # "Roy & Vetterli 2007", "Sander 2023", "Chen, Dempster & Liu\n1994", "Martin et al. (2021)"
    name = r"[A-Z][\w-]+(?: [A-Z][\w-]+)?"
    cited = rf"({name})(?:(?:, | & |, & ){name})*(?: et al\.|等)? ?\n?\(?(?:19|20)\d\d"
    for one in set(re.findall(cited, re.sub(r"\n", " ", above))):
        assert one in sources.text, one


def test_every_descriptor_law_and_figure_is_explained(language):
    said = {
        page.key: " ".join(read_note(page.key, language)[0].casefold().split()) for page in CENTRE
    }
    for descriptor in DESCRIPTORS:
        assert f"| {tr(descriptor.title).casefold()} |" in said["spectrum"]
    laws = note_sections("topk", language)
    (laws,) = (one.text for one in laws if one.key == "laws")
    found = check_laws(OPERATORS[1], [1.0, 2.0, 4.0], 2)
    assert laws.count("\n|") == 2 + len(found)  # a line each below the head
    figures = said["checkpoint"]
    for key, title in FIGURES.items():
        if not key.startswith(("rank_", "seconds", "parameters")):
            word = plain(tr(title)).rstrip("ασ₁̂ ")
            assert word in figures, word


@pytest.fixture
def application(application, idle):
    idle()
    return application


def press_f1(application):
    window = application.window
    (action,) = (one for one in window.actions() if one.shortcut() == QKeySequence("F1"))
    action.trigger()
    (dialog,) = window.findChildren(NotesDialog)
    return dialog


def heading_at_the_top(dialog):
    return dialog.browser.headings()[dialog.browser.heading_on_top()][1]


def test_f1_opens_the_note_at_the_view_in_front(application, qtbot):
    application.store.replace("topk", label="view", view="jacobian")
    dialog = press_f1(application)
    assert dialog.isVisible()
    assert dialog.windowTitle() == "Notes: Top-k"
    assert heading_at_the_top(dialog) == "Jacobian"
    application.store.replace("topk", label="view", view="heat")
    assert heading_at_the_top(press_f1(application)) == "Heat map"
    with qtbot.waitSignal(dialog.destroyed):
        dialog.close()


def test_f1_follows_the_page_and_the_language(application, qtbot):
    application.set_language("zh_CN")
    application.window.show_page("spectrum")
    dialog = press_f1(application)
    assert dialog.windowTitle() == "理论说明：奇异值谱"
    assert heading_at_the_top(dialog) == "重构"
    with qtbot.waitSignal(dialog.destroyed):
        dialog.close()


def test_a_link_leads_to_a_control_and_f1_in_it_comes_back(application, qtbot):
    application.window.show_page("spectrum")
    dialog = press_f1(application)
    dialog.follow("rankscope:control/topk.tau")
    window = application.window
    assert window.page_key == "topk"
    control = window.pages["topk"].controls.control("tau")
    assert control is window.focusWidget() or control.isAncestorOf(window.focusWidget())
    assert press_f1(application) is dialog
    assert heading_at_the_top(dialog) == "How to read this"
    assert dialog.windowTitle() == "Notes: Top-k"
    dialog.go_back()
    assert dialog.windowTitle() == "Notes: Spectrum"
    with qtbot.waitSignal(dialog.destroyed):
        dialog.close()


def test_links_tick_operators_show_tables_and_other_notes(application, qtbot):
    application.store.replace("topk", label="operators", operators=("hard",))
    dialog = press_f1(application)
    dialog.follow("rankscope:operator/cauchy")
    assert application.store["topk"].operators == ("hard", "cauchy")
    dialog.follow("rankscope:rule/energy")
    assert application.window.page_key == "spectrum"
    assert application.store["spectrum"].view == "rules"
    dialog.follow("rankscope:note/spectrum#density")
    assert heading_at_the_top(dialog) == "Density"
    with qtbot.waitSignal(dialog.destroyed):
        dialog.close()


def test_the_web_is_asked_for_once(application, qtbot, dialogs, monkeypatch):
    opened = []
    monkeypatch.setattr("gui.window.notes.dialog.QDesktopServices.openUrl", opened.append)
    dialog = press_f1(application)
    dialogs.confirms = [False, True]
    for _ in range(4):
        dialog.follow("https://kexue.fm/archives/10373")
    assert len(dialogs.asked) == 2
    assert len(opened) == 3
    with qtbot.waitSignal(dialog.destroyed):
        dialog.close()


def test_words_are_found_in_the_note_and_contents_lead_through_it(application, qtbot):
    dialog = press_f1(application)
    qtbot.keyClicks(dialog.line, "recursion")
    first = dialog.browser.textCursor().selectionStart()
    assert dialog.browser.textCursor().selectedText() == "recursion"
    qtbot.keyClick(dialog.line, Qt.Key.Key_Return)
    assert dialog.browser.textCursor().selectionStart() > first
    assert dialog.isVisible()
    qtbot.keyClicks(dialog.line, "qqq")
    assert dialog.found.text() == "not in this note"
    item = dialog.contents.findItems("Laws", Qt.MatchFlag.MatchRecursive)[0]
    dialog.contents.itemActivated.emit(item, 0)
    assert heading_at_the_top(dialog) == "Laws"
    with qtbot.waitSignal(dialog.destroyed):
        dialog.close()


def test_the_open_note_follows_the_language_at_once(application, qtbot):
    application.store.replace("topk", label="view", view="jacobian")
    press_f1(application)
    application.set_language("zh_CN")
    dialog = application.window.findChild(NotesDialog)
    assert dialog.windowTitle() == "理论说明：软 Top-k"
    assert heading_at_the_top(dialog) == "雅可比"
    with qtbot.waitSignal(dialog.destroyed):
        dialog.close()
