"""Every sentence a person reads has its Chinese twin, with the same placeholders."""

import ast
import json
import re
from pathlib import Path

import pytest

from gui.core import i18n

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "assets" / "translations" / "zh_CN.json"
PLACEHOLDER = re.compile(r"\{(\w+)[^}]*\}")


def literals():
    """Every literal handed to tr(), with the file that has it."""
    for path in sorted((ROOT / "gui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "tr" and node.args:
                argument = node.args[0]
                if isinstance(argument, ast.Constant):
                    yield argument.value, path


@pytest.fixture(scope="module")
def table():
    return json.loads(TABLE.read_text(encoding="utf-8"))


def test_every_literal_is_translated(table):
    missing = sorted({text for text, _ in literals() if text not in table})
    assert missing == []


def test_no_translation_is_left_over(table):
    from tests.support.translated_data import data_texts

    known = {text for text, _ in literals()} | set(data_texts())
    assert sorted(set(table) - known) == []


def test_data_texts_are_translated(table):
    from tests.support.translated_data import data_texts

    assert sorted(set(data_texts()) - set(table)) == []


def test_placeholders_agree(table):
    wrong = {
        english
        for english, chinese in table.items()
        if set(PLACEHOLDER.findall(english)) != set(PLACEHOLDER.findall(chinese))
    }
    assert wrong == set()


def test_unknown_language_is_english():
    i18n.set_language("tlh")
    assert i18n.language() == "en"
    assert i18n.tr("Undo") == "Undo"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [("zh_CN.UTF-8", "zh_CN"), ("en_GB.UTF-8", "en"), ("de_DE.UTF-8", "en")],
)
def test_system_language_follows_the_locale(monkeypatch, environment, expected):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", environment)
    assert i18n.system_language() == expected
