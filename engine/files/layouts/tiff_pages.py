"""Pages of a TIFF file as arrays, by tifffile: every type of number and order of bytes as it is.

Pictures of 8 bits are left to Pillow, which turns them upright and knows palettes and CMYK.

References
----------
Adobe, "TIFF", revision 6.0, 1992; Gohlke, "tifffile", doi 10.5281/zenodo.6795860.
"""

from __future__ import annotations

import logging
import math
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import FileError
from engine.files.reading.access import (
    DEFLATE_RATIO,
    Fingerprint,
    file_errors,
    fingerprint,
    require_unchanged,
)
from engine.files.reading.arrays import Array
from engine.files.reading.entries import BadArray, array_entry, require_readable, unreadable_entry
from engine.files.reading.source import Entry, Format, MatrixSource, Selection
from engine.files.reading.watched import WatchedFile
from engine.jobs import Cancelled, Progress, checkpoint
from engine.room import require_room
from engine.sentences import as_sentence, joined, say

_SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_CHANNELS = ("red", "green", "blue", "alpha")
_RGB, _WHITE_IS_ZERO = 2, 0
# Types that Pillow reads as they are, where tifffile has no decoder for how they are packed.
_PILLOW = ("u1", "u2", "i2", "i4", "f4", "b1")
_NONE = 1
_MAX_PAGES = 100_000


@dataclass(frozen=True)
class Part:
    """What of a series an entry is: all of it, its colours side by side, or one channel."""

    series: int
    channel: int | None = None
    is_colour: bool = False


class TiffSource(MatrixSource):
    """One TIFF file; the series read last is kept."""

    def __init__(
        self,
        path: str,
        format: Format,
        known: Fingerprint,
        entries: tuple[Entry, ...],
        parts: dict[str, Part],
        notes: tuple[str, ...],
    ) -> None:
        super().__init__(path, format, entries, known, notes)
        self._parts = parts

    def _take(self, entry: Entry, selection: Selection, progress: Progress | None) -> Any:
        part = self._parts[entry.name]
        pages = self._kept.get(part.series, lambda: self._decode(part, progress), progress)
        if part.is_colour:
            return np.concatenate(list(pages[:3]), axis=1)[selection]
        return (pages if part.channel is None else pages[part.channel])[selection]

    def _decode(self, part: Part, progress: Progress | None) -> Array:
        with _opened(self.path, progress) as file:
            series = file.series[part.series]
            require_room(self.path, 2 * series.size * series.dtype.itemsize, "the picture")
            pages = np.asarray(series.asarray(maxworkers=1))
            if pages.shape != tuple(series.shape) or pages.dtype != series.dtype:
                raise _damaged(self.path, say("its parts disagree about its size"))
            pages = _channels_first(pages, series.axes)
            checkpoint(progress)
            return np.ascontiguousarray(pages, pages.dtype.newbyteorder("="))


def open_tiff(path: str, format: Format, progress: Progress | None) -> TiffSource | None:
    """Open a TIFF file; None for one that Pillow reads as well or better.

    Raises
    ------
    FileError
        When the file cannot be read or is damaged, or needs a decoder that is not here.
    Cancelled
        When ``progress`` asks to stop.
    """
    checkpoint(progress, 0.0, "Reading the header")
    known = fingerprint(path)
    entries: list[Entry] = []
    parts: dict[str, Part] = {}
    with _opened(path, progress) as file:
        if len(file.pages) > _MAX_PAGES or not file.series:
            raise _damaged(path, say("it has {count:,} pages", count=len(file.pages)))
        if _is_picture(file) or not _has_decoder(path, file):
            return None
        notes = _broken_off(file)
        for number, series in enumerate(file.series):
            checkpoint(progress)
            _require_whole(path, series, known.size)
            for entry, part in _entries(path, number, series):
                entries.append(entry)
                parts[entry.name] = part
    require_unchanged(path, known)
    require_readable(path, entries)
    return TiffSource(path, format, known, tuple(entries), parts, notes)


def is_tiff(head: bytes) -> bool:
    """Tell from the first bytes of a file whether it is a TIFF file.

    Examples
    --------
    >>> is_tiff(b"II*" + bytes(5)), is_tiff(b"MM\\0+" + bytes(4))
    (True, True)
    """
    return head.startswith(_SIGNATURES)


def _is_picture(file: Any) -> bool:
    """Return whether this is a picture of 8 bits or 1: one page, or pages of colours."""
    page = file.pages[0]
    if page.dtype is None or page.dtype.kind not in "ub" or page.bitspersample not in (1, 2, 4, 8):
        return page.dtype is None
    is_grey = page.photometric in (_WHITE_IS_ZERO, 1) and page.samplesperpixel == 1
    if page.photometric == _WHITE_IS_ZERO and page.bitspersample in (1, 8):
        # Pillow turns the numbers over.
        return not is_grey
    # Pillow does not know BigTIFF in every order of bytes.
    return not is_grey or (len(file.pages) == 1 and not file.is_bigtiff)


def _has_decoder(path: str, file: Any) -> bool:
    """Return whether tifffile unpacks the pages; False where Pillow can as well.

    Raises
    ------
    FileError
        Where neither can.
    """
    from tifffile import TIFF

    page = file.pages[0]
    try:
        TIFF.DECOMPRESSORS[page.compression]
        TIFF.UNPREDICTORS[page.predictor]
    except (KeyError, ValueError) as error:
        if page.dtype.str[1:] in _PILLOW and page.samplesperpixel == 1:
            return False
        name = getattr(page.compression, "name", str(page.compression))
        raise FileError(
            path,
            say(
                "numbers of type {dtype} packed by {name} need the package imagecodecs",
                dtype=page.dtype,
                name=name,
            ),
            "Install it (pip install imagecodecs), or save the file without packing.",
        ) from error
    return True


