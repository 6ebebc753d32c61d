import json
from datetime import date
from pathlib import Path

import click
import pytest

from service.cli.columns import Columns, Document
from service.cli.inputs import Inputs


def read(*arguments: str, input_format: str | None = None, **columns: str) -> list[Document]:
    inputs = Inputs(arguments, input_format, Columns(**columns), None)
    inputs.check()
    return list(inputs.documents())


def articles(documents: list[Document]) -> list[tuple[str, dict]]:
    return [(document.source, json.loads(document.body)) for document in documents]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, **files: str) -> None:
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")


def test_a_folder_is_read_in_order_without_hidden_and_unknown_files(folder):
    write(folder, in__b_txt="B", in__a_html="A", in__c_md="C", in__d_csv="text\nD\n", x_txt="X")
    (folder / "in" / ".hidden.txt").write_text("H")
    (folder / "in" / "sub").mkdir()
    (folder / "in" / "sub" / "e.htm").write_text("E")
    documents = read("in", "x.txt")
    assert [(d.source, d.media_type) for d in documents] == [
        ("in/a.html", "text/html"),
        ("in/b.txt", "text/plain"),
        ("in/d.csv:2", "application/json"),
        ("in/sub/e.htm", "text/html"),
        ("x.txt", "text/plain"),
    ]


def test_a_glob_is_sorted_and_may_be_recursive(folder):
    write(folder, a__2_txt="2", a__1_txt="1", b__3_txt="3")
    assert [d.source for d in read("**/*.txt")] == ["a/1.txt", "a/2.txt", "b/3.txt"]


def test_json_lines_keep_their_numbers_and_are_sent_unchanged(folder):
    write(folder, a_jsonl='{"text": "A"}\n\n  \nnonsense\n{"text": "B"}')
    documents = read("a.jsonl")
    assert [d.source for d in documents] == ["a.jsonl:1", "a.jsonl:4", "a.jsonl:5"]
    assert documents[1].body == b"nonsense\n"
    assert sum(d.size for d in documents) <= (folder / "a.jsonl").stat().st_size


def test_json_lines_are_read_lazily(folder):
    write(folder, a_jsonl='{"text": "A"}\n' * 100_000)
    documents = Inputs(["a.jsonl"], None, Columns(), None).documents()
    assert [next(documents).source for _ in range(3)][-1] == "a.jsonl:3"


def test_columns_select_members_of_json_objects(folder):
    rows = '{"body": "A", "head": "T", "nr": 7, "x": 1}', '{"body": "B", "head": " "}'
    write(folder, a_ndjson="\n".join(rows))
    documents = read("a.ndjson", text="body", title="head", id="nr")
    assert articles(documents) == [
        ("a.ndjson:1", {"text": "A", "title": "T", "id": "7"}),
        ("a.ndjson:2", {"text": "B"}),
    ]


def test_a_json_array_has_one_article_per_item(folder):
    write(folder, a_json='[{"text": "A"}, {"text": "B"}]', b_json='{"text": "C"}')
    assert articles(read("a.json", "b.json")) == [
        ("a.json:1", {"text": "A"}),
        ("a.json:2", {"text": "B"}),
        ("b.json", {"text": "C"}),
    ]


def test_an_enrichment_beside_its_article_is_skipped(folder, capsys):
    write(folder, in__a_txt="A", in__a_json='{"id": null, "coverage": {}}')
    assert [d.source for d in read("in")] == ["in/a.txt"]
    assert "in/a.json" in capsys.readouterr().err


def test_a_csv_row_is_named_by_its_first_line(folder):
    long = "x" * 200_000
    write(folder, a_csv=f'\ufeffid,text\n1,"two\nlines"\n\n2,{long}\n3\n')
    documents = read("a.csv", id="id")
    assert articles(documents) == [
        ("a.csv:2", {"text": "two\nlines", "id": "1"}),
        ("a.csv:5", {"text": long, "id": "2"}),
        ("a.csv:6", {"id": "3"}),
    ]


def test_a_csv_row_in_another_encoding_spoils_no_other(folder):
    (folder / "a.csv").write_bytes("text\ngood\nZoë\ngood\n".encode("latin-1"))
    assert [len(d.body) > 16 for d in read("a.csv")] == [False, True, False]


def test_an_unreadable_file_is_a_read_error_and_the_others_are_read(folder):
    write(folder, a_txt="A", c_txt="C")
    (folder / "b.txt").symlink_to(folder / "nowhere")
    documents = read("a.txt", "b.txt", "c.txt")
    assert [d.read_error for d in documents] == [None, "No such file or directory.", None]


def test_the_output_file_is_not_an_input(folder):
    write(folder, a_txt="A", out_ndjson="{}")
    assert list(Inputs(["."], None, Columns(), Path("out.ndjson")).files()) == ["./a.txt"]


@pytest.mark.parametrize(
    ("arguments", "columns", "message"),
    [
        (["nothing.txt"], {}, "nothing.txt does not exist"),
        (["s3://news/*.txt"], {}, "does not exist. URIs require --engine ray"),
        (["*.htm"], {}, r"\*\.htm does not exist"),
        (["empty"], {}, "no articles in empty"),
        (["a.md"], {}, "--format"),
        (["a.csv"], {"text": "body"}, "no column 'body'. Its columns: text, x"),
    ],
)
def test_inputs_that_cannot_work_are_wrong_usage(folder, arguments, columns, message):
    write(folder, a_md="A", a_csv="text,x\nA,1\n")
    (folder / "empty").mkdir()
    with pytest.raises(click.UsageError, match=message):
        read(*arguments, **columns)


def test_format_applies_to_files_with_an_unknown_suffix(folder):
    write(folder, a_log='{"text": "A"}\n')
    assert articles(read("a.log", input_format="jsonl")) == [("a.log:1", {"text": "A"})]


def test_values_of_tables_that_json_has_no_type_for_are_text():
    """Parquet may have texts as bytes; the service rejects those that are not UTF-8."""
    columns = Columns(title="day", id="nr")
    row = {"text": "Zoë left.".encode(), "day": date(2024, 3, 1), "nr": b"a-1"}
    assert json.loads(columns.article(row)) == {
        "text": "Zoë left.",
        "title": "2024-03-01",
        "id": "a-1",
    }
    assert json.loads(columns.article({"text": b"\xff"})) == {"text": "\udcff"}


def test_an_input_cannot_be_the_output(folder):
    write(folder, a_txt="A", b_txt="B")
    with pytest.raises(click.UsageError, match=r"a\.txt is the output, too"):
        Inputs(["b.txt", "./a.txt"], None, Columns(), folder / "a.txt").check()
    assert list(Inputs(["."], None, Columns(), folder / "a.txt").files()) == ["./b.txt"]
