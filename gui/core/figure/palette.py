"""Colours and dashes as plain data, shared by the screen and every export.

The eight categorical colours keep a contrast of at least 3:1 with their plot background and stay
pairwise apart under simulated deuteranopia and protanopia (tests/gui/core/test_palette.py
measures both); the dash is the second cue.
"""

from __future__ import annotations

from dataclasses import dataclass

from gui.core.figure.figure import Dash

_ROLES = ("background", "ink", "muted", "grid", "accent", "warning", "good")


@dataclass(frozen=True)
class Scheme:
    """One colour scheme; every colour is "#rrggbb"."""

    key: str
    background: str
    ink: str
    muted: str
    grid: str
    accent: str
    warning: str
    good: str
    categories: tuple[str, ...]

    def color(self, role: str) -> str:
        """Return the colour of a role: ink, muted, grid, accent, warning, good or c0 ... c7."""
        if role.startswith("c") and role[1:].isdigit():
            return self.categories[int(role[1:]) % len(self.categories)]
        if role not in _ROLES:
            raise KeyError(f"no colour role {role!r}")
        return str(getattr(self, role))


_ON_LIGHT = (
    "#197fc6",
    "#d55e01",
    "#118a68",
    "#b2438e",
    "#a67e45",
    "#2f46b5",
    "#3290b8",
    "#892b13",
)
_ON_DARK = (
    "#4eb5f0",
    "#f6883e",
    "#0edda9",
    "#e57eb6",
    "#fdda62",
    "#8592fe",
    "#62cce5",
    "#f59182",
)

LIGHT = Scheme(
    "light", "#fbfbfc", "#1d1f23", "#6b7280", "#d5d8de", "#0a66c2", "#b42318", "#1a7f4b", _ON_LIGHT
)
DARK = Scheme(
    "dark", "#17191d", "#e8eaed", "#9aa3af", "#3a3f47", "#6cb2ff", "#ff8a80", "#5fd39a", _ON_DARK
)
WHITE = Scheme(
    "white", "#ffffff", "#000000", "#6b7280", "#dcdfe4", "#0a66c2", "#b42318", "#1a7f4b", _ON_LIGHT
)
SCHEMES: dict[str, Scheme] = {scheme.key: scheme for scheme in (LIGHT, DARK, WHITE)}

DASHES: tuple[Dash, ...] = ("solid", "dash", "dot", "dashdot", "longdash", "sparse")
# On/off lengths in units of the line width; () is a solid line.
DASH_PATTERNS: dict[Dash, tuple[float, ...]] = {
    "solid": (),
    "dash": (4.0, 2.0),
    "dot": (1.0, 1.6),
    "dashdot": (5.0, 1.8, 1.0, 1.8),
    "longdash": (8.0, 2.5),
    "sparse": (2.0, 4.0),
}


def category(index: int) -> tuple[str, Dash]:
    """Return (colour role, dash) of the ``index``-th category; no pair repeats before 48.

    Examples
    --------
    >>> category(0)
    ('c0', 'solid')
    >>> category(9)
    ('c1', 'dot')
    """
    count = len(_ON_LIGHT)
    turn = index // count
    # 8 colours and 6 dashes: with 5 more per turn every colour meets every dash.
    return f"c{index % count}", DASHES[(index + 5 * turn) % len(DASHES)]
