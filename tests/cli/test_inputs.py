import json
from pathlib import Path

import click
import pytest

from service.cli.inputs import Columns, Document, Inputs


def read(*arguments: str, input_format: str | None = None, **columns: str) -> list[Document]:
    inputs = Inputs(arguments, input_format, Columns(**columns), None)
    inputs.check()
    return list(inputs.documents())


def articles(found: list[Document]) -> list[tuple[str, dict]]:
    return [(document.source, json.loads(document.body)) for document in found]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, **files: str) -> None:
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")


def test_a_folder_is_read_in_order_and_without_what_holds_no_articles(folder):
    write(folder, in__b_txt="B", in__a_html="A", in__c_md="C", in__d_csv="text\nD\n", x_txt="X")
    (folder / "in" / ".hidden.txt").write_text("H")
    (folder / "in" / "sub").mkdir()
    (folder / "in" / "sub" / "e.htm").write_text("E")
    found = read("in", "x.txt")
    assert [(d.source, d.media_type) for d in found] == [
        ("in/a.html", "text/html"),
        ("in/b.txt", "text/plain"),
        ("in/d.csv:2", "application/json"),
        ("in/sub/e.htm", "text/html"),
        ("x.txt", "text/plain"),
    ]


def test_a_glob_is_sorted_and_may_go_deep(folder):
    write(folder, a__2_txt="2", a__1_txt="1", b__3_txt="3")
    assert [d.source for d in read("**/*.txt")] == ["a/1.txt", "a/2.txt", "b/3.txt"]


def test_lines_keep_their_numbers_and_go_out_as_they_are(folder):
    write(folder, a_jsonl='{"text": "A"}\n\n  \nnonsense\n{"text": "B"}')
    found = read("a.jsonl")
    assert [d.source for d in found] == ["a.jsonl:1", "a.jsonl:4", "a.jsonl:5"]
    assert found[1].body == b"nonsense\n"
    assert sum(d.size for d in found) <= (folder / "a.jsonl").stat().st_size


def test_lines_are_read_when_they_are_asked_for(folder):
    write(folder, a_jsonl='{"text": "A"}\n' * 100_000)
    documents = Inputs(["a.jsonl"], None, Columns(), None).documents()
    assert [next(documents).source for _ in range(3)][-1] == "a.jsonl:3"


def test_columns_are_picked_from_objects_and_the_rest_is_left_out(folder):
    rows = '{"body": "A", "head": "T", "nr": 7, "x": 1}', '{"body": "B", "head": " "}'
    write(folder, a_ndjson="\n".join(rows))
    found = read("a.ndjson", text="body", title="head", id="nr")
    assert articles(found) == [
        ("a.ndjson:1", {"text": "A", "title": "T", "id": "7"}),
        ("a.ndjson:2", {"text": "B"}),
    ]


def test_an_array_is_many_articles(folder):
    write(folder, a_json='[{"text": "A"}, {"text": "B"}]', b_json='{"text": "C"}')
    assert articles(read("a.json", "b.json")) == [
        ("a.json:1", {"text": "A"}),
        ("a.json:2", {"text": "B"}),
        ("b.json", {"text": "C"}),
    ]


def test_an_enrichment_beside_its_article_is_passed_over(folder, capsys):
    write(folder, in__a_txt="A", in__a_json='{"id": null, "coverage": {}}')
    assert [d.source for d in read("in")] == ["in/a.txt"]
    assert "in/a.json" in capsys.readouterr().err


def test_rows_are_named_by_the_line_they_begin_in(folder):
    long = "x" * 200_000
    write(folder, a_csv=f'\ufeffid,text\n1,"two\nlines"\n\n2,{long}\n3\n')
    found = read("a.csv", id="id")
    assert articles(found) == [
        ("a.csv:2", {"text": "two\nlines", "id": "1"}),
        ("a.csv:5", {"text": long, "id": "2"}),
        ("a.csv:6", {"id": "3"}),
    ]


def test_a_row_in_another_encoding_spoils_no_other(folder):
    (folder / "a.csv").write_bytes("text\ngood\nZoë\ngood\n".encode("latin-1"))
    assert [len(d.body) > 16 for d in read("a.csv")] == [False, True, False]


def test_a_file_that_cannot_be_read_is_a_fault_and_the_others_go_on(folder):
    write(folder, a_txt="A", c_txt="C")
    (folder / "b.txt").symlink_to(folder / "nowhere")
    found = read("a.txt", "b.txt", "c.txt")
    assert [d.fault for d in found] == [None, "No such file or directory.", None]


def test_the_output_is_no_input(folder):
    write(folder, a_txt="A", out_ndjson="{}")
    assert list(Inputs(["."], None, Columns(), Path("out.ndjson")).files()) == ["./a.txt"]


@pytest.mark.parametrize(
    ("arguments", "columns", "says"),
    [
        (["nothing.txt"], {}, "There is no nothing.txt"),
        (["*.htm"], {}, r"There is no \*\.htm"),
        (["empty"], {}, "no articles in empty"),
        (["a.md"], {}, "--format"),
        (["a.csv"], {"text": "body"}, "no column 'body'. It has: text, x"),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(folder, arguments, columns, says):
    write(folder, a_md="A", a_csv="text,x\nA,1\n")
    (folder / "empty").mkdir()
    with pytest.raises(click.UsageError, match=says):
        read(*arguments, **columns)


def test_a_name_that_does_not_tell_is_read_as_the_format_says(folder):
    write(folder, a_log='{"text": "A"}\n')
    assert articles(read("a.log", input_format="jsonl")) == [("a.log:1", {"text": "A"})]
