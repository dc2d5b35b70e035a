"""Where icons, translations and notes lie: beside the checkout, or inside the installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[2]
_ROOTS = (_PACKAGE / "assets", _PACKAGE.parent / "assets")


def asset(relative: str) -> Path:
    """Return the path of a shipped asset.

    Raises
    ------
    FileNotFoundError
        When the installation lacks it.
    """
    for root in _ROOTS:
        path = root / relative
        if path.exists():
            return path
    raise FileNotFoundError(f"this installation lacks assets/{relative}; reinstall rankscope")
