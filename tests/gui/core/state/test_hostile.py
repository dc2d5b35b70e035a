"""States from outside that nobody would write: bounded, the rest is kept, the loss is said once."""

from __future__ import annotations

import dataclasses
import json
import time

import numpy as np
import pytest

from engine.plugins import switched
from gui.core.state.document import Repaired, Selection
from gui.core.state.remembered import Remembered
from gui.core.state.session import from_json, parsed, to_json
from gui.window.settings import Settings
from tests.support.fuzz import states

DEEP = "[" * 100_000 + "]" * 100_000


def session(name, field, text):
    """Return what becomes of a used session in which one field is that text."""
    known = states.used()
    document = json.loads(to_json(known))
    document["state"][name][field] = "here"
    began = time.process_time()
    slices, notices = from_json(json.dumps(document).replace('"here"', text), states.initial())
    assert time.process_time() - began < 1.0
    others = [one for one in known if one != name and slices[one] != known[one]]
    return slices[name], notices, others


@pytest.mark.parametrize("text", [DEEP, "9" * 5000, "[" * 900 + "]" * 900, "1e999", "null"])
def test_one_field_that_cannot_be_read_costs_itself_alone_and_is_said_once(text):
    slice_, notices, others = session("spectrum", "quantity", text)
    assert (slice_.quantity, others) == ("sigma", [])
    assert notices == ("Parts of the last session did not fit: spectrum.quantity.",)


def test_brackets_and_braces_in_words_are_no_depth():
    words = '"' + "[{" * 100_000 + '\\"]"'
    found, twice = parsed('{"a": ' + words + ', "b": ' + DEEP + "}")
    assert (found["a"], twice) == ("[{" * 100_000 + '"]', [])


def test_a_remembered_number_that_is_none_is_left_out():
    remembered = [{"ref": states.REF.__dict__, "values": [["rank", float("nan")]]}]
    slice_, notices, others = session("spectrum", "remembered", json.dumps(remembered))
    assert (slice_.remembered, others) == ((), [])
    assert "spectrum.remembered[0]" in notices[0]
    with pytest.raises(ValueError, match="NaN"):  # as it would end otherwise, when it is selected
        round(dict(Remembered(states.REF, (("rank", float("nan")),)).values)["rank"])


def test_forty_thousand_replacements_of_an_earlier_version_take_a_moment():
    one = {"ref": dict(states.REF.__dict__), "repair": "zero"}
    many = [one | {"ref": {**one["ref"], "entry": str(number)}} for number in range(20_000)]
    document = json.loads(to_json(states.used()))
    document["state"]["selection"]["repairs"] = many
    document["state"]["spectrum"]["repairs"] = many[::-1]
    text = json.dumps(document)
    began = time.process_time()
    slices, _ = from_json(text, states.initial())
    assert time.process_time() - began < 2.0
    assert len(slices["selection"].repairs) <= 1000


def test_a_switch_in_the_settings_may_be_a_list(tmp_path):
    (tmp_path / "a.ini").write_text("[General]\nswitch=true, false\nnumber=@Invalid()\n")
    settings = Settings(str(tmp_path / "a.ini"))
    assert settings.value("switch", True) is True
    assert settings.value("number", 3) == 3


def test_a_long_list_of_plug_ins_is_looked_at_in_part(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "rankscope").mkdir()
    (tmp_path / "rankscope" / "plugins-off").write_bytes(b"mine\n" + b"a\n" * 2_000_000)
    began = time.process_time()
    assert switched.is_off("Mine")
    assert time.process_time() - began < 0.2


def test_every_kind_of_record_comes_back_from_a_session():
    known = states.used()
    slices, notices = from_json(to_json(known), states.initial())
    assert (slices, notices) == (known, ())
    assert slices["selection"] == dataclasses.replace(
        Selection(states.REF),
        **{n: getattr(known["selection"], n) for n in ("tables", "views")},
        repairs=(Repaired(states.REF, "zero"),),
    )


@pytest.mark.no_qt_log  # Qt says of settings what it cannot read
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("check", states.CHECKS, ids=lambda check: check.__name__)
def test_random_hostile_states(check, seed):
    check(np.random.default_rng(seed))
