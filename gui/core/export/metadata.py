"""Where an exported file says what it shows, and how that is read back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from gui import __version__
from gui.core.export.files import ExportError
from gui.core.figure.panels import Panels, Shown
from gui.core.words.i18n import tr

KEY = "rankscope"
_LARGEST = 64 * 1024 * 1024  # bytes; what is larger was not made by an export of a figure


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
    text: str | None = None
    try:
        if reader is not None and path.stat().st_size <= _LARGEST:
            text = reader(path)
        found = json.loads(text) if text else None
    except OSError as error:
        if error.errno is None:  # Pillow's "cannot identify image file"
            raise _foreign(path) from error
        reason = error.strerror
        raise ExportError(
            tr("{path} cannot be read: {reason}.", path=path, reason=reason)
        ) from error
    except Exception:  # a damaged picture fails in as many ways as there are decoders
        found = None
    if not isinstance(found, dict) or KEY not in found:
        raise _foreign(path)
    return found


def _foreign(path: Path) -> ExportError:
    return ExportError(
        tr("{path} carries no Rankscope data: it was not exported from here.", path=path)
    )


def _from_png(path: Path) -> str | None:
    from PIL import Image

    with path.open("rb") as file, Image.open(file) as image:
        found = image.info.get(KEY)
    return found if isinstance(found, str) else None


def _from_tiff(path: Path) -> str | None:
    from PIL import Image

    with path.open("rb") as file, Image.open(file) as image:
        tags: Any = getattr(image, "tag_v2", {})
        found = tags.get(270)  # ImageDescription
    return found if isinstance(found, str) else None


def _from_svg(path: Path) -> str | None:
    description = "{http://purl.org/dc/elements/1.1/}description"
    for element in ElementTree.parse(path).iter(description):
        if element.text and element.text.startswith("{"):
            return element.text
    return None


def _from_pdf(path: Path) -> str | None:
    # The info dictionary is never compressed, and our payload is ASCII.
    found = re.search(rb"/Keywords\s*\(((?:[^\\()]|\\.)*)\)", path.read_bytes(), re.DOTALL)
    if found is None:
        return None
    return re.sub(rb"\\(.)", rb"\1", found.group(1), flags=re.DOTALL).decode("ascii")


def _from_csv(path: Path) -> str | None:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                return None
            if line.startswith(f"# {KEY}: "):
                return line.partition(": ")[2]
    return None


def _from_npz(path: Path) -> str | None:
    # numpy leaves a damaged file open when it opens the path itself.
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return str(arrays["metadata"][()])


_READERS: Mapping[str, Callable[[Path], str | None]] = {
    ".png": _from_png,
    ".tif": _from_tiff,
    ".svg": _from_svg,
    ".pdf": _from_pdf,
    ".csv": _from_csv,
    ".npz": _from_npz,
}
