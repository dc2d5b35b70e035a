"""``rankscope sweep``: every matrix of a model as one table, without a display and without Qt."""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gui.command_line import Parser, add_any_size, carried_out, speak, take_any_size
from gui.core.export.files import ExportError, check_target, write_data
from gui.core.words.i18n import tr, tr_sentence
from gui.core.words.readable import readable
from gui.core.work.blas import keep_to_one
from gui.sweep_more import BadOptions, More, add_options, check, more_of

if TYPE_CHECKING:
    from engine.checkpoint import Row, Sweep

_EVERY = 5.0  # seconds between lines of progress where nobody watches
_OFTEN = 0.1  # and on a terminal
_STOPPED = 130  # as a shell has it of Ctrl+C


def main(arguments: Sequence[str]) -> int:
    """Run ``rankscope sweep``; return 0, 1 after one sentence on standard error, 130 if stopped."""
    keep_to_one(os.environ)  # before anything imports NumPy
    speak(arguments)
    return carried_out("rankscope sweep", lambda: _run(arguments))


def _parser() -> Parser:
    parser = Parser(
        "rankscope sweep",
        tr("Describe every matrix of a model in a table, without a display."),
        tr("What was computed before is taken from the cache: run it again to continue."),
    )
    what = tr("a file of weights, an index of shards, or a folder of either")
    parser.files.add_argument("model", metavar="MODEL", help=what)
    add = parser.options.add_argument
    steps = tr("MODEL is a folder of steps of a training, checkpoint-100, ...: rows against steps")
    add("--steps", action="store_true", help=steps)
    add("--out", default="", metavar="FILE", help=tr("table to write: csv, parquet, html or npz"))
    add("--include", default="", metavar="RE", help=tr("only matrices whose names have this"))
    add("--exclude", default="", metavar="RE", help=tr("no matrices whose names have this"))
    rules = tr("rank rules, as in energy=0.9,mp_edge")
    add("--rules", default="energy=0.9,mp_edge", metavar="RULES", help=rules)
    add("--workers", type=int, metavar="N", help=tr("how many compute (default: one a core)"))
    there = tr("a running Dask scheduler whose workers compute, as in tcp://host:8786")
    add("--address", metavar="TCP", help=there)
    add("--cache", default="", metavar="FILE", help=tr("where rows are kept for the next time"))
    add("--no-cache", action="store_true", help=tr("keep no rows"))
    add_options(add)
    add("--overwrite", action="store_true", help=tr("replace an existing --out"))
    add_any_size(add)
    return parser


def _run(arguments: Sequence[str]) -> int:
    words = _parser().parse_args(arguments)
    from engine.checkpoint import rules_of, sweep, sweep_steps, usual_cache

    check(words)
    take_any_size(words)
    writer = _writer(words)
    cache = None if words.no_cache else words.cache or usual_cache()
    progress = _Progress()
    options: dict[str, Any] = {
        "include": words.include,
        "exclude": words.exclude,
        "rules": rules_of(words.rules),
        "workers": words.workers,
        "address": words.address,
        "cache": cache,
        "progress": progress,
    }
    steps: list[int] = []
    mapped = None
    try:
        if words.steps:
            several = sweep_steps(words.model, **options)
            found, steps, mapped = several.joined(), several.step_of_each_row, several.sweeps[-1]
        else:
            found = sweep(words.model, **options)
        if not found.rows and (words.include or words.exclude):
            raise BadOptions(tr("No matrix has a name that --include and --exclude leave."))
        more = more_of(words, found, progress)
    except KeyboardInterrupt:
        progress.end()
        kept = tr("Stopped. What was computed is kept: run it again to continue.")
        print(tr("Stopped.") if cache is None else kept, file=sys.stderr)
        return _STOPPED
    progress.end()
    for note in found.notes:
        print(tr_sentence(note), file=sys.stderr)
    if writer is not None:
        writer(found, more, steps, (mapped or found).rows)
    for line in (_summary(found), *more.lines):
        print(line)
    return 0


def _summary(found: Sweep) -> str:
    return tr(
        "{count} matrices, {reused} reused, {problems} with problems, {skipped} skipped, "
        "{seconds:.1f} s",
        count=len(found.rows),
        reused=found.reused,
        problems=sum(bool(row.problem) for row in found.rows),
        skipped=len(found.skipped),
        seconds=found.seconds,
    )


def _writer(words: Namespace) -> Callable[[Sweep, More, list[int], Sequence[Row]], None] | None:
    """Return what writes the table; a file that cannot be written is refused before the work."""
    from engine.checkpoint.sweeping import report

    if not words.out:
        return None
    path = Path(words.out)
    if path.suffix.lower() not in report.SUFFIXES:
        known = ", ".join(report.SUFFIXES)
        text = tr(
            "{path}: a table is written as one of {names}.", path=readable(str(path)), names=known
        )
        raise ExportError(text)
    if path.suffix.lower() == ".parquet":
        report.require_parquet()
    check_target(path, overwrite=words.overwrite)
    title = os.path.basename(os.path.abspath(words.model))

    def write(found: Sweep, more: More, steps: list[int], mapped: Sequence[Row]) -> None:
        suffix, columns = path.suffix.lower(), more.columns
        data = report.table_bytes(suffix, found, columns, title, tr_sentence, steps, mapped)
        write_data(path, data, overwrite=words.overwrite)

    return write


class _Progress:
    """One line on a terminal, written again and again; elsewhere a line every few seconds."""

    cancelled = False

    def __init__(self) -> None:
        self._on_terminal = sys.stderr.isatty()
        self._said_at = time.monotonic() if not self._on_terminal else 0.0
        self._width = 0

    def report(self, fraction: float, text: Any) -> None:
        now = time.monotonic()
        if now - self._said_at < (_OFTEN if self._on_terminal else _EVERY):
            return
        self._said_at = now
        line = f"{100.0 * fraction:3.0f} %  {tr_sentence(text)}"
        if self._on_terminal:
            print(f"\r{line:<{self._width}}", end="", file=sys.stderr, flush=True)
            self._width = len(line)
        else:
            print(line, file=sys.stderr, flush=True)

    def end(self) -> None:
        if self._on_terminal and self._width:
            print(f"\r{'':<{self._width}}\r", end="", file=sys.stderr, flush=True)
