"""Files as torch.save writes them, made without torch: a zip of a pickle and raw storages."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from typing import Any

import ml_dtypes
import numpy as np

STORAGES = {
    "float32": "FloatStorage",
    "float64": "DoubleStorage",
    "float16": "HalfStorage",
    "bfloat16": "BFloat16Storage",
    "int64": "LongStorage",
    "int32": "IntStorage",
    "int16": "ShortStorage",
    "int8": "CharStorage",
    "uint8": "ByteStorage",
    "bool": "BoolStorage",
    "complex64": "ComplexFloatStorage",
    "complex128": "ComplexDoubleStorage",
}


class Named:
    """Pickled as a name and arguments, whatever lies behind the name."""

    def __init__(self, name: str, *arguments: Any, state: Any = None) -> None:
        self.name, self.arguments, self.state = name, arguments, state


class Storage:
    """Numbers of one type; ``array`` is flat."""

    def __init__(self, array: np.ndarray, kind: str = "") -> None:
        self.array, self.kind = array, kind or STORAGES[array.dtype.name]


def tensor(array: np.ndarray, storage: Storage | None = None, offset: int = 0) -> Named:
    """Describe an array as PyTorch does: a part of a storage, with strides in numbers."""
    held = storage or Storage(np.ascontiguousarray(array).reshape(-1))
    strides = tuple(step // array.itemsize for step in array.strides)
    if storage is None:
        strides = tuple(int(np.prod(array.shape[i + 1 :])) for i in range(array.ndim))
    name = "torch._utils._rebuild_tensor_v2"
    return Named(name, held, offset, array.shape, strides, False, OrderedDict())


def torch_bytes(value: Any, root: str = "model", order: str = "little", protocol: int = 2) -> bytes:
    """Return the archive; tensors, storages and names in ``value`` become what torch writes."""
    stream, storages = io.BytesIO(), []
    _Pickler(stream, storages, protocol).dump(value)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(f"{root}/data.pkl", stream.getvalue())
        archive.writestr(f"{root}/byteorder", order)
        for place, storage in enumerate(storages):
            raw = storage.array
            if order == "big":
                raw = raw.astype(raw.dtype.newbyteorder(">"))
            archive.writestr(f"{root}/data/{place}", raw.tobytes())
        archive.writestr(f"{root}/version", "3\n")
    return out.getvalue()


class _Pickler(pickle._Pickler):
    """Python's own pickler: names are written without being looked up."""

    def __init__(self, stream: io.BytesIO, storages: list[Storage], protocol: int) -> None:
        super().__init__(stream, protocol)
        self._storages = storages

    def persistent_id(self, item: Any) -> Any:
        if not isinstance(item, Storage):
            return None
        if item not in self._storages:
            self._storages.append(item)
        kind = Named(f"torch.{item.kind}")
        return "storage", kind, str(self._storages.index(item)), "cpu", item.array.size

    def save(self, item: Any, save_persistent_id: bool = True) -> None:
        if not isinstance(item, Named):
            super().save(item, save_persistent_id)
            return
        module, _, name = item.name.rpartition(".")
        self.write(pickle.GLOBAL + f"{module}\n{name}\n".encode())
        if item.arguments or item.state is not None:
            self.save(item.arguments)
            self.write(pickle.REDUCE)
        if item.state is not None:
            self.save(item.state)
            self.write(pickle.BUILD)


BFLOAT16 = ml_dtypes.bfloat16
