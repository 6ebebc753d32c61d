"""Links of entities in responses, and the knowledge base that they refer to."""

import pytest

from service.api.schemas.models import ModelSchema
from service.api.schemas.response import EnrichmentSchema
from tests.api.conftest import MODEL_INFO

TEXT = "Ann flew to Paris on Monday."


def post(client, query="", path="/v1/enrich", **body):
    response = client.post(f"{path}{query}", json=body or {"text": TEXT})
    assert response.status_code == 200, response.text
    return response.get_json()


def links(document):
    return {entity["name"]: entity.get("links") for entity in document["entities"]}


def test_links_come_on_request(client):
    document = post(client, "?features=links")
    ann, paris = links(document)["Ann"], links(document)["Paris"]
    assert ann == []
    reasons = {entity["name"]: entity.get("links_reason") for entity in document["entities"]}
    assert reasons == {"Ann": "type not linked", "Paris": None}
    assert EnrichmentSchema(unknown="raise").validate(document) == {}
    confidence = paris[0].pop("confidence")
    assert paris == [
        {
            "source": "geonames",
            "id": "2988507",
            "uri": "https://sws.geonames.org/2988507/",
            "name": "Paris",
            "country": "FR",
            "admin1": "11",
            "latitude": 48.8534,
            "longitude": 2.3488,
            "feature": "capital",
        }
    ]
    assert 0.5 < confidence <= 1


def test_without_the_feature_nothing_changes(client):
    before = client.post("/v1/enrich", json={"text": TEXT}).data
    post(client, "?features=links")
    document = post(client)
    assert client.post("/v1/enrich", json={"text": TEXT}).data == before
    assert set(links(document).values()) == {None}
    assert "knowledge" not in document["model"]
    assert post(client, "?links=all") == document


def test_less_likely_links_come_with_all(client):
    few = links(post(client, "?features=links"))["Paris"]
    many = links(post(client, "?features=links&links=all"))["Paris"]
    assert many[: len(few)] == few
    assert "4717560" in {link["id"] for link in many[1:]}
    confidences = [link["confidence"] for link in many[1:]]
    assert confidences == sorted(confidences, reverse=True)


def test_links_of_other_types_do_not_depend_on_the_types_in_the_response(client):
    document = post(client, "?features=links&types=LOCATION")
    assert list(links(document)) == ["Paris"]
    assert links(document)["Paris"] == links(post(client, "?features=links"))["Paris"]


def test_the_knowledge_is_named(client):
    knowledge = post(client, "?features=links")["model"]["knowledge"]
    model = client.get("/v1/model").get_json()
    assert model["knowledge"] == knowledge
    assert knowledge["digest"] != model["digest"] == MODEL_INFO.digest
    assert ModelSchema(unknown="raise").validate(model) == {}


def test_a_pin_may_cover_the_knowledge(client):
    knowledge = client.get("/v1/model").get_json()["knowledge"]["digest"]
    both = f"{MODEL_INFO.digest},{knowledge}"
    assert post(client, f"?features=links&pin={both}")
    assert post(client, f"?features=links&pin={MODEL_INFO.digest}")
    other = f"{MODEL_INFO.digest},sha256:{'f' * 64}"
    refused = client.post(f"/v1/enrich?features=links&pin={other}", json={"text": TEXT})
    assert refused.status_code == 409
    assert knowledge in refused.get_json()["detail"]


def test_batches_have_links_too(client):
    body = {"articles": [{"text": TEXT}, {"text": "Ann left."}]}
    first, second = post(client, "?features=links", "/v1/enrich/batch", **body)["results"]
    assert links(first["enrichment"])["Paris"][0]["id"] == "2988507"
    assert links(second["enrichment"]) == {"Ann": []}


@pytest.mark.parametrize("query", ["?links=none", "?links=", "?pin=sha256:1,sha256:2"])
def test_other_values_are_rejected(client, query):
    assert client.post(f"/v1/enrich{query}", json={"text": TEXT}).status_code == 422
