"""Sessions of earlier versions: how NaN is replaced belongs to the array now."""

from __future__ import annotations

from gui.core.state.migrate import migrated

A, B = {"path": "/a.npy", "entry": "a"}, {"path": "/b.npy", "entry": "b"}


def choice(ref, repair):
    return {"ref": ref, "repair": repair}


def test_choices_of_pages_become_those_of_the_arrays():
    saved = {
        "selection": {"active": A},
        "spectrum": {"rank": 3, "repairs": [choice(A, "zero")]},
        "column_row": {"repairs": [choice(B, "column_mean"), choice(A, "zero")]},
    }
    slices, notices = migrated(saved, "spectrum")
    assert slices["selection"] == {
        "active": A,
        "repairs": [choice(A, "zero"), choice(B, "column_mean")],
    }
    assert slices["spectrum"] == {"rank": 3}
    assert slices["column_row"] == {}
    assert notices == ()
    assert saved["spectrum"]["repairs"], "what was read stays as it was"


def test_of_two_ways_that_of_the_page_in_front_counts_and_is_said():
    saved = {
        "spectrum": {"repairs": [choice(A, "zero")]},
        "column_row": {"repairs": [choice(A, "column_mean")]},
    }
    for front, repair in (("spectrum", "zero"), ("column_row", "column_mean")):
        slices, notices = migrated(saved, front)
        assert slices["selection"]["repairs"] == [choice(A, repair)]
        assert len(notices) == 1


def test_what_was_chosen_for_the_array_itself_stays():
    saved = {
        "selection": {"repairs": [choice(A, "zero")]},
        "column_row": {"repairs": [choice(A, "column_mean"), choice(B, "zero")]},
        "topk": {"repairs": []},
    }
    slices, notices = migrated(saved, "column_row")
    assert slices["selection"]["repairs"] == [choice(A, "zero"), choice(B, "zero")]
    assert notices == ()


def test_a_session_of_now_is_left_alone():
    saved = {"selection": {"repairs": [choice(A, "zero")]}, "spectrum": {"rank": 3}, "odd": 7}
    assert migrated(saved, "spectrum") == (saved, ())
