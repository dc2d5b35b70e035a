"""What is read of states from outside: sessions, pictures, interests, settings, plug-in lists.

Whatever they say nothing is raised, it takes less than a second, and what fits is kept.
"""

from __future__ import annotations

import copy
import dataclasses
import itertools
import json
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from engine.errors import RankscopeError
from engine.plugins import switched
from gui.core.declare.edits import clean, cleaned
from gui.core.declare.settling import settling
from gui.core.state.document import DataRef, Files, Repaired, Selection, TableSaid
from gui.core.state.figure_state import page_of, refs_in, slices_of, state_of
from gui.core.state.listed import OpenFile
from gui.core.state.own_notes import SLICE, OwnNote, OwnNotes
from gui.core.state.remembered import Remembered
from gui.core.state.session import from_json, to_json
from gui.core.state.store import Store
from gui.link.words import Call, placed
from gui.pages import PAGES
from gui.window.finding.personal import Personal
from gui.window.settings import Settings
from gui.window.shown.answers import declared

SECONDS = 1.0
_DEEP = 100_000
REF = DataRef("/a/m.npy", "m", (40, 30), "float64")
OTHER = DataRef("/a/n.npz", "w", (9, 9), "float32", (2,), "s", 1, "axes (0, 2)")
_VALUES = (
    *(None, True, False, 0, -1, 7, 10**25, -(2**63), 1e308, -0.0, 2.5),
    *(float("nan"), float("inf"), float("-inf"), "", "x", "\u202e\x07\ud800", "z" * 300_000),
    *([], {}, [[]], [None] * 5, {"a": 1}, {"": {"": []}}, ["x"] * 150_000, [{}] * 20_000),
    *([float("nan")] * 9, [["rank", float("nan")]], [[1, 2], [3]], {"path": 5}),
    *([REF.__dict__] * 3000, [{"ref": {**REF.__dict__}, "repair": "zero"}] * 30_000),
)
# What stands in the text itself: never made by a program that writes JSON.
_TEXTS = (
    "[" * _DEEP + "]" * _DEEP,
    '{"a":' * _DEEP + "1" + "}" * _DEEP,
    "[" * 300 + "]" * 300,
    "9" * 5000,
    "-1e99999",
    '"\\ud800"',
    '{"k": 1, "k": 2}',
)


def initial():
    """The state of a first start."""
    slices = {page.key: page.state() for page in PAGES}
    return {"files": Files(), "selection": Selection(), SLICE: OwnNotes(), **slices}


def used():
    """The state of a window that has been used: every kind of record is in it."""
    state = initial()
    state["files"] = Files((OpenFile("/a/m.npy", "s", ()),))
    repairs, tables = (Repaired(REF, "zero"),), (TableSaid("/a/t.csv", (("header", "0"),)),)
    state["selection"] = Selection(REF, repairs, tables, (OTHER,))
    state[SLICE] = OwnNotes((OwnNote("/a/m.npy", "", "$x$"),))
    for key, slice_ in state.items():
        if hasattr(slice_, "remembered"):
            numbers = (("rank", 5.0), ("k", 3.0))
            kept = (Remembered(REF, numbers), Remembered(OTHER, numbers))
            state[key] = dataclasses.replace(slice_, remembered=kept)
    return state


def _places(value, place=()):
    yield place
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _places(one, (*place, key))
    elif isinstance(value, list):
        for number, one in enumerate(value[:3]):
            yield from _places(one, (*place, number))


def hurt(rng, document, root):
    """Return JSON text of a document with a few hostile things in it, all below ``root``."""
    document = copy.deepcopy(document)
    mark, texts = "0b9d5f", []
    for _ in range(int(rng.integers(1, 5))):
        top = document[root]
        places = [place for place in _places(top) if place]
        place = places[int(rng.integers(len(places)))]
        for step in place[:-1]:
            top = top[step]
        choice = rng.random()
        if choice < 0.15 and isinstance(top, dict):
            top[str(rng.choice(["stranger", "", "__class__", "\u202e"]))] = 5
        elif choice < 0.35:
            texts.append(_TEXTS[int(rng.integers(len(_TEXTS)))])
            top[place[-1]] = f"{mark}{len(texts) - 1}"
        else:
            top[place[-1]] = copy.deepcopy(_VALUES[int(rng.integers(len(_VALUES)))])
    text = json.dumps(document)
    for number, one in enumerate(texts):
        text = text.replace(f'"{mark}{number}"', one)
    return text


class Timed:
    """Less than a second of this process, or it is a failure."""

    def __enter__(self):
        self._began = time.process_time()

    def __exit__(self, kind, error, trace):
        took = time.process_time() - self._began
        if kind is None:
            assert took < SECONDS, f"{took:.2f} s"


def _is_sound(slices, pages):
    """Parameters are finite and within their own bounds; a store takes it and turns to arrays."""
    for page in pages:
        for name, one in page.parameters.items():
            value = getattr(slices[page.key], name)
            if one.kind == "number":
                assert np.isfinite(value), (page.key, name, value)
                assert callable(one.lower) or value >= one.lower, (page.key, name, value)
                assert callable(one.upper) or value <= one.upper, (page.key, name, value)
    store = Store(initial(), ("files",), settling(PAGES))
    store.restore({**initial(), **slices}, label="session")
    for ref in {one for slice_ in slices.values() for one in refs_in(slice_)}:
        store.replace("selection", label="choose", active=ref)
        store.undo()
        store.replace("selection", label="choose", active=ref)
    json.loads(to_json(store.state))


