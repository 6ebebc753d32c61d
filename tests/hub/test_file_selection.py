"""The files that a pull selects, and the repositories that it rejects."""

import json
import shutil
from importlib.util import find_spec

import pytest
from tokenizers import Tokenizer

from service.inference.hub.store import Store


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]},
            "the architecture of ann/ner is GPT2LMHeadModel; supported are ...",
        ),
        ({"model_type": "bert"}, "the architecture of ann/ner is unknown"),
        (
            {
                "model_type": "anns-own",
                "architectures": ["AnnForTokenClassification"],
                "auto_map": {"AutoModelForTokenClassification": "modeling.Ann"},
            },
            "ann/ner requires code from its repository",
        ),
        (
            {"model_type": "anns-own", "architectures": ["AnnForTokenClassification"]},
            "transformers does not support the model type of ann/ner: anns-own",
        ),
        (["not an object"], "config.json of ann/ner is not a JSON object"),
    ],
)
def test_an_unsupported_model_is_rejected_before_its_weights_are_downloaded(
    enrich_model, hub, ner, config, message
):
    (ner / "config.json").write_text(json.dumps(config))
    hub.commit("ann/ner")
    outcome = enrich_model("pull", "ann/ner")
    assert outcome.code == 1
    [line] = outcome.errors.splitlines()
    assert message in line
    assert hub.fetched() == ["config.json"]


def test_a_known_architecture_ignores_code_in_the_repository(enrich_model, hub, ner):
    config = json.loads((ner / "config.json").read_text())
    config["auto_map"] = {"AutoModelForTokenClassification": "modeling.Ann"}
    (ner / "config.json").write_text(json.dumps(config))
    hub.commit("ann/ner")
    assert enrich_model("pull", "ann/ner").code == 0
    assert "modeling.py" not in hub.fetched()


def test_a_repository_without_a_configuration_is_rejected(enrich_model, hub, ner):
    (ner / "config.json").unlink()
    hub.commit("ann/ner")
    assert "ann/ner has no config.json" in enrich_model("pull", "ann/ner").errors
    assert hub.fetched() == []


def test_a_pickle_is_downloaded_only_if_allowed_and_without_alternatives(enrich_model, hub, ner):
    assert enrich_model("pull", "ann/ner", "--allow-pickle").code == 0
    assert "pytorch_model.bin" not in hub.fetched()
    (ner / "model.safetensors").unlink()
    commit = hub.commit("ann/ner")
    outcome = enrich_model("pull", "ann/ner")
    assert outcome.code == 1
    [line] = outcome.errors.splitlines()
    assert "only as a pickle" in line
    assert "--allow-pickle" in line
    assert "pytorch_model.bin" not in hub.fetched()
    assert enrich_model("pull", "ann/ner", "--allow-pickle").code == 0
    assert (enrich_model.store / "ann--ner" / commit / "pytorch_model.bin").exists()


def test_an_onnx_file_is_downloaded_with_its_data_instead_of_other_weights(enrich_model, hub, ner):
    for name in ("model.onnx", "model.onnx_data", "model.onnx_data_1", "model.onnx.md"):
        (ner / "onnx" / name).write_bytes(name.encode())
    commit = hub.commit("ann/ner")
    assert enrich_model("pull", "ann/ner").code == 0
    folder = enrich_model.store / "ann--ner" / commit
    assert sorted(path.name for path in (folder / "onnx").iterdir()) == [
        "model.onnx",
        "model.onnx_data",
        "model.onnx_data_1",
    ]
    assert not (folder / "model.safetensors").exists()


def test_sharded_weights_are_downloaded_with_their_index(enrich_model, hub, ner):
    weights = (ner / "model.safetensors").rename(ner / "model-00001-of-00002.safetensors")
    shutil.copy(weights, ner / "model-00002-of-00002.safetensors")
    (ner / "model.safetensors.index.json").write_text("{}")
    hub.commit("ann/ner")
    assert enrich_model("pull", "ann/ner").code == 0
    fetched = [name for name in hub.fetched() if "model" in name]
    assert fetched == [
        "model.safetensors.index.json",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
    ]


def test_a_vocabulary_is_converted_into_a_missing_tokenizer(enrich_model, hub, ner):
    (ner / "tokenizer.json").unlink()
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "Ann", "sl", "##ept"]
    (ner / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    hub.commit("ann/ner")
    outcome = enrich_model("pull", "ann/ner")
    assert (outcome.code, outcome.errors) == (0, "")
    pulled = Store(enrich_model.store).find("ann/ner")
    assert "tokenizer.json" in pulled.record.files
    tokenizer = Tokenizer.from_file(str(pulled.folder / "tokenizer.json"))
    assert tokenizer.encode("Ann slept").tokens == ["[CLS]", "Ann", "sl", "##ept", "[SEP]"]
    assert tokenizer.truncation is tokenizer.padding is None
    assert enrich_model("verify").code == 0


@pytest.mark.skipif(find_spec("sentencepiece") is not None, reason="sentencepiece is installed")
def test_the_error_for_an_unconvertible_vocabulary_names_the_missing_packages(
    enrich_model, hub, ner
):
    (ner / "tokenizer.json").rename(ner / "sentencepiece.bpe.model")
    hub.commit("ann/ner")
    outcome = enrich_model("pull", "ann/ner")
    assert outcome.code == 1
    [line] = outcome.errors.splitlines()
    assert "pip install '.[torch]'" in line
    assert "model.safetensors" not in hub.fetched()


def test_a_repository_without_a_tokenizer_is_rejected(enrich_model, hub, ner):
    (ner / "tokenizer.json").unlink()
    hub.commit("ann/ner")
    assert "ann/ner has no tokenizer" in enrich_model("pull", "ann/ner").errors
    assert "model.safetensors" not in hub.fetched()
