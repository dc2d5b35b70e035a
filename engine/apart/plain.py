"""What another process answers, as plain values: unpacking them runs nothing, whatever is sent.

Numbers, texts, bytes, tuples, lists, sets and dictionaries go as `pickle` writes them, with no name
of a class or function in it: such names are refused. Arrays, sparse ones, sentences, errors and
the records that are asked for go as plain values behind a key, of which this module makes them.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from engine.errors import DataError, FileError, RankscopeError
from engine.room import TooLarge
from engine.sentences import Sentence, sentence_of

_NUMBERS = "biufc"  # kinds of arrays
_PLAIN = (type(None), bool, int, float, str, bytes, tuple, list, dict, set, frozenset)


def packed(thing: Any, records: Sequence[type] = ()) -> tuple[bytes, list[memoryview]]:
    """Return a thing in plain bytes, and the memory of the arrays in it.

    Parameters
    ----------
    thing : object
        What is none of what this module knows becomes its text.
    records : sequence of type
        Dataclasses that are known, too, and made again of their fields.

    Returns
    -------
    data : bytes
    buffers : list of memoryview
        Bytes in a row; of the arrays themselves, where these are contiguous.

    Examples
    --------
    >>> unpacked(*packed({"a": np.arange(3.0)}))
    {'a': array([0., 1., 2.])}
    """
    stream, buffers = io.BytesIO(), list[memoryview]()
    _Pickler(stream, buffers, records).dump(thing)
    return stream.getvalue(), buffers


def unpacked(data: bytes, buffers: Sequence[Any] = (), records: Sequence[type] = ()) -> Any:
    """Return what `packed` was given; arrays view the buffers and are read-only.

    Raises
    ------
    Exception
        Of any kind, when it is not what `packed` makes.

    Examples
    --------
    >>> unpacked(pickle.dumps(print))
    Traceback (most recent call last):
        ...
    _pickle.UnpicklingError: ('builtins', 'print')
    """
    return _Unpickler(io.BytesIO(data), buffers, records).load()


class _Pickler(pickle.Pickler):
    def __init__(
        self, stream: io.BytesIO, buffers: list[memoryview], records: Sequence[type]
    ) -> None:
        super().__init__(stream, protocol=5)
        self._buffers, self._records = buffers, records

    def persistent_id(self, thing: Any) -> Any:
        kind = type(thing)
        if kind in _PLAIN:
            return None
        if kind in self._records:
            return kind.__name__, *vars(thing).values()
        if isinstance(thing, Sentence):
            return "said", str(thing), thing.template, dict(thing.values), thing.parts
        if isinstance(thing, np.ndarray) and thing.dtype.kind in _NUMBERS:
            return self._array(thing)
        if isinstance(thing, np.dtype):
            return "dtype", thing.str
        if isinstance(thing, np.generic) and thing.dtype.kind in "biuf":
            return "plain", float(thing) if thing.dtype.kind == "f" else thing.item()
        if getattr(thing, "format", None) in ("csr", "csc"):
            return thing.format, thing.shape, thing.data, thing.indices, thing.indptr
        if isinstance(thing, TooLarge):
            return "room", *thing.__reduce__()[1]
        if isinstance(thing, FileError):
            return "file", thing.path, thing.problem, thing.hint
        if isinstance(thing, DataError):
            return "data", thing.sentence, thing.count, thing.first
        if isinstance(thing, RankscopeError):
            return "error", thing.sentence
        if isinstance(thing, MemoryError):
            return "memory", str(thing)
        if isinstance(thing, BaseException):
            return "failed", f"{kind.__name__}: {thing}"
        return "plain", str(thing)

    def _array(self, array: np.ndarray[Any, Any]) -> Any:
        flipped = array.flags.f_contiguous and not array.flags.c_contiguous
        whole = np.ascontiguousarray(array.T if flipped else array)
        self._buffers.append(whole.reshape(-1).view(np.uint8).data)
        return "array", whole.dtype.str, array.shape, flipped, len(self._buffers) - 1


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: io.BytesIO, buffers: Sequence[Any], records: Sequence[type]) -> None:
        super().__init__(stream)
        self._make: dict[str, Callable[..., Any]] = {
            "plain": lambda value: value,
            "dtype": np.dtype,
            "array": partial(_array, buffers),
            "csr": partial(_sparse, "csr_array"),
            "csc": partial(_sparse, "csc_array"),
            "said": sentence_of,
            "room": TooLarge,
            "file": FileError,
            "data": DataError,
            "error": RankscopeError,
            "memory": MemoryError,
            "failed": RuntimeError,
            **{one.__name__: one for one in records},
        }

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(module, name)

    def persistent_load(self, pid: Any) -> Any:
        key, *parts = pid
        return self._make[key](*parts)


def _array(
    buffers: Sequence[Any], dtype: str, shape: tuple[int, ...], flipped: bool, number: int
) -> np.ndarray[Any, Any]:
    kind = np.dtype(dtype)
    if kind.kind not in _NUMBERS:
        raise pickle.UnpicklingError(dtype)
    array = np.ndarray(shape[::-1] if flipped else shape, kind, buffers[number])
    array.flags.writeable = False
    return array.T if flipped else array


def _sparse(kind: str, shape: tuple[int, ...], *parts: np.ndarray[Any, Any]) -> Any:
    import scipy.sparse

    array = getattr(scipy.sparse, kind)(parts, shape)
    array.check_format(full_check=True)  # SciPy believes positions, also those outside
    return array
