"""The network: an encoder with heads for tags, sentences and targets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.batches import Batch
from training.labels import POLARITIES, SCALES, TAGS, TARGET_SETS, UNLABELLED, allowed_tags


@dataclass
class Output:
    """Logits: ``tags`` of shape ``(windows, pieces, tags)``, the others ``(spans, polarities)``."""

    tags: Tensor
    sentences: Tensor
    targets: Tensor


class SentenceHead(nn.Module):
    """Sentiment of a sentence, from the mean hidden state of its pieces."""

    def __init__(self, width: int, outputs: int = len(POLARITIES), dropout: float = 0.1) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(width, width), nn.GELU(), nn.Dropout(dropout),
            nn.Linear(width, outputs),
        )  # fmt: skip

    def forward(self, sentence: Tensor) -> Tensor:
        """Logits of the polarities."""
        logits: Tensor = self.layers(sentence)
        return logits


class TargetHead(nn.Module):
    """Sentiment towards a mention, from the mean hidden states of the mention and its sentence."""

    def __init__(self, width: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(2 * width, width), nn.GELU(), nn.Dropout(dropout),
            nn.Linear(width, len(POLARITIES)),
        )  # fmt: skip

    def forward(self, mention: Tensor, sentence: Tensor) -> Tensor:
        """Logits of the polarities."""
        logits: Tensor = self.layers(torch.cat([mention, sentence], dim=-1))
        return logits


class OnePass(nn.Module):
    """Encoder and heads.

    The scales of sentences share the head except its last layer. The sets of targets differ in
    their share of neutral mentions; a bias for each set accounts for that.

    Args:
        encoder: takes ``input_ids``, ``token_type_ids`` (the letter case of each piece's word) and
            ``attention_mask``, and returns ``last_hidden_state``.
    """

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        width = encoder.config.hidden_size
        self.encoder = encoder
        self.tag_head = nn.Sequential(nn.Dropout(0.1), nn.Linear(width, len(TAGS)))
        self.sentence_head = SentenceHead(width, len(SCALES) * len(POLARITIES))
        self.target_head = TargetHead(width)
        self.target_bias = nn.Embedding(len(TARGET_SETS), len(POLARITIES))
        nn.init.zeros_(self.target_bias.weight)

    def forward(self, batch: Batch) -> Output:
        """Read a batch of windows."""
        hidden = self.encoder(
            input_ids=batch.ids, token_type_ids=batch.cases, attention_mask=batch.mask
        ).last_hidden_state
        pooled = pool(hidden, batch.sentences)
        rows = batch.targets[:, 2]
        spans = torch.stack(
            [batch.sentences[rows, 0], batch.targets[:, 0], batch.targets[:, 1]], dim=1
        )
        by_scale = self.sentence_head(pooled).unflatten(1, (len(SCALES), len(POLARITIES)))
        towards = self.target_head(pool(hidden, spans), pooled[rows])
        return Output(
            self.tag_head(hidden),
            by_scale[torch.arange(len(by_scale), device=by_scale.device), batch.scales],
            towards + self.target_bias(batch.target_sets),
        )


def pool(hidden: Tensor, spans: Tensor) -> Tensor:
    """Mean hidden states of spans, given as rows of (window, first piece, one past the last).

    This is one matrix product, because the gradient of gathering a window per span is slow.
    """
    windows, pieces, _ = hidden.shape
    starts = spans[:, :1] * pieces
    positions = torch.arange(windows * pieces, device=hidden.device)
    inside = (positions >= starts + spans[:, 1:2]) & (positions < starts + spans[:, 2:3])
    weights = inside.to(hidden.dtype) / inside.sum(1, keepdim=True).clamp(min=1)
    return weights @ hidden.flatten(0, 1)


def losses(output: Output, batch: Batch, smoothing: float) -> dict[str, Tensor]:
    """Mean cross entropy of each task for which the batch has labels.

    Args:
        output: of the network.
        batch: input of the network.
        smoothing: label smoothing of the polarities towards targets.
    """
    found = {}
    if (batch.tags != UNLABELLED).any():
        found["tags"] = tag_loss(output.tags.float().flatten(0, 1), batch.tags.flatten())
    if len(batch.answered):
        windows, pieces = batch.answered.unbind(1)
        found["answers"] = functional.cross_entropy(
            output.tags[windows, pieces].float(), batch.answers
        )
    judged = batch.polarities.sum(1) > 0
    if judged.any():
        found["sentences"] = functional.cross_entropy(
            output.sentences[judged].float(), batch.polarities[judged]
        )
    if len(batch.targets):
        found["targets"] = functional.cross_entropy(
            output.targets.float(), batch.target_polarities, label_smoothing=smoothing
        )
    return found


def tag_loss(logits: Tensor, tags: Tensor) -> Tensor:
    """Mean negative log-likelihood of the tags that are compatible with the labels.

    A label of a set with fewer types is compatible with several tags, whose probabilities are
    summed: the marginal likelihood of Greenberg et al. 2018, "Marginal Likelihood Training of
    BiLSTM-CRF for Biomedical Named Entity Recognition from Disjoint Label Sets", for each tag by
    itself instead of a whole sequence.

    Args:
        logits: shape ``(pieces, tags)``, in float32.
        tags: shape ``(pieces,)``, index into :data:`~training.labels.TAG_SETS`, or ``UNLABELLED``;
            at least one is labelled.

    Returns:
        A scalar.
    """
    labelled = tags != UNLABELLED
    possible = _allowed(logits.device)[tags[labelled]]
    known = functional.log_softmax(logits[labelled], -1)
    return -known.masked_fill(~possible, -torch.inf).logsumexp(-1).mean()


@cache
def _allowed(device: torch.device) -> Tensor:
    return torch.from_numpy(allowed_tags()).to(device)


def best_device() -> torch.device:
    """The GPU, if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def precision(device: torch.device) -> torch.autocast:
    """Autocast to bfloat16, if the processor has instructions for it; otherwise it is slower."""
    fast = device.type != "cpu" or torch.cpu._is_avx512_bf16_supported()
    return torch.autocast(device.type, torch.bfloat16, enabled=fast)