def _require_whole(path: str, series: Any, size: int) -> None:
    """Refuse a series whose data lie beyond the end of the file, or cannot be so many."""
    needed = math.prod(series.shape) * series.dtype.itemsize
    if series.dataoffset is not None:
        # One block from the first number to the last.
        missing = series.dataoffset + needed - size
        if missing > 0:
            raise _damaged(path, say("{count:,} bytes are missing at its end", count=missing))
        return
    stored = 0
    for page in series.pages:
        if page is None:
            continue
        for place, length in zip(page.dataoffsets, page.databytecounts, strict=False):
            stored += length
            if place + length > size:
                missing = place + length - size
                raise _damaged(path, say("{count:,} bytes are missing at its end", count=missing))
    ratio = 1 if series.keyframe.compression == _NONE else DEFLATE_RATIO
    bits = series.keyframe.bitspersample or 8 * series.dtype.itemsize
    if needed * min(1.0, bits / (8 * series.dtype.itemsize)) > ratio * stored + needed % 8:
        raise _damaged(
            path,
            say(
                "its header announces {needed:,} bytes of numbers, more than {stored:,} bytes hold",
                needed=needed,
                stored=stored,
            ),
        )


def _broken_off(file: Any) -> tuple[str, ...]:
    """Return a note where the last page that is found announces another one."""
    layout, page = file.tiff, file.pages[-1]
    file.filehandle.seek(page.offset)
    (count,) = struct.unpack(layout.tagnoformat, file.filehandle.read(layout.tagnosize))
    file.filehandle.seek(page.offset + layout.tagnosize + count * layout.tagsize)
    if not any(file.filehandle.read(layout.offsetsize)):
        return ()
    text = "Its list of pages breaks off after {count:,}: there may be more."
    return (say(text, count=len(file.pages)),)


def _entries(path: str, number: int, series: Any) -> Iterator[tuple[Entry, Part]]:
    stem = Path(path).stem if number == 0 else f"{Path(path).stem} [{number + 1}]"
    dtype = np.dtype(series.dtype).newbyteorder("=")
    # The shape of an array that takes no memory.
    shape = _channels_first(np.broadcast_to(np.uint8(0), series.shape), series.axes).shape
    if not _is_colour(series):
        try:
            yield array_entry(stem, dtype, shape, joined(*_remarks(series))), Part(number)
        except BadArray as error:
            yield unreadable_entry(stem, error.sentence, shape), Part(number)
        return
    count, height, width = shape
    prefix = "" if number == 0 else f"{stem} "
    size = 3 * height * width * dtype.itemsize
    note = joined("Red, green and blue side by side, one matrix.", *_remarks(series))
    whole = Entry(f"{prefix}colour", (height, 3 * width), dtype, size, note, channels=3)
    yield whole, Part(number, is_colour=True)
    for channel, name in enumerate(_CHANNELS[:count]):
        yield array_entry(f"{prefix}{name}", dtype, (height, width)), Part(number, channel)


def _is_colour(series: Any) -> bool:
    page = series.keyframe
    has_colours = page.photometric == _RGB and page.samplesperpixel in (3, 4)
    return has_colours and sorted(series.axes) == ["S", "X", "Y"]


def _remarks(series: Any) -> Iterator[str]:
    if series.keyframe.photometric == _WHITE_IS_ZERO:
        yield say("0 stands for white in it; the numbers are as stored.")
    tag = series.keyframe.tags.get(274)
    if tag is not None and tag.value not in (0, 1):
        yield say("It is not turned as its orientation ({value}) says.", value=tag.value)
    if len(series.shape) > 2:
        yield say("Its axes are {axes}.", axes=series.axes)


def _channels_first(pages: Array, axes: str) -> Array:
    """Put the samples of a pixel before rows and columns, so that the last two are a matrix."""
    if "S" not in axes or axes[-2:] == "YX":
        return pages
    return np.moveaxis(pages, axes.index("S"), len(axes) - 3)


@contextmanager
def _opened(path: str, progress: Progress | None) -> Iterator[Any]:
    """Open with tifffile; whatever it raises in here becomes a `FileError`."""
    import tifffile

    logger = logging.getLogger("tifffile")
    was_disabled = logger.disabled
    # Oddities of the metadata, which nobody would see.
    logger.disabled = True
    with file_errors(path):
        try:
            # Sets of several files (OME, Micro-Manager) would open the others.
            with (
                WatchedFile(path, progress, "Reading the picture") as stream,
                tifffile.TiffFile(
                    stream, is_ome=False, is_mmstack=False, is_ndtiff=False, _multifile=False
                ) as file,
            ):
                yield file
        except (FileError, Cancelled, MemoryError):
            raise
        # Damaged pictures fail in as many ways as there are tags.
        except Exception as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise _damaged(path, str(error).rstrip(".") or type(error).__name__) from error
        finally:
            logger.disabled = was_disabled


def _damaged(path: str, reason: str) -> FileError:
    return FileError(
        path,
        say("the picture is damaged ({reason})", reason=as_sentence(reason)),
        "It may have been cut short: save or copy it again.",
    )
