"""What programs agree on inside HDF5: sparse groups, packed numbers, filters, virtual datasets."""

from __future__ import annotations

import importlib
import tracemalloc

import h5py
import hdf5plugin
import numpy as np
import pytest
import scipy.sparse

from engine.errors import FileError
from engine.files import is_sparse, open_matrix_file, to_dense
from engine.files.layouts.hdf5 import filters, labels

DENSE = np.where(np.random.default_rng(5).random((6, 9)) < 0.3, 1.5, 0.0)
SQUARE = DENSE[:, :6] + np.triu(np.ones((6, 6)))
TEXT = h5py.string_dtype()


@pytest.fixture
def make(tmp_path):
    """Write a file by a function."""

    def _make(fill, name="model.h5"):
        with h5py.File(tmp_path / name, "w") as file:
            fill(file)
        return tmp_path / name

    return _make


def parts(group, matrix, names=("data", "indices", "indptr")) -> None:
    for name, part in zip(names, (matrix.data, matrix.indices, matrix.indptr), strict=True):
        group.create_dataset(name, data=part, compression="gzip")


def anndata(file, layout: str, dense, is_old: bool = False) -> None:
    """Lay out X as anndata does, of version 0.8 or of one before 0.7."""
    group = file.create_group("X")
    parts(group, scipy.sparse.csr_array(dense).asformat(layout))
    if is_old:
        group.attrs["h5sparse_format"], group.attrs["h5sparse_shape"] = layout, dense.shape
        return
    group.attrs["encoding-type"], group.attrs["shape"] = f"{layout}_matrix", dense.shape
    for table, count, letter in (("obs", dense.shape[0], "c"), ("var", dense.shape[1], "g")):
        frame = file.create_group(table)
        frame.attrs["_index"] = "names"
        frame.create_dataset("names", data=[f"{letter}{i}" for i in range(count)], dtype=TEXT)
    layers = file.create_group("layers/counts")
    parts(layers, scipy.sparse.csr_array(dense))
    layers.attrs["encoding-type"], layers.attrs["shape"] = "csr_matrix", dense.shape
    file["obsm/X_pca"] = dense[:, :2]
    file["varp/near"] = np.eye(dense.shape[1])


@pytest.mark.parametrize("layout", ["csr", "csc"])
@pytest.mark.parametrize("is_old", [False, True])
@pytest.mark.parametrize("dense", [DENSE, SQUARE], ids=["wide", "square"])
def test_anndata_is_read_as_it_is_kept(make, layout, is_old, dense):
    source = open_matrix_file(make(lambda file: anndata(file, layout, dense, is_old), "cells.h5ad"))
    entry, got = source.entry("X"), source.read("X")
    assert is_sparse(got)
    assert (got.shape, got.dtype, entry.shape) == (dense.shape, dense.dtype, dense.shape)
    np.testing.assert_array_equal(got.toarray(), dense)
    np.testing.assert_array_equal(source.read("X", rows=2), dense[2])
    assert f"Sparse ({layout.upper()})" in entry.notes[0]
    if not is_old:
        assert entry.row_labels == tuple(f"c{i}" for i in range(len(dense)))
        assert entry.column_labels[-1] == f"g{dense.shape[1] - 1}"
        assert source.entry("layers/counts").row_labels == entry.row_labels
        assert source.entry("obsm/X_pca").row_labels == entry.row_labels
        assert source.entry("obsm/X_pca").column_labels == ()
        near = source.entry("varp/near")
        assert near.row_labels == near.column_labels == entry.column_labels
        assert not any("indptr" in one.name for one in source.entries)


def test_names_that_may_be_missing_are_names(make):
    """As anndata writes the strings of pandas 3: values and a mask in a group."""

    def build(file):
        file["X"] = np.arange(6.0).reshape(2, 3)
        for table, names in (("obs", ["c5", "c6"]), ("var", ["g7", "g8", "g9"])):
            frame = file.create_group(table)
            frame.attrs["_index"] = "_index"
            group = frame.create_group("_index")
            group.attrs["encoding-type"] = "nullable-string-array"
            group.create_dataset("values", data=names, dtype=TEXT)
            group["mask"] = np.zeros(len(names), bool)

    entry = open_matrix_file(make(build, "cells.h5ad")).entry("X")
    assert entry.row_labels == ("c5", "c6")
    assert entry.column_labels == ("g7", "g8", "g9")


