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
_WEIGHTS = (
    ".safetensors",
    ".gguf",
    ".onnx",
    ".bin",
    ".pt",
    ".pth",
    ".ckpt",
    ".h5",
    ".keras",
    ".npz",
)
_SHARD = re.compile(r"[-_.]\d+[-_]of[-_]\d+\b")
_NO_WEIGHTS = ("training_args.bin", "optimizer.pt", "scheduler.pt", "rng_state.pth", "scaler.pt")
_STEP = re.compile(
    r"(?:^|[-_.])(?:checkpoint|ckpt|step|steps|iter|iteration|epoch)[-_=]?(\d{1,18})"
    r"(?:\.(?:safetensors|pt|pth|bin|ckpt|npz|h5))?$",
    re.IGNORECASE,
)
_UNDER_WAY = ("tmp", ".")  # begin the names of what is renamed once it is written
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


def model_in(path: str | os.PathLike[str]) -> str:
    """Return the file of weights of a folder that is plainly a model's; "" of any other folder.

    It has an index, a file with a name that libraries give to a whole model, or a config.json
    beside its only file of weights. A folder of the steps of a training means its last one.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pathlib.Path(folder, "model.safetensors").touch()
    ...     os.path.basename(model_in(folder)), model_in(os.path.join(folder, "none"))
    ('model.safetensors', '')
    """
    try:
        found = weights_file(path)
    except FileError:
        steps = whole_steps(path)
        return steps[-1][1] if steps else ""
    name, folder = os.path.basename(found), os.path.dirname(found)
    is_known = name in _KNOWN or name.endswith(_INDEX)
    is_model = is_known or os.path.isfile(os.path.join(folder, "config.json"))
    return found if is_model and os.path.isdir(path) else ""


def step_of(name: str) -> int | None:
    """Return the step of a training that a folder or a file is by its name, None for none.

    Examples
    --------
    >>> [step_of(name) for name in ("checkpoint-100", "global_step300", "epoch=3.ckpt", "runs")]
    [100, 300, 3, None]
    """
    found = None if name.startswith(_UNDER_WAY) else _STEP.search(name)
    return None if found is None else int(found[1])


def training_of(path: str) -> str:
    """Return the folder of the steps of a training that a file of weights is one of; "" for none.

    Only its name is looked at.

    Examples
    --------
    >>> training_of("/runs/a/checkpoint-100/model.safetensors").endswith("a")
    True
    >>> training_of("/models/llama/model.safetensors")
    ''
    """
    folder, name = os.path.split(path)
    above, own = os.path.split(folder)
    if step_of(own) is not None:
        return above
    return folder if step_of(name) is not None else ""


def whole_steps(folder: str | os.PathLike[str]) -> tuple[tuple[int, str], ...]:
    """Return (step, file of weights) of the folders "checkpoint-100", "step200", ... of a training.

    Those that hold no weights (yet) are left out; so is a folder that cannot be listed.
    """
    found = []
    try:
        with os.scandir(folder) as items:
            names = [item.name for item in items if item.is_dir()]
    except OSError:
        return ()
    for name in names:
        step = step_of(name)
        if step is None:
            continue
        try:
            weights = weights_file(os.path.join(folder, name))
        except FileError:
            continue
        if os.path.isfile(weights):
            found.append((step, weights))
    return tuple(sorted(found))
