"""What cannot be done now says why, in the menus and on the toolbar."""

from __future__ import annotations

import pytest

from gui.core.declare.command import Command
from gui.window.commands import COMMANDS
from gui.window.menus import plain

SOMETIMES = [one for one in COMMANDS if isinstance(one, Command) and one.enabled is not None]


@pytest.mark.parametrize("one", SOMETIMES, ids=lambda one: one.id)
def test_a_command_that_cannot_always_be_done_has_a_reason(one):
    assert one.why.endswith(".")
    assert one.hears is not None


def test_the_tooltip_has_the_reason_while_it_holds(application):
    window = application.window
    window.menus.refresh()
    greyed = 0
    for one in SOMETIMES:
        action = window.menus._actions[one.id]
        assert (one.why in action.toolTip()) == (not action.isEnabled()), one.id
        assert plain(action.text()) in action.toolTip()
        greyed += not action.isEnabled()
    assert greyed
    undo = window.menus._actions["undo"]
    assert "There is nothing to undo." in undo.toolTip()
    window.store.replace("topk", label="k", k=3)
    assert undo.isEnabled()
    assert "nothing" not in undo.toolTip()