def tenx(file, dense, root="matrix", features="features/name", is_list=True) -> None:
    group = file.create_group(root)
    parts(group, scipy.sparse.csc_array(dense))
    shape = np.array(dense.shape, np.int32)
    if is_list:
        group["shape"] = shape
    else:
        group.attrs["dims"] = shape
    group.create_dataset("barcodes", data=[b"AAC", b"AAG"] + [b"C"] * (dense.shape[1] - 2))
    group[features] = np.array([f"gene{i}".encode() for i in range(len(dense))])


@pytest.mark.parametrize(
    ("root", "features"), [("matrix", "features/name"), ("hg19", "gene_names"), ("mm10", "genes")]
)
@pytest.mark.parametrize("dense", [DENSE, SQUARE], ids=["wide", "square"])
def test_tenx_matrices_are_genes_by_cells(make, root, features, dense):
    source = open_matrix_file(make(lambda file: tenx(file, dense, root, features)))
    np.testing.assert_array_equal(to_dense(source.read(root)), dense)
    entry = source.entry(root)
    assert entry.column_labels[:2] == ("AAC", "AAG")
    assert entry.row_labels[1] == "gene1"


def test_sparse_groups_of_others_are_known_by_their_parts(make):
    def fill(file):
        tenx(file, SQUARE, "r", is_list=False)
        parts(file.create_group("deep/er"), scipy.sparse.csr_array(DENSE))
        file["deep/er/shape"] = DENSE.shape
        coo = scipy.sparse.coo_array(DENSE)
        for name in ("row", "col", "data"):
            file[f"coo/{name}"] = getattr(coo, name)
        file["coo"].attrs["shape"] = DENSE.shape
        parts(file.create_group("said"), scipy.sparse.csc_array(SQUARE))
        file["said"].attrs["format"], file["said"].attrs["shape"] = "csc", SQUARE.shape
        parts(file.create_group("shapeless"), scipy.sparse.csc_array(SQUARE))

    source = open_matrix_file(make(fill))
    for name, dense in {"r": SQUARE, "deep/er": DENSE, "coo": DENSE, "said": SQUARE}.items():
        np.testing.assert_array_equal(to_dense(source.read(name)), dense)
    assert source.read("shapeless/data").ndim == 1


def test_sparse_groups_that_make_no_sense_are_refused(make):
    def fill(file):
        anndata(file, "csr", DENSE)
        file["X/indices"][0] = 99

    source = open_matrix_file(make(fill))
    with pytest.raises(FileError, match="contradict each other"):
        source.read("X")


def test_a_large_sparse_matrix_takes_what_its_entries_take(make):
    rng = np.random.default_rng(1)
    places = rng.integers(0, 30_000, 10_000), rng.integers(0, 200_000, 10_000)
    matrix = scipy.sparse.coo_array((np.ones(10_000), places), (30_000, 200_000)).tocsr()

    def fill(file):
        parts(file.create_group("X"), matrix)
        file["X"].attrs["encoding-type"], file["X"].attrs["shape"] = "csr_matrix", matrix.shape

    path = make(fill)
    tracemalloc.start()
    try:
        got = open_matrix_file(path).read("X")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert got.nnz == matrix.nnz
    assert peak < 5_000_000


def test_names_beyond_the_limit_stay_in_the_file(make, monkeypatch):
    monkeypatch.setattr(labels, "MOST_NAMES", 7)
    entry = open_matrix_file(make(lambda file: anndata(file, "csr", DENSE))).entry("X")
    assert (len(entry.row_labels), entry.column_labels) == (6, ())


CODES = np.array([[0, 100, -200], [-32768, 50, 7]], np.int16)


def packed(**attributes):
    def fill(file):
        file["t"] = CODES
        for name, value in attributes.items():
            file["t"].attrs[name] = value

    return fill


