"""Plots the losses and dev scores of a run by epoch."""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib

matplotlib.use("agg")
from matplotlib import pyplot as plt


def plot(run: Path) -> Path:
    """Draw ``run/log.jsonl`` as ``run/log.png``.

    Args:
        run: folder of the run.

    Returns:
        Path of the picture.
    """
    epochs = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    names = [name for name in epochs[0] if name != "epoch"]
    figure, (losses, scores) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    losses.set(title="training loss", xlabel="epoch", yscale="log")
    scores.set(title="dev score, %", xlabel="epoch")
    for name in names:
        axes = losses if name.startswith("loss_") else scores
        values = [epoch[name] for epoch in epochs]
        axes.plot([epoch["epoch"] for epoch in epochs], values, marker="o", label=name)
    for axes in (losses, scores):
        axes.legend()
        axes.grid(alpha=0.3)
    picture = run / "log.png"
    figure.savefig(picture, dpi=120)
    plt.close(figure)
    return picture
