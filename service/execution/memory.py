"""Memory of a worker process: what a large article took goes back to the system."""

from __future__ import annotations

import ctypes
import gc
import time
from threading import Thread

ARENAS = 2
"""Most arenas of the C library. By default there are eight for each core, and each keeps what its
threads have freed."""

TRIM_SECONDS = 5.0
"""Between two returns of free memory to the system."""

_BUSY_SECONDS = (
    1.0  # of processor time since the last return, below which there is little to return
)
_M_ARENA_MAX = -8
# By default, a full collection runs each time that the objects of a worker have grown by a quarter.
# While an article with a million of them is built, all threads wait for several of these.
_COLLECTIONS = (10_000, 20, 50)


def limit_arenas() -> None:
    """Use few arenas; to be called before there are threads. Does nothing without glibc."""
    try:
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)
    except (AttributeError, OSError):
        return


def settle() -> None:
    """Leave what is loaded now out of garbage collections, and make full ones rare."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTIONS)


def trim() -> None:
    """Return free memory to the system. Does nothing without glibc."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError):
        return


def start_trimming() -> None:
    """Call :func:`trim` now and then, in a thread of its own, while the process works."""
    Thread(target=_trim_forever, name="memory", daemon=True).start()


def _trim_forever() -> None:
    trimmed_at = time.process_time()
    while True:
        time.sleep(TRIM_SECONDS)
        if time.process_time() - trimmed_at >= _BUSY_SECONDS:
            trim()
            trimmed_at = time.process_time()
