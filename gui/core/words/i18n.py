"""Words in the person's language: English in the code, other languages from JSON tables.

Two tables a language. ``zh_CN.json`` maps what the window itself says: the English sentence to its
translation; placeholders ``{name}`` are filled in by ``str.format``. ``zh_CN.engine.json`` holds
the templates of what the engine says, which is finished before it gets here and is recognised
again by ``gui.core.words.phrasebook``. The window is rebuilt from the store when the language
changes, so no widget has to know how to translate itself again.
"""

from __future__ import annotations

import json
import locale
import os
import re
from collections.abc import Mapping
from typing import Any

from gui.core.words.phrasebook import PLACEHOLDER, Phrasebook
from gui.core.words.resources import asset

LANGUAGES: dict[str, str] = {"en": "English", "zh_CN": "简体中文"}

# "&View", and in Chinese "视图(&V)".
_MNEMONIC = re.compile(r"\(&\w\)|&(?=[^&])")

_language = "en"
_table: Mapping[str, str] = {}
_phrasebook: Phrasebook | None = None


def set_language(language: str) -> None:
    """Choose the language of everything built from now on; an unknown one means English."""
    global _language, _table, _phrasebook
    if language not in LANGUAGES:
        language = "en"
    table: Mapping[str, str] = {}
    phrasebook = None
    if language != "en":
        table = _read(language)
        # A title is said by the window and inside sentences of the engine alike.
        titles = {text: twin for text, twin in table.items() if not PLACEHOLDER.search(text)}
        phrasebook = Phrasebook(titles | _read(f"{language}.engine"))
    _language, _table, _phrasebook = language, table, phrasebook


def _read(name: str) -> dict[str, str]:
    table: dict[str, str] = json.loads(asset(f"translations/{name}.json").read_text("utf-8"))
    return table


def language() -> str:
    """Return the language in use ("en" or "zh_CN")."""
    return _language


def system_language() -> str:
    """Return the language of the person's system, as far as Rankscope speaks it."""
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    spoken = next((name for name in names if name), "") or (locale.getlocale()[0] or "")
    return "zh_CN" if spoken.casefold().startswith(("zh", "chinese")) else "en"


def tr(text: str, /, **values: Any) -> str:
    """Return ``text`` in the language in use, with ``{name}`` placeholders filled in.

    Examples
    --------
    >>> tr("{count} files", count=3)
    '3 files'
    """
    translated = _table.get(text, text)
    return translated.format(**values) if values else translated


def tr_sentence(said: object, /) -> str:
    """Return what the engine said (a text or an error) in the language in use.

    A sentence that no table knows stays as it is, and so does one that is translated already.

    Examples
    --------
    >>> tr_sentence(ValueError("x holds nan at index (3,)."))
    'x holds nan at index (3,).'
    """
    text = str(said)
    return _phrasebook.say(text) if _phrasebook else text


def without_mnemonic(text: str, /) -> str:
    """Return the words of a label as they are read aloud: no "&" and no key in brackets.

    Examples
    --------
    >>> without_mnemonic("&Rank r"), without_mnemonic("秩 r(&R)"), without_mnemonic("Drop && keep")
    ('Rank r', '秩 r', 'Drop & keep')
    """
    return _MNEMONIC.sub("", text).replace("&&", "&")
