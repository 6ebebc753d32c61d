"""Training: all three tasks at once, an epoch at a time, resumable."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm
from transformers import AutoTokenizer, BertModel, get_linear_schedule_with_warmup

from service.enrichment.bio import decode_tags
from training.data import (
    POLARITIES,
    TAGS,
    UNLABELLED,
    Sentence,
    answered_sentences,
    hold_out,
    ner_documents,
    newsmtsc_sentences,
    pack,
    read_answers,
    read_newsmtsc,
    sst_sentences,
    uner_documents,
)
from training.model import OnePass
from training.scores import macro_f1

CLS, SEP = 101, 102
Window = list[Sentence]


@dataclass(frozen=True)
class Recipe:
    """What decides the outcome of a run, besides the data."""

    epochs: int = 8
    pieces: int = 190  # in a window, without [CLS] and [SEP]
    batch_pieces: int = 16 * 192
    rate: float = 2e-4
    head_rate: float = 1e-3
    warmup: float = 0.06
    weight_decay: float = 0.01
    damage: tuple[float, float, float] = (0.08, 0.06, 0.03)  # all-caps, lower, title case
    decay: float = 0.998  # of the moving average of the weights, a step
    newsmtsc_share: float = 0.75  # of it in an epoch; oftener, it is learnt by heart
    alone: float = 0.75  # share of the sentiment windows that are shorter, down to one sentence
    answered: int = 6000  # sentences in an epoch on which there is but a teacher's word
    smoothing: float = 0.1  # of the polarities
    seed: int = 20261123


@dataclass(frozen=True)
class Corpora:
    """The training and dev parts; NER as documents, the others as single sentences.

    ``answered`` are sentences of news on which there is but a teacher's word.
    """

    ner: list[list[Sentence]]
    ner_dev: list[list[Sentence]]
    newsmtsc: list[Sentence]
    newsmtsc_dev: list[Sentence]
    sst: list[Sentence]
    sst_dev: list[Sentence]
    answered: list[Sentence]


def load_tokenizer(encoder: Path) -> Tokenizer:
    """The encoder's own tokenizer, with neither truncation nor padding."""
    tokenizer: Tokenizer = AutoTokenizer.from_pretrained(encoder).backend_tokenizer
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def load_corpora(tokenizer: Tokenizer, data: Path, answers: Path | None = None) -> Corpora:
    """Read every set from the folder ``data``, and a teacher's ``answers``."""
    said = read_answers(answers) if answers else {}
    news, news_dev = hold_out(read_newsmtsc(data / "sentiment/newsmtsc_train.jsonl"))
    return Corpora(
        ner_documents(tokenizer, data / "ner/conllpp_train.txt")
        + uner_documents(tokenizer, data / "ner/uner_ewt_dev.iob2"),
        ner_documents(tokenizer, data / "ner/conllpp_dev.txt"),
        newsmtsc_sentences(tokenizer, news, said),
        newsmtsc_sentences(tokenizer, news_dev),
        sst_sentences(tokenizer, data / "sentiment/sst5_train.txt", said),
        sst_sentences(tokenizer, data / "sentiment/sst5_dev.txt"),
        answered_sentences(tokenizer, {t: a for t, a in said.items() if not a.labelled}),
    )


@dataclass
class Batch:
    """Windows as tensors, padded to the longest; what each means is said at ``OnePass.forward``."""

    ids: Tensor
    cases: Tensor
    mask: Tensor
    tags: Tensor
    sentences: Tensor
    polarities: Tensor
    targets: Tensor
    target_polarities: Tensor

    def to(self, device: torch.device) -> Batch:
        """The same on another device."""
        return Batch(**{name: value.to(device) for name, value in vars(self).items()})


def collate(
    windows: Sequence[Window],
    chance: random.Random | None = None,
    damage: Sequence[float] = (0.0, 0.0, 0.0),
) -> Batch:
    """Windows to tensors; with ``chance``, sentences lose their letter case now and then."""
    longest = max(sum(len(s.pieces.ids) for s in window) for window in windows) + 2
    shape = (len(windows), longest)
    ids, cases = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    mask, tags = np.zeros(shape, np.int64), np.full(shape, UNLABELLED, np.int64)
    sentences, polarities, targets, target_polarities = [], [], [], []
    for row, window in enumerate(windows):
        ids[row, 0] = CLS
        position = 1
        for sentence in window:
            pieces = sentence.pieces
            end = position + len(pieces.ids)
            ids[row, position:end] = pieces.ids
            cases[row, position:end] = _cases(sentence, chance, damage)
            begun = pieces.bounds[:-1] < pieces.bounds[1:]
            tags[row, position + pieces.bounds[:-1][begun]] = sentence.tags[begun]
            for first, last, polarity in sentence.targets:
                bounds = (position + pieces.bounds[first], position + pieces.bounds[last])
                targets.append((*bounds, len(sentences)))
                target_polarities.append(polarity)
            sentences.append((row, position, end))
            polarities.append(sentence.polarity)
            position = end
        ids[row, position] = SEP
        mask[row, : position + 1] = 1
    return Batch(
        *(torch.from_numpy(array) for array in (ids, cases, mask, tags)),
        torch.tensor(sentences),
        torch.tensor(polarities),
        torch.tensor(np.asarray(targets, np.int64).reshape(-1, 3)),
        torch.tensor(np.asarray(target_polarities, np.float32).reshape(-1, len(POLARITIES))),
    )


