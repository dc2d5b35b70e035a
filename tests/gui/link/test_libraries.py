"""Arrays of other libraries: the same numbers, or a sentence; of each that is installed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from engine.errors import RankscopeError
from gui.link.arrays import given
from gui.link.words import plain_value

A = np.arange(-4.0, 8.0).reshape(3, 4)


def dense(value):
    found = given("x", value)
    assert found.layout == "dense"
    return found.parts[0]


TORCH = {
    "plain": lambda torch, t: (t, A),
    "with a gradient": lambda torch, t: (t.clone().requires_grad_(), A),
    "a parameter": lambda torch, t: (torch.nn.Parameter(t), A),
    "a subclass of others": lambda torch, t: (
        t.clone().requires_grad_().as_subclass(own(torch)),
        A,
    ),
    "bfloat16": lambda torch, t: (t.bfloat16(), A),
    "half": lambda torch, t: (t.half(), A),
    "float8": lambda torch, t: (t.to(torch.float8_e4m3fn), A),
    "only powers of two": lambda torch, t: (
        torch.tensor([1.0, 4.0]).to(torch.float8_e8m0fnu),
        [1, 4],
    ),
    "bool": lambda torch, t: (t > 0, A > 0),
    "uint16": lambda torch, t: (t.abs().to(torch.uint16), abs(A)),
    "turned": lambda torch, t: (t.T[::2], A.T[::2]),
    "expanded": lambda torch, t: (t[:1].expand(3, 4), A[[0, 0, 0]]),
    "conjugate": lambda torch, t: (torch.complex(t, t).mH, (A - 1j * A).T),
    "negative": lambda torch, t: (torch.complex(t, t).conj().imag, -A),
    "half complex": lambda torch, t: (torch.complex(t.half(), t.half()), A + 1j * A),
    "sparse": lambda torch, t: (t.relu().to_sparse(), np.maximum(A, 0)),
    "quantized": lambda torch, t: (torch.quantize_per_tensor(t.float(), 0.5, 0, torch.qint8), A),
    "a size": lambda torch, t: (t.shape, [3, 4]),
}
UNLIKE = {
    "no elements": (lambda torch, t: t[:0], "no elements"),
    "no data": (lambda torch, t: t.to("meta"), "no data"),
    "one number": (lambda torch, t: t.sum(), "single number"),
    "a model": (lambda torch, t: torch.nn.Linear(2, 2), "no array but Linear"),
    "a type": (lambda torch, t: torch.float32, "no array but dtype"),
    "nested": (lambda torch, t: torch.nested.nested_tensor([t[0], t[1, :2]]), "RuntimeError"),
}


def own(torch):
    return type("Own", (torch.Tensor,), {})


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed ([peers] brings it)")


@pytest.mark.filterwarnings("ignore")  # of what PyTorch calls experimental or old
@pytest.mark.parametrize("kind", TORCH)
def test_tensors_are_the_same_numbers(torch, kind):
    value, wanted = TORCH[kind](torch, torch.tensor(A))
    found = dense(value)
    assert_array_equal(found.astype(np.asarray(wanted).dtype), wanted)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", UNLIKE)
def test_what_is_no_tensor_of_numbers_is_refused(torch, kind):
    make, words = UNLIKE[kind]
    value = make(torch, torch.tensor(A))
    assert plain_value(value) is None or kind == "one number"
    with pytest.raises(RankscopeError, match=words):
        given("x", value)


@pytest.fixture(scope="module")
def jax():
    return pytest.importorskip("jax", reason="JAX is not installed ([peers] brings it)")


@pytest.mark.parametrize("kind", ["float32", "bfloat16", "float8_e4m3fn", "int4"])
def test_arrays_of_jax_are_the_same_numbers(jax, kind):
    value = jax.numpy.asarray(A, "float32").astype(kind)
    assert_array_equal(dense(value).astype(float), A)


def test_what_jax_does_not_know_yet_is_refused_in_a_line(jax):
    def traced(x):
        with pytest.raises(RankscopeError) as refused:
            given("x", x)
        assert "traced array" in str(refused.value)
        assert "\n" not in str(refused.value)
        return x

    jax.jit(traced)(jax.numpy.ones(3))
    key = jax.random.key(0)
    assert plain_value(key) is None
    with pytest.raises(RankscopeError):
        given("x", key)


PANDAS = {
    "numbers": (lambda pd: pd.DataFrame(A), A),
    "missing whole numbers": (lambda pd: pd.DataFrame({"a": pd.array([1, None])}), [[1], [np.nan]]),
    "objects that are numbers": (
        lambda pd: pd.Series([1, 2.5, None], dtype=object),
        [1, 2.5, np.nan],
    ),
    "missing truths": (lambda pd: pd.Series([True, None], dtype="boolean"), [1, np.nan]),
    "categories": (lambda pd: pd.Series(pd.Categorical([3, 4])), [3, 4]),
    "an index": (lambda pd: pd.Index([1, 2]), [1, 2]),
}
NO_NUMBERS = {
    "a column of text": (
        lambda pd: pd.DataFrame({"a": [1], "b": ["x"]}),
        "its column b holds string",
    ),
    "digits as text": (lambda pd: pd.Series(["1", "2"]), "it holds str"),
    "days": (lambda pd: pd.Series(pd.to_datetime(["2026-01-01"])), "datetime64"),
    "nothing": (lambda pd: pd.DataFrame(), "no elements"),
}


@pytest.fixture(scope="module")
def pandas():
    return pytest.importorskip("pandas", reason="pandas is not installed ([peers] brings it)")


@pytest.mark.parametrize("kind", PANDAS)
def test_tables_of_pandas_are_the_same_numbers(pandas, kind):
    make, wanted = PANDAS[kind]
    assert_array_equal(dense(make(pandas)), wanted)


@pytest.mark.parametrize("kind", NO_NUMBERS)
def test_a_table_that_holds_more_than_numbers_is_refused(pandas, kind):
    make, words = NO_NUMBERS[kind]
    with pytest.raises(RankscopeError, match=words):
        given("x", make(pandas))
