"""The plots of the page without a window: from defaults, at every bound, of every example."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.errors import DataError
from engine.files import example_source, open_matrix_file
from engine.spectrum import RANK_RULES
from gui.core.declare.draw import NoSuchChoice, OutOfRange, draw_plot, moment_of, picture_at
from gui.core.declare.options import BadOption, options, parsed
from gui.core.declare.pictures import Picture, in_words
from gui.core.state.document import EXAMPLES_PATH, Arrays, DataRef, Files, Opened, Selection
from gui.pages.spectrum.compute.pins import Pinned
from gui.pages.spectrum.contents import PAGE

KEYS = [plot.key for plot in PAGE.plots]
EXAMPLES = [entry.name for entry in example_source().entries]


def given_of(*opened: Opened) -> dict[type, Any]:
    """What a page is given without a window; the first array is the selected one."""
    sources = tuple((one.ref.path, one.source) for one in opened)
    return {Opened: opened[0], Arrays: Arrays(Files(), Selection(opened[0].ref), sources)}


def opened(folder, name, array) -> Opened:
    np.save(folder / f"{name}.npy", array)
    path = str(folder / f"{name}.npy")
    ref = DataRef(path, name, array.shape, array.dtype.name)
    return Opened(ref, open_matrix_file(path))


@pytest.fixture
def data(tmp_path, matrix):
    return given_of(opened(tmp_path, "m", matrix))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    array = np.random.default_rng(3).normal(size=(9, 7))
    return given_of(opened(tmp_path_factory.mktemp("small"), "small", array))


def look(picture: Picture, source: str) -> None:
    """What holds of every picture of this page."""
    drawn, kind = picture.drawn, type(picture.plot)
    assert drawn.key == kind.key
    assert drawn.title
    if kind.view is None or kind.view.key != "geometry":  # of a 2 x 2 matrix of its own
        assert kind.form() != "figure" or drawn.meta["source"] == source
    if picture.table is not None:
        assert picture.table.cells
        assert {len(row) for row in picture.table.cells} == {len(picture.table.columns)}
        return
    assert drawn.series or drawn.images
    for one in drawn.series:
        assert len(one.x) == len(one.y) > 0
        assert np.isfinite(one.x).all()


# -- what is drawn ------------------------------------------------------------------------------


def test_spectrum_with_options(data, matrix):
    values = {"rank": 3, "log_y": False, "log_x": True, "normalised": True}
    figure = draw_plot(PAGE, "spectrum.values", data, values).figure
    s = np.linalg.svd(matrix, compute_uv=False)
    assert_allclose(figure.series[0].y, s / s[0], rtol=0, atol=1e-14)
    assert (figure.x.log, figure.y.log) == (True, False)
    assert figure.meta["rank"] == "3"
    assert figure.meta["normalised"] == "yes"


def test_rules_are_drawn_on_request(data):
    asked = draw_plot(PAGE, "values", data, {"show_rules": True}).figure
    assert len(asked.cursors) > 3
    assert asked.spans
    assert [one.key for one in draw_plot(PAGE, "values", data, {}).figure.cursors] == ["rank"]


def test_pinned_spectra_are_drawn_over_it(tmp_path, matrix):
    mine, other = opened(tmp_path, "m", matrix), opened(tmp_path, "other", np.diag([3.0, 2.0]))
    pins = {"overlays": (Pinned(other.ref), Pinned(mine.ref))}
    figure = draw_plot(PAGE, "values", given_of(mine, other), pins).figure
    drawn = {one.key: one for one in figure.series}
    assert_allclose(drawn["overlay0"].y, [3.0, 2.0], rtol=1e-12)
    assert drawn["overlay0"].name == "other.npy"
    assert "overlay1" not in drawn, "the one shown anyway"


def test_replaced_entries_are_said_where_the_figure_comes_from(tmp_path):
    broken = np.array([[1.0, np.nan], [2.0, 4.0]])
    one = opened(tmp_path, "m", broken)
    with pytest.raises(DataError, match="holds 1 NaN"):
        draw_plot(PAGE, "values", given_of(one), {})
    mended = Opened(one.ref, one.source, "zero")
    figure = draw_plot(PAGE, "values", given_of(mended), {}).figure
    zeroed = np.where(np.isfinite(broken), broken, 0.0)
    assert_allclose(figure.series[0].y, np.linalg.svd(zeroed, compute_uv=False), rtol=1e-12)
    assert figure.meta["nonfinite_replaced_by"] == "zero"


# -- every plot ---------------------------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS)
def test_every_plot_is_drawn_from_defaults(data, key):
    look(draw_plot(PAGE, key, data, {}), "m.npy")


@pytest.mark.parametrize("old", PAGE.aliases)
def test_former_names_are_drawn(data, old):
    look(draw_plot(PAGE, old, data, {}), "m.npy")


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_plot_is_drawn_of_every_example(name):
    source = example_source()
    entry = source.entry(name)
    one = Opened(DataRef(EXAMPLES_PATH, name, entry.shape, entry.dtype.name), source)
    now = moment_of(PAGE, given_of(one), {})  # what several plots need is computed once
    for plot in PAGE.plots:
        look(picture_at(plot, now), one.title)


def bounds_of(name: str, given: dict[type, Any]) -> Iterator[Any]:
    """Yield the least and the largest number, every choice, on and off."""
    one, now = PAGE.parameters[name], moment_of(PAGE, given, {})
    if one.kind == "number":
        yield from now.bounds(one)
    elif one.kind == "choice":
        yield from (
            one.choices
            if isinstance(one.choices, dict)
            else [offer.key for offer in now.look(one.choices)]
        )
    elif one.kind == "toggle":
        yield from (False, True)


ASKED = [
    (plot.key, one.name)
    for plot in PAGE.plots
    for one in PAGE.of_plot(plot)
    if one.kind != "stored"
]
# What may be automatic: these figures say what was used.
USED = {
    *((plot.key, "method") for plot in PAGE.plots if plot.form() == "figure"),
    ("spectrum.density", "noise"),
}


@pytest.mark.parametrize(("key", "name"), ASKED)
def test_every_plot_is_drawn_with_every_parameter_at_its_bounds(small, key, name):
    one, tried = PAGE.parameters[name], 0
    for value in bounds_of(name, small):
        value = int(value) if isinstance(one.default, int) and one.kind == "number" else value
        picture = draw_plot(PAGE, key, small, {name: value})
        look(picture, "small.npy")
        now = moment_of(PAGE, small, {name: value})
        if (key, name) not in USED and now.is_shown(one) and now.is_enabled(one):
            said = picture.drawn.meta[name]
            # A figure may write a number shorter than the house does.
            assert said == in_words(value) or float(said) == pytest.approx(float(value))
        tried += 1
    assert tried >= 2


def test_what_was_automatic_is_said_as_it_was_used(small, data):
    figure = draw_plot(PAGE, "density", small, {}).figure
    assert figure.meta["method"] == "svd"
    assert float(figure.meta["noise"]) > 0.0
    assert draw_plot(PAGE, "density", small, {"method": "gram"}).figure.meta["method"] == "gram"
    assert draw_plot(PAGE, "density", data, {"noise": 0.25}).figure.meta["noise"] == "0.25"


# -- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize("plot", PAGE.plots, ids=lambda plot: plot.key)
def test_options_parse_or_say_why_not(data, plot):
    for name, one in options(PAGE, plot).items():
        if callable(one.choices):  # what there is only a computation can say
            with pytest.raises(NoSuchChoice, match="nonsense"):
                draw_plot(PAGE, plot.key, data, {one.name: parsed(one, "nonsense")})
        else:
            with pytest.raises(BadOption, match=f"--{name} nonsense"):
                parsed(one, "nonsense")


@pytest.mark.parametrize("rank", [-1, 31])
@pytest.mark.parametrize("key", ["values", "approximation", "error"])
def test_rank_out_of_range_is_refused(data, key, rank):
    with pytest.raises(OutOfRange, match=r"in \[0, 30\]"):
        draw_plot(PAGE, key, data, {"rank": rank})


# -- without Qt ---------------------------------------------------------------------------------

BLOCKED = """
import importlib, pkgutil, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("PySide6", "shiboken6", "pyqtgraph"):
            raise ImportError(f"{name} is not there")

