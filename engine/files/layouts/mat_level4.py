"""MATLAB files of version 4, as old programs and `save -v4` write them: SciPy reads them whole.

Its reader of this version is plain Python, which damage does not end.
"""

from __future__ import annotations

import io
import os
import struct
from typing import Any

import numpy as np

from engine.errors import FileError
from engine.room import require_room
from engine.sentences import say

_HEADER = struct.Struct("5i")
# Dense numbers, text, sparse; of doubles down to bytes.
_KINDS = {kind + 10 * precision for kind in range(3) for precision in range(6)}
_DAMAGED = (
    say("it cannot be read as a MATLAB file of version 4"),
    "It may have been cut short: copy it again, or save it again.",
)


def is_level4(head: bytes) -> bool:
    """Whether a file begins as one of version 4: with the header of a variable and its name.

    Examples
    --------
    >>> is_level4(struct.pack("<5i", 0, 2, 2, 0, 2) + b"A\\0"), is_level4(b"1 2\\n" * 9)
    (True, False)
    """
    if len(head) < _HEADER.size + 2:
        return False
    for order, base in (("<", 0), (">", 1000)):
        kind, rows, columns, is_complex, length = struct.unpack_from(f"{order}5i", head)
        name = head[_HEADER.size : _HEADER.size + length]
        sane = kind - base in _KINDS and min(rows, columns) >= 0 and is_complex in (0, 1)
        if sane and 1 < length < 256 and name[-1:] == b"\0":
            word = name[:-1].decode("ascii", "replace")
            return len(name) == length and word.isidentifier()
    return False


def read_level4(path: str) -> tuple[dict[str, Any], list[str]]:
    """Return the variables of a file by name, and the names of all as they are written.

    What is no array of numbers stays what it is.

    Raises
    ------
    FileError
        When the file is damaged.
    """
    from scipy.io import loadmat, whosmat

    require_room(path, 20 * os.path.getsize(path), say("the file"))
    with open(path, "rb") as stream:
        content = io.BytesIO(stream.read())
    try:
        found, written = loadmat(content), [name for name, _, _ in whosmat(content)]
    except Exception as error:
        raise FileError(path, *_DAMAGED) from error
    for value in found.values():
        # A damaged number may make a sparse matrix of any size.
        require_room(path, 8 * max(np.shape(value), default=0), say("the file"))
    own = {name: _vector(value) for name, value in found.items() if not name.startswith("__")}
    return own, written


def _vector(value: Any) -> Any:
    """MATLAB has no vectors: what is one counts as one."""
    dense = isinstance(value, np.ndarray) and value.ndim == 2
    return value.reshape(-1) if dense and min(value.shape) == 1 < max(value.shape) else value
