"""The head of the sentiment towards a mention, learnt anew on what it reads when it is served.

Trained together with the encoder, it learns from the labelled sentences as often as the other tasks
can bear, and in full precision. Here the encoder of a finished bundle, int8 as it is served, reads
every sentence of which a teacher has said something, once, and a head is trained on that in
seconds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from service.inference.bundle.bundle import TARGET_HEAD, Bundle, load_bundle
from service.inference.bundle.manifest import MANIFEST
from training.data import Sentence
from training.export import CalibratedHead, best_temperature, to_onnx
from training.model import TargetHead
from training.scores import macro_f1
from training.train import load_corpora, load_tokenizer, log


@dataclass(frozen=True)
class HeadRecipe:
    """What decides the outcome, besides the data and the bundle."""

    epochs: int = 4  # of 4, 8 and 16, and dropouts of 0.1 to 0.4, the least cross entropy on dev
    dropout: float = 0.3
    batch: int = 256
    rate: float = 1e-3
    weight_decay: float = 0.05
    decay: float = 0.995  # of the moving average of the weights, a step
    seed: int = 20261125


class Pooled(NamedTuple):
    """What the head reads of each mention, and the polarity towards it.

    ``mentions`` and ``sentences`` have the shape ``(mentions, width)``, ``polarities``
    ``(mentions, polarities)``.
    """

    mentions: Tensor
    sentences: Tensor
    polarities: Tensor


def train_head(
    encoder: Path,
    data: Path,
    answers: Path,
    folder: Path,
    out: Path,
    version: str,
    recipe: HeadRecipe,
) -> None:
    """Replace the head of the bundle in ``folder``, and leave its scores in ``out/head.jsonl``.

    Args:
        encoder: folder of the base encoder, for its tokenizer.
        data: folder of the data sets.
        answers: what a teacher says, as :func:`training.teacher.answer` left it.
        folder: the bundle; its other files stay as they are.
        out: folder for the log; made if missing.
        version: of the bundle afterwards.
        recipe: the recipe.
    """
    out.mkdir(parents=True, exist_ok=True)
    corpora = load_corpora(load_tokenizer(encoder), data, answers)
    bundle = load_bundle(folder)
    train = pool(bundle, [*corpora.newsmtsc, *corpora.answered])
    dev = pool(bundle, corpora.newsmtsc_dev)
    head = _train(train, recipe)
    logits = _logits(head, dev)
    gold = dev.polarities.argmax(1)
    temperature = best_temperature(logits, gold.numpy())
    scores = {
        "cross_entropy": round(float(functional.cross_entropy(torch.from_numpy(logits), gold)), 4),
        "newsmtsc_macro_f1": round(100 * macro_f1(gold.tolist(), logits.argmax(1).tolist()), 2),
        "temperature": temperature,
    }
    log(out / "head.jsonl", scores)
    example = torch.zeros((2, train.mentions.shape[1]))
    to_onnx(
        CalibratedHead(head, temperature), (example, example), folder / TARGET_HEAD,
        ["mention", "sentence"], ["probabilities"], axis=0,
    )  # fmt: skip
    path = folder / MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["version"] = version
    manifest["files"][TARGET_HEAD] = hashlib.sha256((folder / TARGET_HEAD).read_bytes()).hexdigest()
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def pool(bundle: Bundle, sentences: Sequence[Sentence]) -> Pooled:
    """Read each sentence by itself, as the bundle does."""
    mentions: list[NDArray[np.float32]] = []
    wholes: list[NDArray[np.float32]] = []
    polarities: list[tuple[float, float, float]] = []
    for sentence in tqdm(sentences, "reading"):
        words = len(sentence.pieces.bounds) - 1
        if not sentence.targets or not 0 < len(sentence.pieces.ids) <= bundle.window:
            continue
        reading = bundle.read(sentence.pieces, (0, words))
        found, _ = reading.pool([(first, last) for first, last, _ in sentence.targets])
        whole, _ = reading.pool([(0, words)])
        mentions.append(found)
        wholes.append(np.repeat(whole, len(found), axis=0))
        polarities += [polarity for *_, polarity in sentence.targets]
    return Pooled(
        torch.from_numpy(np.concatenate(mentions)),
        torch.from_numpy(np.concatenate(wholes)),
        torch.tensor(polarities),
    )


def _train(data: Pooled, recipe: HeadRecipe) -> TargetHead:
    torch.manual_seed(recipe.seed)
    head = TargetHead(data.mentions.shape[1], recipe.dropout)
    average = AveragedModel(head, multi_avg_fn=get_ema_multi_avg_fn(recipe.decay))
    optimizer = torch.optim.AdamW(
        head.parameters(), lr=recipe.rate, weight_decay=recipe.weight_decay
    )
    groups = -(-len(data.polarities) // recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.rate, total_steps=groups * recipe.epochs, pct_start=0.15
    )
    head.train()
    for _ in range(recipe.epochs):
        for rows in torch.randperm(len(data.polarities)).split(recipe.batch):
            logits = head(data.mentions[rows], data.sentences[rows])
            loss = functional.cross_entropy(logits, data.polarities[rows])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            average.update_parameters(head)
            optimizer.zero_grad()
    trained: TargetHead = average.module
    return trained


@torch.no_grad()
def _logits(head: TargetHead, data: Pooled) -> NDArray[np.float32]:
    head.eval()
    logits: NDArray[np.float32] = head(data.mentions, data.sentences).numpy()
    return logits
