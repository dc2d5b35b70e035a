"""Position encodings against mpmath, PyTorch-like rotations by hand and the papers' own numbers."""

from __future__ import annotations

import ml_dtypes
import mpmath as mp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.attention import (
    ENCODINGS,
    alibi_slopes,
    encoded_scores,
    rope_decay,
    rotate,
)
from engine.errors import ArgumentError, DataError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(9, 6))


def exact_cosines(distance, dim, base=1e4):
    with mp.workdps(60):
        angles = [
            mp.mpf(distance) * mp.mpf(base) ** (mp.mpf(-2 * i) / dim) for i in range(dim // 2)
        ]
        return [float(mp.cos(angle)) for angle in angles], [float(mp.sin(a)) for a in angles]


def test_halves_are_turned_as_llama_does():
    positions = np.arange(9)
    angle = positions[:, None] * 1e4 ** (-np.arange(0, 6, 2) / 6)
    cos, sin = (np.concatenate([f(angle)] * 2, axis=1) for f in (np.cos, np.sin))
    swapped = np.concatenate([-X[:, 3:], X[:, :3]], axis=1)
    assert_allclose(rotate(X, positions), X * cos + swapped * sin, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("position", [0.0, -3.0, 0.5, 1e6, 123456789.0, 1e12, 9e15])
@pytest.mark.parametrize(("dim", "base"), [(2, 1e4), (8, 1.0), (64, 1e4), (128, 5e5)])
def test_angles_are_those_of_mpmath_at_any_position(position, dim, base):
    cos, sin = exact_cosines(position, dim, base)
    x = np.repeat([1.0, 0.0], dim // 2)
    assert_allclose(rotate(x, position, base=base), [*cos, *sin], rtol=0, atol=4e-16)
    if position >= 0:
        want = np.mean(cos)
        assert_allclose(rope_decay(position, dim, base=base), want, rtol=1e-9, atol=1e-15)


def test_a_rotation_keeps_length_and_turns_back():
    there = rotate(X, np.arange(9), base=100.0)
    assert_allclose(np.linalg.norm(there, axis=1), np.linalg.norm(X, axis=1), rtol=1e-14)
    assert_allclose(rotate(there, -np.arange(9), base=100.0), X, rtol=1e-12, atol=1e-15)
    assert_array_equal(rotate(X, 0), X)


@pytest.mark.parametrize("scale", [1.0, 1e-310, 1e150, 1e307])
def test_rotations_of_any_scale_and_layout(scale):
    x = np.asfortranarray(X * scale)[::2]
    x.setflags(write=False)
    want = rotate(X[::2], np.arange(5)) * scale
    assert_allclose(rotate(x, np.arange(5)), want, rtol=1e-12, atol=5e-324)
    heads = np.stack([x, 2.0 * x])
    assert_allclose(rotate(heads, np.arange(5))[1], 2.0 * want, rtol=1e-12, atol=1e-323)
    assert rotate(np.empty((0, 4)), 3.0).shape == (0, 4)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, ml_dtypes.bfloat16, np.int8])
def test_short_numbers_are_computed_with_as_float64(dtype):
    x = (3.0 * X).astype(dtype)
    wide = x.astype(np.float64)
    assert rotate(x, 2.0).dtype == np.float64
    assert_array_equal(rotate(x, 2.0), rotate(wide, 2.0))
    for encoding in ENCODINGS:
        found = encoded_scores(x, x, encoding, slope=0.5)
        assert found.dtype == np.float64
        assert_array_equal(found, encoded_scores(wide, wide, encoding, slope=0.5))


def test_decay_starts_at_one_and_follows_the_cosine_integral():
    assert rope_decay(0, 64) == 1.0
    assert_allclose(rope_decay(np.pi, 2), -1.0)
    far = np.array([[1.0, 10.0], [100.0, 1000.0]])
    integral = [float((mp.ci(d) - mp.ci(d / 1e4)) / mp.log(1e4)) for d in far.flat]
    assert_allclose(rope_decay(far, 1 << 14).ravel(), integral, atol=2e-4)
    many = np.arange(30000.0)
    assert_array_equal(rope_decay(many, 8)[[7, 20000]], [rope_decay(7, 8), rope_decay(20000, 8)])
    assert rope_decay([], 8).shape == (0,)


@pytest.mark.parametrize("base", [1e4, 5e5])
def test_a_rope_score_depends_on_the_distance_only(base):
    q, k = np.tile(X[0], (40, 1)), np.tile(X[1], (40, 1))
    scores = encoded_scores(q, k, "rope", base=base)
    by_hand = rotate(X[0], 7.0, base=base) @ rotate(X[1], 3.0, base=base) / 6**0.5
    for shift in range(-39, 40):
        line = np.diagonal(scores, shift)
        assert_allclose(line, line[0], rtol=1e-9)
    assert_allclose(scores[7, 3], by_hand, rtol=1e-12)
    flat = np.ones((40, 6))
    far = np.abs(np.subtract.outer(np.arange(40), np.arange(40)))
    assert_allclose(
        encoded_scores(flat, flat, "rope", base=base),
        6**0.5 * rope_decay(far, 6, base=base),
        rtol=1e-9,
        atol=1e-15,
    )


def test_scores_without_encoding_with_alibi_and_with_waves():
    y = RNG.normal(size=(9, 6))
    plain = X @ y.T / 6**0.5
    far = np.abs(np.subtract.outer(np.arange(9), np.arange(9)))
    assert_allclose(encoded_scores(X, y), plain, rtol=1e-12, atol=1e-15)
    assert_allclose(
        encoded_scores(X, y, "alibi", slope=0.25), plain - far / 4, rtol=1e-12, atol=1e-14
    )
    assert_array_equal(encoded_scores(X, y, "alibi"), encoded_scores(X, y))
    waves = np.array(
        [
            [(np.sin, np.cos)[j % 2](i * 1e4 ** -(2 * (j // 2) / 6)) for j in range(6)]
            for i in range(9)
        ]
    )
    want = (X + waves) @ (y + waves).T / 6**0.5
    assert_allclose(encoded_scores(X, y, "sinusoidal"), want, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_scores_of_one_row_and_of_ugly_layout(encoding):
    assert encoded_scores([[1.0, 2.0]], [[3.0, 4.0]], encoding).shape == (1, 1)
    x = np.repeat(np.asfortranarray(X), 2, axis=1)[:, ::2]
    x.setflags(write=False)
    assert_allclose(encoded_scores(x, x, encoding), encoded_scores(X, X, encoding), rtol=1e-12)
    small = encoded_scores(X * 1e-300, X * 1e300, encoding)
    assert np.isfinite(small).all()


def press(heads):
    """The published get_slopes, as it stands."""

    def power_of_two(n):
        start = 2 ** (-(2 ** -(np.log2(n) - 3)))
        return [start * start**i for i in range(n)]

    if np.log2(heads).is_integer():
        return power_of_two(heads)
    near = 2 ** int(np.floor(np.log2(heads)))
    return power_of_two(near) + press(2 * near)[0::2][: heads - near]


@pytest.mark.parametrize("heads", [1, 2, 3, 5, 8, 12, 16, 20, 31, 32, 33, 40, 71, 112])
def test_slopes_are_those_of_press(heads):
    assert_allclose(alibi_slopes(heads), press(heads), rtol=1e-12)
    assert len(set(alibi_slopes(heads).tolist())) == heads


def test_eight_slopes_are_exact():
    assert alibi_slopes(8).tolist() == [2.0**-h for h in range(1, 9)]


REFUSED = {
    "odd features": (lambda: rotate(np.ones((2, 3)), [0, 1]), "3 features"),
    "no features": (lambda: rotate(np.ones((2, 0)), [0, 1]), "x = "),
    "a number": (lambda: rotate(1.0, 0), "last axis"),
    "positions too many": (lambda: rotate(X, np.arange(8)), "positions"),
    "positions of more axes": (lambda: rotate(X, np.zeros((3, 9))), "positions"),
    "position NaN": (lambda: rotate(X, [0.0, np.nan]), r"nan at index \(1,\)"),
    "position inf": (lambda: rotate(X, np.inf), "positions = inf"),
    "position text": (lambda: rotate(X, "a"), "positions = 'a'"),
    "complex": (lambda: rotate(X * 1j, 0), "complex128"),
    "ragged": (lambda: rotate([[1.0, 2.0], [3.0]], 0), "real numbers"),
    "base below 1": (lambda: rotate(X, 0, base=0.5), "base = 0.5"),
    "base NaN": (lambda: rope_decay(1, 4, base=np.nan), "base = nan"),
    "base text": (lambda: encoded_scores(X, X, "rope", base="a"), "base = 'a'"),
    "negative": (lambda: rope_decay([1.0, -2.0], 4), r"distance = '-2 at index \(1,\)'"),
    "distance inf": (lambda: rope_decay(np.inf, 4), "distance = inf"),
    "distance None": (lambda: rope_decay(None, 4), "distance"),
    "odd dim": (lambda: rope_decay(1, 5), "5 features"),
    "dim 0": (lambda: rope_decay(1, 0), "dim = 0"),
    "dim NaN": (lambda: rope_decay(1, np.nan), "dim = nan"),
    "heads 0": (lambda: alibi_slopes(0), "heads = 0"),
    "heads half": (lambda: alibi_slopes(2.5), "heads = 2.5"),
    "heads huge": (lambda: alibi_slopes(10**12), "heads"),
    "heads None": (lambda: alibi_slopes(None), "heads = None"),
    "shapes": (lambda: encoded_scores(X, X[:5]), r"\(9, 6\)"),
    "one axis": (lambda: encoded_scores(X[0], X[0]), "queries"),
    "encoding": (lambda: encoded_scores(X, X, "learned"), "none, sinusoidal, rope, alibi"),
    "encoding array": (lambda: encoded_scores(X, X, X), "encoding"),
    "encoding list": (lambda: encoded_scores(X, X, ["rope"]), "encoding"),
    "rope odd": (lambda: encoded_scores(X[:, :5], X[:, :5], "rope"), "even"),
    "waves odd": (lambda: encoded_scores(X[:, :5], X[:, :5], "sinusoidal"), "even"),
    "slope negative": (lambda: encoded_scores(X, X, "alibi", slope=-1.0), "slope = -1"),
    "slope NaN": (lambda: encoded_scores(X, X, "alibi", slope=np.nan), "slope = nan"),
    "slope huge": (lambda: encoded_scores(X, X, "alibi", slope=1e308), "9 positions"),
    "slope array": (lambda: encoded_scores(X, X, "alibi", slope=[1.0]), "slope"),
    "slope True": (lambda: encoded_scores(X, X, "alibi", slope=True), "slope = True"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_answer_is_refused_by_name(name):
    call, said = REFUSED[name]
    with pytest.raises(ArgumentError, match=said):
        call()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_data_without_numbers_are_refused_with_their_place(value):
    x = X.copy()
    x[4, 2] = value
    with pytest.raises(DataError, match=r"1 of 54 .* index \(4, 2\)") as found:
        rotate(x, 0)
    assert (found.value.count, found.value.first) == (1, (4, 2))
    with pytest.raises(DataError, match=r"keys.* row 4, column 2"):
        encoded_scores(X, x)


def test_what_float64_cannot_hold_is_refused_without_a_warning():
    with pytest.raises(DataError, match="a rotated entry"):
        rotate(np.full(2, 1.7e308), 0.7)
    with pytest.raises(DataError, match="a score"):
        encoded_scores(X * 1e200, X * 1e200)
