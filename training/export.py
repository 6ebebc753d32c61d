"""From a checkpoint to a bundle: calibrate, export to ONNX, quantise, describe."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoTokenizer

from service.inference.bundle.bundle import ENCODER, SENTENCE_HEAD, TARGET_HEAD
from service.inference.bundle.manifest import MANIFEST
from training.bundles import add_document_head, describe
from training.checkpoints import load_network
from training.corpora import Corpora
from training.data import pack
from training.evaluate import ArticleReading, read_articles
from training.labels import POLARITIES, POLARITY_OF_RATING, TAGS, TARGET_SETS
from training.model import OnePass
from training.readers import Reader, network_reader

TRAINING_DATA = {
    "worldwide": (
        "Worldwide English newswire (train), Shan et al. 2023",
        "none stated by its makers; a survey lists CC BY-NC-SA 4.0",
        "names of nine types",
    ),
    "conll": (
        "CoNLL-2003 English (train), labels of CoNLL++",
        "annotations free; text Reuters RCV1, research use",
        "names of four types",
    ),
    "ewt": (
        "Universal NER, English Web Treebank (three quarters of the dev part)",
        "CC BY-SA 4.0",
        "persons, organisations and places in web text",
    ),
    "tone": (
        "Tone of news, 720 articles labelled by a large language model",
        "labels of this project's own; texts © their publishers, research use",
        "tone of sentences in their context, and of documents",
    ),
    "towards": (
        "Sentiment towards names, 350 of the same articles, labelled likewise",
        "as above",
        "sentiment towards a mention, in its natural shares",
    ),
    "newsmtsc": ("NewsMTSC (train)", "MIT", "sentiment towards a mention"),
    "targets": (
        "NewsTSC (without NewsMTSC) and FinEntity",
        "MIT; none stated",
        "sentiment towards a mention",
    ),
    "sst": (
        "Stanford Sentiment Treebank (train), three classes",
        "free for research; no licence stated",
        "an output beside the tone, which is not served",
    ),
    "valence": (
        "Valence of sentences: NYT editorials (VADER), EmoBank, SemEval-2007 headlines",
        "MIT; CC BY-SA 4.0",
        "an output beside the tone, which is not served",
    ),
    "contrasts": (
        "Sentences from templates in training/contrasts.txt",
        "Apache-2.0",
        "tone and sentiment towards a mention where words mislead",
    ),
    "answered": (
        "BBC news (Greene & Cunningham 2006) and US news, unlabelled",
        "texts © their publishers, research use",
        "tone and sentiment towards a mention, as a larger model predicts them (MPNet, Apache-2.0)",
    ),
}
"""Name, licence and use of each labelled set."""
_TINY = 1e-9
BALANCE = 0.75
"""How far the bias towards a mention goes from that of whole articles, where most are neutral, to
that of NewsMTSC's sentences."""

UNSERVED = {"FACILITY": "LOCATION", "PRODUCT": "MISC"}
"""Types found at less than 60 % precision → the type that a bundle has instead."""


class EncoderWithTags(nn.Module):
    """Hidden states, and the probabilities of :func:`served_tags`."""

    def __init__(self, model: OnePass, temperature: float) -> None:
        super().__init__()
        self.encoder, self.tag_head, self.temperature = model.encoder, model.tag_head, temperature
        served = served_tags()
        folded = [served.index(_served(tag)) for tag in TAGS]
        self.register_buffer("fold", functional.one_hot(torch.tensor(folded), len(served)).float())

    def forward(self, ids: Tensor, cases: Tensor) -> tuple[Tensor, Tensor]:
        """Tag probabilities and hidden states of each piece, from ids and letter cases."""
        hidden = self.encoder(input_ids=ids, token_type_ids=cases).last_hidden_state
        return (self.tag_head(hidden) / self.temperature).softmax(-1) @ self.fold, hidden


