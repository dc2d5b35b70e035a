"""Distributions with plug-ins, made in a folder, and a program that finds them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.plugins import forget

ROOT = Path(__file__).resolve().parents[3]
OPERATORS = """
import numpy as np
from rankscope import Operator

def softmax(scores, k, tau):
    e = np.exp((scores - scores.max(axis=-1, keepdims=True)) / tau)
    return k * e / e.sum(axis=-1, keepdims=True)

def quits(scores, k, tau):
    raise SystemExit("no more")

GOOD = Operator(key="mine", title="My softmax", weights=softmax)
QUITS = Operator(key="quits", title="Quits", weights=quits)
SHAPE = Operator(key="shape", title="Wrong shape", weights=lambda scores, k, tau: scores[..., :1])
TAKEN = Operator(key="exp", title="Taken", weights=softmax)
"""


@pytest.fixture
def distribute(tmp_path, monkeypatch):
    """Make a distribution: ``distribute(name, entry_points, module=source)``."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "config"))
    monkeypatch.syspath_prepend(str(tmp_path))
    # In front of all: a program that is started finds them, too.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(ROOT), str(tmp_path))))

    def make(name: str, points: dict[str, str], **modules: str) -> None:
        folder = tmp_path / f"{name.replace('-', '_')}-1.5.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.5\n")
        groups = {}
        for place, value in points.items():
            group, _, point = place.partition(":")
            groups.setdefault(group, []).append(f"{point} = {value}")
        text = (f"[rankscope.{group}]\n" + "\n".join(lines) for group, lines in groups.items())
        (folder / "entry_points.txt").write_text("\n".join(text))
        for module, source in modules.items():
            (tmp_path / f"{module}.py").write_text(source)
        forget()

    yield make
    forget()
    for module in [m for m in sys.modules if m.startswith("plug_")]:
        del sys.modules[module]


@pytest.fixture
def program():
    """Run ``rankscope`` with words; what it says and its status."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "gui", *words, "--language", "en"]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)

    return run
