"""Retrains the sentiment heads of a bundle on the outputs of its int8 encoder.

Joint training adapts the heads to an encoder in full precision that is still changing. Here the
final encoder reads every labelled sentence once, in its window, and new heads are trained on its
outputs within minutes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from service.inference.bundle.bundle import SENTENCE_HEAD, TARGET_HEAD, Bundle, load_bundle
from training.batches import Window
from training.bundles import add_document_head, describe
from training.corpora import Corpora
from training.data import pack
from training.export import best_temperature, served_bias
from training.labels import POLARITIES, SCALES, TARGET_SETS
from training.model import SentenceHead, TargetHead
from training.onnx_modules import CalibratedHead, to_onnx
from training.readers import joined

_Head = TypeVar("_Head", bound=nn.Module)


@dataclass(frozen=True)
class HeadRecipe:
    """Hyperparameters of the heads.

    Attributes:
        epochs: over all labelled sentences or mentions.
        dropout: before each layer.
        batch: rows in a step.
        rate: highest learning rate.
        weight_decay: of all weights.
        decay: of the moving average of the weights, per step.
        answered: most articles that the teachers labelled.
        caution: extra cost of a positive prediction for a clearly negative sentence; see
            :func:`cautious_cross_entropy`.
        seed: of all random numbers.
    """

    epochs: int = 8
    dropout: float = 0.3
    batch: int = 256
    rate: float = 1e-3
    weight_decay: float = 0.05
    decay: float = 0.995
    answered: int = 1500
    caution: float = 10.0
    seed: int = 20261129


class Pooled(NamedTuple):
    """Input and labels of the heads.

    Attributes:
        sentences: mean of the hidden states of each sentence, shape ``(sentences, width)``.
        tones: polarities of the sentences; zeros where unknown.
        mentions: mean of the hidden states of each mention, shape ``(mentions, width)``.
        beside: the same of each mention's sentence, shape ``(mentions, width)``.
        towards: polarities towards the mentions.
        sets: index into :data:`~training.labels.TARGET_SETS` of each mention.
    """

    sentences: Tensor
    tones: Tensor
    mentions: Tensor
    beside: Tensor
    towards: Tensor
    sets: Tensor


class BiasedTargetHead(nn.Module):
    """A :class:`~training.model.TargetHead` with a bias for each set of targets."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.target_head = TargetHead(width, dropout)
        self.target_bias = nn.Embedding(len(TARGET_SETS), len(POLARITIES))
        nn.init.zeros_(self.target_bias.weight)

    def forward(self, mention: Tensor, sentence: Tensor, sets: Tensor) -> Tensor:
        """Logits of the polarities."""
        logits: Tensor = self.target_head(mention, sentence) + self.target_bias(sets)
        return logits


def relearn_heads(corpora: Corpora, folder: Path, version: str, recipe: HeadRecipe) -> None:
    """Replace the sentiment heads of a bundle.

    Args:
        corpora: the data. Temperatures and the regression for documents are fitted on the dev
            parts.
        folder: of the bundle.
        version: new version of the bundle.
        recipe: hyperparameters.
    """
    bundle = load_bundle(folder)
    train = pool(bundle, _windows(corpora, recipe.answered, bundle.window))
    dev = pool(bundle, _served(corpora, bundle.window))
    known = train.tones.sum(1) > 0
    sentences, tones = train.sentences[known], train.tones[known]
    width = train.sentences.shape[1]
    tone = _train(
        SentenceHead(width, dropout=recipe.dropout), tones, recipe,
        lambda head, rows: head(sentences[rows]),
        partial(cautious_cross_entropy, caution=recipe.caution),
    )  # fmt: skip
    towards = _train(
        BiasedTargetHead(width, recipe.dropout), train.towards, recipe,
        lambda head, rows: head(train.mentions[rows], train.beside[rows], train.sets[rows]),
    )  # fmt: skip
    bias = served_bias(towards.target_bias)
    with torch.no_grad():
        tone_logits = tone(dev.sentences).numpy()
        towards_logits = (towards.target_head(dev.mentions, dev.beside) + bias).numpy()
    warmth = best_temperature(tone_logits, dev.tones.argmax(1).numpy())
    towards_warmth = best_temperature(towards_logits, dev.towards.argmax(1).numpy())
    pooled = torch.zeros((2, width))
    to_onnx(
        CalibratedHead(tone, warmth), (pooled,), folder / SENTENCE_HEAD,
        ["sentence"], ["probabilities"], axis=0,
    )  # fmt: skip
    to_onnx(
        CalibratedHead(towards.target_head, towards_warmth, bias), (pooled, pooled),
        folder / TARGET_HEAD, ["mention", "sentence"], ["probabilities"], axis=0,
    )  # fmt: skip
    describe(folder, (SENTENCE_HEAD, TARGET_HEAD), version=version)
    add_document_head(folder, corpora)


