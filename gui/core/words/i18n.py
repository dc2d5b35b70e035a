"""Words in the person's language: English in the code, other languages from JSON tables.

A table a language (``zh_CN.json``) maps English to its translation; placeholders ``{name}`` are
filled in by ``str.format``. What the engine says comes with its template and its values, and is
said again from the same table. The window is rebuilt from the store when the language changes, so
no widget has to know how to translate itself again.
"""

from __future__ import annotations

import json
import locale
import os
import re
from collections.abc import Mapping
from functools import cache
from string import Formatter
from typing import Any

from gui.core.words.readable import in_short, readable_lines
from gui.core.words.resources import asset

# Under this key a table says what its language calls itself.
OWN_NAME = "This language"

# "&View", and in Chinese "视图(&V)".
_MNEMONIC = re.compile(r"\(&\w\)|&(?=[^&])")

_LONGEST = 4000  # characters of a sentence that is filled in or comes from the engine
_FULL_WIDTH = "。；：，！？）"

_language = "en"
_table: Mapping[str, str] = {}


def set_language(language: str) -> None:
    """Choose the language of everything built from now on; an unknown one means English."""
    global _language, _table
    if language not in known_languages():
        language = "en"
    _language, _table = language, _read(language) if language != "en" else {}


@cache
def known_languages() -> tuple[str, ...]:
    """Return the keys of the languages there are: English, and every table."""
    return ("en", *sorted(path.stem for path in asset("translations").glob("*.json")))


@cache
def languages() -> dict[str, str]:
    """Return what the languages call themselves, by key."""
    return {key: _read(key)[OWN_NAME] if key != "en" else "English" for key in known_languages()}


@cache
def _read(language: str) -> dict[str, str]:
    table: dict[str, str] = json.loads(asset(f"translations/{language}.json").read_text("utf-8"))
    return table


def language() -> str:
    """Return the key of the language in use, such as "en"."""
    return _language


def system_language() -> str:
    """Return the language of the person's system, as far as Rankscope speaks it.

    Another country's variant of a language is better than English.
    """
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    spoken = next((name for name in names if name), "") or (locale.getlocale()[0] or "")
    # Windows says "Chinese (Simplified)_China.936" where others say zh_CN.UTF-8.
    spoken = spoken.casefold().replace("chinese", "zh").partition(".")[0]
    tables = {key.casefold(): key for key in known_languages()}
    alike = (key for name, key in tables.items() if name[:2] == spoken[:2])
    return tables.get(spoken) or next(alike, "en")


def tr(text: str, /, **values: Any) -> str:
    """Return ``text`` in the language in use, with ``{name}`` placeholders filled in.

    What is filled in may come from a file: it is made readable, and a sentence that it makes longer
    than a page is cut in its middle.

    Examples
    --------
    >>> tr("{count} files", count=3)
    '3 files'
    >>> tr("{name} is open", name="a\\x1b[2J.npy")
    'a�[2J.npy is open'
    """
    translated = _table.get(text, text)
    if not values:
        return translated
    return readable_lines(in_short(translated.format(**values), _LONGEST))


def in_every_language(text: str, /) -> tuple[str, ...]:
    """Return ``text`` in the language in use, then in each other one whose table has it.

    Examples
    --------
    >>> in_every_language("Rank rules")
    ('Rank rules', '定秩规则')
    """
    tables = {key: _read(key) if key != "en" else {text: text} for key in known_languages()}
    others = [table[text] for key, table in tables.items() if key != _language and text in table]
    return _table.get(text, text), *others


def tr_sentence(said: object, /) -> str:
    """Return what the engine said (a sentence, a plain text or an error) in the language in use.

    A sentence brings its ``template`` and ``values``, or its ``parts`` where several stand in a
    row; an error brings a ``sentence``. A text without them is its own template. What no table
    knows stays as it is, and so does what is translated already. Names in it are made readable, and
    of a sentence with a name of thousands of letters both ends are said.

    Examples
    --------
    >>> tr_sentence(ValueError("x holds nan at index (3,)."))
    'x holds nan at index (3,).'
    """
    said = getattr(said, "sentence", said)
    return readable_lines(in_short(_again(said) if _table else str(said), _LONGEST))


def _again(said: object) -> str:
    if parts := getattr(said, "parts", ()):
        return in_a_row(*map(_again, parts))
    text = str(said)
    twin = _table.get(getattr(said, "template", text))
    if twin is None:
        return text
    values = getattr(said, "values", None)
    return _filled(twin, values) if values else twin


def _filled(twin: str, values: Mapping[str, object]) -> str:
    """Return a translation with its values; those that are sentences themselves are said first."""
    formatter, text = Formatter(), ""
    for literal, name, spec, conversion in formatter.parse(twin):
        closed = text.endswith(tuple(_FULL_WIDTH))
        text += literal[1:] if closed and literal.startswith(" ") else literal
        if name is not None:
            value = values[name]
            if hasattr(value, "template"):
                text += _again(value)
            else:
                text += format(formatter.convert_field(value, conversion), spec or "")
    return text


def in_a_row(*sentences: str) -> str:
    """Return sentences in a row: after full-width punctuation no space follows.

    Examples
    --------
    >>> in_a_row("8 steps.", "", "Two wait."), in_a_row("共 8 步。", "没有选择。")
    ('8 steps. Two wait.', '共 8 步。没有选择。')
    """
    text = ""
    for sentence in filter(None, sentences):
        text += sentence if not text or text[-1] in _FULL_WIDTH else f" {sentence}"
    return text


def without_mnemonic(text: str, /) -> str:
    """Return the words of a label as they are read aloud: no "&" and no key in brackets.

    Examples
    --------
    >>> without_mnemonic("&Rank r"), without_mnemonic("秩 r(&R)"), without_mnemonic("Drop && keep")
    ('Rank r', '秩 r', 'Drop & keep')
    """
    return _MNEMONIC.sub("", text).replace("&&", "&")
