"""Built-in example data, computed from a seed: something to look at before any file is opened."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.files.reading.kept import claim_lock
from engine.files.reading.source import Array, Entry, Format, MatrixSource, Selection
from engine.jobs import Progress

# Raise when any example changes: fingerprints in saved sessions depend on it.
_VERSION = 2


class ExampleSource(MatrixSource):
    """The built-in examples; each is computed when it is first read."""

    def __init__(self) -> None:
        super().__init__("<examples>", FORMAT, tuple(_ENTRIES), None)
        self._made: dict[str, Array] = {}
        self._made_lock = threading.Lock()

    def _take(self, entry: Entry, selection: Selection, progress: Progress | None) -> Any:
        claim_lock(self._made_lock, progress)
        try:
            if entry.name not in self._made:
                array = _MAKERS[entry.name]()
                array.flags.writeable = False
                self._made[entry.name] = array
        finally:
            self._made_lock.release()
        return self._made[entry.name][selection]

    def _digest(self, progress: Progress | None) -> str:
        # Of the recipes, not the values: those differ in the last digit between machines.
        recipe = repr((_VERSION, [(entry.name, entry.shape) for entry in self.entries]))
        return hashlib.sha256(recipe.encode()).hexdigest()


def example_source() -> MatrixSource:
    """Return the built-in examples as a source like any file.

    Returns
    -------
    MatrixSource
        Entries with a one-line description as their note; the path is ``<examples>``.

    Examples
    --------
    >>> source = example_source()
    >>> [entry.name for entry in source.entries][-2:]
    ['Hilbert 32', 'scores']
    >>> source.read("scores").shape
    (24,)
    """
    return ExampleSource()


def _open_examples(path: str, progress: Progress | None) -> MatrixSource:
    return ExampleSource()


FORMAT = Format(key="examples", title="Built-in examples", suffixes=(), open=_open_examples)


def _router_logits() -> Array:
    """Expert popularity plus a few groups of tokens that agree on their experts."""
    rng = np.random.default_rng(20240501)
    popularity = np.zeros(64)
    popularity[[3, 17, 22, 41, 58]] = [2.6, 2.1, 3.0, 1.7, 2.3]
    groups = rng.integers(0, 12, size=512)
    tastes = rng.standard_normal((12, 64))
    logits = popularity + tastes[groups] + 0.6 * rng.standard_normal((512, 64))
    return logits.astype(np.float32)


def _low_rank_noise() -> Array:
    """Singular values 60, 40, 25 over noise that alone reaches about 0.5 (16 + 14) = 15."""
    rng = np.random.default_rng(20240502)
    left = np.linalg.qr(rng.standard_normal((256, 3)))[0]
    right = np.linalg.qr(rng.standard_normal((192, 3)))[0]
    noise = 0.5 * rng.standard_normal((256, 192))
    return np.asarray((left * np.array([60.0, 40.0, 25.0])) @ right.T + noise)


def _image() -> Array:
    """Sky gradient, sun, hills, a ringed disc, a checkerboard and lines of mock writing."""
    down, across = np.mgrid[0:256, 0:256] / 255.0
    picture = 0.85 - 0.45 * down + 0.08 * across

    def disc(row: float, column: float, radius: float) -> Array:
        # The edge is one pixel soft, as a camera would see it.
        distance = np.hypot(down - row, across - column)
        return np.asarray(np.clip((radius - distance) * 255.0 + 0.5, 0.0, 1.0))

    picture += disc(0.2, 0.76, 0.12) * (1.0 - picture)
    hills = 0.62 + 0.06 * np.sin(9.0 * across) + 0.03 * np.sin(23.0 * across + 1.0)
    picture = np.where(down > hills, 0.35 - 0.2 * (down - hills), picture)
    rings = 0.5 + 0.5 * np.cos(220.0 * np.hypot(down - 0.3, across - 0.26))
    ring_disc = disc(0.3, 0.26, 0.17)
    picture = picture * (1.0 - ring_disc) + ring_disc * rings
    board = (np.floor(across * 24) + np.floor(down * 24)) % 2
    picture = np.where((down > 0.72) & (down < 0.95) & (across > 0.7), board, picture)
    return _write_lines(picture)


def _write_lines(picture: Array) -> Array:
    rng = np.random.default_rng(20240503)
    for top in range(188, 244, 11):
        column = 16
        while column < 150:
            width = int(rng.integers(2, 5))
            height = int(rng.integers(4, 8))
            picture[top + 7 - height : top + 7, column : column + width] = 0.95
            # A wider gap now and then: words.
            column += width + (7 if rng.random() < 0.2 else 2)
    return np.clip(picture, 0.0, 1.0)


def _layer() -> tuple[Array, Array]:
    """Activations and weights of one layer: channels 2, 7, 11, 16 strong, 5 and 13 cancelling."""
    rng = np.random.default_rng(20240505)
    strength = np.ones(20)
    strength[[2, 7, 11, 16]] = [7.0, 5.0, 4.0, 3.0]
    common = rng.standard_normal((128, 3)) @ rng.standard_normal((3, 20))
    activations = strength * (rng.standard_normal((128, 20)) + 0.8 * common)
    weights = rng.standard_normal((20, 48))
    weights += 0.5 * rng.standard_normal((20, 2)) @ rng.standard_normal((2, 48))
    activations[:, 5] = 5.0 * rng.standard_normal(128)
    activations[:, 13] = activations[:, 5] + 0.3 * rng.standard_normal(128)
    weights[13] = 0.2 * rng.standard_normal(48) - weights[5]
    return activations, weights


def _activations() -> Array:
    return _layer()[0]


def _weights() -> Array:
    return _layer()[1]


def _power_law() -> Array:
    """Singular values 10 / i between random orthonormal bases."""
    rng = np.random.default_rng(20240504)
    left = np.linalg.qr(rng.standard_normal((300, 200)))[0]
    right = np.linalg.qr(rng.standard_normal((200, 200)))[0]
    return np.asarray((left * (10.0 / np.arange(1, 201))) @ right.T)


def _hilbert() -> Array:
    positions = np.arange(32)
    return np.asarray(1.0 / (positions[:, None] + positions + 1.0))


def _scores() -> Array:
    """Eight near 3, sixteen below 1.5, near ties in both groups; shuffled by hand."""
    return np.array(
        [
            0.62, 3.11, 0.20, 1.31, 2.74, 0.621, -0.45, 3.52, 1.30, 0.05, 2.741, -1.10,
            0.88, 3.09, 0.33, 2.95, -0.12, 1.02, 3.30, 0.47, -0.80, 2.61, 0.881, -0.46,
        ]
    )  # fmt: skip


_CATALOGUE: tuple[tuple[str, tuple[int, ...], type, str, Callable[[], Array]], ...] = (
    (
        "router logits",
        (512, 64),
        np.float32,
        "Tokens x experts of a mixture-of-experts router; five experts are popular.",
        _router_logits,
    ),
    (
        "low rank + noise",
        (256, 192),
        np.float64,
        "Rank 3 (singular values 60, 40, 25) plus noise of deviation 0.5.",
        _low_rank_noise,
    ),
    (
        "image",
        (256, 256),
        np.float64,
        "A drawn grey picture: smooth hills compress well, rings and writing do not.",
        _image,
    ),
    (
        "power law",
        (300, 200),
        np.float64,
        "Singular values fall as 10 / i: no rank stands out.",
        _power_law,
    ),
    (
        "activations",
        (128, 20),
        np.float64,
        "Tokens x channels: four strong channels, and two that cancel after the weights.",
        _activations,
    ),
    (
        "weights",
        (20, 48),
        np.float64,
        "Channels x outputs: what the activations are multiplied by.",
        _weights,
    ),
    (
        "Hilbert 32",
        (32, 32),
        np.float64,
        "1 / (i + j + 1): full rank on paper, rank 14 in double precision.",
        _hilbert,
    ),
    (
        "scores",
        (24,),
        np.float64,
        "Scores with a clear boundary after the 8th, and near ties on both sides.",
        _scores,
    ),
)

_MAKERS = {name: make for name, _, _, _, make in _CATALOGUE}
_ENTRIES = [
    Entry(name, shape, np.dtype(dtype), int(np.prod(shape)) * np.dtype(dtype).itemsize, note)
    for name, shape, dtype, note, _ in _CATALOGUE
]
