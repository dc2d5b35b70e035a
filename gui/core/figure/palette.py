"""Colours and dashes as plain data, shared by the screen and every export.

The eight categorical colours keep a contrast of at least 3:1 with their plot background and stay
pairwise apart under simulated deuteranopia and protanopia (tests/gui/core/test_palette.py
measures both); the dash is the second cue.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Literal

from gui.frozen import dataclass

Dash = Literal["solid", "dash", "dot", "dashdot", "longdash", "sparse"]

PLATE = 0.88  # opacity of what labels stand on
WORDS_LEAST = 4.5  # contrast of words with what they stand on

_ROLES = ("background", "ink", "muted", "grid", "accent", "warning", "good")


@dataclass(frozen=True)
class Scheme:
    """One colour scheme; every colour is "#rrggbb".

    ``title`` is English; ``theme``: the window can wear it, too.
    """

    key: str
    title: str
    background: str
    ink: str
    muted: str
    grid: str
    accent: str
    warning: str
    good: str
    categories: tuple[str, ...]
    theme: bool = True

    @property
    def is_dark(self) -> bool:
        """Whether its text is lighter than its background."""
        return _grey(self.ink) > _grey(self.background)

    def color(self, role: str) -> str:
        """Return the colour of a role: ink, muted, grid, accent, warning, good or c0 ... c7."""
        if role.startswith("c") and role[1:].isdigit():
            return self.categories[int(role[1:]) % len(self.categories)]
        if role not in _ROLES:
            raise KeyError(f"no colour role {role!r}")
        return str(getattr(self, role))

    def words(self, role: str) -> str:
        """Return the colour of a label of what has the colour of a role.

        It keeps 4.5:1 on a plate of the background with the opacity `PLATE`, whatever picture lies
        under it: the colour itself, or as much darker (lighter) as that takes.

        Examples
        --------
        >>> LIGHT.words("ink") == LIGHT.ink, LIGHT.words("muted") == LIGHT.muted
        (True, False)
        """
        return _legible(self.color(role), self.background, self.ink, self.is_dark)


def _grey(colour: str) -> float:
    red, green, blue = _channels(colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def _mixed(one: str, other: str, share: float) -> str:
    """Return ``one`` with a ``share`` of ``other``."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round((1.0 - share) * a + share * b):02x}" for a, b in pairs)


def contrast(one: str, other: str) -> float:
    """Return the ratio of two luminances, 1 to 21.

    References
    ----------
    Web Content Accessibility Guidelines 2.2, contrast ratio and relative luminance.

    Examples
    --------
    >>> round(contrast("#000000", "#ffffff"), 6)
    21.0
    """
    low, high = sorted(_luminance(colour) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    linear = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (channel / 255.0 for channel in _channels(colour))
    )
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@cache
def _legible(colour: str, background: str, ink: str, is_dark: bool) -> str:
    plate = _mixed(background, "#ffffff" if is_dark else "#000000", 1.0 - PLATE)
    shares = (0.05 * step for step in range(20))
    found = (_mixed(colour, ink, share) for share in shares)
    return next((one for one in found if contrast(one, plate) >= WORDS_LEAST), ink)


_ON_LIGHT = (
    "#197fc6",
    "#d55e01",
    "#118a68",
    "#b2438e",
    "#a67e45",
    "#2f46b5",
    "#0c96ba",
    "#892b13",
)
_ON_DARK = (
    "#4eb5f0",
    "#f6883e",
    "#0edda9",
    "#e57eb6",
    "#fdda62",
    "#8592fe",
    "#37cde1",
    "#f59182",
)

WHITE = Scheme(
    *("white", "White", "#ffffff", "#000000", "#6b7280", "#dcdfe4", "#0a66c2", "#b42318"),
    *("#1a7f4b", _ON_LIGHT),
    theme=False,
)
LIGHT = Scheme(
    *("light", "Light", "#fbfbfc", "#1d1f23", "#6b7280", "#d5d8de", "#0a66c2", "#b42318"),
    *("#1a7f4b", _ON_LIGHT),
)
DARK = Scheme(
    *("dark", "Dark", "#17191d", "#e8eaed", "#9aa3af", "#3a3f47", "#6cb2ff", "#ff8a80"),
    *("#5fd39a", _ON_DARK),
)
# Another look is a record above and its place here: the menu of themes and the exports follow.
SCHEMES: dict[str, Scheme] = {scheme.key: scheme for scheme in (WHITE, LIGHT, DARK)}
THEMES = tuple(scheme.key for scheme in SCHEMES.values() if scheme.theme)

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


def operator_looks(keys: Sequence[str]) -> dict[str, tuple[str, Dash]]:
    """Return the one (colour role, dash) of every operator, on every page.

    ``keys`` are those of all operators there are, in display order; hard Top-k is the ink.

    Examples
    --------
    >>> operator_looks(["hard", "exp"])
    {'hard': ('ink', 'solid'), 'exp': ('c1', 'dash')}
    """
    looks = {key: category(place) for place, key in enumerate(keys)}
    return {**looks, "hard": ("ink", "solid")} if "hard" in looks else looks
