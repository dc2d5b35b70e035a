"""What people have as arrays of numbers, whatever library made it."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import RankscopeError
from engine.sentences import say

Array = NDArray[Any]
SPARSE = ("csr", "csc")
# Of ml_dtypes: to NumPy they are raw bytes.
SHORT = ("bfloat16", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz")


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
    if hasattr(value, "tocsr") and hasattr(value, "nnz") and value.ndim == 2:
        return _sparse(name, value)
    array = _dense(name, value)
    _require_numbers(name, array)
    return Given(name, "dense", array.shape, (array,))


def _sparse(name: str, value: Any) -> Given:
    held = value if value.format in SPARSE else value.tocsr()
    if not held.has_canonical_format:
        held = held.copy()
        held.sum_duplicates()
    found = Given(name, held.format, held.shape, (held.data, held.indices, held.indptr))
    _require_numbers(name, np.empty(held.shape[:1] + (0,) * (0 in held.shape), held.dtype))
    return found


def _dense(name: str, value: Any) -> Array:
    if value is None or isinstance(value, (str, bytes, bytearray, dict, set)):
        raise _refused(name, say("it is no array but {kind}", kind=type(value).__name__))
    try:
        return _as_array(value)
    except RankscopeError:
        raise
    except MemoryError as error:
        raise _refused(name, say("there is no memory for a copy of it")) from error
    except Exception as error:  # whatever a foreign library raises
        reason = say("{kind}: {reason}", kind=type(error).__name__, reason=str(error)[:200])
        raise _refused(name, reason) from error


def _as_array(value: Any) -> Array:
    masked = sys.modules.get("numpy.ma")  # 25 ms, and nobody has a masked array without it
    if masked is not None and isinstance(value, masked.MaskedArray):
        return _without_mask(value)
    if isinstance(value, np.ndarray):
        return np.asarray(value)
    library = type(value).__module__.partition(".")[0]
    if library == "torch":
        return _of_torch(value)
    if library == "pandas":
        return _of_pandas(value)
    if hasattr(value, "__array__"):
        with contextlib.suppress(TypeError):  # CuPy does not copy from its device by itself
            return np.asarray(value)
    if hasattr(value, "__dlpack__"):
        try:
            return np.from_dlpack(value)
        except (BufferError, RuntimeError, TypeError):
            return np.from_dlpack(value, device="cpu", copy=True)
    return np.asarray(value)


def _of_torch(value: Any) -> Array:
    value = value.detach()
    if str(value.layout) != "torch.strided":
        value = value.to_dense()
    value = value.cpu().resolve_conj().resolve_neg()
    short = str(value.dtype).removeprefix("torch.")
    if short in SHORT:
        import torch

        bits = torch.int16 if value.element_size() == 2 else torch.uint8
        found: Array = value.view(bits).numpy().view(dtype_named(short))
        return found
    return np.asarray(value.numpy())


def _of_pandas(value: Any) -> Array:
    found = value.to_numpy()
    if found.dtype.kind == "O":  # missing entries of whole numbers are objects there
        found = value.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(found)


def _without_mask(value: Any) -> Array:
    if not np.ma.is_masked(value):
        return np.asarray(value.data)
    wide = value if value.dtype.kind in "fc" else value.astype(np.float64)
    return np.asarray(wide.filled(np.nan))


def _require_numbers(name: str, array: Array) -> None:
    dtype = array.dtype
    if dtype.kind not in "biufc" and dtype.name not in SHORT:
        raise _refused(name, say("it holds {dtype}, not numbers", dtype=str(dtype)))
    if dtype.kind in "fc" and dtype.itemsize > 16 // (1 + (dtype.kind == "f")):
        raise _refused(name, say("{dtype} is longer than what is read here", dtype=str(dtype)))
    if not array.shape:
        raise _refused(name, say("it is a single number, not a vector or a matrix"))
    if 0 in array.shape:
        raise _refused(name, say("it has no elements (shape {shape})", shape=array.shape))


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
