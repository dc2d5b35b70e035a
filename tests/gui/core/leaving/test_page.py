"""What a page's record leads to."""

from __future__ import annotations

import sys

from gui.core.leaving.page import PageSpec, unloaded_modules
from gui.pages.spectrum import PAGE


def test_modules_of_a_page_come_with_controllers_last_and_without_its_command_line(monkeypatch):
    prefix = "gui.pages.spectrum."
    for name in [name for name in sys.modules if name.startswith(prefix)]:
        monkeypatch.delitem(sys.modules, name)
    names = [name.removeprefix(prefix) for name in unloaded_modules(PAGE)]
    assert names[-2:] == ["controller", "lower_controller"]
    assert {"view", "state", "figures"} <= set(names)
    assert "render" not in names


def test_modules_that_are_there_are_not_named_again():
    import gui.pages.spectrum.controller  # noqa: F401

    assert unloaded_modules(PAGE) == ()
    assert unloaded_modules(PageSpec("own", "Own", dict, build=lambda _: None)) == ()
