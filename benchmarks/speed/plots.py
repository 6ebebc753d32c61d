"""The figures of :mod:`benchmarks.speed.measure` as pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt

from benchmarks.speed.report import Results, latency, middle, title_of

_PANELS = (
    ("articles", 1, "articles a second, closed loop"),
    ("processor", 1000, "ms of processor time an article"),
    ("together", 1, "MB of memory, all processes"),
    ("started", 1, "seconds until ready"),
)


def plot(results: Results, folder: Path) -> None:
    """Write a PNG for each section of ``results``."""
    mpl.use("Agg")
    for name, draw in _PLOTS.items():
        if name in results:
            figure = draw(results[name])
            figure.savefig(folder / f"{name}.png")
            plt.close(figure)


def _bars(axes: Any, lengths: dict[str, float], label: str) -> None:
    names = sorted(lengths, key=lambda name: lengths[name])
    bars = axes.barh(names, [lengths[name] for name in names])
    axes.bar_label(bars, fmt=lambda v: f"{v:,.0f}" if v >= 100 else f"{v:.3g}", padding=3)
    axes.margins(x=0.15)
    axes.set_xlabel(label)


def _throughput(found: Results) -> Any:
    figure, axes = plt.subplots(2, 2, figsize=(13, 8), dpi=120, layout="constrained")
    for panel, (member, factor, label) in zip(axes.flat, _PANELS, strict=True):
        turns = {name: of for name, of in found["turns"].items() if member in of[0]}
        _bars(panel, {title_of(n): factor * middle(of, member) for n, of in turns.items()}, label)
    return figure


def _latency(found: Results) -> Any:
    figure, (times, answers) = plt.subplots(1, 2, figsize=(12, 4.5), dpi=120, layout="constrained")
    points = list(zip(*(each["points"] for each in found["rounds"]), strict=True))
    below = [each for each in points if each[0]["fraction"] < 1]
    rates = [middle(each, "rate") for each in below]
    for percent in (50, 95, 99):
        values = [1000 * latency(each, percent) for each in below]
        times.plot(rates, values, "o-", label=f"p{percent}")
    times.set(yscale="log", ylabel="latency, ms")
    times.legend()
    offered = [middle(each, "rate") for each in points]
    answers.plot(offered, [middle(each, "goodput") for each in points], "o-")
    answers.set(ylim=(0, None), ylabel=f"answered within {found['limit']:g} s, a second")
    for axes in (times, answers):
        axes.set_xlabel("articles offered a second (Poisson)")
        axes.grid(visible=True, which="both", alpha=0.3)
    return figure


def _length(found: Results) -> Any:
    figure, axes = plt.subplots(figsize=(7, 4.5), dpi=120, layout="constrained")
    lengths = [int(length) for length in found["lengths"]]
    for member, label in (("wall", "on the clock"), ("processor", "of processor time")):
        axes.plot(lengths, [middle(of, member) for of in found["lengths"].values()], "o-")
        axes.lines[-1].set_label(label)
    axes.set(xscale="log", ylim=(0, None), xlabel="words of the text", ylabel="µs a word")
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    return figure


def _single(found: Results) -> Any:
    figure, axes = plt.subplots(figsize=(7, 4.5), dpi=120, layout="constrained")
    stages = {name: middle(found["stages"], name) for name in found["stages"][0]}
    _bars(axes, stages, "ms an article, idle server")
    return figure


_PLOTS: dict[str, Callable[[Results], Any]] = {
    "throughput": _throughput,
    "latency": _latency,
    "length": _length,
    "single": _single,
}
