"""Settings that outlive a session: window layout, recent files, last choices.

A broken or unreadable settings file never prevents a start: every value is checked against the
type of its default, and what does not fit is the default.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QByteArray, QSettings

T = TypeVar("T")
RECENT_LIMIT = 12


class Settings:
    """Typed access to QSettings.

    Parameters
    ----------
    path : str, optional
        An INI file of one's own (tests, portable use); the user's settings otherwise.
    """

    def __init__(self, path: str = "") -> None:
        ini = QSettings.Format.IniFormat
        if path:
            self._settings = QSettings(path, ini)
        else:
            self._settings = QSettings(ini, QSettings.Scope.UserScope, "rankscope", "rankscope")

        self._keep_private()

    def _keep_private(self) -> None:
        """Leave the file to its owner alone: it names what was opened. Qt keeps it so."""
        path = Path(self.path)
        with suppress(OSError):  # a read-only home
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.chmod(0o600)

    @property
    def path(self) -> str:
        """The file the settings lie in."""
        return self._settings.fileName()

    def value(self, key: str, default: T) -> T:
        """Return the value of ``key`` in the type of ``default``; ``default`` when it has none."""
        try:
            raw = self._settings.value(key)
        except Exception:  # PySide raises many kinds on values it cannot decode
            return default
        converted = _converted(raw, default)
        return default if converted is None else converted

    def set_value(self, key: str, value: Any) -> None:
        """Remember ``value`` (str, bool, int, float, list of str or QByteArray)."""
        self._settings.setValue(key, value)

    def sync(self) -> None:
        """Write to disk now; a full disk or a read-only home is not worth an error."""
        self._settings.sync()

    def recent_files(self) -> list[str]:
        """Return the files opened last, newest first."""
        return self.value("recent_files", [])[:RECENT_LIMIT]

    def add_recent(self, path: str) -> None:
        """Put ``path`` first among the recent files."""
        others = [known for known in self.recent_files() if known != path]
        self.set_value("recent_files", [path, *others][:RECENT_LIMIT])

    def remove_recent(self, path: str) -> None:
        """Forget a recent file (it has gone, or the person cleared it)."""
        self.set_value("recent_files", [known for known in self.recent_files() if known != path])


def _converted(raw: Any, default: Any) -> Any:
    """Return ``raw`` in the type of ``default``, None where it does not fit."""
    if raw is None:
        return None
    if isinstance(default, bool):
        # INI files store booleans as the words true and false.
        words = {"true": True, "false": False}
        return raw if isinstance(raw, bool) else words.get(str(raw).lower())
    if isinstance(default, (int, float)):
        try:
            return type(default)(raw)
        except (TypeError, ValueError, OverflowError):
            return None
    if isinstance(default, list):
        items = [raw] if isinstance(raw, str) else raw
        if not isinstance(items, list):
            return None
        return [item for item in items if isinstance(item, str) and item]
    if isinstance(default, QByteArray):
        return raw if isinstance(raw, QByteArray) else None
    return raw if isinstance(raw, type(default)) else None
