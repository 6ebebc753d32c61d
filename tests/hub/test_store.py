import json
import re
from pathlib import Path

import pytest

from service.inference.errors import ModelError
from service.inference.file_digests import sha256_of
from service.inference.hub.record import Record
from service.inference.hub.store import Store

FIRST, SECOND = "abcdef0" + "1" * 33, "abcdef0" + "2" * 33


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def add_checkpoint(store: Store, commit: str, *revisions: str, model_id: str = "ann/ner") -> Path:
    """Store a checkpoint as a pull does and return its folder."""
    folder = store.partial_folder(model_id, commit)
    (folder / "onnx").mkdir(parents=True)
    sizes = {}
    for name in ("config.json", "onnx/model.onnx"):
        sizes[name] = (folder / name).write_bytes(name.encode())
    digests = {name: sha256_of(folder / name) for name in sizes}
    record = Record(model_id, commit, "mit", ("en",), "", digests, sizes)
    checkpoint = store.complete(record)
    for revision in revisions:
        store.set_revision(model_id, revision, commit)
    assert checkpoint == store.find(f"{model_id}@{commit}")
    return checkpoint.folder


def find_error(store: Store, name: str) -> str:
    with pytest.raises(ModelError) as caught:
        store.find(name)
    message = str(caught.value)
    assert "\n" not in message
    return message


def not_pulled(name: str) -> str:
    return f"{name} has not been pulled: run `enrich model pull {name}`"


def test_a_folder_outside_the_store_has_no_record(store, tmp_path, monkeypatch):
    (tmp_path / "own").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in (str(tmp_path / "own"), "~/own"):
        checkpoint = store.find(name)
        assert (checkpoint.folder, checkpoint.record) == (tmp_path / "own", None)
        store.verify(checkpoint)


def test_a_pulled_folder_has_the_same_record_by_path_and_by_id(store):
    folder = add_checkpoint(store, FIRST)
    assert store.find(str(folder)) == store.find("ann/ner")


def test_the_error_for_a_missing_folder_names_it(store, tmp_path):
    missing = tmp_path / "nothing"
    assert find_error(store, str(missing)) == f"there is no folder {missing}"


def test_the_error_for_a_checkpoint_that_was_not_pulled_names_the_command(store):
    assert find_error(store, "ann/ner@v1") == not_pulled("ann/ner@v1")


def test_an_incomplete_checkpoint_is_not_used(store):
    store.partial_folder("ann/ner", FIRST).mkdir(parents=True)
    assert find_error(store, "ann/ner") == (
        "the pull of ann/ner is incomplete: run `enrich model pull ann/ner` to continue"
    )


def test_a_folder_without_a_record_is_not_used(store):
    (add_checkpoint(store, FIRST) / "record.json").unlink()
    assert find_error(store, "ann/ner") == not_pulled("ann/ner")
    assert store.folders() == []


def test_the_default_is_main_as_last_pulled_or_the_only_commit(store):
    first = add_checkpoint(store, FIRST, "v1")
    assert store.find("ann/ner").folder == first
    second = add_checkpoint(store, SECOND, "main")
    assert store.find("ann/ner").folder == second
    store.set_revision("ann/ner", "main", FIRST)
    assert store.find("ann/ner").folder == first


def test_an_ambiguous_name_lists_its_matches(store):
    add_checkpoint(store, FIRST, "v1")
    add_checkpoint(store, SECOND, "v2")
    matches = "is ambiguous; it matches ann/ner@abcdef011111, ann/ner@abcdef022222"
    assert find_error(store, "ann/ner") == f"ann/ner {matches}"
    assert find_error(store, "ann/ner@abcdef0") == f"ann/ner@abcdef0 {matches}"
    assert store.find("ann/ner@abcdef01").folder.name == FIRST


def test_six_digits_are_not_a_commit(store):
    add_checkpoint(store, FIRST)
    assert find_error(store, "ann/ner@abcdef") == not_pulled("ann/ner@abcdef")


def test_a_branch_takes_precedence_over_the_prefix_of_a_commit(store):
    add_checkpoint(store, FIRST)
    add_checkpoint(store, SECOND, "abcdef01")
    assert store.find("ann/ner@abcdef01").folder.name == SECOND


def test_the_only_commit_replaces_a_main_that_was_removed(store):
    folder = add_checkpoint(store, FIRST, "main")
    other = add_checkpoint(store, SECOND, "v2")
    folder.rename(folder.with_name("elsewhere"))
    assert store.find("ann/ner").folder == other
    assert find_error(store, "ann/ner@main") == not_pulled("ann/ner@main")


@pytest.mark.parametrize("name", ["ann", "ner", "bob/ner"])
def test_a_part_of_an_id_does_not_match(store, name):
    add_checkpoint(store, FIRST, model_id="ann/ner")
    assert find_error(store, name) == not_pulled(name)


VALID = {
    "id": "ann/ner",
    "commit": FIRST,
    "licence": "mit",
    "languages": ["en"],
    "pipeline_tag": "",
    "files": {},
    "sizes": {},
}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is not JSON: "),
        ("{", "is not JSON: "),
        ("[]", "is invalid: Expected `object`, got `array`"),
        ('{"id": "ann/ner"}', "is invalid: Object missing required field `commit`"),
        (json.dumps({**VALID, "surprise": 1}), "is invalid: Object contains unknown field `surpri"),
        (json.dumps({**VALID, "sizes": {"a": "b"}}), "is invalid: Expected `int`, got `str` - at "),
    ],
)
def test_the_error_for_an_invalid_record_names_the_file_and_the_defect(store, content, reason):
    path = add_checkpoint(store, FIRST) / "record.json"
    path.write_text(content)
    assert find_error(store, "ann/ner").startswith(f"{path} {reason}")


def test_the_error_for_invalid_revisions_names_the_file_and_the_defect(store):
    path = add_checkpoint(store, FIRST).parent / "revisions.json"
    path.write_text('{"main": 1}')
    assert find_error(store, "ann/ner").startswith(f"{path} is invalid: Expected `str`, got `int`")


@pytest.mark.parametrize("name", ["config.json", "onnx/model.onnx"])
def test_verification_names_a_changed_or_missing_file(store, name):
    path = add_checkpoint(store, FIRST) / name
    checkpoint = store.find("ann/ner")
    store.verify(checkpoint)
    path.write_text("another")
    changed = f"{path} has changed: its sha256 differs from the one in record.json"
    with pytest.raises(ModelError, match=f"^{re.escape(changed)}$"):
        store.verify(checkpoint)
    path.unlink()
    with pytest.raises(ModelError, match=f"^{re.escape(str(path))}: No such file"):
        store.verify(checkpoint)


def test_replaced_files_are_deleted_and_the_new_file_is_verified(store):
    folder = add_checkpoint(store, FIRST)
    checkpoint = store.find("ann/ner")
    exported = folder / "onnx" / "model_int8.onnx"
    exported.write_bytes(b"int8")
    store.replace_files(checkpoint, exported, ["onnx/model.onnx"])
    replaced = store.find("ann/ner")
    assert replaced.record.sizes == {"config.json": 11, "onnx/model_int8.onnx": 4}
    assert replaced.record.files.keys() == replaced.record.sizes.keys()
    assert not (folder / "onnx" / "model.onnx").exists()
    store.verify(replaced)
    exported.write_bytes(b"INT8")
    with pytest.raises(ModelError, match=r"model_int8\.onnx has changed"):
        store.verify(replaced)
