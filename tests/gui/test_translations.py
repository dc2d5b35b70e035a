"""Every sentence a person reads has its Chinese twin, with the same placeholders and mnemonics."""

import ast
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from gui.core.words import i18n
from tests.support.translated_data import data_texts
from tests.support.words import ARGPARSE, TABLES, calls, literals, spoken_texts

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "assets" / "translations" / "zh_CN.json"
PLACEHOLDER = re.compile(r"\{(\w+)(?:![rsa])?(:[^}]*)?\}")
MNEMONIC = re.compile(r"&(\w)")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# A word of prose: formulas are made of symbols, single letters and the names listed here.
WORD = re.compile(r"[A-Za-z]{3,}")
SAME_IN_BOTH = {
    *("Rankscope", "Top-k", "tau", "diag", "max", "dL", "dx", "kexue", "fm", "archives"),
    *("exp", "median", "min"),
}

# Calls whose text a person reads, and the keyword arguments of any call that hold such a text.
SHOWS_TEXT = {
    *("QAction", "QCheckBox", "QDockWidget", "QGroupBox", "QLabel", "QMenu", "QPushButton"),
    *("QRadioButton", "QToolBar", "QToolButton", "QTreeWidgetItem", "addAction", "addItem"),
    *("addItems", "addMenu", "addRow", "addTab", "insertItem", "setAccessibleDescription"),
    *("setAccessibleName", "setHeaderLabels", "setHorizontalHeaderLabels", "setIconText"),
    *("setPlaceholderText", "setPrefix", "setSpecialValueText", "setStatusTip", "setSuffix"),
    *("setTabText", "setTabToolTip", "setText", "setTitle", "setToolTip", "setWhatsThis"),
    *("setWindowTitle", "showMessage", "tell", "notify", "_notify", "ask_text", "confirm"),
    *("open_files", "save_file", "Axis", "CheckItem", "ChoiceControl", "ControlsPanel"),
    *("NumberControl", "ReadoutTable", "Section", "ToggleControl", "checkpoint", "set_tooltip"),
}
TEXT_KEYWORDS = {"label", "title", "tooltip", "note", "text", "placeholder", "placeholderText"}
# What may reach tr() other than a literal: each of these is served by data_texts().
DATA = {
    "word",  # of what separates in a table
    *("claim.statement", "first.meaning", "first.title", "info.title"),
    # Declared texts: the walk over the records of every page has them.
    *(
        "kind.title",
        "one.label",
        "one.tip",
        "one.why",
        "one.undo",
        "one.more",
        "one.short",
        "plot.title",
    ),
    *("page.title", "self.page.title", "step", "title", "view.title", "view.why"),
    *("one.tips.get(key, '')", "WEIGHT_TITLES[kind]", "SCHEMES[key].title", "DESCRIPTORS[key]"),
    *("FORMULAS[formula]", "FORMULAS[self.formula]"),
    "CHANGE_FIGURES[key]",
    *("KINDS[kind]", "ENCODINGS[encoding]"),
    # Commands.
    *("one.title", "one.toolbar", "one.menu", "one.nothing", "what"),
    "option.help",  # of a shorthand
    "tip",  # of the colours of a picture: its parameters have it
    *(
        "known.title",
        "name",
        "op.title",
        "operator.title",
        "rival.title",
        "rule.title",
        "op.formula",
        "rule.formula",
        "spec.title",
    ),
}
# Records whose texts are keys of the table themselves, seen through tr(record.title).
RECORDS = {"ExportFormat"}
SYMBOLS = {"Rankscope"}