@pytest.mark.parametrize(
    ("attributes", "low", "high"),
    [
        ({"valid_range": np.array([0, 100], np.int16)}, 0, 100),
        ({"valid_min": np.int16(0)}, 0, np.inf),
        ({"valid_max": np.int16(100)}, -np.inf, 100),
    ],
)
def test_codes_that_are_not_valid_are_missing_and_said(make, attributes, low, high):
    source = open_matrix_file(make(packed(scale_factor=0.5, **attributes), "a.nc"))
    expected = np.where((low > CODES) | (high < CODES), np.nan, 0.5 * CODES)
    np.testing.assert_array_equal(source.read("t"), expected)
    assert "Codes outside" in source.entry("t").notes[-1]


def test_a_range_of_floats_bounds_the_unpacked_numbers(make):
    """Users Guide of netCDF: of the type of scale_factor, it is in units of what is unpacked."""
    source = open_matrix_file(make(packed(scale_factor=0.5, valid_range=np.array([0.0, 30.0]))))
    expected = np.where((CODES < 0) | (CODES > 60), np.nan, 0.5 * CODES)
    np.testing.assert_array_equal(source.read("t"), expected)
    assert "What lies outside 0.0 to 30.0" in source.entry("t").notes[-1]


@pytest.mark.parametrize(
    "bounds", [np.array([5, 1], np.int16), np.array([b"a", b"b"]), np.int16(3)]
)
def test_a_range_that_makes_no_sense_is_none(make, bounds):
    np.testing.assert_array_equal(
        open_matrix_file(make(packed(valid_range=bounds))).read("t"), CODES
    )


@pytest.mark.parametrize(("dtype", "fill"), [("f4", 9.969209968386869e36), ("i4", -2147483647)])
def test_what_netcdf_never_wrote_is_missing_and_said(make, dtype, fill):
    def write(file):
        file.create_dataset("t", (2, 3), dtype, chunks=(1, 3), fillvalue=np.dtype(dtype).type(fill))
        file["t"][0] = [1, 2, 3]
        file["plain"] = np.zeros((2, 2), dtype)

    source = open_matrix_file(make(write, "a.nc"))
    np.testing.assert_array_equal(source.read("t"), [[1, 2, 3], [np.nan] * 3])
    assert "never written" in source.entry("t").notes[0]
    assert source.entry("plain").notes == ()


@pytest.mark.parametrize("missing", ["_FillValue", "missing_value"])
@pytest.mark.parametrize("form", [np.float32, lambda x: np.array([x]), float])
def test_packed_numbers_are_unpacked_and_said(make, missing, form):
    fill = packed(scale_factor=form(0.5), add_offset=form(280.0), **{missing: np.int16(-32768)})
    source = open_matrix_file(make(fill, "era.nc"))
    entry, got = source.entry("t"), source.read("t")
    expected = CODES * 0.5 + 280
    expected[1, 0] = np.nan
    np.testing.assert_array_equal(got, expected)
    assert (entry.dtype, got.dtype) == (np.float64, np.float64)
    assert "scale_factor 0.5 plus add_offset 280" in entry.notes[0]
    assert "-32768 is read as missing" in entry.notes[1]
    np.testing.assert_array_equal(source.read("t", rows=1, cols=slice(1, 3)), expected[1, 1:])


def test_packed_numbers_with_a_scale_alone_or_a_fill_alone(make):
    np.testing.assert_array_equal(
        open_matrix_file(make(packed(scale_factor=2.0))).read("t"), CODES * 2.0
    )
    got = open_matrix_file(make(packed(_FillValue=np.int16(7)))).read("t")
    np.testing.assert_array_equal(np.isnan(got), CODES == 7)
    source = open_matrix_file(make(packed(units="K")))
    assert (source.entry("t").notes, source.entry("t").dtype) == ((), np.int16)


def test_packed_unsigned_codes_of_netcdf_3(make):
    got = open_matrix_file(make(packed(_Unsigned="true", scale_factor=1.0))).read("t")
    np.testing.assert_array_equal(got, CODES.view(np.uint16).astype(float))


def test_fill_values_of_floats_are_missing_in_their_own_type(make):
    def fill(file):
        file["f"] = np.array([1.0, 1e20, 2.0], ">f4")
        file["f"].attrs["_FillValue"] = np.float32(1e20)

    source = open_matrix_file(make(fill))
    got = source.read("f")
    np.testing.assert_array_equal(got, [1, np.nan, 2])
    assert got.dtype == source.entry("f").dtype == np.dtype(">f4")


