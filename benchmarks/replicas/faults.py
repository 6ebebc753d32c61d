"""What goes wrong in a lab, and when."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.replicas import load
from benchmarks.replicas.lab import REPLICAS, URL, Lab
from benchmarks.replicas.load import Answer, Plan
from benchmarks.server import ROOT

_PATIENCE = 120.0  # until the last answers


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong.

    Attributes:
        name: what it is.
        happen: makes it happen; returns when it is over.
        calm: seconds without a fault before it.
    """

    name: str
    happen: Callable[[Lab], None]
    calm: float


@dataclass(frozen=True)
class Event:
    """A fault that has happened.

    Attributes:
        name: what it was.
        began: when it began, on the clock of :func:`time.monotonic`.
        ended: when it was over.
    """

    name: str
    began: float
    ended: float


def kill(lab: Lab) -> None:
    """Kill a replica, and start it again."""
    lab.kill("replica1")
    # Within 1.3 s; in production, a supervisor starts it again.
    lab.wait_until("replica1", "DOWN")
    lab.start("replica1")
    lab.wait_until("replica1", "UP")


def restart_all(lab: Lab) -> None:
    """Replace each replica by a new process, one after the other."""
    for name in REPLICAS:
        restart(lab, name)


def restart(lab: Lab, name: str = "replica1") -> None:
    """Replace a replica by a new process."""
    lab.stop(name)
    lab.start(name)
    lab.wait_until(name, "UP")


def freeze(seconds: float) -> Callable[[Lab], None]:
    """Stop all processes of a replica for a while without ending them."""

    def happen(lab: Lab) -> None:
        lab.signal("replica2", signal.SIGSTOP)
        time.sleep(seconds)
        lab.signal("replica2", signal.SIGCONT)
        lab.wait_until("replica2", "UP")

    return happen


def cut_off(seconds: float) -> Callable[[Lab], None]:
    """Separate a replica from the balancer and from the Redis for a while."""

    def happen(lab: Lab) -> None:
        lab.disconnect("replica3")
        time.sleep(seconds)
        lab.connect("replica3")
        lab.wait_until("replica3", "UP")

    return happen


def lose_redis(seconds: float) -> Callable[[Lab], None]:
    """Kill the Redis; an empty one takes over its address after a while."""

    def happen(lab: Lab) -> None:
        lab.kill("redis")
        time.sleep(seconds)
        lab.start_redis()

    return happen


FAULTS = (
    Fault("killed", kill, 20),
    Fault("rolling restart", restart_all, 10),
    Fault("frozen", freeze(20), 10),
    Fault("cut off", cut_off(15), 10),
    Fault("Redis lost", lose_redis(10), 10),
)
"""In two to three minutes, with :data:`AFTERMATH` seconds at the end."""

SHORT = (
    Fault("frozen", freeze(4), 1),
    Fault("cut off", cut_off(2), 0),
    Fault("Redis lost", lose_redis(0.5), 0),
    Fault("restarted", restart, 0),
    Fault("killed", lambda lab: lab.kill("replica2"), 0),
)
"""Each kind once, in some 15 seconds."""

AFTERMATH = 10.0
_MOST_SECONDS = 300.0


def run(
    lab: Lab, rate: float, faults: tuple[Fault, ...], aftermath: float
) -> tuple[list[Answer], list[Event]]:
    """Let faults happen under a load, one after the other.

    Args:
        lab: where they happen.
        rate: requests per second.
        faults: what happens.
        aftermath: seconds of load after the last fault.
    """
    process = begin(lab, Plan(URL, _MOST_SECONDS, rate=rate))
    events = []
    try:
        for fault in faults:
            time.sleep(fault.calm)
            began = time.monotonic()
            fault.happen(lab)
            events.append(Event(fault.name, began, time.monotonic()))
        time.sleep(aftermath)
        process.send_signal(signal.SIGTERM)
        return finish(process), events
    finally:
        process.kill()


def begin(lab: Lab, plan: Plan) -> subprocess.Popen[bytes]:
    """Start a load generator in the host of the balancer."""
    command = lab.command("hub", sys.executable, "-m", "benchmarks.replicas.load")
    process = subprocess.Popen(  # noqa: S603  no untrusted input
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdin is not None  # noqa: S101  for mypy
    process.stdin.write(load.encode(plan))
    process.stdin.close()
    process.stdin = None
    return process


def finish(process: subprocess.Popen[bytes]) -> list[Answer]:
    """The answers of a load, once all have arrived.

    Raises:
        subprocess.CalledProcessError: the load generator fails.
    """
    output, _ = process.communicate(timeout=_PATIENCE)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return load.decode(output)
