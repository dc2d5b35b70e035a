"""The list of fonts on a new home: made at a fraction of what Matplotlib takes, and the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

FIRST = """
import json, sys, time
from gui.core.export.fonts import font_manager

begun = time.process_time()
quick = font_manager()
took = time.process_time() - begun
begun = time.process_time()
whole = quick.FontManager()
lists = [[sorted(map(repr, one.afmlist)), sorted(map(repr, one.ttflist))]
         for one in (quick.fontManager, whole)]
print(json.dumps({"share": took / (time.process_time() - begun), "same": lists[0] == lists[1],
                  "count": [len(one) for one in lists[0]],
                  "kept": [one.name for one in quick.Path(quick.mpl.get_cachedir()).iterdir()]}))
"""


def test_the_list_is_that_of_matplotlib_and_takes_a_fraction(tmp_path):
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
    assert found["share"] < 0.5