FILTERS = {
    "zstd": hdf5plugin.Zstd(),
    "blosc": hdf5plugin.Blosc(),
    "blosc2": hdf5plugin.Blosc2(),
    "lz4": hdf5plugin.LZ4(),
    "bitshuffle": hdf5plugin.Bitshuffle(),
    "bzip2": hdf5plugin.BZip2(),
    "zfp": hdf5plugin.Zfp(reversible=True),
}


@pytest.mark.parametrize("name", FILTERS)
def test_filters_of_plugins_are_read_with_hdf5plugin(make, name):
    a = np.arange(64.0).reshape(8, 8)
    source = open_matrix_file(make(lambda file: file.create_dataset("d", data=a, **FILTERS[name])))
    np.testing.assert_array_equal(source.read("d"), a)


@pytest.mark.parametrize(("name", "word"), [("zstd", "Zstandard"), ("bitshuffle", "bitshuffle")])
@pytest.mark.parametrize("has_package", [True, False])
def test_a_missing_filter_is_named_with_the_command(make, monkeypatch, name, word, has_package):
    def fill(file):
        file.create_dataset("d", data=np.ones((8, 8)), **FILTERS[name])
        file["plain"] = np.ones(3)

    path = make(fill)
    monkeypatch.setattr(h5py.h5z, "filter_avail", lambda code: code < 256)
    if not has_package:
        monkeypatch.setattr(importlib, "import_module", missing_module)
    source = open_matrix_file(path)
    note = source.entry("d").note
    assert word in note
    assert "the file is whole" in note
    assert ("h5repack" if has_package else "pip install 'rankscope[hdf5]'") in note
    with pytest.raises(FileError, match="plug-in"):
        source.read("d")
    np.testing.assert_array_equal(source.read("plain"), np.ones(3))


def missing_module(name):
    raise ImportError(name)


def test_the_numbers_of_filters_are_those_of_the_package():
    known = {filters._NAMES[one.filter_id].lower()[:4] for one in FILTERS.values()}
    assert known == {"zsta", "blos", "lz4", "bits", "bzip", "zfp"}


def virtual(file, source, name="joined", rows=3):
    layout = h5py.VirtualLayout((rows, 5), "f8")
    for row in range(rows):
        layout[row] = h5py.VirtualSource(*source(row), shape=(5,))
    file.create_virtual_dataset(name, layout, fillvalue=-1)


def test_virtual_datasets_of_the_own_file_are_read(make, tmp_path):
    def fill(file):
        for row in range(3):
            file[f"g/run_{row}"] = np.arange(5.0) + row
        virtual(file, lambda row: (".", f"g/run_{row}"))
        virtual(file, lambda row: (str(tmp_path / "model.h5"), f"/g/run_{row}"), "by_name")
        virtual(file, lambda row: (".", "nowhere"), "missing")
        file["ext"] = h5py.ExternalLink("other.h5", "/x")
        virtual(file, lambda row: (".", "ext"), "linked")
        virtual(file, lambda row: ("other.h5", "x"), "elsewhere")
        virtual(file, lambda row: (".", "elsewhere"), "through")

    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["x"] = np.arange(5.0)
    source = open_matrix_file(make(fill))
    expected = np.arange(5.0) + np.arange(3.0)[:, None]
    for name in ("joined", "by_name"):
        np.testing.assert_array_equal(source.read(name), expected)
    notes = {one.name: one.note for one in source.entries if not one.readable}
    assert set(notes) == {"missing", "linked", "elsewhere", "through", "ext"}
    assert "not in the file (nowhere)" in notes["missing"]
    assert "other files" in notes["elsewhere"]
    assert "other.h5" in notes["through"]


@pytest.mark.parametrize("shape", [(4,), (2, 4)])
@pytest.mark.parametrize("inner", [(3,), (2, 2)])
def test_elements_that_are_arrays_add_their_axes(make, shape, inner):
    whole = np.arange(np.prod(shape + inner), dtype="f4").reshape(shape + inner)

    def fill(file):
        file.create_dataset("p", shape, dtype=np.dtype((">f4", inner)))[...] = whole

    source = open_matrix_file(make(fill))
    assert source.entry("p").shape == whole.shape
    np.testing.assert_array_equal(source.read("p"), whole)
    np.testing.assert_array_equal(source.read("p", rows=1), whole[..., 1, :])