def spoken(node):
    """The literal texts an expression can show: not those inside calls, keys or comparisons."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield from (part.value for part in node.values if isinstance(part, ast.Constant))
    elif isinstance(node, ast.BinOp):
        yield from spoken(node.left)
        yield from spoken(node.right)
    elif isinstance(node, ast.List | ast.Tuple):
        for element in node.elts:
            yield from spoken(element)
    elif isinstance(node, ast.IfExp):
        yield from spoken(node.body)
        yield from spoken(node.orelse)


def untranslated():
    """Every literal with a word in it that is shown without tr(), with its place."""
    for name, node, place in calls():
        if name in RECORDS:
            continue
        shown = list(node.args) if name in SHOWS_TEXT else []
        shown += [word.value for word in node.keywords if word.arg in TEXT_KEYWORDS]
        for text in (text for argument in shown for text in spoken(argument)):
            # One word in small letters is a key or a unit; anything else is meant for people.
            worded = WORD.search(text) and (" " in text.strip() or not text.islower())
            if worded and text not in SYMBOLS:
                yield f"{place} {text!r}"


@pytest.fixture(scope="module", params=TABLES, ids=lambda path: path.stem)
def table(request):
    return json.loads(request.param.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def chinese():
    return json.loads(TABLE.read_text(encoding="utf-8"))


@pytest.fixture
def english():
    """Give the language back as it was."""
    before = i18n.language()
    yield
    i18n.set_language(before)


def test_every_literal_is_translated(table):
    missing = sorted({f"{place} {text!r}" for text, place in literals() if text not in table})
    assert missing == []


def test_data_texts_are_translated(table):
    assert sorted(set(data_texts()) - set(table)) == []


def test_texts_kept_as_data_are_collected():
    arguments = (node.args[0] for name, node, _ in calls() if name == "tr" and node.args)
    found = {ast.unparse(one) for one in arguments if not isinstance(one, ast.Constant)}
    assert found - DATA == set()


def test_a_sentence_of_the_window_is_written_where_it_is_said():
    """What is looked for to be translated is the literal inside the call."""
    first = (node.args[0] for name, node, _ in calls() if name == "say" and node.args)
    assert [
        ast.unparse(one) for one in first if not isinstance(one, (ast.Constant, ast.Dict))
    ] == []


def test_no_translation_is_left_over(table):
    assert sorted(set(table) - spoken_texts()) == []


def test_no_words_are_shown_without_translation():
    assert sorted(untranslated()) == []


def test_placeholders_agree(table):
    def values(text):
        # Also how a number is written must agree; a translation may say one of them twice.
        # Whether it is or are is one word in Chinese.
        return {found for found in PLACEHOLDER.findall(text) if found[0] != "verb"}

    wrong = {english for english, chinese in table.items() if values(english) != values(chinese)}
    assert wrong == set()


def test_values_of_argparse_are_known_to_it(table):
    for english in ARGPARSE:
        given = set(re.findall(r"%(?:\(\w+\))?[rs]", english))
        assert set(re.findall(r"%(?:\(\w+\))?[rs]", table[english])) <= given


def test_mnemonics_agree(chinese):
    def letters(text):
        return Counter(letter.upper() for letter in MNEMONIC.findall(text.replace("&&", "")))

    wrong = {english for english, twin in chinese.items() if letters(english) != letters(twin)}
    # "&τ" cannot be typed on a keyboard, so its twin names a Latin letter.
    assert {english for english in wrong if "&τ" not in english} == set()


def test_mnemonics_are_written_as_in_chinese_windows(chinese):
    wrong = [
        twin
        for twin in chinese.values()
        if MNEMONIC.search(twin) and not re.search(r"\(&[A-Z]\)(…|：)?( \{\w+\})?$", twin)
    ]
    assert wrong == []


def test_prose_is_in_chinese(chinese):
    def is_prose(text):
        words = WORD.findall(PLACEHOLDER.sub("", text))
        return bool(set(words) - SAME_IN_BOTH) and " " in text

    copied = {english for english, twin in chinese.items() if english == twin}
    named = {english for english in chinese if english.startswith("LoRA ")}  # a tool's own words
    assert {text for text in copied - named if is_prose(text)} == set()


def test_ends_of_sentences_agree(chinese):
    wrong = [
        twin
        for english, twin in chinese.items()
        if CHINESE.search(twin) and english.endswith(".") != twin.endswith("。")
    ]
    assert wrong == []


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_the_table_is_written_one_way(path):
    text = path.read_text(encoding="utf-8")
    again = json.dumps(json.loads(text), ensure_ascii=False, indent=1, sort_keys=True)
    assert text == again + "\n"


@pytest.mark.usefixtures("english")
def test_translated_sentences_are_filled_in():
    i18n.set_language("zh_CN")
    assert i18n.tr("Undo") == "撤销"
    assert i18n.tr("Rank {rank}", rank=3) == "秩 3"
    assert i18n.tr("a file of yours.csv") == "a file of yours.csv"


@pytest.mark.usefixtures("english")
def test_unknown_language_is_english():
    i18n.set_language("tlh")
    assert i18n.language() == "en"
    assert i18n.tr("Undo") == "Undo"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ("zh_CN.UTF-8", "zh_CN"),
        ("zh_TW.UTF-8", "zh_CN"),
        ("Chinese (Simplified)_China.936", "zh_CN"),
        ("en_GB.UTF-8", "en"),
        ("de_DE.UTF-8", "en"),
        ("C.UTF-8", "en"),
    ],
)
def test_system_language_follows_the_locale(monkeypatch, environment, expected):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", environment)
    assert i18n.system_language() == expected
