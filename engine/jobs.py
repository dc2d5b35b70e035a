"""How long-running work reports what it is doing and learns that it should stop."""

from __future__ import annotations

from typing import Protocol

from engine.sentences import say


class Cancelled(Exception):
    """The person asked for the work to stop; no result follows and nothing went wrong."""


class Progress(Protocol):
    """What a long function is handed as ``progress``; it never calls into a user interface."""

    @property
    def cancelled(self) -> bool:
        """Whether the work should stop at its next check."""
        ...

    def report(self, fraction: float, text: str) -> None:
        """Say how far the work is: ``fraction`` in [0, 1], ``text`` a phrase or `Sentence`."""
        ...


def checkpoint(
    progress: Progress | None, fraction: float = 0.0, text: str = "", /, **values: object
) -> None:
    """Report progress and stop if asked to; does nothing without a ``progress``.

    Parameters
    ----------
    progress : Progress or None
        What is told.
    fraction : float
        How far the work is, in [0, 1].
    text : str
        A short phrase; with values the template of one, made only where it is told.
    **values : object
        What its placeholders stand for, as in `engine.sentences.say`.

    Raises
    ------
    Cancelled
        When ``progress.cancelled`` is true.

    Examples
    --------
    >>> checkpoint(None, 0.5, "row {row} of {rows}", row=3, rows=6)
    """
    if progress is None:
        return
    if progress.cancelled:
        raise Cancelled
    if text:
        progress.report(fraction, say(text, **values) if values else text)
