"""Export of a checkpoint to an ONNX file, which runs without torch."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from service.inference.backends.base import Backend, Input
from service.inference.backends.onnx import OnnxBackend
from service.inference.checkpoint.checkpoint import Checkpoint, load_weights
from service.inference.checkpoint.file_names import ONNX_FILES
from service.inference.checkpoint.files import CheckpointFiles
from service.inference.checkpoint.ner import softmax
from service.inference.errors import ModelError, summarize

LEAST_AGREEMENT = 0.98
"""Least share of the sample tokens, or texts, whose likeliest label the export must keep."""

NEAR = 0.1
"""Largest difference in probability from the likeliest label that still counts as a tie."""

SAMPLES = (
    "President Joe Biden met his Chinese counterpart Xi Jinping in Lima, Peru, on Saturday.",
    'The company, which employs 4,000 people in Austria and Hungary, called the remarks "unfair".',
    "Shares of Deutsche Bank fell by 3.2 per cent in Frankfurt after a disappointing quarter.",
    "Fans praised a splendid performance by Serena Williams at Wimbledon.",
    "It was a dreadful mistake, said Angela Merkel, and nobody at the ministry has apologised.",
    "Die Kanzlerin lobte am Montag in Berlin die gute Zusammenarbeit mit Frankreich.",
    "El presidente de Argentina criticó con dureza al Fondo Monetario Internacional.",
    "Le Premier ministre s'est rendu à Marseille, où l'accueil fut excellent.",
    "U.N. officials said the U.S.-led talks had neither failed nor succeeded.",
    "NEW YORK (AP) - Apple Inc. and Microsoft Corp. said nothing.",
    "The weather will be dry tomorrow.",
    "What a waste of time and money!",
)
"""Texts on which an export is compared: each alone, and as many together as fit into an input."""

_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


@dataclass(frozen=True)
class Exported:
    """An export, and its agreement with the checkpoint.

    Attributes:
        file: of the export.
        agreement: share of the sample tokens, or texts, whose likeliest label is that of the
            checkpoint or within :data:`NEAR` of it; 0 to 1.
        difference: largest difference between two probabilities.
    """

    file: Path
    agreement: float
    difference: float


def export_checkpoint(files: CheckpointFiles, int8: bool) -> Exported:
    """Write an ONNX file into the folder of a checkpoint, and compare their outputs.

    Args:
        files: of the checkpoint: weights, or an ONNX file to quantise.
        int8: whether to quantise: weights per channel, activations dynamically.

    Raises:
        ModelError: a package is missing, the architecture cannot be exported, or the outputs
            differ. No file is left then.
    """
    try:
        return _export(files, int8)
    except ModelError:
        raise
    except Exception as error:  # the exporters share no base class of exceptions
        raise ModelError(f"it cannot be exported: {summarize(error)}") from error


def _export(files: CheckpointFiles, int8: bool) -> Exported:
    target = files.path / ONNX_FILES[0 if int8 else 1]
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as folder, _quiet():
        plain, final = Path(folder, "plain.onnx"), Path(folder, "final.onnx")
        source: Backend
        if files.weights:
            source = _to_onnx(files, plain)
        elif int8 and files.onnx not in (None, target):
            plain, source = files.onnx, OnnxBackend(files.onnx)
        else:
            raise ModelError("it has neither weights to export nor another ONNX file")
        if int8:
            _quantise(plain, final)
        elif len(list(Path(folder).iterdir())) > 1:
            raise ModelError(
                "its weights exceed 2 GB, the limit of an ONNX file: export it without --fp32, or "
                "run it with torch"
            )
        else:
            plain.rename(final)
        agreement, difference = compare(Checkpoint(files, source), OnnxBackend(final))
        if agreement < LEAST_AGREEMENT:
            raise ModelError(
                f"the export differs too much: it keeps the label of the checkpoint for "
                f"{agreement:.1%} of the samples, and {LEAST_AGREEMENT:.0%} are needed"
                + ("; --fp32 exports it without quantisation" if int8 else "")
            )
        final.replace(target)
    return Exported(target, agreement, difference)


def compare(reference: Checkpoint, other: Backend) -> tuple[float, float]:
    """Compare a backend with a checkpoint on the samples.

    Returns:
        Agreement and difference, as in :class:`Exported`.
    """
    limit = reference.max_tokens
    inputs = [reference.build_input(reference.encode(text).ids[:limit]) for text in _texts()]
    if reference.files.task == "SequenceClassification":
        name = reference.encode("Angela Merkel").ids
        limit = reference.max_first_tokens(len(name))
        inputs += [reference.build_input(reference.encode(t).ids[:limit], name) for t in _texts()]
    expected, actual = _probabilities(reference.backend, inputs), _probabilities(other, inputs)
    chosen = np.take_along_axis(expected, actual.argmax(-1)[:, None], -1)[:, 0]
    agreement = float((expected.max(-1) - chosen <= NEAR).mean())
    return agreement, float(np.abs(expected - actual).max())


def _texts() -> Sequence[str]:
    return (*SAMPLES, " ".join(SAMPLES * 4))


def _probabilities(backend: Backend, inputs: Sequence[Input]) -> Any:
    return softmax(np.concatenate([np.atleast_2d(rows) for rows in backend.run(inputs)]))


def _to_onnx(files: CheckpointFiles, path: Path) -> Backend:
    """Write the ONNX file before quantisation, and return the backend of its source."""
    try:
        import onnx  # noqa: F401  fails here with a shorter message than in torch
        import torch
        from transformers import AutoConfig, AutoTokenizer
    except ImportError as error:
        raise _not_installed(error) from None
    from service.inference.backends.torch import TorchBackend

    config = AutoConfig.from_pretrained(
        files.path,
        local_files_only=True,
        trust_remote_code=False,
        attn_implementation="eager",  # the exporter supports all of its operators
    )
    tokenizer = AutoTokenizer.from_pretrained(files.path, local_files_only=True)
    model = load_weights(files, config).eval()
    names = [name for name in _INPUTS if name in tokenizer.model_input_names]
    tokens = {0: "inputs", 1: "tokens"}
    whole = files.task == "SequenceClassification"
    example = torch.ones((2, 16), dtype=torch.int64)

    class Logits(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *values: Any) -> Any:
            return self.model(**dict(zip(names, values, strict=True))).logits

    torch.onnx.export(
        Logits(),
        tuple(example for _ in names),
        str(path),
        input_names=names,
        output_names=["logits"],
        dynamic_axes={**dict.fromkeys(names, tokens), "logits": {0: "inputs"} if whole else tokens},
        opset_version=17,
        dynamo=False,
    )
    padding = tokenizer.pad_token_id or 0
    return TorchBackend(model, padding, "token_type_ids" in names, device="cpu")


def _quantise(path: Path, to: Path) -> None:
    try:
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError as error:
        raise _not_installed(error) from None
    quantize_dynamic(path, to, per_channel=True, weight_type=QuantType.QInt8)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the exporters' warnings: the outputs are compared anyway."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)


def _not_installed(error: ImportError) -> ModelError:
    return ModelError(
        f"an export needs {error.name}, which is not installed: pip install '.[torch]'"
    )
