"""Words in the person's language: English in the code, other languages from a JSON table.

A table maps the English sentence to its translation; placeholders ``{name}`` are filled in by
``str.format``. The window is rebuilt from the store when the language changes, so no widget has
to know how to translate itself again.
"""

from __future__ import annotations

import json
import locale
import os
from collections.abc import Mapping
from typing import Any

from gui.core.resources import asset

LANGUAGES: dict[str, str] = {"en": "English", "zh_CN": "简体中文"}

_language = "en"
_table: Mapping[str, str] = {}


def set_language(language: str) -> None:
    """Choose the language of everything built from now on; an unknown one means English."""
    global _language, _table
    if language not in LANGUAGES:
        language = "en"
    table: Mapping[str, str] = {}
    if language != "en":
        text = asset(f"translations/{language}.json").read_text(encoding="utf-8")
        table = json.loads(text)
    _language, _table = language, table


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
