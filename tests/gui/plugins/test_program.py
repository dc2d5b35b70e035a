"""The commands about plug-ins, the window's list of them, and the template of CONTRIBUTING."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem, QWidget

from engine.plugins import is_off
from gui.pages.topk.compute.catalogue import OperatorInfo
from gui.pages.topk.show.frame import by_differences
from gui.window.about import AboutDialog
from tests.gui.plugins.conftest import OPERATORS, ROOT

TEMPLATE = ROOT / "tests" / "plugin"
POINTS = {"operators:mine": "plug_ops:GOOD", "operators:quits": "plug_quits:X"}


@pytest.fixture
def two(distribute):
    distribute("soft-dist", POINTS, plug_ops=OPERATORS, plug_quits="raise SystemExit('bye')")


def test_they_are_listed_switched_and_tested_by_command(two, program, tmp_path):
    listed = program("plugins")
    assert listed.returncode == 0, listed.stderr
    rows = [line.split(maxsplit=4) for line in listed.stdout.splitlines()]
    assert rows == [
        ["rankscope.operators", "mine", "soft-dist", "1.5", "ok"],
        ["rankscope.operators", "quits", "soft-dist", "1.5", "SystemExit: bye"],
    ]
    tested = program("test-plugin", "Soft_Dist")
    assert tested.returncode == 1
    assert "rankscope.operators  mine  batches are rows one by one  ok" in tested.stdout
    assert "quits  loads: SystemExit: bye" in tested.stdout
    assert tested.stdout.endswith("13 checks, 1 failed.\n")
    off = program("plugins", "--off", "soft-dist")
    assert [line.split()[-1] for line in off.stdout.splitlines()] == ["off", "off"]
    nobody = program("plugins", "--off", "nobody")
    assert nobody.returncode == 1
    assert nobody.stderr == (
        "rankscope plugins: nobody has no plug-in; there are those of soft-dist.\n"
    )


def test_a_plot_draws_with_them_and_says_what_is_by_differences(two, program, tmp_path):
    table, picture = tmp_path / "a.csv", tmp_path / "a.svg"
    table.write_text("3,1,2,0.5\n")
    words = ("--figure", "topk.gradient", "--operators", "mine,exp", "--k", "2")
    drawn = program("render", str(table), *words, "--out", str(picture))
    assert drawn.returncode == 0, drawn.stderr
    assert "By differences of outputs: My softmax." in picture.read_text("utf-8")


def test_only_those_by_differences_are_said_to_be():
    def info(key, rough):
        return OperatorInfo(key, key, key, "", "", "c0", "solid", False, True, rough)

    infos = {"a": info("a", True), "b": info("b", False)}
    assert by_differences(("b", "a"), infos) == "By differences of outputs: a."
    assert by_differences(("b",), infos) == ""


def test_about_lists_them_and_a_click_switches_a_distribution(two, qtbot, context):
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = AboutDialog(context, parent)
    dialog.show()
    rows = dialog.plugins

    def texts(column):
        return [rows.topLevelItem(row).text(column) for row in range(rows.topLevelItemCount())]

    assert texts(0) == ["soft-dist", "soft-dist"]  # at once, not loaded
    qtbot.waitUntil(lambda: not context.runner.is_busy())
    assert texts(1) == ["1.5", "1.5"]
    assert texts(2) == ["operators: mine", "operators: quits"]
    style = rows.style()
    option = QStyleOptionViewItem()
    rows.initViewItemOption(option)
    option.rect = rows.visualItemRect(rows.topLevelItem(0))
    option.features |= QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
    mark = style.subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, rows)
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=mark.center())
    assert is_off("soft-dist")
    assert [rows.topLevelItem(row).checkState(0) for row in (0, 1)] == [Qt.CheckState.Unchecked] * 2
    dialog.close()


@pytest.mark.long
def test_the_template_is_built_installed_and_tested(tmp_path, monkeypatch, program):
    source, folder = tmp_path / "source", tmp_path / "installed"
    shutil.copytree(TEMPLATE, source, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    words = ("--no-build-isolation", "--disable-pip-version-check", "--target", str(folder))
    subprocess.run([*pip, *words, str(source)], check=True)
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}:{folder}")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    done = program("test-plugin", "rankscope-example")
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith("17 checks, 0 failed.\n")
    assert "Softmax" not in program("plugins").stdout
    assert program("plugins").stdout.count("rankscope-example  1.0  ok") == 2


def test_the_template_is_told_of():
    told = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert "`tests/plugin`" in told
    for group in ("formats", "operators", "rank_rules", "pages"):
        assert f"`rankscope.{group}`" in told
    assert (Path(TEMPLATE) / "pyproject.toml").exists()
