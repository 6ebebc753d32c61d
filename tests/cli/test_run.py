import io
import json
import re
from pathlib import Path

import pytest

from service.cli import dry_run
from service.cli.dry_run import Pace
from service.cli.resume import model_digest
from service.cli.table import write_tables
from tests.cli.conftest import Enrich, lines_of
from tests.conftest import free_port
from tests.scripted_server import response, scripted_server

ARTICLES = '{"text": "Ann praised Paris.", "id": "1"}\nnonsense\n{"text": "Bob left."}\n'


ALMOST_NEUTRAL = {
    "source": "a.txt",
    "status": 200,
    "enrichment": {
        "id": None,
        "sentiment": {"label": "NEUTRAL", "score": -0.004},
        "entities": [],
        "coverage": {"sentences": 1, "tokens": 3},
        "warnings": [],
    },
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "a.jsonl").write_text(ARTICLES)
    (tmp_path / "b.txt").write_text('Carl condemned <Japan> & "France".')
    return tmp_path


def test_results_keep_the_order_of_the_articles_and_failures_are_listed(enrich: Enrich, files):
    result = enrich("a.jsonl", "b.txt")
    assert result.exit_code == 1
    lines = lines_of(result.stdout)
    assert [(line["source"], line["status"]) for line in lines] == [
        ("a.jsonl:1", 200),
        ("a.jsonl:2", 400),
        ("a.jsonl:3", 200),
        ("b.txt", 200),
    ]
    assert lines[0]["enrichment"]["id"] == "1"
    assert lines[1]["problem"]["type"] == "/problems/malformed-json"
    assert "4 articles" in result.stderr
    assert "1 failed" in result.stderr
    assert "  a.jsonl:2: Expecting value" in result.stderr


def test_exit_code_is_0_if_no_article_fails(enrich: Enrich, files):
    assert enrich("b.txt").exit_code == enrich("run", "b.txt").exit_code == 0


def test_standard_input_is_one_text_unless_format_is_given(enrich: Enrich):
    [line] = lines_of(enrich("-", stdin="Ann left.").stdout)
    assert (line["source"], line["enrichment"]["entities"][0]["name"]) == ("-", "Ann")
    lines = lines_of(enrich("--format", "jsonl", "-", stdin=ARTICLES).stdout)
    assert [line["source"] for line in lines] == ["-:1", "-:2", "-:3"]


def test_a_file_with_the_name_of_a_command_is_read_by_its_path(enrich: Enrich, files):
    (files / "diff").write_text("Ann left.")
    assert enrich("./diff", "--format", "text").exit_code == 0
    assert enrich("diff").exit_code == 2


def test_json_output_is_one_array(enrich: Enrich, files):
    result = enrich("a.jsonl", "-o", "out.json")
    assert result.stdout == ""
    results = json.loads((files / "out.json").read_text())
    assert results == lines_of(enrich("a.jsonl", "--output", "ndjson").stdout)


def test_a_table_shows_entities_and_problems_but_no_control_characters(enrich: Enrich, files):
    (files / "[red]x\x1b[2J.txt").write_text("Ann left.")
    result = enrich("a.jsonl", "b.txt", "[red]x\x1b[2J.txt", "--output", "table")
    assert "Paris" in result.stdout
    assert "+0.85 POSITIVE" in result.stdout
    assert "Expecting value" in result.stdout
    assert "[red]x [2J.txt" in result.stdout
    assert "\x1b" not in result.output


def test_a_score_that_rounds_to_zero_has_no_minus_sign_in_a_table():
    out = io.StringIO()
    write_tables(iter([ALMOST_NEUTRAL]), out)
    assert "+0.00 NEUTRAL" in out.getvalue()


def test_the_html_report_marks_mentions_escapes_text_and_is_self_contained(enrich: Enrich, files):
    (files / "<b>.txt").write_text("Ann <script>x()</script> left Paris.\n\n Bob & Ann stayed.")
    enrich("a.jsonl", "b.txt", "<b>.txt", "-o", "out.html")
    page = (files / "out.html").read_text()
    mark = '<mark class="LOCATION toward-NEGATIVE" title="Japan: location, negative">Japan</mark>'
    assert f"&lt;{mark}&gt; &amp; " in page
    assert "&lt;script&gt;x()&lt;/script&gt;" in page
    assert "<script" not in page
    assert "<b>" not in page
    assert not re.search(r"https?:|src=|href=|url\(|@import", page)
    text = re.findall(r'<div class="text">(.*?)</div>', page, re.DOTALL)[-1]
    assert re.sub("<.*?>", "", text).endswith("left Paris.\n\n Bob &amp; Ann stayed.")


