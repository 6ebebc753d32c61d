"""The folder through which the processes of one server add up their metrics.

It has to be there, and named in the environment, before ``prometheus_client`` is imported; so this
module imports nothing but Python's own.
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
"""By which ``prometheus_client`` finds the folder."""

_PREFIX = "enrich-metrics-"
_MEMORY = Path("/dev/shm")  # noqa: S108  in a container it can be written to where all else cannot
_OWNER, _CHANGES = "owner", "changes"
_made: list[Path] = []


@cache
def make_folder() -> Path:
    """A new folder, for as long as this process lives; the same one at each call.

    In memory where that is possible: every request writes to it. What servers that were killed
    have left behind goes.

    Raises:
        OSError: it can be made nowhere.
    """
    parent = _MEMORY if os.access(_MEMORY, os.W_OK) else Path(gettempdir())
    for folder in parent.glob(f"{_PREFIX}*"):
        if _is_left_behind(folder):
            shutil.rmtree(folder, ignore_errors=True)
    folder = Path(mkdtemp(prefix=_PREFIX, dir=parent))
    (folder / _CHANGES).touch()
    # Held by this process and those that it forks, until the last of them has ended.
    owner = os.open(folder / _OWNER, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(owner, fcntl.LOCK_EX)
    _made.append(folder)
    return folder


def made_folder() -> Path | None:
    """The folder of this process, or of the one it was forked from, if there is one."""
    return _made[-1] if _made else None


def remove_folder() -> None:
    """Remove the folder, if there is one, at the end of the server."""
    if folder := made_folder():
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """No file of ``folder`` is dropped inside the ``with`` block."""
    with _locked(folder, fcntl.LOCK_SH):
        yield


@contextmanager
def changing(folder: Path) -> Iterator[None]:
    """No file of ``folder`` is read by another process inside the ``with`` block."""
    with _locked(folder, fcntl.LOCK_EX):
        yield


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    with (folder / _CHANGES).open("r+b") as file:  # opened anew: forks share the locks of a file
        fcntl.flock(file, how)
        yield


def _is_left_behind(folder: Path) -> bool:
    """Whether no process lives that has ``folder``."""
    try:
        owner = os.open(folder / _OWNER, os.O_RDWR)
    except OSError:  # just being made, or somebody else's
        return False
    try:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(owner)
    return True
