"""A registry with plug-ins: loaded at need, contained, named, switched off."""

from __future__ import annotations

import pickle
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.errors import ArgumentError, FileError, RankscopeError
from engine.files import registry as files
from engine.plugins import PluginError, Registered, forget, is_off, switch
from engine.spectrum.rank_rules import registry as rules
from engine.suites import OPERATOR_CHECKS, run_checks
from engine.suites.rank_rules import spectrum_of
from engine.topk import Operator, get_operator
from engine.topk import registry as operators
from tests.gui.plugins.conftest import OPERATORS

SCORES = np.array([2.0, -1.0, 0.5, 0.25, 3.0])


def fresh(module, name="OPERATORS"):
    """Return a module's registry as a program finds it that has just started."""
    kind = getattr(module, name)
    kind = getattr(kind, "records", kind)
    return Registered(kind.group, module._OWN, module._accepted)


def found(records):
    return {plugin.name: plugin.error or "ok" for plugin in records.plugins()}


def test_nothing_is_loaded_before_it_is_asked_for(distribute):
    distribute("soft-dist", {"operators:mine": "plug_ops:GOOD"}, plug_ops=OPERATORS)
    records = fresh(operators)
    assert records.get("sigmoid") is get_operator("sigmoid")
    assert len(records.own) > 10
    assert "plug_ops" not in sys.modules
    assert records.get("mine").title == "My softmax"
    assert [one.key for one in records][-1] == "mine"
    assert records.get("mine").plugin == "soft-dist 1.5"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("raise SystemExit(4)", "SystemExit: 4"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("def (", "SyntaxError"),
        ("RECORD = None", "it is NoneType, not Operator"),
        ("from rankscope import Operator as RECORD", "it is the class Operator and not"),
        ("import rankscope as r; RECORD = r.Operator(key='a b', title='t', weights=abs)", "key = "),
        ("import rankscope as r; RECORD = r.Operator(key='a', title='', weights=abs)", "title = "),
        ("import rankscope as r; RECORD = r.Operator(key='a', title='t')", "weights = None"),
        ("import rankscope as r; RECORD = r.Operator(key='exp', title='t', weights=abs)", "taken"),
        ("class Odd(BaseException): ...\nraise Odd('odd')", "Odd: odd"),
        ("class Mute(Exception):\n    def __str__(self): return 1 / 0\nraise Mute", "Mute"),
    ],
)
def test_one_that_cannot_be_loaded_says_why_and_harms_nobody(distribute, source, words):
    points = {"operators:bad": "plug_bad:RECORD", "operators:mine": "plug_ops:GOOD"}
    distribute("some", points, plug_bad=source, plug_ops=OPERATORS)
    records = fresh(operators)
    assert words in found(records)["bad"]
    assert found(records)["mine"] == "ok"
    assert records.get("mine") is not None


