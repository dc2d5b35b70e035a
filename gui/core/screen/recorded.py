"""What a person did, as a script: the history of undo knows every state there was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gui.core.declare.answers import Answers
from gui.core.declare.call import line_of, script_of
from gui.core.declare.moment import Moment
from gui.core.screen.page_screen import PageScreen
from gui.core.state.library import arrays_at_hand
from gui.core.state.store import State
from gui.core.words.i18n import tr


class Recorder:
    """Tells the history as a script; what was told of a step is kept for the next telling."""

    def __init__(self) -> None:
        # By the identities in a key, which are kept beside the line lest they are given again.
        self._known: dict[tuple[int, ...], tuple[tuple[Any, ...], str]] = {}

    def script(
        self, steps: tuple[tuple[str, State], ...], screens: Mapping[str, PageScreen], front: str
    ) -> str:
        """Return the script that draws, step by step, what was seen.

        Parameters
        ----------
        steps : tuple of (str, state)
            As `Store.steps` gives them.
        screens : mapping of str to PageScreen
            The pages that have plots.
        front : str
            The page that is in front, which shows what belongs to all pages.
        """
        said: list[tuple[str, str]] = []
        known, self._known = self._known, {}
        before: State | None = None
        last = ""
        for label, state in steps:
            changed = [key for key in screens if before is not None and before[key] != state[key]]
            if changed and front not in changed:
                front = changed[0]
            screen = screens.get(front)
            files = None if screen is None else screen.context.store["files"]
            key = screen, before, state, files
            place = tuple(map(id, key))
            line = known[place][1] if place in known else ""
            if not line and screen is not None:
                line = _line_at(screen, before, state)
            self._known[place] = key, line
            said.append((label or tr("Begin"), "" if line == last else line))
            before, last = state, line or last
        return script_of(said)


def _line_at(screen: PageScreen, before: State | None, state: State) -> str:
    """Return the line that draws the first plot that shows what has changed; "" for nothing."""
    now = _moment_of(screen, state)
    shown = screen.page.plots_of(str(getattr(now.state, "view", "")))
    plots = [plot for plot in shown if plot.form() == "figure"]
    if before is not None:
        old = _moment_of(screen, before)
        changed = screen.page.affected_by(old.changes(now.state, now.given))
        plots = [plot for plot in plots if plot in changed]
    return line_of(plots[0], screen.repeated(now)) if plots and now.given else ""


def _moment_of(screen: PageScreen, state: State) -> Moment:
    """The page as it was in a state; files are those that are open now."""
    context = screen.context
    arrays = arrays_at_hand(context.store["files"], state["selection"], context.library)
    return Moment(screen.page, state[screen.page.key], screen.given_with(arrays), Answers())
