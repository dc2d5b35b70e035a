"""Where an exported file says what it shows, and how that is read back."""

from __future__ import annotations

import json
import os
import re
import stat
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gui import __version__
from gui.core.export.files import ExportError
from gui.core.figure.panels import Panels, Shown
from gui.core.state.session import parsed
from gui.core.words.i18n import tr

KEY = "rankscope"
# Around the state of a report; as JSON in a page it is data, and nothing runs it.
MARK, MARK_END = '<script type="application/json" data-rankscope>', "</script>"
_WINDOW = 2 << 20  # bytes that are read of a picture at most; a state has 256 KiB (`figure_state`)
_PIECE = 16 << 10
_CHUNKS = 1000  # of a PNG, comments of a table
_KEYWORDS = re.compile(rb"/Keywords \(([^\\()]*(?:\\.[^\\()]*)*)\)", re.DOTALL)
_DESCRIPTION = "{http://purl.org/dc/elements/1.1/}description"
_DEFINITIONS = "{http://www.w3.org/2000/svg}defs"


def payload(shown: Shown) -> dict[str, Any]:
    """Return what travels with every export: program, figure, its ``meta`` and its ``state``.

    Of panels also how they are arranged.
    """
    found: dict[str, Any] = {
        KEY: __version__,
        "figure": shown.key,
        "title": shown.title,
        "meta": {str(name): str(value) for name, value in shown.meta.items()},
    }
    if isinstance(shown, Panels):
        found["panels"] = {
            "figures": [figure.key for figure in shown.figures],
            "columns": shown.grid[1],
            "letters": shown.letters,
            "shared_legend": shown.shared_legend,
        }
    return found | {"state": dict(shown.state)} if shown.state else found


def payload_text(shown: Shown) -> str:
    """Return the payload as one line of ASCII, which every format can carry unchanged."""
    return json.dumps(payload(shown), ensure_ascii=True, separators=(",", ":"))


def read_metadata(path: str | Path) -> Mapping[str, Any]:
    """Return the payload an export of ours carries.

    Raises
    ------
    ExportError
        When the file cannot be read or carries none.
    """
    path = Path(path)
    reader = _READERS.get(path.suffix.lower())
    found, twice = None, list[str]()
    try:
        if reader is not None and stat.S_ISREG(path.stat().st_mode):  # a pipe would never end
            found, twice = parsed(reader(path) or "null")
    except OSError as error:
        reason = error.strerror
        raise ExportError(
            tr("{path} cannot be read: {reason}.", path=path, reason=reason)
        ) from error
    except Exception:  # a damaged picture fails in as many ways as there are decoders
        found = None
    # No export of ours has a name twice: which of the two it shows nobody knows.
    if twice or not isinstance(found, dict) or KEY not in found:
        raise _foreign(path)
    return found


def _foreign(path: Path) -> ExportError:
    return ExportError(
        tr("{path} carries no Rankscope data: it was not exported from here.", path=path)
    )


# Every reader looks only where an export of ours has it, piece by piece: what is read and set aside
# is bounded, whatever a file holds.


def _from_png(path: Path) -> str | None:
    """Look through the chunks before the picture itself."""
    start = f"{KEY}\0".encode("latin-1")
    with path.open("rb") as file:
        if file.read(8) != b"\x89PNG\r\n\x1a\n":
            return None
        for _ in range(_CHUNKS):
            size, kind = struct.unpack(">I4s", file.read(8))
            if kind in (b"IDAT", b"IEND"):
                return None
            if kind == b"tEXt" and len(start) < size <= _WINDOW:
                data = file.read(size)
                if data.startswith(start):
                    return data[len(start) :].decode("latin-1")
            else:
                file.seek(size, os.SEEK_CUR)
            file.seek(4, os.SEEK_CUR)
    return None


def _from_tiff(path: Path) -> str | None:
    from PIL import Image

    with path.open("rb") as file, Image.open(file) as image:
        tags: Any = getattr(image, "tag_v2", {})
        found = tags.get(270)  # ImageDescription
    return found if isinstance(found, str) else None


def _from_svg(path: Path) -> str | None:
    """Read up to the description, which stands before anything is drawn."""
    from xml.etree.ElementTree import XMLPullParser

    parser: Any = XMLPullParser(("start", "end"))
    before = b""
    with path.open("rb") as file:
        for _ in range(_WINDOW // _PIECE):
            piece = file.read(_PIECE)
            # We declare nothing, and by declarations a small file becomes a large one.
            if not piece or b"<!ENTITY" in before + piece:
                return None
            parser.feed(piece)
            before = piece[-16:]
            for event, element in parser.read_events():
                if event == "end" and element.tag == _DESCRIPTION:
                    text = element.text or ""
                    return text if text.startswith("{") else None
                if event == "start" and element.tag == _DEFINITIONS:
                    return None
    return None


def _from_pdf(path: Path) -> str | None:
    """Look into the end: the info dictionary stands there, uncompressed, and our text is ASCII."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _WINDOW))
        data = file.read(_WINDOW)
    start = data.rfind(b"/Keywords (")
    found = _KEYWORDS.match(data, max(start, 0))
    if start < 0 or found is None:
        return None
    return re.sub(rb"\\(.)", rb"\1", found.group(1), flags=re.DOTALL).decode("ascii")


def _from_html(path: Path) -> str | None:
    """Read the head of a report, where its state stands as data."""
    with path.open("rb") as file:
        data = file.read(_WINDOW)
    start = data.find(MARK.encode())
    end = data.find(MARK_END.encode(), start)
    if start < 0 or end < 0:
        return None
    return data[start + len(MARK) : end].decode("ascii")


def _from_csv(path: Path) -> str | None:
    with path.open(encoding="utf-8") as file:
        for _ in range(_CHUNKS):
            line = file.readline(_WINDOW)
            if not line.startswith("#"):
                return None
            if line.startswith(f"# {KEY}: "):
                return line.partition(": ")[2]
    return None


def _from_npz(path: Path) -> str | None:
    with zipfile.ZipFile(path) as archive:
        if archive.getinfo("metadata.npy").file_size > 4 * _WINDOW:
            return None
        with archive.open("metadata.npy") as member:
            return str(np.lib.format.read_array(member, allow_pickle=False)[()])


_READERS: Mapping[str, Callable[[Path], str | None]] = {
    ".png": _from_png,
    ".tif": _from_tiff,
    ".svg": _from_svg,
    ".pdf": _from_pdf,
    ".html": _from_html,
    ".csv": _from_csv,
    ".npz": _from_npz,
}
