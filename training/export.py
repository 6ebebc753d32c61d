"""From a checkpoint to a bundle: calibrate, export to ONNX, quantise, describe."""

from __future__ import annotations

import hashlib
import json
import random
import tempfile
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from transformers import AutoTokenizer, BertConfig

from service.inference.bundle.bundle import ENCODER, SENTENCE_HEAD, TARGET_HEAD
from service.inference.bundle.manifest import MANIFEST
from training.data import TAGS, UNLABELLED, pack
from training.model import OnePass
from training.train import Corpora, Recipe, batches, collate, load_corpora, load_tokenizer

TRAINING_DATA = [
    {
        "name": "CoNLL-2003 English (train), labels of CoNLL++",
        "licence": "annotations free; text Reuters RCV1, research use",
        "use": "names",
    },
    {
        "name": "Universal NER, English Web Treebank (dev part)",
        "licence": "CC BY-SA 4.0",
        "use": "persons, organisations and places in web text",
    },
    {
        "name": "NewsMTSC (train)",
        "licence": "MIT",
        "use": "sentiment towards a mention, and of sentences whose targets agree",
    },
    {
        "name": "Stanford Sentiment Treebank (train), three classes",
        "licence": "free for research; no licence stated",
        "use": "sentiment of a sentence",
    },
]
_ANSWERED = [
    {
        "name": "BBC news (Greene & Cunningham 2006), unlabelled",
        "licence": "text © BBC, research use",
        "use": "sentences whose sentiment a larger model told (MPNet, Apache-2.0)",
    },
    {
        "name": "PerSenT (dev part), unlabelled",
        "licence": "none stated",
        "use": "as the BBC's",
    },
]


