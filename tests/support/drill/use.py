"""A person at random: opens, turns pages, edits, exports, undoes, while files are rewritten.

What is done depends on the seed alone; when, on the machine.
"""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer

from gui.app import Application
from gui.core.export.export import ExportOptions, ExportRequest
from gui.pages import PAGES

SUFFIXES = (".png", ".svg", ".pdf", ".csv", ".npz")
SHAPES = ((40, 30), (300, 200), (64, 500), (1500, 1200))  # the last is decomposed in a process
STEP_MS = 60
WARM = 20  # things done until it counts as begun


def make_files(folder: Path, seed: int = 0) -> list[Path]:
    """Write the matrices that are used, as .npy, .csv and .npz."""
    draw = np.random.default_rng(seed)
    paths = []
    for number, shape in enumerate(SHAPES):
        matrix = draw.standard_normal(shape)
        path = folder / f"m{number}{('.npy', '.csv', '.npz')[number % 3]}"
        if path.suffix == ".npy":
            np.save(path, matrix)
        elif path.suffix == ".csv":
            np.savetxt(path, matrix, delimiter=",")
        else:
            np.savez(path, a=matrix, b=matrix.T)
        paths.append(path)
    return paths


class Person(QObject):
    """Does one thing after another in a running application.

    ``serial`` counts the edits that the session has to bring back: it is the state's ``count`` of
    Top-k, and each is told on a line of its own with the moment it was made.
    """

    def __init__(
        self, application: Application, files: list[Path], out: Path, seed: int, *, tell: bool
    ) -> None:
        super().__init__()
        self._application, self._files, self._out = application, files, out
        self._random = random.Random(seed)
        self._tell = tell
        self.serial, self.done, self._exports = 10, 0, 0
        self._pages = [page.key for page in PAGES if page.place == "centre"]
        self._timer = QTimer(self, interval=STEP_MS)
        self._timer.timeout.connect(self.act)

    def begin(self) -> None:
        """Start."""
        self._timer.start()

    def act(self) -> None:
        """Do one thing."""
        self.done += 1
        if self._tell:
            words = "begun" if self.done == WARM else "alive"
            print(words, time.monotonic(), flush=True)
        choice = self._random.random()
        if choice < 0.45:
            self._edit()
        elif choice < 0.60:
            self._drag()
        elif choice < 0.70:
            self._application.window.show_page(self._random.choice(self._pages))
        elif choice < 0.80:
            self._select()
        elif choice < 0.85:
            self._rewrite()
        elif choice < 0.90:
            self._export()
        elif choice < 0.94:
            self._application.store.undo()
        elif choice < 0.97:
            self._application.context.runner.cancel_all()
        else:
            self._application.open_paths([str(self._random.choice(self._files))])

    def _edit(self) -> None:
        self.serial += 1
        store = self._application.store
        store.replace("topk", label="count", count=self.serial)
        store.forget_history()  # so that no undo takes it back: it counts what must not be lost
        if self._tell:
            print(self.serial, time.monotonic(), flush=True)

    def _drag(self) -> None:
        store = self._application.store
        for _ in range(5):
            store.replace("spectrum", label="rank", merge="d", rank=self._random.randint(1, 30))
            store.replace("topk", label="tau", merge="d", tau=10 ** self._random.uniform(-2, 1))
        store.seal()

    def _select(self) -> None:
        refs = self._application.context.arrays.refs
        if refs:
            ref = self._random.choice(refs)
            self._application.store.replace("selection", label="choose", active=ref)

    def _rewrite(self) -> None:
        path = self._random.choice(self._files)
        data = path.read_bytes()
        if self._random.random() < 0.3:
            path.write_bytes(data[: len(data) // 2])
        path.write_bytes(data)
        if self._application.context.library.get(str(path)) is not None:
            self._application.sources.reload(str(path))

    def _export(self) -> None:
        figures = self._application.window.figures()
        if not figures:
            return
        self._exports += 1
        path = self._out / f"f{self._exports % 20}{self._random.choice(SUFFIXES)}"
        request = ExportRequest(self._random.choice(figures), path, ExportOptions(), True)
        nothing: Any = lambda *_: None  # noqa: E731
        self._application.context.runner.submit("drill.export", request, nothing, nothing)


def run(folder: Path, seed: int, *, seconds: float = 0.0, tell: bool = True) -> int:
    """Run the program with a person in it; for ever where there are no ``seconds``."""
    from PySide6.QtWidgets import QApplication

    from gui.window.reporting import Reporting
    from gui.window.settings import Settings

    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    qt = QApplication(["rankscope"])
    out = folder / "out"
    out.mkdir(exist_ok=True)
    with Reporting(folder / "log"):
        application = Application(qt, settings=Settings(str(folder / "config" / "rankscope.ini")))
        application.show()
        files = sorted(folder.glob("m?.*"))
        application.open_paths([str(path) for path in files])
        person = Person(application, files, out, seed, tell=tell)
        person.begin()
        if seconds:
            QTimer.singleShot(int(1000 * seconds), application.window.close)
            application.window.closing.connect(qt.quit)
        return int(qt.exec())


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), int(sys.argv[2])))
