"""A window goes on while a file ends the process that reads it, and another never ends."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from engine.apart import Readers
from engine.files import apart


@pytest.fixture
def harmful(monkeypatch):
    """Readers whose library for HDF5 does harm, by the name of the file."""
    made = Readers(("tests.engine.files.harmful_readers",))
    monkeypatch.setattr(apart, "READERS", made)
    yield made
    made.close()


def test_a_window_goes_on_while_one_file_loops_and_another_crashes(
    application, harmful, tmp_path, qtbot, idle
):
    runner, store = application.context.runner, application.store
    for name in ("loop", "crash", "good"):
        with h5py.File(tmp_path / f"{name}.h5", "w") as file:
            file["a"] = np.arange(12.0).reshape(3, 4)
    np.save(tmp_path / "b.npy", np.ones((2, 3)))
    told = []
    application.window.messages.tell = lambda words, severity, *_: told.append((words, severity))
    for names in (["loop.h5"], ["crash.h5", "b.npy"], ["good.h5"]):
        application.open_paths([str(tmp_path / name) for name in names])

    def opened():
        return {Path(file.path).name for file in store["files"].items}

    qtbot.waitUntil(lambda: {"b.npy", "good.h5"} <= opened(), timeout=60000)
    assert runner.is_busy()
    errors = [words for words, severity in told if severity == "error"]
    assert len(errors) == 1
    assert "the process that reads it ended" in errors[0]
    runner.cancel_all()
    assert not runner.is_busy()
    idle()
    assert not opened() & {"loop.h5", "crash.h5"}