class _Encoder(nn.Module):
    def __init__(self, model: OnePass, temperature: float) -> None:
        super().__init__()
        self.encoder, self.tag_head, self.temperature = model.encoder, model.tag_head, temperature

    def forward(self, ids: Tensor, cases: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.encoder(input_ids=ids, token_type_ids=cases).last_hidden_state
        return (self.tag_head(hidden) / self.temperature).softmax(-1), hidden


class CalibratedHead(nn.Module):
    """A head that gives probabilities."""

    def __init__(self, head: nn.Module, temperature: float) -> None:
        super().__init__()
        self.head, self.temperature = head, temperature

    def forward(self, *pooled: Tensor) -> Tensor:
        """Probabilities of the polarities, from what the head reads."""
        return (self.head(*pooled) / self.temperature).softmax(-1)


def export(encoder: Path, data: Path, run: Path, out: Path, name: str, version: str) -> None:
    """Write the bundle ``out`` from the last checkpoint in ``run``.

    Args:
        encoder: folder of the base encoder, for its tokenizer.
        data: folder of the data sets; the temperatures are fitted on the dev parts.
        run: folder that :func:`training.train.train` left.
        out: folder of the bundle; made if missing.
        name: of the model.
        version: of the model.
    """
    state = torch.load(run / "epoch.pt", map_location="cpu", weights_only=False)
    model = OnePass.from_config(BertConfig(**state["config"], attn_implementation="eager"))
    model.load_state_dict(state["model"])
    model.eval()
    recipe = Recipe(**state["recipe"])
    corpora = load_corpora(load_tokenizer(encoder), data)
    tags, sentence, target = temperatures(model, corpora, recipe)
    out.mkdir(parents=True, exist_ok=True)
    width = model.encoder.config.hidden_size
    ids = torch.ones((1, 16), dtype=torch.int32)
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / ENCODER
        to_onnx(
            _Encoder(model, tags), (ids, torch.zeros_like(ids)), plain,
            ["ids", "cases"], ["tag_probabilities", "hidden"], axis=1,
        )  # fmt: skip
        quantize_dynamic(plain, out / ENCODER, per_channel=True, weight_type=QuantType.QInt8)
    pooled = torch.zeros((2, width))
    to_onnx(
        CalibratedHead(model.sentence_head, sentence), (pooled,), out / SENTENCE_HEAD,
        ["sentence"], ["probabilities"], axis=0,
    )  # fmt: skip
    to_onnx(
        CalibratedHead(model.target_head, target), (pooled, pooled), out / TARGET_HEAD,
        ["mention", "sentence"], ["probabilities"], axis=0,
    )  # fmt: skip
    _save_tokenizer(encoder, out)
    loaded = [ENCODER, SENTENCE_HEAD, TARGET_HEAD, "tokenizer.json", "tokenizer_config.json"]
    manifest = {
        "name": name,
        "version": version,
        "description": "Names and sentiment of English news in one pass of a MiniLM encoder",
        "licence": "Apache-2.0 (weights); see the model card on the training data",
        "base": "sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0)",
        "quantization": "int8 weights per channel, activations quantised dynamically per pass",
        "languages": ["en"],
        "tags": list(TAGS),
        "window": recipe.pieces,
        "training_data": TRAINING_DATA + (_ANSWERED if state["answers"] else []),
        "files": {f: hashlib.sha256((out / f).read_bytes()).hexdigest() for f in loaded},
    }
    (out / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def to_onnx(
    module: nn.Module,
    example: tuple[Tensor, ...],
    path: Path,
    inputs: list[str],
    outputs: list[str],
    axis: int,
) -> None:
    """Write ``module`` as ONNX, the length of all inputs and outputs along ``axis`` being free."""
    names = {name: {axis: "pieces" if axis else "rows"} for name in [*inputs, *outputs]}
    torch.onnx.export(
        module.eval(), example, str(path), input_names=inputs, output_names=outputs,
        dynamic_axes=names, opset_version=17, dynamo=False,
    )  # fmt: skip


def _save_tokenizer(encoder: Path, out: Path) -> None:
    """The encoder's tokenizer without truncation and padding, and without its maker's extras."""
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


@torch.no_grad()
def temperatures(model: OnePass, corpora: Corpora, recipe: Recipe) -> tuple[float, float, float]:
    """Temperatures of tags, sentences and targets that fit the dev parts best.

    Temperature scaling after Guo et al. 2017, "On Calibration of Modern Neural Networks".
    """
    chance = random.Random(0)
    windows = [w for d in corpora.ner_dev for w in pack(d, recipe.pieces, chance, short=0.0)]
    windows += [[s] for s in (*corpora.newsmtsc_dev, *corpora.sst_dev)]
    logits: list[list[NDArray[np.float32]]] = [[], [], []]
    gold: list[list[NDArray[np.int64]]] = [[], [], []]
    for group in batches(windows, recipe.batch_pieces, chance):
        batch = collate(group)
        output = model(batch.ids, batch.cases, batch.mask, batch.sentences, batch.targets)
        for task, (scores, labels) in enumerate(
            (
                (output.tags.flatten(0, 1), batch.tags.flatten()),
                (output.sentences, _class(batch.polarities)),
                (output.targets, _class(batch.target_polarities)),
            )
        ):
            labelled = labels != UNLABELLED
            logits[task].append(scores[labelled].numpy())
            gold[task].append(labels[labelled].numpy())
    return (
        best_temperature(np.concatenate(logits[0]), np.concatenate(gold[0])),
        best_temperature(np.concatenate(logits[1]), np.concatenate(gold[1])),
        best_temperature(np.concatenate(logits[2]), np.concatenate(gold[2])),
    )


def _class(polarities: Tensor) -> Tensor:
    """The most probable polarity, where there is any."""
    return torch.where(polarities.sum(1) > 0, polarities.argmax(1), UNLABELLED)


def best_temperature(logits: NDArray[np.float32], gold: NDArray[np.int64]) -> float:
    """The divisor of the logits with the least cross entropy."""
    grid = np.geomspace(0.5, 4.0, 121)
    rows = torch.from_numpy(logits)
    labels = torch.from_numpy(gold)
    losses = [float(nn.functional.cross_entropy(rows / t, labels)) for t in grid]
    return round(float(grid[int(np.argmin(losses))]), 3)
