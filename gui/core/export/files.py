"""Writing a file whole or not at all, and saying in words what went wrong."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from gui.core.words.i18n import tr

FOLDER = "rankscope-"  # begins the name of a temporary folder, before the number of the process
PART = ".rankscope-"  # begins the name of a file that is being written; ".part" ends it
# What the compiled part of Matplotlib says where there is no memory for its arguments.
_FOUND_NO_ROOM = (
    *("Invalid bounding box", "Invalid affine transformation matrix"),
    *("Invalid vertices array", "Invalid codes array"),
)


def temporary_folder() -> TemporaryDirectory[str]:
    """Return a folder that goes when it is left; its name says whose it is, for who is killed."""
    return TemporaryDirectory(prefix=f"{FOLDER}{os.getpid()}-")


class ExportError(Exception):
    """An export or a session file could not be written or read; the message says why."""

    for_people = True


def write_whole(path: Path, write: Callable[[Path], None], *, overwrite: bool) -> None:
    """Let ``write`` fill a temporary file beside ``path``, then give it that name.

    A failure leaves an older file as it was and nothing beside it.

    Raises
    ------
    ExportError
        When the folder is missing, the file exists and ``overwrite`` is False, the disk is full...
    """
    check_target(path, overwrite=overwrite)
    target = Path(os.path.realpath(path))  # write through a link rather than replace it
    part = target.with_name(f"{PART}{secrets.token_hex(8)}.part")
    try:
        try:
            part.touch(exist_ok=False)
            write(part)
            _to_disk(part)
            if overwrite:
                os.replace(part, target)
            else:
                _rename_new(part, target)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        raise _impossible(path, error) from error
    except MemoryError as error:
        raise _no_memory(path) from error
    except ExportError:
        raise
    except Exception as error:
        if str(error) in _FOUND_NO_ROOM:
            raise _no_memory(path) from error
        # Libraries fail once more as they clean up after a full disk, and say only that.
        if (cause := _system_error(error)) is None:
            raise
        raise _impossible(path, cause) from error


def write_data(path: Path, data: bytes, *, overwrite: bool) -> None:
    """Write bytes as `write_whole` does."""

    def put(part: Path) -> None:
        part.write_bytes(data)

    write_whole(path, put, overwrite=overwrite)


def _to_disk(part: Path) -> None:
    """Have the file on the disk before it takes the name of another one."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())


def _system_error(error: BaseException | None) -> OSError | None:
    """Return what the system said before ``error``, None where it said nothing."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        if isinstance(error, OSError) and error.errno is not None:
            return error
        seen.append(error)
        error = error.__cause__ or error.__context__
    return None


def check_target(path: Path, *, overwrite: bool) -> None:
    """Raise ExportError if ``path`` cannot be the name of a new file."""
    try:
        path.stat()
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise _impossible(path, error) from error
    if path.is_dir():
        raise ExportError(tr("{path} is a folder. Add a file name.", path=path))
    if not path.parent.is_dir():
        raise ExportError(
            tr(
                "The folder {folder} does not exist. Create it or choose another one.",
                folder=path.parent,
            )
        )
    if not overwrite and os.path.lexists(path):
        raise _exists(path)


def _impossible(path: Path, error: OSError | ValueError) -> ExportError:
    reason = reason_of(error) if isinstance(error, OSError) else f"{error}."
    return ExportError(tr("{path} cannot be written: {reason}", path=path, reason=reason))


def _no_memory(path: Path) -> ExportError:
    return ExportError(
        tr("{path} cannot be written: the memory is used up. Choose a smaller size.", path=path)
    )


def _exists(path: Path) -> ExportError:
    return ExportError(
        tr("{path} exists already. Choose another name, or allow overwriting.", path=path)
    )


def _rename_new(part: Path, target: Path) -> None:
    try:
        os.link(part, target)  # unlike a rename it fails when somebody has just made the file
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(target):
            raise FileExistsError(str(target)) from None
        os.rename(part, target)


def reason_of(error: OSError) -> str:
    """Return why something cannot be written, and what to do."""
    reasons = {
        errno.EACCES: tr("you may not write there. Choose another folder."),
        errno.EPERM: tr("you may not write there. Choose another folder."),
        errno.EROFS: tr("the disk is read-only. Choose another folder."),
        errno.ENOSPC: tr("the disk is full. Free some space or choose another disk."),
        errno.EDQUOT: tr("your disk quota is used up. Free some space or choose another disk."),
        errno.ENAMETOOLONG: tr("the name is too long. Choose a shorter one."),
        errno.ENOTDIR: tr("a part of the path is a file, not a folder. Choose another folder."),
        errno.EFBIG: tr("the disk takes no file so large. Choose another disk."),
        errno.ENOMEM: tr("the memory is used up. Close other programs, then try again."),
        errno.ENOENT: tr("the folder has gone. Choose another one."),
    }
    other = tr("{error}. Try another folder.", error=error.strerror or type(error).__name__)
    return reasons.get(error.errno or 0, other)