def _served(corpora: Corpora, pieces: int) -> list[Window]:
    """The windows of the dev articles, as they are served."""
    chance = random.Random(0)
    return [w for a in corpora.articles_dev for w in pack(a.sentences, pieces, chance, short=0.0)]


def _windows(corpora: Corpora, answered: int, pieces: int) -> list[Window]:
    """Labelled windows: articles as they are served and in shorter windows, and sentences."""
    chance = random.Random(0)
    articles = [*(a.sentences for a in corpora.articles), *corpora.answered[:answered]]
    windows = [w for a in articles for w in pack(a, pieces, chance, short=0.0)]
    windows += [w for a in articles for w in pack(a, pieces, chance, short=1.0)]
    tone = SCALES.index("tone")
    loose = [s for own in corpora.loose.values() for s in own if s.targets or s.scale == tone]
    return windows + [[s] for s in loose if 0 < len(s.pieces.ids) <= pieces]


def pool(bundle: Bundle, windows: Iterable[Window]) -> Pooled:
    """Encode windows with the bundle, and pool their sentences and mentions."""
    means: dict[str, list[NDArray[np.float32]]] = {"sentence": [], "mention": [], "beside": []}
    tones, towards, sets = [], [], []
    for window in tqdm(windows, "reading", mininterval=20):
        starts = np.cumsum([0, *(len(s.tags) for s in window)]).tolist()
        reading = bundle.read(joined(window), (0, starts[-1]))
        wholes, _ = reading.pool(list(pairwise(starts)))
        means["sentence"].append(wholes)
        tones += [s.polarity for s in window]
        spans = [
            (b + t.first, b + t.last)
            for b, s in zip(starts, window, strict=False)
            for t in s.targets
        ]
        if spans:
            found, _ = reading.pool(spans)
            owners = [i for i, s in enumerate(window) for _ in s.targets]
            means["mention"].append(found)
            means["beside"].append(wholes[owners])
            towards += [t.polarity for s in window for t in s.targets]
            sets += [s.target_set for s in window for _ in s.targets]
    pooled = {name: torch.from_numpy(np.concatenate(rows)) for name, rows in means.items()}
    return Pooled(
        pooled["sentence"], torch.tensor(tones), pooled["mention"], pooled["beside"],
        torch.tensor(towards), torch.tensor(sets),
    )  # fmt: skip


def cautious_cross_entropy(logits: Tensor, labels: Tensor, caution: float) -> Tensor:
    """Cross-entropy plus a cost for predicting that negative sentences are positive.

    Readers forgive a negative sentence called neutral, but not one called positive. The cost is
    ``-log(1 - p)`` for the probability ``p`` of positive, weighted by the square of the negative
    label, so that it matters most where annotators agree.

    Args:
        logits: negative, neutral, positive; shape ``(rows, 3)``.
        labels: probabilities of the same shape.
        caution: factor of the cost.
    """
    cost = -torch.log1p(-functional.softmax(logits, 1)[:, 2].clamp(max=1 - 1e-6))
    return functional.cross_entropy(logits, labels) + caution * (labels[:, 0] ** 2 * cost).mean()


def _train(
    head: _Head,
    labels: Tensor,
    recipe: HeadRecipe,
    logits: Callable[[_Head, Tensor], Tensor],
    loss_of: Callable[[Tensor, Tensor], Tensor] = functional.cross_entropy,
) -> _Head:
    torch.manual_seed(recipe.seed)
    average = AveragedModel(head, multi_avg_fn=get_ema_multi_avg_fn(recipe.decay))
    optimizer = torch.optim.AdamW(
        head.parameters(), lr=recipe.rate, weight_decay=recipe.weight_decay
    )
    steps = -(-len(labels) // recipe.batch) * recipe.epochs
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.rate, total_steps=steps, pct_start=0.15
    )
    head.train()
    for _ in range(recipe.epochs):
        for rows in torch.randperm(len(labels)).split(recipe.batch):
            loss = loss_of(logits(head, rows), labels[rows])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            average.update_parameters(head)
            optimizer.zero_grad()
    trained: _Head = average.module
    return trained.eval()