sys.meta_path.insert(0, Blocked())
import gui.pages.spectrum.compute, gui.pages.spectrum.show, gui.pages.spectrum.contents
for room in (gui.pages.spectrum.compute, gui.pages.spectrum.show):
    for one in pkgutil.iter_modules(room.__path__, room.__name__ + "."):
        importlib.import_module(one.name)
print(sum(name.startswith(("gui.pages.spectrum.compute.", "gui.pages.spectrum.show.")) for name in
          sys.modules))
from engine.files import example_source
from gui.core.declare.draw import moment_of, picture_at
from gui.core.state.document import EXAMPLES_PATH, Arrays, DataRef, Files, Opened, Selection
PAGE, source = gui.pages.spectrum.contents.PAGE, example_source()
entry = source.entry("activations")
one = Opened(DataRef(EXAMPLES_PATH, entry.name, entry.shape, entry.dtype.name), source)
things = {Opened: one, Arrays: Arrays(Files(), Selection(one.ref), ())}
now = moment_of(PAGE, things, {})
print(sum(picture_at(plot, now).drawn.key == plot.key for plot in PAGE.plots))
"""


def test_what_computes_and_what_is_shown_know_no_qt():
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    modules, drawn = map(int, done.stdout.split())
    assert modules >= 20
    assert drawn == len(PAGE.plots)


def test_every_rule_is_a_row_of_the_table(data):
    table = draw_plot(PAGE, "rules", data, {}).table
    assert [row[0].text for row in table.cells] == [rule.title for rule in RANK_RULES.values()]


@pytest.mark.parametrize("figure", ["spectrum.values", "spectrum.error"])
def test_what_a_log_axis_cannot_show_is_exported(figure, tmp_path):
    values = [3.0, 2.0, 1.0, 1e-17, 0.0, 0.0]
    from gui.render import main

    path, out = tmp_path / "diagonal.npy", tmp_path / "out.npz"
    np.save(path, np.diag(values))
    assert main([str(path), "--figure", figure, "--log-y", "yes", "--out", str(out)]) == 0
    with np.load(out) as arrays:
        columns = [arrays[name] for name in arrays if name.endswith(".y")]
    assert all(np.isfinite(column).all() for column in columns)
    expected = np.array(values if figure == "spectrum.values" else [*values, 0.0])
    either = expected, expected / 3.0  # as it is, or relative to the largest
    assert any(
        np.allclose(one, other, rtol=1e-12, atol=0.0)
        for one in columns
        for other in either
        if len(one) == len(other)
    )


@pytest.mark.parametrize(("method", "word"), [("svd", "modelled"), ("verified", "proven")])
def test_the_read_outs_say_what_the_bound_rests_on(small, method, word):
    picture = draw_plot(PAGE, "spectrum.numbers", small, {"method": method})
    told = {row[0].text: row[1].text for row in picture.table.cells}
    assert told["The bound is"] == word
