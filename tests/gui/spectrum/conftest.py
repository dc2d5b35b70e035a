from __future__ import annotations

import numpy as np
import pytest

from engine.files import example_source
from gui.core.state.document import EXAMPLES_PATH, DataRef
from gui.pages.spectrum.contents import PAGE
from tests.support.page_driver import PageDriver


class Driver(PageDriver):
    """A Spectrum page on screen; what is opened is selected."""

    def open_file(self, path):
        """Open a file and select its first array; do not wait."""
        ref = super().open_file(path)
        self.select(ref)
        return ref

    def plots_of(self, view):
        """Names of the figures of a lower view, from left to right."""
        shown = [one for one in PAGE.plots if one.view_key() == view and one.form() == "figure"]
        return [one.key.partition(".")[2] for one in shown]

    def example(self, name):
        source = example_source()
        self.context.library.add(EXAMPLES_PATH, source)
        entry = source.entry(name)
        self.select(DataRef(EXAMPLES_PATH, name, entry.shape, entry.dtype.name))
        self.settle()
        return source.read(name)


@pytest.fixture
def page(qtbot, context, tmp_path):
    driver = Driver(qtbot, context, tmp_path, PAGE)
    yield driver
    driver.close()


@pytest.fixture
def matrix():
    """40 x 30, singular values 2^0 ... 2^-29 between random bases."""
    rng = np.random.default_rng(5)
    u, _ = np.linalg.qr(rng.normal(size=(40, 30)))
    v, _ = np.linalg.qr(rng.normal(size=(30, 30)))
    return (u * 2.0 ** -np.arange(30.0)) @ v.T
