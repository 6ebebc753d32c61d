"""Folders of checkpoints that something is wrong with, seen without torch."""

import json
import shutil

import pytest

from service.inference.checkpoint.checkpoint import Checkpoint
from service.inference.checkpoint.files import CheckpointFiles
from service.inference.errors import ModelError
from tests.bundle import BUNDLE

CONFIG = {"model_type": "bert", "architectures": ["BertForTokenClassification"]}


@pytest.fixture
def path(tmp_path):
    """A folder with an ONNX file of which only the beginning has come, and no weights."""
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(BUNDLE / name, tmp_path)
    shutil.copy(BUNDLE / "encoder.onnx", tmp_path / "model.onnx")
    describe(tmp_path, id2label={"0": "O", "1": "B-PER"})
    return tmp_path


def describe(path, **more):
    (path / "config.json").write_text(json.dumps({**CONFIG, **more}), encoding="utf-8")


@pytest.mark.parametrize("kept", [0, 1000])
def test_an_onnx_file_that_is_not_whole_is_rejected_in_one_line(path, kept):
    content = (path / "model.onnx").read_bytes()
    (path / "model.onnx").write_bytes(content[:kept])
    with pytest.raises(ModelError, match=r"cannot be loaded: .*model\.onnx") as refusal:
        Checkpoint(CheckpointFiles(path, "half"))
    assert "\n" not in str(refusal.value)


def test_a_file_of_the_tokenizer_that_makes_no_sense_is_rejected_in_one_line(path):
    (path / "tokenizer_config.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be loaded: ") as refusal:
        Checkpoint(CheckpointFiles(path, "odd"))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "labels", [{"0": "O", "2": "B-PER"}, {"O": 0, "B-PER": 1}, ["O", "B-PER"], {"1": "O"}]
)
def test_labels_must_be_numbered_from_0(path, labels):
    describe(path, id2label=labels)
    with pytest.raises(ModelError, match="does not number the labels"):
        CheckpointFiles(path, "odd").labels  # noqa: B018


def test_labels_may_be_numbers(path):
    describe(path, id2label={"0": 0, "1": 1})
    assert CheckpointFiles(path, "numbers").labels == ["0", "1"]


def test_labels_without_names_are_counted_by_the_configuration(path):
    describe(path, num_labels=3)
    assert CheckpointFiles(path, "nameless").labels == ["LABEL_0", "LABEL_1", "LABEL_2"]
    describe(path)
    assert CheckpointFiles(path, "nameless").labels == ["LABEL_0", "LABEL_1"]


@pytest.mark.parametrize("index", [{}, {"weight_map": []}, {"weight_map": {"a": 1}}])
def test_an_index_of_weights_without_files_is_rejected(path, index):
    (path / "model.onnx").unlink()
    (path / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    with pytest.raises(ModelError, match="does not list the files of the weights"):
        CheckpointFiles(path, "odd")
