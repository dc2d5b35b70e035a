"""Matrices at the edge of what there is: every view opens and the numbers are right."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from gui.pages.spectrum.contents import PAGE

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
