"""Exported pictures are read back by other programs: pixels, sizes, texts."""

from __future__ import annotations

import copy
import itertools
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pypdf
import pytest
from matplotlib import font_manager
from PIL import Image as Pillow

from gui.core.export import fonts as export_fonts
from gui.core.export.export import EXPORT_FORMATS, export_figure
from gui.core.export.fonts import families_for
from gui.core.figure.colormaps import to_rgb
from gui.core.figure.figure import Axis, Figure, Image, Series
from gui.core.figure.levels import clipped_words, coloured
from gui.core.figure.look import Look, Range
from gui.core.figure.palette import SCHEMES

PICTURES = [known.key for known in EXPORT_FORMATS if known.picture]


def rgb(color):
    return tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))


def pixels(path):
    with Pillow.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def count_of(data, color, tolerance=12):
    return int((np.abs(data - np.array(rgb(color))).max(axis=2) <= tolerance).sum())


def svg_texts(path):
    return [
        "".join(e.itertext())
        for e in ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")
    ]


@pytest.mark.parametrize(
    ("width", "height", "unit", "dpi", "size"),
    [
        (80, 60, "mm", 300, (945, 709)),
        (160, 100, "mm", 200, (1260, 787)),
        (1200, 800, "px", 96, (1200, 800)),
        (333, 251, "px", 130, (333, 251)),
    ],
)
def test_png_has_the_size_and_resolution_asked_for(
    width, height, unit, dpi, size, curves, tmp_path
):
    path = export_figure(curves, tmp_path / "a.png", width=width, height=height, unit=unit, dpi=dpi)
    with Pillow.open(path) as image:
        assert image.size == size
        np.testing.assert_allclose(image.info["dpi"], (dpi, dpi), rtol=0, atol=0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_png_shows_every_curve_in_its_colour(scheme, curves, tmp_path):
    data = pixels(export_figure(curves, tmp_path / "a.png", scheme=scheme))
    assert tuple(data[2, 2]) == rgb(SCHEMES[scheme].background)
    for series in curves.series:
        assert count_of(data, SCHEMES[scheme].color(series.color)) > 300


def test_a_vanished_curve_would_be_noticed(curves, tmp_path):
    for index in (0, 5):
        lacking = replace(curves, series=curves.series[:index] + curves.series[index + 1 :])
        data = pixels(export_figure(lacking, tmp_path / f"{index}.png"))
        assert count_of(data, SCHEMES["white"].color(curves.series[index].color)) < 30


def test_nothing_is_drawn_at_the_border(curves, spectrum, picture, tmp_path):
    for figure, (width, height) in itertools.product(
        (curves, spectrum, picture), ((80, 60), (160, 100), (60, 120))
    ):
        data = pixels(
            export_figure(figure, tmp_path / "a.png", width=width, height=height, overwrite=True)
        )
        edge = np.concatenate(
            (
                data[:4].reshape(-1, 3),
                data[-4:].reshape(-1, 3),
                data[:, :4].reshape(-1, 3),
                data[:, -4:].reshape(-1, 3),
            )
        )
        assert (edge == 255).all()


def test_svg_keeps_its_texts_and_size(spectrum, tmp_path):
    path = export_figure(spectrum, tmp_path / "a.svg", width=80, height=60)
    root = ElementTree.parse(path).getroot()
    points = [float(root.get(side).removesuffix("pt")) for side in ("width", "height")]
    np.testing.assert_allclose(points, [80 / 25.4 * 72, 60 / 25.4 * 72], rtol=0, atol=1e-3)
    texts = svg_texts(path)
    for text in (
        "Singular values of $W_q$",
        "index",
        "sigma",
        "exact",
        "certified",
        "agreement",
        "rank r = 30",
        "threshold",
        "10⁻²",
    ):
        assert text in texts


def test_pdf_keeps_its_texts_and_size(curves, tmp_path):
    path = export_figure(curves, tmp_path / "a.pdf", width=160, height=100)
    page = pypdf.PdfReader(path).pages[0]
    size = float(page.mediabox.width) / 72 * 25.4, float(page.mediabox.height) / 72 * 25.4
    np.testing.assert_allclose(size, (160, 100), rtol=0, atol=0.01)
    text = page.extract_text()
    for part in ("Output p by index", "index i", "inclusion p", "operator 7", "router.npy, k = 8"):
        assert part in text


@pytest.mark.parametrize("kind", PICTURES)
def test_chinese_texts_use_a_font_that_has_them(kind, curves, tmp_path):
    figure = replace(curves, title="软 Top-k 输出", x=Axis("序号"))
    families, missing = families_for([figure.title, "序号"])
    assert len(families) == 1 or missing
    notices = []
    path = export_figure(figure, tmp_path / f"a.{kind}", notices=notices)
    assert bool(notices) == bool(missing)
    if kind == "svg":
        assert "软 Top-k 输出" in svg_texts(path)
    if kind == "pdf" and not missing:
        text = pypdf.PdfReader(path).pages[0].extract_text()
        assert "软" in text
        assert "序号" in text


def test_a_font_installed_after_matplotlib_made_its_list_is_found(monkeypatch):
    # The list is kept on disk, and what the person installs on our advice is not in it.
    ruled = font_manager.findfont("DejaVu Sans Mono", fallback_to_default=False)
    manager = copy.copy(font_manager.fontManager)
    manager.ttflist = [font for font in manager.ttflist if font.name != "DejaVu Sans Mono"]
    manager._findfont_cached.cache_clear()
    monkeypatch.setattr(font_manager, "fontManager", manager)
    monkeypatch.setattr(font_manager, "findfont", manager.findfont)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [ruled])
    monkeypatch.setattr(export_fonts, "_HELPERS", ("DejaVu Sans Mono",))
    for cached in (export_fonts._characters, export_fonts._learn_new_fonts):
        cached.cache_clear()
    try:
        assert families_for("⌒") == (["DejaVu Sans Mono"], "")
    finally:
        for cached in (export_fonts._characters, export_fonts._learn_new_fonts):
            cached.cache_clear()


