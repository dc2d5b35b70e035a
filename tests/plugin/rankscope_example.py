"""An operator and a format of one's own, as a distribution that Rankscope finds."""

import struct

import numpy as np

from rankscope import Format, Operator


def weights(scores, k, tau):
    """k times a softmax of the scores (..., n); k is a number, 0 < k < n."""
    z = scores / tau
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return k * e / e.sum(axis=-1, keepdims=True)


OPERATOR = Operator(key="example_softmax", title="Softmax, k times", weights=weights)

_HEAD = struct.Struct("<4sII")  # a mark, rows, columns; then float64


def read(path):
    """Return the arrays of a file by name; what is wrong with it is said by a ValueError."""
    with open(path, "rb") as file:
        data = file.read()
    mark, rows, columns = _HEAD.unpack_from(data)
    if mark != b"CNTS" or len(data) != _HEAD.size + 8 * rows * columns:
        raise ValueError("this is no counts file, or it was cut")
    return {"counts": np.frombuffer(data, "<f8", offset=_HEAD.size).reshape(rows, columns)}


FORMAT = Format(
    key="counts",
    title="Counts of the example",
    suffixes=(".counts",),
    read=read,
    # For `rankscope test-plugin`: 0 to 11 as 3 x 4, whole, cut and damaged.
    sample=_HEAD.pack(b"CNTS", 3, 4) + np.arange(12.0).tobytes(),
)