def served_tags() -> list[str]:
    """The tags of a bundle: those of the network without the :data:`UNSERVED` types."""
    return list(dict.fromkeys(map(_served, TAGS)))


def _served(tag: str) -> str:
    prefix, _, kind = tag.partition("-")
    return f"{prefix}-{UNSERVED.get(kind, kind)}" if kind else tag


class CalibratedHead(nn.Module):
    """A head that gives probabilities.

    Args:
        head: gives logits, the first of them those of the polarities.
        temperature: divides them.
        bias: is added to them before.
    """

    def __init__(self, head: nn.Module, temperature: float, bias: Tensor | None = None) -> None:
        super().__init__()
        self.head, self.temperature = head, temperature
        self.register_buffer("bias", torch.zeros(len(POLARITIES)) if bias is None else bias)

    def forward(self, *pooled: Tensor) -> Tensor:
        """Probabilities of the polarities, from what the head reads."""
        logits = self.head(*pooled)[:, : len(POLARITIES)] + self.bias
        return (logits / self.temperature).softmax(-1)


def export(
    checkpoint: Path, corpora: Corpora, tokenizer: Path, out: Path, name: str, version: str
) -> None:
    """Write the bundle ``out`` from a checkpoint.

    Args:
        checkpoint: of the small model, as :func:`training.train.train` left it.
        corpora: temperatures, and the document's tone, are fitted on the dev parts.
        tokenizer: folder of the base encoder, for its tokenizer.
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
    tags, tone, towards = temperatures(read, articles, corpora, trained.pieces)
    out.mkdir(parents=True, exist_ok=True)
    width = trained.config["hidden_size"]
    ids = torch.ones((1, 16), dtype=torch.int32)
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / ENCODER
        to_onnx(
            EncoderWithTags(model, tags), (ids, torch.zeros_like(ids)), plain,
            ["ids", "cases"], ["tag_probabilities", "hidden"], axis=1,
        )  # fmt: skip
        quantize_dynamic(plain, out / ENCODER, per_channel=True, weight_type=QuantType.QInt8)
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
    known |= {"tone", "towards"} if corpora.articles else set()
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
        tags=served_tags(),
        window=trained.pieces,
        training_data=[
            dict(zip(("name", "licence", "use"), about, strict=True))
            for key, about in TRAINING_DATA.items()
            if key in known
        ],
    )
    if corpora.articles_dev:
        add_document_head(out, corpora)


def served_bias(biases: nn.Embedding) -> Tensor:
    """The bias towards a mention between those of the two kinds of set, by :data:`BALANCE`."""
    rows = biases.weight.detach().clone()
    articles, sentences = (rows[TARGET_SETS.index(name)] for name in ("articles", "newsmtsc"))
    return articles + BALANCE * (sentences - articles)


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


def temperatures(
    read: Reader, articles: Sequence[ArticleReading], corpora: Corpora, pieces: int
) -> tuple[float, float, float]:
    """Temperatures of tags, tone and sentiment towards names that fit the dev parts best.

    Temperature scaling after Guo et al. 2017, "On Calibration of Modern Neural Networks". Tags are
    fitted on the set that knows all types, or else left as they are.
    """
    tags = 1.0
    if documents := corpora.names_dev.get("worldwide"):
        chance = random.Random(0)
        windows = [w for d in documents for w in pack(d, pieces, chance, short=0.0)]
        rows = np.concatenate([reading.tags for reading in read(windows)])
        gold = np.concatenate([s.tags for window in windows for s in window])
        tags = best_temperature(np.log(rows + _TINY), gold)
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
    """The divisor of the logits with the least cross entropy."""
    grid = np.geomspace(0.5, 4.0, 121)
    rows = torch.from_numpy(logits)
    labels = torch.from_numpy(gold)
    losses = [float(nn.functional.cross_entropy(rows / t, labels)) for t in grid]
    return round(float(grid[int(np.argmin(losses))]), 3)
