"""Where to save: the kind a person picks decides the suffix, whatever the platform appends."""

import pytest
from PySide6.QtWidgets import QFileDialog

from gui.core.widgets.dialogs import Dialogs, filter_string

KINDS = [
    ("Archive", (".npz",)),
    ("Checkpoint", (".safetensors",)),
    ("For LoRA", (".lora.safetensors",)),
]


@pytest.fixture
def save(monkeypatch):
    """Answer the platform's dialog with a name and the place of the kind picked in it."""

    def save_(name, picked, start="q-rank8.npz", kinds=KINDS):
        offered = []

        def answer(parent, title, start, filters, selected, options):
            offered.append(selected)
            return name, filter_string(kinds[picked : picked + 1]) if name else ""

        monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
        path = Dialogs().save_file(None, "Save", start, kinds)
        return path, offered[0]

    return save_


@pytest.mark.parametrize(
    ("name", "picked", "expected"),
    [
        ("q-rank8.npz", 0, "q-rank8.npz"),
        ("q-rank8.npz", 2, "q-rank8.lora.safetensors"),
        ("q-rank8.safetensors", 2, "q-rank8.lora.safetensors"),
        ("q-rank8.lora.safetensors", 2, "q-rank8.lora.safetensors"),
        ("q-rank8.lora.safetensors", 1, "q-rank8.safetensors"),
        ("Q.NPZ", 1, "Q.safetensors"),
        ("q", 2, "q.lora.safetensors"),
        ("q.v2", 0, "q.v2.npz"),
        ("", 0, ""),
    ],
)
def test_saving_takes_the_whole_suffix_of_the_kind_picked(save, name, picked, expected):
    assert save(name, picked)[0] == expected


@pytest.mark.parametrize("name", ["q.safetensors", "q.lora.safetensors", "Q.NPZ"])
def test_saving_keeps_a_suffix_typed_without_picking_a_kind(save, name):
    assert save(name, 0)[0] == name


def test_saving_offers_the_kind_of_the_name_it_begins_with(save):
    assert save("q.lora.safetensors", 2, start="q.lora.safetensors") == (
        "q.lora.safetensors",
        "For LoRA (*.lora.safetensors)",
    )


def test_a_dialog_begins_where_a_person_last_was(monkeypatch, tmp_path):
    """Never where the program happens to run."""
    begun = []

    def answer(_parent, _title, start, *_, **__):
        begun.append(start)
        return str(tmp_path / "made.npz"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    monkeypatch.setenv("HOME", "/home/of/a/person")
    dialogs, kinds = Dialogs(), [("archive", (".npz",))]
    for start in ("q.npz", "q.npz", "/else/where/q.npz"):
        dialogs.save_file(None, "Save", start, kinds)
    assert begun == ["/home/of/a/person/q.npz", str(tmp_path / "q.npz"), "/else/where/q.npz"]
