"""The networks of a bundle, with calibrated probabilities and folded types."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from service.enrichment.sentiment import BORDER
from training.evaluate import Names
from training.labels import FOLDED, POLARITIES, TAGS, TYPES
from training.model import OnePass

_LEAD = 0.0005
"""Least distance of a score from a border, so that it survives rounding."""
LEAST_PRECISION = 60.0
"""Precision in per cent on dev data below which a type is served as the broader one."""
_FOLDABLE = ("FACILITY", "PRODUCT")


class TaggingEncoder(nn.Module):
    """The encoder and its tags, some of which are folded into others.

    Args:
        model: the network.
        temperature: divides the logits of the tags.
        folding: 1 where the tag of a row is served as the tag of a column; shape
            ``(tags, served tags)``.
    """

    def __init__(self, model: OnePass, temperature: float, folding: Tensor) -> None:
        super().__init__()
        self.encoder, self.tag_head, self.temperature = model.encoder, model.tag_head, temperature
        self.register_buffer("folding", folding)

    def forward(self, ids: Tensor, cases: Tensor) -> tuple[Tensor, Tensor]:
        """Probabilities of the served tags, and the hidden states, of each piece."""
        hidden = self.encoder(input_ids=ids, token_type_ids=cases).last_hidden_state
        return (self.tag_head(hidden) / self.temperature).softmax(-1) @ self.folding, hidden


class CalibratedHead(nn.Module):
    """A head whose output is probabilities that agree with their score (:func:`hold_score`).

    Args:
        head: its first outputs are the logits of the polarities.
        temperature: divides the logits.
        bias: is added to the logits before that.
    """

    def __init__(self, head: nn.Module, temperature: float, bias: Tensor | None = None) -> None:
        super().__init__()
        self.head, self.temperature = head, temperature
        self.register_buffer("bias", torch.zeros(len(POLARITIES)) if bias is None else bias)

    def forward(self, *pooled: Tensor) -> Tensor:
        """Probabilities of the polarities, from what the head reads."""
        logits = self.head(*pooled)[:, : len(POLARITIES)] + self.bias
        return hold_score((logits / self.temperature).softmax(-1))


def hold_score(probabilities: Tensor) -> Tensor:
    """Hold each score in the range of the likeliest polarity.

    The score is P(positive) − P(negative). Where neutral is the likeliest, it is between −1/2 and
    1/2, and is scaled to the range between the borders. Where another polarity is, it is raised to
    the border if it is below. P(neutral) stays as it is.

    Args:
        probabilities: negative, neutral, positive; shape ``(rows, 3)``.
    """
    negative, neutral, positive = probabilities.unbind(-1)
    strength = (positive - negative).abs()
    polar = torch.maximum(positive, negative) > neutral
    held = torch.where(polar, strength.clamp(min=BORDER + _LEAD), strength * (2 * (BORDER - _LEAD)))
    score = torch.where(positive >= negative, held, -held)
    return torch.stack([(1 - neutral - score) / 2, neutral, (1 - neutral + score) / 2], dim=-1)


def folded_types(names: Names | None) -> dict[str, str]:
    """The type that each type is served as.

    Args:
        names: scores of all types on dev data; without them, no type is served as another.
    """
    served = {kind: kind for kind in TYPES}
    for kind in _FOLDABLE if names else ():
        if names.precision(kind) < LEAST_PRECISION:
            served[kind] = FOLDED[kind]
    return served


def fold_tags(served: dict[str, str]) -> tuple[list[str], Tensor]:
    """The tags that are served, and the matrix that turns probabilities of all tags into theirs.

    Args:
        served: the type that each type is served as.

    Returns:
        The served tags in the order of :data:`~training.labels.TAGS`, and a matrix of shape
        ``(tags, served tags)``.
    """
    targets = ["O", *(f"{tag[:2]}{served[tag[2:]]}" for tag in TAGS[1:])]
    kept = [tag for tag in TAGS if tag in targets]
    matrix = torch.zeros(len(TAGS), len(kept))
    for row, target in enumerate(targets):
        matrix[row, kept.index(target)] = 1
    return kept, matrix


def to_onnx(
    module: nn.Module,
    example: tuple[Tensor, ...],
    path: Path,
    inputs: list[str],
    outputs: list[str],
    axis: int,
) -> None:
    """Write ``module`` as ONNX. Inputs and outputs have any length along ``axis``."""
    names = {name: {axis: "pieces" if axis else "rows"} for name in [*inputs, *outputs]}
    torch.onnx.export(
        module.eval(), example, str(path), input_names=inputs, output_names=outputs,
        dynamic_axes=names, opset_version=17, dynamo=False,
    )  # fmt: skip
