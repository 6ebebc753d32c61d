"""Memory of a worker process: what a large article took goes back to the system."""

from __future__ import annotations

import ctypes
import gc
import resource
import time
from pathlib import Path
from threading import Thread

ARENAS = 2
"""Most arenas of the C library. By default there are eight for each core, and each keeps what its
threads have freed."""

TRIM_SECONDS = 5.0
"""Between two returns of free memory to the system."""

_BUSY_SECONDS = 0.1  # of processor time, below which there is nothing new to return
_GROWTH = 64 * 2**20  # bytes above the size at the start, from which garbage is worth collecting
_M_ARENA_MAX = -8
# By default, a full collection runs each time that the objects of a worker have grown by a quarter.
# While an article with a million of them is built, all threads wait for several of these. The
# drawback: what is in reference cycles, such as the articles in the frames of an exception, would
# stay for hours. `_trim_forever` collects these after large articles.
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
    settled, trimmed_at = _resident(), time.process_time()
    while True:
        time.sleep(TRIM_SECONDS)
        if time.process_time() - trimmed_at < _BUSY_SECONDS:
            continue
        if _resident() > settled + _GROWTH:
            gc.collect()
        trim()
        trimmed_at = time.process_time()


def _resident() -> int:
    """Bytes of the process in memory; 0 where the system does not have /proc."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * resource.getpagesize()
