"""Waiting until a whole application has nothing left to compute or draw."""

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
