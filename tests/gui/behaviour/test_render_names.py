"""The figures of ``rankscope render`` under the names they had before."""

from __future__ import annotations

import json

import numpy as np
import pytest

from gui.core.words import i18n
from gui.render import main
from tests.support.goldens.figure_summary import differences, fingerprint
from tests.support.goldens.recorded import RECORDED, lay_out, read_json

RENDERS = read_json(RECORDED / "renders.json")


@pytest.fixture(autouse=True)
def _in_english(monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    yield
    i18n.set_language("en")


def drawn(path, recorded):
    """What an .npz of a figure holds, in a few lines.

    What a log axis cannot show was left out of the numbers; it is among them now.
    """
    with np.load(path) as arrays:
        said = json.loads(str(arrays["metadata"][()]))
        numbers = {name: arrays[name] for name in arrays if name != "metadata"}
    for name, values in numbers.items():
        missing = recorded["arrays"].get(name, [0, 0])[1]
        if missing and np.isfinite(values).all():
            values[np.argsort(values)[:missing]] = np.nan
    return {"figure": said["figure"], "arrays": {n: fingerprint(v) for n, v in numbers.items()}}


@pytest.mark.parametrize("words", RENDERS)
def test_a_recorded_command_line_draws_what_it_drew(tmp_path, words):
    lay_out(tmp_path)
    file, figure, *options = words.split()
    target = tmp_path / "figure.npz"
    asked = [str(tmp_path / file), "--figure", figure, "--out", str(target), *options]
    assert main(asked) == 0
    assert list(differences(RENDERS[words], drawn(target, RENDERS[words]))) == []
