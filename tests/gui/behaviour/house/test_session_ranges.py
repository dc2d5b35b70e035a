"""A session file edited by hand cannot bring a number outside its range into the program."""

from __future__ import annotations

import json

import pytest

OUTSIDE = {
    "spectrum": {
        "rank": (-7, 0),
        "vector": (-3, 1),
        "tau": (1e9, 10.0),
        "k": (-1.5, 0.0),
        "bins": (10**9, 400),
        "noise": (-2.0, 0.0),
        "stage": (99.0, 3.0),
        "matrix": ([1e9, -1e9, 0.5, -0.0], (1e6, -1e6, 0.5, 0.0)),
    },
    "topk": {
        "count": (0, 1),
        "seed": (10**9, 9999),
        "position": (-4, 0),
        "k": (-3.0, 0.0),
        "tau": (-4.0, 0.001),
        "softness": (7.0, 1.0),
        "column": (-9, -1),
    },
    "column_row": {"tau": (-1.0, 0.001), "seed": (10**9, 9999), "weights": ([], ("own",))},
}
NOT_FINITE = {
    "spectrum": {"tau": 0.02, "k": 8.0, "noise": 0.0, "stage": 3.0},
    "topk": {"tau": 0.5, "k": 8.0, "softness": 0.2},
    "column_row": {"tau": 0.1},
}


@pytest.fixture
def restarted(start, tmp_path):
    """Close a program, change its session file, start again; returns the slices."""

    def restart(changes):
        start(autosave=True).close()
        path = tmp_path / "config" / "session.json"
        document = json.loads(path.read_text(encoding="utf-8"))
        for name, fields in changes.items():
            document["state"][name] |= fields
        path.write_text(json.dumps(document), encoding="utf-8")
        again = start(autosave=True)
        again.idle()
        return again.store

    return restart


def test_held_numbers_outside_their_range_come_into_it(restarted):
    store = restarted(
        {name: {field: wrong for field, (wrong, _) in f.items()} for name, f in OUTSIDE.items()}
    )
    for name, fields in OUTSIDE.items():
        state = store[name]
        assert {field: getattr(state, field) for field in fields} == {
            field: right for field, (_, right) in fields.items()
        }


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_held_numbers_that_are_not_finite_are_the_defaults(restarted, wrong):
    store = restarted({name: dict.fromkeys(fields, wrong) for name, fields in NOT_FINITE.items()})
    for name, fields in NOT_FINITE.items():
        for field, default in fields.items():
            value = getattr(store[name], field)
            finite = value == default or (wrong == float("inf") and 0 <= value <= 10)
            assert finite, (name, field, value)


def test_held_no_more_spectra_are_compared_than_the_plot_can_tell_apart(restarted):
    ref = {"path": "/gone.npy", "entry": "a", "shape": [3, 4], "dtype": "float64"}
    pinned = [{"ref": {**ref, "entry": str(place)}, "repair": ""} for place in range(30)]
    store = restarted({"spectrum": {"overlays": pinned}})
    assert len(store["spectrum"].overlays) == 7
