"""What people have as arrays of numbers, whatever library made it."""

from __future__ import annotations

import contextlib
import itertools
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import RankscopeError
from engine.sentences import Sentence, say

Array = NDArray[Any]
SPARSE = ("csr", "csc")
# Of ml_dtypes: to NumPy they are raw bytes.
SHORT = ("bfloat16", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz")
# What pandas calls columns whose objects are numbers, or missing.
_PANDAS_NUMBERS = (
    "boolean",
    "decimal",
    "empty",
    "floating",
    "integer",
    "integer-na",
    "mixed-integer-float",
)
_LOOKED_AT = 10_000  # objects of an array that is refused


@dataclass(frozen=True, eq=False)
class Given:
    """An array by name: ``parts`` is one dense array, or data, indices and starts of a sparse one.

    ``layout`` is "dense", "csr" or "csc".
    """

    name: str
    layout: str
    shape: tuple[int, ...]
    parts: tuple[Array, ...]

    @property
    def bytes(self) -> int:
        """How many bytes its parts hold."""
        return sum(part.nbytes for part in self.parts)


def given(name: str, value: Any) -> Given:
    """Return what a person gave as an array of numbers; it is not copied where it is one.

    Parameters
    ----------
    name : str
        What it is called.
    value : object
        numpy, torch, jax, scipy.sparse, pandas, anything with ``__array__`` or DLPack, or lists.

    Raises
    ------
    RankscopeError
        When it holds anything but numbers, none at all, or is no array.

    Examples
    --------
    >>> given("a", [[1, 2], [3, 4]]).shape
    (2, 2)
    """
    plain = isinstance(value, (str, bytes, bytearray, dict, set)) and not _is_sparse(value)
    if value is None or plain:
        raise _refused(name, _no_array(value))
    try:
        found = _found(name, value)
    except RankscopeError:
        raise
    except MemoryError as error:
        raise _refused(name, say("there is no memory for a copy of it")) from error
    except Exception as error:  # whatever a foreign library raises
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        reason = "".join(lines[:1])[:200].rstrip(".! ")
        raise _refused(
            name, say("{kind}: {reason}", kind=type(error).__name__, reason=reason)
        ) from error
    _require_numbers(found, value)
    return found


def _found(name: str, value: Any) -> Given:
    if _is_sparse(value):
        if value.ndim == 2:
            return _sparse(name, value)
        value = value.toarray()
    array = _widened(_as_array(name, value))
    return Given(name, "dense", array.shape, (array,))


def _is_sparse(value: Any) -> bool:
    """Whether it is a sparse one of SciPy; by keys they are dictionaries, too."""
    return hasattr(value, "tocsr") and hasattr(value, "nnz")


def _sparse(name: str, value: Any) -> Given:
    held = value if value.format in SPARSE else value.tocsr()
    if not held.has_canonical_format:
        held = held.copy()
        held.sum_duplicates()
    return Given(name, held.format, held.shape, (held.data, held.indices, held.indptr))


def _as_array(name: str, value: Any) -> Array:
    masked = sys.modules.get("numpy.ma")  # 25 ms, and nobody has a masked array without it
    if masked is not None and isinstance(value, masked.MaskedArray):
        return _without_mask(value)
    if isinstance(value, np.ndarray):
        return np.asarray(value)
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return _of_torch(torch, value)
    if type(value).__module__.partition(".")[0] == "pandas" and hasattr(value, "to_numpy"):
        return _of_pandas(name, value)
    if hasattr(value, "__array__"):
        with contextlib.suppress(TypeError):  # CuPy does not copy from its device by itself
            return np.asarray(value)
    if hasattr(value, "__dlpack__"):
        try:
            return np.from_dlpack(value)
        except (BufferError, RuntimeError, TypeError):
            return np.from_dlpack(value, device="cpu", copy=True)
    return np.asarray(value)


def _of_torch(torch: Any, value: Any) -> Array:
    value = value.detach()
    if value.is_quantized:
        value = value.dequantize()
    if value.layout != torch.strided:
        value = value.to_dense()
    value = value.cpu().resolve_conj().resolve_neg()
    short = str(value.dtype).removeprefix("torch.")
    if short in SHORT:
        bits = torch.int16 if value.element_size() == 2 else torch.uint8
        found: Array = value.view(bits).numpy().view(dtype_named(short))
        return found
    try:
        return np.asarray(value.numpy())
    except TypeError:  # NumPy has no such numbers; these hold them
        wide = value.to(torch.complex64 if value.is_complex() else torch.float32)
        return np.asarray(wide.numpy())


def _of_pandas(name: str, value: Any) -> Array:
    found = value.to_numpy()
    if found.dtype.kind != "O":
        return np.asarray(found)
    # Missing entries of whole numbers are objects there, but so is text, which pandas would read.
    kind_of = sys.modules["pandas"].api.types.infer_dtype
    for column, one in value.items() if hasattr(value, "columns") else ((None, value),):
        kind = kind_of(one.to_numpy(), skipna=True)
        if kind not in _PANDAS_NUMBERS and column is None:
            raise _refused(name, say("it holds {dtype}, not numbers", dtype=kind))
        if kind not in _PANDAS_NUMBERS:
            raise _refused(
                name,
                say("its column {column} holds {dtype}, not numbers", column=column, dtype=kind),
            )
    return np.asarray(value.to_numpy(dtype=np.float64, na_value=np.nan))


def _widened(array: Array) -> Array:
    """Return numbers of few bits, which only ml_dtypes knows, as NumPy has them: the same."""
    kind, name = array.dtype.type.__module__, array.dtype.name
    if kind.partition(".")[0] != "ml_dtypes" or name in SHORT:
        return array
    whole = {"i": np.int8, "u": np.uint8}.get(name[0] * ("int" in name))
    return array.astype(whole or np.float32)


def _without_mask(value: Any) -> Array:
    if not np.ma.is_masked(value):
        return np.asarray(value.data)
    wide = value if value.dtype.kind in "fc" else value.astype(np.float64)
    return np.asarray(wide.filled(np.nan))


def _require_numbers(found: Given, value: Any) -> None:
    name, dtype = found.name, found.parts[0].dtype
    if dtype.kind == "O":
        raise _refused(name, _objects(found, value))
    if dtype.kind not in "biufc" and dtype.name not in SHORT:
        raise _refused(name, say("it holds {dtype}, not numbers", dtype=str(dtype)))
    if dtype.kind in "fc" and dtype.itemsize > 16 // (1 + (dtype.kind == "f")):
        raise _refused(name, say("{dtype} is longer than what is read here", dtype=str(dtype)))
    if not found.shape:
        raise _refused(name, say("it is a single number, not a vector or a matrix"))
    if 0 in found.shape:
        raise _refused(name, say("it has no elements (shape {shape})", shape=found.shape))


def _objects(found: Given, value: Any) -> Sentence:
    """Return what is wrong with what NumPy takes for an object, or for objects."""
    if not found.shape:
        return _no_array(value)
    seen = list(itertools.islice(found.parts[0].flat, _LOOKED_AT))
    numbers = (bool, int, float, complex, np.number)
    wrong = next((one for one in seen if not isinstance(one, numbers)), (seen or [None])[0])
    return say(
        "it holds Python objects ({kind}), not numbers of one type", kind=type(wrong).__name__
    )


def _no_array(value: Any) -> Sentence:
    return say("it is no array but {kind}", kind=type(value).__name__)


def _refused(name: str, why: str) -> RankscopeError:
    return RankscopeError(say("{name} cannot be shown: {why}.", name=name, why=why))


def dtype_named(name: str) -> np.dtype[Any]:
    """Return an element type by its name; only numbers have one.

    Raises
    ------
    ValueError
        When it is no number's.
    """
    if name in SHORT:
        import ml_dtypes

        short: np.dtype[Any] = np.dtype(getattr(ml_dtypes, name))
        return short
    try:
        found = np.dtype(name)
    except (TypeError, SyntaxError) as error:
        raise ValueError(name) from error
    if found.kind not in "biufc" or found.subdtype is not None:
        raise ValueError(name)
    return found
