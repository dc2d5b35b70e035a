"""States from outside, in pictures and sessions: whatever they say, nothing ends in a traceback."""

from __future__ import annotations

import copy
import json
import struct
import time
import tracemalloc
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

from gui.core.export.export import ExportError, export_figure, read_metadata
from gui.core.figure.figure import Figure, Series
from gui.core.state.document import EXAMPLES_PATH
from gui.core.state.figure_state import state_of
from gui.pages import PAGES

FIGURE = Figure(key="a.b", title="a", series=(Series("s", "s", np.arange(5.0), np.arange(5.0)),))


def picture_with(path, state):
    """Write as much of a picture as is looked at."""
    text = json.dumps({"rankscope": "0.1.0", "figure": "a.b", "state": state})
    chunk = b"rankscope\0" + text.encode()
    start = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(chunk)) + b"tEXt" + chunk
    path.write_bytes(start + b"\0" * 4 + struct.pack(">I", 0) + b"IEND")
    return str(path)


def _set(state, place, value):
    *folders, last = place.split("/")
    for folder in folders:
        state = state[int(folder) if folder.isdigit() else folder]
    state[int(last) if last.isdigit() else last] = value


ACTIVE = "slices/selection/active"
REF = {"path": EXAMPLES_PATH, "entry": "scores", "shape": [5, 4], "dtype": "float64"}
STATES = (
    *(
        (f"{ACTIVE}/path", name)
        for name in ("../x", "", ".", "..", "a/b.npy", "a\\b", "x\0", "x" * 300)
    ),
    *(
        (f"{ACTIVE}/path", name)
        for name in ("<img src='x'><b>bold</b>.csv", "a\u202egnp.csv", "\x1b[2J")
    ),
    *(
        (f"{ACTIVE}/shape", shape)
        for shape in ([], [-3], [0, 4], [10**30, 2], [2, 2, 2], "ab", [True])
    ),
    *((f"{ACTIVE}/channels", channels) for channels in (0, 7, -1, 3)),
    (ACTIVE, REF),
    (ACTIVE, {**REF, "shape": [4000, 3000]}),
    (ACTIVE, {**REF, "entry": "<b>none</b>"}),
    (ACTIVE, {**REF, "index": [-5], "view": "nonsense"}),
    (ACTIVE, None),
    ("slices/selection", 7),
    ("slices/selection", {"repairs": 5}),
    ("slices/selection/repairs", [{"ref": REF, "repair": "leave_rows_out"}]),
    ("slices/selection/tables", [{"path": "../../x", "said": [["header", "99"]]}]),
    ("slices/spectrum/overlays", [{"ref": {**REF, "shape": [9, 9]}, "repair": "leave_rows_out"}]),
    ("slices/spectrum/rank", 10**25),
    ("slices/spectrum/rule_values", [["energy", float("nan")], ["none", 1.0]]),
    ("slices/spectrum/b_typed", [float("inf")] * 5),
    ("slices/spectrum/matrix", [float("nan")] * 4),
    ("page", "sources"),
    ("page", 5),
    ("slices", []),
)


@pytest.mark.sample(0.25)
@pytest.mark.parametrize("part", range(4))
def test_a_hostile_state_in_a_picture_is_taken_back_or_said(
    application, idle, tmp_path, caplog, part
):
    idle()
    application.window.show_page("spectrum")
    idle()
    good = json.loads(json.dumps(dict(state_of(application.store.state, "spectrum"))))
    assert good["slices"]["selection"]["active"]
    for number, (place, value) in enumerate(STATES[part::4]):
        state = copy.deepcopy(good)
        _set(state, place, value)
        application.open_paths([picture_with(tmp_path / f"p{number}.png", state)])
        idle()
        said = application.window.messages.text()
        assert f"p{number}" in said, (place, value)
        assert not {"\x1b", "\u202e", "\0"} & set(said + application.window.windowTitle())
        application.store.undo()
        idle()
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize("name", ["topk", "column_row"])
def test_points_and_pairings_that_there_cannot_be(application, idle, tmp_path, caplog, name):
    idle()
    application.window.show_page(name)
    idle()
    state = json.loads(json.dumps(dict(state_of(application.store.state, name))))
    active = state["slices"]["selection"]["active"]
    spec = {"kind": "data", "ref": active, "axis": "row", "position": 0}
    hostile = {
        "topk": {
            "edits": {"spec": spec, "points": [[10**12, 1.0], [-7, float("nan")]]},
            "position": -5,
            "count": 10**15,
            "override": {"ref": active, "kind": "pasted", "numbers": []},
        },
        "column_row": {
            "pairings": [{"a": active, "kind": "other", "y": {**REF, "shape": [7, 9]}}],
        },
    }[name]
    for key, value in hostile.items():
        one = copy.deepcopy(state)
        one["slices"][name][key] = value
        application.open_paths([picture_with(tmp_path / f"{key}.png", one)])
        idle()
        assert key in application.window.messages.text()
    assert not [record for record in caplog.records if record.exc_info]


