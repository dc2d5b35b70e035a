"""What the window's own thread needs for search, notes and the Position page, in seconds of it.

Of the processor, so that other programs do not count; the numbers of Position are the sum of their
steps, which two workers share.

Run: ``python -m pytest tests/benchmarks/test_library_speed.py -p benchmark -o addopts="" -q -s``.
"""

from __future__ import annotations

import gc
import time
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from safetensors.numpy import save_file

from engine.topk import warm
from engine.topk.compiled.ready import without_kernels
from gui.pages.position.compute import measure
from gui.pages.position.compute.measure import Hard, Soft, Softmax, Uniform
from gui.pages.position.compute.setting import TokenSpec
from gui.window.finding.panel import SearchPanel
from gui.window.notes.dialog import NotesDialog
from tests.benchmarks.test_search_speed import names
from tests.support.at_rest import bring_to_front
from tests.support.window_driver import WindowDriver

KEY, F1, REPAINT, NUMBERS = 0.05, 0.2, 0.05, 0.3


class Dialogs:
    """Nothing is asked."""


@pytest.fixture
def driver(qtbot, qapp, tmp_path):
    made = WindowDriver(qtbot, qapp, tmp_path, Dialogs())
    made.idle()
    bring_to_front(qtbot, made.window)
    yield made
    made.close()


def seconds(call: Any) -> float:
    """Return what the thread needs for a call."""
    gc.collect()
    start = time.thread_time()
    call()
    return time.thread_time() - start


def test_first_hits_with_twenty_thousand_tensors_open(driver):
    path = str(driver.folder / "model.safetensors")
    save_file({name: np.zeros((2, 3), np.float32) for name in names()}, path)
    driver.application.open_paths([path])
    driver.wait(lambda: len(driver.store["files"].items) > 1)
    driver.idle()
    driver.window.show_search()
    (panel,) = driver.window.findChildren(SearchPanel)
    driver.wait(lambda: driver.window._finder.is_ready)
    driver.idle()

    def key(letter: str) -> None:
        panel.line.insert(letter)
        panel.list.viewport().repaint()

    taken = []
    for query in ("layers.17 q_proj", "weight", "低秩", "概率", "79"):
        panel.line.clear()
        taken.append([seconds(lambda letter=letter: key(letter)) for letter in query])
        print(f"\n{query}: {' '.join(f'{1e3 * one:.0f}' for one in taken[-1])} ms")
        assert panel.model.rows
    panel.close()
    assert max(map(max, taken)) <= KEY


def test_f1_paints(driver):
    for page in ("topk", "spectrum", "column_row", "checkpoint", "position"):
        driver.page(page)
        bring_to_front(driver.qtbot, driver.window)

        def press() -> None:
            driver.qtbot.keyClick(driver.window, Qt.Key.Key_F1)
            driver.window.findChild(NotesDialog).browser.viewport().repaint()

        took = seconds(press)
        print(f"\nF1 on {page}: {1e3 * took:.0f} ms")
        assert took <= F1
        driver.window.findChild(NotesDialog).close()
        driver.turns()


def test_position_is_painted_anew(driver):
    start = time.thread_time()
    driver.window.show_page("position")
    rms = driver.window.pages["position"].view.plots["position.rms"]
    driver.wait(lambda: rms.frames_painted > 0)
    print(f"\nfirst paint {time.thread_time() - start:.3f} s")
    driver.idle()
    conductor = driver.window.pages["position"].conductor
    for name, first, step in (("tau", 0.9, -0.05), ("k", 20, 2), ("sigma", 1.1, 0.1),
                              ("slope", 0.3, 0.1)):  # fmt: skip
        if name == "slope":
            conductor.edit("encoding", "alibi")
            driver.idle()
        taken = []
        for place in range(7):
            painted = rms.frames_painted

            def edit(value: float = first + place * step, painted: int = painted) -> None:
                conductor.edit(name, value)  # noqa: B023 - called at once
                driver.wait(lambda: rms.frames_painted > painted)

            taken.append(seconds(edit))
            conductor.seal()
            driver.idle()
        print(f"{name}: first {1e3 * taken[0]:.0f}, median {1e3 * np.median(taken):.0f} ms")
        assert np.median(taken) <= REPAINT


def test_the_numbers_of_position_follow():
    size = {"encoding": "none", "base": 1e4, "slope": 0.25, "length": 512, "features": 64}
    shared = {"spec": TokenSpec("random"), "tokens": None, "trials": 16, "seed": 0, **size}
    uniform = Uniform(**shared)
    softmax = Softmax(sigma=1.0, **shared)
    hard = Hard(sigma=1.0, k=16, **shared)
    soft = Soft(sigma=1.0, k=16, tau=1.0, operator="sigmoid", **shared)
    for one in (uniform, softmax, hard, soft):
        one.run()  # imports

    def anew(*steps: Any) -> float:
        def run() -> None:
            for one in steps:
                measure._of_random.cache_clear()
                one.run()

        return float(np.median([seconds(run) for _ in range(5)]))

    moved = {"tau": (soft,), "k": (hard, soft), "sigma": (softmax, hard, soft),
             "slope": (uniform, softmax, hard, soft)}  # fmt: skip
    for name, steps in moved.items():
        took = anew(*steps)
        print(f"\n{name}: {1e3 * took:.0f} ms")
        assert took <= NUMBERS
    # By NumPy alone until its tables are compiled, or found on disk.
    for k in (4, 16, 100):
        grad = Soft(sigma=1.0, k=k, tau=0.3, operator="grad", **shared)
        with without_kernels():
            grad.run()
            took = anew(grad)
        print(f"GradTopK by NumPy alone, k = {k}: {1e3 * took:.0f} ms")
        assert took <= NUMBERS
    assert warm(["grad"], wait=True)
    took = anew(grad)
    print(f"GradTopK: {1e3 * took:.0f} ms")
    assert took <= NUMBERS
