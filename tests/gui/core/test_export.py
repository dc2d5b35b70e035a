"""Exports are read back by other programs' readers: pixels, sizes, texts, numbers, metadata."""

from __future__ import annotations

import copy
import errno
import itertools
import json
import os
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pypdf
import pytest
from matplotlib import font_manager
from PIL import Image as Pillow

from gui.core import export_files, export_fonts
from gui.core.export import (
    EXPORT_FORMATS,
    ExportError,
    ExportOptions,
    ExportRequest,
    PictureRequest,
    export_figure,
    read_metadata,
)
from gui.core.export_fonts import families_for
from gui.core.figure import Axis, Band, Cursor, Figure, Image, Series, Span
from gui.core.palette import SCHEMES, category

PICTURES = [known.key for known in EXPORT_FORMATS if known.picture]


class NoProgress:
    cancelled = False

    def report(self, fraction, text):
        pass


@pytest.fixture
def curves():
    x = np.arange(40.0)
    series = []
    for index in range(8):
        color, dash = category(index)
        y = 1 / (1 + np.exp((x - 8) / (0.5 + index)))
        series.append(Series(f"s{index}", f"operator {index}", x, y, color, dash))
    return Figure(
        "topk.output",
        "Output p by index",
        Axis("index i"),
        Axis("inclusion p"),
        tuple(series),
        note="router.npy, k = 8",
        meta={"file": "a (1)\\router.npy", "名": "值 100 %", "k": "8"},
    )


@pytest.fixture
def spectrum():
    x = np.arange(1, 101)
    y = 10.0 ** (-x / 20.0)
    y[-3:] = [1e-40, 0.0, -1.0]
    return Figure(
        "spectrum.values",
        "Singular values of $W_q$",
        Axis("index"),
        Axis("sigma", log=True),
        (Series("s", "exact", x, y, "ink"),),
        (Band("b", "certified", x, 0.5 * y, 2 * y),),
        (Span("a", "agreement", "x", 20, 40, "c2"),),
        (Cursor("r", "rank r = 30", "x", 30.0), Cursor("t", "threshold", "y", 1e-3)),
    )


@pytest.fixture
def picture():
    values = np.random.default_rng(0).standard_normal((30, 20))
    values[3, 4] = np.nan
    image = Image("m", "entry", values, (0.0, 20.0, 0.0, 30.0), "diverging", unit="mV")
    return Figure("m", "Matrix", Axis("column"), Axis("row"), images=(image,), equal_aspect=True)


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
    missing = families_for([figure.title, "序号"])[1]
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
        assert families_for("⌒") == (["DejaVu Sans", "DejaVu Sans Mono"], "")
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


def test_csv_reads_back_bit_for_bit(curves, tmp_path):
    path = export_figure(curves, tmp_path / "a.csv")
    table = np.genfromtxt(path, delimiter=",", comments="#", skip_header=0, encoding="utf-8")
    np.testing.assert_array_equal(table[1:, 0], curves.series[0].x)
    for column, series in enumerate(curves.series, start=1):
        np.testing.assert_array_equal(table[1:, column], series.y)
    lines = path.read_text(encoding="utf-8").splitlines()
    header = next(line for line in lines if not line.startswith("#"))
    assert header.split(",") == ["index i", *(series.name for series in curves.series)]


def test_csv_gives_curves_with_other_x_their_own_columns(tmp_path):
    one = Series("a", "same", np.arange(3), np.array([0.1, 1e-300, np.nan]))
    two = Series("b", "same", np.array([0.5]), np.array([1 / 3], np.float32))
    figure = Figure("f", "f", Axis("x"), Axis("y"), (one, two))
    lines = export_figure(figure, tmp_path / "a.csv").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        "same [a] x,same [a] y,same [b] x,same [b] y",
        "0,0.1,0.5,0.3333333432674408",
        "1,1e-300,,",
        "2,nan,,",
    ]