CENTRE = [page for page in PAGES if page.place == "centre"]
HOSTILE = {
    "huge": {"number": 9 * 10**18, "choice": "nonsense", "many": ["nonsense"] * 9},
    "tiny": {"number": -9 * 10**18, "choice": "", "many": []},
    "nan": {"number": float("nan"), "choice": None, "many": [None]},
    "far": {"number": 1.7e308, "choice": "x" * 10_000, "many": ["x" * 10_000]},
    "typed": {"number": "7", "choice": 7, "many": "all", "toggle": "yes", "stored": "x"},
    "empty": {"number": [], "choice": {}, "many": {}, "toggle": None, "stored": []},
}


@pytest.mark.sample(0.1)
@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("page", CENTRE, ids=lambda page: page.key)
def test_whatever_the_parameters_of_a_page_are_it_is_drawn(
    application, idle, qtbot, tmp_path, caplog, page, kind
):
    runner = application.context.runner

    def rest():
        """What parameters at their bounds ask for may take minutes: a person would cancel it."""
        for _ in range(50):  # what waited behind it comes next
            with suppress(qtbot.TimeoutError):
                qtbot.waitUntil(lambda: not runner.is_busy(), timeout=500)
                break
            runner.cancel_all()
        idle()

    idle()
    application.window.show_page(page.key)
    idle()
    state = json.loads(json.dumps(dict(state_of(application.store.state, page.key))))
    mine = state["slices"][page.key]
    for name, one in page.parameters.items():
        if name in mine and one.kind in HOSTILE[kind]:
            mine[name] = HOSTILE[kind][one.kind]
    application.open_paths([picture_with(tmp_path / "p.png", state)])
    qtbot.waitUntil(lambda: "p.png" in application.window.messages.text())
    rest()
    for view in page.views:
        application.window.show_view(page.key, view)
        rest()
    for name, one in page.parameters.items():
        if one.kind == "number":
            assert np.isfinite(getattr(application.store[page.key], name)), name
    assert not [record for record in caplog.records if record.exc_info]


def _pdf(path):
    path.write_bytes(b"%PDF-1.4\n1 0 obj\n<< /Keywords (" + b"a" * 50_000_000 + b") >>\nendobj\n")


def _svg(path):
    attributes = b" ".join(b'a%d="1"' % number for number in range(300_000))
    path.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg' " + attributes + b"/>")


def _laughing(path):
    path.write_bytes(
        b'<!DOCTYPE svg [<!ENTITY a "' + b"x" * 1000 + b'">\n<!ENTITY b "' + b"&a;" * 1000 + b'">]>'
        b"<svg xmlns='http://www.w3.org/2000/svg'>&b;&b;&b;&b;</svg>"
    )


def _png(path):
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + b"\xff\xff\xff\xfetEXt" + b"rankscope\0" + b"{" * 1_000_000
    )


@pytest.mark.parametrize(
    ("suffix", "make"), [("pdf", _pdf), ("svg", _svg), ("svg", _laughing), ("png", _png)]
)
def test_a_hostile_picture_takes_little_time_and_memory(tmp_path, suffix, make):
    path = tmp_path / f"hostile.{suffix}"
    make(path)
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(ExportError, match="hostile"):
        read_metadata(path)
    took, (_, most) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 2.0
    assert most < 24_000_000


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf", "csv", "npz"])
def test_what_is_written_is_read(tmp_path, suffix):
    state = {"a": '(x)\\ é " < & >', "deep": [[1.5, None], {"b": True}], "long": "x(" * 9000}
    figure = replace(FIGURE, state=state, title="é (\\")
    found = read_metadata(export_figure(figure, tmp_path / f"a.{suffix}"))
    assert found["state"] == state
    assert found["title"] == ("é (\\" if suffix in ("csv", "npz") else found["title"])
