"""The list of fonts on a new home: made from the heads of its files, and the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

FIRST = """
import json
from matplotlib import _afm
from gui.core.export.fonts import _TABLES, font_manager

read = []
for name in _TABLES:
    parse = getattr(_afm, name)
    setattr(_afm, name, lambda file, parse=parse: (read.append(1), parse(file))[1])
whole = [getattr(_afm, name) for name in _TABLES]
quick = font_manager()
early = len(read)
all_of_it = quick.FontManager()
lists = [[sorted(map(repr, one.afmlist)), sorted(map(repr, one.ttflist))]
         for one in (quick.fontManager, all_of_it)]
print(json.dumps({"early": early, "late": len(read), "same": lists[0] == lists[1],
                  "back": whole == [getattr(_afm, name) for name in _TABLES],
                  "count": [len(one) for one in lists[0]],
                  "kept": [one.name for one in quick.Path(quick.mpl.get_cachedir()).iterdir()]}))
"""


def test_the_list_is_that_of_matplotlib_and_no_metrics_are_read_for_it(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", FIRST],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"MPLCONFIGDIR": str(tmp_path)},
        cwd=Path(__file__).resolve().parents[4],
    )
    found = json.loads(done.stdout)
    assert found["same"]
    assert min(found["count"]) > 30
    assert any(name.startswith("fontlist") for name in found["kept"])
    assert found["early"] == 0 < found["late"]
    assert found["back"]
