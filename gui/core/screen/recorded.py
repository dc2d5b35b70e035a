"""What a person did, as a script: the history of undo knows every state there was."""

from __future__ import annotations

from gui.core.declare.answers import Answers
from gui.core.declare.call import line_of, script_of
from gui.core.declare.moment import Moment
from gui.core.screen.page_screen import PageScreen
from gui.core.state.library import arrays_at_hand
from gui.core.state.store import State
from gui.core.words.i18n import tr


def recorded(
    steps: tuple[tuple[str, State], ...], screens: dict[str, PageScreen], front: str
) -> str:
    """Return the script that draws, step by step, what was seen.

    Parameters
    ----------
    steps : tuple of (str, state)
        As `Store.steps` gives them.
    screens : dict of str to PageScreen
        The pages that have plots.
    front : str
        The page that is in front, which shows what belongs to all pages.
    """
    said: list[tuple[str, str]] = []
    before: State | None = None
    for label, state in steps:
        changed = [key for key in screens if before is not None and before[key] != state[key]]
        if changed and front not in changed:
            front = changed[0]
        line = _line_at(screens[front], before, state) if front in screens else ""
        same = bool(said) and any(line == one for _, one in said[-1:])
        said.append((label or tr("Begin"), "" if same else line))
        before = state
    return script_of(said)


def _line_at(screen: PageScreen, before: State | None, state: State) -> str:
    """Return the line that draws the first plot that shows what has changed; "" for nothing."""
    now = _moment_of(screen, state)
    shown = screen.page.plots_of(str(getattr(now.state, "view", "")))
    plots = [plot for plot in shown if plot.form() == "figure"]
    if before is not None:
        old = _moment_of(screen, before)
        changed = screen.page.affected_by(old.changes(now.state, now.given))
        plots.sort(key=lambda plot: plot not in changed)
    return line_of(plots[0], screen.repeated(now)) if plots and now.given else ""


def _moment_of(screen: PageScreen, state: State) -> Moment:
    """The page as it was in a state; files are those that are open now."""
    context = screen.context
    arrays = arrays_at_hand(context.store["files"], state["selection"], context.library)
    return Moment(screen.page, state[screen.page.key], screen.given_with(arrays), Answers())
