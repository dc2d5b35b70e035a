"""Every format alike: metadata, files that are there already, mistakes, what is imported."""

from __future__ import annotations

import errno
import gc
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from gui.core.export import files as export_files
from gui.core.export.export import (
    EXPORT_FORMATS,
    ExportError,
    ExportOptions,
    ExportRequest,
    PictureRequest,
    export_figure,
    read_metadata,
)
from gui.core.figure.figure import Axis, Figure, Series

PICTURES = [known.key for known in EXPORT_FORMATS if known.picture]
OF_FIGURES = [known for known in EXPORT_FORMATS if not known.by_itself]


class NoProgress:
    cancelled = False

    def report(self, fraction, text):
        pass


@pytest.mark.parametrize("known", OF_FIGURES, ids=lambda known: known.key)
def test_metadata_comes_back_from_every_format(known, curves, tmp_path):
    path = export_figure(curves, tmp_path / f"a{known.suffix}")
    found = read_metadata(path)
    assert found["meta"] == dict(curves.meta)
    assert found["figure"] == "topk.output"
    assert found["rankscope"]


@pytest.mark.parametrize("known", OF_FIGURES, ids=lambda known: known.key)
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


def test_a_picture_that_says_something_twice_is_none_of_ours(curves, tmp_path):
    path = export_figure(curves, tmp_path / "a.svg")
    assert read_metadata(path)["figure"] == curves.key
    path.write_text(path.read_text().replace('"figure":', '"figure":"b.c","figure":', 1))
    with pytest.raises(ExportError, match="not exported from here"):
        read_metadata(path)


def test_requests_run_without_a_window(curves, tmp_path):
    request = ExportRequest(curves, tmp_path / "a.png", ExportOptions(dpi=100.0))
    assert request.run(NoProgress()) == (tmp_path / "a.png", [])
    png, svg = PictureRequest(curves, ExportOptions(), ("png", "svg"), 300).run(NoProgress()).files
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") == 300
    assert b"<svg" in svg


def test_importing_export_imports_neither_matplotlib_nor_qt():
    script = (
        "import sys, gui.core.export.export; print([m for m in ('matplotlib', 'PySide6', 'engine', "
    )
    script += "'PIL') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_export_leaves_settings_of_matplotlib_alone(curves, tmp_path, monkeypatch):
    import matplotlib

    monkeypatch.delitem(sys.modules, "matplotlib.pyplot", raising=False)  # of another test
    before = dict(matplotlib.rcParams)
    export_figure(curves, tmp_path / "a.pdf")
    assert dict(matplotlib.rcParams) == before
    assert "matplotlib.pyplot" not in sys.modules


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="where open files can be listed")
def test_no_font_stays_open_whichever_thread_has_drawn(curves):
    def fonts():
        links = (f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd"))
        return [name for name in map(os.path.realpath, links) if name.endswith((".ttf", ".otf"))]

    before = fonts()  # Qt's
    request = PictureRequest(curves, ExportOptions(), kinds=("png", "svg", "pdf"))
    threads = [threading.Thread(target=request.run, args=(NoProgress(),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gc.collect()  # a drawing holds its fonts until it is collected
    assert fonts() == before
