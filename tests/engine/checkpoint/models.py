"""Small models in files, as the tests of checkpoints open them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file


def tensors(layers: int = 2, width: int = 12, seed: int = 0) -> dict[str, np.ndarray]:
    """The tensors of a small model of two projections a layer, with vectors beside them."""
    rng = np.random.default_rng(seed)
    found: dict[str, np.ndarray] = {}
    for layer in range(layers):
        stem = f"model.layers.{layer}"
        for name, shape in (
            ("self_attn.q_proj.weight", (width, width)),
            ("mlp.up_proj.weight", (2 * width, width)),
            ("input_layernorm.weight", (width,)),
        ):
            found[f"{stem}.{name}"] = rng.standard_normal(shape).astype(np.float32)
    return found


def saved(folder: Path, found: dict[str, np.ndarray] | None = None) -> Path:
    """Write a folder with model.safetensors and return it."""
    folder.mkdir(exist_ok=True, parents=True)
    save_file(tensors() if found is None else found, folder / "model.safetensors")
    return folder


def sharded(folder: Path, found: dict[str, np.ndarray], parts: int = 2) -> Path:
    """Write a folder of shards with their index and return it."""
    folder.mkdir(exist_ok=True, parents=True)
    names = list(found)
    places = {}
    for part in range(parts):
        file = f"model-{part + 1:05}-of-{parts:05}.safetensors"
        mine = names[part::parts]
        save_file({name: found[name] for name in mine}, folder / file)
        places |= dict.fromkeys(mine, file)
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": places}))
    return folder
