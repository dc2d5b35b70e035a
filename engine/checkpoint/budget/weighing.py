"""Errors in activations: the covariances of a model's inputs, and spectra weighed by them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from engine.checkpoint.listing import Checkpoint
from engine.checkpoint.whitening import whitened_values
from engine.errors import FileError
from engine.files import open_matrix_file
from engine.jobs import Progress, checkpoint
from engine.sentences import say


def read_covariances(model: Checkpoint, path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the covariances ``X X^T`` of inputs that a file holds, by name of the matrix.

    Parameters
    ----------
    model : Checkpoint
    path : str or path-like
        A file of arrays (.npz, .safetensors): each has the name of a matrix, or of its module.

    Raises
    ------
    FileError
        When it cannot be read, or has no array of a name that the model has.
    """
    source = open_matrix_file(path)
    known = {entry.name for entry in source.entries if entry.readable}
    found = {}
    for one in model.matrices:
        name = next((name for name in (one.name, one.role.module) if name in known), None)
        if name is not None:
            found[one.name] = source.read(name)
    if not found:
        problem = say("none of its arrays has the name of a matrix of the model")
        raise FileError(source.path, problem, say("Name each as the module that has its inputs."))
    return found


def weighed_spectra(
    model: Checkpoint, covariances: Mapping[str, Any], progress: Progress | None = None
) -> dict[str, Any]:
    """Return the singular values of ``W C^{1/2}`` of each matrix that a covariance is known of.

    Raises
    ------
    ArgumentError
        For a covariance that does not fit, or is none.
    FileError, DataError
        When a matrix cannot be read, or holds NaN or infinity.
    Cancelled
        When ``progress`` asks to stop.
    """
    found = {}
    for number, name in enumerate(covariances):
        checkpoint(progress, number / len(covariances), "Weighing {name}", name=name)
        matrix = model.matrix(name)
        weight = model.read(matrix, progress)
        is_turned = matrix.role.orientation == "in_out"
        found[name] = whitened_values(weight.T if is_turned else weight, covariances[name])
    return found
