"""pyqtgraph looks Qt's names up as it asks for them, and finds each."""

import subprocess
import sys

import pyqtgraph
from PySide6 import QtCore, QtGui, QtWidgets


def count(first: str) -> int:
    code = f"""
{first}
from PySide6 import QtCore, QtGui, QtWidgets
print(sum(isinstance(one, type) for m in (QtCore, QtGui, QtWidgets) for one in vars(m).values()))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_a_name_is_the_one_of_qt():
    for ours, theirs in ((pyqtgraph.QtCore, QtCore), (pyqtgraph.QtGui, QtGui)):
        names = [name for name in dir(theirs) if name.isidentifier() and name[0] != "_"]
        assert len(names) > 100
        assert all(getattr(ours, name) is getattr(theirs, name) for name in names)
    assert pyqtgraph.QtWidgets.QWidget is QtWidgets.QWidget
    assert not hasattr(pyqtgraph.QtCore, "QNothing")


def test_few_of_qts_classes_are_made_for_it():
    alone = count("import pyqtgraph")
    assert count("import gui.core.paint.graphs") < alone / 2


def test_qt_lists_its_names_as_before():
    assert "QTimer" in dir(QtCore)
