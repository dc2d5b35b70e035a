"""Matrices and ranks at the edge: every view opens, and every rank has vectors."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from gui.pages.spectrum.compute import factors
from gui.pages.spectrum.contents import PAGE
from tests.support.known import rank_part, sigma_of

_RNG = np.random.default_rng(8)
MATRICES = {
    "one row": _RNG.normal(size=(1, 9)),
    "one column": _RNG.normal(size=(9, 1)),
    "one entry": np.array([[-2.5]]),
    "all zero": np.zeros((7, 5)),
    "constant": np.full((6, 4), 3.0),
    "rank one": np.outer(np.arange(1.0, 13.0), np.arange(1.0, 9.0)),
    "rank deficient": _RNG.normal(size=(12, 3)) @ _RNG.normal(size=(3, 10)),
    "tiny": 1e-300 * _RNG.normal(size=(8, 6)),
    "huge": 1e300 * _RNG.normal(size=(8, 6)),
    "whole numbers": _RNG.integers(-9, 9, size=(8, 6)),
    "truth values": _RNG.normal(size=(8, 6)) > 0,
    "half precision": _RNG.normal(size=(8, 6)).astype(np.float16),
}


@pytest.mark.sample(1 / 4)
@pytest.mark.parametrize("name", MATRICES)
def test_every_view_opens(page, messages, name):
    matrix = MATRICES[name]
    page.show("m", matrix)
    a = matrix.astype(np.float64)
    top = np.abs(a).max() or 1.0
    expected = top * np.linalg.svd(a / top, compute_uv=False)
    curve, floor = page.curve("values", "main"), page.curve("values", "main.floor")
    drawn = np.isfinite(curve.y)
    assert_allclose(curve.y[drawn], expected[drawn], rtol=1e-9)
    # What is not drawn lies at rounding level, and is marked there.
    assert np.count_nonzero(~drawn) == (0 if floor is None else floor.x.size)
    assert (expected[~drawn] <= 1e-14 * expected[0]).all()
    for view in PAGE.views:
        page.tab(view)
    page.tab("reconstruction")
    rank = min(8, *matrix.shape)
    u, s, vh = np.linalg.svd(a / top, full_matrices=False)
    wanted = top * ((u[:, :rank] * s[:rank]) @ vh[:rank])
    # Vectors of half precision and of truth values are computed in float32.
    digits = 1e-6 if matrix.dtype.itemsize < 4 else 1e-13
    assert_allclose(page.image("approximation"), wanted, rtol=0, atol=digits * top)
    assert page.view.notice.isHidden()
    assert messages == []


@pytest.fixture
def few(monkeypatch):
    """Vectors are dear: two are known at first."""
    monkeypatch.setattr(factors, "FULL_WORK", 0.0)
    monkeypatch.setattr(factors, "LEADING_PAIRS", 2)


@pytest.mark.usefixtures("few")
def test_picture_pair_and_file_come_beyond_what_is_known(page, matrix, dialogs, tmp_path):
    page.show("m", matrix)
    known = []
    for rank in (2, 5, 7, 20, 1):
        page.type_number(page.controls.numbers["rank"], str(rank))
        assert_allclose(page.image("approximation"), rank_part(matrix, rank), rtol=0, atol=1e-12)
        assert page.figure("approximation").note == ""
        known.append(page.page._factors(page.page.conductor.present()).known)
    assert known == [2, 8, 8, 30, 2]
    page.type_number(page.controls.numbers["rank"], "6")
    dialogs.saves.append(str(tmp_path / "f.npz"))
    page.click(page.page.save_button)
    with np.load(tmp_path / "f.npz") as stored:
        product = (stored["u"] * stored["s"]) @ stored["vh"]
    assert_allclose(product, rank_part(matrix, 6), rtol=0, atol=1e-12)
    page.tab("vectors")
    page.type_number(page.controls.numbers["vector"], "12")
    v, u = page.curve("v", "v").y, page.curve("u", "u").y
    assert_allclose(matrix @ v, sigma_of(matrix)[11] * u, rtol=0, atol=1e-12)


@pytest.mark.usefixtures("few")
def test_memory_is_bounded_and_that_is_said(page, matrix, monkeypatch):
    monkeypatch.setattr(factors, "ROOM", 8 * 70 * 5)
    page.show("m", matrix)
    page.type_number(page.controls.numbers["rank"], "9")
    assert_allclose(page.image("approximation"), rank_part(matrix, 5), rtol=0, atol=1e-12)
    assert "up to rank 5" in page.figure("approximation").note
    assert not page.page.save_button.isEnabled()
