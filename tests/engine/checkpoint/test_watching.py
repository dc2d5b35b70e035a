"""A folder is looked at while steps of a training are written into it."""

from __future__ import annotations

import json
import os

import pytest
from safetensors.numpy import save_file

from engine.checkpoint import look_at, sweep_steps, training_of
from engine.checkpoint.folders import step_of
from tests.engine.checkpoint.models import saved, tensors


def aged(path, seconds=10):
    """Let a file have been written some time ago."""
    then = os.stat(path).st_mtime - seconds
    os.utime(path, (then, then))
    return path


@pytest.fixture
def run(tmp_path):
    for step in (20, 100):
        aged(saved(tmp_path / f"checkpoint-{step}") / "model.safetensors")
    return tmp_path


def steps(look):
    return [one.step for one in look.steps]


def test_what_was_there_is_whole_and_what_is_new_after_it_has_rested_for_a_look(run):
    first = look_at(run)
    assert (steps(first), first.waiting) == ([20, 100], ())
    saved(run / "checkpoint-300")
    second = look_at(run, first)
    assert steps(second) == [20, 100]
    assert [step for step, _ in second.waiting] == [300]
    third = look_at(run, second)
    assert (steps(third), third.waiting) == ([20, 100, 300], ())
    assert third.steps[:2] == first.steps
    assert look_at(run, third) == third


def test_a_file_that_grows_is_waited_for(run):
    content = (run / "checkpoint-20" / "model.safetensors").read_bytes()
    look = look_at(run)
    (run / "checkpoint-300").mkdir()
    file = run / "checkpoint-300" / "model.safetensors"
    for size in (0, 7, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:size])
        aged(file)  # long ago: a copy that was broken off is not whole either
        for _ in range(2):
            look = look_at(run, look)
            assert steps(look) == [20, 100]
            assert look.waiting == ((300, ()),)
    file.write_bytes(content)
    look = look_at(run, look_at(run, look))
    assert steps(look) == [20, 100, 300]
    assert [row.step for row in look.steps] == list(sweep_steps(run).steps)


def test_shards_are_whole_when_all_of_them_are(tmp_path):
    folder = tmp_path / "step_5"
    folder.mkdir()
    found, places = tensors(), {}
    names = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    keys = sorted(found)
    for number, name in enumerate(names):
        part = {key: found[key] for key in keys[number::2]}
        save_file(part, folder / name)
        places.update(dict.fromkeys(part, name))
    assert look_at(tmp_path).waiting == ((5, ()),)  # no index yet
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": places}))
    whole = (folder / names[1]).read_bytes()
    (folder / names[1]).write_bytes(whole[:-3])
    for name in (*names, index.name):
        aged(folder / name)
    assert look_at(tmp_path).waiting == ((5, ()),)
    (folder / names[1]).write_bytes(whole)
    aged(folder / names[1])
    (only,) = look_at(tmp_path).steps
    assert only.path == str(index)
    assert [os.path.basename(path) for path, _, _ in only.files] == [index.name, *names]


def test_a_step_that_is_written_anew_is_another_and_one_that_is_gone_is_none(run):
    first = look_at(run)
    aged(saved(run / "checkpoint-20", tensors(seed=1)) / "model.safetensors", 100)
    second = look_at(run, first)
    assert steps(second) == steps(first)
    assert second.steps[0] != first.steps[0]
    assert second.steps[1] == first.steps[1]
    (run / "checkpoint-20" / "model.safetensors").unlink()
    assert (steps(look_at(run, second)), look_at(run, second).waiting) == ([100], ((20, ()),))
    assert look_at(run / "none", second).steps == ()


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("checkpoint-100", 100), ("my-checkpoint-7", 7), ("global_step12", 12), ("EPOCH_3", 3),
        ("iter_0000500", 500), ("epoch=3.ckpt", 3), ("step5.safetensors", 5), ("ckpt-9", 9),
        ("checkpoint", None), ("checkpoint-100-old", None), ("tmp-checkpoint-100", None),
        (".checkpoint-100", None), ("model-00001-of-00002.safetensors", None), ("", None),
        ("step5.npy", None), ("footstep5", None),
    ],
)  # fmt: skip
def test_names_of_steps(name, step):
    assert step_of(name) == step


def test_the_folder_of_a_training_is_known_by_names(tmp_path):
    weights = str(tmp_path / "checkpoint-5" / "model.safetensors")
    assert training_of(weights) == str(tmp_path)
    assert training_of(str(tmp_path / "runs" / "epoch=3.ckpt")) == str(tmp_path / "runs")
    assert training_of(str(tmp_path / "model.safetensors")) == ""
    assert training_of("<examples>") == training_of("") == ""
