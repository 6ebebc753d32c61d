"""Plots the latencies of a load and the faults that happened during it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

from benchmarks.replicas.faults import Event
from benchmarks.replicas.figures import due, failures, p99
from benchmarks.replicas.load import OK, Answer


def plot(answers: Sequence[Answer], events: Sequence[Event], file: Path) -> None:
    """Write a plot of the latency of each request, with p99 and the faults, as PNG."""
    mpl.use("Agg")
    began = min(answer.due for answer in answers)
    figure, axes = plt.subplots(figsize=(11, 4.5), dpi=110, layout="constrained")
    for event in events:
        axes.axvspan(event.began - began, event.ended - began, color="tab:orange", alpha=0.18)
        axes.text(event.began - began, 1.01, event.name, transform=axes.get_xaxis_transform())
    good, bad = [a for a in answers if a.outcome == OK], failures(answers)
    axes.plot([a.due - began for a in good], [a.latency for a in good], ".", ms=2, alpha=0.5)
    axes.plot([a.due - began for a in bad], [a.latency for a in bad], "rx", label="failed")
    seconds = np.arange(0, max(answer.due for answer in answers) - began, 1)
    tails = [p99(due(answers, began + s, began + s + 2)) for s in seconds]
    axes.plot(seconds + 1, tails, color="black", lw=1, label="p99 of two seconds")
    axes.set(yscale="log", xlabel="seconds", ylabel="latency, s", xlim=(0, None))
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(file)
    plt.close(figure)
