"""What is shown of a name, and what an export keeps of it."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pytest

from gui.core.export.export import export_figure
from gui.core.export.metadata import read_metadata
from gui.core.figure.figure import Figure, Series
from gui.core.figure.legible import legible
from gui.core.figure.panels import Panels

NAMES = ["a\u202egpj.npy", "two\nlines.npy", "bell\x07.npy", "latin-\udce9.npy"]


def figure(name):
    state = MappingProxyType({"selection": {"active": {"path": name}}})
    series = Series("main", name, np.arange(2.0), np.arange(2.0))
    return Figure("spectrum.values", title=name, series=(series,), state=state)


@pytest.mark.parametrize("name", NAMES)
def test_texts_are_clean_and_the_state_is_true(name):
    for one in (figure(name), Panels((figure(name),), 1)):
        shown = legible(one)
        assert shown.state["selection"]["active"]["path"] == name
        first = shown.figures[0] if isinstance(shown, Panels) else shown
        assert "\u202e" not in first.title + first.series[0].name
        assert "�" in first.series[0].name or "\n" in name


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["png", "svg", "pdf", "csv", "npz"])
def test_an_export_names_the_file_as_it_is_called(name, kind, tmp_path):
    path = export_figure(figure(name), tmp_path / f"a.{kind}")
    assert read_metadata(path)["state"]["selection"]["active"]["path"] == name
