"""What keeps a file from being written is said in our words, and nothing is left beside it."""

from __future__ import annotations

import logging
import os

import numpy as np
import pytest

from engine.errors import FileError
from engine.files.reading.access import file_errors
from gui.core.export import files as files_module
from gui.core.export.export import ExportError, check_export, export_figure
from gui.core.export.files import write_whole
from gui.core.export.paper import ExportOptions
from gui.core.figure.figure import Axis, Figure, Series
from gui.core.work.runner import Runner

FIGURE = Figure(key="a.b", title="a", series=(Series("s", "s", np.arange(5.0), np.arange(5.0)),))


class FullDisk:
    """A disk that is full after so many bytes, as the libraries that write see it."""

    def __init__(self, monkeypatch, room):
        real = open

        class Full:
            def __init__(self, file):
                self.file, self.room = file, room

            def write(self, data):
                self.room -= len(data)
                if self.room < 0:
                    raise OSError(28, "No space left on device")
                return self.file.write(data)

            def __getattr__(self, name):
                return getattr(self.file, name)

            def __enter__(self):
                return self

            def __exit__(self, *_):
                self.file.close()

        def opened(path, mode="r", *more, **named):
            file = real(path, mode, *more, **named)
            return Full(file) if "w" in mode and str(path).endswith(".part") else file

        monkeypatch.setattr("builtins.open", opened)
        monkeypatch.setattr("io.open", opened)


@pytest.mark.parametrize("room", [0, 6000])
@pytest.mark.parametrize("kind", ["png", "svg", "pdf", "csv", "npz"])
def test_a_full_disk_is_a_full_disk_in_every_format(tmp_path, monkeypatch, kind, room):
    FullDisk(monkeypatch, room if kind in ("png", "svg", "pdf") else 0)
    folder = tmp_path / "mine"  # beside it lies the cache of whoever draws first
    folder.mkdir()
    with pytest.raises(ExportError, match="the disk is full"):
        export_figure(FIGURE, folder / f"figure.{kind}")
    assert list(folder.iterdir()) == []


def test_a_mistake_of_ours_stays_one(tmp_path):
    def write(path):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_whole(tmp_path / "a.csv", write, overwrite=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x" * 256, "é" * 200, "x" * 5000])
def test_a_name_that_is_too_long_is_said(tmp_path, name):
    for path in (tmp_path / f"{name}.png", tmp_path / name / "a.png"):
        with pytest.raises(ExportError):
            check_export(path, ExportOptions())


def test_the_longest_name_is_written(tmp_path):
    path = tmp_path / ("é" * 125 + ".csv")  # 254 bytes
    assert export_figure(FIGURE, path) == path


def test_a_long_name_in_the_dialog_is_said_at_every_key(qtbot, context, tmp_path):
    from gui.core.screen.exports.export_dialog import ExportDialog

    dialog = ExportDialog((FIGURE,), context)
    qtbot.addWidget(dialog)
    for count in (254, 255, 256, 5000):
        dialog.path.setText(str(tmp_path / ("x" * count)))
        dialog._refresh()
    assert "too long" in dialog.error.text()


def test_names_that_are_no_text_are_written(tmp_path):
    names = np.array(["plain", "spectr\udce9", "\u202ename", "=1+1", "\x1b[2J"])
    figure = Figure(
        key="a.b",
        title="spectr\udce9.csv",
        x=Axis("index", names=names),
        series=(Series("s", "spectr\udce9", np.arange(5.0), np.arange(5.0)),),
    )
    for kind in ("csv", "npz", "svg"):
        path = export_figure(
            figure, os.fsdecode(os.fsencode(tmp_path) + b"/spectr\xe9." + kind.encode())
        )
        assert os.path.getsize(path)
    text = path.with_suffix(".csv").read_text()
    assert "spectr�" in text
    assert "'=1+1" in text
    assert "\x1b" not in text


def test_a_refused_export_is_no_mistake_of_ours(qtbot, caplog):
    class Refused:
        def run(self, progress):
            raise ExportError("the disk is full.")

    runner, told = Runner(), []
    runner.submit("export", Refused(), lambda *_: None, lambda _, error: told.append(str(error)))
    qtbot.waitUntil(lambda: bool(told), timeout=10000)
    runner.shutdown()
    assert told == ["the disk is full."]
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_file_has_its_name_only_when_it_is_on_the_disk(tmp_path, monkeypatch):
    order = []
    monkeypatch.setattr(files_module.os, "fsync", lambda number: order.append("fsync"))
    replace = os.replace
    monkeypatch.setattr(
        files_module.os, "replace", lambda *names: (order.append("replace"), replace(*names))
    )
    export_figure(FIGURE, tmp_path / "a.csv", overwrite=True)
    assert order == ["fsync", "replace"]


def test_memory_is_not_blamed_on_the_disk():
    with pytest.raises(FileError, match="not enough memory") as caught, file_errors("/a.npy"):
        raise OSError(12, "Cannot allocate memory")
    assert "disk" not in str(caught.value)


def test_a_tensor_of_too_many_axes_is_listed_with_its_reason(tmp_path):
    import json

    from engine.files import open_matrix_file

    def header(shape):
        return {"dtype": "F32", "shape": shape, "data_offsets": [0, 4]}

    listed = {"many": header([1] * 65), "few": {**header([1, 1]), "data_offsets": [4, 8]}}
    text = json.dumps(listed).encode()
    path = tmp_path / "m.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"\0" * 8)
    many, few = sorted(open_matrix_file(path).entries, key=lambda entry: entry.readable)
    assert not many.readable
    assert "65 axes" in many.note
    assert few.readable


@pytest.mark.parametrize("name", ["clip", "transform"])
def test_memory_that_compiled_drawing_lacks_is_said_as_such(tmp_path, name):
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.path import Path as Outline

    class NoRoom:
        bounds = (0.0, 0.0, 1.0, 1.0)

        def __array__(self, *_, **__):
            raise MemoryError

    renderer, found = RendererAgg(9, 9, 72), NoRoom()
    pen = renderer.new_gc()
    if name == "clip":
        pen.set_clip_rectangle(found)

    def draw(_):
        outline, place = Outline([[0, 0], [5, 5]]), np.eye(3)
        renderer._renderer.draw_path(pen, outline, place if name == "clip" else found, None)

    with pytest.raises(ExportError, match="the memory is used up"):
        write_whole(tmp_path / "a.png", draw, overwrite=False)
    assert not list(tmp_path.iterdir())
