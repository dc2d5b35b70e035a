"""Small matrices, where calls take more time than what they compute: the same answers by fewer."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from engine.errors import DataError
from engine.spectrum import leading_singular_values, singular_values
from engine.spectrum.linalg import error_free
from engine.spectrum.linalg.error_free import factor_defects
from engine.spectrum.linalg.matrix import as_matrix
from engine.spectrum.spectrum import Spectrum
from engine.spectrum.values import complete
from engine.spectrum.values.complete import scaled_tall
from tests.support.truth import escaped, exact_singular_values

RNG = np.random.default_rng(0)
PLAIN = RNG.standard_normal((12, 9))
READ = {
    "rows": PLAIN,
    "columns": np.asfortranarray(PLAIN),
    "wide": PLAIN.T,
    "strided": RNG.standard_normal((24, 18))[::2, ::-2],
    "float32": PLAIN.astype(np.float32),
    "big endian": PLAIN.astype(">f8"),
    "integers": RNG.integers(-9, 9, (7, 5)),
    "complex": PLAIN + 1j * PLAIN[::-1],
    "complex columns": np.asfortranarray(PLAIN + 1j * PLAIN[::-1]).T,
    "longdouble": PLAIN.astype(np.longdouble),
    "at the upper edge": PLAIN * 2.0**198,
    "beyond it": PLAIN * 2.0**199,
    "at the lower edge": PLAIN * 2.0**-199,
    "below it": PLAIN * 2.0**-201,
    "one entry": np.where(np.arange(108).reshape(12, 9) == 50, 2.0**-200, 0.0),
    "zero": np.zeros((3, 4)),
    "subnormal": np.full((3, 3), 5e-324),
}


@pytest.mark.parametrize("name", READ)
def test_a_matrix_read_at_once_is_read_as_by_blocks(name, monkeypatch):
    matrix = as_matrix(READ[name])
    once = scaled_tall(matrix)
    monkeypatch.setattr(complete, "_AT_ONCE", 0)
    blocks = scaled_tall(matrix)
    np.testing.assert_array_equal(once[0], blocks[0])
    assert once[1] == blocks[1]
    np.testing.assert_allclose(once[2], blocks[2], rtol=1e-15 * 4)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, complex(0.0, np.nan)])
def test_one_bad_entry_is_found_and_named(bad):
    a = PLAIN.astype(type(bad) if isinstance(bad, complex) else float)
    a[3, 2] = bad
    with pytest.raises(DataError, match="row 3, column 2"):
        singular_values(a)


def test_a_number_beyond_float64_is_refused_without_a_warning():
    if np.finfo(np.longdouble).max > 1e309:
        with pytest.raises(DataError, match="infinite"):
            singular_values(np.full((2, 2), np.longdouble("1e400")))


@pytest.mark.parametrize("rank", [1, 4, 8])
@pytest.mark.parametrize("name", READ)
def test_leading_values_are_those_of_all_with_their_bounds(name, rank):
    rank = min(rank, min(READ[name].shape) - 1)
    full = singular_values(READ[name], "svd")
    few = leading_singular_values(READ[name], rank, tolerance=1e-6)
    np.testing.assert_array_equal(few.values, full.values[:rank])
    np.testing.assert_array_equal(few.errors, full.errors[:rank])
    np.testing.assert_array_equal(few.band, [bound[:rank] for bound in full.band])
    assert (few.complete, few.frobenius) == (False, full.frobenius)
    scale = float(np.max(full.values)) or 1.0
    rest = scale * np.linalg.norm(full.values[rank:] / scale)
    np.testing.assert_allclose(few.residual, rest, rtol=1e-14)


@pytest.mark.parametrize("tolerance", [None, 1e-6, 1e-16])
def test_one_record_is_made_where_all_values_cost_nothing(tolerance, monkeypatch):
    made, make = [], Spectrum.__post_init__
    monkeypatch.setattr(
        Spectrum, "__post_init__", lambda self: (made.append(self.values.flags), make(self))[1]
    )
    s = leading_singular_values(PLAIN, 3, tolerance=tolerance)
    assert ("was not reached" in s.note) == (tolerance == 1e-16)
    assert len(made) == (2 if tolerance == 1e-16 else 1)
    assert not any(flags.writeable for flags in made)  # so that nothing is copied


@pytest.mark.parametrize("shape", [(1, 1), (5, 1), (4, 4), (16, 16), (64, 10), (256, 60)])
@pytest.mark.parametrize("seed", range(3))
def test_defects_by_few_calls_are_as_tight_as_by_many(shape, seed, monkeypatch):
    a = np.random.default_rng(seed).standard_normal(shape) * 10.0 ** (40 * seed - 40)
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    few = factor_defects(a, u, s, vh)
    monkeypatch.setattr(error_free, "_FEW", 0)
    many = factor_defects(a, u, s, vh)
    for mine, other in zip(few, many, strict=True):
        assert mine <= 1.1 * other + 1e-16 * (1.0 if other < 1e-5 else s[0])


@pytest.mark.parametrize("size", [1e-12, 1e-6, 0.05, 0.3])
@pytest.mark.parametrize("seed", range(8))
def test_defects_by_few_calls_are_never_below_the_exact_ones(seed, size):
    rng = np.random.default_rng(seed)
    m, n = sorted((int(x) for x in rng.integers(1, 8, 2)), reverse=True)
    a = rng.standard_normal((m, n))
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    u, vh = u + size * rng.standard_normal(u.shape), vh + size * rng.standard_normal(vh.shape)
    found = factor_defects(a, u, s, vh)
    with mpmath.workdps(60):
        exact_a, exact_u, exact_b, exact_v = (
            mpmath.matrix(x.tolist()) for x in (a, u, u * s, vh.T)
        )
        one = mpmath.eye(n)
        parts = (exact_u.T * exact_u - one, exact_v.T * exact_v - one)
        parts = (*parts, exact_a - exact_b * exact_v.T)
        for bound, part in zip(found, parts, strict=True):
            assert mpmath.svd(part, compute_uv=False)[0] <= mpmath.mpf(bound)


@pytest.mark.parametrize("where", ["u", "vh"])
@pytest.mark.parametrize("entry", [2.5, -1e9, 1e200, np.nan])
def test_an_entry_that_no_orthonormal_column_has_is_noticed(where, entry):
    parts = dict(zip(("u", "s", "vh"), np.linalg.svd(PLAIN, full_matrices=False), strict=True))
    parts[where] = parts[where].copy()
    parts[where][2, 1] = entry
    with np.errstate(over="ignore", invalid="ignore"):
        assert error_free._few_defects(PLAIN, *parts.values(), None) is None


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("scale", [1.0, 2.0**-199, 2.0**199, 1e-300, 1e300])
def test_intervals_of_small_matrices_hold_the_truth_at_60_digits(n, scale):
    a = np.random.default_rng(n).standard_normal((n + 1, n)) * scale
    low, high = singular_values(a, "verified").band
    assert escaped(low, high, exact_singular_values(a)) == 0
