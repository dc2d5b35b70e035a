"""Every plot of the page from every example, at defaults and at the bounds of its parameters."""

import dataclasses
import pickle
import subprocess
import sys

import numpy as np
import pytest

from engine.files import example_source
from engine.topk import get_operator, match_softness
from gui.core.declare.answers import Answers, Missing
from gui.core.declare.draw import OutOfRange, WholeMoment, draw_plot
from gui.core.declare.options import options
from gui.core.declare.records import Step
from gui.core.figure.figure import Figure
from gui.core.state.document import EXAMPLES_PATH, DataRef, Opened
from gui.core.work.shipping import discard, pack, unpack
from gui.draw import draw, given_of
from gui.pages.topk.contents import PAGE

EXAMPLES = [entry.name for entry in example_source().entries if entry.readable]
PLOTS = [plot.key for plot in PAGE.plots]


def given(name):
    source = example_source()
    entry = source.entry(name)
    ref = DataRef(EXAMPLES_PATH, name, entry.shape, entry.dtype.name)
    return given_of(Opened(ref, source))


def has_content(drawn):
    if isinstance(drawn, Figure):
        return bool(drawn.series or drawn.images)
    return bool(drawn.cells)


@pytest.mark.sample(1 / 3)
@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("key", PLOTS)
def test_every_plot_is_drawn_from_every_example(key, name):
    drawn = draw_plot(PAGE, key, given(name), {}).drawn
    assert drawn.key == key
    assert drawn.title
    vector = len(example_source().entry(name).shape) == 1
    if key in ("topk.load", "topk.margins", "topk.routing") and vector:
        assert "array with rows" in drawn.note
    else:
        assert has_content(drawn)


def _extremes():
    """Yield (parameter, value): both bounds of a number, every choice, both sides of a switch."""
    for one in PAGE.parameters.values():
        if one.kind == "number":
            fixed = [bound for bound in (one.lower, one.upper) if not callable(bound)]
            values = [type(one.default)(bound) for bound in fixed]
            if one.name == "count":
                values = [1, 700]  # five million are for a benchmark
            yield from ((one.name, value) for value in values)
        elif one.kind == "choice" and isinstance(one.choices, dict):
            yield from ((one.name, key) for key in one.choices)
        elif one.kind == "toggle":
            yield from ((one.name, on) for on in (False, True))
        elif one.kind == "many":
            yield from ((one.name, value) for value in ((), ("hard",), ("exp", "softsort")))
        elif one.name == "focus":
            yield from ((one.name, key) for key in ("hard", "exp"))


@pytest.mark.sample(1 / 2)
@pytest.mark.parametrize(("name", "value"), list(_extremes()))
def test_every_plot_is_drawn_at_the_bounds_of_every_parameter_it_hangs_on(name, value):
    about = () if name in ("count", "seed") else given("router logits")
    for plot in PAGE.plots:
        if PAGE.parameters[name] in PAGE.of_plot(plot):
            drawn = draw_plot(PAGE, plot.key, dict(about), {name: value}).drawn
            assert has_content(drawn) or drawn.note


@pytest.mark.parametrize("comparison", ["mass", "entropy"])
@pytest.mark.parametrize("k", [0.0, 64.0])
def test_every_plot_is_drawn_at_equal_softness_where_there_is_no_choice(comparison, k):
    for key in PLOTS:
        values = {"comparison": comparison, "k": k}
        drawn = draw_plot(PAGE, key, given("router logits"), values).drawn
        assert has_content(drawn) or (key == "topk.margins" and drawn.note)


IDLE = 0.7654321
SOFT = ("exp", "sigmoid", "laplace", "grad")
OF_ONE = ("topk.heat", "topk.jacobian")
OF_NONE = ("topk.scores", "topk.numbers", "topk.margins", "topk.routing")  # about no operator
BY_TAU = ("topk.permutation",)  # a permutation has no softness: it goes by tau, and says so


def _at_equal_softness(key, comparison, **values):
    values = {"comparison": comparison, "tau": IDLE, **values}
    return draw_plot(PAGE, key, given("router logits"), values)


def _own(drawn):
    found = {name: float(text) for name, text in drawn.meta.items() if name.startswith("tau ")}
    return {name.removeprefix("tau "): tau for name, tau in found.items()}


@pytest.mark.parametrize("comparison", ["mass", "entropy"])
def test_at_equal_softness_nothing_that_is_drawn_or_said_hangs_on_the_shared_tau(comparison):
    for key in set(PLOTS) - set(BY_TAU):
        one = _at_equal_softness(key, comparison).drawn
        other = _at_equal_softness(key, comparison, tau=0.0123456).drawn
        if isinstance(one, Figure):
            one, other = (dataclasses.replace(drawn, state={}) for drawn in (one, other))
        assert _same(one, other), key
        assert "tau" not in one.meta


