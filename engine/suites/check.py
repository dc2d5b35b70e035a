"""What a check is, how checks are run, and how one says that something has to be refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from engine.errors import RankscopeError
from engine.plugins.contained import reason_of

__all__ = ["Check", "Result", "refused", "run_checks"]

Check = Callable[[Any], None]


@dataclass(frozen=True)
class Result:
    """What one check found.

    Parameters
    ----------
    name : str
        Of the check, in words.
    problem : str
        What is wrong; "" where it holds.
    """

    name: str
    problem: str


def run_checks(record: Any, checks: Sequence[Check]) -> Iterator[Result]:
    """Yield what each check finds of a record; whatever is raised is a finding."""
    for check in checks:
        problem = ""
        try:
            check(record)
        except KeyboardInterrupt:
            raise
        except AssertionError as error:
            problem = " ".join(str(error).split()) or "the assertion of the check does not hold"
        except BaseException as error:  # of a stranger, SystemExit too
            problem = reason_of(error)
        yield Result(check.__name__.replace("_", " "), problem)


@contextmanager
def refused(words: str = "") -> Iterator[None]:
    """Assert that what is done raises an error for people that says ``words`` (a pattern)."""
    try:
        yield
    except RankscopeError as error:
        if not re.search(words, str(error)):
            raise AssertionError(f"refused, but in other words: {error}") from error
    else:
        raise AssertionError(f"not refused, though it should be: {words}")
