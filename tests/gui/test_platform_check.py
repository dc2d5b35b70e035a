import os
import subprocess
import sys

import pytest

from gui import platform_check

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks for .so files")


@linux
def test_start_problem_without_display_names_render():
    sentence = platform_check.start_problem({})
    assert "no display" in sentence
    assert "rankscope render" in sentence
    assert "\n" not in sentence


@linux
def test_start_problem_names_the_packages_of_missing_libraries_in_one_line():
    missing = {"libEGL.so.1", "libxcb-cursor.so.0"}
    sentence = platform_check.start_problem(
        {"DISPLAY": ":0"}, loads=lambda name: name not in missing, x_server_answers=lambda: True
    )
    assert sentence.endswith("sudo apt-get install libegl1 libxcb-cursor0")
    assert "\n" not in sentence


@linux
def test_start_problem_when_the_display_does_not_answer():
    sentence = platform_check.start_problem(
        {"DISPLAY": ":77"}, loads=lambda name: True, x_server_answers=lambda: False
    )
    assert "':77'" in sentence
    assert "rankscope render" in sentence


@linux
def test_start_problem_offscreen_needs_no_display():
    environment = {"QT_QPA_PLATFORM": "offscreen"}
    assert platform_check.start_problem(environment, loads=lambda name: True) == ""


@pytest.mark.parametrize(
    ("environment", "platform"),
    [
        ({}, ""),
        ({"DISPLAY": ":0"}, "xcb"),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, "wayland"),
        ({"QT_QPA_PLATFORM": "xcb", "WAYLAND_DISPLAY": "wayland-0"}, "xcb"),
        ({"QT_QPA_PLATFORM": "offscreen:size=100x100"}, "offscreen"),
    ],
)
def test_chosen_platform_follows_the_environment(environment, platform):
    assert platform_check.chosen_platform(environment) == platform


def test_main_prints_packages_and_fails_when_something_is_missing(monkeypatch, capsys):
    monkeypatch.setattr(platform_check, "missing_packages", lambda platform: ["libegl1"])
    assert platform_check.main(["xcb"]) == 1
    assert "libegl1" in capsys.readouterr().err
    assert platform_check.main(["xcb", "--packages"]) == 0
    assert capsys.readouterr().out == "libegl1\n"


@pytest.mark.parametrize(
    ("words", "where", "said"),
    [
        ("render --list", "| true", ""),
        ("--version", "| true", ""),
        ("render --list", ">/dev/full", "What is printed cannot be written: No space"),
    ],
)
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no disk that is always full")
def test_what_can_be_printed_nowhere_ends_without_a_trace(words, where, said):
    line = f"{sys.executable} -m gui {words} {where}"
    told = subprocess.run(["sh", "-c", line], capture_output=True, text=True)
    assert told.stderr.startswith(said)
    assert len(told.stderr.splitlines()) == bool(said)


def test_what_the_terminal_has_no_sign_for_is_printed_by_its_number():
    told = subprocess.run(
        [sys.executable, "-m", "gui", "render", "--list", "--language", "zh_CN"],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii:strict"},
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert "spectrum.values\t\\u" in told.stdout
