"""Disks that are full, folders that vanish, two windows, what a killed program leaves."""

from __future__ import annotations

import json
import os
import shutil
import stat
import time
from pathlib import Path

import numpy as np

from engine.errors import RankscopeError
from engine.spectrum import save_factors, truncated_svd
from gui.core.export.export import EXPORT_FORMATS, ExportError, export_figure
from gui.core.figure.figure import Axis, Figure, Image, Series
from gui.window.session.leftovers import OLD
from tests.support.drill.outside.running import Program
from tests.support.drill.outside.trying import check, command, small_disk

CURVE = Figure(
    key="a.b",
    title="a",
    series=(Series("s", "s", np.arange(3e4), np.random.default_rng(0).standard_normal(30_000)),),
)
PICTURE = Figure(
    key="a.c",
    title="c",
    x=Axis("x"),
    y=Axis("y"),
    images=(
        Image("i", "i", np.random.default_rng(0).random((300, 300)), (0.0, 300.0, 0.0, 300.0)),
    ),
)


def _exports(key: str, suffix: str) -> None:
    def run(folder: Path) -> None:
        figure = PICTURE if key in ("tiff", "npy", "pixels") else CURVE
        with small_disk(folder, 8) as disk:
            path = disk / f"figure{suffix}"
            try:
                export_figure(figure, path, format=key)
            except ExportError as error:
                assert "full" in str(error) or "so large" in str(error), str(error)
            else:
                raise AssertionError("it was written")
            assert not list(disk.iterdir()), list(disk.iterdir())

    check(f"disk: {key} on a full disk is one sentence, nothing left")(run)


for _one in EXPORT_FORMATS:
    _exports(_one.key, _one.suffix)


@check("disk: factors on a full disk are one sentence, nothing left")
def _(folder: Path) -> None:
    found = truncated_svd(np.random.default_rng(0).standard_normal((200, 200)), 50)
    for suffix in (".npz", ".safetensors"):
        with small_disk(folder, 8) as disk:
            try:
                save_factors(disk / f"f{suffix}", found)
            except RankscopeError as error:
                assert "Free some space" in str(error), str(error)
            else:
                raise AssertionError("written")
            assert not list(disk.iterdir())
        if disk.exists():
            shutil.rmtree(disk, ignore_errors=True)


@check("disk: a report on a full disk is one line, no traceback")
def _(folder: Path) -> None:
    np.save(folder / "m.npy", np.eye(40))
    with small_disk(folder, 8) as disk:
        words = ("report", str(folder / "m.npy"), "--out", str(disk / "r.html"))
        done = command(*words, folder=folder)
        assert done.returncode == 1, done
        said = done.stderr.decode()
        assert said.count("\n") == 1, said
        assert "Traceback" not in said
        assert not list(disk.iterdir())


@check("disk: a sweep onto a full disk is one line, no traceback")
def _(folder: Path) -> None:
    np.savez(folder / "m.npz", **{f"layer{i}.weight": np.eye(9) for i in range(400)})
    with small_disk(folder, 8) as disk:
        words = ("sweep", str(folder / "m.npz"), "--no-cache", "--out", str(disk / "r.csv"))
        done = command(*words, folder=folder)
        said = done.stderr.decode()
        assert done.returncode == 1, done
        assert "Traceback" not in said, said
        assert "Free some space" in said or "full" in said, said
        assert not list(disk.iterdir())


def _troubled(program: Program, folder: Path) -> None:
    program.store.replace("topk", label="k", k=3.0)
    program.application._autosave.save_now()
    shown = program.window.messages.bar
    assert "cannot be saved" in shown.label.text(), program.said()
    assert shown.action_button.isVisibleTo(shown)
    assert "elsewhere" in shown.action_button.text()


@check("session: a full disk is said, with a place elsewhere, and said again when it is over")
def _(folder: Path) -> None:
    with small_disk(folder, 64) as disk:
        program = Program(disk)
        program.rest()
        fill = disk / "fill"
        try:
            with fill.open("wb") as file:
                while True:
                    file.write(bytes(512))
                    file.flush()
        except OSError:
            pass
        _troubled(program, disk)
        fill.unlink()
        program.application._autosave.save_now()
        assert "The session is saved in" in program.said()
        program.end()


@check("session: a folder that has vanished is made again or said")
def _(folder: Path) -> None:
    program = Program(folder)
    program.rest()
    shutil.rmtree(folder / "config")
    program.store.replace("topk", label="k", k=3.0)
    program.application._autosave.save_now()
    path = folder / "config/session.json"
    assert path.exists() or "cannot be saved" in program.said()
    program.end()


@check("session: a folder that a file has taken the place of is said")
def _(folder: Path) -> None:
    program = Program(folder)
    program.rest()
    shutil.rmtree(folder / "config")
    (folder / "config").write_text("")
    _troubled(program, folder)
    program.end()


@check("session: a folder that may only be read is said")
def _(folder: Path) -> None:
    program = Program(folder)
    program.rest()
    if os.getuid() == 0:  # whom no mode stops
        folder.chmod(0o755)
        (folder / "config").chmod(0o755)
        os.seteuid(65534)
    else:
        (folder / "config").chmod(0o500)
    try:
        _troubled(program, folder)
    finally:
        os.seteuid(os.getuid())
    program.end()


@check("session: of two windows the second says so, and neither writes over the other")
def _(folder: Path) -> None:
    first, second = Program(folder), Program(folder)
    assert "Another window has the session" in second.said(), second.said()
    first.store.replace("topk", label="k", k=3.0)
    second.store.replace("topk", label="k", k=4.0)
    for one in (first, second):
        one.application._autosave.save_now()
    kept = [
        json.loads((folder / "config" / name).read_text())["state"]["topk"]["k"]
        for name in ("session.json", "session-2.json")
    ]
    assert kept == [3.0, 4.0], kept
    second.end()
    first.end()


@check("leftovers: old .part files of ours are cleared at a start, young and foreign ones stay")
def _(folder: Path) -> None:
    config = folder / "config"
    config.mkdir()
    mine, young = config / "session.jsonabcdefgh.part", config / "session.jsonabcdefgi.part"
    foreign = config / "thesis.part"
    for one in (mine, young, foreign):
        one.write_text("x")
    past = time.time() - OLD - 60
    for one in (mine, foreign):
        os.utime(one, (past, past))
    program = Program(folder)
    program.rest()
    program.wait(lambda: not mine.exists(), 20)
    assert not mine.exists()
    assert young.exists()
    assert foreign.exists()
    program.end()


@check("settings: rankscope.ini and the session are their owner's alone")
def _(folder: Path) -> None:
    os.umask(0)
    program = Program(folder)
    program.rest()
    program.store.replace("topk", label="k", k=3.0)
    program.application._autosave.save_now()
    program.application.context.settings.sync()
    program.end()
    for name in ("rankscope.ini", "session.json"):
        mode = stat.S_IMODE((folder / "config" / name).stat().st_mode)
        assert mode == 0o600, (name, oct(mode))