def test_an_interrupt_is_a_person_s(distribute):
    distribute("some", {"operators:stop": "plug_stop:X"}, plug_stop="raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        fresh(operators).plugins()


def test_a_plugin_may_use_the_registry_while_it_is_imported(distribute):
    source = (
        OPERATORS + "\nfrom engine.topk import OPERATORS\nSEEN = [op.key for op in OPERATORS]\n"
    )
    distribute("some", {"operators:mine": "plug_ops:GOOD"}, plug_ops=source)
    assert found(fresh(operators)) == {"mine": "ok"}


def test_what_is_switched_off_is_not_loaded(distribute):
    distribute("Soft_Dist", {"operators:mine": "plug_ops:GOOD"}, plug_ops=OPERATORS)
    switch("soft.dist", on=False)
    forget()
    records = fresh(operators)
    assert is_off("SOFT-DIST")
    assert records.get("mine") is None
    assert [plugin.off for plugin in records.plugins()] == [True]
    assert "plug_ops" not in sys.modules
    switch("soft-dist", on=True)
    forget()
    assert fresh(operators).get("mine") is not None


def test_a_registry_that_has_loaded_looks_again_when_it_is_told(distribute, tmp_path):
    distribute("some", {"operators:mine": "plug_ops:GOOD"}, plug_ops=OPERATORS)
    records = fresh(operators)
    assert records.get("mine") is not None
    switch("some", on=False)
    assert records.get("mine") is not None
    forget()
    assert records.get("mine") is None
    assert len(records) == len(records.own)
    assert records.get("exp") is get_operator("exp")


def test_a_choice_that_cannot_be_written_is_an_error_for_people(distribute, tmp_path):
    distribute("some", {})
    (tmp_path / "config").write_text("a file where a folder should be")
    with pytest.raises(FileError, match="cannot be written"):
        switch("some", on=False)


def test_code_of_a_plugin_fails_by_its_name(distribute):
    points = {"operators:quits": "plug_ops:QUITS", "operators:shape": "plug_ops:SHAPE"}
    distribute("soft-dist", points, plug_ops=OPERATORS)
    records = fresh(operators)
    with pytest.raises(PluginError, match=r"plug-in soft-dist 1\.5 failed: SystemExit: no more"):
        records.get("quits")(SCORES, 2)
    with pytest.raises(RankscopeError, match=r"operator shape .* shape \(1, 1\)"):
        records.get("shape").jvp(SCORES, 2, 1.0, SCORES)
    with pytest.raises(ArgumentError, match="k = 9"):  # the person's mistake, not the plug-in's
        records.get("quits")(SCORES, 9)


def test_a_solution_of_its_own_is_contained_too(distribute):
    source = """
from rankscope import Operator
def solve(rows):
    return object()
OP = Operator(key="own", title="Own", solve=solve)
"""
    distribute("some", {"operators:own": "plug_own:OP"}, plug_own=source)
    with pytest.raises(PluginError, match=r"some 1\.5 failed: AttributeError"):
        fresh(operators).get("own")(SCORES, 2)


def test_derivatives_by_differences_are_those_of_the_same_operator(distribute):
    distribute("some", {"operators:mine": "plug_ops:GOOD"}, plug_ops=OPERATORS)
    mine, known = fresh(operators).get("mine"), get_operator("scaled_softmax")
    assert mine.by_differences
    assert not known.by_differences
    x, g = np.random.default_rng(0).standard_normal((2, 4, 9))
    x[1, 2], x[3] = -np.inf, 1e3 + x[3]
    for k in (3, [1, 2.5, 9, 4], 0):
        if not isinstance(k, int):
            x[1, 2] = 0.0
        assert_allclose(mine(x, k, 0.5), known(x, k, 0.5), atol=1e-13)
        for name in ("vjp", "jvp"):
            mine_is, truth = (getattr(op, name)(x, k, 0.5, g) for op in (mine, known))
            assert_allclose(mine_is, truth, rtol=0, atol=1e-7)
        assert_allclose(mine.d_tau(x, k, 0.5), known.d_tau(x, k, 0.5), rtol=1e-8, atol=1e-8)
    with pytest.raises(ArgumentError, match="at most 4096 for a gradient by differences"):
        mine.vjp(np.zeros(5000), 3, 1.0, np.ones(5000))
    assert mine.jvp(np.zeros(5000), 3, 1.0, np.ones(5000)).shape == (5000,)


def test_weights_get_what_they_are_promised(distribute):
    seen = []

    def weights(scores, k, tau):
        seen.append((scores.shape[-1], type(k), np.isfinite(scores).all(), scores.flags.writeable))
        scores[:] = 0.0
        return np.full(scores.shape, k / scores.shape[-1], np.float32)

    op = Operator(key="own", title="Own", weights=weights, needs_integer_k=True)
    x = np.array([[1.0, -np.inf, 2.0], [1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [-np.inf] * 3])
    before = x.copy()
    p = op(x, [1, 0, 2, 1])
    assert_array_equal(p, [[0.5, 0, 0.5], [0, 0, 0], np.full(3, np.float32(2 / 3)), [0, 0, 0]])
    assert_array_equal(x, before)
    assert set(seen) == {(2, int, True, True), (3, int, True, True)}


@pytest.mark.parametrize(
    ("weights", "check"),
    [
        (lambda s, k, tau: s * 0 + np.nan, "weights are numbers and add up"),
        (lambda s, k, tau: s * 0 + 1.0, "weights are numbers and add up"),
        (lambda s, k, tau: s - s.mean() + k / s.shape[-1], "batches are rows one by one"),
        (lambda s, k, tau: s[..., :-1], "weights are numbers and add up"),
        (lambda s, k, tau: np.full(s.shape, k // 1 / s.shape[-1]), "fractional k is taken"),
    ],
)
def test_the_suite_finds_what_is_wrong(weights, check):
    op = Operator(key="own", title="Own", weights=weights, plugin="some 1.0")
    wrong = [result.name for result in run_checks(op, OPERATOR_CHECKS) if result.problem]
    assert any(name.startswith(check) for name in wrong), wrong


FORMATS = """
import numpy as np
from rankscope import Format
def read(path):
    with open(path, "rb") as file:
        data = file.read()
    if data[:1] == b"!":
        raise SystemExit("no")
    if data[:1] == b"[":
        return [1]
    if data[:1] == b"?":
        return {"text": "abc", "none": None, "a": np.ones((2, 2))}
    return {"a": np.frombuffer(data[: len(data) // 8 * 8], "<f8"), 7: np.arange(3)}
DAT = Format(key="lab", title="Lab", suffixes=(".dat", ".LAB"), read=read)
NO_DOT = Format(key="nodot", title="No dot", suffixes=("lab",), read=read)
"""


def test_a_format_reads_what_no_format_of_the_program_does(distribute, tmp_path, monkeypatch):
    points = {"formats:lab": "plug_fmt:DAT", "formats:nodot": "plug_fmt:NO_DOT"}
    distribute("some", points, plug_fmt=FORMATS)
    records = fresh(files, "FORMATS")
    monkeypatch.setattr(files, "FORMATS", records)
    npy = tmp_path / "a.npy"
    np.save(npy, np.eye(2))
    files.open_matrix_file(npy)
    assert "plug_fmt" not in sys.modules  # contents and ending are the program's own
    path = tmp_path / "a.dat"
    path.write_bytes(np.arange(4.0).tobytes())
    with files.open_matrix_file(path) as source:
        assert source.format.key == "lab"
        assert_array_equal(source.read("a", rows=slice(1, 3)), [1.0, 2.0])
        assert source.read("7").dtype == int
        again = pickle.loads(pickle.dumps(source))
        assert_array_equal(again.read("a"), np.arange(4.0))
        path.write_bytes(b"changed since")
        for one in (source, again):
            with pytest.raises(FileError, match="changed"):
                one.read("a")
    assert "suffixes" in found(records)["nodot"]
    for content, words in ((b"!", "SystemExit: no"), (b"[", "gave list"), (b"", "empty")):
        path.write_bytes(content)
        with pytest.raises(FileError, match=words):
            files.open_matrix_file(path)
    path.write_bytes(b"?")
    entries = {entry.name: entry.readable for entry in files.open_matrix_file(path).entries}
    assert entries == {"text": False, "none": False, "a": True}
    path.rename(tmp_path / "b.lab")
    assert files.open_matrix_file(tmp_path / "b.lab").format.key == "lab"


def test_a_rank_rule_may_answer_with_a_number(distribute):
    source = """
import rankscope
R = rankscope.spectrum.RankRule
HALF = R(key="half", title="Half", choose=lambda s: s.values.size // 2)
MUCH = R(key="much", title="Much", choose=lambda s: 1000)
"""
    points = {"rank_rules:half": "plug_rule:HALF", "rank_rules:much": "plug_rule:MUCH"}
    distribute("some", points, plug_rule=source)
    records = fresh(rules, "RANK_RULES")
    choice = records.get("half")(spectrum_of([3.0, 2.0, 1.0, 0.5]))
    assert (choice.rank, choice.rule) == (2, "half")
    assert "plug-in some 1.5" in choice.reason
    with pytest.raises(ArgumentError, match="a rank from 0 to 4"):
        records.get("much")(spectrum_of([3.0, 2.0, 1.0, 0.5]))
