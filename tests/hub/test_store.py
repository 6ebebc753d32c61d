from pathlib import Path

import pytest

from service.inference.checkpoint.model_card import Card, read_card
from service.inference.hub.store import (
    Record,
    Reference,
    Store,
    is_path,
    parse_reference,
    sha256_of,
)
from service.inference.model_info import ModelError

FIRST, SECOND = "abcdef0" + "1" * 33, "abcdef0" + "2" * 33


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def keep(store: Store, commit: str, *revisions: str, model: str = "ann/ner") -> Path:
    """A checkpoint as a pull leaves it."""
    folder = store.partial(model, commit)
    (folder / "onnx").mkdir(parents=True)
    sizes = {}
    for name in ("config.json", "onnx/model.onnx"):
        sizes[name] = (folder / name).write_bytes(name.encode())
    digests = {name: sha256_of(folder / name) for name in sizes}
    record = Record(model, commit, "mit", ("en",), "", digests, sizes)
    pulled = store.keep(record)
    for revision in revisions:
        store.name(model, revision, commit)
    assert pulled == store.find(f"{model}@{commit}")
    return pulled.folder


def why(store: Store, text: str) -> str:
    with pytest.raises(ModelError) as caught:
        store.find(text)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("text", "model", "revision"),
    [
        ("dslim/bert-base-NER", "dslim/bert-base-NER", None),
        ("bert", "bert", None),
        ("a/b@main", "a/b", "main"),
        ("a/b_c.d@refs/pr/1", "a/b_c.d", "refs/pr/1"),
        ("a/b@v1.0--rc", "a/b", "v1.0--rc"),
    ],
)
def test_a_reference_is_an_id_with_a_revision_or_without(text, model, revision):
    reference = parse_reference(text)
    assert reference == Reference(model, revision)
    assert str(reference) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a/b/c",
        "a b",
        "a/",
        "/a",
        "a/b@",
        "a/b@v 1",
        "a--b",
        "../a",
        "a/..",
        "a/b.git",
        "-a/b",
        "a/b\n",
        "ä/b",
        "a" * 97,
        "a/b@../../c/d",
    ],
)
def test_anything_else_is_said_in_one_line_to_be_none(text):
    with pytest.raises(ModelError, match="is neither an existing folder nor the id of a model"):
        parse_reference(text)


def test_a_path_begins_as_one_or_is_that_of_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own" / "model").mkdir(parents=True)
    for text in ("/x", "./x", "../x", "~/x", "~", ".", "own/model"):
        assert is_path(text)
    for text in ("own/other", "x", "x@main"):
        assert not is_path(text)


def test_a_folder_is_taken_as_it_is(store, tmp_path, monkeypatch):
    (tmp_path / "own").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    for text in (str(tmp_path / "own"), "~/own"):
        found = store.find(text)
        assert (found.folder, found.record) == (tmp_path / "own", None)
        store.verify(found)


def test_a_folder_that_was_pulled_has_its_record_by_its_path_too(store):
    folder = keep(store, FIRST)
    assert store.find(str(folder)) == store.find("ann/ner")


def test_a_folder_that_is_missing_is_named(store, tmp_path):
    assert why(store, str(tmp_path / "nothing")) == f"there is no folder {tmp_path / 'nothing'}"


def test_what_was_not_pulled_names_the_command_that_does(store):
    says = "ann/ner@v1 has not been pulled: run `enrich model pull ann/ner@v1`"
    assert why(store, "ann/ner@v1") == says


def test_what_was_pulled_in_part_is_not_used(store):
    (store.partial("ann/ner", FIRST)).mkdir(parents=True)
    assert "pulled only in part: `enrich model pull ann/ner`" in why(store, "ann/ner")


def test_a_folder_without_a_record_is_not_used(store):
    (keep(store, FIRST) / "record.json").unlink()
    assert "has not been pulled" in why(store, "ann/ner")
    assert store.folders() == []


def test_without_a_revision_it_is_main_as_last_pulled_or_the_only_one(store):
    first = keep(store, FIRST, "v1")
    assert store.find("ann/ner").folder == first
    second = keep(store, SECOND, "main")
    assert store.find("ann/ner").folder == second
    store.name("ann/ner", "main", FIRST)
    assert store.find("ann/ner").folder == first


def test_several_of_which_none_is_main_are_listed(store):
    keep(store, FIRST, "v1")
    keep(store, SECOND, "v2")
    says = "ann/ner may be any of these: ann/ner@abcdef011111, ann/ner@abcdef022222"
    assert why(store, "ann/ner") == says
    assert "may be any of these" in why(store, "ann/ner@abcdef0")
    assert store.find("ann/ner@abcdef01").folder.name == FIRST


def test_six_digits_are_no_commit(store):
    keep(store, FIRST)
    assert "has not been pulled" in why(store, "ann/ner@abcdef")


def test_a_branch_may_be_called_like_the_beginning_of_another_commit(store):
    keep(store, FIRST)
    keep(store, SECOND, "abcdef01")
    assert store.find("ann/ner@abcdef01").folder.name == SECOND


def test_main_may_have_gone(store):
    folder = keep(store, FIRST, "main")
    other = keep(store, SECOND, "v2")
    folder.rename(folder.with_name("elsewhere"))
    assert store.find("ann/ner").folder == other
    assert "has not been pulled" in why(store, "ann/ner@main")


def test_one_id_is_not_taken_for_another(store):
    keep(store, FIRST, model="ann/ner")
    assert "has not been pulled" in why(store, "ann")
    assert "has not been pulled" in why(store, "ner")
    assert "has not been pulled" in why(store, "bob/ner")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"id": "ann/ner"}'])
def test_a_record_that_is_none_is_named(store, content):
    (keep(store, FIRST) / "record.json").write_text(content)
    assert "record.json" in why(store, "ann/ner")


@pytest.mark.parametrize("name", ["config.json", "onnx/model.onnx"])
def test_a_file_that_changed_or_went_is_named(store, name):
    path = keep(store, FIRST) / name
    pulled = store.find("ann/ner")
    store.verify(pulled)
    path.write_text("another")
    with pytest.raises(ModelError, match=f"{name} is not the file that was pulled"):
        store.verify(pulled)
    path.unlink()
    with pytest.raises(ModelError, match=f"{name}: No such file"):
        store.verify(pulled)


@pytest.mark.parametrize(
    ("text", "card"),
    [
        ("", Card()),
        ("Reads news.\n\nMore.", Card(description="Reads news.")),
        ("---\nlanguage: en\n---\n# A\n\nReads\nnews.", Card("", ("en",), "", "Reads news.")),
        ("---\nlanguage: no\nlicense: mit\n---\n", Card("mit", ("no",))),
        ("---\r\nlanguage: [de-AT, multilingual, eng, de]\r\n---\r\n", Card("", ("de",))),
        ("---\nlanguage: [{a: b}]\nlicense: [mit]\npipeline_tag: x\n---", Card("", (), "x")),
        ("---\n: [\n---\nReads.", Card(description="Reads.")),
        (
            "---\njust a line\n---\n<img>\n\n| a |\n\n[![b](c)](d)\n\nReads.",
            Card("", (), "", "Reads."),
        ),
    ],
)
def test_a_card_says_what_it_says(tmp_path, text, card):
    (tmp_path / "README.md").write_bytes(text.encode())
    assert read_card(tmp_path) == card


def test_no_card_says_nothing(tmp_path):
    assert read_card(tmp_path) == Card()
