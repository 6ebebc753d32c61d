"""A client generated from ``openapi.yaml`` works with the service."""

import importlib
import subprocess
import sys

import pytest

from tests.bundle import ROOT, SEED


@pytest.fixture(scope="module")
def client_package(tmp_path_factory):
    """Generate the package ``enrichment_client``; returns a function that imports its modules."""
    folder = tmp_path_factory.mktemp("generated")
    arguments = ["--path", str(ROOT / "openapi.yaml"), "--meta", "none"]
    output = ["--output-path", str(folder / "enrichment_client")]
    subprocess.run(
        [sys.executable, "-m", "openapi_python_client", "generate", *arguments, *output],
        check=True,
        cwd=folder,
    )
    sys.path.insert(0, str(folder))
    yield lambda name: importlib.import_module(f"enrichment_client{name}")
    sys.path.remove(str(folder))


@pytest.fixture
def client(client_package, server):
    return client_package("").Client(base_url=server.url, timeout=60)


def test_the_generated_client_enriches_an_article(client_package, client):
    models = client_package(".models")
    text = SEED.read_text(encoding="utf-8")
    enrichment = client_package(".api.enrichment.enrich").sync(
        client=client, body=models.Article(text=text, id="seed")
    )
    assert isinstance(enrichment, models.Enrichment)
    assert enrichment.id == "seed"
    assert "Joe Biden" in {entity.name for entity in enrichment.entities}
    for entity in enrichment.entities:
        for mention in entity.mentions:
            assert text[mention.start : mention.end] == mention.text
    assert enrichment.coverage.analyzed == enrichment.coverage.characters == len(text)


def test_the_generated_client_sends_options(client_package, client):
    models = client_package(".models")
    enrichment = client_package(".api.enrichment.enrich").sync(
        client=client,
        body=models.Article(text="Joe Biden met Emmanuel Macron in Paris.", title="A visit"),
        features=[models.EnrichFeaturesItem.ENTITIES, models.EnrichFeaturesItem.SENTIMENT],
        types=["LOCATION", "PERSON"],
        offsets=models.EnrichOffsets.UTF16,
        include_text=True,
    )
    assert {entity.type_ for entity in enrichment.entities} <= {"LOCATION", "PERSON"}
    assert enrichment.article.title == "A visit"
    assert not enrichment.sentences


def test_the_generated_client_parses_a_problem(client_package, client):
    models = client_package(".models")
    problem = client_package(".api.enrichment.enrich").sync(
        client=client, body=models.Article(text=" ")
    )
    assert isinstance(problem, models.Problem)
    assert problem.type_ == "/problems/invalid-article"
    assert [error.pointer for error in problem.errors] == ["/text"]


def test_the_generated_client_reads_health_and_model(client_package, client):
    assert client_package(".api.health.get_readiness").sync(client=client).status == "ready"
    model = client_package(".api.model.get_model").sync(client=client)
    assert model.digest.startswith("sha256:")
