"""Tiny checkpoints of every architecture, trained on demand and pulled from a local hub."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

os.environ.update(TRANSFORMERS_OFFLINE="1", HF_HUB_OFFLINE="1")

pytest.importorskip("torch", reason="torch is not installed; `make test` runs these tests with it")

from service.enrichment.pipeline import Enricher
from service.inference.loader import load_model
from service.inference.model_files import ModelSpec
from tests.bundle import BUNDLE
from tests.checkpoints.tiny_checkpoints import CONFIGS, Recipe, bio, train
from tests.fakes import FakeDetector
from tests.hub.conftest import CommandLine
from tests.hub.server import HubServer

NER = {
    **{name: Recipe(name, "TokenClassification", bio()) for name in CONFIGS},
    "bioes": Recipe("bert", "TokenClassification", bio("BIES")),
    "plain": Recipe("distilbert", "TokenClassification", ("O", "PER", "ORG", "LOC")),
}
STARS = ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")
SENTIMENT = {
    "bert": Recipe("bert", "SequenceClassification", ("neg", "neu", "pos")),
    "roberta": Recipe("roberta", "SequenceClassification", ("LABEL_0", "LABEL_1", "LABEL_2")),
    "xlm-roberta": Recipe("xlm-roberta", "SequenceClassification", STARS),
    "distilbert": Recipe("distilbert", "SequenceClassification", ("NEGATIVE", "POSITIVE")),
    "electra": Recipe("electra", "SequenceClassification", ("positive", "negative", "neutral")),
    "deberta-v2": Recipe(
        "deberta-v2", "SequenceClassification", ("Negative", "Neutral", "Positive"), pairs=True
    ),
}
RECIPES = {
    **{f"ner-{name}": recipe for name, recipe in NER.items()},
    **{f"sentiment-{name}": recipe for name, recipe in SENTIMENT.items()},
}
SETTINGS = {
    "roberta": {
        "sentiment_labels": {"LABEL_0": "negative", "LABEL_1": "neutral", "LABEL_2": "positive"}
    },
    "deberta-v2": {"sentiment_input": "pair"},
}
"""The members of the model spec that a sentiment checkpoint needs."""


class Checkpoints:
    """Trains checkpoints and pulls them from a hub, each on its first use."""

    def __init__(self, folder: Path, hub: HubServer) -> None:
        self._folder, self._hub = folder, hub
        self.command = CommandLine(folder, hub.url)
        self.source = cache(self._source)
        self.pull = cache(self._pull)

    def _source(self, name: str) -> Path:
        """Train a checkpoint and commit it to the hub; return its folder there."""
        folder = self._hub.folder / "team" / name
        train(RECIPES[name], folder)
        self._hub.commit(f"team/{name}")
        return folder

    def _pull(self, name: str) -> str:
        """Pull a checkpoint; return its id."""
        self.source(name)
        outcome = self.command("pull", f"team/{name}")
        assert outcome.code == 0, outcome.errors
        return f"team/{name}"

    def copy(self, name: str, folder: Path) -> Path:
        """Copy a pulled checkpoint, without its record, into a folder that a test may change."""
        self.pull(name)
        (pulled,) = (self.command.store / f"team--{name}").glob("[0-9a-f]*")
        copy = shutil.copytree(pulled, folder)
        (copy / "record.json").unlink()
        return copy

    def enricher(self, ner: str = "", sentiment: str = "") -> Enricher:
        """An enricher with pulled checkpoints; the bundle does the rest."""
        spec = ModelSpec(
            BUNDLE,
            self.pull(f"ner-{ner}") if ner else "",
            self.pull(f"sentiment-{sentiment}") if sentiment else "",
            **SETTINGS.get(sentiment, {}),
        )
        return Enricher(load_model(spec, self.command.store).model, FakeDetector())


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkpoints]:
    root = tmp_path_factory.mktemp("checkpoints")
    (root / "repositories").mkdir()
    with HubServer(root / "repositories") as hub:
        yield Checkpoints(root, hub)
