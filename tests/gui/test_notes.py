"""F1: every page has its theory in every language, opened at the section of what is in front."""

import re
import typing

import pytest
from PySide6.QtGui import QKeySequence

from gui.app import Application
from gui.core.screen.notes import NotesDialog
from gui.core.words import i18n
from gui.core.words.notes import note_sections, read_note
from gui.pages import PAGES
from gui.window.settings import Settings
from tests.support.at_rest import wait_at_rest

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


@pytest.fixture
def application(qapp, qtbot, tmp_path, dialogs):
    settings = Settings(str(tmp_path / "config" / "rankscope.ini"))
    application = Application(qapp, settings=settings, dialogs=dialogs, autosave=False)
    application.show()
    qtbot.waitExposed(application.window)
    qtbot.waitUntil(lambda: not application.context.runner.is_busy(), timeout=60000)
    yield application
    wait_at_rest(qtbot, application)
    application.window.close()
    i18n.set_language("en")


def press_f1(application):
    window = application.window
    (action,) = (one for one in window.actions() if one.shortcut() == QKeySequence("F1"))
    action.trigger()
    (dialog,) = window.findChildren(NotesDialog)
    return dialog


def heading_at_the_top(dialog):
    block = dialog.browser.cursorForPosition(dialog.browser.viewport().rect().topLeft()).block()
    while block.isValid() and not block.text():
        block = block.next()
    return block.text()


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
