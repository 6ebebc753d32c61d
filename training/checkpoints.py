"""Checkpoints of a run, read back as networks."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import torch
from transformers import BertConfig, BertModel, MPNetConfig, MPNetModel

from training.encoders import CasedMPNet
from training.model import OnePass


class Trained(NamedTuple):
    """A network as a run left it, and how it is to be read.

    Attributes:
        network: with the moving average of its weights, not in training.
        pieces: most in a window, special ones not counted.
        batch_pieces: most in a batch, with padding.
        config: of its encoder.
        progress: epochs done, and steps of the next.
    """

    network: OnePass
    pieces: int
    batch_pieces: int
    config: dict[str, Any]
    progress: tuple[int, int]


def load_network(checkpoint: Path, attention: str = "sdpa") -> Trained:
    """Read a checkpoint of :func:`training.train.train`, small model or teacher.

    Args:
        checkpoint: the file.
        attention: how the encoder's attention is calculated, as ``transformers`` names it.
    """
    state = torch.load(checkpoint, map_location="cpu", weights_only=False)
    config, recipe = state["config"], state["recipe"]
    encoder: Any
    if config["model_type"] == "mpnet":
        bare = MPNetModel(MPNetConfig(**config), add_pooling_layer=False)
        encoder = CasedMPNet(bare, recipe["frozen"])
    else:
        settings = BertConfig(**config, attn_implementation=attention)
        encoder = BertModel(settings, add_pooling_layer=False)
    network = OnePass(encoder)
    network.load_state_dict(state["model"])
    return Trained(
        network.eval(), recipe["pieces"], recipe["batch_pieces"], config,
        (state["epoch"], state["step"]),
    )  # fmt: skip
