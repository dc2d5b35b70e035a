"""What is old looks old: every drawing, read-out and table, and the names that stand for them."""

from __future__ import annotations

import numpy as np

from gui.core.paint.plot_view import PlotView, is_empty
from gui.core.work.drawing import DIM_AFTER
from gui.pages import PAGES

# Position begins with tokens of its own; the others are about the selected array.
SHOWN = [page for page in PAGES if page.plots and page.key != "position"]


class Held:
    """Keeps back all requests, as a slow machine does, until it is told to let go."""

    def __init__(self, runner, monkeypatch):
        self._runner, self._submit, self.asked = runner, runner.submit, []
        monkeypatch.setattr(runner, "submit", lambda *a, **k: self.asked.append((a, k)))

    def let_go(self):
        self._runner.submit = self._submit
        for words, named in self.asked:
            self._submit(*words, **named)


def widgets(screen):
    """Yield (key, widget, whether its picture is of the present) of what is in view."""
    for plot in screen.conductor.in_view:
        widget = screen.view.plots.get(plot.key) or screen.tables.get(plot.key)
        picture = screen._shown.get(plot)
        present = picture is not None and not picture.behind
        yield plot.key, widget or screen.controls.readouts[plot.key], present


def is_dimmed(widget):
    return widget.is_dimmed if isinstance(widget, PlotView) else not widget.isEnabled()


def is_blank(widget):
    if isinstance(widget, PlotView):
        return widget.figure() is None or is_empty(widget.figure())
    return widget.isHidden()


def looks_new(screen):
    """Return what is of another moment than the present and does not look so."""
    return [key for key, widget, present in widgets(screen)
            if not (present or is_dimmed(widget) or is_blank(widget))]  # fmt: skip


def undimmed(screen):
    """The numbers behind check boxes that are shown as what is."""
    rows = (one for several in screen.controls.lists.values() for one in several._lists)
    return [label.text() for checks in rows for label in checks._trailing.values()
            if label.text() and label.isEnabled() and label.isVisible()]  # fmt: skip


def test_old_drawings_and_numbers_are_dimmed_and_the_new_array_is_named(start, monkeypatch):
    driver = start()
    rng = np.random.default_rng(4)
    fresh = [(f"new{n}", rng.normal(size=(20 + n, 12))) for n in range(len(SHOWN))]
    driver.open(("old", rng.normal(size=(15, 9))), *fresh)
    for page, (name, _) in zip(SHOWN, fresh, strict=True):
        driver.page(page.key)
        driver.select("old", "old.npy")
        driver.idle()
        screen = driver.window.pages[page.key]
        assert looks_new(screen) == []
        held = Held(driver.runner, monkeypatch)
        driver.select(name, f"{name}.npy")
        assert held.asked
        # What needs no computation, as the list of a model's matrices, is of the present at once.
        driver.wait(lambda s=screen: not all(present for _, _, present in widgets(s)))
        driver.wait(lambda s=screen: [*looks_new(s), *undimmed(s)] == [], timeout=9000)
        assert name in driver.status()
        assert "old" not in driver.status()
        assert name in driver.window.windowTitle()
        held.let_go()
        driver.wait(lambda s=screen: all(present for _, _, present in widgets(s)))
        driver.idle()
        assert not any(is_dimmed(widget) for _, widget, _ in widgets(screen))
        assert name in driver.status()


# A number of every page that the plots in view wait for.
NUMBERS = {"topk": "k", "spectrum": "rank", "column_row": "r", "position": "length"}


def test_what_is_of_another_number_is_dimmed_until_its_answer_comes(start, monkeypatch):
    driver = start()
    driver.open(("a", np.random.default_rng(5).normal(size=(24, 17))))
    for key, name in NUMBERS.items():
        driver.page(key)
        screen = driver.window.pages[key]
        assert looks_new(screen) == []
        held = Held(driver.runner, monkeypatch)
        screen.conductor.edit(
            name, screen.conductor.present().look(screen.page.parameters[name]) // 2
        )
        screen.conductor.seal()
        driver.wait(lambda s=screen: not all(present for _, _, present in widgets(s)))
        driver.wait(lambda s=screen: [*looks_new(s), *undimmed(s)] == [], timeout=9000)
        assert held.asked
        held.let_go()
        driver.wait(lambda s=screen: all(present for _, _, present in widgets(s)))
        driver.idle()
        assert not any(is_dimmed(widget) for _, widget, _ in widgets(screen))


def test_the_wait_is_what_the_rule_says():
    assert DIM_AFTER == 0.15