def state_session(rng):
    """A session: what is hostile is left out and said once, every other slice is as it was."""
    known = used()
    document = json.loads(to_json(known))
    name = str(rng.choice(list(document["state"])))
    text = hurt(rng, {"schema": 1, "state": document["state"], "hurt": None}, "state")
    alone = json.loads(to_json(known))
    alone["state"] = {**alone["state"], name: 0}
    with Timed():
        slices, notices = from_json(text, initial())
        slices |= {page.key: cleaned(page, slices[page.key]) for page in PAGES}
    assert len(notices) <= 2, notices
    assert all(len(one) < 2000 for one in notices)
    assert [type(one) for one in slices.values()] == [type(one) for one in initial().values()]
    with Timed():
        _is_sound(slices, PAGES)
    return name, len(text)


def state_session_keeps_the_rest(rng):
    """Of one slice that is hostile the others are there as they were."""
    known = used()
    document = json.loads(to_json(known))
    name = str(rng.choice([one for one in document["state"] if one != "selection"]))
    text = hurt(rng, document["state"] | {"hurt": 0}, name)
    slices, _ = from_json('{"schema": 1, "state": ' + text + "}", initial())
    for other, value in known.items():
        assert other == name or slices[other] == value, (name, other)
    return name, len(text)


def state_picture(rng):
    """What a picture says of a page."""
    known = used()
    page = PAGES[int(rng.integers(len(PAGES)))]
    carried = json.loads(json.dumps(state_of(known, page.key)))
    try:
        saved = json.loads(hurt(rng, {"state": carried}, "state"))["state"]
    except (ValueError, RecursionError):
        return page.key, "no JSON"
    with Timed():
        if page_of(saved, known):
            slices, _ = slices_of(saved, known)
            key = saved["page"]
            slices[key] = cleaned(next(one for one in PAGES if one.key == key), slices[key])
            _is_sound({**initial(), **slices}, PAGES)
    return page.key, "read"


def state_interests(rng):
    """interests.json."""
    kept = {"words": [["rank", 2.0]], "wanted": "x", "pins": ["a"], "recording": True}
    text = hurt(rng, {"personal": kept}, "personal")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "interests.json")
        path.write_text(text, errors="surrogatepass")
        if rng.random() < 0.1:
            path.write_bytes(rng.bytes(1000))
        with Timed():
            personal = Personal(Path(folder))
            personal.interests(12)
            personal.pinned_first(["a", "b"])
            personal.pin("b", True)
            personal.record(False)
    return (len(text),)


_INI = (
    *(b"@Variant(\\0\\0\\0\\x7f\\xff\\xff\\xff)", b"@ByteArray(\\xff)"),
    *(b"@Invalid()", b"@Rect(1 2)", b"yes", b"true, false"),
    *(b"nan", b"1e999", b"\x00\xff\xfe", b"9" * 5000, b"a, b, c", b'"unclosed', b"x" * 300_000),
    *(b"@Variant(\\0\\0\\0\\x46\\0\\0\\0\\x10)", b"\\xd800", b"\xed\xa0\x80", b"[", b"%00%zz"),
)
_KEYS = (
    *(("recent_files", [""]), ("theme", "auto"), ("language", ""), ("files/rules", 1)),
    *(("export/dpi", 200.0), ("export/title", True), ("files/written", [""])),
)


def state_settings(rng):
    """rankscope.ini: every key has the type of its default."""
    lines = [b"[General]"]
    for key, _ in _KEYS:
        value = _INI[int(rng.integers(len(_INI)))]
        lines.append(key.replace("/", "\\").encode() + b"=" + value)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rankscope.ini")
        path.write_bytes(b"\n".join(lines))
        with Timed():
            settings = Settings(str(path))
            for key, default in _KEYS:
                assert type(settings.value(key, default)) is type(default), key
            assert len(settings.recent_files()) < 100
            settings.add_recent("/a/b.npy")
            assert settings.recent_files()[0] == "/a/b.npy"
    return (lines[1][:40],)


def state_plugins(rng):
    """The list of plug-ins that are off."""
    choices = (b"a\nb\n", b"\xff\xfe\x00", rng.bytes(2000), b"x" * 5_000_000, b"a\n" * 2_000_000)
    data = choices[int(rng.integers(len(choices)))]
    before = os.environ.get("XDG_CONFIG_HOME")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CONFIG_HOME"] = folder
        try:
            path = Path(folder, "rankscope", "plugins-off")
            path.parent.mkdir()
            path.write_bytes(data)
            with Timed():
                switched.is_off("a")
                switched.switch("mine", on=False)
                assert switched.is_off("Mine")
        finally:
            os.environ.pop("XDG_CONFIG_HOME")
            if before is not None:
                os.environ["XDG_CONFIG_HOME"] = before
    return (len(data),)


def state_shown(rng):
    """What a running program says of parameters: taken as what they are, or refused in words."""
    words = declared(PAGES)
    page = str(rng.choice([*words, "", "none"]))
    names = [name for one in words.values() for name in one]
    hostile = (*_VALUES, 10**400, 10**5000, -(10**400), [["exp"]], [1, "exp"], {"exp": 1}, b"exp")
    values = [hostile[int(rng.integers(len(hostile)))] for _ in range(9)]
    for name, value in itertools.product(dict.fromkeys(names), values):
        with Timed():
            try:
                found = placed(words, Call({}, page, {name: value}), "topk")
            except RankscopeError:
                continue
        for key, taken in found[name].items():
            of = next(one for one in PAGES if one.key == key)
            if of.parameters[name].kind == "number":
                assert abs(float(taken)) < np.inf, (name, value)
                assert isinstance(taken, float) or abs(taken) < 2**63, (name, value)
            clean(of.parameters[name], taken)
    return page, len(values)


CHECKS = (
    state_shown,
    *(state_session, state_session_keeps_the_rest, state_picture),
    *(state_interests, state_settings, state_plugins),
)
