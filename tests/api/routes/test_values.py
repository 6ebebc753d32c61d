"""Dates and amounts of money in responses, and the day of publication in requests."""

from dataclasses import replace

import pytest

from service.api.schemas.response import EnrichmentSchema
from service.enrichment.bounds import Bounds
from service.enrichment.pipeline import Enricher
from service.execution.model_registry import ModelRegistry, ServedModel
from tests.api.conftest import MODEL_INFO, app_around
from tests.fakes import FakeDetector, FakeModel

TEXT = "Ann 😀 paid $5m on Monday."
MONEY = {
    "section": "text",
    "start": 11,
    "end": 14,
    "type": "MONEY",
    "text": "$5m",
    "value": {"amount": 5000000, "currency": "USD"},
}


def post(client, query="", path="/v1/enrich", **body):
    return client.post(f"{path}{query}", **({"json": {"text": TEXT, **body}}))


def values(response):
    assert response.status_code == 200, response.text
    return response.get_json()["values"]


def test_values_come_on_request_with_what_they_stand_for(client):
    response = post(client, "?features=values,sentiment", published="2024-03-15")
    money, day = values(response)
    assert money == MONEY
    assert (day["type"], day["text"], day["value"]) == ("DATE", "Monday", "2024-03-11")
    assert EnrichmentSchema(unknown="raise").validate(response.get_json()) == {}
    assert "values;dur=" in response.headers["Server-Timing"]
    assert "values" not in post(client, published="2024-03-15").get_json()


def test_offsets_of_values_count_in_the_unit_that_is_asked_for(client):
    assert values(post(client, "?features=values&offsets=utf16"))[0]["start"] == 12
    assert values(post(client, "?features=values&offsets=utf8"))[0]["start"] == 14


def test_relative_dates_have_no_value_without_a_day_of_publication(client):
    assert [value["value"] for value in values(post(client, "?features=values"))][1:] == [None]
    assert values(post(client, "?features=values", published=None))[1]["value"] is None


@pytest.mark.parametrize(
    ("published", "monday"),
    [
        ("2024-03-15", "2024-03-11"),
        ("2024-03-11T23:59:59.5+14:00", "2024-03-11"),
        ("2024-03-10 23:00Z", "2024-03-04"),
        ("2024-02-29", "2024-02-26"),
    ],
)
def test_the_day_of_publication_is_an_iso_8601_date_or_date_time(client, published, monday):
    assert values(post(client, "?features=values", published=published))[1]["value"] == monday


@pytest.mark.parametrize(
    "published", ["", "yesterday", "2023-02-29", "15/03/2024", "2024", 20240315]
)
def test_any_other_day_of_publication_is_an_invalid_article(client, published):
    response = post(client, published=published)
    assert response.status_code == 422
    assert response.get_json()["type"] == "/problems/invalid-article"
    assert response.get_json()["errors"][0]["pointer"] == "/published"


def test_the_parameter_is_for_articles_without_a_day_of_their_own(client):
    query = "?features=values&published=2020-01-01"
    text = client.post(f"/v1/enrich{query}", data=TEXT, content_type="text/plain")
    assert values(text)[1]["value"] == "2019-12-30"
    assert values(post(client, query, published="2024-03-15"))[1]["value"] == "2024-03-11"
    answer = client.post("/v1/enrich?published=soon", data=TEXT, content_type="text/plain")
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["parameter"] == "published"


def test_articles_of_batches_have_days_of_their_own(client):
    articles = [{"text": TEXT}, {"text": TEXT, "published": "2024-03-15"}]
    query = "?features=values&published=2020-01-01"
    results = client.post(f"/v1/enrich/batch{query}", json={"articles": articles}).get_json()
    found = [result["enrichment"]["values"][1]["value"] for result in results["results"]]
    assert found == ["2019-12-30", "2024-03-11"]


def test_the_article_comes_back_with_the_day_that_dates_refer_to(client):
    found = post(client, "?include_text=true", published="2024-03-15T10:00Z").get_json()
    assert found["article"] == {"title": None, "text": TEXT, "published": "2024-03-15"}
    assert "published" not in post(client, "?include_text=true").get_json()["article"]


def test_one_entry_of_the_cache_serves_every_day_with_values_and_without(client):
    post(client)
    for query, published in (("?features=values", "2024-03-15"), ("?features=values", None)):
        response = post(client, query, published=published)
        assert "hit" in response.headers["Cache-Status"]
        assert values(response)[0] == MONEY


def test_too_many_values_are_too_much_work(settings):
    enricher = Enricher(FakeModel(), FakeDetector(), Bounds(values=1))
    client = app_around(settings, enricher).test_client()
    answer = post(client, "?features=values")
    assert answer.status_code == 422
    assert answer.get_json()["detail"] == "The article has more than 1 values, the maximum."
    assert post(client).status_code == 200


def test_values_are_rejected_where_no_english_is_read(app, client):
    context = app.extensions["enrichment"]
    served = context.models.get(None, lambda: 0.0)
    foreign = ServedModel(replace(MODEL_INFO, languages=("de",)), served.enricher, served.cache)
    registry = ModelRegistry(lambda _: foreign, {"default": 1}, "default", 1, 8)
    app.extensions["enrichment"] = replace(context, models=registry)
    problem = post(client, "?features=values").get_json()
    assert problem["type"] == "/problems/unsupported-language"
    assert problem["detail"] == "features: 'values' are found in 'en' only; the model reads: de."
    assert problem["errors"][0]["parameter"] == "features"


class _BilingualModel(FakeModel):
    languages = ("en", "de")


def test_values_are_rejected_for_an_article_in_another_language(settings):
    enricher = Enricher(_BilingualModel(), FakeDetector("de"))
    client = app_around(settings, enricher).test_client()
    text = "Die Stadt hat am Montag einen neuen Hafen eröffnet, den alle bezahlt haben."
    answer = post(client, "?features=values", text=text, language="de")
    assert answer.status_code == 422
    assert answer.get_json()["detail"].endswith("the article was read as 'de'.")
    assert post(client, text=text, language="de").status_code == 200
