"""The language of articles in requests of every content type."""

import json

import pytest

from service.enrichment.language_detector import TrainedDetector
from service.enrichment.pipeline import Enricher
from tests.api.conftest import app_around
from tests.fakes import FakeModel

GERMAN = "Der Kanzler sagte am Montag, die Gespräche würden noch eine weitere Woche dauern."
DOUBTFUL = "Donald Trump hat Joe Biden in Washington scharf angegriffen."


def page(text, lang=""):
    return f"<html{lang and f' lang={lang}'}><body><article><p>{text}</p></article></body></html>"


BODIES = {
    "text/plain": lambda text: text,
    "text/html": page,
    "application/json": lambda text: json.dumps({"text": text}),
}


@pytest.fixture
def client(settings):
    return app_around(settings, Enricher(FakeModel(), TrainedDetector())).test_client()


def post(client, text, kind, query="", **headers):
    return client.post(
        f"/v1/enrich{query}", data=BODIES[kind](text).encode(), content_type=kind, headers=headers
    )


@pytest.mark.parametrize("kind", BODIES)
def test_another_language_is_rejected_with_the_way_out(client, kind):
    refused = post(client, GERMAN, kind)
    assert refused.status_code == 422
    detail = refused.get_json()["detail"]
    assert "'de'" in detail
    assert "?language=en" in detail


@pytest.mark.parametrize("kind", BODIES)
def test_the_parameter_overrides_detection(client, kind):
    read = post(client, GERMAN, kind, "?language=en")
    assert read.status_code == 200
    assert read.get_json()["language"]["code"] == "en"
    assert "language_overridden" in [w["code"] for w in read.get_json()["warnings"]]


def test_the_parameter_overrides_detection_in_batches_and_streams(client):
    batch = {"articles": [{"text": GERMAN}]}
    read = client.post("/v1/enrich/batch?language=en", json=batch)
    assert read.get_json()["results"][0]["status"] == 200
    line = json.dumps({"text": GERMAN}) + "\n"
    for query, status in (("", 422), ("?language=en", 200)):
        answer = client.post(
            f"/v1/enrich/batch{query}", data=line, content_type="application/x-ndjson"
        )
        assert json.loads(answer.text)["status"] == status


@pytest.mark.parametrize("kind", BODIES)
def test_the_header_is_evidence(client, kind):
    assert post(client, DOUBTFUL, kind).status_code == 200
    assert post(client, DOUBTFUL, kind, **{"Content-Language": "de-AT"}).status_code == 422


def test_the_language_of_a_page_is_evidence(client):
    for lang, status in (("de", 422), ("en-GB", 200)):
        body = page(DOUBTFUL, lang)
        answer = client.post("/v1/enrich", data=body, content_type="text/html")
        assert answer.status_code == status
