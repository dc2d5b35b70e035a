"""What ``rankscope render`` draws, without a display."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.errors import ArgumentError
from engine.files import open_matrix_file
from gui.core.state.document import DataRef
from gui.pages.column_row.render import RENDERS

BY_KEY = {spec.key: spec for spec in RENDERS}


@pytest.fixture
def source(tmp_path, factors):
    x, y = factors
    np.savez(tmp_path / "layer.npz", x=x, y=y)
    np.save(tmp_path / "alone.npy", y)
    path = str(tmp_path / "layer.npz")
    return open_matrix_file(path), DataRef(path, "x", x.shape, "float64")


def build(source, key="column_row", **options):
    return BY_KEY[key].build(*source, options)


def curve(figure, key):
    return next(one for one in figure.series if one.key == key)


def error_of(x, y, r):
    norms = np.linalg.norm(x, axis=0) * np.linalg.norm(y, axis=1)
    kept = np.argsort(-norms)[:r]
    return np.linalg.norm(x @ y - x[:, kept] @ y[kept]) / np.linalg.norm(x @ y)


def test_rows_are_picked_by_default(source, factors):
    x, _ = factors
    figure = build(source, pairs=3)
    assert_allclose(curve(figure, "norm.own").y[4], error_of(x.T, x, 4), rtol=1e-9)
    assert figure.meta["r"] == "3"


def test_columns_on_request(source, factors):
    x, _ = factors
    figure = build(source, product="columns", strategies=("norm",), weights=("own",))
    assert {one.key for one in figure.series} == {"norm.own", "floor"}
    assert_allclose(curve(figure, "norm.own").y[5], error_of(x, x.T, 5), rtol=1e-9)


@pytest.mark.parametrize("times", ["y", "alone.npy"])
def test_other_factor_is_an_array_of_the_file_or_another_file(source, factors, tmp_path, times):
    x, y = factors
    name = times if times == "y" else str(tmp_path / times)
    figure = build(source, times=name)
    assert_allclose(curve(figure, "norm.own").y[5], error_of(x, y, 5), rtol=1e-9)


def test_wrong_shapes_are_refused_by_both_names(source):
    with pytest.raises(ArgumentError, match=r"7 × 12 and Y = .* 7 × 12"):
        build(source, times="x")
    assert build(source, times="x", transpose_y=True).series


@pytest.mark.parametrize("pairs", [-1, 8])
def test_pairs_out_of_range_are_refused(source, pairs):
    with pytest.raises(ArgumentError, match="from 0 to 7"):
        build(source, pairs=pairs)


def test_sampling_is_repeated_by_its_seed(source):
    key = "norm_sampling.mean"
    first, again, other = (curve(build(source, seed=seed), key).y for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_norms_mark_the_pairs_kept(source, factors):
    x, _ = factors
    figure = build(source, "column_row-norms", pairs=2, strategies=("norm",))
    assert len(curve(figure, "chosen").x) == 2
    norms = np.sort((x.T**2).sum(axis=0))[::-1]
    assert_allclose(curve(figure, "norms").y, norms, rtol=1e-12)


@pytest.mark.parametrize("spec", RENDERS, ids=lambda spec: spec.key)
def test_options_parse_or_say_why_not(spec):
    for option in spec.options:
        if option.parse not in (None, str):
            with pytest.raises(ValueError, match="nonsense"):
                option.parse("nonsense")
