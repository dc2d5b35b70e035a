"""Writes every Figure that the window shows, in many states.

Run it on two versions of the program and compare what they have written:

    python -m tests.support.goldens.dump_figures FOLDER
    python -m tests.support.goldens.compare_figures OLD NEW

A folder gets ``figures.json`` (every field of every Figure, by state) and ``arrays.npz`` (every
distinct array, as float64); equal arrays are stored once. Pixels are told by a hash only.
"""

from __future__ import annotations

import os

if __name__ == "__main__":
    # Before numpy is imported: sums in another order would differ in the last digit.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"

import argparse
import dataclasses
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.support.goldens.golden_states import VIEWS, can_show, choose_array, make_files, settings
from tests.support.window_driver import WindowDriver

PIXELS = "pixels"


class Loop:
    """What the driver asks of pytest-qt, without pytest."""

    def waitUntil(self, condition: Callable[[], bool], timeout: int) -> None:
        """Run the event loop until something is true."""
        loop, late = QEventLoop(), QTimer(singleShot=True, interval=timeout)
        look = QTimer(interval=2)
        look.timeout.connect(lambda: loop.quit() if condition() else None)
        late.timeout.connect(lambda: loop.exit(1))
        look.start()
        late.start()
        failed = loop.exec()
        look.stop()
        late.stop()
        if failed:
            raise TimeoutError("the window does not come to rest")

    @contextmanager
    def waitExposed(self, _window: Any) -> Iterator[None]:
        yield

    def __getattr__(self, name: str) -> Any:
        return getattr(QTest, name)


class Store:
    """Keeps each distinct array once, under the hash of its numbers."""

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray[Any, Any]] = {}

    def plain(self, value: Any, name: str = "") -> Any:
        """Return a field of a Figure as JSON can hold it; arrays by their names in ``arrays``."""
        if name == PIXELS and value is not None:
            return _digest(np.asarray(value))
        if isinstance(value, np.ndarray):
            return self._keep(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
            return {key: self.plain(item, key) for key, item in fields}
        if isinstance(value, Mapping):
            return {str(key): self.plain(item) for key, item in value.items()}
        if name == "words":
            return _text_digest(value)
        if isinstance(value, (tuple, list)):
            return [self.plain(item) for item in value]
        return value.item() if isinstance(value, np.generic) else value

    def _keep(self, array: np.ndarray[Any, Any]) -> str:
        kept = np.ascontiguousarray(array, dtype=np.float64)
        name = _digest(kept)
        self.arrays[name] = kept
        return f"array {name}"


def _digest(array: np.ndarray[Any, Any]) -> str:
    kind = f"{array.dtype}{array.shape}".encode()
    return hashlib.sha1(kind + np.ascontiguousarray(array).tobytes()).hexdigest()


def _text_digest(words: Any) -> str:
    """Return a hash of sentences, which are written only when somebody reads them."""
    lines = [words[place] for place in range(len(words))]
    return hashlib.sha1("\n".join(lines).encode()).hexdigest() if lines else ""


def figures_of(driver: WindowDriver, store: Store) -> dict[str, Any]:
    """Return the Figures of the page in front by key, once the window rests."""
    driver.idle()
    return {key: store.plain(figure) for key, figure in driver.figures().items()}


def walk(driver: WindowDriver, store: Store) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (state, its Figures): every array in every view, then every setting."""
    delivered = {page: driver.store[page] for page in VIEWS}
    arrays = [entry for file in driver.store["files"].items for entry in file.entries]

    def put_back() -> None:
        for page, state in delivered.items():
            fields = {f.name: getattr(state, f.name) for f in dataclasses.fields(state)}
            driver.store.replace(page, label="", **fields)

    for array in arrays:
        for page, views in VIEWS.items():
            put_back()
            choose_array(driver, array.name)
            driver.page(page)
            for view in views:
                if can_show(page, view, array.shape, array.dtype):
                    driver.store.replace(page, label="", view=view)
                    yield f"{page}.{view} [{array.name}]", figures_of(driver, store)
    for setting in settings():
        put_back()
        choose_array(driver, setting.array)
        driver.page(setting.page)
        driver.store.replace(setting.page, label="", view=setting.view, **setting.fields)
        driver.idle()
        if setting.by_hand is not None:
            setting.by_hand(driver)
        yield setting.title, figures_of(driver, store)


class NoDialogs:
    """Nothing is asked while figures are dumped."""


def dump(target: Path) -> tuple[int, int]:
    """Write the Figures of every state to ``target``; return how many states and Figures."""
    qt = QApplication.instance() or QApplication(["dump_figures"])
    store, states = Store(), {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        driver = WindowDriver(Loop(), qt, folder, NoDialogs(), page="topk")
        driver.window.resize(1480, 900)
        paths = make_files(folder)
        driver.application.open_paths(paths)
        driver.wait(lambda: len(driver.store["files"].items) == len(paths) + 1)
        driver.idle()
        for state, figures in walk(driver, store):
            states[state] = figures
        driver.close()
    target.mkdir(parents=True, exist_ok=True)
    text = json.dumps(states, ensure_ascii=False, indent=0)
    (target / "figures.json").write_text(text, encoding="utf-8")
    np.savez(target / "arrays.npz", **store.arrays)
    return len(states), sum(map(len, states.values()))


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where figures.json and arrays.npz go")
    target = parser.parse_args().folder
    begun = time.monotonic()
    states, figures = dump(target)
    size = sum(file.stat().st_size for file in target.iterdir()) / 1e6
    print(f"{figures} figures of {states} states, {size:.0f} MB, {time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
