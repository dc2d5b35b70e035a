"""Pickles (.pt .pth .pkl .joblib) are recognised and never opened: the sentence says what to do."""

from __future__ import annotations

import os

from engine.errors import FileError
from engine.sentences import say

# What writes the numbers of such a file in a format that is only data, by its suffix.
_TORCH = "safetensors.torch.save_file(torch.load('{name}', weights_only=True), '{tensors}')"
_REMEDIES = {
    **dict.fromkeys((".pt", ".pth", ".ckpt"), _TORCH),
    **dict.fromkeys((".pkl", ".pickle"), "numpy.save('{stem}', pickle.load(open('{name}', 'rb')))"),
    ".joblib": "numpy.save('{stem}', joblib.load('{name}'))",
}
# The protocol mark with which pickles begin since 2003; protocol 0 and 1 have none.
_MARKS = tuple(bytes((0x80, protocol)) for protocol in range(2, 6))


def is_pickle(path: str, head: bytes) -> bool:
    """Tell a pickle by its first bytes or its suffix.

    Examples
    --------
    >>> is_pickle("weights.pt", b""), is_pickle("a.csv", b"1,2")
    (True, False)
    """
    return head.startswith(_MARKS) or os.path.splitext(path)[1].lower() in _REMEDIES


def begins_as_pickle(head: bytes) -> bool:
    """Tell a pickle by its first bytes alone, those of protocol 0 and 1 among them.

    Examples
    --------
    >>> import pickle
    >>> all(begins_as_pickle(pickle.dumps({"w": [1.5]}, protocol)) for protocol in range(6))
    True
    >>> begins_as_pickle(bytes(8)), begins_as_pickle(b"")
    (False, False)
    """
    return head.startswith(_MARKS) or head[:1] in (b"(", b"]", b"}", b"c")


def pickle_error(path: str) -> FileError:
    """Return the error that says why the file is not opened, and the line of Python that helps.

    Examples
    --------
    >>> pickle_error("scores.joblib").hint
    "Save what is in it as plain numbers: numpy.save('scores', joblib.load('scores.joblib'))"
    """
    name = os.path.basename(path)
    stem, suffix = os.path.splitext(name)
    remedy = _REMEDIES.get(suffix.lower(), _TORCH)
    line = remedy.format(name=name, stem=stem, tensors=f"{stem}.safetensors")
    return FileError(
        path,
        "this is a pickle, which is never opened here, because opening one can run any program",
        say("Save what is in it as plain numbers: {line}", line=line),
    )
