"""The cache: what is found again by place and by contents, and what damage does."""

from __future__ import annotations

import os
import sqlite3
import time

import numpy as np
import pytest
from safetensors.numpy import save_file

from engine.checkpoint import sweep, usual_cache
from engine.errors import FileError
from tests.engine.checkpoint.models import saved, sharded, tensors
from tests.engine.checkpoint.test_sweep import RULES, same


@pytest.fixture
def folder(tmp_path):
    return saved(tmp_path / "model", tensors(layers=2, width=16))


def test_an_unchanged_file_is_not_read_again(folder, tmp_path):
    first = sweep(folder, rules=RULES, cache=tmp_path / "c" / "rows")
    began = time.process_time()
    second = sweep(folder, rules=RULES, cache=tmp_path / "c" / "rows")
    assert time.process_time() - began < 0.5  # 0.1 s and 1 ms a row where nothing else runs
    assert (first.reused, second.reused, second.workers) == (0, 4, 0)
    assert all(map(same, first.rows, second.rows))


def test_copied_sharded_and_tied_matrices_are_known_by_their_contents(folder, tmp_path):
    found = tensors(layers=2, width=16)
    sweep(folder, cache=tmp_path / "rows")
    tied = found | {"lm_head.weight": found["model.layers.0.mlp.up_proj.weight"]}
    again = sweep(sharded(tmp_path / "b", tied), cache=tmp_path / "rows")
    assert again.reused == 5
    assert again.rows[0].name == "lm_head.weight"
    assert again.rows[0].role == "unembed"
    assert again.rows[0].layer is None
    assert np.array_equal(again.rows[0].values, again.rows[1].values)


def test_equal_matrices_of_one_model_are_computed_once(tmp_path):
    one = tensors(layers=1)["model.layers.0.self_attn.q_proj.weight"]
    model = saved(tmp_path / "a", {"lm_head.weight": one, "wte.weight": one})
    found = sweep(model, workers=1)
    assert found.reused == 1
    assert [row.role for row in found.rows] == ["unembed", "embed"]
    assert found.rows[0].key == found.rows[1].key


def test_a_changed_matrix_alone_is_computed_again(folder, tmp_path):
    first = sweep(folder, cache=tmp_path / "rows")
    found = tensors(layers=2, width=16)
    found["model.layers.1.mlp.up_proj.weight"][3, 3] += 1.0
    save_file(found, folder / "model.safetensors")
    os.utime(folder / "model.safetensors", ns=(1, 1))  # another time, whatever the clock's step
    second = sweep(folder, cache=tmp_path / "rows")
    assert second.reused == 3
    differ = [a.name for a, b in zip(first.rows, second.rows, strict=True) if not same(a, b)]
    assert differ == ["model.layers.1.mlp.up_proj.weight"]


def test_other_rules_are_applied_to_what_is_kept(folder, tmp_path):
    sweep(folder, rules=(("energy", 0.5),), cache=tmp_path / "rows")
    kept = sweep(folder, rules=RULES, cache=tmp_path / "rows")
    assert kept.reused == 4
    assert all(map(same, kept.rows, sweep(folder, rules=RULES).rows))


def test_a_row_with_a_problem_is_tried_again(folder, tmp_path):
    found = tensors(layers=1)
    found["model.layers.0.mlp.up_proj.weight"][0, 0] = np.nan
    model = saved(tmp_path / "b", found)
    assert sweep(model, cache=tmp_path / "rows").rows[0].problem
    again = sweep(model, cache=tmp_path / "rows")
    assert again.reused == 1
    assert again.rows[0].problem


@pytest.mark.parametrize("what", ["no database", "cut", "other layout", "overwritten"])
def test_a_damaged_cache_is_set_aside_with_a_note(what, folder, tmp_path):
    cache = tmp_path / "rows"
    sweep(folder, cache=cache)
    if what == "no database":
        cache.write_bytes(b"this is no database at all" * 100)
    elif what == "cut":
        cache.write_bytes(cache.read_bytes()[:700])
    elif what == "other layout":
        file = sqlite3.connect(cache)
        file.execute("PRAGMA user_version = 77")
        file.close()
    else:
        data = bytearray(cache.read_bytes())
        data[4096:] = b"\xa5" * (len(data) - 4096)
        cache.write_bytes(data)
    found = sweep(folder, cache=cache)
    assert [row.problem for row in found.rows] == [""] * 4
    assert any("set aside" in note for note in found.notes)
    assert (tmp_path / "rows.damaged").exists()
    assert sweep(folder, cache=cache).reused == 4


def test_rows_that_make_no_sense_are_computed_again(folder, tmp_path):
    sweep(folder, cache=tmp_path / "rows")
    file = sqlite3.connect(tmp_path / "rows")
    file.execute("UPDATE rows SET about = 'nonsense'")
    file.commit()
    file.close()
    found = sweep(folder, cache=tmp_path / "rows")
    assert found.reused == 0
    assert [row.problem for row in found.rows] == [""] * 4
    assert all(row.values.size for row in found.rows)


def test_a_cache_that_cannot_be_made_is_a_sentence(folder, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="rows cannot be kept there"):
        sweep(folder, cache=tmp_path / "file" / "rows")


def test_the_usual_place_is_the_platforms(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert usual_cache() == str(tmp_path / "rankscope" / "checkpoint-rows.sqlite")
