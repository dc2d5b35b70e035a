"""A sparse file in the window: its note is shown, and pages compute from it."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse

from engine.errors import DataError
from engine.files import open_matrix_file
from gui.core.state.document import Opened, reference
from gui.pages.sources.compute.opening import describe_source
from gui.pages.spectrum.compute.matrix import load
from gui.pages.topk.compute.scores import line_of

DENSE = np.where(np.random.default_rng(1).random((5, 7)) < 0.4, 2.0, 0.0)


def opened(path) -> Opened:
    source = open_matrix_file(path)
    file = describe_source(source, str(path))
    return Opened(reference(file, file.entries[0]), source)


def test_a_sparse_file_is_said_to_be_sparse_and_has_a_spectrum(tmp_path):
    scipy.sparse.save_npz(tmp_path / "g.npz", scipy.sparse.csr_array(DENSE))
    data = opened(tmp_path / "g.npz")
    (entry,) = describe_source(data.source, data.source.path).entries
    assert "Sparse (CSR)" in entry.note
    np.testing.assert_array_equal(load(data).array, DENSE)
    np.testing.assert_array_equal(line_of(data, "row", 2), DENSE[2])
    np.testing.assert_array_equal(line_of(data, "column", slice(1, 3)), DENSE[:, 1:3])


def test_a_sparse_file_too_large_as_dense_numbers_is_refused_in_words(tmp_path):
    wide = scipy.sparse.coo_array(([1.0], ([3], [5])), (300_000, 200_000))
    scipy.sparse.save_npz(tmp_path / "g.npz", wide)
    with pytest.raises(DataError, match="as a dense one"):
        load(opened(tmp_path / "g.npz"))
