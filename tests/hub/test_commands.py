"""``enrich model`` on pulled models, in this process and without a hub."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli.main import main
from service.inference.file_digests import sha256_of
from service.inference.hub.record import Record
from service.inference.hub.store import Store
from tests.hub.conftest import make_checkpoint

COMMIT = "abcdef0" + "1" * 33
NAMES = ("README.md", "config.json", "model.safetensors", "tokenizer.json")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("MODEL_STORE", str(tmp_path / "store"))
    return Store(tmp_path / "store")


@pytest.fixture
def pulled(store: Store) -> Path:
    """The folder of ``ann/ner``, pulled at ``main``."""
    folder = make_checkpoint(store.partial_folder("ann/ner", COMMIT))
    files = {name: sha256_of(folder / name) for name in NAMES}
    sizes = {name: (folder / name).stat().st_size for name in NAMES}
    record = Record("ann/ner", COMMIT, "mit", ("en", "pt"), "token-classification", files, sizes)
    checkpoint = store.complete(record)
    store.set_revision("ann/ner", "main", COMMIT)
    return checkpoint.folder


def enrich_model(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["model", *arguments])


def test_the_list_contains_a_pulled_model(pulled):
    result = enrich_model("list")
    assert result.exit_code == 0
    heading, line = result.stdout.splitlines()
    assert heading.split() == "Model Revisions Commit Task Languages Runtime Size".split()
    columns = ["ann/ner", "main", COMMIT[:12], "token-classification", "en,", "pt", "torch"]
    assert line.split()[:-2] == columns


def test_the_list_is_available_as_json(pulled):
    [listed] = json.loads(enrich_model("list", "--json").stdout)
    assert listed == {
        "id": "ann/ner",
        "revisions": ["main"],
        "commit": COMMIT,
        "task": "token-classification",
        "languages": ["en", "pt"],
        "runtime": "torch",
        "size": sum((pulled / name).stat().st_size for name in NAMES),
    }


def test_an_empty_list_names_the_store(store):
    result = enrich_model("list")
    assert (result.exit_code, result.stdout) == (
        0,
        f"There are no pulled models in {store.folder}.\n",
    )
    assert json.loads(enrich_model("list", "--json").stdout) == []


def test_an_invalid_setting_is_a_usage_error(monkeypatch):
    monkeypatch.setenv("MODEL_STORE", "")
    result = enrich_model("list")
    assert result.exit_code == 2
    assert "MODEL_STORE" in result.stderr


def test_show_prints_the_card_labels_and_digests_of_a_model(pulled):
    shown = json.loads(enrich_model("show", "ann/ner", "--json").stdout)
    assert shown["description"] == "Finds people in news."
    assert shown["licence"] == "mit"
    assert shown["architecture"] == "BertForTokenClassification"
    assert shown["labels"] == ["O", "B-PER", "I-PER"]
    assert shown["folder"] == str(pulled)
    assert list(shown["files"]) == [*NAMES]
    for name, file in shown["files"].items():
        path = pulled / name
        assert file == {"size": path.stat().st_size, "sha256": sha256_of(path)}
    text = enrich_model("show", f"ann/ner@{COMMIT[:7]}").stdout
    for expected in (
        "Finds people in news.",
        COMMIT,
        "O, B-PER, I-PER",
        sha256_of(pulled / NAMES[2]),
    ):
        assert expected in text


def test_show_accepts_a_folder_that_was_not_pulled(store, tmp_path):
    folder = make_checkpoint(tmp_path / "own", "DebertaV2ForSequenceClassification")
    (folder / "onnx" / "model.onnx").write_bytes(b"")
    shown = json.loads(enrich_model("show", str(folder), "--json").stdout)
    assert (shown["id"], shown["commit"], shown["revisions"]) == (None, None, [])
    assert (shown["task"], shown["runtime"]) == ("text-classification", "onnx")
    assert "onnx/model.onnx" in shown["files"]


def test_labels_are_shown_in_numerical_order(store, tmp_path):
    folder = make_checkpoint(tmp_path / "own")
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = {str(number): f"L{number}" for number in reversed(range(12))}
    (folder / "config.json").write_text(json.dumps(config))
    shown = json.loads(enrich_model("show", str(folder), "--json").stdout)
    assert shown["labels"] == [f"L{number}" for number in range(12)]


def test_labels_without_numbers_are_not_shown(store, tmp_path):
    folder = make_checkpoint(tmp_path / "own")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "id2label": ["O", "B-PER"]}))
    result = enrich_model("show", str(folder), "--json")
    assert (result.exit_code, json.loads(result.stdout)["labels"]) == (0, [])


@pytest.mark.parametrize("content", [None, "", "[]"])
def test_the_error_for_a_folder_without_a_checkpoint_is_one_line(store, tmp_path, content):
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    result = enrich_model("show", str(tmp_path))
    assert result.exit_code == 1
    [line] = result.stderr.splitlines()
    assert line.startswith(f"Error: {tmp_path / 'config.json'}")


def test_a_card_cannot_emit_terminal_escape_sequences(store, tmp_path):
    folder = make_checkpoint(tmp_path / "own")
    (folder / "README.md").write_text("Reads \x1b[31mnews.")
    assert "\x1b" not in enrich_model("show", str(folder)).stdout


def test_verify_checks_all_pulled_models_by_default(pulled):
    result = enrich_model("verify")
    assert result.exit_code == 0
    assert result.stdout == f"ann/ner@{COMMIT[:12]}: 4 files verified\n"


def test_verify_prints_a_line_for_each_failure(pulled, store, tmp_path):
    (pulled / "model.safetensors").write_bytes(b"tampered with")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "record.json").write_text("{")
    names = (str(pulled), "bob/ner", str(tmp_path), str(tmp_path / "own"))
    result = enrich_model("verify", *names)
    assert result.exit_code == 1
    differs, unknown, unrecorded, broken = result.stdout.splitlines()
    path = pulled / "model.safetensors"
    assert differs == f"FAILED {path} has changed: its sha256 differs from the one in record.json"
    assert unknown == "FAILED bob/ner has not been pulled: run `enrich model pull bob/ner`"
    assert unrecorded == f"FAILED {tmp_path} is not a pulled model: it has no digests"
    assert broken.startswith(f"FAILED {tmp_path / 'own' / 'record.json'} is not JSON")
    assert enrich_model("verify").exit_code == 1


def test_a_file_called_model_is_accepted_by_its_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["./model"])
    assert "model" in result.stderr
    assert "Commands:" not in result.stdout
