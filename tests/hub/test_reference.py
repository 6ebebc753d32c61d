import pytest

from service.inference.errors import ModelError
from service.inference.hub.reference import Reference, is_path, parse_reference


@pytest.mark.parametrize(
    ("text", "model_id", "revision"),
    [
        ("dslim/bert-base-NER", "dslim/bert-base-NER", None),
        ("bert", "bert", None),
        ("a/b@main", "a/b", "main"),
        ("a/b_c.d@refs/pr/1", "a/b_c.d", "refs/pr/1"),
        ("a/b@v1.0--rc", "a/b", "v1.0--rc"),
    ],
)
def test_a_reference_is_an_id_with_or_without_a_revision(text, model_id, revision):
    reference = parse_reference(text)
    assert reference == Reference(model_id, revision)
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
def test_a_malformed_reference_is_rejected_in_one_line(text):
    with pytest.raises(ModelError) as caught:
        parse_reference(text)
    assert str(caught.value) == (
        f"{text!r} is neither an existing folder nor the id of a model: "
        "write owner/name or owner/name@revision"
    )


def test_a_path_has_the_prefix_of_a_path_or_names_an_existing_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own" / "model").mkdir(parents=True)
    for text in ("/x", "./x", "../x", "~/x", "~", ".", "own/model"):
        assert is_path(text)
    for text in ("own/other", "x", "x@main"):
        assert not is_path(text)
