"""Links to lists in responses, and the lists of the server."""

from dataclasses import replace

import pytest

from service.api.schemas.models import ModelSchema
from service.api.schemas.response import EnrichmentSchema
from service.config.settings import SettingError
from tests.api.conftest import MODEL_INFO, app_around

TEXT = "Ann praised the iphone in Paris. Bob said that the iphone was bad."


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "brands.csv").write_text("id,name,type,desk\n1,iphone,PRODUCT,=tech\n2,Paris,,\n")
    (tmp_path / "people.jsonl").write_text('{"id": "a", "name": "Ann", "tiers": [1, null]}\n')
    return tmp_path


@pytest.fixture
def client(settings, folder):
    return app_around(replace(settings, watchlists=str(folder))).test_client()


def post(client, query="", path="/v1/enrich", **body):
    response = client.post(f"{path}{query}", json=body or {"text": TEXT})
    assert response.status_code == 200, response.text
    return response.get_json()


def sources(document):
    """Name of each entity → sources of its links."""
    return {
        entity["name"]: [link["source"] for link in entity["links"]]
        for entity in document["entities"]
    }


def test_links_of_lists_come_with_the_others(client):
    document = post(client, "?features=links,mention_sentiment")
    assert EnrichmentSchema(unknown="raise").validate(document) == {}
    assert sources(document) == {
        "Ann": ["list:people"],
        "iphone": ["list:brands"],
        "Paris": ["list:brands", "geonames"],
        "Bob": [],
    }
    phone = next(entity for entity in document["entities"] if entity["name"] == "iphone")
    assert (phone["origin"], phone["type"]) == ("list", "PRODUCT")
    assert [mention["sentiment"]["label"] for mention in phone["mentions"]] == [
        "POSITIVE",
        "NEGATIVE",
    ]
    assert phone["links"] == [
        {
            "source": "list:brands",
            "id": "1",
            "name": "iphone",
            "confidence": 1.0,
            "mentions": [0, 1],
            "extra": {"desk": "=tech"},
        }
    ]
    ann = next(entity for entity in document["entities"] if entity["name"] == "Ann")
    assert ann["links"][0]["extra"] == {"tiers": [1, None]}
    assert "origin" not in ann


def test_without_links_lists_change_nothing(settings, client):
    plain = app_around(settings).test_client()
    before = plain.post("/v1/enrich", json={"text": TEXT}).data
    post(client, "?features=links")
    assert client.post("/v1/enrich", json={"text": TEXT}).data == before


def test_a_request_chooses_its_lists_which_implies_links(client):
    assert sources(post(client, "?lists=people")) == {
        "Ann": ["list:people"],
        "Paris": ["geonames"],
        "Bob": [],
    }
    both = post(client, "?features=links&lists=people,brands")
    assert both == post(client, "?features=links")
    none = post(client, "?features=links&lists=")
    assert sources(none) == {"Ann": [], "Paris": ["geonames"], "Bob": []}
    assert "lists" not in none["model"]


def test_cached_answers_are_those_of_their_lists(client):
    queries = ["?lists=people", "?lists=brands", "?lists=", "?features=links", "?lists=people"]
    first = [client.post(f"/v1/enrich{query}", json={"text": TEXT}) for query in queries]
    again = [client.post(f"/v1/enrich{query}", json={"text": TEXT}) for query in queries]
    assert [response.data for response in first] == [response.data for response in again]
    assert len({response.data for response in first}) == 4
    assert all("hit" in response.headers["Cache-Status"] for response in again)


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("?lists=people,clients", "lists: 'clients' is not one of: brands, people."),
        ("?lists=people,,brands", "lists: Must name a list."),
    ],
)
def test_unknown_lists_are_an_invalid_parameter(client, query, detail):
    response = client.post(f"/v1/enrich{query}", json={"text": TEXT})
    problem = response.get_json()
    assert (response.status_code, problem["type"]) == (422, "/problems/invalid-parameter")
    assert problem["detail"] == detail
    assert problem["errors"][0]["parameter"] == "lists"
    assert client.post(f"/v1/enrich/batch{query}", json={"articles": []}).status_code == 422


def test_a_server_without_lists_names_that(settings):
    response = app_around(settings).test_client().post("/v1/enrich?lists=a", json={"text": TEXT})
    assert response.get_json()["detail"] == "lists: The server has no lists."


def test_the_lists_are_named(client):
    lists = client.get("/v1/model").get_json()["lists"]
    assert ModelSchema(unknown="raise").validate(client.get("/v1/model").get_json()) == {}
    assert [(each["name"], each["entries"]) for each in lists] == [("brands", 2), ("people", 1)]
    assert post(client, "?features=links")["model"]["lists"] == lists
    assert post(client, "?lists=people")["model"]["lists"] == lists[1:]
    assert "lists" not in post(client)["model"]


def test_a_pin_may_cover_the_lists(client):
    model = client.get("/v1/model").get_json()
    digests = [MODEL_INFO.digest, model["knowledge"]["digest"]]
    lists = [each["digest"] for each in model["lists"]]
    assert post(client, f"?features=links&pin={','.join(digests + lists)}")
    assert post(client, f"?lists=people&pin={','.join(digests + lists[1:])}")
    for other in ([lists[0]], [*lists, lists[0]]):
        query = f"?lists=people&pin={','.join(digests + other)}"
        refused = client.post(f"/v1/enrich{query}", json={"text": TEXT})
        assert refused.status_code == 409
        assert f"The lists are people, {lists[1]}." in refused.get_json()["detail"]


def test_types_of_lists_are_types(client):
    assert list(sources(post(client, "?features=links&types=PRODUCT"))) == ["iphone"]
    response = client.post("/v1/enrich?types=PLANET", json={"text": TEXT})
    assert "PRODUCT" in response.get_json()["detail"]


def test_batches_and_streams_have_lists_too(client):
    document = post(client, "?lists=people", "/v1/enrich/batch", articles=[{"text": TEXT}])
    assert document["results"][0]["enrichment"] == post(client, "?lists=people")
    stream = client.post(
        "/v1/enrich/batch?lists=people",
        data=b'{"text": "Ann left."}\n',
        content_type="application/x-ndjson",
    )
    assert '"source":"list:people"' in stream.text


def test_invalid_lists_are_an_error_at_the_start(settings, tmp_path):
    (tmp_path / "l.csv").write_text("id,name\n1,\n")
    with pytest.raises(SettingError, match=r"l\.csv:2: name: Is required\."):
        app_around(replace(settings, watchlists=str(tmp_path)))
