"""Whether Qt can start here, asked before Qt is imported: Qt aborts the process otherwise.

Standard library only, and runnable on its own: ``python gui/platform_check.py offscreen``
prints one line and fails when something is missing; ``--packages`` prints only the package names.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Mapping
from typing import Any

# Shared libraries Qt loads that its wheel does not bring: (library, Debian package).
_BASE = (
    ("libEGL.so.1", "libegl1"),
    ("libGL.so.1", "libgl1"),
    ("libfontconfig.so.1", "libfontconfig1"),
    ("libfreetype.so.6", "libfreetype6"),
    ("libglib-2.0.so.0", "libglib2.0-0"),
    ("libdbus-1.so.3", "libdbus-1-3"),
    ("libxkbcommon.so.0", "libxkbcommon0"),
)
_XCB = (
    ("libxcb.so.1", "libxcb1"),
    ("libX11-xcb.so.1", "libx11-xcb1"),
    ("libxcb-cursor.so.0", "libxcb-cursor0"),
    ("libxcb-icccm.so.4", "libxcb-icccm4"),
    ("libxcb-image.so.0", "libxcb-image0"),
    ("libxcb-keysyms.so.1", "libxcb-keysyms1"),
    ("libxcb-randr.so.0", "libxcb-randr0"),
    ("libxcb-render.so.0", "libxcb-render0"),
    ("libxcb-render-util.so.0", "libxcb-render-util0"),
    ("libxcb-shape.so.0", "libxcb-shape0"),
    ("libxcb-shm.so.0", "libxcb-shm0"),
    ("libxcb-sync.so.1", "libxcb-sync1"),
    ("libxcb-xfixes.so.0", "libxcb-xfixes0"),
    ("libxcb-xkb.so.1", "libxcb-xkb1"),
    ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
)
_WAYLAND = (
    ("libwayland-client.so.0", "libwayland-client0"),
    ("libwayland-cursor.so.0", "libwayland-cursor0"),
)
_BY_PLATFORM = {"xcb": _XCB, "wayland": _WAYLAND}


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def chosen_platform(environment: Mapping[str, str]) -> str:
    """Return the Qt platform a start would use: "offscreen", "xcb", "wayland", ... or "" for none.

    Examples
    --------
    >>> chosen_platform({"DISPLAY": ":0"})
    'xcb'
    >>> chosen_platform({})
    ''
    """
    if asked := environment.get("QT_QPA_PLATFORM", ""):
        return asked.split(":")[0].split(";")[0]
    if environment.get("WAYLAND_DISPLAY"):
        return "wayland"
    return "xcb" if environment.get("DISPLAY") else ""


def missing_packages(platform: str, loads: Callable[[str], bool] = _loads) -> list[str]:
    """Return the Debian packages of the libraries that ``platform`` needs and that do not load."""
    if not sys.platform.startswith("linux"):
        return []
    wanted = _BASE + _BY_PLATFORM.get(platform, ())
    return [package for library, package in wanted if not loads(library)]


def _x_server_answers() -> bool:
    """Whether the X server named by DISPLAY accepts a connection (libxcb's own answer)."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not failed


def _english(text: str, /, **values: Any) -> str:
    return text.format(**values) if values else text


def start_problem(
    environment: Mapping[str, str],
    loads: Callable[[str], bool] = _loads,
    x_server_answers: Callable[[], bool] = _x_server_answers,
    tr: Callable[..., str] = _english,
) -> str:
    """Return the one line that says why a window cannot open here, or "" when it can.

    ``tr`` says it in another language; it is given, since this file also runs on its own.
    """
    if not sys.platform.startswith("linux"):
        return ""
    platform = chosen_platform(environment)
    remedy = tr("without one, `rankscope render FILE --figure spectrum --out FILE.svg` draws plots")
    if not platform:
        return tr(
            "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set): {remedy}.",
            remedy=remedy,
        )
    if missing := missing_packages(platform, loads):
        return library_line(missing, tr)
    if platform == "xcb" and not x_server_answers():
        return tr(
            "The display DISPLAY={display!r} does not answer: start it, or {remedy}.",
            display=environment.get("DISPLAY", ""),
            remedy=remedy,
        )
    return ""


def library_line(packages: list[str], tr: Callable[..., str] = _english) -> str:
    """Return the one line that names missing system libraries and how to install them."""
    return tr(
        "System libraries are missing. Install them: sudo apt-get install {packages}",
        packages=" ".join(packages),
    )


def main(arguments: list[str]) -> int:
    """Check one platform (default: offscreen); print what is missing."""
    names = [argument for argument in arguments if not argument.startswith("--")]
    missing = missing_packages(names[0] if names else "offscreen")
    if "--packages" in arguments:
        print(" ".join(missing))
        return 0
    if missing:
        print(library_line(missing), file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
