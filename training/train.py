"""Joint training of all tasks. A run can be interrupted and resumed at any time."""

from __future__ import annotations

import json
import random
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm
from transformers import get_linear_schedule_with_warmup

from training.batches import Batch, Window, collate, epoch_batches
from training.checkpoints import load_network
from training.corpora import Corpora
from training.encoders import load_encoder
from training.evaluate import dev_scores
from training.model import OnePass, best_device, losses, precision
from training.readers import network_reader

CHECKPOINT, LOG = "checkpoint.pt", "log.jsonl"
_HEADS = ("tag_head", "sentence_head", "target_head", "target_bias", "token_type_", "encoder.cases")


@dataclass(frozen=True)
class Recipe:
    """Hyperparameters of a run.

    Attributes:
        epochs: passes over most sets.
        pieces: most word pieces in a window, without [CLS] and [SEP].
        batch_pieces: most word pieces in a batch, with padding.
        rate, head_rate: highest learning rates of the encoder and of the new layers.
        warmup: share of the steps in which the rates rise.
        weight_decay: of all weights.
        damage: share of the sentences in all-caps, lower and title case.
        decay: of the moving average of the weights, per step.
        shares: how often a set is used per epoch, if not once.
        smoothing: label smoothing of the polarities towards targets.
        seed: of all random numbers.
    """

    epochs: int = 6
    pieces: int = 190
    batch_pieces: int = 48 * 192
    rate: float = 6e-4
    head_rate: float = 1e-3
    warmup: float = 0.06
    weight_decay: float = 0.01
    damage: tuple[float, float, float] = (0.06, 0.04, 0.02)
    decay: float = 0.997
    shares: dict[str, float] = field(
        default_factory=lambda: {
            "worldwide": 0.6,
            "conll": 0.5,
            "ewt": 0.6,
            "tone": 0.6,
            "newsmtsc": 0.35,  # more often, it is overfitted
            "targets": 0.35,
            "sst": 0.1,
            "valence": 0.15,
        }
    )
    smoothing: float = 0.1
    seed: int = 20261126


REFINEMENTS = tuple(
    Recipe(
        epochs=1,
        batch_pieces=8 * 192,
        rate=1e-4,
        head_rate=3e-4,
        warmup=0.03,
        decay=0.998,
        shares={
            "worldwide": 0.45, "conll": 0.4, "ewt": 0.6, "tone": 0.5, "newsmtsc": 0.25,
            "targets": 0.25, "sst": 0.05, "valence": 0.08, "contrasts": 0.7, "answered": 0.22,
        },
        seed=seed,
    )
    for seed in (20261141, 20261142)
)  # fmt: skip
"""Hyperparameters of two short runs with small batches that the small model goes through after its
training. Their mean is the final network."""


