"""An answer that is none: why, in a sentence, and which control it is about."""

from __future__ import annotations

from typing import Any


class Refused(ValueError):
    """A question that is not answered; ``argument`` names what has to change.

    Parameters
    ----------
    sentence : str
        Why, and what to do, in the language in use.
    argument : str
        "k", "tau", "x" (the scores) or "operator".
    """

    for_people = True

    def __init__(self, sentence: str, argument: str) -> None:
        super().__init__(sentence)
        self.argument = argument

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.argument)
