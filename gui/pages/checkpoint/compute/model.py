"""The model whose matrices are shown, and the list of them."""

from __future__ import annotations

import os
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gui.core.declare.marks import maybe_given, value_of
from gui.core.declare.records import Step
from gui.core.state.document import Arrays, Opened
from gui.core.words.names import shown_name
from gui.frozen import dataclass

if TYPE_CHECKING:
    from engine.checkpoint import Checkpoint, Matrix
    from engine.jobs import Progress


_ANY = ("model.", "pytorch_model.", "diffusion_pytorch_model.", "consolidated.", "adapter_model.")


@dataclass(frozen=True)
class Model:
    """The file of the selected array: all of its matrices are shown.

    ``source`` is compared by identity: a file opened again is another model.
    """

    path: str
    title: str
    source: Any = field(repr=False)

    @property
    def is_file(self) -> bool:
        """Whether its numbers lie in a file, which processes can open and rows be kept of."""
        return os.path.isabs(self.path)


def model(
    data: Opened | None = maybe_given(Opened), arrays: Arrays | None = maybe_given(Arrays)
) -> Model | None:
    """Return the model of the selected array; None where none is open."""
    if data is None or arrays is None or data.source is None:
        return None
    file = arrays.files.find(data.ref.path)
    title = data.title.partition(" > ")[0] if file is None or not file.title else file.title
    return Model(data.ref.path, model_title(data.ref.path, title), data.source)


def model_title(path: str, title: str) -> str:
    """Return what a model is called whose file has this title."""
    folder = os.path.basename(os.path.dirname(path))
    if title.startswith(_ANY) and folder:  # every model's file is called so
        return f"{shown_name(folder)}/{title}"
    return title


def checkpoint_in(model: Model, progress: Progress | None = None) -> Checkpoint:
    """List the matrices of a model that is open.

    Raises
    ------
    engine.errors.FileError
        When a config.json beside the file cannot be used.
    """
    from engine.checkpoint import read_config
    from engine.checkpoint.listing import checkpoint_of

    config = read_config(model.path) if model.is_file else {}
    return checkpoint_of(model.source, config=config, progress=progress)


@dataclass(frozen=True, eq=False)
class Listing:
    """The matrices of a model; ``seconds`` is what computing all of them may take one core.

    ``training`` is the folder of the training that the model is a step of, "" for none.
    """

    model: Model
    checkpoint: Checkpoint
    seconds: float
    places: dict[str, int]
    training: str = ""

    @property
    def matrices(self) -> tuple[Matrix, ...]:
        """In the natural order of their names."""
        return self.checkpoint.matrices

    @cached_property
    def roles(self) -> frozenset[str]:
        """Those that occur."""
        return frozenset(one.role.role for one in self.matrices)

    @cached_property
    def layers(self) -> int:
        """One more than the last layer's number; 0 where none has one."""
        numbers = (one.role.layer for one in self.matrices)
        return max((one + 1 for one in numbers if one is not None), default=0)


class ListMatrices(Step, key="listing", title="Listing the matrices"):
    """List the matrices by their names; nothing is read."""

    model: Model | None = value_of(model)

    def run(self, progress: Progress | None = None) -> Listing | None:
        """Return them; None where no model is open.

        Raises
        ------
        engine.errors.FileError
            When a config.json beside the file cannot be used.
        """
        from engine.checkpoint import MatrixRequest, estimate, training_of

        if self.model is None:
            return None
        found = checkpoint_in(self.model, progress)
        # Thousands of experts have a few shapes between them.
        kinds: dict[tuple[Any, ...], list[Matrix]] = {}
        for one in found.matrices:
            kinds.setdefault((one.shape, one.dtype), []).append(one)
        seconds = sum(len(some) * estimate(MatrixRequest(some[0])) for some in kinds.values())
        places = {one.name: place for place, one in enumerate(found.matrices)}
        training = training_of(self.model.path) if self.model.is_file else ""
        return Listing(self.model, found, seconds, places, training)
