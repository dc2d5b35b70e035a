"""CONTRIBUTING is short, and its recipes work: each is carried out in one copy of the tree."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
RECIPES = ROOT / "tests" / "recipes"
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
CODE = ("engine", "gui")
# What a recipe may touch: new files, and lines of files that are there; words, an independent
# truth and samples aside.
PROMISED = {
    "parameter": (0, 3),
    "plot": (1, 2),
    "page": (2, 2),
    "operator": (1, 2),
    "format": (1, 2),
    "rank_rule": (1, 2),
    "command": (0, 8),
    "theme": (0, 5),
}
# What runs over the registries, as far as it is about what the recipes add: folder or file, names.
CHOSEN = {
    "tests/gui/pages/test_every_plot.py": "ratios or norms or (density and mean) or unique",
    "tests/gui/pages/test_every_control.py": "norms",
    "tests/engine/topk": "algebraic and numpy",
    "tests/engine/copied": "algebraic and not jax",
    "tests/engine/files": "grid or registry or belongs",
    "tests/engine/spectrum": "jolliffe",
    "tests/gui/core/figure": "sepia or scheme",
    "tests/gui/test_translations.py": "every_literal or data_texts or left_over or one_way",
}


def edited(text: str, hunk: str) -> str:
    """Apply one hunk of a unified diff; what it takes away has to be there once."""
    lines = hunk.splitlines()[1:]
    before = "\n".join(line[1:] for line in lines if line[:1] in " -") + "\n"
    after = "\n".join(line[1:] for line in lines if line[:1] in " +") + "\n"
    assert text.count(before) == 1, before
    return text.replace(before, after)


def apply(diff: str, folder: Path) -> None:
    for part in re.split(r"^diff --git .*\n", diff, flags=re.M)[1:]:
        path = folder / re.search(r"^\+\+\+ b/(.*)$", part, re.M)[1]
        text = path.read_text(encoding="utf-8")
        for hunk in re.split(r"^(?=@@)", part, flags=re.M)[1:]:
            text = edited(text, hunk)
        path.write_text(text, encoding="utf-8")


def added_files(recipe: Path) -> list[Path]:
    names = ("edits.diff", "words.json")
    found = (path for path in recipe.rglob("*") if path.is_file() and path.name not in names)
    return [path.relative_to(recipe) for path in found if "__pycache__" not in path.parts]


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": str(folder),
    }
    command = [sys.executable, *words]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the tree with every recipe carried out, and a language more."""
    folder = tmp_path_factory.mktemp("copy")
    leave = shutil.ignore_patterns("screenshots", ".*")
    for name in (*CODE, "tests", "assets"):
        shutil.copytree(ROOT / name, folder / name, ignore=leave)
    for name in ("pyproject.toml", "README.md", "CONTRIBUTING.md"):
        shutil.copy(ROOT / name, folder / name)
    words = {}
    for recipe in sorted(path for path in RECIPES.iterdir() if path.is_dir()):
        for path in added_files(recipe):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(recipe / path, folder / path)
        if (recipe / "edits.diff").exists():
            apply((recipe / "edits.diff").read_text(encoding="utf-8"), folder)
        words |= json.loads((recipe / "words.json").read_text(encoding="utf-8"))
    new = folder / "new.json"
    new.write_text(json.dumps(words), encoding="utf-8")
    merged = run(folder, "-m", "tests.support.words", "new.json")
    assert merged.returncode == 0, merged.stderr
    tables = folder / "assets" / "translations"
    table = json.loads((tables / "zh_CN.json").read_text(encoding="utf-8"))
    latin = dict.fromkeys(table, "") | {key: key for key in table} | {"This language": "Latina"}
    text = json.dumps(latin, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (tables / "la.json").write_text(text, encoding="utf-8")
    return folder


def test_it_is_read_in_a_few_minutes():
    assert len(TEXT.splitlines()) <= 160


def test_every_recipe_is_told_and_every_example_is_there():
    told = set(re.findall(r"tests/recipes/(\w+)", TEXT))
    assert told == {path.name for path in RECIPES.iterdir() if path.is_dir()} == set(PROMISED)


def test_paths_that_are_named_exist():
    found = set(re.findall(r"`((?:engine|gui|tests|assets)/[\w/.]+)`", TEXT))
    named = {path for path in found if not re.search("NAME|KEY", path)}
    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", PROMISED)
def test_a_recipe_touches_no_more_than_it_promises(name):
    files = [path for path in added_files(RECIPES / name) if path.parts[0] in CODE]
    diff = (RECIPES / name / "edits.diff").read_text(encoding="utf-8")
    parts = re.split(r"^diff --git a/", diff, flags=re.M)[1:]
    code = [part for part in parts if part.startswith(CODE)]
    lines = [line for part in code for line in part.splitlines()[4:] if line[:1] == "+"]
    assert len(code) == 1
    assert (len(files), len(lines)) <= PROMISED[name]


def test_what_runs_over_the_registries_runs_on_what_is_added(tree):
    wanted = " or ".join(f"({Path(path).name} and ({names}))" for path, names in CHOSEN.items())
    done = run(tree, "-m", "pytest", "-p", "no:cacheprovider", "-vv", "-x", *CHOSEN, "-k", wanted)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    for path in CHOSEN:
        assert re.search(rf"^{re.escape(path)}.* PASSED", done.stdout, re.M), path


def test_command_line_and_python_have_what_is_added(tree):
    listed = run(tree, "-m", "gui", "render", "--list").stdout
    assert "spectrum.ratios\tRatios of neighbours\n" in listed
    assert "norms.rows\tRow norms\n" in listed
    helped = run(tree, "-m", "gui", "render", "--figure", "spectrum.density", "--help").stdout
    assert "--mean" in helped
    code = (
        "from gui.draw import draw; import numpy as np;"
        "f = draw('norms', 'rows', np.diag([3.0, 4.0]), norm='max'); print(*f.series[0].y);"
        "print(draw('topk', 'probabilities', [3.0, 1.0], operators=('algebraic',)).series[0].name)"
    )
    said = run(tree, "-c", code)
    assert said.stdout.splitlines()[:1] == ["3.0 4.0"], said.stderr
    assert (
        "Latina" in run(tree, "-c", "from gui.core.words.i18n import *; print(languages())").stdout
    )


def test_the_window_has_what_is_added(tree, tmp_path):
    words = ("--fresh", "--page", "norms", "--theme", "sepia", "--language", "la")
    picture = tmp_path / "norms.png"
    done = run(tree, "-m", "gui", *words, "--screenshot", str(picture))
    assert done.returncode == 0, done.stderr
    assert picture.stat().st_size > 10_000