def test_an_interrupted_run_is_resumed_without_loss_or_repetition(enrich: Enrich, files):
    whole = enrich("a.jsonl", "b.txt", "-o", "whole.ndjson")
    content = (files / "whole.ndjson").read_bytes()
    cuts = [0, 10, content.index(b"\n"), content.index(b"\n") + 1, len(content) - 5, len(content)]
    for cut in cuts:
        (files / "out.ndjson").write_bytes(content[:cut])
        resumed = enrich("a.jsonl", "b.txt", "-o", "out.ndjson", "--resume")
        assert resumed.exit_code == whole.exit_code == 1
        assert "1 failed" in resumed.stderr
        assert (files / "out.ndjson").read_bytes() == content
    (files / "out.ndjson").unlink()
    enrich("a.jsonl", "b.txt", "-o", "out.ndjson", "--resume")
    assert (files / "out.ndjson").read_bytes() == content


def test_an_output_of_other_articles_is_neither_resumed_nor_changed(enrich: Enrich, files):
    enrich("b.txt", "-o", "out.ndjson")
    before = (files / "out.ndjson").read_bytes()
    result = enrich("a.jsonl", "b.txt", "-o", "out.ndjson", "--resume")
    assert result.exit_code == 2
    assert "line 1 is for b.txt, where the input has a.jsonl:1" in result.stderr
    assert (files / "out.ndjson").read_bytes() == before


def test_a_run_of_another_model_is_not_resumed(enrich: Enrich, files):
    enrich("a.jsonl", "b.txt", "-o", "out.ndjson")
    content = (files / "out.ndjson").read_bytes()
    begun = content[: content.index(b"\n") + 1].replace(b"0" * 64, b"1" * 64)
    (files / "out.ndjson").write_bytes(begun)
    result = enrich("a.jsonl", "b.txt", "-o", "out.ndjson", "--resume")
    assert result.exit_code == 2
    assert "the earlier run used another model" in result.stderr
    assert (files / "out.ndjson").read_bytes().count(b'"enrichment"') == begun.count(
        b'"enrichment"'
    )


def test_a_dry_run_counts_articles_and_tokens_and_estimates_the_time(
    enrich: Enrich, files, monkeypatch
):
    monkeypatch.setattr(dry_run, "measure_pace", lambda model: Pace(0.0, 1800.0))
    monkeypatch.setattr(dry_run, "usable_cores", lambda: 2)
    result = enrich("--dry-run", "a.jsonl", "b.txt")
    assert result.exit_code == 1
    tokens = int(re.search(r"tokens +(\d+)", result.stdout)[1])
    assert "articles  4, 1 of which would fail" in result.stdout
    assert f"about {tokens // 4}:{tokens % 4 * 15:02}:00 on 2 cores" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing.txt"],
        ["b.txt", "--resume"],
        ["b.txt", "-o", "x.html", "--resume"],
        ["b.txt", "--url", "localhost:8000"],
        ["b.txt", "--wait", "5"],
        ["b.txt", "--dry-run", "--url", "http://localhost:8000"],
        ["b.txt", "-o", "nowhere/x.json"],
        ["b.txt", "--model", "nonesuch"],
        ["b.txt", "--dry-run", "--model", "nonesuch"],
        ["b.txt", "--colour"],
        [],
    ],
)
def test_wrong_usage_is_exit_code_2(enrich: Enrich, files, arguments):
    assert enrich(*arguments).exit_code == 2


def test_an_unreachable_server_is_exit_code_3_and_leaves_the_output_unchanged(
    enrich: Enrich, files
):
    (files / "out.ndjson").write_text("kept")
    url = f"http://127.0.0.1:{free_port()}"
    result = enrich("b.txt", "--url", url, "-o", "out.ndjson")
    assert result.exit_code == 3
    assert url in result.stderr
    assert (files / "out.ndjson").read_text() == "kept"


def test_the_model_option_is_sent_to_the_server(enrich: Enrich, files):
    with scripted_server() as server:
        server.script = [response(200, {"status": "ready"}), response(200, {"id": "x"})]
        assert enrich("b.txt", "--url", server.url, "--model", "german").exit_code == 0
    assert server.requests[1][0] == "/v1/enrich?model=german"


