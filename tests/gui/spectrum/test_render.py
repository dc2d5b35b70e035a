"""What ``rankscope render`` draws, without a display."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.errors import ArgumentError
from engine.files import open_matrix_file
from gui.core.state.document import DataRef
from gui.pages.spectrum.render import RENDERS

BY_KEY = {spec.key: spec for spec in RENDERS}


@pytest.fixture
def source(tmp_path, matrix):
    np.save(tmp_path / "m.npy", matrix)
    return open_matrix_file(tmp_path / "m.npy"), DataRef(
        str(tmp_path / "m.npy"), "m", matrix.shape, "float64"
    )


def build(key, source, **options):
    return BY_KEY[key].build(*source, options)


def test_spectrum_with_options(source, matrix):
    figure = build("spectrum", source, rank=3, linear_y=True, log_x=True, normalised=True)
    s = np.linalg.svd(matrix, compute_uv=False)
    assert_allclose(figure.series[0].y, s / s[0], rtol=0, atol=1e-14)
    assert (figure.x.log, figure.y.log) == (True, False)
    assert figure.meta["rank"] == "3"


@pytest.mark.parametrize("key", sorted(BY_KEY))
def test_every_figure_can_be_built(source, key):
    figure = build(key, source)
    assert figure.key.startswith("spectrum.")
    assert figure.series or figure.images
    assert figure.meta["source"] == "m.npy"


@pytest.mark.parametrize("spec", RENDERS, ids=lambda spec: spec.key)
def test_options_parse_or_say_why_not(spec):
    for option in spec.options:
        if option.parse is not None:
            with pytest.raises(ValueError, match="nonsense"):
                option.parse("nonsense")


@pytest.mark.parametrize("rank", [-1, 31])
def test_rank_out_of_range_is_refused(source, rank):
    with pytest.raises(ArgumentError, match="from 0 to 30"):
        build("spectrum", source, rank=rank)


def test_rules_are_drawn_on_request(source):
    assert len(build("spectrum", source, rules=True).cursors) > 3
