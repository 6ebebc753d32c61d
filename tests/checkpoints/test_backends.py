"""The backends, and the export from torch to ONNX."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from transformers import AutoConfig

from service.enrichment.article import Article
from service.inference.backends.base import Input
from service.inference.backends.onnx import OnnxBackend
from service.inference.backends.torch import TorchBackend, make_batches
from service.inference.checkpoint.checkpoint import Checkpoint, load_weights
from service.inference.checkpoint.file_names import ONNX_FILES
from service.inference.checkpoint.files import CheckpointFiles
from service.inference.checkpoint.onnx_export import SAMPLES, compare, export_checkpoint
from service.inference.errors import ModelError
from tests.checkpoints.conftest import RECIPES
from tests.checkpoints.test_agreement import articles
from tests.checkpoints.tiny_checkpoints import CONFIGS

FP32 = 1e-3
"""Most by which probabilities of the two backends may differ."""

ONE_OF_EACH = [f"{task}-{name}" for name in CONFIGS for task in ("ner", "sentiment")]


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_an_fp32_export_has_the_logits_of_torch(checkpoints, name, tmp_path):
    folder = CheckpointFiles(checkpoints.copy(name, tmp_path / "copy"), name)
    assert folder.onnx is None
    reference = Checkpoint(folder)
    assert reference.backend.name.startswith("torch")
    exported = export_checkpoint(folder, int8=False)
    assert exported.file == folder.path / ONNX_FILES[1]
    assert (exported.agreement, exported.difference < FP32) == (1.0, True)
    again = Checkpoint(CheckpointFiles(folder.path, name))
    assert again.backend.name.startswith("ONNX Runtime")
    inputs = [reference.build_input(reference.encode(text).ids) for text in articles(3)]
    for one, other in zip(reference.backend.run(inputs), again.backend.run(inputs), strict=True):
        assert np.abs(one - other).max() < FP32
    assert not list(exported.file.parent.glob(".export-*"))


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_an_int8_export_has_the_labels_of_torch(checkpoints, name, tmp_path):
    folder = CheckpointFiles(checkpoints.copy(name, tmp_path / "copy"), name)
    plain = export_checkpoint(folder, int8=False)
    exported = export_checkpoint(folder, int8=True)
    assert exported.file == folder.path / ONNX_FILES[0]
    assert exported.file.stat().st_size < plain.file.stat().st_size
    assert exported.agreement >= 0.98
    assert Checkpoint(CheckpointFiles(folder.path, name)).backend.name.endswith("model_int8.onnx")


def test_an_export_with_other_outputs_leaves_no_file(checkpoints, tmp_path, monkeypatch):
    folder = CheckpointFiles(checkpoints.copy("ner-bert", tmp_path / "copy"), "ner")
    monkeypatch.setattr(
        "service.inference.checkpoint.onnx_export.compare", lambda reference, other: (0.5, 0.9)
    )
    with pytest.raises(ModelError, match=r"label of the checkpoint for 50\.0% .* --fp32"):
        export_checkpoint(folder, int8=True)
    assert not any(folder.path.rglob("*.onnx"))


def test_another_checkpoint_is_seen_to_differ(checkpoints, tmp_path):
    """The samples of the comparison tell checkpoints apart."""
    one = CheckpointFiles(checkpoints.copy("ner-bert", tmp_path / "one"), "one")
    other = CheckpointFiles(checkpoints.copy("ner-electra", tmp_path / "other"), "other")
    export_checkpoint(other, int8=False)
    agreement, difference = compare(Checkpoint(one), OnnxBackend(other.path / ONNX_FILES[1]))
    assert agreement < 0.98
    assert difference > 0.1


def test_an_export_of_more_than_one_file_is_rejected(checkpoints, tmp_path, monkeypatch):
    """The exporter writes models of more than 2 GB into several files."""
    folder = CheckpointFiles(checkpoints.copy("ner-bert", tmp_path / "copy"), "ner")
    export = torch.onnx.export

    def export_large(model, values, path, **options):
        export(model, values, path, **options)
        Path(path).with_name("embeddings.weight").touch()

    monkeypatch.setattr(torch.onnx, "export", export_large)
    with pytest.raises(ModelError, match=r"exceed 2 GB, .* export it without --fp32"):
        export_checkpoint(folder, int8=False)
    assert not any(folder.path.rglob("*.onnx"))
    assert export_checkpoint(folder, int8=True).agreement >= 0.98


def test_an_export_is_compared_up_to_the_longest_input(checkpoints, tmp_path):
    reference = Checkpoint(CheckpointFiles(checkpoints.copy("ner-bert", tmp_path / "copy"), "ner"))
    lengths = []

    class Recorder:
        def run(self, inputs):
            lengths.extend(len(one.ids) for one in inputs)
            return reference.backend.run(inputs)

    assert compare(reference, Recorder()) == (1.0, 0.0)
    assert max(lengths) == 512


def test_an_onnx_file_is_quantised_without_the_weights(checkpoints, tmp_path):
    path = checkpoints.copy("sentiment-distilbert", tmp_path / "copy")
    export_checkpoint(CheckpointFiles(path, "sentiment"), int8=False)
    (path / "model.safetensors").unlink()
    assert export_checkpoint(CheckpointFiles(path, "sentiment"), int8=True).agreement >= 0.98
    (path / ONNX_FILES[1]).unlink()
    with pytest.raises(ModelError, match="neither weights to export nor another ONNX file"):
        export_checkpoint(CheckpointFiles(path, "sentiment"), int8=True)


@pytest.mark.parametrize("name", ["ner-roberta", "sentiment-bert"])
def test_batches_do_not_change_logits(checkpoints, name, tmp_path):
    folder = CheckpointFiles(checkpoints.copy(name, tmp_path / "copy"), name)
    config = AutoConfig.from_pretrained(folder.path)
    alone = Checkpoint(folder)
    padding = config.pad_token_id
    together = TorchBackend(load_weights(folder, config), padding, False, "cpu", batch_tokens=200)
    texts = [*SAMPLES, *articles(4), "Ann"]
    inputs = [alone.build_input(alone.encode(text).ids) for text in texts]
    for one, other in zip(alone.backend.run(inputs), together.run(inputs), strict=True):
        assert one.shape == other.shape
        assert np.abs(one - other).max() < 1e-4
    assert together.run([]) == []


def without_padding():
    config = transformers.GPT2Config(vocab_size=50, n_embd=32, n_layer=2, n_head=4)
    assert config.pad_token_id is None
    return transformers.GPT2ForSequenceClassification(config)


def with_the_last_token_as_summary():
    config = transformers.XLNetConfig(vocab_size=50, d_model=32, n_layer=2, n_head=4, d_inner=64)
    return transformers.XLNetForSequenceClassification(config)


@pytest.mark.parametrize("make", [without_padding, with_the_last_token_as_summary])
def test_batches_are_disabled_where_they_would_change_logits(make):
    torch.manual_seed(3)
    model = make()
    inputs = [Input(np.arange(1, n), np.zeros(n - 1, np.int64)) for n in (4, 30)]
    alone = TorchBackend(model, 0, False, "cpu").run(inputs)
    batched = TorchBackend(model, 0, False, "cpu", batch_tokens=200)
    batched.disable_batches_if_inexact(inputs)
    for one, other in zip(alone, batched.run(inputs), strict=True):
        assert np.abs(one - other).max() < 1e-4


def test_batches_stay_enabled_where_they_do_not_change_logits(checkpoints, tmp_path):
    folder = CheckpointFiles(checkpoints.copy("ner-bert", tmp_path / "copy"), "ner")
    model, rows = load_weights(folder, AutoConfig.from_pretrained(folder.path)), []
    runtime = TorchBackend(model, 0, False, "cpu", batch_tokens=200)
    inputs = [Input(np.arange(1, n), np.zeros(n - 1, np.int64)) for n in (4, 30)]
    runtime.disable_batches_if_inexact(inputs)
    model.register_forward_pre_hook(
        lambda *a: rows.append(len(a[2]["input_ids"])), with_kwargs=True
    )
    runtime.run(inputs)
    assert rows == [2]


def test_batches_have_inputs_of_similar_length_up_to_a_limit():
    lengths = [5, 90, 7, 300, 88, 6]
    assert make_batches(lengths, 200) == [[3], [1, 4], [2, 5, 0]]
    assert make_batches([], 200) == []


def test_the_same_text_has_the_same_enrichment_each_time(checkpoints):
    ours = checkpoints.enricher("deberta-v2", "roberta")
    text = "\n\n".join(articles(5))
    assert ours.enrich(Article(text)) == ours.enrich(Article(text))


def test_weights_without_a_head_for_the_task_are_rejected(checkpoints, tmp_path):
    """For example, an encoder saved with the configuration of a classifier."""
    path = checkpoints.copy("ner-bert", tmp_path / "copy")
    from safetensors.torch import load_file, save_file

    weights = load_file(path / "model.safetensors")
    kept = {name: value for name, value in weights.items() if not name.startswith("classifier")}
    save_file(kept, path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="its weights lack classifier"):
        Checkpoint(CheckpointFiles(path, "ner"))


def test_truncated_weights_are_rejected_in_one_line(checkpoints, tmp_path):
    path = checkpoints.copy("ner-bert", tmp_path / "copy")
    with (path / "model.safetensors").open("r+b") as file:
        file.truncate(3000)
    with pytest.raises(ModelError, match="cannot be loaded: ") as caught:
        Checkpoint(CheckpointFiles(path, "ner"))
    assert "\n" not in str(caught.value)


def configure(path, name="config.json", **more):
    content = json.loads((path / name).read_text(encoding="utf-8"))
    (path / name).write_text(json.dumps({**content, **more}), encoding="utf-8")


def test_weights_must_match_the_labels_of_the_configuration(checkpoints, tmp_path):
    path = checkpoints.copy("ner-bert", tmp_path / "copy")
    configure(path, id2label={"0": "O", "1": "B-PER"})
    with pytest.raises(ModelError, match=r"weights have classifier\.bias in another size"):
        Checkpoint(CheckpointFiles(path, "ner"))


def test_an_onnx_file_must_match_the_labels_of_the_configuration(checkpoints, tmp_path):
    path = checkpoints.copy("ner-bert", tmp_path / "copy")
    export_checkpoint(CheckpointFiles(path, "ner"), int8=False)
    configure(path, id2label={"0": "O", "1": "B-PER"})
    with pytest.raises(ModelError, match=r"shape \(\d+, 7\); with 2 labels it must be \(\d+, 2\)"):
        Checkpoint(CheckpointFiles(path, "ner"))


@pytest.mark.parametrize("limit", [-1, 3])
def test_a_checkpoint_for_very_short_inputs_is_rejected(checkpoints, tmp_path, limit):
    path = checkpoints.copy("ner-bert", tmp_path / "copy")
    configure(path, "tokenizer_config.json", model_max_length=limit)
    with pytest.raises(ModelError, match=f"limits inputs to {limit} tokens"):
        Checkpoint(CheckpointFiles(path, "ner"))


def test_the_limit_of_a_tokenizer_may_be_a_float(checkpoints, tmp_path):
    path = checkpoints.copy("ner-bert", tmp_path / "copy")
    configure(path, "tokenizer_config.json", model_max_length=128.0)
    checkpoint = Checkpoint(CheckpointFiles(path, "ner"))
    assert checkpoint.max_tokens == 126
    assert list(range(0, 200, checkpoint.max_tokens)) == [0, 126]


def test_a_new_padding_token_does_not_shorten_inputs(checkpoints, tmp_path):
    """Positions count from the padding token of the configuration, not from the tokenizer's."""
    path = checkpoints.copy("ner-roberta", tmp_path / "copy")
    tokenizer = transformers.AutoTokenizer.from_pretrained(path)
    tokenizer.add_special_tokens({"pad_token": "<filler>"})
    assert tokenizer.pad_token_id > 1000
    tokenizer.save_pretrained(path)
    assert Checkpoint(CheckpointFiles(path, "ner")).max_tokens == 510


