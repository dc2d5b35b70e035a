"""A folder that grows while training: every step, what changed alone computed again."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from safetensors.numpy import save_file

from engine.checkpoint import look_at, steps_in, sweep, sweep_steps, training_of
from engine.checkpoint.folders import step_of
from engine.errors import FileError
from tests.engine.checkpoint.models import saved, tensors
from tests.engine.checkpoint.test_sweep import Asked, same


@pytest.fixture
def run(tmp_path):
    for step in (100, 20, 3000):
        found = tensors(layers=1)
        found["model.layers.0.mlp.up_proj.weight"] *= np.float32(step)
        saved(tmp_path / f"checkpoint-{step}", found)
    (tmp_path / "logs").mkdir()
    return tmp_path


def test_steps_are_in_their_order_and_equal_matrices_are_computed_once(run):
    asked = Asked()
    found = sweep_steps(run, cache=run / "rows", progress=asked)
    assert found.steps == (20, 100, 3000)
    assert found.step_of_each_row == [20, 20, 100, 100, 3000, 3000]
    assert [one.reused for one in found.sweeps] == [0, 1, 1]
    norms = [row.spectral_norm for row in found.rows if row.role == "up"]
    assert np.array(norms) / norms[0] == pytest.approx([1.0, 5.0, 150.0])
    assert all(map(same, found.sweeps[1].rows, sweep(run / "checkpoint-100").rows))
    shares = [share for share, _ in asked.said]
    assert shares == sorted(shares)
    assert asked.said[-1][1] == "step 3 of 3: 2 of 2 matrices"
    whole = found.joined()
    assert (len(whole.rows), len(whole.skipped), whole.reused) == (6, 1, 2)


def test_a_step_that_is_still_written_is_left_out_with_a_note(run):
    (run / "checkpoint-4000").mkdir()
    file = run / "checkpoint-100" / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-5])
    found = sweep_steps(run)
    assert found.steps == (20, 3000)
    assert [note.split(":")[0] for note in found.notes] == [
        "Step 100 is left out",
        "Step 4000 is left out",
    ]


def test_of_two_with_one_number_the_folder_counts(tmp_path):
    for name in ("step_5", "global_step7", "epoch=9.ckpt", "checkpoint-5-old", "step_5.pt", "12"):
        (tmp_path / name).mkdir()
    assert [step for step, _ in steps_in(tmp_path)] == [5, 7, 9]


def test_no_steps_is_a_sentence(tmp_path):
    with pytest.raises(FileError, match="no steps"):
        sweep_steps(tmp_path)
    with pytest.raises(FileError, match="no such file"):
        sweep_steps(tmp_path / "none")
    (tmp_path / "checkpoint-1").mkdir()
    with pytest.raises(FileError, match="no weights"):
        sweep_steps(tmp_path)


def test_some_of_the_steps_are_computed_and_every_row_is_told_with_its_step(run):
    told = []
    places = [one for one in steps_in(run) if one[0] != 100]
    found = sweep_steps(run, only=places, on_row=lambda step, row: told.append((step, row.name)))
    assert found.steps == (20, 3000)
    # Step by step; within one in whatever order its rows are done.
    assert [step for step, _ in told] == sorted(step for step, _ in told)
    assert sorted(told) == sorted((n, row.name) for n in (20, 3000) for row in found.sweeps[0].rows)
    assert sweep_steps(run, only=()).steps == ()


# -- looked at again and again ------------------------------------------------------------------


def aged(path, seconds=10):
    """Let a file have been written some time ago."""
    then = os.stat(path).st_mtime - seconds
    os.utime(path, (then, then))
    return path


@pytest.fixture
def written(tmp_path):
    for step in (20, 100):
        aged(saved(tmp_path / f"checkpoint-{step}") / "model.safetensors")
    return tmp_path


def steps(look):
    return [one.step for one in look.steps]


def test_what_was_there_is_whole_and_what_is_new_after_it_has_rested_for_a_look(written):
    first = look_at(written)
    assert (steps(first), first.waiting) == ([20, 100], ())
    saved(written / "checkpoint-300")
    second = look_at(written, first)
    assert steps(second) == [20, 100]
    assert [step for step, _ in second.waiting] == [300]
    third = look_at(written, second)
    assert (steps(third), third.waiting) == ([20, 100, 300], ())
    assert third.steps[:2] == first.steps
    assert look_at(written, third) == third


def test_a_file_that_grows_is_waited_for(written):
    content = (written / "checkpoint-20" / "model.safetensors").read_bytes()
    look = look_at(written)
    (written / "checkpoint-300").mkdir()
    file = written / "checkpoint-300" / "model.safetensors"
    for size in (0, 7, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:size])
        aged(file)  # long ago: a copy that was broken off is not whole either
        for _ in range(2):
            look = look_at(written, look)
            assert steps(look) == [20, 100]
            assert look.waiting == ((300, ()),)
    file.write_bytes(content)
    look = look_at(written, look_at(written, look))
    assert steps(look) == [20, 100, 300]
    assert [row.step for row in look.steps] == list(sweep_steps(written).steps)


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


def test_a_step_written_anew_is_another_and_one_that_is_gone_is_none(written):
    first = look_at(written)
    aged(saved(written / "checkpoint-20", tensors(seed=1)) / "model.safetensors", 100)
    second = look_at(written, first)
    assert steps(second) == steps(first)
    assert second.steps[0] != first.steps[0]
    assert second.steps[1] == first.steps[1]
    (written / "checkpoint-20" / "model.safetensors").unlink()
    assert (steps(look_at(written, second)), look_at(written, second).waiting) == (
        [100],
        ((20, ()),),
    )
    assert look_at(written / "none", second).steps == ()


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
