import os

import pytest
from PySide6.QtCore import QByteArray

from gui.window.settings import RECENT_LIMIT, Settings


def test_value_returns_what_was_set_after_a_restart(tmp_path):
    path = str(tmp_path / "settings.ini")
    settings = Settings(path)
    settings.set_value("name", "röuter")
    settings.set_value("flag", False)
    settings.set_value("count", 7)
    settings.set_value("width", 160.5)
    settings.set_value("bytes", QByteArray(b"\x00\xff"))
    settings.sync()
    again = Settings(path)
    assert again.value("name", "") == "röuter"
    assert again.value("flag", True) is False
    assert again.value("count", 0) == 7
    assert again.value("width", 0.0) == 160.5
    assert again.value("bytes", QByteArray()) == QByteArray(b"\x00\xff")


@pytest.mark.qt_log_ignore("Trying to construct an instance of an invalid type")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00\x01\x02",
        "[General]\ncount=@Invalid()\nrecent_files=@Variant(garbage)\n",
        "[General]\ncount=many\nflag=perhaps\nwidth=wide\nrecent_files=1, 2\n",
        "not an ini file at all ][",
        "[window]\ngeometry=nonsense\nstate=@ByteArray(xyz)\n",
    ],
)
def test_a_broken_settings_file_gives_defaults(tmp_path, text):
    path = tmp_path / "settings.ini"
    path.write_text(text, encoding="utf-8")
    settings = Settings(str(path))
    assert settings.value("count", 3) == 3
    assert settings.value("flag", True) is True
    assert settings.value("width", 2.5) == 2.5
    assert isinstance(settings.recent_files(), list)
    assert isinstance(settings.value("window/geometry", QByteArray()), QByteArray)


def test_recent_files_are_newest_first_without_repeats_and_bounded(settings):
    for number in range(RECENT_LIMIT + 3):
        settings.add_recent(f"/data/{number}.npy")
    settings.add_recent("/data/9.npy")
    recent = settings.recent_files()
    assert recent[0] == "/data/9.npy"
    assert len(recent) == len(set(recent)) == RECENT_LIMIT
    settings.remove_recent("/data/9.npy")
    assert "/data/9.npy" not in settings.recent_files()


def test_one_recent_file_survives_the_ini_format(tmp_path):
    path = str(tmp_path / "settings.ini")
    settings = Settings(path)
    settings.add_recent("/only.npy")
    settings.sync()
    assert Settings(path).recent_files() == ["/only.npy"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_no_error(tmp_path):
    tmp_path.chmod(0o500)
    settings = Settings(str(tmp_path / "settings.ini"))
    settings.set_value("name", "x")
    settings.sync()
    assert settings.value("name", "") == "x"
