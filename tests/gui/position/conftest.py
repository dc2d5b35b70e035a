"""Layer files as libraries write them, with random weights."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from gui.pages.position.contents import PAGE
from tests.support.page_driver import PageDriver

RNG = np.random.default_rng(7)
WIDTH, SIZE = 48, 8


@pytest.fixture
def llama(tmp_path):
    """A Llama layer: 6 heads of queries, 2 of keys, the later heads sharper."""
    sharp = np.repeat(np.linspace(0.2, 2.0, 6), SIZE)[:, None]
    tensors = {
        "model.layers.0.self_attn.q_proj.weight": RNG.normal(size=(6 * SIZE, WIDTH)) * sharp,
        "model.layers.0.self_attn.k_proj.weight": RNG.normal(size=(2 * SIZE, WIDTH)) / WIDTH,
        "model.layers.0.self_attn.v_proj.weight": RNG.normal(size=(2 * SIZE, WIDTH)),
        "model.layers.0.self_attn.o_proj.weight": RNG.normal(size=(WIDTH, 6 * SIZE)),
    }
    path = tmp_path / "model.safetensors"
    save_file({name: one.astype(np.float32) for name, one in tensors.items()}, path)
    config = {"num_attention_heads": 6, "num_key_value_heads": 2, "rope_theta": 500000.0}
    (tmp_path / "config.json").write_text(json.dumps(config))
    return path, tensors


@pytest.fixture
def driver(qtbot, context, tmp_path):
    driver = PageDriver(qtbot, context, tmp_path, PAGE)
    yield driver
    driver.close()
