"""Links into other HDF5 files are entries, followed when it is asked for and not before."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from engine.errors import ArgumentError, FileError
from engine.files import follow_link, open_matrix_file

VALUES = np.arange(6.0).reshape(2, 3)


@pytest.fixture
def linked(tmp_path):
    """Return a function that writes main.h5 with one link beside an array of its own."""

    def _linked(file, place, own=True):
        path = tmp_path / "main.h5"
        with h5py.File(path, "w") as main:
            if own:
                main["own"] = np.ones(2)
            main["group/away"] = h5py.ExternalLink(file, place)
        return path

    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["deep/x"] = VALUES
        other["deep/y"] = VALUES + 1
    return _linked


@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.parametrize("own", [False, True])
def test_a_link_names_the_other_file_and_is_followed_on_request(linked, tmp_path, absolute, own):
    file = str(tmp_path / "other.h5") if absolute else "other.h5"
    source = open_matrix_file(linked(file, "/deep/x", own))
    entry = source.entry("group/away")
    assert not entry.readable
    assert "/deep/x in the file" in entry.note
    assert "other.h5" in entry.note
    other, names = follow_link(source, "group/away")
    assert names == ("deep/x",)
    np.testing.assert_array_equal(other.read("deep/x"), VALUES)


def test_the_other_file_is_not_opened_before(linked, tmp_path, monkeypatch):
    path = linked("other.h5", "/deep/x")
    (tmp_path / "other.h5").unlink()
    assert {one.name: one.readable for one in open_matrix_file(path).entries} == {
        "own": True,
        "group/away": False,
    }


def test_a_link_to_a_group_means_all_in_it(linked):
    other, names = follow_link(open_matrix_file(linked("other.h5", "/deep")), "group/away")
    assert names == ("deep/x", "deep/y")
    np.testing.assert_array_equal(other.read("deep/y"), VALUES + 1)


def test_files_that_moved_together_are_found(linked):
    source = open_matrix_file(linked("/nowhere/at/all/other.h5", "/deep/x"))
    assert follow_link(source, "group/away")[1] == ("deep/x",)


@pytest.mark.parametrize(
    ("file", "place", "words"),
    [("gone.h5", "/x", "gone.h5"), ("other.h5", "/nothing", "no array at /nothing")],
)
def test_what_is_not_there_is_a_sentence(linked, file, place, words):
    source = open_matrix_file(linked(file, place))
    with pytest.raises(FileError, match=words):
        follow_link(source, "group/away")


def test_links_in_a_circle_are_steps_that_a_person_takes(tmp_path):
    for name, to in (("a", "b"), ("b", "a")):
        with h5py.File(tmp_path / f"{name}.h5", "w") as file:
            file["round"] = h5py.ExternalLink(f"{to}.h5", "/round")
    source = open_matrix_file(tmp_path / "a.h5")
    for to in ("b.h5", "a.h5", "b.h5"):
        source, names = follow_link(source, "round")
        assert names == ("round",)
        assert source.path.endswith(to)


def test_only_links_are_followed(linked):
    source = open_matrix_file(linked("other.h5", "/deep/x"))
    with pytest.raises(ArgumentError, match="an entry that is a link"):
        follow_link(source, "own")
    with pytest.raises(ArgumentError):
        follow_link(source, "none")
