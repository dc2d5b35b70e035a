"""One check for all tables: numbers, names, notes, and that the reading told reads the same."""

from __future__ import annotations

import numpy as np
import pytest

from engine.files import open_matrix_file


@pytest.fixture
def check(write):
    """Open a table; the reading its entry tells has to give the same table again."""

    def _check(name, content, numbers, columns, rows, word, reading=None):
        path = write(name, content)
        with open_matrix_file(path, reading=reading) as source:
            entry = source.entries[0]
            got = source.read(entry.name)
        np.testing.assert_allclose(got, np.array(numbers), rtol=1e-15, atol=0)
        assert (list(entry.column_labels), list(entry.row_labels)) == (columns, rows)
        assert word in " ".join(entry.notes)
        assert entry.note == " ".join(entry.notes)
        with open_matrix_file(path, reading=entry.reading) as again:
            np.testing.assert_array_equal(again.read(entry.name), got)
            told = again.entries[0]
        assert (told.column_labels, told.row_labels) == (entry.column_labels, entry.row_labels)
        assert told.reading == entry.reading

    return _check
