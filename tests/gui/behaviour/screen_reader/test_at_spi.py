"""What a screen reader meets, in the real tree: AT-SPI over D-Bus, on a screen of Xvfb.

QAccessible alone shows neither what Qt's bridge makes of a role nor what it announces.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from gui.pages import PAGES
from tests.gui.behaviour.screen_reader import walk

ROOT = Path(__file__).resolve().parents[4]
SYSTEM_PYTHON = "/usr/bin/python3"
LAUNCHER = "/usr/libexec/at-spi-bus-launcher"
PROGRAM = """
Xvfb -displayfd 3 -screen 0 1440x900x24 3>"$FOLDER/display" >"$FOLDER/xvfb.log" 2>&1 &
until [ -s "$FOLDER/display" ]; do :; done
export DISPLAY=:$(cat "$FOLDER/display")
"$LAUNCHER" --launch-immediately >"$FOLDER/bus.log" 2>&1 &
cd "$ROOT"
"$PYTHON" -m gui --fresh --page topk --size 1440x900 >"$FOLDER/program.log" 2>&1 &
"$SYSTEM_PYTHON" "$WALK" "$@"
"""
NOTHING = ("filler", "unknown", "invalid")


def lacking():
    """Say what this machine lacks, "" where nothing."""
    for name in ("Xvfb", "dbus-run-session", SYSTEM_PYTHON, LAUNCHER):
        if shutil.which(name) is None:
            return f"no {name}"
    asked = "import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi"
    found = subprocess.run([SYSTEM_PYTHON, "-c", asked], capture_output=True, check=False)
    return "" if found.returncode == 0 else "no gir1.2-atspi-2.0 for the system's Python"


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    if why := lacking():
        pytest.skip(f"AT-SPI cannot be tried here: {why}")
    folder = tmp_path_factory.mktemp("heard")
    script = folder / "run.sh"
    script.write_text(PROGRAM)
    own = {name: str(folder / name) for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    environment = {
        **os.environ,
        **own,
        "FOLDER": str(folder),
        "ROOT": str(ROOT),
        "PYTHON": sys.executable,
        "SYSTEM_PYTHON": SYSTEM_PYTHON,
        "WALK": str(Path(walk.__file__)),
        "LAUNCHER": LAUNCHER,
        "QT_QPA_PLATFORM": "xcb",
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
    }
    titles = [page.title for page in PAGES if page.plots]
    command = ["dbus-run-session", "--", "bash", str(script), *titles]
    run = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    try:
        out, errors = run.communicate(timeout=900)
    finally:
        os.killpg(run.pid, signal.SIGKILL)
    assert run.returncode == 0, errors[-2000:] + (folder / "program.log").read_text()[-2000:]
    return json.loads(out)


@pytest.fixture(scope="module")
def shown(heard):
    """(where, node) of everything that is shown on any view."""
    return [(where, one) for where, nodes in heard["views"].items() for one in nodes]


def called(one):
    return one["name"] or one["label"]


def is_frame(one):
    """Whether the focus of a node is that of the tabs in it."""
    return "page tab list" in one["inside"] or "layered pane" in one["inside"]


pytestmark = pytest.mark.long


def test_every_view_was_met(heard):
    views = sum(max(1, len(page.views)) for page in PAGES if page.plots)
    assert len(heard["views"]) == views
    assert min(len(nodes) for nodes in heard["views"].values()) > 60


def test_what_takes_the_focus_has_a_name_and_a_role(shown):
    bad = {
        (where, one["role"], called(one), one["above"][-3:])
        for where, one in shown
        if one["focusable"] and not is_frame(one) and (one["role"] in NOTHING or not called(one))
    }
    assert bad == set()


def test_what_can_be_pressed_has_a_name(shown):
    pressed = ("push button", "check box", "radio button", "toggle button", "page tab", "menu item")
    assert {where for where, one in shown if one["role"] in pressed and not called(one)} == set()


def test_numbers_have_values(shown):
    numbers = [one for _, one in shown if one["role"] in ("spin button", "slider")]
    assert len(numbers) > 20
    assert [called(one) for one in numbers if not one["value"]] == []


def test_plots_say_what_is_drawn_and_their_buttons_of_which_plot(heard):
    plots = 0
    for where, nodes in heard["views"].items():
        charts = [one for one in nodes if one["role"] == "chart"]
        plots += len(charts)
        names = Counter(one["name"] for one in charts)
        assert max(names.values(), default=1) == 1, (where, names)
        for one in charts:
            assert len(one["description"]) > 20, (where, one["name"])
            names = [other["name"] for other in nodes]
            assert f"Reset {one['name']}" in names, where
            if one["description"].startswith("Picture:"):
                assert f"Colours, {one['name']}" in names, where
    assert plots > 40


def test_results_and_messages_are_announced_once(heard):
    assert any(said.startswith("Ready: ") for said in heard["ready"])
    assert len(heard["copied"]) == 1
    assert "Copied" in heard["copied"][0]
