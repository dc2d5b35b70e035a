"""Pictures for a paper: no text is smaller than chosen, none is cut, none lies on another."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pypdf
import pytest

from gui.core.declare.draw import draw_plot
from gui.core.export import picture as pictures
from gui.core.export.export import ExportError, export_figure, export_table
from gui.core.export.fonts import families_for
from gui.core.export.paper import ExportOptions, paper_of
from gui.core.figure.figure import Axis, Figure, Series
from gui.core.figure.legible import legible
from gui.core.figure.table import Table
from gui.core.words.i18n import set_language
from tests.support.every import PLOTS, plots, small

COLUMN = ExportOptions(85, 60)
_FEW = ("topk.output", "topk.heat", "spectrum.error", "column_row.error")
FEW = [(page, plot) for page, plot in PLOTS if plot.key in _FEW]


@pytest.fixture
def language():
    yield set_language
    set_language("en")


def drawn_texts(figure, options):
    """Return every text of a figure that is seen, its size in points and its box in pixels."""
    figure, paper = legible(figure), paper_of(options)
    with pictures.drawing_settings():
        families = families_for(pictures._texts(figure))[0]
        picture, notices = pictures.draw(figure, "png", paper, families)
        picture.draw_without_rendering()
        beyond = set()
        for axis in (one for axes in picture.axes for one in (axes.xaxis, axes.yaxis)):
            low, high = sorted(axis.get_view_interval())
            ticks = axis.get_major_ticks()
            beyond |= {tick.label1 for tick in ticks if not low <= tick.get_loc() <= high}
        found = [
            (text.get_text(), text.get_fontsize(), text.get_window_extent())
            for text in pictures._written(picture)
            if text not in beyond
        ]
        return found, picture.bbox, notices


def check(page, plot, options=COLUMN):
    drawn = draw_plot(page, plot.key, small(), {}).drawn
    if isinstance(drawn, Table):
        return
    texts, page_box, _ = drawn_texts(drawn, options)
    assert texts
    for words, size, box in texts:
        assert size >= options.text_size - 1e-9, words
        assert "…" not in words or "…" in repr(drawn)
        assert min(box.x0, box.y0) >= -1, words
        assert box.x1 <= page_box.width + 1, words
        assert box.y1 <= page_box.height + 1, words


@pytest.mark.parametrize("spoken", ["en", "zh_CN"])
@pytest.mark.parametrize(("page", "plot"), FEW, ids=lambda one: one.key)
def test_text_of_a_column_is_whole_and_large_enough(page, plot, spoken, language):
    language(spoken)
    check(page, plot)


@pytest.mark.long
@pytest.mark.parametrize("spoken", ["en", "zh_CN"])
@pytest.mark.parametrize(("page", "plot"), plots())
def test_text_of_every_plot_is_whole_and_large_enough(page, plot, spoken, language):
    language(spoken)
    check(page, plot)


def curves(names, **more):
    x = np.arange(20.0)
    lines = tuple(Series(str(i), n, x, x + i, color=f"c{i % 8}") for i, n in enumerate(names))
    return Figure("a.b", "Title", Axis("index"), Axis("value"), lines, **more)


def test_long_names_labels_and_titles_are_wrapped_not_cut():
    long = "a name of a curve that is far longer than any column of a paper is wide, really"
    figure = replace(curves([long]), title=long, y=Axis(long), x=Axis(long))
    texts, box, notices = drawn_texts(figure, replace(COLUMN, width=120, height=110))
    seen = [words.replace("\n", " ") for words, _, _ in texts]
    assert seen.count(long) == 4
    assert notices == ()
    assert all(t.x0 >= -1 and t.x1 <= box.width + 1 for _, _, t in texts)


def test_lines_follow_the_text():
    def width(size):
        with pictures.drawing_settings():
            paper = paper_of(replace(COLUMN, text_size=size))
            picture, _ = pictures.draw(curves(["a"]), "png", paper, ["DejaVu Sans"])
            return picture.axes[0].lines[0].get_linewidth()

    assert width(10.0) / width(5.0) == pytest.approx(2.0)


def test_what_has_no_room_is_left_out_and_said():
    figure = curves([f"operator number {i}" for i in range(16)], note="Said of it. " * 30)
    texts, _, notices = drawn_texts(figure, COLUMN)
    assert not any("operator" in words for words, _, _ in texts)
    assert notices == (
        "At this size there is no room for the note, the legend. A larger size has it.",
    )
    with pytest.raises(ExportError, match="smaller text"):
        drawn_texts(figure, replace(COLUMN, width=30, height=25, text_size=14.0))


def svg_texts(path):
    found = ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")
    return ["".join(one.itertext()) for one in found]


@pytest.mark.parametrize("legend", ["below", "inside", "off"])
@pytest.mark.parametrize("title", [True, False])
def test_title_and_legend_stand_where_they_are_asked_for(title, legend, tmp_path):
    path = export_figure(curves(["one", "two"]), tmp_path / "a.svg", title=title, legend=legend)
    texts = svg_texts(path)
    assert ("Title" in texts) == title
    assert ("one" in texts) == (legend != "off")


@pytest.mark.parametrize("font", ["", "DejaVu Serif"])
def test_pdf_and_svg_bring_their_one_font(font, tmp_path):
    figure = replace(curves(["one"]), y=Axis("σ₁ / ‖M‖", log=True))
    name = font or "DejaVu Sans"
    page = pypdf.PdfReader(export_figure(figure, tmp_path / "a.pdf", font=font)).pages[0]
    fonts = [one.get_object()["/BaseFont"] for one in page["/Resources"]["/Font"].values()]
    assert {one.rpartition("+")[2].lstrip("/") for one in fonts} == {name.replace(" ", "")}
    assert "σ₁ / ‖M‖" in page.extract_text()
    text = export_figure(figure, tmp_path / "a.svg", font=font).read_text()
    assert re.findall(r"@font-face\{font-family:'([^']*)'", text) == [name]
    assert "σ₁ / ‖M‖" in text


def test_a_font_that_cannot_set_raised_figures_is_replaced_whole(tmp_path):
    figure, said = replace(curves(["one"]), y=Axis("10⁻² ᵀ", log=True)), []
    export_figure(figure, tmp_path / "a.pdf", font="No Such Font", notices=said)
    assert said[:1] == [
        "No Such Font is not installed or lacks raised figures; the text is set in DejaVu Sans "
        "instead."
    ]


def test_a_table_grows_its_page_and_keeps_its_text(tmp_path):
    page, plot = next((page, plot) for page, plot in PLOTS if plot.key == "topk.claims")
    table, said = draw_plot(page, plot.key, small(), {}).drawn, []
    path = export_table(table, tmp_path / "a.svg", width=85, height=60, notices=said)
    sizes = re.findall(r"font-size: ([\d.]+)px", path.read_text())
    assert sizes
    assert min(map(float, sizes)) >= 8.0 - 1e-6
    assert "needs a page of" in said[0]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"text_size": 2.0}, "Text of 2 points"),
        ({"text_size": float("nan")}, "points is not possible"),
        ({"legend": "left"}, "no place for a legend"),
    ],
)
def test_impossible_choices_are_sentences(wrong, words, tmp_path):
    with pytest.raises(ExportError, match=words):
        export_figure(curves(["a"]), tmp_path / "a.png", **wrong)
