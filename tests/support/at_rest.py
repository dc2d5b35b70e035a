"""Waiting until a whole application has nothing left to compute or draw, or is in front."""

from gui.core.widgets.page_view import PlotsView


def wait_at_rest(qtbot, application):
    """Return when no work runs and no plot waits, five looks in a row.

    Between an answer and the question it leads to there is a moment without work.
    """
    views = [page.widget for page in application.window.pages.values()]
    drawn = [view for view in views if isinstance(view, PlotsView)]
    looks = []

    def at_rest():
        busy = application.context.runner.is_busy() or any(view.is_drawing for view in drawn)
        looks.append(busy)
        return len(looks) >= 5 and not any(looks[-5:])

    qtbot.waitUntil(at_rest, timeout=60000)


def bring_to_front(qtbot, window, timeout=20_000):
    """Make a window the active one: only there a shortcut is one, and only it gives the focus.

    Asked for again: what is built or destroyed meanwhile, an earlier test's window too, may have
    taken it.
    """

    def in_front() -> bool:
        window.activateWindow()
        return window.isActiveWindow()

    qtbot.waitUntil(in_front, timeout=timeout)