@dataclass
class _Run:
    """The state of a run."""

    model: OnePass
    average: AveragedModel
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LambdaLR
    epoch: int = 0
    step: int = 0

    def save(self, recipe: Recipe, corpora: Corpora, path: Path) -> None:
        """Replace the checkpoint at ``path`` atomically."""
        state = {
            "recipe": asdict(recipe),
            "sizes": corpora.sizes(),
            "epoch": self.epoch,
            "step": self.step,
            "config": self.model.encoder.config.to_dict(),
            "model": self.average.module.state_dict(),
            "last": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
        }
        torch.save(state, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)

    def load(self, recipe: Recipe, corpora: Corpora, path: Path) -> None:
        """Restore the state from the checkpoint at ``path``, if there is one."""
        if not path.exists():
            return
        state = torch.load(path, map_location="cpu", weights_only=False)
        if state["recipe"] != asdict(recipe):
            raise ValueError(f"{path} is of another recipe: {state['recipe']}")
        if state["sizes"] != corpora.sizes():
            raise ValueError(f"{path} is of other data: {state['sizes']}")
        self.model.load_state_dict(state["last"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.epoch, self.step = state["epoch"], state["step"]


def train(
    encoder: Path,
    corpora: Corpora,
    out: Path,
    recipe: Recipe,
    minutes: float = 8.0,
    start: Path | None = None,
) -> OnePass:
    """Train a model; write ``out/checkpoint.pt``, and a line per epoch to ``out/log.jsonl``.

    An interrupted run continues from its checkpoint, with the same result as without interruption.

    Args:
        encoder: folder of the pretrained encoder.
        corpora: the data; the model is scored on the dev parts after each epoch.
        out: folder for the checkpoint and the log; created if missing.
        recipe: hyperparameters; those of a checkpoint in ``out`` must be equal.
        minutes: between checkpoints within an epoch.
        start: checkpoint of a network with the same encoder, as the initial weights of a new run.

    Returns:
        The network with the moving average of the weights.

    Raises:
        ValueError: the checkpoint in ``out`` is from another recipe or other data.
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    device = best_device()
    network = OnePass(load_encoder(encoder))
    if start:
        network.load_state_dict(load_network(start).network.state_dict())
    run = _start(network.to(device), corpora, recipe)
    run.load(recipe, corpora, out / CHECKPOINT)
    saved = time.monotonic()
    while run.epoch < recipe.epochs:
        groups = _epoch(corpora, recipe, run.epoch)
        found: dict[str, list[Tensor]] = {}
        for windows in tqdm(
            groups[run.step :], f"epoch {run.epoch + 1}/{recipe.epochs}",
            initial=run.step, total=len(groups), mininterval=20,
        ):  # fmt: skip
            # Seeded at each step, so that a resumed run has the same random numbers.
            torch.manual_seed(hash((recipe.seed, run.epoch, run.step)))
            chance = random.Random(f"{recipe.seed}/{run.epoch}/{run.step}")
            batch = collate(windows, chance, recipe.damage).to(device)
            for name, loss in _step(run, batch, recipe, device).items():
                found.setdefault(name, []).append(loss)
            run.step += 1
            if time.monotonic() - saved > 60 * minutes:
                run.save(recipe, corpora, out / CHECKPOINT)
                saved = time.monotonic()
        run.epoch, run.step = run.epoch + 1, 0
        run.save(recipe, corpora, out / CHECKPOINT)
        saved = time.monotonic()
        means = {
            f"loss_{name}": round(float(torch.stack(each).mean()), 4)
            for name, each in found.items()
        }
        scores = dev_scores(
            network_reader(run.average.module, recipe.batch_pieces), corpora, recipe.pieces
        )
        log(out / LOG, {"epoch": run.epoch, **means, **scores})
    trained: OnePass = run.average.module
    return trained.eval()


def _start(model: OnePass, corpora: Corpora, recipe: Recipe) -> _Run:
    steps = sum(len(_epoch(corpora, recipe, epoch)) for epoch in range(recipe.epochs))
    # The average of the last few hundred steps is better than the last one; Izmailov et al. 2018.
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(recipe.decay))
    groups = parameter_groups(model, recipe)
    optimizer = torch.optim.AdamW(groups, weight_decay=recipe.weight_decay, fused=True)
    schedule = get_linear_schedule_with_warmup(optimizer, int(recipe.warmup * steps), steps)
    return _Run(model, average, optimizer, schedule)


def _epoch(corpora: Corpora, recipe: Recipe, epoch: int) -> list[list[Window]]:
    chance = random.Random(f"{recipe.seed}/{epoch}")
    return epoch_batches(corpora, recipe.shares, recipe.pieces, recipe.batch_pieces, chance)


def _step(run: _Run, batch: Batch, recipe: Recipe, device: torch.device) -> dict[str, Tensor]:
    run.model.train()
    with precision(device):
        output = run.model(batch)
    found = losses(output, batch, recipe.smoothing)
    torch.stack(list(found.values())).sum().backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(run.model.parameters(), 1.0)
    run.optimizer.step()
    run.schedule.step()
    run.average.update_parameters(run.model)
    run.optimizer.zero_grad()
    return {name: loss.detach() for name, loss in found.items()}


def parameter_groups(model: OnePass, recipe: Recipe) -> list[dict[str, Any]]:
    """The trainable weights in two groups: those of the encoder, and those of new layers."""
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    new = [p for name, p in named if any(part in name for part in _HEADS)]
    rest = [p for name, p in named if not any(part in name for part in _HEADS)]
    return [{"params": rest, "lr": recipe.rate}, {"params": new, "lr": recipe.head_rate}]


def log(path: Path, scores: dict[str, float]) -> None:
    """Append a line to the log of a run, and print it."""
    line = json.dumps(scores)
    with path.open("a") as lines:
        print(line, file=lines)
    tqdm.write(line)
