"""The session is saved or it is said why not; no window writes over that of another."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from PySide6.QtCore import QLockFile

from engine.spectrum.lowrank.storing import write_atomically
from gui.app import Application
from gui.core.export.files import temporary_folder
from gui.core.screen.services import remember_written
from gui.core.state.session import LARGEST, to_json
from gui.window.session import autosave as autosave_module
from gui.window.session import leftovers
from gui.window.session.leftovers import OLD, ClearLeftovers
from gui.window.session.own_place import OwnPlace
from gui.window.settings import Settings


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "config"


@pytest.fixture
def start(qapp, qtbot, folder, dialogs):
    running = []

    def start_():
        application = Application(
            qapp, settings=Settings(str(folder / "rankscope.ini")), dialogs=dialogs
        )
        running.append(application)
        return application

    yield start_
    for application in running:
        if application._autosave is not None:
            application.window.close()


def saved_k(path):
    return json.loads(path.read_text())["state"]["topk"]["k"]


def end(application):
    application.window.close()
    application._autosave = None


def said(application):
    return application.window.messages.text()


def full_disk(*_):
    raise OSError(28, "No space left on device")


def test_a_session_that_cannot_be_saved_is_said_until_it_can(start, folder, monkeypatch):
    application = start()
    autosave, write = application._autosave, autosave_module.write_atomically
    monkeypatch.setattr(autosave_module, "write_atomically", full_disk)
    application.store.replace("topk", label="k", k=3.0)
    autosave.save_now()
    assert "the disk is full" in said(application)
    assert application.window.messages.bar.action_button.text() == "Save elsewhere…"
    autosave.save_now()
    assert len([m for _, m in application.window.messages.said if "disk is full" in m.text]) == 1
    application.set_language("zh_CN")
    assert application.window.messages.bar.action_button.text() == "保存到别处…"
    application.set_language("en")
    monkeypatch.setattr(autosave_module, "write_atomically", write)
    autosave.save_now()
    assert application.window.messages.bar.isHidden()
    assert saved_k(folder / "session.json") == 3.0


def test_it_is_saved_elsewhere_and_comes_back_from_there(
    start, folder, tmp_path, monkeypatch, dialogs
):
    application = start()
    elsewhere = tmp_path / "other" / "mine.rankscope"
    elsewhere.parent.mkdir()
    write = autosave_module.write_atomically
    monkeypatch.setattr(
        autosave_module,
        "write_atomically",
        lambda path, text: full_disk() if path.parent == folder else write(path, text),
    )
    application.store.replace("topk", label="k", k=3.0)
    application._autosave.save_now()
    dialogs.saves += ["", str(elsewhere)]
    application.window.messages.bar.action_button.click()
    assert "the disk is full" in said(application)  # no answer is no place
    application.window.messages.bar.action_button.click()
    assert application.window.messages.bar.isHidden()
    assert str(elsewhere) in said(application)
    application.store.replace("topk", label="k", k=4.0)
    application._autosave.save_now()
    assert saved_k(elsewhere) == 4.0
    application.store.replace("topk", label="k", k=9.0)
    application.open_paths([str(elsewhere)])
    assert application.store["topk"].k == 4.0
    application.store.undo()
    assert application.store["topk"].k == 9.0


@pytest.mark.parametrize("text", ["", "{", "[1]", None])
def test_a_file_that_holds_no_session_is_named_and_changes_nothing(start, tmp_path, text):
    application, path = start(), tmp_path / "mine.rankscope"
    if text is None:
        path.symlink_to(path)
    else:
        path.write_text(text)
    application.store.replace("topk", label="k", k=7.0)
    before = application.store.state
    application.open_paths([str(path)])
    assert application.store.state is before
    assert "mine.rankscope holds no session that can be read" in said(application)
    assert application.own_file.path == ""


def test_a_session_of_which_parts_do_not_fit_is_not_written_over(start, tmp_path):
    application, path = start(), tmp_path / "mine.rankscope"
    saved = json.loads(to_json(application.store.state))
    saved["state"]["topk"] |= {"k": "seven", "tau": 0.25}
    path.write_text(json.dumps(saved))
    application.open_paths([str(path)])
    assert application.store["topk"].tau == 0.25
    assert "mine.rankscope did not fit: topk.k" in said(application)
    assert application.own_file.path == ""  # Ctrl+S asks where


def test_a_second_window_says_so_and_keeps_its_own(start, folder):
    first, second = start(), start()
    assert "Another window has the session" in said(second)
    for application, k in ((first, 3.0), (second, 5.0)):
        application.store.replace("topk", label="k", k=k)
        application._autosave.save_now()
    assert saved_k(folder / "session.json") == 3.0
    assert saved_k(folder / "session-2.json") == 5.0


def test_the_lock_of_a_program_that_was_killed_is_taken_over(folder):
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from gui.window.session.own_place import OwnPlace\n"
        "place = OwnPlace(Path(sys.argv[1])); assert place.is_first\n"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], check=False)
    assert (folder / "session.json.lock").exists()
    place = OwnPlace(folder)
    assert place.is_first
    assert not OwnPlace(folder).is_first
    place.leave()
    assert not QLockFile(str(folder / "session.json.lock")).isLocked()


@pytest.mark.parametrize(
    "damage",
    [
        lambda document: "{" * 1000,
        lambda document: "x" * (LARGEST + 2),
        lambda document: json.dumps({**document, "schema": 99}),
        lambda document: _with(document, "selection", "active", {"path": "/a", "shape": []}),
        lambda document: _with(document, "topk", "count", 10**400),
        lambda document: _with(document, "files", "items", [{"path": ""}, {"path": "/a"}] * 9),
        lambda document: json.dumps(document).replace('"softness"', '"softness": 3.0, "softness"'),
    ],
)
def test_what_is_damaged_is_left_out_said_once_and_kept_aside(start, folder, damage):
    application = start()
    application.store.replace("topk", label="softness", softness=0.25)
    end(application)
    path = folder / "session.json"
    text = damage(json.loads(path.read_text()))
    path.write_text(text)
    again = start()
    told = [m.text for _, m in again.window.messages.said if "session" in m.text]
    assert len(told) == 1
    assert "session.damaged-0.json" in told[0]
    assert ("the last counts: softness." in told[0]) is ('"softness": 3.0' in text)
    assert (folder / "session.damaged-0.json").read_text() == text
    rest = text.startswith('{"schema": 1')
    assert (again.store["topk"].softness == 0.25) is rest


def _with(document, slice_, field, value):
    document["state"][slice_][field] = value
    return json.dumps(document)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_a_pipe_in_place_of_the_session_is_not_waited_for(start, folder):
    first = start()
    first.store.replace("topk", label="k", k=7.0)
    end(first)
    text = (folder / "session.json").read_text()
    (folder / "session.json").unlink()
    os.mkfifo(folder / "session.json")
    pipe = str(folder / "session.json")

    def write():
        with suppress(BrokenPipeError):
            Path(pipe).write_text(text)

    threading.Thread(target=write, daemon=True).start()
    application = start()
    assert application.store["topk"].k != 7.0  # nobody has read what stands in it
    assert "could not be read" in said(application)
    os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK))  # lets the writer go
    application.store.replace("topk", label="k", k=9.0)
    application._autosave.save_now()
    assert saved_k(folder / "session.json") == 9.0


def test_twenty_thousand_pairings_start_in_a_moment(start, folder):
    application = start()
    end(application)
    path = folder / "session.json"
    document = json.loads(path.read_text())
    pairings = document["state"]["column_row"]["pairings"]
    path.write_text(_with(document, "column_row", "pairings", pairings * 20_000))
    began = time.process_time()
    again = start()
    assert time.process_time() - began < 5.0
    assert len(again.store["column_row"].pairings) == 64


def test_only_our_old_leftovers_are_cleared(tmp_path):
    ours = [
        ".rankscope-0123456789abcdef.part",
        ".rankscope-ab12cd_9.part",
        "session.json12abcd_9.part",
        "session-2.jsonabcdefgh.part",
    ]
    others = ["notes.part", ".rankscope-.part", ".rankscope-0123456789abcdef.png", "session.json"]
    for name in (*ours, *others):
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (time.time() - OLD - 60,) * 2)
    young = tmp_path / ".rankscope-fedcba9876543210.part"
    young.write_text("x")
    (tmp_path / ".rankscope-00000000000000aa.part").mkdir()
    assert ClearLeftovers((str(tmp_path), str(tmp_path / "none"))).run(None) == len(ours)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {*others, young.name, ".rankscope-00000000000000aa.part"}


def test_temporary_folders_of_processes_that_are_no_more_are_cleared(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    names = {
        f"rankscope-{ended.pid}-abcdefgh": True,
        f"rankscope-{os.getpid()}-abcdefgh": False,
        f"rankscope-{ended.pid}-young_01": False,
        f"rankscope-{ended.pid}": False,
        "tmpabcdefgh": False,
    }
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "own.csv").write_text("1,2")
        if "young" not in name:
            os.utime(tmp_path / name, (time.time() - OLD - 60,) * 2)
    assert ClearLeftovers((), str(tmp_path)).run(None) == 1
    assert {path.name for path in tmp_path.iterdir()} == {
        n for n, gone in names.items() if not gone
    }
    with temporary_folder() as folder:
        assert leftovers._FOLDERS.fullmatch(os.path.basename(folder))
    assert not os.path.exists(folder)


def test_what_a_killed_worker_left_of_factors_is_cleared_at_the_next_start(
    start, tmp_path, monkeypatch, qtbot
):
    application = start()
    part = tmp_path / "factors" / "unfinished"
    part.parent.mkdir()

    def killed(stream):
        part.write_text(stream.name)
        raise SystemExit

    monkeypatch.setattr("engine.spectrum.lowrank.storing.os.unlink", lambda path: None)
    with pytest.raises(SystemExit):
        write_atomically(part.parent / "factors-00001.safetensors", killed, False)
    monkeypatch.undo()
    left = part.read_text()
    os.utime(left, (time.time() - OLD - 60,) * 2)
    remember_written(application.context.settings, str(part.parent))
    end(application)
    again = start()
    qtbot.waitUntil(lambda: not again.context.runner.is_busy())
    assert os.listdir(part.parent) == ["unfinished"]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_settings_are_the_owners_alone(folder):
    settings = Settings(str(folder / "rankscope.ini"))
    settings.set_value("recent_files", ["/secret/matrix.npy"])
    settings.sync()
    assert stat.S_IMODE(os.stat(settings.path).st_mode) == 0o600
    os.chmod(settings.path, 0o644)
    again = Settings(settings.path)
    again.set_value("theme", "dark")
    again.sync()
    assert stat.S_IMODE(os.stat(again.path).st_mode) == 0o600
