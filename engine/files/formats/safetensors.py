"""Checkpoints (.safetensors), whole or in shards that an index names."""

from __future__ import annotations

from engine.files.layouts.shards import read_shards
from engine.files.layouts.tensors.checkpoint import CheckpointSource
from engine.files.layouts.tensors.safetensors_header import is_safetensors, read_tensors
from engine.files.reading.access import fingerprint, require_unchanged
from engine.files.reading.source import Format
from engine.jobs import Progress, checkpoint


def open_safetensors(path: str, progress: Progress | None = None) -> CheckpointSource:
    """Open a .safetensors file, or the index of one in shards; only headers are read.

    Raises
    ------
    FileError
        When the file cannot be read, is cut short, or its header contradicts itself.
    Cancelled
        When ``progress`` asks to stop.
    """
    checkpoint(progress, 0.0, "Reading the header")
    known = fingerprint(path)
    if path.lower().endswith(".json"):
        found = read_shards(path, known.size, progress)
        require_unchanged(path, known)
        return CheckpointSource(path, FORMAT, known, found.tensors, found.files, found.notes)
    tensors = read_tensors(path, known.size)
    checkpoint(progress)
    require_unchanged(path, known)
    return CheckpointSource(path, FORMAT, known, tensors)


FORMAT = Format(
    key="safetensors",
    title="Safetensors checkpoint",
    suffixes=(".safetensors", ".json"),
    open=open_safetensors,
    matches=is_safetensors,
)
