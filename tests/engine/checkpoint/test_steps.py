"""A folder that grows while training: every step, what changed alone computed again."""

from __future__ import annotations

import numpy as np
import pytest

from engine.checkpoint import steps_in, sweep, sweep_steps
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
    assert told == [(step, row.name) for step in (20, 3000) for row in found.sweeps[0].rows]
    assert sweep_steps(run, only=()).steps == ()
