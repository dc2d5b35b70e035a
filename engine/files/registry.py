"""The registry of file formats, and the one way to open a file; a new one is a line here.

Those of plug-ins follow (`rankscope.formats`).
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from engine.errors import ArgumentError, FileError
from engine.files.formats import (
    gguf,
    hdf5,
    image,
    mat,
    matrix_market,
    netcdf3,
    npy,
    npz,
    onnx,
    safetensors,
    text,
    torch,
    xlsx,
)
from engine.files.layouts.table.lines import is_text
from engine.files.layouts.table.printed.rows import is_printed
from engine.files.reading.access import absolute_path, file_errors, fingerprint
from engine.files.reading.memory import read_source
from engine.files.reading.pickles import is_pickle, pickle_error
from engine.files.reading.source import Format, MatrixSource, unsaid
from engine.files.reading.stand_ins import refuse_packed, refuse_stand_in, refuse_zeros
from engine.files.reading.tables import TableReading
from engine.jobs import Progress, checkpoint
from engine.plugins import Plugin, Registered, checked_record, contained
from engine.sentences import as_sentence, listed, say

_OWN: tuple[Format, ...] = (
    npy.FORMAT,
    # A workbook is a zip archive, too: it is known by its first member.
    xlsx.FORMAT,
    # Before .npz: both are zip archives.
    torch.FORMAT,
    npz.FORMAT,
    safetensors.FORMAT,
    gguf.FORMAT,
    onnx.FORMAT,
    hdf5.FORMAT,
    netcdf3.FORMAT,
    mat.FORMAT,
    matrix_market.FORMAT,
    image.FORMAT,
    text.FORMAT,
)

_HEAD_BYTES = 512


def _accepted(record: Any, plugin: Plugin) -> Format:
    """Return a plug-in's format with its own code contained."""
    known, who = checked_record(record, Format), plugin.who
    suffixes = (known.suffixes,) if isinstance(known.suffixes, str) else tuple(known.suffixes)
    if not suffixes or not all(isinstance(one, str) and one[:1] == "." for one in suffixes):
        raise ArgumentError("suffixes", known.suffixes, "endings of file names with their dots")
    if not callable(known.read) and (known.read is not None or known.open is unsaid):
        raise ArgumentError("read", known.read, "a function of a path")
    return replace(
        known,
        suffixes=tuple(suffix.lower() for suffix in suffixes),
        matches=contained(known.matches, who),
        open=contained(known.open, who),
        read=contained(known.read, who) if known.read is not None else None,
        plugin=who,
    )


FORMATS: Registered[Format] = Registered("rankscope.formats", _OWN, _accepted)


def open_matrix_file(
    path: str | os.PathLike[str],
    progress: Progress | None = None,
    reading: TableReading | None = None,
) -> MatrixSource:
    """Open a file of numbers; its contents decide the format, then its suffix.

    Parameters
    ----------
    path : str or path-like
        The file.
    progress : Progress, optional
        Told how far the opening is; asked whether to stop.
    reading : TableReading, optional
        What a person says of a table; what is left out is found from the file.

    Returns
    -------
    MatrixSource
        Lists the arrays of the file. Binary formats read data only on request; a text table
        is parsed here.

    Raises
    ------
    FileError
        When the file is missing, empty, damaged, not accessible, or of no known format; or when
        something is said of a table and it is none.
    ArgumentError
        When the reading names columns or labels that the table does not have.
    Cancelled
        When ``progress`` asks to stop.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "scores.csv")
    ...     _ = file.write_text("3,1\\n2,5\\n")
    ...     open_matrix_file(file).read("scores")
    array([[3., 1.],
           [2., 5.]])
    """
    absolute, known = format_of(path, progress)
    return open_as(known, absolute, progress, reading)


