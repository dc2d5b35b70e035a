"""The tables of translations: what has to stand in them, and the one way they are written.

``python -m tests.support.words`` prints what a table lacks, as JSON to fill in, and what nobody
says any longer; ``python -m tests.support.words new.json [zh_CN]`` merges it and drops the latter.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from gui.core.words.i18n import OWN_NAME
from tests.support.said import engine_texts
from tests.support.translated_data import data_texts, record_texts

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "assets" / "translations"
TABLES = sorted(FOLDER.glob("*.json"))
# What argparse asks its gettext for; tests/gui/test_command_line.py hears it say so.
ARGPARSE = {
    "argument %(argument_name)s: %(message)s",
    "expected one argument",
    "invalid %(type)s value: %(value)r",
    "invalid choice: %(value)r (choose from %(choices)s)",
    "the following arguments are required: %s",
    "unrecognized arguments: %s",
}


@cache
def calls() -> tuple[tuple[str, ast.Call, str], ...]:
    """Every call in the window's code, with its name, the call and the place to look."""
    found = []
    for path in sorted((ROOT / "gui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                found.append((name, node, f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"))
    return tuple(found)


def literals() -> Iterator[tuple[str, str]]:
    """Every literal handed to tr(), with the place that has it."""
    for name, node, place in calls():
        if name == "tr" and node.args and isinstance(node.args[0], ast.Constant):
            yield node.args[0].value, place


@cache
def _needed() -> frozenset[str]:
    said = {text for text, _ in (*literals(), *engine_texts())}
    return frozenset(said | {*data_texts(), OWN_NAME})


def spoken_texts() -> frozenset[str]:
    """Return everything that a table may have."""
    return _needed() | record_texts() | ARGPARSE


def lacking(table: dict[str, str]) -> list[str]:
    """Return what a table lacks; formulas and sources need no translation."""
    return sorted(_needed() - set(table))


def written(table: dict[str, str]) -> str:
    """Return a table in the one way it is written."""
    return json.dumps(table, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main(words: list[str]) -> int:
    """Print what is missing, or merge a file."""
    if not words:
        for path in TABLES:
            table = json.loads(path.read_text("utf-8"))
            print(f"{path.name} lacks", written(dict.fromkeys(lacking(table), "")), end="")
            print(f"{path.name} has in vain", *sorted(set(table) - spoken_texts()), sep="\n ")
        return 0
    path = FOLDER / f"{words[1] if len(words) > 1 else 'zh_CN'}.json"
    table = json.loads(path.read_text("utf-8")) if path.exists() else {}
    table |= json.loads(Path(words[0]).read_text("utf-8"))
    kept = spoken_texts()
    path.write_text(written({key: table[key] for key in table if key in kept}), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
