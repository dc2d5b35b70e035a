"""Names with control characters, marks of direction, no UTF-8, too many bytes: wherever shown."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QTreeWidget, QTreeWidgetItemIterator

from gui.core.export.export import export_figure
from gui.core.screen.exports.export_dialog import ExportDialog
from tests.support.drill.outside.disks import CURVE
from tests.support.drill.outside.running import Program
from tests.support.drill.outside.trying import check, command

BAD = ("\x1b", "\u202e", "\u2067", "\x07", "\r")
UGLY = "a\u202egnp\x1b[2J\x07\u2067x"
BYTES = b"spectr\xe9"


def _clean(text: str, where: str, lines: bool = False) -> None:
    found = [one for one in (*BAD, *(() if lines else ("\n",))) if one in text]
    assert not found, (where, found, text[:200])


def _texts(program: Program) -> list[tuple[str, str]]:
    """Everything that is written on the screen, with what it is written on."""
    found = [("title", program.window.windowTitle())]
    for widget in QApplication.allWidgets():
        kind = type(widget).__name__
        found += [(f"{kind} tooltip", widget.toolTip()), (f"{kind} name", widget.accessibleName())]
        if isinstance(widget, QLabel):
            found.append((kind, widget.text()))
        if isinstance(widget, QTreeWidget):
            walk = QTreeWidgetItemIterator(widget)
            while walk.value():
                item = walk.value()
                for column in range(widget.columnCount()):
                    found += [(kind, item.text(column)), (f"{kind} tip", item.toolTip(column))]
                walk += 1
    return [(where, text) for where, text in found if text]


def _shown(name: str, write) -> None:
    def run(folder: Path) -> None:
        program = Program(folder)
        program.rest()
        path = write(folder)
        program.open(path)
        for page in ("topk", "spectrum", "column_row", "position"):
            program.window.show_page(page)
            program.rest()
            for where, text in _texts(program):
                _clean(text, f"{page} {where}", lines=True)
            for figure in program.window.figures():
                _clean(figure.title, "title of a figure")
                for series in figure.series:
                    _clean(series.name, "legend")
        _clean(program.said(), "messages", lines=True)
        log = folder / "log" / "rankscope.log"
        _clean(log.read_text("utf-8", "replace") if log.exists() else "", "log", lines=True)
        program.end()

    check(f"names: {name} is harmless on every page, in titles, tips, messages and the log")(run)


def _file(folder: Path) -> Path:
    path = folder / f"{UGLY}\nb.npy"
    np.save(path, np.arange(12.0).reshape(3, 4))
    return path


def _entry(folder: Path) -> Path:
    path = folder / "a.npz"
    np.savez(path, **{UGLY: np.arange(12.0).reshape(3, 4), f"{UGLY}/b\nc": np.eye(3)})
    return path


def _columns(folder: Path) -> Path:
    path = folder / "a.csv"
    name = "a\u202egnp\u2067x"  # with control characters it is no text, which is said
    path.write_text(f"row,{name},b,c\nr{name},1,2,3\ns,4,5,6\n", "utf-8")
    return path


def _no_text(folder: Path) -> str:
    path = os.fsencode(folder) + b"/" + BYTES + b".npy"
    np.save(os.fsdecode(path), np.arange(12.0).reshape(3, 4))
    return os.fsdecode(path)


def _hdf5(folder: Path) -> Path:
    import h5py

    path = folder / "a.h5"
    with h5py.File(path, "w") as file:
        file[UGLY] = np.arange(12.0).reshape(3, 4)
        file["x"] = np.eye(3)
        file["x"].attrs[UGLY] = UGLY
    return path


def _damaged(folder: Path) -> Path:
    path = folder / f"{UGLY}\nb.npy"
    path.write_bytes(b"\x93NUMPY\x01\x00" + b"\xff" * 40)
    return path


_shown("the name of a file", _file)
_shown("the name of an array", _entry)
_shown("the name of a column", _columns)
_shown("a name that is no UTF-8", _no_text)
_shown("the name of a dataset", _hdf5)
_shown("the name of a damaged file", _damaged)


@check("names: what the command line writes to a terminal is harmless")
def _(folder: Path) -> None:
    good, bad = _file(folder), folder / f"c{UGLY}\n.npy"
    bad.write_bytes(b"\x93NUMPY\x01\x00" + b"\xff" * 40)
    out = folder / f"{UGLY}.csv"
    for words in (
        ("render", str(good), "--figure", "spectrum.values", "--out", str(out)),
        ("render", str(bad), "--figure", "spectrum.values", "--out", str(out)),
        ("render", str(good), "--figure", UGLY, "--out", str(out)),
        ("render", f"{folder}/none{UGLY}", "--figure", "spectrum.values", "--out", str(out)),
        ("sweep", str(_entry(folder)), "--no-cache", "--out", str(folder / "o.csv")),
        ("plugins", "--off", UGLY),
    ):
        done = command(*words, folder=folder)
        for stream in (done.stdout, done.stderr):
            text = stream.decode("utf-8", "replace")
            _clean(text, f"{words[0]} {done.returncode}", lines=True)
            assert "Traceback" not in text, text[-400:]


@check("names: CSV of a figure whose file is no UTF-8 is written")
def _(folder: Path) -> None:
    path = os.fsdecode(os.fsencode(folder) + b"/" + BYTES + b".csv")
    export_figure(CURVE, path)
    assert os.path.getsize(path)


@check("names: a report on names that are no text is harmless and well-formed")
def _(folder: Path) -> None:
    done = command("report", str(_file(folder)), "--out", str(folder / "r.html"), folder=folder)
    assert done.returncode == 0, done.stderr[-500:]
    _clean((folder / "r.html").read_text("utf-8"), "report", lines=True)


def _dialog(program: Program) -> ExportDialog:
    context, figures = program.application.context, program.window.figures()
    dialog = ExportDialog(figures, context, program.window, page="topk")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    return dialog


@check("names: an export name above 255 bytes is a sentence at every key")
def _(folder: Path) -> None:
    program = Program(folder, "topk")
    program.rest()
    dialog = _dialog(program)
    for count in (250, 254, 255, 256, 400, 5000):
        for letter in ("x", "é", "\U0001f600"):
            dialog.path.setText(str(folder / (letter * count + ".png")))
    assert "too long" in dialog.error.text(), dialog.error.text()
    dialog.reject()
    program.rest()
    program.end()


@check("names: exports with control characters in the name end in a file or a sentence")
def _(folder: Path) -> None:
    program = Program(folder, "topk")
    program.rest()
    for name in (UGLY, "a\0b", "..", ".", "", " ", "a/b/c", "/" * 50, "\udce9"):
        dialog = _dialog(program)
        dialog.path.setText(f"{folder}/{name}.csv")
        dialog.export()
        program.rest()
        _clean(dialog.error.text(), "error", lines=True)
        if not dialog.result():
            assert dialog.error.text(), name
            dialog.reject()
    _clean(program.said(), "messages", lines=True)
    program.end()