def test_a_model_unknown_to_the_server_is_wrong_usage(enrich: Enrich, files):
    detail = "model: 'french' is not one of: english, german."
    refused = {"type": "/problems/invalid-parameter", "status": 422, "detail": detail}
    with scripted_server() as server:
        server.script = [response(200, {"status": "ready"}), response(422, refused)]
        result = enrich("a.jsonl", "b.txt", "--url", server.url, "--model", "french")
    assert result.exit_code == 2
    assert detail in result.stderr


def test_without_a_server_the_models_are_those_of_the_settings(enrich: Enrich, files):
    assert enrich("b.txt", "--model", "default").exit_code == 0
    refused = enrich("b.txt", "--model", "german")
    assert refused.exit_code == 2
    assert "Unknown model 'german'; known models: default." in refused.stderr


def test_a_busy_server_is_waited_for_and_retried(enrich: Enrich, files):
    busy = response(503, Retry_After="0")
    with scripted_server() as server:
        server.script = [busy, response(200, {"status": "ready"}), busy, response(200, {"id": "x"})]
        result = enrich("b.txt", "--url", server.url, "--wait", "20")
    [line] = lines_of(result.stdout)
    assert line == {"source": "b.txt", "status": 200, "enrichment": {"id": "x"}}
    assert [path for path, _ in server.requests] == ["/readyz"] * 2 + ["/v1/enrich"] * 2
    assert server.requests[-1][1] == (files / "b.txt").read_bytes()


def test_values_are_listed_on_request_with_dates_that_refer_to_the_day_in_a_column(
    enrich: Enrich, files
):
    (files / "d.csv").write_text('text,day\n"Ann paid $5m, then $5m, on Monday.",2024-03-15\n')
    columns = ("--values", "--published-column", "day")
    [line] = lines_of(enrich("d.csv", *columns).stdout)
    assert [value["value"] for value in line["enrichment"]["values"]][1:] == [
        {"amount": 5000000, "currency": "USD"},
        "2024-03-11",
    ]
    assert {"entities", "sentiment", "sentences"} <= line["enrichment"].keys()
    table = enrich("d.csv", *columns, "--output", "table").stdout
    assert re.search(r"\$5m +USD 5,000,000 +2 ", table)
    assert re.search(r"Monday +2024-03-11 +1 ", table)
    enrich("d.csv", *columns, "-o", "out.html")
    page = (files / "out.html").read_text()
    assert '<tr><td>Monday<td class="number">2024-03-11</tr>' in page
    assert "values" not in lines_of(enrich("b.txt").stdout)[0]["enrichment"]


def test_links_come_on_request_and_a_run_with_links_is_resumed(enrich: Enrich, files):
    (files / "p.jsonl").write_text('{"text": "Ann left Paris."}\n{"text": "Ann left Japan."}\n')
    whole = enrich("p.jsonl", "--links", "-o", "out.ndjson")
    assert whole.exit_code == 0
    lines = (files / "out.ndjson").read_text().splitlines(keepends=True)
    found = [
        link["country"]
        for line in lines
        for entity in json.loads(line)["enrichment"]["entities"]
        for link in entity["links"]
    ]
    assert found == ["FR", "JP"]
    (files / "out.ndjson").write_text(lines[0])
    assert enrich("p.jsonl", "--links", "-o", "out.ndjson", "--resume").exit_code == 0
    assert (files / "out.ndjson").read_text() == "".join(lines)
    changed = lines[0].replace(
        json.loads(lines[0])["enrichment"]["model"]["knowledge"]["digest"], "sha256:" + "0" * 64
    )
    (files / "out.ndjson").write_text(changed)
    assert enrich("p.jsonl", "--links", "-o", "out.ndjson", "--resume").exit_code != 0


def test_a_run_is_resumed_with_the_same_lists_only(tmp_path):
    identity = {"digest": "sha256:a", "knowledge": {"digest": "sha256:b"}}
    result = {"source": "a", "status": 200, "enrichment": {"model": identity}}
    output = tmp_path / "out.ndjson"
    output.write_text(json.dumps(result) + "\n")
    assert model_digest(output) == "sha256:a,sha256:b"
    identity["lists"] = [{"digest": "sha256:c"}, {"digest": "sha256:d"}]
    output.write_text(json.dumps(result) + "\n")
    assert model_digest(output) == "sha256:a,sha256:b,sha256:c,sha256:d"