@pytest.mark.parametrize("comparison", ["mass", "entropy"])
def test_at_equal_softness_every_plot_says_the_tau_of_each_operator(comparison):
    output = _at_equal_softness("topk.output", comparison)
    own = {key: output.plot.outputs[key].tau for key in SOFT}
    scores, k = output.plot.scores.values, output.plot.k
    for found in match_softness([get_operator(key) for key in SOFT], scores, k, 0.2, comparison):
        assert own[found.key] == found.tau
    for key in set(PLOTS) - {*OF_NONE, *BY_TAU}:
        said = _own(_at_equal_softness(key, comparison).drawn)
        wanted = {"grad": own["grad"]} if key in OF_ONE else own
        assert said == pytest.approx(wanted, rel=1e-5), key
    (line,) = _at_equal_softness("topk.heat", comparison).drawn.cursors
    assert 10**line.value == pytest.approx(own["grad"])
    assert not line.draggable
    lines = _at_equal_softness("topk.tau_sweep", comparison).drawn.cursors
    assert {one.key: one.value for one in lines if one.axis == "x"} == {
        f"tau.{key}": tau for key, tau in own.items()
    }
    laws = _at_equal_softness("topk.laws", comparison).drawn
    column = [column.title for column in laws.columns].index("tau")
    assert [row[column].value for row in laws.cells] == [None, *own.values()]
    readouts = _at_equal_softness("topk.numbers", comparison).drawn
    assert sum("tau " in cell.text for row in readouts.cells for cell in row) == len(SOFT)


@pytest.mark.parametrize(("comparison", "unit"), [("mass", "share of k"), ("entropy", "bits")])
def test_the_softness_has_its_unit(comparison, unit):
    drawn = _at_equal_softness("topk.output", comparison).drawn
    assert drawn.meta["softness"] == f"0.2 {unit}"


def test_an_operator_that_does_not_reach_the_softness_is_drawn_nowhere_and_has_no_tau():
    for key in PLOTS:
        values = {"softness": 0.99, "focus": "sigmoid"}
        if key == "topk.jacobian":
            with pytest.raises(Exception, match="does not answer at this softness"):
                _at_equal_softness(key, "entropy", **values)
            continue
        drawn = _at_equal_softness(key, "entropy", **values).drawn
        assert _own(drawn) == {}
        if isinstance(drawn, Figure) and key not in (*OF_NONE, *OF_ONE, "topk.tau_sweep"):
            assert {one.key.split(".")[0] for one in drawn.series} <= {"hard", "starved"}


def test_the_options_of_a_plot_are_what_it_depends_on():
    assert {"k", "order", "operators", "seed"} <= set(options(PAGE, PAGE.plot("scores")))
    assert "tau" not in options(PAGE, PAGE.plot("scores"))
    assert {"tau", "direction"} <= set(options(PAGE, PAGE.plot("gradient")))


def _same(a, b):
    if isinstance(a, np.ndarray):
        return np.array_equal(a, b, equal_nan=True)
    if dataclasses.is_dataclass(a):
        return all(_same(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a))
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    return a == b or (a != a and b != b)


def test_every_step_travels_to_a_worker_process_and_its_answer_back():
    now = WholeMoment(PAGE, PAGE.state(), given("router logits"), Answers())
    for plot in PAGE.plots:
        assert not isinstance(now.plot(plot), Missing)
    asked = [one.step for found in now._open.values() for one in found]
    assert {type(step) for step in asked} == set(PAGE.steps)
    for step in asked:
        sent = _there_and_back(step)
        found = _there_and_back(sent.run())
        fresh = step.run()
        if hasattr(fresh, "seconds"):
            fresh = dataclasses.replace(fresh, seconds=found.seconds)
        assert _same(found, fresh), step


def _there_and_back(thing):
    parcel, memory = pack(thing, "rankscope-test")
    try:
        return unpack(pickle.loads(pickle.dumps(parcel)), copy=True)[0]
    finally:
        if memory is not None:
            memory.close()
            discard("rankscope-test")


WITHOUT_QT = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("PySide6", "pyqtgraph"):
            raise ImportError(name)
sys.meta_path.insert(0, Blocked())
import numpy as np
from gui.core.declare.draw import draw_plot
from gui.pages.topk.contents import PAGE
assert "engine.topk" not in sys.modules, "the window opens without the operators"
for plot in PAGE.plots:
    draw_plot(PAGE, plot.key, {}, {})
"""


def test_every_plot_is_drawn_where_there_is_no_qt():
    done = subprocess.run([sys.executable, "-c", WITHOUT_QT], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_steps_have_nothing_to_do_with_the_screen():
    for step in PAGE.steps:
        assert issubclass(step, Step)
        assert step.__module__.startswith("gui.pages.topk.compute.")


def test_a_refused_k_says_how_many_scores_there_are_and_how_many_are_masked():
    x = np.array([1.0, 2.0, 3.0, 4.0, -np.inf, -np.inf])
    with pytest.raises(OutOfRange, match=r"in \[0, 4\] \(6 scores, 2 of them masked\)"):
        draw("topk", "output", x, k=5.0)
    with pytest.raises(OutOfRange, match=r"in \[0, 3\] \(3 scores\)"):
        draw("topk", "output", x[:3], k=5.0)
