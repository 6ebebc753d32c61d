"""Let replicas behind HAProxy fail under load: ``python -m benchmarks.replicas``, as root.

The command starts three replicas, a Redis and HAProxy in network namespaces, measures what they can
do, sends 80 % of it, and kills, restarts, freezes and cuts off replicas and the Redis. It prints
Markdown; the exit code is 1 if this project's client loses an article, or if 0.1 % of the
requests of another client fail, which sends none again.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from benchmarks.replicas import faults, figures
from benchmarks.replicas.capacity import capacity, compare
from benchmarks.replicas.faults import Event
from benchmarks.replicas.lab import Lab, missing
from benchmarks.replicas.load import OTHER, Answer
from benchmarks.server import machine

LOAD = 0.8  # of the capacity
MOST_FAILURES = 0.001


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)  # ends the processes and removes the namespaces


def under_load() -> tuple[list[Answer], list[Event]]:
    """Let all faults happen at :data:`LOAD`."""
    with Lab() as lab:
        most = capacity(lab).rate
        rate = LOAD * most
        print(f"Capacity: {most:.0f} articles per second; load: {rate:.0f}\n", flush=True)
        return faults.run(lab, rate, faults.FAULTS, faults.AFTERMATH)


def main() -> None:
    """Run, print and exit."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replicas", description=__doc__)
    parser.add_argument("--plot", type=Path, metavar="FILE", help="PNG to write")
    parser.add_argument(
        "--capacity", action="store_true", help="measure one replica and two instead, in a minute"
    )
    arguments = parser.parse_args()
    if reason := missing():
        sys.exit(f"Cannot run: {reason}.")
    signal.signal(signal.SIGTERM, _end)
    print(f"{machine()}\n", flush=True)
    if arguments.capacity:
        print(compare())
        return
    answers, events = under_load()
    print(figures.table(answers, events))
    if arguments.plot:
        from benchmarks.replicas.plot import plot  # matplotlib is not in every environment

        plot(answers, events, arguments.plot)
    others = [answer for answer in answers if answer.caller == OTHER]
    failed = len(figures.failures(answers)) >= MOST_FAILURES * len(others)
    sys.exit(failed or bool(figures.lost(answers)))


if __name__ == "__main__":
    main()
