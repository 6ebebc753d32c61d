"""A hub with small checkpoints, and the command that pulls them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from tests.bundle import ROOT
from tests.hub.server import HubServer

LABELS = {"0": "O", "1": "B-PER", "2": "I-PER"}
CARD = """---
license: mit
language: [en, pt-BR, multilingual]
pipeline_tag: token-classification
---
# A model

![badge](badge.svg)

Finds people
in news.
"""

LARGE = 25_000_000
"""Bytes of the large weights: more than the client buffers before it writes."""


@dataclass(frozen=True)
class Outcome:
    """The exit code and output of a command."""

    code: int
    output: str
    errors: str


class CommandLine:
    """Runs ``enrich model`` in a separate process, with a separate store."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        self.store = folder / "store"
        self._environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("HF_", "TRANSFORMERS_"))},
            "HF_ENDPOINT": endpoint,
            "HF_HOME": str(folder / "home"),
            "MODEL_STORE": str(self.store),
            "NO_PROXY": "127.0.0.1",
        }

    def start(self, *arguments: str, limit: Any = None, **environment: str) -> subprocess.Popen:
        def prepare() -> None:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored in the background of a shell
            if limit:
                limit()

        return subprocess.Popen(
            [sys.executable, "-m", "service.cli", "model", *arguments],
            cwd=ROOT,
            env={**self._environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=prepare,
        )

    def __call__(self, *arguments: str, **options: Any) -> Outcome:
        return self.end(self.start(*arguments, **options))

    def end(self, process: subprocess.Popen, stop: signal.Signals | None = None) -> Outcome:
        if stop is not None:
            process.send_signal(stop)
        output, errors = process.communicate(timeout=120)
        return Outcome(process.returncode, output, errors)


def make_checkpoint(folder: Path, architecture: str = "BertForTokenClassification") -> Path:
    """Write a repository with small weights and with files that a pull ignores."""
    (folder / "onnx").mkdir(parents=True)
    config = {"model_type": "bert", "architectures": [architecture], "id2label": LABELS}
    (folder / "config.json").write_text(json.dumps(config))
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "Ann": 1}, unk_token="[UNK]"))
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    (folder / "README.md").write_text(CARD)
    save_file({"weight": np.arange(12, dtype=np.float32)}, folder / "model.safetensors")
    for name in ("pytorch_model.bin", "training_args.bin", "modeling.py", "onnx/quantized.onnx"):
        (folder / name).write_bytes(b"not to be downloaded")
    return folder


def commit_large_weights(ner: Path, hub: HubServer) -> str:
    """Commit large weights to ``ann/ner`` and return the commit."""
    (ner / "model.safetensors").write_bytes(bytes(LARGE))
    return hub.commit("ann/ner")


@pytest.fixture
def repositories(tmp_path: Path) -> Path:
    """The folder of the hub's repositories, with ``ann/ner``."""
    make_checkpoint(tmp_path / "repositories" / "ann" / "ner")
    return tmp_path / "repositories"


@pytest.fixture
def hub(repositories: Path) -> Iterator[HubServer]:
    """A hub with ``ann/ner``; other repositories have to be committed."""
    with HubServer(repositories) as server:
        yield server


@pytest.fixture
def ner(repositories: Path) -> Path:
    """The folder of ``ann/ner``; changes have to be committed."""
    return repositories / "ann" / "ner"


@pytest.fixture
def enrich_model(tmp_path: Path, hub: HubServer) -> CommandLine:
    """``enrich model`` with the hub of the test."""
    return CommandLine(tmp_path, hub.url)