def test_characters_without_a_font_are_said(curves, tmp_path):
    notices = []
    figure = replace(curves, title="Linear A: \U00010600")
    export_figure(figure, tmp_path / "a.png", notices=notices)
    assert "No installed font" in notices[0]


def test_values_below_a_log_axis_are_clipped_and_said(spectrum, tmp_path):
    notices = []
    path = export_figure(spectrum, tmp_path / "a.svg", notices=notices)
    assert notices == ["3 values below 7.06e-6 are drawn at the edge of the log axis."]
    assert any("3 values below" in text for text in svg_texts(path))
    with np.load(export_figure(spectrum, tmp_path / "a.npz")) as arrays:
        np.testing.assert_array_equal(arrays["s.y"], spectrum.series[0].y)


def test_image_has_its_colours_a_bar_and_a_word_for_nan(picture, tmp_path):
    data = pixels(export_figure(picture, tmp_path / "a.png"))
    assert count_of(data, "#e600be") > 100
    texts = svg_texts(export_figure(picture, tmp_path / "a.svg"))
    assert "entry [mV]" in texts
    assert "not a number" in texts


@pytest.mark.parametrize("log", [False, True])
def test_an_image_is_exported_as_it_is_looked_at(log, picture, tmp_path):
    wanted = Look("purple_green", reversed=True, log=log, range=Range("hand", -0.5, 1.0))
    image = coloured(picture.images[0], wanted)
    figure = replace(picture, images=(image,))
    data = pixels(export_figure(figure, tmp_path / "a.png", width=600, height=450, unit="px"))
    entries = to_rgb(image.values, image.map, image.levels, log).reshape(-1, 3)
    assert {*map(tuple, entries.tolist())} <= {*map(tuple, data.reshape(-1, 3).tolist())}


def test_what_is_clipped_is_said_at_the_bar(picture, tmp_path):
    image = coloured(picture.images[0], Look(range=Range("hand", -0.5, 1.0)))
    texts = svg_texts(export_figure(replace(picture, images=(image,)), tmp_path / "a.svg"))
    assert set(clipped_words(image)) <= set(texts)
    assert all(clipped_words(image))


def test_a_logarithmic_bar_has_its_numbers_where_their_colours_are(picture, tmp_path):
    image = coloured(picture.images[0], Look(log=True, range=Range("hand", -1.0, 1.0)))
    texts = svg_texts(export_figure(replace(picture, images=(image,)), tmp_path / "a.svg"))
    assert {"1.00", "0.0223", "−0.0223", "−1.00"} <= set(texts)


def test_first_row_of_an_image_is_on_top(tmp_path):
    values = np.zeros((2, 2, 3))
    values[0, 0] = [255, 0, 0]
    values[1, 1] = [0, 0, 255]
    figure = Figure(
        "i",
        "i",
        Axis("x"),
        Axis("y"),
        images=(Image("i", "i", values, (0.0, 2.0, 0.0, 2.0), "rgb"),),
    )
    data = pixels(export_figure(figure, tmp_path / "a.png"))
    red = np.argwhere((data == [255, 0, 0]).all(axis=2)).mean(axis=0)
    blue = np.argwhere((data == [0, 0, 255]).all(axis=2)).mean(axis=0)
    assert (red < blue).all()


def test_inverted_axis_and_named_ticks_are_kept(curves, tmp_path):
    ticks = ((5.0, "five"), (30.0, "thirty"), (99.0, "outside"))
    figure = replace(curves, x=Axis("x", ticks=ticks, inverted=True))
    places = {}
    for element in ElementTree.parse(export_figure(figure, tmp_path / "a.svg")).iter():
        if element.text in ("five", "thirty", "outside"):
            places[element.text] = float(element.get("x"))
    assert places["five"] > places["thirty"]
    assert "outside" not in places


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_long_curves_are_reduced_in_drawings_and_complete_in_tables(kind, tmp_path):
    x = np.arange(1_000_000)
    y = np.sin(x / 1e4)
    y[123_456] = 7.0  # one point: a reduction that skips would lose it
    figure = Figure("long", "Long", Axis("x"), Axis("y"), (Series("s", "s", x, y),))
    path = export_figure(figure, tmp_path / f"a.{kind}")
    assert path.stat().st_size < 600_000
    with np.load(export_figure(figure, tmp_path / "a.npz")) as arrays:
        np.testing.assert_array_equal(arrays["s.y"], y)
    data = pixels(export_figure(figure, tmp_path / "a.png"))
    assert count_of(data[: data.shape[0] // 2], SCHEMES["white"].color("c0")) > 20
