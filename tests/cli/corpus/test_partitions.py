"""Partitions: whatever the format and wherever the cut, every article once and by the same name."""

import io
import json
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from service.cli.columns import Columns, Document
from service.cli.corpus.partitions import read
from service.cli.corpus.storage import InputChanged
from service.cli.engines import enrich_with
from service.cli.inputs import Inputs
from tests.cli.conftest import fake_app
from tests.cli.corpus.conftest import listed, planned

TEXTS = [f'Ann "{number}" left\nParis; ü.' for number in range(23)]


def write_warc(path: Path, gzip: bool) -> None:
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=gzip)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "test"}))
        for number in range(12):
            kind = "image/png" if number % 4 == 3 else "text/html; charset=utf-8"
            status = "404 Not Found" if number % 4 == 2 else "200 OK"
            headers = StatusAndHeaders(status, [("Content-Type", kind)], protocol="HTTP/1.1")
            body = io.BytesIO(f"<p>Page {number} left Paris.".encode())
            uri = f"https://example.org/{number}"
            writer.write_record(
                writer.create_warc_record(uri, "response", body, http_headers=headers)
            )


def write_wet(path: Path) -> None:
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for number in range(12):
            body = io.BytesIO(f"Text {number} left Paris.".encode())
            kind = {"warc_content_type": "text/plain"}
            uri = f"https://example.org/{number}"
            writer.write_record(writer.create_warc_record(uri, "conversion", body, **kind))


def write_inputs(folder: Path) -> None:
    rows = [{"text": text, "n": number} for number, text in enumerate(TEXTS)]
    lines = [json.dumps(row) for row in rows]
    lines[4:4] = ["", "nonsense", "  "]
    (folder / "a.jsonl").write_text("\n".join(lines))
    cells = [f'{number},"' + text.replace('"', '""') + '"\r\n' for number, text in enumerate(TEXTS)]
    (folder / "b.csv").write_text("\ufeffn,text\r\n" + "\r\n".join(cells), encoding="utf-8")
    parquet.write_table(pa.Table.from_pylist(rows), folder / "c.parquet", row_group_size=5)
    (folder / "d.json").write_text(json.dumps(rows[:3]))
    (folder / "e.txt").write_text("Ann left.")
    write_warc(folder / "f.warc", gzip=False)
    write_warc(folder / "g.warc.gz", gzip=True)
    write_wet(folder / "h.warc.wet.gz")
    (folder / "i.parquet").write_text("no Parquet")


def contents(documents: list[Document]) -> list[tuple]:
    return [(d.source, d.body, d.media_type, d.id, d.carried, d.read_error) for d in documents]


@pytest.mark.parametrize("rows", [1, 2, 7, 1000])
def test_partitions_have_the_articles_that_the_command_reads_otherwise(folder, rows):
    write_inputs(folder)
    columns = Columns(carried=("n",))
    files = sorted(str(path.name) for path in folder.iterdir())
    for name in files:
        own = Columns() if name.endswith((".gz", ".warc", ".txt")) else columns
        whole = list(Inputs([name], None, own, None).documents())
        partitions = planned(rows, name, columns=own)
        found = [document for partition in partitions for document in read(partition, own)]
        if name != "i.parquet":
            assert contents(found) == contents(whole)
        assert len(found) == sum(partition.rows for partition in partitions) == len(whole) > 0
        assert all(p.rows <= rows for p in partitions) or name == "d.json"


def test_pages_of_a_web_archive_are_articles_and_other_records_are_not(folder):
    write_warc(folder / "a.warc.gz", gzip=True)
    columns = Columns(carried=("WARC-Record-ID",))
    documents = list(Inputs(["a.warc.gz"], None, columns, None).documents())
    assert [document.source for document in documents] == [
        f"a.warc.gz:{number}" for number in (2, 3, 6, 7, 10, 11)
    ]
    assert documents[2].id == "https://example.org/4"
    assert documents[2].body == b"<p>Page 4 left Paris."
    assert documents[2].media_type == "text/html; charset=utf-8"
    assert documents[2].carried["WARC-Record-ID"].startswith("<urn:uuid:")


def test_the_text_of_a_wet_file_has_the_address_of_its_page_as_its_id(folder):
    write_wet(folder / "a.wet.gz")
    document = next(Inputs(["a.wet.gz"], None, Columns(), None).documents())
    result = enrich_with(fake_app(), {})(document)
    assert result["enrichment"]["id"] == "https://example.org/0"
    assert result["enrichment"]["entities"][0]["name"] == "Text"


def test_small_files_share_a_partition_and_large_ones_are_split(folder):
    for number in range(5):
        (folder / f"{number}.txt").write_text("Ann left.")
    (folder / "9.jsonl").write_text('{"text": "Ann left."}\n' * 10)
    partitions = planned(4, ".")
    assert [partition.rows for partition in partitions] == [4, 1, 4, 4, 2]
    assert [partition.name for partition in partitions] == [f"part-{n:06}" for n in range(5)]


def test_a_file_that_changes_after_it_was_split_is_not_read(folder):
    (folder / "a.jsonl").write_text('{"text": "Ann left."}\n' * 3)
    [partition] = planned(5, "a.jsonl")
    with (folder / "a.jsonl").open("a") as file:
        file.write("x")
    with pytest.raises(InputChanged, match=r"a\.jsonl"):
        list(read(partition, Columns()))


@pytest.mark.parametrize("scheme", ["file", "local"])
def test_uris_have_globs_and_sources_that_name_them(folder, scheme):
    """pyarrow reads file://; of the two, only fsspec reads local://."""
    (folder / "in" / "sub").mkdir(parents=True)
    for name in ("in/a.jsonl", "in/sub/b.jsonl", "in/_c.jsonl", "in/d.md"):
        (folder / name).write_text('{"text": "Ann left."}\n')
    root = f"{scheme}://{folder}"
    everything = [f"{root}/in/a.jsonl", f"{root}/in/sub/b.jsonl"]
    assert [file.source for file in listed(f"{root}/in")] == everything
    assert [file.source for file in listed(f"{root}/in/**/*.jsonl")] == everything
    assert [file.source for file in listed(f"{root}/in/*.jsonl")] == everything[:1]
    [partition] = planned(5, f"{root}/in/*.jsonl")
    [document] = read(partition, Columns())
    assert document.source == f"{root}/in/a.jsonl:1"


def test_names_in_uris_may_have_a_number_sign(folder):
    (folder / "news#1.jsonl").write_text('{"text": "Ann left."}\n')
    uri = f"file://{folder}/news#1.jsonl"
    assert [file.source for file in listed(uri)] == [uri]
