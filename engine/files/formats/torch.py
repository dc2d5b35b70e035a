"""Files of torch.save (.pt .pth .bin .ckpt): their tensors; nothing in them is ever unpickled."""

from __future__ import annotations

from pathlib import Path

from engine.errors import FileError
from engine.files.layouts.tensors.checkpoint import CheckpointSource
from engine.files.layouts.torch.archive import is_archive, read_archive
from engine.files.reading.access import file_errors, fingerprint, require_unchanged
from engine.files.reading.pickles import begins_as_pickle, pickle_error
from engine.files.reading.source import Format
from engine.jobs import Progress, checkpoint
from engine.sentences import say

_HEAD_BYTES = 512


def open_torch(path: str, progress: Progress | None = None) -> CheckpointSource:
    """Open a file of torch.save; only its list of contents is read.

    Raises
    ------
    FileError
        When the file cannot be read, is damaged, or holds no tensor.
    Cancelled
        When ``progress`` asks to stop.
    """
    checkpoint(progress, 0.0, "Reading the header")
    known = fingerprint(path)
    with file_errors(path), open(path, "rb") as stream:
        head = stream.read(_HEAD_BYTES)
    # Before version 1.6 the whole file was a pickle.
    if not is_archive(head):
        if path.lower().endswith(".bin") and not begins_as_pickle(head):
            raise FileError(
                path,
                say("this is neither a checkpoint of PyTorch nor text: numbers without a header?"),
                say(
                    "Say what they are: numpy.save({stem!r}, numpy.fromfile({name!r}, '<f8'))",
                    stem=Path(path).stem,
                    name=Path(path).name,
                ),
            )
        raise pickle_error(path)
    tensors, notes = read_archive(path, progress)
    if not tensors:
        raise pickle_error(path)
    require_unchanged(path, known)
    return CheckpointSource(path, FORMAT, known, tensors, notes=notes)


FORMAT = Format(
    key="torch",
    title="PyTorch checkpoint",
    suffixes=(".pt", ".pth", ".bin", ".ckpt"),
    open=open_torch,
    matches=is_archive,
)
