"""Sessions and pictures of the program as it was, laid out so that a test can open them again.

``tests/data/before_house/README.md`` says what lies there. Paths are written as
``{folder}/NAME`` and filled in here; files get one fixed time, which is part of what a session
knows of them.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).resolve().parents[2] / "data" / "before_house"
MARK = "{folder}/"
MODIFIED = 1_700_000_000  # seconds; when every data file was changed last


def lay_out(folder: Path) -> None:
    """Copy the data files to ``folder``."""
    for file in sorted((RECORDED / "files").iterdir()):
        shutil.copy(file, folder / file.name)
        os.utime(folder / file.name, (MODIFIED, MODIFIED))


def filled(value: Any, folder: Path) -> Any:
    """Return ``value`` with the paths of ``folder`` in place of marks."""
    return _mapped(
        value,
        lambda text: str(folder / text.removeprefix(MARK)) if text.startswith(MARK) else text,
    )


def marked(value: Any, folder: Path) -> Any:
    """Return ``value`` with marks in place of the paths of ``folder``."""

    def mark(text: str) -> str:
        inside = text.startswith(str(folder) + os.sep)
        return MARK + os.path.relpath(text, folder).replace(os.sep, "/") if inside else text

    return _mapped(value, mark)


def _mapped(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _mapped(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, change) for item in value]
    return value


def plain(value: Any) -> Any:
    """Return a frozen record as JSON would hold it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    return value


def read_json(path: Path) -> Any:
    """Return what a JSON file holds."""
    return json.loads(path.read_text(encoding="utf-8"))
