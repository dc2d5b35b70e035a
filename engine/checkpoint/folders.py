"""Which file of a folder holds the weights of its model."""

from __future__ import annotations

import os
import re

from engine.errors import FileError
from engine.files.reading.access import absolute_path, file_errors
from engine.files.reading.entries import natural_order
from engine.sentences import listed, say

_INDEX = ".index.json"
# In this order: an index decides, then the names that libraries give to a whole model.
_KNOWN = (
    *("model.safetensors.index.json", "diffusion_pytorch_model.safetensors.index.json"),
    *("model.safetensors", "diffusion_pytorch_model.safetensors", "adapter_model.safetensors"),
    *("pytorch_model.bin.index.json", "diffusion_pytorch_model.bin.index.json"),
    *("pytorch_model.bin", "diffusion_pytorch_model.bin", "adapter_model.bin"),
)
_WEIGHTS = (".safetensors", ".gguf", ".bin", ".pt", ".pth", ".ckpt", ".h5", ".keras", ".npz")
_SHARD = re.compile(r"[-_.]\d+[-_]of[-_]\d+\b")
_NO_WEIGHTS = ("training_args.bin", "optimizer.pt", "scheduler.pt", "rng_state.pth", "scaler.pt")
_MOST = 100_000
_SHOWN = 6


def weights_file(path: str | os.PathLike[str]) -> str:
    """Return the absolute path of the file to open: the one named, or the one that a folder means.

    An index decides; then a name that libraries give to a whole model; then the only file of
    weights that there is.

    Raises
    ------
    FileError
        When a folder has no weights, or several files of which none is known to be meant; or it
        cannot be listed.

    Examples
    --------
    >>> weights_file("model.gguf").endswith("model.gguf")
    True
    """
    absolute = absolute_path(path)
    with file_errors(absolute):
        if not os.path.isdir(absolute):
            return absolute
    for name in _KNOWN:
        # A link that leads nowhere is there, too: opening it says what is wrong.
        if os.path.lexists(os.path.join(absolute, name)):
            return os.path.join(absolute, name)
    names = _names(absolute)
    for ending in ((_INDEX,), _WEIGHTS):
        found = [one for one in names if one.lower().endswith(ending) and one not in _NO_WEIGHTS]
        if len(found) == 1 and not _SHARD.search(found[0]):
            return os.path.join(absolute, found[0])
        if found:
            raise _several(absolute, found)
    raise _none(absolute, names)


def _names(folder: str) -> list[str]:
    names = []
    with file_errors(folder), os.scandir(folder) as items:
        for item in items:
            names.append(item.name)
            if len(names) > _MOST:
                problem = say("it has more than {count:,} files", count=_MOST)
                raise FileError(folder, problem, say("Name the file of weights itself."))
    return sorted(names, key=natural_order)


def _several(folder: str, found: list[str]) -> FileError:
    shown = listed([f"'{name}'" for name in found[:_SHOWN]])
    more = ", ..." if len(found) > _SHOWN else ""
    if all(_SHARD.search(name) for name in found):
        problem = say("the index of its shards is missing: {names}{more}", names=shown, more=more)
        return FileError(folder, problem, say("Put the file that ends in .index.json beside them."))
    problem = say("it holds several files of weights: {names}{more}", names=shown, more=more)
    return FileError(folder, problem, say("Name the one that is meant."))


def _none(folder: str, names: list[str]) -> FileError:
    inside = [one for one in names if _has_weights(os.path.join(folder, one))]
    if not inside:
        problem = say("there are no weights in this folder")
        return FileError(folder, problem, say("Choose the folder that holds model.safetensors."))
    shown = listed([f"'{name}'" for name in inside[:_SHOWN]])
    more = ", ..." if len(inside) > _SHOWN else ""
    problem = say("the weights lie in folders inside it: {names}{more}", names=shown, more=more)
    return FileError(folder, problem, say("Name the one that is meant."))


def _has_weights(folder: str) -> bool:
    try:
        with os.scandir(folder) as items:
            return any(item.name.endswith((_INDEX, *_WEIGHTS)) for item in items)
    except OSError:
        return False