def test_an_unsupported_operator_is_reported_in_one_line(checkpoints, tmp_path, monkeypatch):
    folder = CheckpointFiles(checkpoints.copy("ner-bert", tmp_path / "copy"), "ner")

    def fail(*_, **__):
        raise torch.onnx.errors.UnsupportedOperatorError("aten::roll", 17, None)

    monkeypatch.setattr(torch.onnx, "export", fail)
    with pytest.raises(ModelError, match="cannot be exported: UnsupportedOperator") as caught:
        export_checkpoint(folder, int8=True)
    assert "\n" not in str(caught.value)
    assert not any(folder.path.rglob("*.onnx"))


def test_pickled_weights_are_loaded_only_if_allowed(checkpoints, tmp_path):
    path = checkpoints.copy("ner-distilbert", tmp_path / "copy")
    from safetensors.torch import load_file

    torch.save(load_file(path / "model.safetensors"), path / "pytorch_model.bin")
    (path / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="neither safetensors weights nor an ONNX file"):
        CheckpointFiles(path, "ner")
    allowed = Checkpoint(CheckpointFiles(path, "ner", pickle=True))
    reference = Checkpoint(
        CheckpointFiles(checkpoints.copy("ner-distilbert", tmp_path / "other"), "ner")
    )
    inputs = [allowed.build_input(allowed.encode(articles(1)[0]).ids)]
    (one,), (other,) = allowed.backend.run(inputs), reference.backend.run(inputs)
    assert np.array_equal(one, other)


def test_there_is_a_checkpoint_of_every_architecture():
    assert {recipe.architecture for recipe in RECIPES.values()} == set(CONFIGS)
