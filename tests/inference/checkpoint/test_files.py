"""Invalid checkpoints, and what is recognised without torch."""

import json
import shutil

import pytest

from service.inference.checkpoint.checkpoint import Checkpoint
from service.inference.checkpoint.files import CheckpointFiles
from service.inference.model_info import ModelError
from tests.bundle import BUNDLE

CONFIG = {"model_type": "bert", "architectures": ["BertForTokenClassification"]}


@pytest.fixture
def path(tmp_path):
    """The folder of a checkpoint that has an ONNX file and no other weights."""
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(BUNDLE / name, tmp_path)
    shutil.copy(BUNDLE / "encoder.onnx", tmp_path / "model.onnx")
    write_config(tmp_path, id2label={"0": "O", "1": "B-PER"})
    return tmp_path


def write_config(path, **members):
    (path / "config.json").write_text(json.dumps({**CONFIG, **members}), encoding="utf-8")


@pytest.mark.parametrize("length", [0, 1000])
def test_a_truncated_onnx_file_is_rejected_in_one_line(path, length):
    content = (path / "model.onnx").read_bytes()
    (path / "model.onnx").write_bytes(content[:length])
    with pytest.raises(ModelError, match=r"cannot be loaded: .*model\.onnx") as caught:
        Checkpoint(CheckpointFiles(path, "truncated"))
    assert "\n" not in str(caught.value)


def test_an_invalid_tokenizer_configuration_is_rejected_in_one_line(path):
    (path / "tokenizer_config.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be loaded: ") as caught:
        Checkpoint(CheckpointFiles(path, "invalid"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "labels", [{"0": "O", "2": "B-PER"}, {"O": 0, "B-PER": 1}, ["O", "B-PER"], {"1": "O"}]
)
def test_labels_must_be_numbered_from_0(path, labels):
    write_config(path, id2label=labels)
    with pytest.raises(ModelError, match="does not number the labels from 0"):
        CheckpointFiles(path, "invalid").labels  # noqa: B018


def test_labels_may_be_numbers(path):
    write_config(path, id2label={"0": 0, "1": 1})
    assert CheckpointFiles(path, "numbers").labels == ["0", "1"]


def test_without_names_there_are_num_labels_labels_or_two(path):
    write_config(path, num_labels=3)
    assert CheckpointFiles(path, "nameless").labels == ["LABEL_0", "LABEL_1", "LABEL_2"]
    write_config(path)
    assert CheckpointFiles(path, "nameless").labels == ["LABEL_0", "LABEL_1"]


@pytest.mark.parametrize("index", [{}, {"weight_map": []}, {"weight_map": {"a": 1}}])
def test_an_index_that_does_not_list_the_files_of_the_weights_is_rejected(path, index):
    (path / "model.onnx").unlink()
    (path / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    with pytest.raises(ModelError, match="does not list the files of the weights"):
        CheckpointFiles(path, "invalid")