def test_csv_writes_images_as_a_matrix_section(picture, curves, tmp_path):
    figure = replace(picture, series=curves.series[:1])
    text = export_figure(figure, tmp_path / "a.csv").read_text(encoding="utf-8")
    table, matrix = text.split("\n\n")
    comment, *rows = matrix.strip().splitlines()
    assert comment.startswith("# image m: entry (30 x 20); left, right, top, bottom = 0.0, 20.0")
    values = np.array([[float(cell) for cell in row.split(",")] for row in rows])
    np.testing.assert_array_equal(values, picture.images[0].values)
    assert len(table.splitlines()) > 40


def test_npz_reads_back_bit_for_bit_without_pickle(curves, spectrum, picture, tmp_path):
    figure = replace(spectrum, images=picture.images, meta=curves.meta)
    with np.load(export_figure(figure, tmp_path / "a.npz"), allow_pickle=False) as arrays:
        assert set(arrays) == {
            "metadata",
            "s.x",
            "s.y",
            "b.x",
            "b.lower",
            "b.upper",
            "m.values",
            "m.extent",
        }
        assert arrays["s.x"].dtype == figure.series[0].x.dtype
        np.testing.assert_array_equal(arrays["s.y"], figure.series[0].y)
        np.testing.assert_array_equal(arrays["b.upper"], figure.bands[0].upper)
        np.testing.assert_array_equal(arrays["m.values"], figure.images[0].values)
        assert json.loads(str(arrays["metadata"][()]))["meta"] == dict(curves.meta)


def test_npz_keys_stay_inside_the_archive(tmp_path):
    x = np.arange(2.0)
    figure = Figure(
        "f",
        "f",
        Axis("x"),
        Axis("y"),
        (Series("../a/b", "one", x, x), Series(".._a_b", "two", x, x + 1)),
    )
    with np.load(export_figure(figure, tmp_path / "a.npz")) as arrays:
        names = [name for name in arrays if name != "metadata"]
        assert len(names) == 4
        assert not any("/" in name or ".." in name for name in names)


@pytest.mark.parametrize("known", EXPORT_FORMATS, ids=lambda known: known.key)
def test_metadata_comes_back_from_every_format(known, curves, tmp_path):
    path = export_figure(curves, tmp_path / f"a{known.suffix}")
    found = read_metadata(path)
    assert found["meta"] == dict(curves.meta)
    assert found["figure"] == "topk.output"
    assert found["rankscope"]


@pytest.mark.parametrize("known", EXPORT_FORMATS, ids=lambda known: known.key)
def test_foreign_and_damaged_files_have_no_metadata(known, curves, tmp_path):
    path = export_figure(curves, tmp_path / f"a{known.suffix}")
    whole = path.read_bytes()
    for part in (
        b"",
        whole[:40],
        b"PK\x03\x04 no",
        whole[:100].replace(b"rankscope", b"elsewhere"),
    ):
        path.write_bytes(part)
        with pytest.raises(ExportError, match="carries no Rankscope data"):
            read_metadata(path)


def test_metadata_of_a_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(ExportError, match="cannot be read"):
        read_metadata(tmp_path / "none.png")
    with pytest.raises(ExportError, match="carries no"):
        read_metadata(tmp_path)


@pytest.mark.parametrize("kind", PICTURES)
def test_same_figure_gives_the_same_bytes(kind, curves, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    one = export_figure(curves, tmp_path / f"a.{kind}").read_bytes()
    assert export_figure(curves, tmp_path / f"b.{kind}").read_bytes() == one


def test_existing_file_is_kept_unless_overwriting_is_allowed(curves, tmp_path):
    path = tmp_path / "a.svg"
    path.write_text("mine")
    with pytest.raises(ExportError, match="exists already"):
        export_figure(curves, path)
    assert path.read_text() == "mine"
    assert export_figure(curves, path, overwrite=True) == path
    assert path.read_text() != "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["a.svg"]


def test_overwriting_through_a_link_keeps_the_link(curves, tmp_path):
    (tmp_path / "real.csv").write_text("old")
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "real.csv")
    export_figure(curves, link, overwrite=True)
    assert link.is_symlink()
    assert (tmp_path / "real.csv").read_text() != "old"


