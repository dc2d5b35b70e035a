"""The audit of routing against rounding carried out and sorting, token by token."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from engine.errors import ArgumentError, DataError
from engine.jobs import Cancelled
from engine.topk import audit_routing
from engine.topk.routing.formats import FORMATS, rounding_of
from tests.support.ugly import CancelAt

RANDOM = np.random.default_rng


def chosen(row, k):
    return set(sorted(range(len(row)), key=lambda i: (-row[i], i))[:k])


def rounded(row, key):
    """By the cast of the format, saturated first; -inf stays."""
    dtype = np.dtype(getattr(ml_dtypes, key, None) or key)
    largest = float(ml_dtypes.finfo(dtype).max)
    cast = np.clip(row, -largest, largest).astype(dtype).astype(np.float64)
    return np.where(np.isneginf(row), -np.inf, cast)


def brute_force(x, k, key):
    wide = np.asarray(x).astype(np.float32)
    return np.array([chosen(row, k) != chosen(rounded(row, key), k) for row in wide])


def cases():
    r = RANDOM(0)
    normal = r.standard_normal((60, 12)).astype(np.float32)
    masked = normal.copy()
    masked[r.random(masked.shape) < 0.5] = -np.inf
    near = (1.0 + 2.0**-9 * r.integers(-4, 5, (60, 12))).astype(np.float32)
    return {
        "normal": normal,
        "ties": np.round(normal),
        "near ties": near,
        "masked": masked,
        "saturated": (1e6 * normal).astype(np.float32),
        "beyond all": (1e37 * normal).astype(np.float32),
        "subnormal": (1e-7 * normal).astype(np.float32),
        "offset": (100.0 + 0.1 * normal).astype(np.float32),
        "signed zeros": np.where(normal > 0, 0.0, -0.0).astype(np.float32),
    }


@pytest.mark.sample(1 / 2)
@pytest.mark.parametrize("name", cases())
def test_every_token_is_as_brute_force_has_it(name):
    x = cases()[name]
    for k in (1, 3, 11, 12, 0):
        audit = audit_routing(x, k)
        assert tuple(audit.changed) == FORMATS
        for key in FORMATS:
            assert_array_equal(audit.changed[key], brute_force(x, k, key), err_msg=f"{key} {k}")
            assert audit.counts[key] == brute_force(x, k, key).sum()


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
def test_every_dtype_is_read_as_its_numbers(dtype):
    x = RANDOM(1).standard_normal((300, 16))
    x = x.astype(np.dtype(getattr(ml_dtypes, dtype, None) or dtype))
    x.setflags(write=False)
    audit = audit_routing(x[::2], 4)
    exact = x[::2].astype(np.float64)
    ordered = -np.sort(-exact, axis=1)
    assert_array_equal(audit.margin, ordered[:, 3] - ordered[:, 4])
    for key in FORMATS:
        assert_array_equal(audit.changed[key], brute_force(exact.astype(np.float32), 4, key))
    if dtype in FORMATS:  # rounded to what it is already
        assert audit.counts[dtype] == 0
        assert audit.within_ulp > 0
    info = ml_dtypes.finfo(x.dtype)
    ulp = 2.0 ** (np.maximum(np.floor(np.log2(np.abs(ordered[:, 3]))), info.minexp) - info.nmant)
    assert audit.within_ulp == (audit.margin <= ulp).sum()


def test_a_float64_is_rounded_once_and_not_by_way_of_float32():
    # Just above the tie between 1 and the next bfloat16: float32 would make it the tie.
    x = np.array([[1.0, 1.0 + 2.0**-8 + 2.0**-40]])
    assert audit_routing(x, 1, formats=["bfloat16"]).counts["bfloat16"] == 0
    assert audit_routing(x.astype(np.float32), 1).counts["bfloat16"] == 1


@pytest.mark.parametrize("key", FORMATS)
def test_intervals_are_those_of_the_cast(key):
    found = rounding_of(key)
    dtype = np.dtype(getattr(ml_dtypes, key, None) or key)
    inner = found.lows[1:-1]
    # float32 holds the middles; just below them the number before is the nearest.
    at = np.nextafter(inner.astype(np.float32), np.float32(np.inf))
    assert_array_equal(at.astype(dtype).astype(float), found.numbers[1:])
    below = np.nextafter(inner.astype(np.float32), np.float32(-np.inf))
    assert_array_equal(below.astype(dtype).astype(float), found.numbers[:-1])
    tied = 0.5 * (found.numbers[:-1] + found.numbers[1:])
    place = np.searchsorted(found.lows, tied, side="right") - 1
    assert_array_equal(found.numbers[place], tied.astype(np.float32).astype(dtype).astype(float))


def test_the_worst_tokens_come_first():
    x = RANDOM(2).standard_normal((3000, 32)).astype(np.float32)
    audit = audit_routing(x, 4)
    worst = audit.tokens("float8_e5m2", 7)
    assert worst.size == 7
    assert audit.changed["float8_e5m2"][worst].all()
    assert (np.diff(audit.margin[worst]) >= 0).all()
    rest = np.setdiff1d(np.flatnonzero(audit.changed["float8_e5m2"]), worst)
    assert audit.margin[rest].min() >= audit.margin[worst].max()
    assert audit.half_ulp("bfloat16") in (2.0**-8 * 0.5, 2.0**-7 * 0.5)  # at 1 to 2


def test_nothing_to_choose_has_no_margin():
    x = np.array([[3.0, -np.inf, -np.inf], [-np.inf] * 3, [3.0, 2.0, -np.inf], [2.0, 2.0, 2.0]])
    audit = audit_routing(x, 2)
    assert_array_equal(audit.margin, [np.inf, np.inf, np.inf, 0.0])
    assert sum(audit.counts.values()) == 0
    assert audit.within_ulp == 1
    for k in (0, 3):
        assert np.isinf(audit_routing(x, k).margin).all()
    assert audit_routing(np.empty((0, 4)), 2).counts["float16"] == 0


def test_what_is_not_allowed_is_refused():
    x = np.zeros((5000, 4), dtype=np.float32)
    for value in (np.nan, np.inf):
        for k in (2, 4):
            odd = x.copy()
            odd[4097, 3] = value
            with pytest.raises(DataError, match=r"at index \(4097, 3\)") as caught:
                audit_routing(odd, k)
            assert caught.value.first == (4097, 3)
    for arguments in [(x[0], 1), (x, 5), (x, 1.5), (x + 1j, 1), (np.zeros((3, 0)), 0)]:
        with pytest.raises(ArgumentError):
            audit_routing(*arguments)
    with pytest.raises(ArgumentError, match="bfloat16, float16"):
        audit_routing(x, 1, formats=["float4"])


def test_it_reports_by_blocks_and_stops():
    told = CancelAt(2)
    with pytest.raises(Cancelled):
        audit_routing(np.zeros((20_000, 4)), 1, progress=told)
    assert told.reports == [0.0, 4096 / 20_000]
