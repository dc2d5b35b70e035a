"""A checkpoint in shards: an index names the file of each tensor.

References
----------
Hugging Face, "Transformers: big models", the files model.safetensors.index.json and
pytorch_model.bin.index.json.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from engine.errors import FileError
from engine.files.layouts.tensors.safetensors_header import is_safetensors, read_tensors
from engine.files.layouts.tensors.tensor import Tensor
from engine.files.layouts.torch.archive import is_archive, read_archive
from engine.files.reading.access import Fingerprint, file_errors, fingerprint, require_unchanged
from engine.files.reading.stand_ins import refuse_stand_in
from engine.jobs import Progress, checkpoint
from engine.json_text import BadJson, read_json
from engine.sentences import as_sentence, say

_MAX_INDEX = 100_000_000
_HEAD_BYTES = 512
_MAP = "weight_map"


@dataclass(frozen=True)
class Shards:
    """The tensors of all shards, and the files they lie in."""

    tensors: tuple[Tensor, ...]
    files: dict[str, Fingerprint]
    notes: tuple[str, ...] = ()


def read_shards(path: str, size: int, progress: Progress | None) -> Shards:
    """Return the tensors that an index names; a shard that is not there leaves out its own.

    Raises
    ------
    FileError
        When the file is no index, or none of its shards can be read.
    Cancelled
        When ``progress`` asks to stop.
    """
    places = _weight_map(path, size)
    tensors: list[Tensor] = []
    files: dict[str, Fingerprint] = {}
    problems: dict[str, FileError] = {}
    wanted: dict[str, list[str]] = {}
    for tensor, name in places.items():
        wanted.setdefault(name, []).append(tensor)
    for number, name in enumerate(sorted(wanted)):
        checkpoint(progress, number / len(wanted), "Reading the header")
        shard = os.path.join(os.path.dirname(path), name)
        try:
            found = {one.name: one for one in _shard(shard, progress)}
            files[shard] = fingerprint(shard)
        except FileError as error:
            problems[name] = error
            found = {}
        tensors += [_listed(one, name, shard, found, problems) for one in wanted[name]]
    if len(problems) == len(wanted):
        raise next(iter(problems.values()))
    return Shards(tuple(tensors), files, tuple(_note(*one) for one in problems.items()))


def _shard(path: str, progress: Progress | None) -> list[Tensor]:
    known = fingerprint(path)
    with file_errors(path), open(path, "rb") as stream:
        head = stream.read(_HEAD_BYTES)
    refuse_stand_in(path, head)
    if is_archive(head):
        found = read_archive(path, progress)[0]
    elif is_safetensors(head):
        found = read_tensors(path, known.size)
    else:
        raise FileError(path, "this is neither a .safetensors file nor one of torch.save")
    require_unchanged(path, known)
    return found


def _listed(
    name: str, shard: str, path: str, found: dict[str, Tensor], problems: dict[str, FileError]
) -> Tensor:
    if name in found:
        return found[name]
    reason = say("its shard '{shard}' does not hold it", shard=shard)
    if shard in problems:
        problem = as_sentence(problems[shard].problem)
        reason = say("its shard '{shard}': {problem}", shard=shard, problem=problem)
    return Tensor(name, "", None, (), path, 0, reason=reason)


def _note(shard: str, error: FileError) -> str:
    return say(
        "The shard '{shard}' is left out: {problem}.",
        shard=shard,
        problem=as_sentence(error.problem),
    )


def _weight_map(path: str, size: int) -> dict[str, str]:
    if size > _MAX_INDEX:
        text = "it has {size:,} bytes, an index of a checkpoint at most {limit:,}"
        raise FileError(path, say(text, size=size, limit=_MAX_INDEX))
    with file_errors(path), open(path, "rb") as stream:
        raw = stream.read(size + 1)
    try:
        index = read_json(raw)
    except BadJson as error:
        raise FileError(path, error.said, "Download it again.") from error
    places = index.get(_MAP) if isinstance(index, dict) else None
    if not isinstance(places, dict) or not places:
        raise FileError(
            path,
            "this is JSON, but no index of a checkpoint: it has no weight_map",
            "Open the file that holds the numbers.",
        )
    for name in places.values():
        # A name may not lead out of the folder.
        if not isinstance(name, str) or os.path.basename(name) != name or name in ("", ".", ".."):
            shown = say("its weight_map names the file {name!r}", name=name)
            raise FileError(path, shown, "Shards lie beside their index.")
    return {str(tensor): name for tensor, name in places.items()}
