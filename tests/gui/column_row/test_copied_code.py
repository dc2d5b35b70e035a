"""Copy selection as code: what lands on the clipboard approximates as the page does."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication


@pytest.mark.parametrize("weights", ["own", "full"])
def test_the_copied_selection_gives_the_picture(page, factors, weights, capsys):
    x, y = factors
    page.multiply(x, y)
    page.set(detail="greedy", detail_weights=weights, r=5)
    said = []
    screen = page.page
    told = lambda words, _: said.append(words)  # noqa: E731
    screen.context = dataclasses.replace(screen.context, notify=told)
    actions = {one.text().replace("&", ""): one for one in screen.code_button.menu().actions()}
    actions["Copy as NumPy"].trigger()
    places: dict = {}
    exec(QApplication.clipboard().text(), places)
    np.testing.assert_allclose(places["approximate"](x, y), page.image("approximation"), atol=1e-9)
    (words,) = said
    assert words.startswith("Copied ")
    assert words.endswith(" as NumPy.")
