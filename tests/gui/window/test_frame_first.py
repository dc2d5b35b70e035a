"""At a start the window is painted before the page in it is built, and nothing depends on that."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gui.app import Application
from gui.window import screens
from gui.window.settings import Settings
from gui.window.window import MainWindow


@pytest.fixture
def framed(qapp, qtbot, tmp_path, dialogs, monkeypatch):
    """Make an application as the command does; only the page in front is built."""
    monkeypatch.setattr(screens.Screens, "_build_next", BUILDS)
    settings = Settings(str(tmp_path / "rankscope.ini"))
    application = Application(
        qapp, settings=settings, dialogs=dialogs, autosave=False, frame_first=True
    )
    application.window.screens.builds_more = False
    yield application
    application.window.close()


BUILDS = screens.Screens._build_next


def centre(window: MainWindow) -> set[str]:
    return set(window.pages) - {"sources"}


def test_the_page_in_front_follows_the_first_frame(framed, qtbot, monkeypatch):
    window = framed.window
    framed.window.show_page("spectrum")
    assert centre(window) == set()
    painted = []
    paint = window.screens.when_painted
    monkeypatch.setattr(
        window.screens, "when_painted", lambda: (painted.append(centre(window)), paint())
    )
    with qtbot.waitSignal(window.screens.front_built, timeout=20000):
        framed.show()
        # A caller that waits for what it has shown is not told that it is drawn.
        assert window.pages.get(window.page_key) is None
    assert painted[0] == set()
    assert centre(window) == {"spectrum"}
    qtbot.waitUntil(lambda: bool(window.figures()), timeout=20000)
    window.show_page("topk")
    assert centre(window) == {"spectrum", "topk"}


def test_a_window_that_is_never_painted_has_its_page(framed, qtbot, monkeypatch):
    monkeypatch.setattr(screens.Screens, "when_painted", lambda self: None)
    monkeypatch.setattr(screens, "UNSEEN_MS", 1)
    with qtbot.waitSignal(framed.window.screens.front_built, timeout=20000):
        framed.show()
    assert centre(framed.window) == {"topk"}


def test_what_is_asked_of_a_page_before_its_time_builds_it(framed, qtbot):
    framed.window.show_view("spectrum", "rules")
    assert centre(framed.window) == {"spectrum"}
    assert framed.store["spectrum"].view == "rules"
    with qtbot.waitSignal(framed.window.screens.front_built, timeout=20000):
        framed.show()
    assert centre(framed.window) == {"spectrum"}


def test_the_frame_needs_nothing_that_draws_plots():
    code = "import gui.pages, gui.app, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = set(done.stdout.split())
    assert "gui.window.window" in names
    assert not names & {"pyqtgraph", "gui.core.screen.page_screen", "scipy"}
