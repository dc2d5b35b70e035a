"""The house stays one in which things are found: few files in a folder, few lines in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TREES = [ROOT / name for name in ("gui", "engine", "tests")]
FILES = [file for tree in TREES for file in tree.rglob("*.py")]
FOLDERS = sorted({file.parent for file in FILES})


def test_no_file_has_more_than_400_lines():
    lengths = {file: len(file.read_text("utf-8").splitlines()) for file in FILES}
    long = {str(file.relative_to(ROOT)): n for file, n in lengths.items() if n > 400}
    assert long == {}


def test_no_folder_has_more_than_16_files():
    counts = {str(folder.relative_to(ROOT)): len(list(folder.glob("*.py"))) for folder in FOLDERS}
    assert {folder: count for folder, count in counts.items() if count > 16} == {}


@pytest.mark.parametrize("name", ["gui", "engine"])
def test_every_folder_of_the_product_says_what_it_is(name):
    missing = [
        str(folder.relative_to(ROOT))
        for folder in FOLDERS
        if folder.is_relative_to(ROOT / name)
        and not (folder / "__init__.py").read_text("utf-8").startswith('"""')
    ]
    assert missing == []


def test_contributing_is_read_in_one_go():
    assert len((ROOT / "CONTRIBUTING.md").read_text("utf-8").splitlines()) <= 160


def test_nothing_grows_at_the_root():
    python = {file.name for file in ROOT.glob("*.py")}
    assert python == {"rankscope.py"}
