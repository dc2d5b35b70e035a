from __future__ import annotations

import numpy as np
import pytest

from engine.errors import ArgumentError
from engine.files import MatrixSource, check_finite, example_source

NAMES = [entry.name for entry in example_source().entries]


@pytest.mark.parametrize("name", NAMES)
def test_example_is_what_its_entry_says(name):
    source = example_source()
    entry = source.entry(name)
    array = source.read(name)
    assert (array.shape, array.dtype, array.nbytes) == (entry.shape, entry.dtype, entry.bytes)
    assert check_finite(array).is_finite
    assert not array.flags.writeable
    assert entry.note
    assert "\n" not in entry.note
    np.testing.assert_array_equal(example_source().read(name), array)


def test_examples_are_a_source_like_any_file():
    with example_source() as source:
        assert isinstance(source, MatrixSource)
        assert source.path == "<examples>"
        assert source.format.key == "examples"
        assert source.read("image", rows=slice(0, 9), cols=3).shape == (9,)
        assert source.sha256() == example_source().sha256()
        with pytest.raises(ArgumentError, match="Hilbert 32"):
            source.read("nothing")


def test_router_logits_have_a_few_popular_experts():
    logits = example_source().read("router logits")
    top = np.argsort(-logits, axis=1)[:, :2]
    share = np.sort(np.bincount(top.ravel(), minlength=64) / top.size)[::-1]
    assert share[:5].sum() > 0.5


def test_low_rank_and_noise_has_three_values_above_the_noise():
    values = np.linalg.svd(example_source().read("low rank + noise"), compute_uv=False)
    np.testing.assert_allclose(values[:3], [60, 40, 25], rtol=0.1)
    assert values[3] < 0.5 * (16 + np.sqrt(192)) * 1.02


def test_power_law_falls_as_said():
    values = np.linalg.svd(example_source().read("power law"), compute_uv=False)
    np.testing.assert_allclose(values, 10.0 / np.arange(1, 201), rtol=1e-12)


def test_two_channels_of_the_layer_nearly_cancel_and_four_are_strong():
    source = example_source()
    x, y = source.read("activations"), source.read("weights")
    terms = [np.outer(x[:, i], y[i]) for i in range(20)]
    norms = np.array([np.linalg.norm(term) for term in terms])
    assert set(np.argsort(-norms)[:6]) == {2, 5, 7, 11, 13, 16}
    assert np.linalg.norm(terms[5] + terms[13]) < 0.25 * norms[[5, 13]].min()


def test_hilbert_and_image_are_what_they_are_called():
    source = example_source()
    hilbert = source.read("Hilbert 32")
    assert hilbert[3, 4] == 1 / 8
    image = source.read("image")
    assert image.min() >= 0.0
    assert image.max() <= 1.0
    assert image.std() > 0.1


def test_scores_have_a_clear_boundary_and_near_ties():
    gaps = -np.diff(np.sort(example_source().read("scores"))[::-1])
    assert np.argmax(gaps) == 7
    assert gaps[7] > 1.0
    assert (gaps[:7] < 0.002).any()
    assert (gaps[8:] < 0.002).any()
