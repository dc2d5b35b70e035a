"""What a process cannot do any more once it is confined, by each of the two means."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from engine.apart import confined

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the means")

PROGRAM = """
import json, os, resource, socket, sys, threading
from engine.apart import confined
if sys.argv[1] == "seccomp":
    confined._landlock = lambda libc: False
means = confined.confine()
here, out = sys.argv[2], {}
def trial(name, act):
    try:
        act()
        out[name] = ""
    except OSError as error:
        out[name] = type(error).__name__
trial("socket", lambda: socket.socket())
trial("unix socket", lambda: socket.socket(socket.AF_UNIX))
trial("new file", lambda: open(here + "/new", "w"))
trial("append", lambda: open(here + "/kept", "a"))
trial("truncate", lambda: os.truncate(here + "/kept", 0))
trial("remove", lambda: os.unlink(here + "/kept"))
trial("rename", lambda: os.rename(here + "/kept", here + "/other"))
trial("folder", lambda: os.mkdir(here + "/folder"))
trial("link", lambda: os.symlink(here + "/kept", here + "/link"))
trial("mode", lambda: os.chmod(here + "/kept", 0o777))
trial("times", lambda: os.utime(here + "/kept"))
trial("memory of another", lambda: open(f"/proc/{os.getppid()}/mem", "r+b"))
descriptor = os.open(here + "/kept", os.O_RDONLY)
trial("mode of what is open", lambda: os.fchmod(descriptor, 0o777))
trial("attribute", lambda: os.setxattr(here + "/kept", "user.a", b"1"))
trial("shared memory", lambda: open(f"/dev/shm/rkconfined-{os.getpid()}", "w"))
trial("signal", lambda: os.kill(os.getppid(), 0))
trial("own signal", lambda: os.kill(os.getpid(), 0))
trial("another process", lambda: os._exit(0) if os.fork() == 0 else None)
trial("another program", lambda: os.execv("/bin/true", ["true"]))
trial("limits", lambda: resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE))
thread = threading.Thread(target=lambda: trial("thread", lambda: open(here + "/new", "w")))
thread.start(); thread.join()
os.system(f"touch {here}/started 2>/dev/null")
trial("read", lambda: open(here + "/kept").read())
trial("own limits", lambda: resource.getrlimit(resource.RLIMIT_NOFILE))
print(json.dumps([means, out]))
"""


def outcome(means, folder):
    (folder / "kept").write_text("1,2\n")
    command = [sys.executable, "-c", PROGRAM, means, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("means", ["landlock", "seccomp"])
def test_a_confined_process_reads_and_does_no_more(means, tmp_path):
    found, out = outcome(means, tmp_path)
    if means not in found:
        pytest.skip(f"this kernel has no {means}")
    may = {name for name, error in out.items() if not error}
    assert may == {"read", "own limits"}
    assert set(out.values()) == {"", "PermissionError"}
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"kept": "1,2\n"}


def test_where_there_are_no_means_nothing_is_claimed(monkeypatch):
    monkeypatch.setattr(confined.sys, "platform", "darwin")
    assert confined._confined() == ()
