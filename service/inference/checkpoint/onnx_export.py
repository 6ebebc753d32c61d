"""Export: a checkpoint of transformers as an ONNX file that runs without torch."""

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

from service.inference.backends.runtimes import Backend, Input, OnnxBackend
from service.inference.checkpoint.checkpoint import Checkpoint, load_weights, reason
from service.inference.checkpoint.files import ONNX_FILES, CheckpointFiles
from service.inference.checkpoint.ner import softmax
from service.inference.model_info import ModelError

LEAST_AGREEMENT = 0.98
"""Share of the tokens, or texts, of the samples whose likeliest label has to stay what it is."""

NEAR = 0.1
"""Most by which a label may be less likely than the likeliest, to be as good an answer."""

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
"""What an export is compared on: each by itself, and as many as an input takes."""

_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


@dataclass(frozen=True)
class Exported:
    """An export, and how near it is to what it was made from.

    Attributes:
        file: of the export.
        agreement: share of the tokens of the samples, or of the samples, of which the likeliest
            label is the checkpoint's, or one that it finds as likely within :data:`NEAR`; 0-1.
        difference: largest between two probabilities.
    """

    file: Path
    agreement: float
    difference: float


def export_checkpoint(folder: CheckpointFiles, int8: bool) -> Exported:
    """Write the ONNX file of a checkpoint into its folder, and see that it says the same.

    Args:
        folder: its files: weights, or an ONNX file that is to be quantised.
        int8: whether weights are quantised, with a scale for each channel, and activations anew at
            each pass.

    Raises:
        ModelError: what an export needs is not installed, the architecture cannot be exported, or
            the export says something else than the checkpoint; then there is no new file.
    """
    try:
        return _export(folder, int8)
    except ModelError:
        raise
    except Exception as error:  # the exporter and the runtimes have no exception in common
        raise ModelError(f"it cannot be exported: {reason(error)}") from error


def _export(folder: CheckpointFiles, int8: bool) -> Exported:
    target = folder.path / ONNX_FILES[0 if int8 else 1]
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as made, _quiet():
        plain, final = Path(made, "plain.onnx"), Path(made, "final.onnx")
        source: Backend
        if folder.weights:
            source = _to_onnx(folder, plain)
        elif int8 and folder.onnx not in (None, target):
            plain, source = folder.onnx, OnnxBackend(folder.onnx)
        else:
            raise ModelError("it has no weights to be exported, and no other ONNX file")
        if int8:
            _quantise(plain, final)
        elif len(list(Path(made).iterdir())) > 1:
            raise ModelError(
                "its weights are more than an ONNX file holds, which is 2 GB: export it without "
                "--fp32, or leave it to torch"
            )
        else:
            plain.rename(final)
        agreement, difference = compare(Checkpoint(folder, source), OnnxBackend(final))
        if agreement < LEAST_AGREEMENT:
            raise ModelError(
                f"the export is of no use: it has the label of the checkpoint for {agreement:.1%} "
                f"of the samples, and {LEAST_AGREEMENT:.0%} are needed"
                + ("; --fp32 exports it without quantisation" if int8 else "")
            )
        final.replace(target)
    return Exported(target, agreement, difference)


def compare(reference: Checkpoint, other: Backend) -> tuple[float, float]:
    """How near a runtime is to a checkpoint on the samples.

    Returns:
        Agreement and difference, as in :class:`Exported`.
    """
    room = reference.room
    inputs = [reference.input(reference.encode(text).ids[:room]) for text in _texts()]
    if reference.folder.task == "SequenceClassification":
        name = reference.encode("Angela Merkel").ids
        beside = reference.room_beside(len(name))
        inputs += [reference.input(reference.encode(t).ids[:beside], name) for t in _texts()]
    ours, theirs = _probabilities(reference.runtime, inputs), _probabilities(other, inputs)
    chosen = np.take_along_axis(ours, theirs.argmax(-1)[:, None], -1)[:, 0]
    agreement = float((ours.max(-1) - chosen <= NEAR).mean())
    return agreement, float(np.abs(ours - theirs).max())


def _texts() -> Sequence[str]:
    return (*SAMPLES, " ".join(SAMPLES * 4))


def _probabilities(runtime: Backend, inputs: Sequence[Input]) -> Any:
    return softmax(np.concatenate([np.atleast_2d(rows) for rows in runtime.run(inputs)]))


def _to_onnx(folder: CheckpointFiles, path: Path) -> Backend:
    """Write the plain ONNX file, and return what it was made from."""
    try:
        import onnx  # noqa: F401  torch says so at greater length
        import torch
        from transformers import AutoConfig, AutoTokenizer
    except ImportError as error:
        raise _not_installed(error) from None
    from service.inference.backends.runtimes import TorchBackend

    config = AutoConfig.from_pretrained(
        folder.path,
        local_files_only=True,
        trust_remote_code=False,
        attn_implementation="eager",  # of which the exporter knows every operator
    )
    tokenizer = AutoTokenizer.from_pretrained(folder.path, local_files_only=True)
    model = load_weights(folder, config).eval()
    names = [name for name in _INPUTS if name in tokenizer.model_input_names]
    tokens = {0: "inputs", 1: "tokens"}
    whole = folder.task == "SequenceClassification"
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
    """Without what exporters say about their own workings; what comes out is compared."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)


def _not_installed(error: ImportError) -> ModelError:
    return ModelError(
        f"{error.name} is not installed, which an export needs: pip install '.[torch]'"
    )
