"""The command line as a person uses it: whole processes, without a display."""

import os
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from gui.core.words import i18n
from gui.pages import PAGES
from gui.render import all_plots
from tests.gui.pages.test_every_plot import OF_A_FOLDER


@pytest.fixture(autouse=True)
def _in_english(monkeypatch):
    """Begin in English whatever the machine speaks, and give the language back."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    yield
    i18n.set_language("en")


@pytest.fixture(scope="module")
def matrix(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "own.csv"
    rng = np.random.default_rng(5)
    left, right = rng.standard_normal((40, 3)), rng.standard_normal((3, 16))
    np.savetxt(path, left @ right + 0.01 * rng.standard_normal((40, 16)), delimiter=",")
    return path


def rankscope(*words, **variables):
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    return subprocess.run(
        [sys.executable, "-m", "gui", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment | variables,
        check=False,
    )


def svg_texts(path):
    root = ElementTree.parse(path).getroot()
    return " ".join(
        "".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have a display")
def test_without_a_display_one_line_points_to_render():
    result = rankscope()
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "rankscope render" in result.stderr


def test_render_draws_a_photo_in_colour(tmp_path):
    photo, out = tmp_path / "photo.png", tmp_path / "rank.csv"
    picture = np.zeros((8, 10, 3), np.uint8)
    picture[:, :5] = [200, 100, 0]
    Image.fromarray(picture).save(photo)
    result = rankscope("render", photo, "--figure", "approximation", "--rank", "1", "--out", out)
    assert (result.returncode, result.stderr) == (0, "")
    np.testing.assert_allclose(
        np.loadtxt(out, delimiter=",").reshape(8, 10, 3), picture, rtol=0, atol=1e-5
    )


def test_render_writes_an_svg_with_its_labels_as_text(matrix, tmp_path):
    out = tmp_path / "spectrum.svg"
    result = rankscope("render", matrix, "--figure", "spectrum", "--rank", "3", "--out", out)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.strip() == str(out)
    assert "singular value" in svg_texts(out).casefold()


def test_render_png_has_the_size_asked_for(matrix, tmp_path):
    out = tmp_path / "topk.png"
    words = ("--width", "640", "--height", "400", "--unit", "px", "--k", "3", "--tau", "0.5")
    result = rankscope("render", matrix, "--figure", "topk", "--row", "2", *words, "--out", out)
    assert (result.returncode, result.stderr) == (0, "")
    with Image.open(out) as image:
        assert image.size == (640, 400)


FIGURES = [plot.key for _, plot in all_plots() if plot.form() == "figure"]
TABLES = [plot.key for _, plot in all_plots() if plot.form() != "figure"]
FORMER = [name for page in PAGES for name in page.aliases]


@pytest.fixture
def heads(tmp_path):
    """A file with the weights of two heads, which some figures are about."""
    path, rng = tmp_path / "layer.npz", np.random.default_rng(3)
    names = ("model.layers.0.self_attn.q_proj.weight", "model.layers.0.self_attn.k_proj.weight")
    np.savez(path, **{name: rng.standard_normal((32, 16)) for name in names})
    return path


@pytest.fixture
def training(tmp_path):
    """A folder of two steps of a training."""
    rng = np.random.default_rng(4)
    for step in (100, 200):
        folder = tmp_path / "training" / f"checkpoint-{step}"
        folder.mkdir(parents=True)
        save_file({"q.weight": rng.standard_normal((24, 16))}, folder / "model.safetensors")
    return tmp_path / "training"


@pytest.mark.sample(1 / 2)
@pytest.mark.parametrize("key", [*FIGURES, *FORMER])
def test_every_render_figure_exports_its_numbers(key, matrix, heads, training, tmp_path):
    from gui.render import main

    out = tmp_path / f"{key}.npz"
    given = [str(matrix)]
    if key.startswith("position.head_"):
        given = [str(heads), "--head-count", "2"]
    elif key == "checkpoint.changes":
        given = [str(heads), "--against", str(heads)]
    elif key in OF_A_FOLDER:
        given = [str(training)]
    assert main([*given, "--figure", key, "--out", str(out)]) == 0
    with np.load(out) as data:
        arrays = [data[name] for name in data.files if data[name].dtype.kind == "f"]
    assert arrays
    assert any(np.isfinite(array).any() for array in arrays)


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("suffix", [".csv", ".md", ".tex", ".png"])
@pytest.mark.parametrize("key", TABLES)
def test_every_table_is_written_in_every_way(key, suffix, matrix, tmp_path):
    from gui.render import main

    out = tmp_path / f"{key}{suffix}"
    assert main([str(matrix), "--figure", key, "--out", str(out)]) == 0
    if suffix == ".png":
        with Image.open(out) as image:
            low, high = image.convert("L").getextrema()
            assert low < high
    else:
        assert out.read_text(encoding="utf-8").count("\n") > 2


def test_list_names_every_plot_with_its_title():
    told = rankscope("render", "--list").stdout.splitlines()
    assert [line.split("\t")[0] for line in told] == [plot.key for _, plot in all_plots()]
    assert all(line.count("\t") == 1 and line.split("\t")[1] for line in told)


def test_explain_says_what_a_plot_is_made_of_and_where_it_stands():
    told = rankscope("render", "--explain", "spectrum.error").stdout
    assert told.startswith("spectrum.error  Error against rank")
    assert re.search(r"gui/pages/spectrum/show/error\.py:\d+", told)
    assert "--rank" in told
    assert "step Analyse" in told


def test_help_of_a_figure_lists_the_controls_of_the_window():
    told = rankscope("render", "--figure", "spectrum.density", "--help").stdout
    for option in ("--noise", "--log-y", "--quantity", "--method"):
        assert option in told
    assert "--operators" not in told


def test_render_spectrum_numbers_are_those_of_numpy(matrix, tmp_path):
    from gui.render import main

    out = tmp_path / "spectrum.npz"
    assert main([str(matrix), "--figure", "spectrum", "--out", str(out)]) == 0
    expected = np.linalg.svd(np.loadtxt(matrix, delimiter=","), compute_uv=False)
    with np.load(out) as data:
        found = [
            data[name]
            for name in data.files
            if data[name].shape == expected.shape and data[name].dtype.kind == "f"
        ]
    assert any(np.allclose(array, expected, rtol=1e-10, atol=0) for array in found)


@pytest.mark.parametrize(
    ("words", "needle"),
    [
        (["missing.csv", "--figure", "spectrum", "--out", "a.svg"], "missing.csv"),
        (["{matrix}", "--figure", "spectrum", "--out", "a.docx"], ".docx"),
        (["{matrix}", "--figure", "spectrum", "--out", "no/such/folder/a.svg"], "folder"),
        (["{matrix}", "--figure", "topk", "--k", "99", "--out", "a.svg"], "k = 99"),
        (["{matrix}", "--figure", "topk", "--tau", "0", "--out", "a.svg"], "tau"),
        (["{matrix}", "--figure", "topk", "--tau", "warm", "--out", "a.svg"], "--tau"),
        (["{matrix}", "--figure", "spectrum", "--tau", "1", "--out", "a.svg"], "--tau"),
        (["{matrix}", "--figure", "spectrum", "--entry", "q", "--out", "a.svg"], "'q'"),
        (["{matrix}", "--figure", "spectrum", "--slice", "1", "--out", "a.svg"], "--slice"),
        (["{matrix}", "--figure", "spectrum", "--rank", "99", "--out", "a.svg"], "99"),
        (["{matrix}", "--figure", "spectrum", "--rank", "inf", "--out", "a.svg"], "whole number"),
        (["{matrix}", "--figure", "spectrum", "--rank", "nan", "--out", "a.svg"], "whole number"),
        (["{matrix}", "--figure", "topk", "--k", "inf", "--out", "a.svg"], "--k inf"),
        (["{matrix}", "--figure", "topk", "--k", "nan", "--out", "a.svg"], "--k nan"),
        (["{matrix}", "--figure", "topk", "--row", "1e999", "--out", "a.svg"], "whole number"),
    ],
)
def test_render_refuses_with_one_sentence(words, needle, matrix, tmp_path, monkeypatch, capsys):
    from gui.render import main

    monkeypatch.chdir(tmp_path)
    words = [word.format(matrix=matrix) for word in words]
    assert main(words) == 1
    error = capsys.readouterr().err
    assert needle in error
    assert error.startswith("rankscope render: ")
    assert "Traceback" not in error
    assert list(tmp_path.iterdir()) == []


def test_render_never_overwrites_silently(matrix, tmp_path, capsys):
    from gui.render import main

    out = tmp_path / "spectrum.svg"
    out.write_text("precious")
    words = [str(matrix), "--figure", "spectrum", "--out", str(out)]
    assert main(words) == 1
    assert out.read_text() == "precious"
    assert main([*words, "--overwrite"]) == 0
    assert "<svg" in out.read_text()


def test_render_takes_a_slice_of_many_axes(tmp_path):
    from gui.render import main

    path, out = tmp_path / "heads.npy", tmp_path / "out.npz"
    heads = np.random.default_rng(0).standard_normal((2, 3, 6, 4))
    np.save(path, heads)
    words = [str(path), "--figure", "spectrum", "--slice", "1,2", "--out", str(out)]
    assert main(words) == 0
    expected = np.linalg.svd(heads[1, 2], compute_uv=False)
    with np.load(out) as data:
        found = [data[n] for n in data.files if data[n].shape == expected.shape]
    assert any(np.allclose(a, expected) for a in found if a.dtype.kind == "f")


def test_screenshot_opens_a_file_and_exits(matrix, tmp_path):
    picture = tmp_path / "window.png"
    words = ("--fresh", "--page", "spectrum", "--size", "1024x700", "--screenshot", picture)
    result = rankscope(*words, matrix, QT_QPA_PLATFORM="offscreen")
    assert result.returncode == 0, result.stderr
    with Image.open(picture) as image:
        assert image.size == (1024, 700)


def test_version_and_help_name_the_program():
    assert rankscope("--version").stdout.startswith("rankscope ")
    assert "render" in rankscope("--help").stdout


@pytest.fixture
def _in_chinese(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")


@pytest.mark.usefixtures("_in_chinese")
def test_help_is_in_the_language_of_the_system(capsys):
    from gui.render import main

    with pytest.raises(SystemExit) as left:
        main(["--help"])
    told = capsys.readouterr().out
    assert left.value.code == 0
    assert told.startswith("用法：rankscope render [-h]")
    # What stays is what is typed: names of options and figures, and what they take.
    typed = r"(?<!\w)--?[a-z-]+( [A-Z_,]+)?|\{.*?\}|\(.*?\)|[A-Z_]{2,}|\bsigma2?\b"
    words = re.sub(typed, "", re.sub(r"\s+", " ", told.partition("\n\n")[2]))
    known = {"npz", "csv", "png", "svg", "pdf", "md", "tex", "rankscope", "render", "KEY"}
    known |= {"npy", "tif"}
    known |= {"column-mean", "zero", "NaN", "energy", "tau", "rows", "columns", "own"}
    known |= {"diagonal", "full", "tab", "blank", "none", "leave-rows-out", "unfolded"}
    assert set(re.findall(r"[A-Za-z][A-Za-z_-]{2,}", words)) - known - {"Top-k"} == set()


@pytest.mark.usefixtures("_in_chinese")
def test_language_option_wins_over_the_system(capsys):
    from gui.__main__ import main

    with pytest.raises(SystemExit):
        main(["--help", "--language", "en"])
    assert capsys.readouterr().out.startswith("usage: rankscope")


@pytest.mark.usefixtures("_in_chinese")
@pytest.mark.parametrize(
    ("words", "chinese"),
    [
        ("", "缺少必需的参数：FILE, --figure, --out"),
        ("{matrix} --figure topk --out", "参数 --out：需要一个值"),
        ("{matrix} --figure topk --out a.svg --width q", "参数 --width：'q' 不是数"),
        ("{matrix} --figure topk --out a.svg --unit q", "参数 --unit：没有 'q' 这一选项（可选："),
    ],
)
def test_argparse_refuses_in_chinese(words, chinese, matrix, capsys):
    from gui.render import main

    with pytest.raises(SystemExit) as left:
        main([word.format(matrix=matrix) for word in words.split()])
    assert left.value.code == 2
    assert f"rankscope render: {chinese}" in capsys.readouterr().err


@pytest.mark.usefixtures("_in_chinese")
@pytest.mark.parametrize(
    ("words", "chinese"),
    [
        ("topk --k 99", "--k = 99 不被允许：必须是在 [0, 16] 内的数（16 个得分）。"),
        ("topk --tau warm", "--tau warm 不被允许：必须是数。"),
        ("topk --row 1.5", "--row 1.5 不被允许：必须是一个整数。"),
        ("topk --zz", "topk.output 没有选项 --zz。"),
        ("topk --taus 3", "topk.output 没有选项 --taus（您是指 '--tau' 吗？）。"),
        (
            "spectrum --tau 1",
            "--tau 不属于 spectrum.values；它属于 topk.output, topk.numbers, topk.tau_sweep, "
            "topk.k_sweep, topk.heat, topk.jacobian。",
        ),
        ("spectrum --slice 1", "--slice = '1' 不被允许：应为省略，因为只有一个矩阵。"),
        ("spectrum --rank 99", "--rank = 99 不被允许：必须是在 [0, 16] 内的数。"),
        (
            "spectrun",
            "没有名为“spectrun”的图（您是指 'spectrum' 吗？）。"
            "rankscope render --list 会列出它们。",
        ),
    ],
)
def test_render_refuses_in_chinese(words, chinese, matrix, tmp_path, capsys):
    from gui.render import main

    figure, *rest = words.split()
    out = tmp_path / "a.svg"
    assert main([str(matrix), "--figure", figure, "--out", str(out), *rest]) == 1
    assert capsys.readouterr().err == f"rankscope render: {chinese}\n"


@pytest.mark.usefixtures("_in_chinese")
def test_no_display_is_said_in_chinese():
    told = rankscope(LC_ALL="zh_CN.UTF-8", PYTHONIOENCODING="utf-8").stderr
    assert told.startswith("这里没有显示器")


def test_figures_are_drawn_in_the_language_asked_for(matrix, tmp_path):
    out = tmp_path / "spectrum.svg"
    words = ("--figure", "spectrum", "--language", "zh_CN", "--out", out)
    assert rankscope("render", matrix, *words, PYTHONIOENCODING="utf-8").returncode == 0
    assert "奇异值" in svg_texts(out)


def test_the_options_that_every_figure_has_are_known_to_the_declarations():
    from gui.core.declare.check import OWN_OPTIONS
    from gui.render import _parser

    taken = {word for action in _parser()._actions for word in action.option_strings}
    assert {word.removeprefix("--") for word in taken if word.startswith("--")} == OWN_OPTIONS


def test_a_page_that_there_is_none_of_is_refused_and_those_there_are_named(capsys):
    from gui.__main__ import main

    assert main(["--fresh", "--page", "nonsense"]) == 2
    told = capsys.readouterr().err
    assert "nonsense" in told
    assert "topk, spectrum, column_row" in told


_HOOKS = """
import builtins
own = builtins.__import__
from gui.plain_imports import plain_imports
import PySide6.QtWidgets
hooked = builtins.__import__
with plain_imports():
    inside = builtins.__import__
    import gui.app
assert hooked is not own and inside is own and builtins.__import__ is hooked
from PySide6.QtWidgets import *
assert QTableView and QApplication
"""


def test_the_hook_of_pyside_is_out_of_the_way_only_while_own_modules_are_imported():
    done = subprocess.run([sys.executable, "-c", _HOOKS], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
