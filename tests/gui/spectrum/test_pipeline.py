"""Order, cancel and staleness: the worker is frozen in mid-job where a test needs it."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from numpy.testing import assert_allclose
from PySide6.QtCore import Qt

import engine.spectrum
from gui.core.work.ways import LONG
from gui.pages.spectrum.compute.matrix import Analyse, Leading, Loaded


def sigma_of(a):
    return np.linalg.svd(a, compute_uv=False)


class Held:
    """``singular_values`` that waits for a permit per call, and may be told to fail."""

    def __init__(self, monkeypatch):
        self.permits = threading.Semaphore(0)
        self.entered = 0
        self.error = None
        self._real = engine.spectrum.singular_values
        monkeypatch.setattr("engine.spectrum.singular_values", self._held)

    def _held(self, array, method="auto", *, progress=None):
        self.entered += 1
        self.permits.acquire(timeout=10)
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        return self._real(array, method, progress=progress)


@pytest.fixture
def held(monkeypatch):
    return Held(monkeypatch)


@pytest.fixture
def always_large(monkeypatch):
    """Treat every matrix as one whose full spectrum takes long, still in a thread."""
    monkeypatch.setattr(Analyse, "cost", 2 * LONG)
    monkeypatch.setattr("gui.core.work.runner.PROCESS_COST", 4 * LONG)
    monkeypatch.setattr("gui.pages.spectrum.compute.matrix.LEADING", 8)


def test_leading_values_come_first_with_their_band_and_the_rest_replaces_them(
    page, matrix, held, always_large
):
    page.open("m", matrix)
    page.wait(lambda: held.entered == 1)
    page.wait(lambda: page.curve("values", "main") is not None)
    leading = page.curve("values", "main")
    band = page.figure("values").bands[0]
    known = leading.y.size
    s = sigma_of(matrix)
    assert known < 30
    assert np.all(band.lower <= s[:known] * (1 + 1e-9))
    assert np.all(s[:known] <= band.upper * (1 + 1e-9))
    assert "certified" in page.figure("values").note
    # The known values fill the plot; the axis grows when the others arrive.
    assert page.figure("values").x.limits[1] < known + 3
    assert page.readout(page.controls.readouts["spectrum.at_rank"], "Energy kept").startswith("≥")
    held.permits.release()
    page.settle()
    assert_allclose(page.curve("values", "main").y, s, rtol=0, atol=1e-14)
    assert page.figure("values").bands == ()


def test_leading_values_are_not_asked_for_where_all_take_no_longer(
    page, matrix, held, always_large, monkeypatch
):
    asked = []
    monkeypatch.setattr(
        "engine.spectrum.leading_singular_values", lambda *_, **__: asked.append(1) or 1 / 0
    )
    monkeypatch.setattr(Leading, "cost", 2 * LONG)
    page.open("m", matrix)
    page.wait(lambda: held.entered == 1)
    held.permits.release()
    page.settle()
    assert_allclose(page.curve("values", "main").y, sigma_of(matrix), rtol=0, atol=1e-14)
    assert not asked


@pytest.mark.parametrize(
    ("shape", "preview"), [((4000, 4000), True), ((1 << 20, 64), False), ((3000, 70), False)]
)
def test_the_cost_of_leading_values_is_that_of_their_way(shape, preview):
    array = np.broadcast_to(0.0, shape)
    loaded = Loaded(None, array)
    assert (Leading(loaded=loaded).cost < Analyse(loaded=loaded, method="auto").cost) == preview


def test_rank_beyond_the_known_values_gives_bounds_not_errors(page, matrix, held, always_large):
    page.open("m", matrix)
    page.wait(lambda: held.entered == 1 and page.curve("values", "main") is not None)
    page.controls.edited.emit("rank", 25)
    assert page.readout(page.controls.readouts["spectrum.at_rank"], "Frobenius error").startswith(
        "≤"
    )
    held.permits.release()
    page.settle()
    assert not page.readout(
        page.controls.readouts["spectrum.at_rank"], "Frobenius error"
    ).startswith("≤")


def test_cancel_keeps_what_is_there_and_offers_to_go_on(page, matrix, held, always_large):
    page.open("m", matrix)
    page.wait(lambda: held.entered == 1 and page.curve("values", "main") is not None)
    page.context.runner.cancel_all()
    assert "cancelled" in page.view.notice.label.text()
    assert page.curve("values", "main") is not None
    held.permits.release(2)
    page.click(page.view.notice.buttons["again"])
    assert page.view.notice.isHidden()
    assert page.curve("values", "main").y.size == 30


def test_a_spectrum_pinned_while_only_leading_values_are_known_is_overlaid_whole(
    page, matrix, held, always_large
):
    page.open("m", matrix)
    page.wait(lambda: held.entered == 1 and page.curve("values", "main") is not None)
    page.wait(lambda: page.page.pins.button.isEnabled())
    page.qtbot.mouseClick(page.page.pins.button, Qt.MouseButton.LeftButton)
    held.permits.release(9)
    page.show("second", np.eye(5))
    assert_allclose(page.curve("values", "overlay0").y, sigma_of(matrix), rtol=0, atol=1e-14)


def test_a_spectrum_pinned_is_not_computed_again(page, matrix, held):
    held.permits.release(9)
    page.show("m", matrix)
    page.click(page.page.pins.button)
    page.show("second", np.eye(5))
    assert page.curve("values", "overlay0").y.size == 30
    assert held.entered == 2


def test_result_of_a_matrix_left_behind_is_dropped(page, matrix, held):
    page.open("old", matrix)
    page.wait(lambda: held.entered == 1)
    page.open("new", 3.0 * matrix)
    held.permits.release(2)
    page.settle()
    assert_allclose(page.curve("values", "main").y, 3.0 * sigma_of(matrix), rtol=0, atol=1e-13)
    assert page.figure("values").meta["source"] == "new.npy"


def test_error_of_a_matrix_left_behind_is_dropped(page, matrix, held):
    page.open("old", matrix)
    page.wait(lambda: held.entered == 1)
    held.error = ValueError("of the old matrix")
    page.open("new", 3.0 * matrix)
    held.permits.release(2)
    page.settle()
    assert page.view.notice.isHidden()
    assert page.figure("values").meta["source"] == "new.npy"


def test_going_back_to_a_matrix_computes_nothing(page, matrix, held):
    held.permits.release(2)
    first = page.show("first", matrix)
    page.show("second", 2.0 * matrix)
    page.store.replace("selection", label="back", active=first)
    page.settle()
    assert held.entered == 2
    assert_allclose(page.curve("values", "main").y, sigma_of(matrix), rtol=0, atol=1e-14)


def test_leading_part_that_fails_gives_way_to_the_full_spectrum(
    page, matrix, always_large, monkeypatch
):
    def fail(*_arguments, **_options):
        raise ValueError("no leading part")

    monkeypatch.setattr("engine.spectrum.leading_singular_values", fail)
    page.show("m", matrix)
    assert page.view.notice.isHidden()
    assert page.curve("values", "main").y.size == 30


def test_shutdown_in_mid_computation_leaves_nothing(page, matrix, held):
    page.open("m", matrix)
    page.wait(lambda: held.entered == 1)
    held.permits.release()
