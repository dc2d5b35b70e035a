"""The index of a norm is set lower and smaller, and stays text: on the screen and in every file."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pypdf
import pytest
from PIL import Image

from gui.core.declare.draw import draw_plot
from gui.core.export.export import export_figure
from gui.core.figure.figure import Axis, Figure, Series
from gui.core.figure.scale import Scale
from gui.core.paint.axes.axis import PlotAxis
from gui.core.paint.head.legend import Entry, Legend
from gui.core.paint.theme import Theme
from gui.core.words.lowered import DROP, SHARE
from tests.support.every import PLOTS, small

X = np.arange(5.0)
NAME = "error / ‖M‖_F of 误差"


def figure(label=NAME):
    return Figure("a.b", "Title", Axis("index"), Axis(label), (Series("s", label, X, X),))


def svg_texts(path):
    """Return (words, size, x, y, angle) of every text."""
    for one in ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text"):
        words = "".join(one.itertext())
        style, moved = one.attrib["style"], one.attrib.get("transform", "")
        at = [float(found) for found in re.findall(r"-?[\d.]+", moved)]
        size = float(re.findall(r"([\d.]+)px", style)[0])
        place = at or [float(one.attrib["x"]), float(one.attrib["y"])]
        yield words, size, *[*place, 0.0][:3]


def test_in_svg_the_index_is_text_below_the_line_right_behind_its_norm(tmp_path):
    texts = list(svg_texts(export_figure(figure(), tmp_path / "a.svg")))
    assert not any("_F" in words for words, *_ in texts)
    indices = [one for one in texts if one[0] == "F"]
    norms = [one for one in texts if one[0] == "error / ‖M‖"]
    rests = [one for one in texts if one[0] == "of 误差"]
    assert len(indices) == len(norms) == len(rests) == 2  # the label, turned, and the legend
    for norm, index, rest in zip(norms, indices, rests, strict=True):
        assert index[1] == pytest.approx(SHARE * norm[1])
        turned = abs(norm[4]) == 90
        across, along = (
            (index[2] - norm[2], norm[3] - index[3])
            if turned
            else (
                index[3] - norm[3],
                index[2] - norm[2],
            )
        )
        assert across == pytest.approx(DROP * norm[1])
        assert 3.5 * norm[1] < along < 6.5 * norm[1]
        assert (rest[3] < index[3]) if turned else (rest[2] > index[2])


def test_in_pdf_the_index_is_text(tmp_path):
    page = pypdf.PdfReader(export_figure(figure("‖M‖_F"), tmp_path / "a.pdf")).pages[0]
    text = page.extract_text()
    assert "_" not in text
    assert text.count("‖M‖") == 2
    assert "F" in text


def test_in_pixels_there_is_no_underscore(tmp_path):
    def ink(label):
        path = export_figure(figure(label), tmp_path / "a.png", overwrite=True, legend="off")
        return np.asarray(Image.open(path).convert("L")) < 128

    lowered, plain = ink("‖M‖_F"), ink("‖M‖")
    # The same label without its index is shorter, and as wide: nothing else was moved.
    assert lowered.sum() > plain.sum()
    assert ink("‖M‖ F").sum() > lowered.sum()


def test_a_name_of_a_file_is_left_alone(tmp_path):
    words = [one[0] for one in svg_texts(export_figure(figure("run_F"), tmp_path / "a.svg"))]
    assert words.count("run_F") == 2


def test_on_the_screen_axis_and_legend_lower_it(qapp, qtbot):
    theme = Theme("light")
    theme.apply(qapp)  # or the paper is as dark as the words, after another test
    axis = PlotAxis("left")
    axis.resize(60, 300)
    axis.set_axis(Axis("‖M‖_F < 1"), Scale())
    assert axis.labelString() == "‖M‖<sub>F</sub> &lt; 1"
    assert axis.label.toPlainText() == "‖M‖F < 1"
    legend = Legend(theme)
    qtbot.addWidget(legend)

    def painted(name):
        legend.resize(300, 40)
        legend.set_entries((Entry(name, "ink", "solid", 2.0),))
        return legend.grab().toImage()

    def reach(image):
        rows, columns = range(image.height()), range(image.width())
        dark = [[image.pixelColor(x, y).lightness() < 128 for x in columns] for y in rows]
        return np.flatnonzero(np.any(dark, axis=0)).max()

    # Smaller than a letter of the line, and without the stroke.
    assert reach(painted("‖M‖")) < reach(painted("‖M‖_F")) < reach(painted("‖M‖F"))


def test_no_plot_has_a_mark_that_is_not_set():
    """What is no index of a norm has a letter of its own: ⱼ, ₖ."""
    for page, plot in PLOTS:
        drawn = draw_plot(page, plot.key, small(), {}).figure
        if drawn is None:
            continue
        for label in (drawn.x.label, drawn.y.label, *(one.label for one in drawn.images)):
            assert not re.search("(?<!‖)_", label), (plot.key, label)