@pytest.mark.parametrize(
    ("path", "options", "sentence"),
    [
        ("a.png", {"width": 1e4}, "pixels. Choose a smaller size"),
        ("a.png", {"width": 20001, "height": 500, "unit": "px"}, "20001 x 500 pixels"),
        ("a.pdf", {"width": 6000}, "5000 mm"),
        ("a.pdf", {"width": 10}, "too small to read"),
        ("a.svg", {"height": float("nan")}, "must be numbers"),
        ("a.svg", {"height": -5}, "too small"),
        ("a.png", {"dpi": 0}, "0 DPI is not possible"),
        ("a.png", {"scheme": "pink"}, "“pink” is not a colour scheme"),
        ("a.png", {"unit": "inch"}, "“inch” is not a unit"),
        ("a.png", {"format": "bmp"}, "“bmp” is not a format"),
        ("a.jpeg", {}, "“.jpeg” is not a format to export to. Choose one of .png, .svg"),
        ("a", {}, "“a” is not a format"),
        ("none/a.png", {}, "folder .*none does not exist"),
        ("folder.png", {}, "is a folder. Add a file name"),
        ("x" * 300 + ".csv", {}, "name is too long"),
    ],
)
def test_every_mistake_is_a_sentence(path, options, sentence, curves, tmp_path):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(ExportError, match=sentence):
        export_figure(curves, tmp_path / path, **options)
    assert [p.name for p in tmp_path.iterdir()] == ["folder.png"]


def test_too_much_text_for_a_small_picture_is_a_sentence(spectrum, tmp_path):
    with pytest.raises(ExportError, match="too small for this plot"):
        export_figure(spectrum, tmp_path / "a.png", width=25, height=20)


def test_figure_without_data_is_a_sentence(tmp_path):
    figure = Figure("f", "Empty", Axis("x"), Axis("y"))
    with pytest.raises(ExportError, match="“Empty” shows no data"):
        export_figure(figure, tmp_path / "a.png")


def test_figure_of_nothing_but_nan_is_still_drawn(tmp_path):
    nothing = np.full(3, np.nan)
    for log in (False, True):
        figure = Figure(
            "f", "NaN", Axis("x"), Axis("y", log=log), (Series("s", "s", np.arange(3), nothing),)
        )
        assert export_figure(figure, tmp_path / "a.png", overwrite=True).exists()


def test_folder_without_permission_is_a_sentence(curves, tmp_path, monkeypatch):
    if os.geteuid() == 0:  # root may write anywhere
        monkeypatch.setattr(export_files.Path, "touch", _refuse(errno.EACCES))
    else:
        tmp_path.chmod(0o500)
    with pytest.raises(ExportError, match="you may not write there"):
        export_figure(curves, tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("number", "sentence"), [(errno.ENOSPC, "disk is full"), (errno.EIO, "Try another folder")]
)
def test_disk_error_is_a_sentence_and_keeps_the_old_file(
    number, sentence, curves, tmp_path, monkeypatch
):
    path = tmp_path / "a.csv"
    path.write_text("old")
    monkeypatch.setattr(export_files.os, "replace", _refuse(number))
    with pytest.raises(ExportError, match=sentence):
        export_figure(curves, path, overwrite=True)
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def _refuse(number):
    def refuse(*args, **kwargs):
        raise OSError(number, os.strerror(number))

    return refuse


def test_missing_suffix_is_added(curves, tmp_path):
    assert export_figure(curves, tmp_path / "v1.2", format="csv") == tmp_path / "v1.2.csv"


def test_requests_run_without_a_window(curves, tmp_path):
    request = ExportRequest(curves, tmp_path / "a.png", ExportOptions(dpi=100.0))
    assert request.run(NoProgress()) == (tmp_path / "a.png", [])
    png, svg = PictureRequest(curves, ExportOptions(), ("png", "svg"), 300).run(NoProgress())
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") == 300
    assert b"<svg" in svg


def test_importing_export_imports_neither_matplotlib_nor_qt():
    script = "import sys, gui.core.export; print([m for m in ('matplotlib', 'PySide6', 'engine', "
    script += "'PIL') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_export_leaves_settings_of_matplotlib_alone(curves, tmp_path):
    import matplotlib

    before = dict(matplotlib.rcParams)
    export_figure(curves, tmp_path / "a.pdf")
    assert dict(matplotlib.rcParams) == before
    assert "matplotlib.pyplot" not in sys.modules
