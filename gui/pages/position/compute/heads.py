"""The heads of an opened checkpoint: which tensors hold them, and what their weights say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gui.core.declare.marks import answer_of, maybe_given, value_of
from gui.core.declare.parameter import choice, number
from gui.core.declare.records import Record, Step
from gui.core.figure.arrays import Floats, read_only
from gui.core.state.document import Arrays, DataRef, Opened, reference
from gui.core.state.listed import OpenFile, blocks
from gui.frozen import dataclass
from gui.pages.position.compute.exact import grid
from gui.pages.position.compute.measure import MOST
from gui.pages.position.compute.setting import Encodings, Size

if TYPE_CHECKING:
    from engine.checkpoint import AttentionLayer
    from engine.jobs import Progress

Side = Literal["q", "k"]
_FLOPS = 5e9


@dataclass(frozen=True)
class Model:
    """The file whose heads are shown: its tensors, and itself for reading."""

    file: OpenFile
    source: Any


def model(
    data: Opened | None = maybe_given(Opened), arrays: Arrays | None = maybe_given(Arrays)
) -> Model | None:
    """Return the file of the selected array; None where none is open."""
    if data is None or arrays is None:
        return None
    file = arrays.files.find(data.ref.path)
    return None if file is None or data.source is None else Model(file, data.source)


@dataclass(frozen=True, eq=False)
class Layers:
    """The layers whose q and k were found by name, and the model's config.json."""

    found: tuple[AttentionLayer, ...]
    config: dict[str, Any]


class FindLayers(Step, key="layers", title="Looking for q and k"):
    """Find the tensors of attention by their names."""

    model: Model | None = value_of(model)

    def run(self, progress: Progress | None = None) -> Layers:
        """Return the layers; none where no file is open.

        Raises
        ------
        engine.errors.FileError
            When a config.json beside the file cannot be used.
        """
        from engine.checkpoint import attention_layers, read_config

        if self.model is None:
            return Layers((), {})
        shapes = {
            one.name: one.shape
            for one in self.model.file.entries
            if one.readable and len(one.shape) == 2
        }
        found = attention_layers(shapes)
        config = dict(read_config(self.model.file.path)) if found else {}
        if config:
            found = attention_layers(shapes, config)
        return Layers(found, config)


def last_layer(layers: Layers = answer_of(FindLayers)) -> int:
    """Return the place of the last layer."""
    return max(len(layers.found) - 1, 0)


def has_layers(layers: Layers = answer_of(FindLayers)) -> bool:
    """Return whether q and k were found."""
    return bool(layers.found)


_NONE = "Open a checkpoint and select one of its tensors in Sources first."


class Cut(Record):
    """Which layer is shown, and how it is cut into heads where no config.json says it."""

    layer: int = number(
        0,
        (0, last_layer),
        "La&yer",
        "Which layer with q and k, counted from 0 in the order of the file",
        view="weights",
        enabled=has_layers,
        why=_NONE,
    )
    head_count: int = number(
        0,
        (0, 1024),
        "Heads (0: config.json)",
        "How many heads the layer has; 0 takes it from config.json beside the file",
        view="weights",
        undo="number of heads",
        enabled=has_layers,
        why=_NONE,
    )
    group_count: int = number(
        0,
        (0, 1024),
        "Key heads (0: automatic)",
        "How many heads of keys several query heads share (grouped-query attention)",
        view="weights",
        undo="number of key heads",
        enabled=has_layers,
        why=_NONE,
    )


@dataclass(frozen=True, eq=False)
class Cutting:
    """A layer cut into heads: weights (heads, d_h, d), and where each lies in the file."""

    name: str
    q: Floats
    k: Floats
    group: tuple[int, ...]
    refs: dict[Side, tuple[DataRef, ...]]
    theta: float | None


class ReadLayer(Step, key="layer_weights", title="Reading q and k", live=False):
    """Read the two tensors of a layer and cut them; None where there is no such layer."""

    model: Model | None = value_of(model)
    layers: Layers = answer_of(FindLayers)
    layer: int = Cut.layer
    head_count: int = Cut.head_count
    group_count: int = Cut.group_count

    def run(self, progress: Progress | None = None) -> Cutting | None:
        """Return the heads.

        Raises
        ------
        engine.errors.RankscopeError
            When nobody says how many heads there are, or they do not fit the shapes.
        """
        from engine.checkpoint import head_blocks

        if self.model is None or not self.layers.found:
            return None
        layer = self.layers.found[min(self.layer, len(self.layers.found) - 1)]
        cut = head_blocks(layer, self.layers.config, heads=self.head_count, groups=self.group_count)
        columns = layer.orientation == "in_out"
        sides: tuple[tuple[Side, str, tuple[int, ...]], ...] = (
            ("q", layer.q, cut.q),
            ("k", layer.k, cut.k),
        )
        source = self.model.source
        whole = {name: _read(source, name, columns, progress) for name in {layer.q, layer.k}}
        parts: dict[Side, Floats] = {}
        refs: dict[Side, tuple[DataRef, ...]] = {}
        for side, name, places in sides:
            stacked = whole[name].reshape(-1, cut.size, whole[name].shape[1])
            parts[side] = read_only(np.ascontiguousarray(stacked[list(places)]))
            entry = self.model.file.find(name)
            assert entry is not None
            view = blocks(cut.size, columns)
            refs[side] = tuple(reference(self.model.file, entry, (i,), view) for i in places)
        groups = tuple(sorted(set(cut.k)).index(place) for place in cut.k)
        return Cutting(layer.name, parts["q"], parts["k"], groups, refs, cut.theta)


