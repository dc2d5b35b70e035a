"""A process gives up its rights before it parses a file with compiled code of others: on Linux.

What is in such a file may take over the code that parses it. Before that the process gives up the
network, writing to disk and reaching other processes: the files by Landlock where the kernel has
it, by seccomp where it has not, all else by seccomp. Reading stays, and so does what is open
already.

References
----------
Linux, ``Documentation/userspace-api/landlock.rst``, versions 1 to 6; ``seccomp_filter.rst``.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from contextlib import suppress

LANDLOCK, SECCOMP = "landlock", "seccomp"
# Landlock: the rights that change something on a disk, by the version that brought them.
_CHANGES = {1: 1 << 1 | sum(1 << bit for bit in range(4, 13)), 2: 1 << 13, 3: 1 << 14}
_TCP, _SCOPES = 0b11, 0b11  # bind and connect; abstract sockets and signals of other processes
_CREATE_RULESET, _RESTRICT_SELF = 444, 446  # on every machine
_NO_NEW_PRIVILEGES = 38

# seccomp: system calls by machine. The first list is always refused: sockets, io_uring (which
# makes sockets by itself); signals to, tracing and memory of other processes; modes, owners,
# attributes and times of files; other programs, and processes that would outlive this one.
_ALWAYS = {
    "x86_64": (
        *(41, 425, 62, 200, 234, 129, 297, 424, 101, 310, 311, 438),
        *(90, 91, 268, 452, 92, 93, 94, 260, 188, 189, 190, 197, 198, 199, 463, 466),
        *(132, 235, 261, 280),
        *(57, 58, 59, 322),
    ),
    "aarch64": (
        *(198, 425, 129, 130, 131, 138, 240, 424, 117, 270, 271, 438),
        *(52, 53, 452, 54, 55, 5, 6, 7, 14, 15, 16, 463, 466, 88),
        *(221, 281),
    ),
}
# (call, argument, bits): refused where one of the bits is set. Limits of another process; then,
# where there is no Landlock, what is opened to be written.
_LIMITS = {"x86_64": (302, 0, 0xFFFFFFFF), "aarch64": (261, 0, 0xFFFFFFFF)}
# A thread may be started, a process not. What clone3 is asked for a filter cannot see: it is said
# not to be there, and the C library asks clone.
_CLONE = {"x86_64": (56, 0, 0x10000), "aarch64": (220, 0, 0x10000)}
_CLONE3 = 435
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_OPENING = {
    "x86_64": ((2, 1, _WRITE_FLAGS), (257, 2, _WRITE_FLAGS)),
    "aarch64": ((56, 2, _WRITE_FLAGS),),
}
# And there: creat, openat2, unlink, rename, mkdir, rmdir, link, symlink, mknod, truncate.
_WRITING = {
    "x86_64": (85, 437, 87, 263, 82, 264, 316, 83, 258, 84, 86, 265, 88, 266, 133, 259, 76),
    "aarch64": (437, 35, 38, 276, 34, 37, 36, 33, 45),
}
_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SECCOMP_CALL = {"x86_64": 317, "aarch64": 277}
_SET_FILTER, _ALL_THREADS = 1, 1
_X32 = 0x40000000  # calls of a second kind on the same machine
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE, _UNKNOWN = 0x7FFF0000, 0x00050000 | 13, 0x00050000 | 38  # EACCES, ENOSYS

_done: tuple[str, ...] | None = None


def confine() -> tuple[str, ...]:
    """Give up the rights of this process for good; a second call changes nothing.

    Landlock holds for the thread that calls and those it starts: call it before there are others.

    Returns
    -------
    tuple of str
        What sees to it: ``("landlock", "seccomp")`` or ``("seccomp",)``. ``()``: the system has no
        means, and nothing has been given up.

    Examples
    --------
    >>> import subprocess, sys
    >>> code = "from engine.apart import confine; print(confine() == confine())"
    >>> subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    'True\\n'
    """
    global _done
    if _done is None:
        _done = _confined()
    return _done


def _confined() -> tuple[str, ...]:
    if not sys.platform.startswith("linux"):
        return ()
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("500")  # where memory runs out, this process goes and not the window
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return ()
    locked = _landlock(libc)
    filtered = _seccomp(libc, writing=not locked)
    return (LANDLOCK,) * locked + (SECCOMP,) * filtered


def _landlock(libc: ctypes.CDLL) -> bool:
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 3:  # without the right to truncate a file could be emptied
        return False
    handled = sum(right for since, right in _CHANGES.items() if since <= version)
    words = (handled, *((_TCP,) if version >= 4 else ()), *((_SCOPES,) if version >= 6 else ()))
    asked = struct.pack(f"={len(words)}Q", *words)
    rules = libc.syscall(_CREATE_RULESET, asked, ctypes.c_size_t(len(asked)), 0)
    if rules < 0:
        return False
    try:
        return bool(libc.syscall(_RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(rules)


def _seccomp(libc: ctypes.CDLL, *, writing: bool) -> bool:
    machine = platform.machine()
    if machine not in _ARCHITECTURE or sys.byteorder != "little":
        return False
    refused = [*_ALWAYS[machine], *(_WRITING[machine] if writing else ())]
    flagged = [_LIMITS[machine], *(_OPENING[machine] if writing else ())]
    program = _program(_ARCHITECTURE[machine], refused, flagged, _CLONE[machine])
    lines = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_void_p))

    whole = Program(len(program) // 8, ctypes.addressof(lines))
    call = _SECCOMP_CALL[machine]
    return bool(libc.syscall(call, _SET_FILTER, _ALL_THREADS, ctypes.byref(whole)) == 0)


def _program(
    architecture: int,
    refused: list[int],
    flagged: list[tuple[int, int, int]],
    clone: tuple[int, int, int],
) -> bytes:
    """Return the filter: a line is (operation, lines to skip if so, if not, number)."""
    lines = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _REFUSE)]
    lines += [(_LOAD, 0, 0, 0), (_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _REFUSE)]
    for call in refused:
        lines += [(_EQUAL, 0, 1, call), (_RETURN, 0, 0, _REFUSE)]
    for call, argument, bits in flagged:
        lines += [(_EQUAL, 0, 4, call), (_LOAD, 0, 0, 16 + 8 * argument)]
        lines += [(_ANY_BIT, 0, 1, bits), (_RETURN, 0, 0, _REFUSE)]
        lines += [(_RETURN, 0, 0, _ALLOW)]
    lines += [(_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _UNKNOWN)]
    call, argument, bits = clone
    lines += [(_EQUAL, 0, 3, call), (_LOAD, 0, 0, 16 + 8 * argument)]
    lines += [(_ANY_BIT, 1, 0, bits), (_RETURN, 0, 0, _REFUSE)]
    lines += [(_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
