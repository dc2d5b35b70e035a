"""A small model as a library writes it, with random weights."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from gui.core.state.document import Files
from gui.draw import _file_of, opened_from, source_of
from gui.pages.checkpoint.contents import PAGE
from tests.support.page_driver import PageDriver

WIDTH, LAYERS = 24, 3


def tensors(seed=0, layers=LAYERS):
    rng = np.random.default_rng(seed)
    found = {"model.embed_tokens.weight": rng.normal(size=(40, WIDTH))}
    for layer in range(layers):
        for role, rows in (("q", WIDTH), ("k", 12), ("v", 12), ("o", WIDTH)):
            decay = np.arange(1, WIDTH + 1.0) ** (-0.5 * layer)
            name = f"model.layers.{layer}.self_attn.{role}_proj.weight"
            found[name] = rng.normal(size=(rows, WIDTH)) * decay
        found[f"model.layers.{layer}.input_layernorm.weight"] = np.ones(WIDTH)
    return {name: one.astype(np.float32) for name, one in found.items()}


def write_model(folder, found, shards=1):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"model_type": "llama"}))
    if shards == 1:
        save_file(found, folder / "model.safetensors")
        return folder
    names, places = list(found), {}
    for number in range(shards):
        file = f"model-{number + 1:05d}-of-{shards:05d}.safetensors"
        part = {name: found[name] for name in names[number::shards]}
        save_file(part, folder / file)
        places.update(dict.fromkeys(part, file))
    index = {"metadata": {}, "weight_map": places}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return folder


@pytest.fixture
def llama(tmp_path):
    found = tensors()
    return write_model(tmp_path / "llama", found), found


@pytest.fixture
def driver(qtbot, context, tmp_path):
    driver = PageDriver(qtbot, context, tmp_path, PAGE)
    yield driver
    driver.close()


def open_model(driver, path, settle=True):
    source = source_of(path)
    driver.context.library.add(source.path, source)
    items = (*driver.store["files"].items, _file_of(source))
    driver.store.replace("files", label="open", items=items)
    assert isinstance(driver.store["files"], Files)
    driver.select(opened_from(source).ref)
    if settle:
        driver.settle()
    return source.path
