"""A folder that grows while a model is trained: which of its steps are whole."""

from __future__ import annotations

import os
import time
from contextlib import closing
from dataclasses import dataclass

from engine.checkpoint.folders import weights_file
from engine.checkpoint.sweeping.places import Files, has_files, states_of
from engine.checkpoint.sweeping.steps import steps_in
from engine.errors import FileError
from engine.files import open_matrix_file

_REST = 2 * 10**9  # nanoseconds without a change after which one look is enough


@dataclass(frozen=True)
class WholeStep:
    """A step of a training that is written to its end.

    Attributes
    ----------
    step : int
    path : str
        The file of its weights, or their index.
    files : tuple of (str, int, int)
        Every file of it with its size and its time: a step that is written anew is another.
    """

    step: int
    path: str
    files: Files


@dataclass(frozen=True)
class Look:
    """What was seen of a training's folder at one moment.

    Attributes
    ----------
    folder : str
    steps : tuple of WholeStep
        Ascending.
    waiting : tuple of (int, Files)
        Steps that are not whole, or were changed just now, with what their files were like; no
        files where they cannot be opened yet.
    """

    folder: str
    steps: tuple[WholeStep, ...] = ()
    waiting: tuple[tuple[int, Files], ...] = ()


def look_at(folder: str | os.PathLike[str], before: Look | None = None) -> Look:
    """Look which steps of a training are whole.

    A step is whole once its weights, with all shards that an index names, can be opened and have
    not changed from one look to the next, or for 2 s. What was whole before and has the same files
    is not opened again. A folder that is gone has no steps.

    Parameters
    ----------
    folder : str or path-like
        As for `steps_in`.
    before : Look, optional
        The look before, at the same folder.

    Returns
    -------
    Look

    Examples
    --------
    >>> look_at("/nowhere")
    Look(folder='/nowhere', steps=(), waiting=())
    """
    known = {} if before is None else {one.path: one for one in before.steps}
    seen = {} if before is None else dict(before.waiting)
    steps: list[WholeStep] = []
    waiting: list[tuple[int, Files]] = []
    try:
        places = steps_in(folder)
    except FileError:
        places = ()
    for step, place in places:
        try:
            path = weights_file(place)
            old = known.get(path)
            if old is not None and has_files(old.files):
                steps.append(old)
                continue
            files = _files(path)
        except FileError:
            waiting.append((step, ()))
            continue
        if files == seen.get(step) or _rests(files):
            steps.append(WholeStep(step, path, files))
        else:
            waiting.append((step, files))
    return Look(os.fspath(folder), tuple(steps), tuple(waiting))


def _files(path: str) -> Files:
    """Return the files of a checkpoint with their states; opening it says whether they are whole.

    What changes while it is opened is seen at the next look, which opens it again.
    """
    own = states_of([path])
    with closing(open_matrix_file(path)) as source:
        others = {file for one in source.entries for file in source.files(one.name)} - {path}
    for file in others:  # an index leaves out what it cannot open
        open_matrix_file(file).close()
    return (*own, *states_of(sorted(others)))


def _rests(files: Files) -> bool:
    return all(time.time_ns() - changed > _REST for _, _, changed in files)