def _cases(
    sentence: Sentence, chance: random.Random | None, damage: Sequence[float]
) -> NDArray[np.int32]:
    draw = chance.random() if chance else 1.0
    for share, cases in zip(damage, sentence.damaged, strict=True):
        if draw < share:
            return cases
        draw -= share
    return sentence.pieces.cases


def batches(windows: list[Window], pieces: int, chance: random.Random) -> Iterator[list[Window]]:
    """Windows of like length together, up to ``pieces`` with padding, in random order."""
    windows = sorted(windows, key=lambda w: sum(len(s.pieces.ids) for s in w) + 8 * chance.random())
    groups: list[list[Window]] = [[]]
    for window in windows:
        length = sum(len(s.pieces.ids) for s in window) + 2
        if groups[-1] and length * (len(groups[-1]) + 1) > pieces:
            groups.append([])
        groups[-1].append(window)
    chance.shuffle(groups)
    yield from groups


def epoch_batches(corpora: Corpora, recipe: Recipe, epoch: int) -> list[list[Window]]:
    """The batches of one epoch, the same for the same recipe and epoch."""
    chance = random.Random(f"{recipe.seed}/{epoch}")
    pools: list[list[Window]] = [
        [w for document in corpora.ner for w in pack(document, recipe.pieces, chance)]
    ]
    loose: list[Window] = []
    answered = min(recipe.answered, len(corpora.answered))
    for sentences, count in (
        (corpora.newsmtsc, round(recipe.newsmtsc_share * len(corpora.newsmtsc))),
        (corpora.sst, len(corpora.sst)),
        (corpora.answered, answered),
    ):
        drawn = chance.sample(sentences, count)
        loose += pack(drawn, recipe.pieces, chance, short=recipe.alone)
    pools.append(loose)
    groups = [group for pool in pools for group in batches(pool, recipe.batch_pieces, chance)]
    chance.shuffle(groups)
    return groups


