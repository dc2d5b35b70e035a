"""The machine code of plain rows: made by LLVM from ``kernel.ll`` in a tenth of a second."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.machine_code import compiled

__all__ = ["KERNEL", "LARGEST", "SMALLEST", "Kernel", "load_kernel", "powers_of_ten"]

KERNEL = Path(__file__).with_name("kernel.ll")
SMALLEST, LARGEST = -340, 300


@dataclass(frozen=True)
class Kernel:
    """The function of ``kernel.py``, to be called from any thread; the interpreter goes on.

    Attributes
    ----------
    function : callable
        Of addresses and integers.
    owner : object
        Keeps the code where it is.
    """

    function: Any
    owner: Any

    def __call__(
        self,
        data: NDArray[np.uint8],
        part: tuple[int, int],
        signs: tuple[int, int],
        keep: NDArray[np.bool_],
        index: int,
        trailing: bool,
        out: NDArray[np.float64],
        labels: NDArray[np.int64],
    ) -> tuple[int, int]:
        """Return how many rows were filled, and where a line begins that was not parsed.

        Parameters
        ----------
        data : uint8 array
            The text.
        part : (int, int)
            Where to begin and to end in it; a line ends there.
        signs : (int, int)
            Codes of the separator and of the decimal mark.
        keep : bool array, (width,)
            Which columns are numbers to be kept.
        index : int
            How many leading columns are labels.
        trailing : bool
            Whether rows may end with a separator.
        out : float64 array, (at least the number of lines, number of kept columns)
            Filled row by row.
        labels : int64 array, (the same, 2) or (0, 2)
            Begin and end of the labels of each row, where wanted.
        """
        rows, stop, error = ctypes.c_int64(), ctypes.c_int64(part[0]), ctypes.c_void_p()
        self.function(
            ctypes.byref(rows), ctypes.byref(error), _address(data), *part, *signs,
            _address(keep), len(keep), index, trailing, *map(_address, powers_of_ten()),
            _address(out), out.shape[1], _address(labels), ctypes.byref(stop),
        )  # fmt: skip
        return rows.value, stop.value


@lru_cache(maxsize=1)
def load_kernel() -> Kernel | None:
    """Return the compiled kernel; None where LLVM is missing or too old to read it.

    Examples
    --------
    >>> text = np.frombuffer(b"1.5,2\\n-3,4e2\\n", np.uint8)
    >>> out, labels = np.empty((2, 2)), np.empty((0, 2), np.int64)
    >>> kernel = load_kernel()
    >>> kernel(text, (0, len(text)), (ord(","), ord(".")), np.ones(2, bool), 0, False, out, labels)
    (2, 13)
    >>> out
    array([[  1.5,   2. ],
           [ -3. , 400. ]])
    """
    try:
        owner = compiled(KERNEL.read_text(encoding="ascii"))
        address = owner.get_function_address("parse_rows")
    except (ImportError, OSError, RuntimeError):
        return None
    number, pointer = ctypes.c_int64, ctypes.c_void_p
    prototype = ctypes.CFUNCTYPE(
        ctypes.c_int32, pointer, pointer, pointer, *[number] * 4, pointer, *[number] * 3,
        *[pointer] * 4, number, pointer, pointer,
    )  # fmt: skip
    return Kernel(prototype(address), owner)


@lru_cache(maxsize=1)
def powers_of_ten() -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.float64]]:
    """Return the upper and lower 64 bits of 5^q for q from -340 to 300, and 1 to 1e22.

    Examples
    --------
    >>> high, low, exact = powers_of_ten()
    >>> hex(high[340]), exact[3]
    ('0x8000000000000000', np.float64(1000.0))
    """
    high, low = [], []
    for q in range(SMALLEST, LARGEST + 1):
        if q >= 0:
            power = 5**q
            shift = power.bit_length() - 128
            bits = power >> shift if shift > 0 else power << -shift
        else:
            # Rounded up, as the proof of the algorithm wants it.
            power = 5**-q
            bits = (1 << (power.bit_length() + 127)) // power + 1
        high.append(bits >> 64)
        low.append(bits & (2**64 - 1))
    exact = np.array([float(10**q) for q in range(23)])
    return np.array(high, np.uint64), np.array(low, np.uint64), exact


def _address(array: NDArray[Any]) -> int:
    assert array.flags.c_contiguous
    return array.ctypes.data
