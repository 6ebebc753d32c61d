"""Loads the networks in checkpoints of training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from transformers import BertConfig, BertModel, MPNetConfig, MPNetModel

from training.encoders import CasedMPNet
from training.model import OnePass


class Trained(NamedTuple):
    """A trained network and its settings.

    Attributes:
        network: in evaluation mode, with the moving average of the weights.
        pieces: most word pieces in a window, without [CLS] and [SEP].
        batch_pieces: most word pieces in a batch, with padding.
        config: of the encoder.
    """

    network: OnePass
    pieces: int
    batch_pieces: int
    config: dict[str, Any]


def load_network(checkpoint: Path, attention: str = "sdpa") -> Trained:
    """Load a checkpoint of the small model or of a teacher.

    Args:
        checkpoint: file that :func:`training.train.train` wrote.
        attention: implementation of the attention, by its name in ``transformers``.
    """
    state = torch.load(checkpoint, map_location="cpu", weights_only=False)
    config, recipe = state["config"], state["recipe"]
    encoder: Any
    if config["model_type"] == "mpnet":
        bare = MPNetModel(MPNetConfig(**config), add_pooling_layer=False)
        encoder = CasedMPNet(bare)
    else:
        settings = BertConfig(**config, attn_implementation=attention)
        encoder = BertModel(settings, add_pooling_layer=False)
    network = OnePass(encoder)
    network.load_state_dict(state["model"])
    return Trained(network.eval(), recipe["pieces"], recipe["batch_pieces"], config)


def average_checkpoints(checkpoints: Sequence[Path], out: Path) -> None:
    """Write a checkpoint with the mean of the weights of several.

    The mean of networks that were refined from the same one is better than each of them; Wortsman
    et al. 2022, "Model soups".

    Args:
        checkpoints: files that :func:`training.train.train` wrote, for the same encoder.
        out: the file; training cannot be resumed from it.
    """
    states = [torch.load(path, map_location="cpu", weights_only=False) for path in checkpoints]
    kept = {name: states[0][name] for name in ("config", "recipe", "epoch", "step")}
    weights = {
        name: torch.stack([state["model"][name].double() for state in states]).mean(0).to(value)
        for name, value in states[0]["model"].items()
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    torch.save({**kept, "model": weights}, out)
