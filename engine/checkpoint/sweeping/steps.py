"""A folder that grows while a model is trained: rows against steps."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.checkpoint.folders import step_of
from engine.checkpoint.requests import Row
from engine.checkpoint.sweeping.sweep import Sweep, sweep
from engine.errors import FileError
from engine.files.reading.access import absolute_path, file_errors
from engine.jobs import Progress
from engine.room import TooLarge
from engine.sentences import as_sentence, say

OnRow = Callable[[int, Row], None]


@dataclass(frozen=True, eq=False)
class Steps:
    """What was found of every step of a training.

    Attributes
    ----------
    steps : tuple of int
        Ascending.
    sweeps : tuple of Sweep
        One for each.
    """

    steps: tuple[int, ...]
    sweeps: tuple[Sweep, ...]
    notes: tuple[str, ...]
    seconds: float

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of all steps, one step after the other."""
        return tuple(row for one in self.sweeps for row in one.rows)

    @property
    def step_of_each_row(self) -> list[int]:
        """The step that each of `rows` belongs to."""
        pairs = zip(self.steps, self.sweeps, strict=True)
        return [step for step, one in pairs for _ in one.rows]

    def joined(self) -> Sweep:
        """Return all of it as one sweep; what was skipped is that of the last step."""
        return Sweep(
            rows=self.rows,
            skipped=self.sweeps[-1].skipped if self.sweeps else (),
            seconds=self.seconds,
            reused=sum(one.reused for one in self.sweeps),
            workers=max((one.workers for one in self.sweeps), default=0),
            notes=self.notes,
        )


def steps_in(folder: str | os.PathLike[str]) -> tuple[tuple[int, str], ...]:
    """Return the steps that a folder holds, (step, path), ascending.

    A step is a folder or a file whose name ends with its number: "checkpoint-100", "step_200",
    "global_step300", "epoch=3.ckpt". Where two have the same number a folder counts.

    Raises
    ------
    FileError
        When there is no such folder, or no step in it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("checkpoint-100", "checkpoint-20", "runs"):
    ...         os.mkdir(os.path.join(folder, name))
    ...     [step for step, _ in steps_in(folder)]
    [20, 100]
    """
    absolute = absolute_path(folder)
    found: dict[int, tuple[bool, str]] = {}
    with file_errors(absolute), os.scandir(absolute) as items:
        for item in items:
            step = step_of(item.name)
            if step is not None:
                found[step] = max(found.get(step, (False, "")), (item.is_dir(), item.path))
    if not found:
        problem = say("there are no steps of a training in it")
        raise FileError(absolute, problem, say("Choose the folder that holds checkpoint-100, ..."))
    return tuple((step, found[step][1]) for step in sorted(found))


def sweep_steps(
    folder: str | os.PathLike[str],
    progress: Progress | None = None,
    only: Sequence[tuple[int, str]] | None = None,
    on_row: OnRow | None = None,
    **options: Any,
) -> Steps:
    """Compute the rows of every step of a training.

    What did not change from step to step is computed once where there is a cache; a step that
    cannot be read, because it is still being written, is left out with a note.

    Parameters
    ----------
    folder : str or path-like
        As for `steps_in`.
    progress : Progress, optional
        As for `sweep`, over all steps.
    only : sequence of (int, str), optional
        Some of the steps, with what each is opened by; all that `steps_in` finds where left out.
    on_row : callable, optional
        ``on_row(step, row)`` is called for every row as it comes.
    **options
        As for `sweep`.

    Returns
    -------
    Steps

    Raises
    ------
    FileError
        When there are no steps, or none of them can be read.
    """
    began = time.perf_counter()
    places = steps_in(folder) if only is None else tuple(only)
    steps: list[int] = []
    sweeps: list[Sweep] = []
    notes: list[str] = []
    for number, (step, path) in enumerate(places):
        part = None if progress is None else _Part(progress, number, len(places))
        try:
            tell = None if on_row is None else partial(on_row, step)
            sweeps.append(sweep(path, progress=part, on_row=tell, **options))
            steps.append(step)
        except FileError as error:
            # A question of memory is a person's to answer, whatever step it comes from.
            is_last = number == len(places) - 1 and not steps
            if error.path == options.get("cache") or isinstance(error, TooLarge) or is_last:
                raise
            problem = as_sentence(error.problem)
            notes.append(say("Step {step} is left out: {problem}.", step=step, problem=problem))
    for one in sweeps:
        notes += [note for note in one.notes if note not in notes]
    return Steps(tuple(steps), tuple(sweeps), tuple(notes), time.perf_counter() - began)


class _Part:
    """The progress of one step among all."""

    def __init__(self, whole: Progress, number: int, count: int) -> None:
        self._whole, self._number, self._count = whole, number, count

    @property
    def cancelled(self) -> bool:
        return self._whole.cancelled

    def report(self, fraction: float, text: str) -> None:
        said = say(
            "step {number} of {count}: {text}", number=self._number + 1, count=self._count,
            text=as_sentence(text),
        )  # fmt: skip
        self._whole.report((self._number + fraction) / self._count, said)
