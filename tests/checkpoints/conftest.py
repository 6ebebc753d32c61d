"""Checkpoints of every architecture, made once; and the pipeline of transformers beside them."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

pytest.importorskip("torch", reason="torch is not installed here: `make test` runs these with it")

from tests.checkpoints.making import CONFIGS, Made, bio, make

NER = {name: Made(name, "TokenClassification", bio()) for name in CONFIGS}
NER["bioes"] = Made("bert", "TokenClassification", bio("BIES"))
NER["plain"] = Made("distilbert", "TokenClassification", ("O", "PER", "ORG", "LOC"))
SENTIMENT = {
    "two": Made("distilbert", "SequenceClassification", ("NEGATIVE", "POSITIVE")),
    "three": Made("roberta", "SequenceClassification", ("LABEL_0", "LABEL_1", "LABEL_2")),
    "five": Made(
        "xlm-roberta",
        "SequenceClassification",
        tuple(f"{n} star{'s' if n > 1 else ''}" for n in range(1, 6)),
    ),
    "pairs": Made(
        "deberta-v2", "SequenceClassification", ("Negative", "Neutral", "Positive"), pairs=True
    ),
    "electra": Made("electra", "SequenceClassification", ("negative", "neutral", "positive")),
    "bert": Made("bert", "SequenceClassification", ("neg", "neu", "pos")),
}
ALL = {
    **{f"ner-{name}": made for name, made in NER.items()},
    **{f"sentiment-{name}": made for name, made in SENTIMENT.items()},
}


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    """Makes the checkpoint of a name; the folder as ``save_pretrained`` leaves it."""
    root = tmp_path_factory.mktemp("checkpoints")

    @cache
    def made(name: str) -> Path:
        return make(ALL[name], root / name)

    return made
