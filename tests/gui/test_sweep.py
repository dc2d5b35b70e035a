"""`rankscope sweep` as a person uses it: tables, exit codes, Ctrl+C."""

from __future__ import annotations

import csv
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from safetensors.numpy import save_file

from gui import sweep as command
from gui.core.words import i18n


@pytest.fixture(autouse=True)
def _at_home(monkeypatch, tmp_path):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    for name in command.keep_to_one.__globals__["VARIABLES"]:
        monkeypatch.setenv(name, "1")
    yield
    i18n.set_language("en")


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "<b>&model"
    folder.mkdir()
    rng = np.random.default_rng(0)
    found = {
        f"layers.{i}.<q>_proj.weight": rng.standard_normal((9, 6)).astype("f4") for i in range(3)
    }
    save_file(found | {"norm.weight": np.ones(6, "f4")}, folder / "model.safetensors")
    return folder


def test_the_summary_and_the_second_run(model, capsys):
    assert command.main([str(model)]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("3 matrices, 0 reused, 0 with problems, 1 skipped, ")
    assert said.err == ""
    assert command.main([str(model)]) == 0
    assert capsys.readouterr().out.startswith("3 matrices, 3 reused, ")
    assert command.main([str(model), "--no-cache", "--include", r"\.1\."]) == 0
    assert capsys.readouterr().out.startswith("1 matrices, 0 reused, ")


def test_a_table_of_every_kind(model, tmp_path, capsys):
    for suffix in ("csv", "npz", "html"):
        out = tmp_path / f"table.{suffix}"
        rules = "energy=0.9,mp_edge,energy=0.5"
        assert command.main([str(model), "--out", str(out), "--rules", rules]) == 0
    with open(tmp_path / "table.csv", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["layer"] for line in lines] == ["0", "1", "2"]
    assert {"rank_energy=0.9", "rank_mp_edge", "rank_energy=0.5"} <= set(lines[0])
    with np.load(tmp_path / "table.npz") as kept:
        np.testing.assert_array_equal(kept["stable_rank"], [float(i["stable_rank"]) for i in lines])
        assert kept["offsets"].tolist() == [0, 6, 12, 18]
        assert kept["values"][6] == float(lines[1]["spectral_norm"])
        assert kept["expert"].tolist() == [-1, -1, -1]
    text = (tmp_path / "table.html").read_text("utf-8")
    assert "<script" not in text
    assert "http" not in text
    assert "<b>&model" not in text
    assert "&lt;b&gt;&amp;model" in text
    assert "layers.2.&lt;q&gt;_proj.weight" in text
    capsys.readouterr()


def test_the_map_of_a_report_has_the_order_of_the_page_and_words_stand_at_the_left(tmp_path):
    names = ("mlp.gate", "mlp.down_proj", "self_attn.k_proj", "self_attn.q_proj")
    model = {f"layers.{i}.{name}.weight": np.eye(3) for i in range(2) for name in names}
    np.savez(tmp_path / "model.npz", **model)
    out = tmp_path / "table.html"
    assert command.main([str(tmp_path / "model.npz"), "--no-cache", "--out", str(out)]) == 0
    text = out.read_text("utf-8")
    heads = [text.index(f"<th>{role}</th>") for role in ("q", "k", "down", "router")]
    assert heads == sorted(heads)
    assert '<th class="words">name</th>' in text
    assert '<td class="words">layers.0.mlp.gate.weight</td>' in text
    assert "<td>1</td>" in text  # its layer


def test_parquet_is_refused_in_words_or_written(model, tmp_path, capsys):
    out = tmp_path / "table.parquet"
    try:
        from pyarrow import parquet
    except ImportError:
        assert command.main([str(model), "--out", str(out)]) == 1
        assert "pip install pyarrow" in capsys.readouterr().err
        assert not out.exists()
    else:
        assert command.main([str(model), "--out", str(out)]) == 0
        assert parquet.read_table(out)["rows"].to_pylist() == [9, 9, 9]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--out", "table.doc"], "written as one of .csv"),
        (["--out", "no/such/folder/t.csv"], "does not exist"),
        (["--include", "("], "regular expression"),
        (["--rules", "enargy"], "enargy"),
        (["--workers", "0"], "workers"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_1(words, said, model, capsys):
    assert command.main([str(model), *words]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_no_model_and_an_existing_table(model, tmp_path, capsys):
    assert command.main([str(tmp_path / "none")]) == 1
    (tmp_path / "t.csv").write_text("mine")
    assert command.main([str(model), "--out", str(tmp_path / "t.csv")]) == 1
    assert (tmp_path / "t.csv").read_text() == "mine"
    assert command.main([str(model), "--out", str(tmp_path / "t.csv"), "--overwrite"]) == 0
    capsys.readouterr()


def test_in_chinese(model, capsys):
    assert command.main([str(model), "--language", "zh_CN"]) == 0
    assert capsys.readouterr().out.startswith("3 个矩阵，0 个复用，")


def test_neither_qt_nor_a_drawing_library_is_imported(model):
    code = (
        "import sys\nfrom gui.__main__ import main\n"
        "assert main(['sweep', sys.argv[1], '--no-cache']) == 0\n"
        "print([n for n in ('PySide6', 'pyqtgraph', 'matplotlib', 'numba') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(model)], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
@pytest.mark.parametrize(("size", "count"), [(1200, 4), (1300, 16)], ids=["threads", "processes"])
def test_ctrl_c_says_how_to_go_on(size, count, tmp_path):
    rng = np.random.default_rng(0)
    found = {f"w.{i}": rng.standard_normal((size, size)) for i in range(count)}
    save_file(found, tmp_path / "model.safetensors")
    process = subprocess.Popen(
        [sys.executable, "-c", _SWEEP, str(tmp_path)], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    while f"of {count} matrices" not in process.stderr.readline():
        assert process.poll() is None
    asked = time.perf_counter()
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "run it again to continue" in rest
    assert "Traceback" not in rest
    assert time.perf_counter() - asked < 5.0  # a fraction of a second where nothing else runs


_SWEEP = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a run in the background ignores it
from gui import sweep
sweep._EVERY = 0.0
sys.exit(sweep.main(sys.argv[1:]))
"""


def test_progress_on_a_terminal_is_one_line(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    shown = command._Progress()
    shown.report(0.25, "1 of 4 matrices")
    shown.end()
    said = capsys.readouterr().err
    assert said.startswith("\r 25 %  1 of 4 matrices")
    assert "\n" not in said


def test_rows_against_steps(tmp_path, capsys):
    for step in (10, 9):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        save_file({"h.0.q_proj.weight": step * np.eye(3)}, folder / "model.safetensors")
    for suffix in ("csv", "html", "npz"):
        out = tmp_path / f"t.{suffix}"
        assert command.main(["--steps", str(tmp_path), "--out", str(out)]) == 0
    with open(tmp_path / "t.csv", newline="") as file:
        lines = [(line["step"], line["spectral_norm"]) for line in csv.DictReader(file)]
    assert lines == [("9", "9.0"), ("10", "10.0")]
    with np.load(tmp_path / "t.npz") as kept:
        assert kept["step"].tolist() == [9, 10]
    assert capsys.readouterr().out.splitlines()[1].startswith("2 matrices, 2 reused")


@pytest.fixture
def versions(tmp_path):
    """A base, and what was tuned of it: one layer of it changed by rank 2."""
    rng = np.random.default_rng(5)
    base = {f"model.layers.{i}.mlp.up_proj.weight": rng.standard_normal((16, 12)) for i in (0, 1)}
    base["model.norm.weight"] = np.ones(12)
    tuned = dict(base)
    change = rng.standard_normal((16, 2)) @ rng.standard_normal((2, 12))
    tuned["model.layers.1.mlp.up_proj.weight"] = base["model.layers.1.mlp.up_proj.weight"] + change
    for name, tensors in (("base", base), ("tuned", tuned)):
        (tmp_path / name).mkdir()
        save_file(tensors, tmp_path / name / "model.safetensors")
    return tmp_path


def test_a_budget_its_factors_a_base_and_a_lora(versions, capsys):
    out = versions / "t.csv"
    words = ["--budget", "0.8", "--weights", "relative", "--factors", versions / "factors"]
    words += ["--against", versions / "base", "--lora", versions / "lora", "--out", out]
    assert command.main([str(versions / "tuned"), *map(str, words)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[1].startswith("Budget: ")
    assert said[2].startswith("Factors of ")
    assert "1 of 2 matrices changed" in said[3]
    assert "LoRA of 1 modules" in said[4]
    assert (versions / "lora" / "adapter_config.json").exists()
    assert list((versions / "factors").iterdir())
    with open(out, newline="") as file:
        lines = list(csv.DictReader(file))
    assert [float(line["relative_change"]) > 0.0 for line in lines] == [False, True]
    assert any(line["rank_budget"] for line in lines)
    for suffix in ("npz", "html"):
        again = ["--budget", "0.8", "--against", versions / "base"]
        again += ["--out", versions / f"t.{suffix}"]
        assert command.main([str(versions / "tuned"), *map(str, again)]) == 0
    with np.load(versions / "t.npz") as kept:
        assert kept["intruders"].dtype == np.int64
    # A LoRA needs no base.
    words = [str(versions / "lora"), "--lora", str(versions / "smaller")]
    assert command.main(words) == 0
    capsys.readouterr()


def test_errors_in_activations_choose_other_ranks(versions, capsys):
    rng = np.random.default_rng(6)
    inputs = rng.standard_normal((12, 3))
    name = "model.layers.0.mlp.up_proj"
    np.savez(versions / "inputs.npz", **{name: inputs @ inputs.T})
    out = versions / "t.csv"
    words = ["--budget", "0.5", "--weights", versions / "inputs.npz", "--out", out]
    assert command.main([str(versions / "tuned"), *map(str, words)]) == 0
    with open(out, newline="") as file:
        first = next(csv.DictReader(file))
    assert int(first["rank_budget"]) <= 3  # no more than its inputs span
    np.savez(versions / "other.npz", nobody=np.eye(12))
    words = ["--budget", "0.5", "--weights", str(versions / "other.npz")]
    assert command.main([str(versions / "tuned"), *words]) == 1
    assert "has the name of a matrix" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["--factors", "x"],
        ["--weights", "relative"],
        ["--steps", "--budget", "0.5"],
        ["--budget", "-3"],
        ["--against", "nowhere"],
        ["--lora", "x"],
        ["--budget", "0.5", "--factors", "x", "--dtype", "int8"],
        ["--budget", "1.5"],
        ["--dtype", "bfloat16"],
        ["--no-cache", "--cache", "x"],
        ["--include", "no such name"],
        ["--exclude", "."],
    ],
)
def test_options_that_do_not_go_together_are_one_sentence(words, versions, capsys):
    words = [str(versions / one) if one == "x" else one for one in words]
    assert command.main([str(versions / "tuned"), *words]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert not list(versions.glob("x/*"))
