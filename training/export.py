"""Export of a checkpoint as a bundle: calibration, ONNX, quantisation, manifest."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import AutoTokenizer

from service.inference.bundle.bundle import ENCODER, SENTENCE_HEAD, TARGET_HEAD
from service.inference.bundle.manifest import MANIFEST
from training.batches import Window
from training.bundles import add_document_head, describe
from training.checkpoints import load_network
from training.corpora import Corpora
from training.data import pack
from training.evaluate import ArticleReading, read_articles, score_names
from training.labels import POLARITY_OF_RATING, TARGET_SETS, TYPES
from training.onnx_modules import CalibratedHead, TaggingEncoder, fold_tags, folded_types, to_onnx
from training.quantization import quantize
from training.readers import WindowReading, network_reader
from training.training_sets import TRAINING_DATA

WINDOW = 144
"""Most word pieces in a window of a bundle. Shorter windows than those of training score the same,
and an article that is alone is answered sooner: its windows are shared out more evenly."""

_TINY = 1e-9


def export(
    checkpoint: Path, corpora: Corpora, tokenizer: Path, out: Path, name: str, version: str
) -> None:
    """Write the bundle ``out`` from a checkpoint.

    Args:
        checkpoint: of the small model.
        corpora: temperatures and the regression for documents are fitted on the dev parts.
        tokenizer: folder of the base encoder's tokenizer.
        out: folder of the bundle; made if missing.
        name: of the model.
        version: of the model.
    """
    trained = load_network(checkpoint, attention="eager")
    model = trained.network
    bias = served_bias(model.target_bias)
    model.target_bias.weight.data[:] = bias
    read = network_reader(model, trained.batch_pieces)
    articles = list(read_articles(read, corpora.articles_dev, trained.pieces))
    worldwide = _worldwide(corpora, trained.pieces)
    found = read(worldwide)
    tags, tone, towards = temperatures(worldwide, found, articles)
    names = score_names(worldwide, found, {kind: kind for kind in TYPES}) if worldwide else None
    kept, folding = fold_tags(folded_types(names))
    out.mkdir(parents=True, exist_ok=True)
    width = trained.config["hidden_size"]
    ids = torch.ones((1, 16), dtype=torch.int32)
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / ENCODER
        to_onnx(
            TaggingEncoder(model, tags, folding), (ids, torch.zeros_like(ids)), plain,
            ["ids", "cases"], ["tag_probabilities", "hidden"], axis=1,
        )  # fmt: skip
        quantize(plain, out / ENCODER)
    pooled = torch.zeros((2, width))
    to_onnx(
        CalibratedHead(model.sentence_head, tone), (pooled,), out / SENTENCE_HEAD,
        ["sentence"], ["probabilities"], axis=0,
    )  # fmt: skip
    to_onnx(
        CalibratedHead(model.target_head, towards, bias), (pooled, pooled),
        out / TARGET_HEAD, ["mention", "sentence"], ["probabilities"], axis=0,
    )  # fmt: skip
    _save_tokenizer(tokenizer, out)
    known = {*corpora.names, *corpora.loose}
    known |= {"tone"} if corpora.articles else set()
    towards_articles = any(s.targets for a in corpora.articles for s in a.sentences)
    known |= {"towards"} if towards_articles else set()
    known |= {"answered"} if corpora.answered else set()
    (out / MANIFEST).unlink(missing_ok=True)
    describe(
        out,
        (ENCODER, SENTENCE_HEAD, TARGET_HEAD, "tokenizer.json", "tokenizer_config.json"),
        name=name,
        version=version,
        description="Names and sentiment of English news in one pass of a MiniLM encoder",
        licence="Apache-2.0 (weights); see the model card on the training data",
        base="sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0)",
        quantization="int8 weights per channel, activations quantised dynamically per pass",
        languages=["en"],
        exact_products=True,
        tags=kept,
        window=WINDOW,
        training_data=[
            dict(zip(("name", "licence", "use"), about, strict=True))
            for key, about in TRAINING_DATA.items()
            if key in known
        ],
    )
    if corpora.articles_dev:
        add_document_head(out, corpora)


def served_bias(biases: nn.Embedding) -> Tensor:
    """The served bias for target sentiment: that of NewsMTSC.

    Most mentions in whole articles are neutral. With the bias of these, rare opinions are missed,
    and macro-F1 is lower on every set.
    """
    return biases.weight.detach()[TARGET_SETS.index("newsmtsc")].clone()


def _save_tokenizer(encoder: Path, out: Path) -> None:
    """Save the tokenizer of a base encoder without truncation and padding."""
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.backend_tokenizer.save(str(out / "tokenizer.json"))
    config = {
        "tokenizer_class": "BertTokenizer",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "unk_token": "[UNK]",
        "pad_token": "[PAD]",
        "mask_token": "[MASK]",
        "do_lower_case": True,
    }
    path = out / "tokenizer_config.json"
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def _worldwide(corpora: Corpora, pieces: int) -> list[Window]:
    """The dev windows of the set that has all types; none if it is left out."""
    chance = random.Random(0)
    documents = corpora.names_dev.get("worldwide", [])
    return [window for d in documents for window in pack(d, pieces, chance, short=0.0)]


def temperatures(
    windows: Sequence[Window],
    found: Sequence[WindowReading],
    articles: Sequence[ArticleReading],
) -> tuple[float, float, float]:
    """The temperatures of tags, tone and target sentiment with the least loss on the dev parts.

    Temperature scaling after Guo et al. 2017, "On Calibration of Modern Neural Networks".

    Args:
        windows: labelled with all types; without any, the temperature of the tags is 1.
        found: their readings.
        articles: readings of the dev articles; without any, the other two are 1.
    """
    tags = 1.0
    if windows:
        rows = np.concatenate([reading.tags for reading in found])
        gold = np.concatenate([s.tags for window in windows for s in window])
        tags = best_temperature(np.log(rows + _TINY), gold)
    if not articles:
        return tags, 1.0, 1.0
    tones = np.concatenate([article.tones[article.gold > 0] for article in articles])
    gold = np.concatenate([article.gold[article.gold > 0] for article in articles])
    polarities = np.asarray(POLARITY_OF_RATING)[gold - 1]
    towards = np.concatenate([article.targets.probabilities for article in articles])
    labels = np.asarray([label for article in articles for label in article.targets.gold])
    return (
        tags,
        best_temperature(np.log(tones + _TINY), polarities),
        best_temperature(np.log(towards + _TINY), labels) if len(labels) else 1.0,
    )


def best_temperature(logits: NDArray[np.float32], gold: NDArray[np.int64]) -> float:
    """The temperature with the least cross entropy: a divisor of the logits."""
    grid = np.geomspace(0.5, 4.0, 121)
    rows = torch.from_numpy(logits)
    labels = torch.from_numpy(gold)
    losses = [float(nn.functional.cross_entropy(rows / t, labels)) for t in grid]
    return round(float(grid[int(np.argmin(losses))]), 3)
