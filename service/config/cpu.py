"""The number of processor cores that this process may use."""

from __future__ import annotations

import math
import os
from pathlib import Path


def usable_cores(cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """Return the number of cores this process may run on, limited by its CPU quota; at least 1.

    Args:
        cgroup: Mount point of the control group file system, version 2 or 1.
    """
    cores = len(os.sched_getaffinity(0))
    quota = _read_quota(cgroup)
    return max(1, cores if quota is None else min(cores, math.floor(quota)))


def _read_quota(cgroup: Path) -> float | None:
    """Return the CPU quota in cores, or ``None`` if the control group sets no limit."""
    try:
        quota, period = (cgroup / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            quota = (cgroup / "cpu" / "cpu.cfs_quota_us").read_text()
            period = (cgroup / "cpu" / "cpu.cfs_period_us").read_text()
        except OSError:
            return None
    try:
        cores = int(quota) / int(period)
    except (ValueError, ZeroDivisionError):  # version 2 writes "max" for no limit
        return None
    return cores if cores > 0 else None  # version 1 writes -1 for no limit
