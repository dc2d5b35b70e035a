from __future__ import annotations

import numpy as np
import pytest

from engine.files import example_source
from gui.core.state.document import EXAMPLES_PATH
from gui.core.state.listed import EntryInfo, OpenFile
from gui.pages.column_row.contents import PAGE
from tests.support.page_driver import PageDriver


class Driver(PageDriver):
    """A Column-row page on screen; what is opened is listed in Sources, where Y is chosen from."""

    def set(self, **fields):
        self.store.replace("column_row", label="test", **fields)
        self.settle()

    def open_file(self, path):
        """Open and list a file and return the reference of its first array; select nothing."""
        ref = super().open_file(path)
        self._list(ref.path, f"{ref.entry}.npy", self.context.library.get(ref.path))
        return ref

    def open_examples(self):
        source = example_source()
        self.context.library.add(EXAMPLES_PATH, source)
        self._list(EXAMPLES_PATH, "", source)
        return source

    def _list(self, path, title, source):
        entries = tuple(EntryInfo(e.name, e.shape, e.dtype.name) for e in source.entries)
        file = OpenFile(path, title, entries)
        self.store.replace("files", label="open", items=(*self.store["files"].items, file))

    def multiply(self, x, y):
        """Show the product of two new arrays, chosen as a person does."""
        other = self.open("y", y)
        self.show("x", x)
        self.choose(self.page.pairing.kind, "other")
        self.choose(self.page.pairing.other, f"{other.path}\n{other.entry}\n")

    def tick(self, key):
        box = self.strategies.box(key)
        self.controls.ensureWidgetVisible(box)
        self.click(box)

    # -- what is on the screen --------------------------------------------------------------

    @property
    def strategies(self):
        """The check boxes of the strategies."""
        return self.controls.lists["strategies"]

    @property
    def standings(self):
        """The table of the strategies at the present r."""
        return self.page.tables["column_row.standings"]

    @property
    def at_r(self):
        """The read-outs of the approximation in detail."""
        return self.controls.readouts["column_row.at_r"]

    def said_of_strategies(self):
        """Return the sentence under the strategies, "" where there is none."""
        return self.controls.error_of("strategies")


@pytest.fixture
def page(qtbot, context, tmp_path):
    driver = Driver(qtbot, context, tmp_path, PAGE)
    yield driver
    driver.close()


@pytest.fixture
def matrix():
    """16 x 6; its rows are the pairs of A^T A."""
    rng = np.random.default_rng(8)
    return rng.normal(size=(16, 6)) * np.linspace(2.0, 0.3, 16)[:, None]


@pytest.fixture
def factors():
    """X (7 x 12) and Y (12 x 9) whose pairs 3 and 8 nearly cancel."""
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(7, 12)) * np.linspace(3.0, 0.5, 12), rng.normal(size=(12, 9))
    x[:, 8], y[8] = x[:, 3], -y[3] + 0.05 * rng.normal(size=9)
    return x, y
