"""A model as large as a picture of the Checkpoint page needs: the shapes of a Llama, made up.

``python .ci/small_model.py FOLDER`` writes it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

LAYERS, WIDTH, HALF, WIDE, WORDS = 12, 96, 48, 256, 320
SHAPES = {
    "self_attn.q_proj": (WIDTH, WIDTH),
    "self_attn.k_proj": (HALF, WIDTH),
    "self_attn.v_proj": (HALF, WIDTH),
    "self_attn.o_proj": (WIDTH, WIDTH),
    "mlp.gate_proj": (WIDE, WIDTH),
    "mlp.up_proj": (WIDE, WIDTH),
    "mlp.down_proj": (WIDTH, WIDE),
}
DECAYS = (0.1, 0.45, 0.6)  # of the singular values: of v, o and the wide ones; q; k


def matrix(rng: np.random.Generator, shape: tuple[int, int], decay: float) -> np.ndarray:
    """Return a matrix whose singular values fall like a power of their index."""
    found = rng.normal(size=shape)
    u, s, vh = np.linalg.svd(found, full_matrices=False)
    falling = s / s[0] * np.arange(1.0, s.size + 1) ** -decay
    return ((u * falling) @ vh).astype(np.float32)


def write(folder: Path, seed: int = 0) -> None:
    """Write the model; the middle layers are nearer to a low rank than the first and last."""
    rng = np.random.default_rng(seed)
    found = {
        "lm_head.weight": matrix(rng, (WORDS, WIDTH), 0.05),
        "model.embed_tokens.weight": matrix(rng, (WORDS, WIDTH), 0.05),
        "model.norm.weight": np.ones(WIDTH, np.float32),
    }
    for layer in range(LAYERS):
        depth = np.sin(np.pi * layer / (LAYERS - 1))
        for name, shape in SHAPES.items():
            own = {"q": DECAYS[1], "k": DECAYS[2]}.get(name.partition(".")[2][0], DECAYS[0])
            found[f"model.layers.{layer}.{name}.weight"] = matrix(rng, shape, own + 0.4 * depth)
        for name in ("input_layernorm", "post_attention_layernorm"):
            found[f"model.layers.{layer}.{name}.weight"] = np.ones(WIDTH, np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"model_type": "llama"}))
    save_file(found, folder / "model.safetensors")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
