"""The figures of :mod:`benchmarks.speed.measure` as pictures."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

from benchmarks.speed.report import Results, latency, middle, title_of


def plot(results: Results, folder: Path) -> None:
    """Write a PNG for each section of ``results`` that has one."""
    mpl.use("Agg")
    for name, draw in (("throughput", _throughput), ("latency", _latency), ("length", _length)):
        if name in results:
            plt.figure(figsize=(7, 4), dpi=150)
            draw(results[name])
            plt.tight_layout()
            plt.savefig(folder / f"{name}.png")
            plt.close()


def _throughput(found: Results) -> None:
    pace = {title_of(name): middle(turns, "articles") for name, turns in found["turns"].items()}
    names = sorted(pace, key=lambda name: pace[name])
    bars = plt.barh(names, [pace[name] for name in names])
    plt.bar_label(bars, fmt="%.1f", padding=3)
    plt.xlabel("articles a second, closed loop")


def _latency(found: Results) -> None:
    points = list(zip(*(each["points"] for each in found["rounds"]), strict=True))
    below = [each for each in points if each[0]["fraction"] < 1]
    rates = [middle(each, "rate") for each in below]
    for percent in (50, 95, 99):
        times = [1000 * latency(each, percent) for each in below]
        plt.plot(rates, times, marker="o", label=f"p{percent}")
    plt.xlabel("articles offered a second (Poisson)")
    plt.ylabel("latency, ms")
    plt.yscale("log")
    plt.grid(visible=True, which="both", alpha=0.3)
    plt.legend()


def _length(found: Results) -> None:
    lengths = [int(length) for length in found["lengths"]]
    for member, label in (("wall", "on the clock"), ("processor", "of processor time")):
        plt.plot(
            lengths, [middle(of, member) for of in found["lengths"].values()], "o-", label=label
        )
    plt.xscale("log")
    plt.ylim(bottom=0)
    plt.xlabel("words of the text")
    plt.ylabel("µs a word")
    plt.grid(visible=True, alpha=0.3)
    plt.legend()
