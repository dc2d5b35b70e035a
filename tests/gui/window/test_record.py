"""The record of steps, and the session in a file of a person's own."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialogButtonBox

import rankscope
from gui.core.screen import recorded
from gui.window.session.record import RecordDialog


@pytest.fixture
def at_work(application, qtbot, idle, tmp_path):
    """A program with an own file on Spectrum, at rank 4, then 2 with another quantity."""
    np.save(tmp_path / "own.npy", np.random.default_rng(3).normal(size=(14, 9)))
    application.open_paths([str(tmp_path / "own.npy")])
    active = application.store
    qtbot.waitUntil(lambda: active["selection"].active.path.endswith("own.npy"), timeout=60_000)
    application.window.show_page("spectrum")
    idle()
    conductor = application.window.pages["spectrum"].conductor
    conductor.edit("rank", 4)
    conductor.edit("quantity", "energy")
    conductor.edit("rank", 2)
    return application


def trigger(program, command):
    program.window.findChild(QAction, command).trigger()


def run(script):
    """The figures of a script, step by step."""
    drawn = []

    class Module:
        TableReading = rankscope.TableReading

        @staticmethod
        def draw(*words, **options):
            drawn.append(rankscope.draw(*words, **options))

    body = script.removeprefix("import rankscope\n")
    exec(compile(body, "steps.py", "exec"), {"rankscope": Module})
    return drawn


def test_what_was_done_is_a_script_that_draws_it_step_by_step(at_work, dialogs, tmp_path, qtbot):
    at_work.window.show_record()
    dialog = at_work.window.findChild(RecordDialog)
    script = dialog.text.toPlainText()
    assert script.startswith("import rankscope\n\n# Begin\n")
    figures = run(script)
    assert [figure.meta.get("k", figure.meta.get("rank")) for figure in figures[-3:]] == [
        "4",
        "4",
        "2",
    ]
    assert "energy" in figures[-1].y.label
    assert "energy" not in figures[-3].y.label
    # It grows with what is done, and shrinks with what is taken back.
    at_work.store.seal()
    at_work.window.pages["spectrum"].conductor.edit("rank", 3)
    assert dialog.text.toPlainText().count("rankscope.draw(") == script.count("rankscope.draw(") + 1
    at_work.store.undo()
    assert dialog.text.toPlainText() == script
    dialog.copy()
    assert QApplication.clipboard().text() == script
    dialogs.saves.append(str(tmp_path / "steps"))
    dialog.save()
    assert (tmp_path / "steps.py").read_text() == script
    dialogs.saves.append(str(tmp_path / "steps"))
    (tmp_path / "steps.py").write_text("mine")
    dialogs.confirms.append(False)
    dialog.save()
    assert (tmp_path / "steps.py").read_text() == "mine"
    dialog.findChild(QDialogButtonBox).rejected.emit()
    at_work.store.undo()  # nobody listens any more


def test_a_step_is_told_once_and_looked_at_once(at_work, monkeypatch):
    screens = {"spectrum": at_work.window.pages["spectrum"]}
    recorder, looked = recorded.Recorder(), []
    line_at = recorded._line_at
    monkeypatch.setattr(recorded, "_line_at", lambda *of: looked.append(of) or line_at(*of))
    steps = at_work.store.steps
    script = recorder.script(steps, screens, "spectrum")
    assert len(looked) == len(steps)
    assert recorder.script(steps, screens, "spectrum") == script
    assert len(looked) == len(steps)
    # Steps that change nothing in sight have no line, however many follow each other.
    label, state = steps[-1]
    more = (*steps, (label, dict(state)), (label, dict(state)))
    assert recorder.script(more, screens, "spectrum") == script + f"\n# {label}\n" * 2
    assert len(looked) == len(steps) + 2


def test_a_session_is_saved_where_a_person_says_and_there_again(
    at_work, dialogs, tmp_path, qtbot, messages
):
    dialogs.saves.append(str(tmp_path / "mine"))
    trigger(at_work, "save_session")
    path = tmp_path / "mine.rankscope"
    assert json.loads(path.read_text())["state"]["spectrum"]["rank"] == 2
    at_work.window.pages["spectrum"].conductor.edit("rank", 5)
    trigger(at_work, "save_session")  # asks no more
    assert json.loads(path.read_text())["state"]["spectrum"]["rank"] == 5
    dialogs.saves.append(str(tmp_path / "other.rankscope"))
    trigger(at_work, "save_session_as")
    assert (tmp_path / "other.rankscope").exists()
    at_work.window.pages["spectrum"].conductor.edit("rank", 1)
    at_work.open_paths([str(path)])
    assert at_work.store["spectrum"].rank == 5
    at_work.window.pages["spectrum"].conductor.edit("rank", 6)
    trigger(at_work, "save_session")
    assert json.loads(path.read_text())["state"]["spectrum"]["rank"] == 6


def test_a_session_that_cannot_be_written_is_said_and_asked_for_again(at_work, dialogs, tmp_path):
    dialogs.saves.append(str(tmp_path / "own.npy" / "mine.rankscope"))
    trigger(at_work, "save_session")
    assert "could not be written" in at_work.window.messages.text()
    dialogs.saves.append("")
    trigger(at_work, "save_session")
    assert at_work.own_file.path == ""
