"""The folder in which the processes of one server share their metrics.

``prometheus_client`` reads the folder's name from the environment when it is imported, so this
module imports only the standard library.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import gettempdir, mkdtemp

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable that names the folder for ``prometheus_client``."""

_PREFIX = "enrich-metrics-"
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  writable in a read-only container
_OWNER, _LOCK = "owner", "lock"
_created: list[Path] = []


@cache
def make_folder(memory: Path = _SHARED_MEMORY) -> Path:
    """Create the folder of this server; repeated calls return the same folder.

    Folders of killed servers are removed.

    Args:
        memory: A file system in memory, preferred because every request writes to the folder. If it
            is not writable, the folder is created where temporary files are.

    Raises:
        OSError: The folder cannot be created.
    """
    parent = memory if os.access(memory, os.W_OK) else Path(gettempdir())
    for folder in parent.glob(f"{_PREFIX}*"):
        if _is_abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)
    folder = Path(mkdtemp(prefix=_PREFIX, dir=parent))
    (folder / _LOCK).touch()
    # This process and its forks hold the lock until the last of them exits.
    owner = os.open(folder / _OWNER, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(owner, fcntl.LOCK_EX)
    _created.append(folder)
    return folder


def current_folder() -> Path | None:
    """Return the folder that this process or its parent created, if any."""
    return _created[-1] if _created else None


def remove_folder() -> None:
    """Remove the folder, if any."""
    if folder := current_folder():
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def read_lock(folder: Path) -> Iterator[None]:
    """Prevent other processes from removing files of ``folder`` in the ``with`` block."""
    with _locked(folder, fcntl.LOCK_SH):
        yield


@contextmanager
def write_lock(folder: Path) -> Iterator[None]:
    """Prevent other processes from reading files of ``folder`` in the ``with`` block."""
    with _locked(folder, fcntl.LOCK_EX):
        yield


@contextmanager
def _locked(folder: Path, operation: int) -> Iterator[None]:
    with (folder / _LOCK).open(
        "r+b"
    ) as file:  # a new descriptor: forks share the lock of an inherited one
        fcntl.flock(file, operation)
        yield


def _is_abandoned(folder: Path) -> bool:
    """Return whether all processes that used ``folder`` have exited."""
    try:
        owner = os.open(folder / _OWNER, os.O_RDWR)
    except OSError:  # being created by another process, or of another user
        return False
    try:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(owner)
    return True
