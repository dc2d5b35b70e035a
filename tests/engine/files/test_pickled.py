"""A source that crosses to another process opens its file again there."""

import pickle

import numpy as np
import pytest

from engine.errors import FileError
from engine.files import example_source, open_matrix_file


def test_a_source_reads_the_same_after_a_round_trip(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.arange(12.0).reshape(3, 4))
    with open_matrix_file(str(path)) as source:
        again = pickle.loads(pickle.dumps(source))
    np.testing.assert_array_equal(again.read("a"), np.arange(12.0).reshape(3, 4))


def test_a_file_that_has_changed_meanwhile_is_refused(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.arange(12.0))
    with open_matrix_file(str(path)) as source:
        packed = pickle.dumps(source)
    np.save(path, np.arange(13.0))
    with pytest.raises(FileError, match="changed"):
        pickle.loads(packed)


def test_the_examples_travel_too():
    again = pickle.loads(pickle.dumps(example_source()))
    assert [entry.name for entry in again.entries] == [e.name for e in example_source().entries]
