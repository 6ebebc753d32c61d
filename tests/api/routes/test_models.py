"""Several models on one server, each asked for by its name."""

import json
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from service.api.schemas.models import ModelsSchema
from service.app import create_app, create_stores, warm_up
from service.config.settings import Settings
from service.enrichment.pipeline import Enricher
from service.enrichment.types import ModelIdentity
from service.execution.cache import EnrichmentCache
from service.execution.model_registry import ModelRegistry, ServedModel
from service.inference.errors import ModelError
from tests.api.conftest import MODEL_INFO
from tests.fakes import FakeDetector, FakeModel
from tests.metrics import Samples

TEXT = "Ann Lee praised Acme in Paris."
NAMES = ("english", "german", "third")
DIGESTS = {name: f"sha256:{number}" + "0" * 63 for number, name in enumerate(NAMES)}
TYPES = {"english": ("PERSON", "ORGANIZATION", "LOCATION"), "german": ("PERSON",), "third": ()}


class NamedModel(FakeModel):
    """Says which model it is."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.identity = ModelIdentity(name, "1", DIGESTS[name], MODEL_INFO.capabilities)


class Server:
    """An application with three fake models, of which two may be loaded at the same time."""

    def __init__(self) -> None:
        self.loaded: list[str] = []
        self.broken: set[str] = set()
        settings = Settings()
        self._stores = create_stores(settings)
        models = ModelRegistry(
            self._load, dict.fromkeys(NAMES, 1), "english", memory=2, max_waiting=8
        )
        app = create_app(settings, models)
        warm_up(app)
        self.client: FlaskClient = app.test_client()

    def _load(self, name: str) -> ServedModel:
        self.loaded.append(name)
        if name in self.broken:
            raise ModelError(f"/srv/secret/{name} is gone")
        info = replace(MODEL_INFO, name=name, digest=DIGESTS[name], entity_types=TYPES[name])
        enricher = Enricher(NamedModel(name), FakeDetector())
        return ServedModel(info, enricher, EnrichmentCache(self._stores, info.digest))

    def enrich(self, query: str = ""):
        return self.client.post(f"/v1/enrich{query}", json={"text": TEXT})


@pytest.fixture
def server() -> Server:
    return Server()


def model_of(response) -> str:
    assert response.status_code == 200, response.text
    return response.get_json()["model"]["name"]


def test_the_default_model_reads_unless_another_is_named(server):
    assert model_of(server.enrich()) == "english"
    assert model_of(server.enrich("?model=english")) == "english"
    assert server.loaded == ["english"]
    assert model_of(server.enrich("?model=german")) == "german"
    assert model_of(server.enrich()) == "english"


def test_the_models_are_listed_and_none_is_loaded_for_that(server):
    found = server.client.get("/v1/models").get_json()
    assert found == {
        "default": "english",
        "models": [
            {"name": "english", "default": True, "loaded": True},
            {"name": "german", "default": False, "loaded": False},
            {"name": "third", "default": False, "loaded": False},
        ],
    }
    assert ModelsSchema(unknown="raise").validate(found) == {}
    server.enrich("?model=german")
    server.enrich("?model=third")
    listed = server.client.get("/v1/models").get_json()["models"]
    assert [each["loaded"] for each in listed] == [True, False, True]
    assert server.loaded == ["english", "german", "third"]


def test_each_model_describes_itself(server):
    for name in NAMES:
        found = server.client.get(f"/v1/model?model={name}").get_json()
        assert (found["name"], found["digest"]) == (name, DIGESTS[name])
    assert server.client.get("/v1/model").get_json()["name"] == "english"
    tags = {server.client.get(f"/v1/model?model={name}").headers["ETag"] for name in NAMES}
    assert len(tags) == len(NAMES)


@pytest.mark.parametrize("name", ["French", "", "english,german", "é"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v1/enrich"), ("POST", "/v1/enrich/batch"), ("GET", "/v1/model")],
)
def test_an_unknown_name_gets_the_known_ones(server, method, path, name):
    articles = {"text": TEXT} if path == "/v1/enrich" else {"articles": [{"text": TEXT}]}
    response = server.client.open(
        path,
        method=method,
        query_string={"model": name},
        json=articles if method != "GET" else None,
    )
    assert response.status_code == 422
    problem = response.get_json()
    assert problem["type"] == "/problems/invalid-parameter"
    detail = f"'{name}' is not one of: english, german, third."
    assert problem["errors"] == [{"detail": detail, "parameter": "model"}]


def test_types_are_those_of_the_model_that_is_asked(server):
    assert server.enrich("?types=LOCATION").status_code == 200
    refused = server.enrich("?model=german&types=LOCATION")
    assert refused.status_code == 422
    assert refused.get_json()["detail"] == "types: 'LOCATION' is not one of: PERSON."


def test_a_pin_is_held_to_the_model_that_is_asked(server):
    german = f"?model=german&pin={DIGESTS['german']}"
    assert model_of(server.enrich(german)) == "german"
    refused = server.enrich(f"?pin={DIGESTS['german']}")
    assert refused.status_code == 409
    assert f"english, {DIGESTS['english']}" in refused.get_json()["detail"]
    assert server.enrich(f"?model=german&pin={DIGESTS['english']}").status_code == 409


def test_what_one_model_has_read_is_not_what_another_finds(server):
    statuses = [
        server.enrich(f"?model={name}").headers["Cache-Status"]
        for name in ("english", "german", "english", "german", "third", "german")
    ]
    miss, hit = "memory; fwd=miss; stored", "memory; hit"
    assert statuses == [miss, miss, hit, hit, miss, hit]


def test_the_model_goes_for_all_articles_of_a_batch(server):
    articles = [{"text": f"{TEXT} {i}."} for i in range(5)]
    batch = server.client.post("/v1/enrich/batch?model=german", json={"articles": articles})
    lines = server.client.post(
        "/v1/enrich/batch?model=german",
        data="\n".join(map(json.dumps, articles)),
        content_type="application/x-ndjson",
    )
    results = batch.get_json()["results"] + [json.loads(line) for line in lines.data.splitlines()]
    assert [each["enrichment"]["model"]["name"] for each in results] == ["german"] * 10


def test_a_stream_goes_on_with_a_model_that_is_dropped_meanwhile(server):
    def body():
        yield line
        assert model_of(server.enrich("?model=third")) == "third"
        assert not server.client.get("/v1/models").get_json()["models"][1]["loaded"]
        yield line

    line = json.dumps({"text": TEXT}).encode() + b"\n"
    response = server.client.post(
        "/v1/enrich/batch?model=german",
        environ_overrides={"wsgi.input": _Stream(body())},
        content_type="application/x-ndjson",
    )
    names = [
        json.loads(answer)["enrichment"]["model"]["name"] for answer in response.data.splitlines()
    ]
    assert names == ["german", "german"]
    assert server.loaded == ["english", "german", "third"]


class _Stream:
    """A body that is made while it is read."""

    def __init__(self, pieces) -> None:
        self._pieces = pieces

    def read(self, size: int = -1) -> bytes:
        return next(self._pieces, b"")


def test_a_model_that_cannot_be_loaded_is_a_problem_and_tried_again(server, caplog):
    server.broken.add("german")
    refused = server.enrich("?model=german")
    assert refused.status_code == 503
    assert refused.get_json()["type"] == "/problems/model-unavailable"
    assert (
        refused.get_json()["detail"] == "The model german failed to load; the logs have the reason."
    )
    assert "/srv/secret/german is gone" in caplog.text
    assert model_of(server.enrich()) == "english"
    server.broken.clear()
    assert model_of(server.enrich("?model=german")) == "german"


def test_each_loaded_model_has_a_series_and_one_that_is_dropped_is_0(server):
    def info() -> dict[str, float]:
        samples = Samples(server.client.get("/metrics").text)
        return {name: samples.sum("enrich_model_info", model=name, name=name) for name in NAMES}

    server.enrich("?model=german")
    assert info() | {"third": 0} == {"english": 1, "german": 1, "third": 0}
    server.enrich("?model=third")
    assert info() == {"english": 1, "german": 0, "third": 1}
