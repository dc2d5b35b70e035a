"""A command line that speaks the person's language: argparse with its own words translated.

Standard library and the tables only, so that help and errors come at once and without a display.
"""

from __future__ import annotations

import argparse
import errno
import io
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NoReturn

from gui.core.words.i18n import known_languages, set_language, system_language, tr, tr_sentence
from gui.core.words.readable import readable_lines

# The name by which argparse looks up what it says (gettext's convention).
argparse._ = tr  # type: ignore[attr-defined]

ANY_SIZE = "--any-size"
_INTERRUPTED = 130  # as shells say it of Ctrl+C
# What the system says of a pipe, a terminal or a file that takes nothing any more.
_NOWHERE = (errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def speak(words: Sequence[str]) -> None:
    """Take the language that ``--language`` names among ``words``, or else the system's.

    This comes before parsing, because a parser's help is written when it is built.
    """
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False, allow_abbrev=False)
    parser.add_argument("--language", nargs="?")
    found, _ = parser.parse_known_args(words)
    set_language(found.language if found.language in known_languages() else system_language())


def printed(work: Callable[[], int]) -> int:
    """Return what ``work`` returns; 1 where what it prints can go nowhere.

    What the terminal has no sign for is printed by its number. A reader that has gone (``| head``)
    is no error to speak of, a full disk is one sentence. Ctrl+C is what was wanted.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            return work()
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except OSError as error:
        if error.errno not in _NOWHERE:
            raise
        with suppress(OSError):  # or Python says it once more as it ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno != errno.EPIPE:
            reason = error.strerror or type(error).__name__
            print(
                tr("What is printed cannot be written: {reason}.", reason=reason), file=sys.stderr
            )
        return 1


def carried_out(program: str, work: Callable[[], int]) -> int:
    """Return what ``work`` returns, or 1 after one sentence on standard error.

    An error that is not written for people is raised as it is.
    """
    from engine.errors import RankscopeError
    from gui.core.export.files import ExportError

    try:
        return work()
    except (RankscopeError, ExportError, ValueError) as error:
        if not getattr(error, "for_people", False):
            raise
        more = tr("With {option} it goes on.", option=ANY_SIZE)
        said = [tr_sentence(error), *([more] if getattr(error, "asks", False) else [])]
        print(f"{program}: {' '.join(said)}", file=sys.stderr)
        return 1


def add_any_size(add: Any) -> None:
    """Add the option that lets a command take whatever memory it needs."""
    words = tr("take the memory that is needed, also more than half of what is free")
    add(ANY_SIZE, action="store_true", help=words)


def take_any_size(options: argparse.Namespace) -> None:
    """Go by that option."""
    if options.any_size:
        from engine.room import permit

        permit()


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Help in which a Chinese character counts as the two columns it takes in a terminal."""

    def add_usage(
        self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None
    ) -> None:
        """Begin with the word for "usage"."""
        super().add_usage(usage, actions, groups, tr("usage: ") if prefix is None else prefix)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return list(wrapped(text, width))


class Parser(argparse.ArgumentParser):
    """A parser whose help and refusals are in the language in use.

    Parameters
    ----------
    prog, description, epilog : str
        As in argparse; the texts are translated already.
    """

    def __init__(self, prog: str, description: str, epilog: str = "") -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog or None,
            formatter_class=HelpFormatter,
            add_help=False,
            allow_abbrev=False,
        )
        # Named groups instead of argparse's own: those have English headings.
        self.files = self.add_argument_group(tr("files"))
        self.options = self.add_argument_group(tr("options"))
        self.options.add_argument(
            "-h", "--help", action="help", help=tr("show this help and leave")
        )
        self.options.add_argument(
            "--language", choices=known_languages(), help=tr("language of the words")
        )

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line, and leave with status 2."""
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {readable_lines(message)}\n")


def wrapped(text: str, width: int) -> Iterator[str]:
    """Yield ``text`` in lines of at most ``width`` columns, broken at blanks and wide characters.

    Examples
    --------
    >>> list(wrapped("how many scores are kept", 12))
    ['how many', 'scores are', 'kept']
    >>> list(wrapped("保留多少个得分 (topk)", 10))
    ['保留多少个', '得分', '(topk)']
    """
    line, used = "", 0
    for piece in _pieces(" ".join(text.split())):
        size = sum(map(_columns, piece.rstrip()))
        if line and used + size > width:
            yield line.rstrip()
            line, used = "", 0
        line += piece
        used += sum(map(_columns, piece))
    if line:
        yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """Yield what may not be broken: a run up to a blank, or one wide character.

    Punctuation stays with what it follows: no line begins with a full stop.
    """
    piece = ""
    for character in text:
        closes = unicodedata.category(character) in ("Po", "Pe", "Pf")
        breaks = piece and (piece[-1] == " " or 2 in (_columns(character), _columns(piece[-1])))
        if breaks and not closes and character != " ":
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def _columns(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