def train(
    encoder: Path, data: Path, out: Path, recipe: Recipe, answers: Path | None = None
) -> None:
    """Train and leave ``out/epoch.pt`` (the last finished epoch) and ``out/log.jsonl``.

    A run that was interrupted goes on after its last finished epoch.

    Args:
        encoder: folder of the base encoder (config, weights, tokenizer).
        data: folder of the data sets.
        out: folder for checkpoints and the log; made if missing.
        recipe: the recipe; a run in ``out`` must have had the same.
        answers: what a teacher says, as :func:`training.teacher.answer` left it.

    Raises:
        ValueError: ``out`` holds a run of another recipe or with other answers.
    """
    out.mkdir(parents=True, exist_ok=True)
    answered = hashlib.sha256(answers.read_bytes()).hexdigest() if answers else None
    torch.manual_seed(recipe.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tokenizer = load_tokenizer(encoder)
    corpora = load_corpora(tokenizer, data, answers)
    model = OnePass(BertModel.from_pretrained(encoder, add_pooling_layer=False)).to(device)
    steps = sum(len(epoch_batches(corpora, recipe, epoch)) for epoch in range(recipe.epochs))
    # The mean of the last few hundred steps beats the last step; Izmailov et al. 2018.
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(recipe.decay))
    optimizer = torch.optim.AdamW(_groups(model, recipe), weight_decay=recipe.weight_decay)
    schedule = get_linear_schedule_with_warmup(optimizer, int(recipe.warmup * steps), steps)

    checkpoint, begin = out / "epoch.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=False)
        if (state["recipe"], state["answers"]) != (asdict(recipe), answered):
            raise ValueError(
                f"{checkpoint} is of another recipe or other answers: {state['recipe']}, "
                f"{state['answers']}"
            )
        model.load_state_dict(state["last"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        begin = state["epoch"] + 1

    for epoch in range(begin, recipe.epochs):
        torch.manual_seed(recipe.seed + epoch)
        chance = random.Random(f"{recipe.seed}/{epoch}/damage")
        model.train()
        sums: dict[str, list[float]] = {}
        bar = tqdm(epoch_batches(corpora, recipe, epoch), f"epoch {epoch + 1}/{recipe.epochs}")
        for windows in bar:
            batch = collate(windows, chance, recipe.damage).to(device)
            losses = _losses(model, batch, device, recipe.smoothing)
            torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            average.update_parameters(model)
            optimizer.zero_grad()
            for name, loss in losses.items():
                sums.setdefault(name, []).append(loss.item())
            bar.set_postfix({name: f"{np.mean(all_[-50:]):.3f}" for name, all_ in sums.items()})
        scores = {f"loss_{name}": round(float(np.mean(all_)), 4) for name, all_ in sums.items()}
        scores |= score_dev(average.module, corpora, recipe, device)
        log(out / "log.jsonl", {"epoch": epoch + 1, **scores})
        state = {
            "recipe": asdict(recipe),
            "epoch": epoch,
            "answers": answered,
            "model": average.module.state_dict(),
            "last": model.state_dict(),
            "average": average.state_dict(),
            "config": model.encoder.config.to_dict(),
            "optimizer": optimizer.state_dict(),
            "schedule": schedule.state_dict(),
        }
        save(state, checkpoint)


def log(path: Path, scores: dict[str, float]) -> None:
    """Append a line to the log of a run, and show it."""
    line = json.dumps(scores)
    with path.open("a") as lines:
        print(line, file=lines)
    tqdm.write(line)


def save(state: dict[str, object], checkpoint: Path) -> None:
    """Replace a checkpoint, whole or not at all."""
    torch.save(state, checkpoint.with_suffix(".new"))
    checkpoint.with_suffix(".new").replace(checkpoint)


def precision(device: torch.device) -> torch.autocast:
    """Half precision where the machine has instructions for it; elsewhere it would be slower."""
    fast = device.type != "cpu" or torch.cpu._is_avx512_bf16_supported()
    return torch.autocast(device.type, torch.bfloat16, enabled=fast)


def _groups(model: OnePass, recipe: Recipe) -> list[dict[str, object]]:
    new = ("tag_head", "sentence_head", "target_head", "token_type_embeddings")
    named = list(model.named_parameters())
    heads = [p for n, p in named if any(part in n for part in new)]
    rest = [p for n, p in named if not any(part in n for part in new)]
    return [{"params": rest, "lr": recipe.rate}, {"params": heads, "lr": recipe.head_rate}]


def _losses(
    model: OnePass, batch: Batch, device: torch.device, smoothing: float
) -> dict[str, Tensor]:
    with precision(device):
        output = model(batch.ids, batch.cases, batch.mask, batch.sentences, batch.targets)
    losses = {}
    if (batch.tags != UNLABELLED).any():
        logits = output.tags.float().flatten(0, 1)
        losses["tags"] = tag_loss(logits, batch.tags.flatten())
    judged = batch.polarities.sum(1) > 0
    if judged.any():
        logits = output.sentences.float()
        losses["sentences"] = functional.cross_entropy(
            logits[judged], batch.polarities[judged], label_smoothing=smoothing
        )
    if len(batch.targets):
        logits = output.targets.float()
        losses["targets"] = functional.cross_entropy(
            logits, batch.target_polarities, label_smoothing=smoothing
        )
    return losses


def tag_loss(logits: Tensor, tags: Tensor) -> Tensor:
    """Mean negative log-likelihood of the tags, of what is allowed where that is not one tag.

    Args:
        logits: shape ``(pieces, tags)``.
        tags: shape ``(pieces,)``; :data:`~training.data.NOT_LOOKED_FOR` allows ``O`` and MISC.
    """
    known = functional.log_softmax(logits, -1)
    allowed = [i for i, tag in enumerate(TAGS) if tag == "O" or tag.endswith("-MISC")]
    either = known[:, allowed].logsumexp(-1, keepdim=True)
    return functional.nll_loss(torch.cat([known, either], -1), tags, ignore_index=UNLABELLED)


@torch.no_grad()
def score_dev(
    model: OnePass, corpora: Corpora, recipe: Recipe, device: torch.device
) -> dict[str, float]:
    """Micro-F1 of names, macro-F1 of sentiment, in per cent, on the dev parts."""
    model.eval()
    chance = random.Random(0)
    hits = found = wanted = 0
    windows = [w for d in corpora.ner_dev for w in pack(d, recipe.pieces, chance, short=0.0)]
    for group in batches(windows, recipe.batch_pieces, chance):
        batch = collate(group).to(device)
        with precision(device):
            output = model(batch.ids, batch.cases, batch.mask, batch.sentences, batch.targets)
        probabilities = output.tags.float().softmax(-1).cpu().numpy()
        for row, gold in zip(probabilities, batch.tags.cpu().numpy(), strict=True):
            words = gold != UNLABELLED
            predicted = {span[:3] for span in decode_tags(row[words], TAGS)}
            truth = {span[:3] for span in decode_tags(np.eye(len(TAGS))[gold[words]], TAGS)}
            hits += len(predicted & truth)
            found += len(predicted)
            wanted += len(truth)
    scores = {"ner_f1": 200 * hits / max(1, found + wanted)}
    for name, sentences in (("newsmtsc", corpora.newsmtsc_dev), ("sst3", corpora.sst_dev)):
        gold_labels: list[int] = []
        labels: list[int] = []
        for group in batches([[s] for s in sentences], recipe.batch_pieces, chance):
            batch = collate(group).to(device)
            output = model(batch.ids, batch.cases, batch.mask, batch.sentences, batch.targets)
            towards = name == "newsmtsc"
            labels += (output.targets if towards else output.sentences).argmax(-1).tolist()
            gold = batch.target_polarities if towards else batch.polarities
            gold_labels += gold.argmax(-1).tolist()
        scores[f"{name}_macro_f1"] = 100 * macro_f1(gold_labels, labels)
    return {name: round(score, 2) for name, score in scores.items()}
