"""Every plot of every page without a window: from defaults, at every end, of every example."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from gui.core.declare.draw import NoSuchChoice, WholeMoment, draw_plot, moment_of, picture_at
from gui.core.declare.edits import clean
from gui.core.declare.options import BadOption, options, parsed
from gui.core.declare.pictures import Picture
from gui.core.export.export import EXPORT_FORMATS, export_figure, export_table
from gui.core.export.files import ExportError
from gui.core.export.listing import WRITERS
from gui.core.work.shipping import discard, pack, unpack
from tests.support.every import (
    EXAMPLES,
    PAGES,
    PLOTS,
    ends,
    example,
    parameters,
    plots,
    small,
    typed,
)

PAGES_WITH_PLOTS = [page for page in PAGES if page.plots]
# An array in memory is no step of a training: `tests/gui/checkpoint/test_training.py`.
OF_A_FOLDER = ("checkpoint.training", "checkpoint.training_spectrum")
# What a small matrix has nothing for: it has no base, no tail, no q and k either. They say so.
EMPTY = {
    *(*OF_A_FOLDER, "checkpoint.scatter", "checkpoint.changes", "checkpoint.changes_table"),
    *("position.head_rms", "position.head_distance"),
}


def look(picture: Picture) -> None:
    """What holds of every picture."""
    drawn = picture.drawn
    assert drawn.key == type(picture.plot).key
    assert drawn.title
    if picture.table is not None:
        assert picture.table.columns or picture.table.note
        assert {len(row) for row in picture.table.cells} <= {len(picture.table.columns)}
        return
    assert drawn.series or drawn.images or drawn.note
    for one in drawn.series:
        assert len(one.x) == len(one.y)
        assert not np.isinf(one.y).any()


@pytest.fixture(scope="module")
def given():
    return small()


@pytest.mark.sample(1 / 4)
@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("page", PAGES_WITH_PLOTS, ids=lambda page: page.key)
def test_every_example_from_defaults(page, name):
    now = moment_of(page, example(name), {})
    for plot in page.plots:
        look(picture_at(plot, now))


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize(("page", "plot", "one"), parameters())
def test_every_parameter_at_its_ends(page, plot, one, given):
    tried = 0
    for value in ends(one, moment_of(page, given, {})):
        try:
            picture = draw_plot(page, plot.key, given, {one.name: value})
        except ValueError as error:
            if not getattr(error, "for_people", False):
                raise
            continue  # these data do not allow it, and a sentence says so
        look(picture)
        tried += 1
    assert tried


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize(("page", "plot", "one"), parameters())
def test_a_picture_says_every_parameter_that_made_it(page, plot, one, given):
    now = moment_of(page, given, {})
    counts = one.saved and now.is_shown(one) and now.is_enabled(one)
    assert (one.name in draw_plot(page, plot.key, given, {}).drawn.meta) == counts


@pytest.mark.parametrize(("page", "plot", "one"), parameters())
def test_an_option_a_control_and_a_session_mean_the_same(page, plot, one, given):
    if not one.option_name:
        return
    assert options(page, plot)[one.option_name] is one
    for value in ends(one, moment_of(page, given, {})):
        # Bounds that depend on the data limit what is in force, not what is asked for.
        assert parsed(one, typed(value)) == value
        assert clean(one, value) == value


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize(("page", "plot", "one"), parameters())
def test_nonsense_is_refused_in_words(page, plot, one, given):
    with pytest.raises((BadOption, NoSuchChoice), match="nonsense"):
        draw_plot(page, plot.key, given, {one.name: parsed(one, "nonsense")})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key)
def test_former_names_are_drawn(page, given):
    for old, new in page.aliases.items():
        assert draw_plot(page, old, given, {}).drawn.key == new


@pytest.mark.parametrize("page", PAGES_WITH_PLOTS, ids=lambda page: page.key)
def test_every_question_and_its_answer_go_to_another_process_and_back(page, given, monkeypatch):
    asked, compute = [], WholeMoment._computed

    def remember(self, slot, step, question):
        answer = compute(self, slot, step, question)
        asked.append((step, answer.value))
        return answer

    monkeypatch.setattr(WholeMoment, "_computed", remember)
    now = moment_of(page, given, {})
    for plot in page.plots:
        now.plot(plot)
    kinds = {type(step) for step, _ in asked}
    assert set(page.steps) >= kinds
    assert kinds
    for number, (step, value) in enumerate(asked):
        for what, sent in (("q", step), ("a", value)):
            parcel, memory = pack(sent, name := f"rkt{os.getpid():x}-{number}{what}")
            there, opened = unpack(parcel, copy=True)
            assert type(there) is type(sent)
            for segment in (memory, opened):
                if segment is not None:
                    segment.close()
            discard(name)


# -- every export -------------------------------------------------------------------------------


def inside(path: Path) -> None:
    """Open an exported file with a library of its own, and find something in it."""
    kind = path.suffix
    if kind == ".png":
        with Image.open(path) as image:
            low, high = image.convert("L").getextrema()
            assert low < high
    elif kind == ".pdf":
        (page,) = PdfReader(path).pages
        assert page.extract_text().strip()
        fonts = [one.get_object() for one in page["/Resources"]["/Font"].values()]
        assert {str(one["/BaseFont"]).rpartition("+")[2] for one in fonts} == {"DejaVuSans"}
    elif kind == ".svg":
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"@font-face\{font-family:'([^']*)'", text) == ["DejaVu Sans"]
        assert "<text" in text
    elif kind == ".npz":
        assert np.load(path).files
    elif kind == ".npy":
        assert np.load(path).size
    elif kind == ".tif":
        assert path.read_bytes().startswith(b"II*")
    elif kind == ".csv":
        with path.open(encoding="utf-8") as file:
            rows = list(csv.reader(line for line in file if not line.startswith("#")))
        assert len(rows) > 1
    else:
        assert path.read_text(encoding="utf-8").strip()


@pytest.mark.sample(1 / 5)
@pytest.mark.parametrize(("page", "plot"), plots())
def test_every_export_of_every_plot(page, plot, given, tmp_path):
    # Fewer than there are: all show data.
    fewer = {
        name: few for name, few in (("k", 2.0), ("rank", 2), ("r", 2)) if name in page.parameters
    }
    picture = draw_plot(page, plot.key, given, fewer)
    if picture.table is not None and plot.key in EMPTY:
        assert picture.table.note
        assert not picture.table.cells
    elif picture.table is not None:
        pictures = [known.suffix for known in EXPORT_FORMATS if known.picture]
        for suffix in (*WRITERS, *pictures):
            inside(export_table(picture.table, tmp_path / f"out{suffix}"))
    else:
        for known in EXPORT_FORMATS:
            if known.refuses(picture.drawn):
                continue
            path = tmp_path / f"{known.key}{known.suffix}"
            if plot.key in EMPTY:
                with pytest.raises(ExportError, match=re.escape(picture.drawn.note)):
                    export_figure(picture.drawn, path, format=known.key)
            else:
                inside(export_figure(picture.drawn, path, format=known.key))


# -- without Qt ---------------------------------------------------------------------------------

BLOCKED = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("PySide6", "shiboken6", "pyqtgraph"):
            raise ImportError(f"{name} is not there")

sys.meta_path.insert(0, Blocked())
from gui.core.declare.draw import moment_of, picture_at
from tests.support.every import PAGES, small

for page in PAGES:
    now = moment_of(page, small(), {})
    for plot in page.plots:
        print(picture_at(plot, now).drawn.key)
"""


def test_every_plot_is_drawn_where_qt_cannot_be_loaded():
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).resolve().parents[3],
    )
    assert done.stderr == ""
    assert done.stdout.split() == [plot.key for _, plot in PLOTS]


def test_keys_are_unique_and_say_their_page():
    keys = [plot.key for _, plot in PLOTS]
    assert len(set(keys)) == len(keys)
    assert all(plot.key.startswith(f"{page.key}.") for page, plot in PLOTS)