def _read(source: Any, name: str, columns: bool, progress: Progress | None) -> Floats:
    from engine.files import to_dense

    array = np.asarray(to_dense(source.read(name, progress=progress)))
    return np.asarray(array.T if columns else array, dtype=np.float64)


@dataclass(frozen=True)
class HeadRow:
    """What one head's weights say."""

    head: int
    group: int
    sigma: float
    symmetric: float


class WeighHeads(Step, key="heads", title="Weighing the heads"):
    """Spread and symmetry of every head of the layer."""

    cutting: Cutting | None = answer_of(ReadLayer)

    @property
    def cost(self) -> float:
        """Seconds, about."""
        if self.cutting is None:
            return 0.0
        heads, size, width = self.cutting.q.shape
        return float(12.0 * heads * size**2 * width / _FLOPS)

    def run(self, progress: Progress | None = None) -> tuple[HeadRow, ...]:
        """Return a row a head; none where there is no layer."""
        from engine.attention import score_spread, symmetric_share
        from engine.jobs import checkpoint

        cutting = self.cutting
        if cutting is None:
            return ()
        rows = []
        for head, (q, k) in enumerate(zip(cutting.q, cutting.k, strict=True)):
            checkpoint(progress, head / len(cutting.q))
            sigma, share = score_spread(q, k), symmetric_share(q, k)
            rows.append(HeadRow(head, cutting.group[head], sigma, share))
        return tuple(rows)


def last_head(cutting: Cutting | None = answer_of(ReadLayer)) -> int:
    """Return the number of the last head."""
    return 0 if cutting is None else len(cutting.q) - 1


def has_heads(cutting: Cutting | None = answer_of(ReadLayer)) -> bool:
    """Return whether there are heads."""
    return cutting is not None


class Chosen(Record):
    """The head that is looked at."""

    head: int = number(
        0,
        (0, last_head),
        "Head &j",
        "The head whose curves are drawn and whose weights the buttons send",
        view="weights",
        enabled=has_heads,
        why=_NONE,
    )
    side: Side = choice(
        "q",
        {"q": "queries, W_q", "k": "keys, W_k"},
        "&Which",
        "Which weights of the head the buttons send",
        view="weights",
        undo="queries or keys",
        enabled=has_heads,
        why=_NONE,
    )


@dataclass(frozen=True, eq=False)
class HeadCurves:
    """What the weights of one head predict: RMS over s, and spread of the scores by distance."""

    head: int
    sigma: float
    n: Floats
    rms: Floats
    distance: Floats
    spread: Floats
    theta: float


class DrawHead(Step, key="head_curves", title="Curves of the head"):
    """The curves of the chosen head; None where there is none."""

    cutting: Cutting | None = answer_of(ReadLayer)
    head: int = Chosen.head
    base: float = Encodings.base
    length: int = Size.length
    seed: int = Size.seed

    @property
    def cost(self) -> float:
        """Seconds, about."""
        if self.cutting is None:
            return 0.0
        return float(
            400 * 2.0 * self.cutting.q.shape[1] ** 3 / _FLOPS + 23e-6 * min(self.length, MOST)
        )

    def run(self, progress: Progress | None = None) -> HeadCurves | None:
        """Return them; RoPE's base is that of the config.json where it names one."""
        from engine.attention import (
            octave_positions,
            sampled_curve,
            score_spread,
            spread_at_distance,
        )

        if self.cutting is None:
            return None
        head = min(self.head, len(self.cutting.q) - 1)
        q, k = self.cutting.q[head], self.cutting.k[head]
        sigma = score_spread(q, k)
        curve = sampled_curve(
            octave_positions(min(self.length, MOST), 8),
            score_spread=min(sigma, 1e3),
            trials=8,
            seed=self.seed,
            progress=progress,
        )
        theta = self.cutting.theta or self.base
        far = np.unique(np.rint(grid(self.length)))
        # An odd number of features cannot be turned in pairs.
        even = len(q) % 2 == 0
        spread = spread_at_distance(q, k, far, base=theta) if even else np.full(far.size, sigma)
        n = curve.position.astype(np.float64)
        return HeadCurves(head, sigma, n, curve.weighted, far, np.asarray(spread), theta)