def open_as(
    known: Format,
    path: str,
    progress: Progress | None = None,
    reading: TableReading | None = None,
) -> MatrixSource:
    """Open the file at an absolute path, which is of that format; raises as `open_matrix_file`."""
    if reading is None or reading == TableReading():
        return read_source(path, known) if known.read is not None else known.open(path, progress)
    if not known.tables:
        raise FileError(
            path,
            say("this is no table but {title}", title=as_sentence(known.title)),
            "Leave out what is said of delimiters, headings, labels, columns and sheets.",
        )
    return known.open(path, progress, reading)


def format_of(path: str | os.PathLike[str], progress: Progress | None = None) -> tuple[str, Format]:
    """Return the absolute path of a file and the format that its contents, or its suffix, say.

    Raises
    ------
    FileError
        When the file is missing, empty, not accessible, or of no known format.
    Cancelled
        When ``progress`` asks to stop.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "scores.csv")
    ...     _ = file.write_text("3,1\\n2,5\\n")
    ...     format_of(file)[1].key
    'text'
    """
    checkpoint(progress, 0.0, "Opening the file")
    absolute = absolute_path(path)
    fingerprint(absolute)
    with file_errors(absolute), open(absolute, "rb") as stream:
        head = stream.read(_HEAD_BYTES)
    refuse_stand_in(absolute, head)
    return absolute, _detect(absolute, head)


def follow_link(
    source: MatrixSource, name: str, progress: Progress | None = None
) -> tuple[MatrixSource, tuple[str, ...]]:
    """Open the file that an entry links to, as HDF5 has it: only ever when it is asked for.

    A link there is an entry again, to be followed in its turn.

    Parameters
    ----------
    source : MatrixSource
        Where the link stands.
    name : str
        Name of its entry.
    progress : Progress, optional
        Told how far the opening is; asked whether to stop.

    Returns
    -------
    source : MatrixSource
        The other file.
    names : tuple of str
        Its entries that the link means: one, or all those of a group.

    Raises
    ------
    ArgumentError
        When there is no such entry, or it is no link.
    FileError
        When the other file cannot be opened, or has nothing at that place.
    Cancelled
        When ``progress`` asks to stop.
    """
    link = source.link(name)
    if link is None:
        raise ArgumentError("name", name, "an entry that is a link")
    path, place = link
    other = open_matrix_file(path, progress)
    wanted = place.strip("/")
    inside = (f"{wanted}/", f"{wanted}.")
    names = tuple(
        entry.name
        for entry in other.entries
        if not wanted or entry.name == wanted or entry.name.startswith(inside)
    )
    if not names:
        raise FileError(
            path,
            say("there is no array at {place}, where a link to it leads", place=place),
            "Open the file itself and look for it there.",
        )
    return other, names


def _detect(path: str, head: bytes) -> Format:
    name = path.lower()
    own = next((known for known in FORMATS.own if known.matches(head)), None)
    if own is not None and name.endswith(own.suffixes):
        return own
    # An ending that the contents do not bear out is for plug-ins to claim.
    for known in FORMATS.added():
        if name.endswith(known.suffixes) or known.matches(head):
            return known
    if own is not None:
        return own
    with file_errors(path):
        refuse_zeros(path, head)
    is_index = name.endswith(".index.json")  # whatever is in it
    text_of = head.decode("utf-8-sig", "ignore")
    if name.endswith(".json") and not is_index and is_printed(text_of):
        # Lists of numbers: no index of a checkpoint.
        return text.FORMAT
    for known in FORMATS.own:
        if name.endswith(known.suffixes):
            return known
    refuse_packed(path, head)
    if is_pickle(path, head):
        raise pickle_error(path)
    if is_text(head):
        # Programs have endings of their own for tables: .lvm, .asc, .xy, .out, none at all.
        return text.FORMAT
    names = listed(
        say(
            "{title} ({suffixes})",
            title=as_sentence(known.title),
            suffixes=" ".join(known.suffixes),
        )
        for known in FORMATS
    )
    raise FileError(
        path,
        say("this is none of the formats read here: {names}", names=names),
        "Export the numbers in one of these formats.",
    )
