"""Which distributions are switched off: a file beside the settings, a name a line."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from engine.errors import FileError
from engine.sentences import say

_LARGEST = 1 << 16  # bytes of the file that are looked at

__all__ = ["is_off", "normalised", "switch", "switched_off"]


def normalised(name: str) -> str:
    """Return a distribution's name as PyPA compares it.

    Examples
    --------
    >>> normalised("My_Plug.In")
    'my-plug-in'
    """
    return re.sub(r"[-_.]+", "-", name).strip().lower()


def switched_off() -> frozenset[str]:
    """Return the normalised names of what is switched off; none where the file cannot be read."""
    place = _place()
    if not place.is_file():  # a pipe would be waited for for ever
        return frozenset()
    with suppress(OSError, UnicodeDecodeError), place.open("rb") as file:
        return frozenset(map(normalised, file.read(_LARGEST).decode("utf-8").split()))
    return frozenset()


def is_off(distribution: str) -> bool:
    """Return whether a distribution is switched off."""
    return normalised(distribution) in switched_off()


def switch(distribution: str, on: bool) -> None:
    """Switch a distribution on or off, from the next start of a program on.

    Parameters
    ----------
    distribution : str
        Its name, however it is spelled.
    on : bool
        Whether its plug-ins are to be loaded.

    Raises
    ------
    FileError
        If the choice cannot be written down.
    """
    name, path = normalised(distribution), _place()
    names = switched_off() - {name} if on else switched_off() | {name}
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text("".join(f"{one}\n" for one in sorted(names)), "utf-8")
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        problem = say("it cannot be written ({reason})", reason=error.strerror or str(error))
        raise FileError(str(path), problem) from error


def _place() -> Path:
    """Return the file: where QSettings, which this package does not know, has rankscope.ini."""
    home = Path.home() / ".config"
    folder = os.environ.get("APPDATA" if os.name == "nt" else "XDG_CONFIG_HOME", "")
    return (Path(folder) if os.path.isabs(folder) else home) / "rankscope" / "plugins-off"
