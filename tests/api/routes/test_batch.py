import json

import pytest

from service.api.routes import batch
from service.api.schemas.response import ResultsSchema

LINES = "application/x-ndjson"
TEXT = "Ann Lee praised Acme in Paris."


def post(client, body, content_type="application/json", query=""):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(f"/v1/enrich/batch{query}", data=data, content_type=content_type)


def lines(client, *texts: bytes, query=""):
    response = post(client, b"".join(text + b"\n" for text in texts), LINES, query)
    assert response.status_code == 200
    assert response.content_type == LINES
    return [json.loads(line) for line in response.data.splitlines()]


def test_a_batch_gives_for_each_article_what_it_gives_by_itself(client):
    articles = [{"text": TEXT, "id": str(i)} for i in range(20)]
    found = post(client, {"articles": articles})
    alone = [client.post("/v1/enrich", json=article).data.strip() for article in articles]
    results = b",".join(b'{"status":200,"enrichment":%s}' % each for each in alone)
    assert found.data == b'{"results":[%s]}\n' % results
    assert ResultsSchema(unknown="raise").validate(found.get_json()) == {}


def test_lines_give_for_each_article_what_it_gives_by_itself(client):
    articles = [{"text": f"{TEXT} Number {i}.", "id": str(i)} for i in range(50)]
    found = lines(client, *(json.dumps(article).encode() for article in articles))
    alone = [client.post("/v1/enrich", json=article).get_json() for article in articles]
    assert found == [
        {"line": i + 1, "status": 200, "enrichment": each} for i, each in enumerate(alone)
    ]


def test_a_batch_with_too_large_results_is_rejected_as_a_whole(client, monkeypatch):
    articles = [{"text": TEXT, "id": str(i)} for i in range(20)]
    whole = post(client, {"articles": articles}).data
    results = len(whole) - len(b'{"results":[]}\n') - 19  # without what joins them
    monkeypatch.setattr(batch, "MAX_RESULTS_BYTES", results + 20)
    assert post(client, {"articles": articles}).data == whole
    monkeypatch.setattr(batch, "MAX_RESULTS_BYTES", results - 100)
    answer = post(client, {"articles": articles})
    assert answer.status_code == 422
    assert answer.get_json()["type"] == "/problems/too-much-work"
    assert f"more than {results - 100} bytes" in answer.get_json()["detail"]


def test_an_article_that_is_wrong_spoils_no_other(client):
    articles = [{"text": TEXT}, {"text": " "}, None, {"text": TEXT, "titel": "x"}, {"text": TEXT}]
    results = post(client, {"articles": articles}).get_json()["results"]
    assert [r["status"] for r in results] == [200, 422, 422, 422, 200]
    pointers = [[e["pointer"] for e in r["problem"]["errors"]] for r in results[1:4]]
    assert pointers == [["/articles/1/text"], ["/articles/2"], ["/articles/3/titel"]]


def test_a_line_that_is_wrong_spoils_no_other(client, settings):
    good = json.dumps({"text": TEXT}).encode()
    long = json.dumps({"text": "word " * settings.max_body_bytes}).encode()
    found = lines(client, good, b"{", b"", long, b'{"text": ""}', b"\xff", b"[1]", good)
    assert [f["line"] for f in found] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [f["status"] for f in found] == [200, 400, 400, 413, 422, 400, 422, 200]
    assert [f["problem"]["type"].rsplit("/")[-1] for f in found[1:7]] == [
        "malformed-json", "malformed-json", "line-too-large", "invalid-article",
        "malformed-json", "invalid-article",
    ]  # fmt: skip
    assert found[4]["problem"]["errors"][0]["pointer"] == "/text"


def test_no_lines_give_no_lines(client):
    assert lines(client) == []


def test_parameters_go_for_all_articles(client):
    found = lines(client, json.dumps({"text": TEXT}).encode(), query="?features=sentiment")
    assert "entities" not in found[0]["enrichment"]
    assert post(client, {"articles": [{"text": TEXT}]}, query="?offsets=x").status_code == 422
    other = post(client, b"", LINES, query=f"?pin=sha256:{'f' * 64}")
    assert other.status_code == 409


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"{", 400, "malformed-json"),
        (b"[]", 422, "invalid-batch"),
        (b'{"articles": []}', 422, "invalid-batch"),
        (b'{"articles": "x"}', 422, "invalid-batch"),
        (b'{"articles": [{}], "more": 1}', 422, "invalid-batch"),
        (json.dumps({"articles": [{"text": "x"}] * 101}).encode(), 422, "invalid-batch"),
        (b" " * 100_001, 413, "body-too-large"),
    ],
)
def test_an_invalid_batch_is_rejected_as_a_whole(client, body, status, kind):
    response = post(client, body)
    assert response.status_code == status
    assert response.get_json()["type"] == f"/problems/{kind}"


def test_other_media_types_are_rejected(client):
    response = post(client, TEXT.encode(), "text/plain")
    assert response.status_code == 415
    assert response.headers["Accept-Post"] == f"application/json, {LINES}"


def test_a_fault_of_ours_is_that_of_one_line(client, monkeypatch):
    from tests.fakes import FakeOutput

    def fail(self, sentences):
        raise RuntimeError("secret")

    monkeypatch.setattr(FakeOutput, "sentence_sentiment", fail)
    [found] = lines(client, json.dumps({"text": TEXT}).encode())
    assert found["status"] == found["problem"]["status"] == 500
    assert "secret" not in json.dumps(found)
    assert found["problem"]["request_id"]
