"""The network: one encoder, three heads."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from service.inference.bundle.wordpieces import CASES
from training.data import POLARITIES, TAGS


@dataclass
class Output:
    """Logits: ``tags`` of shape (batch, pieces, tags), the others (spans, polarities)."""

    tags: Tensor
    sentences: Tensor
    targets: Tensor


class SentenceHead(nn.Module):
    """Sentiment of a sentence from the mean of its pieces, shape (sentences, width)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Dropout(0.1), nn.Linear(width, width), nn.GELU(), nn.Dropout(0.1),
            nn.Linear(width, len(POLARITIES)),
        )  # fmt: skip

    def forward(self, sentence: Tensor) -> Tensor:
        """Logits of the polarities."""
        logits: Tensor = self.layers(sentence)
        return logits


class TargetHead(nn.Module):
    """Sentiment towards a mention from the mean of its pieces beside that of its sentence."""

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

    Args:
        encoder: a BERT encoder; its token type embedding is widened to one row for each letter
            case, every new row starting as the old row 0.
    """

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        width = encoder.config.hidden_size
        table = encoder.embeddings.token_type_embeddings
        if table.num_embeddings != len(CASES):
            wide = nn.Embedding(len(CASES), width)
            wide.weight.data[:] = table.weight.data[0]
            encoder.embeddings.token_type_embeddings = wide
            encoder.config.type_vocab_size = len(CASES)
        self.encoder = encoder
        self.tag_head = nn.Sequential(nn.Dropout(0.1), nn.Linear(width, len(TAGS)))
        self.sentence_head = SentenceHead(width)
        self.target_head = TargetHead(width)

    @classmethod
    def from_config(cls, config: BertConfig) -> OnePass:
        """An untrained network of the given encoder configuration."""
        return cls(BertModel(config, add_pooling_layer=False))

    def forward(
        self,
        ids: Tensor,
        cases: Tensor,
        mask: Tensor,
        sentences: Tensor,
        targets: Tensor,
    ) -> Output:
        """Read a batch of windows.

        Args:
            ids: shape ``(batch, pieces)``.
            cases: likewise.
            mask: likewise, 0 where a window is padded.
            sentences: rows of (batch index, first piece, one past the last).
            targets: rows of (first piece, one past the last, row of its sentence).
        """
        hidden = self.encoder(
            input_ids=ids, token_type_ids=cases, attention_mask=mask
        ).last_hidden_state
        pooled = pool(hidden, sentences)
        rows = targets[:, 2]
        mentions = pool(hidden, torch.stack([sentences[rows, 0], targets[:, 0], targets[:, 1]], 1))
        return Output(
            self.tag_head(hidden),
            self.sentence_head(pooled),
            self.target_head(mentions, pooled[rows]),
        )


def pool(hidden: Tensor, spans: Tensor) -> Tensor:
    """Means of ``hidden`` over the spans, rows of (batch index, first piece, one past the last)."""
    positions = torch.arange(hidden.shape[1], device=hidden.device)
    inside = (positions >= spans[:, 1:2]) & (positions < spans[:, 2:3])
    weights = inside.to(hidden.dtype) / inside.sum(1, keepdim=True).clamp(min=1)
    return torch.einsum("sp,sph->sh", weights, hidden[spans[:, 0]])
