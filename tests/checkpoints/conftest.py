"""Checkpoints of every architecture, made once, behind a hub; and pulled from there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

os.environ.update(TRANSFORMERS_OFFLINE="1", HF_HUB_OFFLINE="1")

pytest.importorskip("torch", reason="torch is not installed here: `make test` runs these with it")

from service.enrichment.pipeline import Enricher
from service.inference.loader import load_model
from service.inference.model_files import ModelSpec
from tests.bundle import BUNDLE
from tests.checkpoints.making import CONFIGS, Made, bio, make
from tests.fakes import FakeDetector
from tests.hub.conftest import CommandLine
from tests.hub.server import HubServer

NER = {
    **{name: Made(name, "TokenClassification", bio()) for name in CONFIGS},
    "bioes": Made("bert", "TokenClassification", bio("BIES")),
    "plain": Made("distilbert", "TokenClassification", ("O", "PER", "ORG", "LOC")),
}
STARS = ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")
SENTIMENT = {
    "bert": Made("bert", "SequenceClassification", ("neg", "neu", "pos")),
    "roberta": Made("roberta", "SequenceClassification", ("LABEL_0", "LABEL_1", "LABEL_2")),
    "xlm-roberta": Made("xlm-roberta", "SequenceClassification", STARS),
    "distilbert": Made("distilbert", "SequenceClassification", ("NEGATIVE", "POSITIVE")),
    "electra": Made("electra", "SequenceClassification", ("positive", "negative", "neutral")),
    "deberta-v2": Made(
        "deberta-v2", "SequenceClassification", ("Negative", "Neutral", "Positive"), pairs=True
    ),
}
MADE = {
    **{f"ner-{name}": made for name, made in NER.items()},
    **{f"sentiment-{name}": made for name, made in SENTIMENT.items()},
}
SETTINGS = {
    "roberta": {
        "sentiment_labels": {"LABEL_0": "negative", "LABEL_1": "neutral", "LABEL_2": "positive"}
    },
    "deberta-v2": {"sentiment_input": "pair"},
}
"""What has to be said of a checkpoint for sentiment."""


class Checkpoints:
    """The checkpoints by name, on a hub and pulled from it, each as soon as it is asked for."""

    def __init__(self, folder: Path, hub: HubServer) -> None:
        self._folder, self._hub = folder, hub
        self.command = CommandLine(folder, hub.url)
        self.source = cache(self._source)
        self.pull = cache(self._pull)

    def _source(self, name: str) -> Path:
        """The folder of a checkpoint as it was trained and saved."""
        folder = self._hub.folder / "team" / name
        make(MADE[name], folder)
        self._hub.commit(f"team/{name}")
        return folder

    def _pull(self, name: str) -> str:
        """The id of a checkpoint that has been pulled."""
        self.source(name)
        outcome = self.command("pull", f"team/{name}")
        assert outcome.code == 0, outcome.errors
        return f"team/{name}"

    def copy(self, name: str, folder: Path) -> Path:
        """The folder of a pulled checkpoint, to be changed, without a record."""
        self.pull(name)
        (pulled,) = (self.command.store / f"team--{name}").glob("[0-9a-f]*")
        copied = shutil.copytree(pulled, folder)
        (copied / "record.json").unlink()
        return copied

    def enricher(self, ner: str = "", sentiment: str = "") -> Enricher:
        """Enriches with pulled checkpoints, of which the bundle stands in for one left out."""
        spec = ModelSpec(
            BUNDLE,
            self.pull(f"ner-{ner}") if ner else "",
            self.pull(f"sentiment-{sentiment}") if sentiment else "",
            **SETTINGS.get(sentiment, {}),
        )
        return Enricher(load_model(spec, self.command.store).model, FakeDetector())


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    root = tmp_path_factory.mktemp("checkpoints")
    (root / "repositories").mkdir()
    with HubServer(root / "repositories") as hub:
        yield Checkpoints(root, hub)
