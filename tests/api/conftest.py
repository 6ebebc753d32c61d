import logging
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.app import create_app, create_stores, warm_up
from service.config.settings import Settings
from service.enrichment.pipeline import Enricher
from service.enrichment.watchlists.index import WatchlistIndex
from service.execution.cache import EnrichmentCache
from service.execution.model_registry import ModelRegistry, ServedModel
from service.inference.model_info import ModelInfo, TrainingSet
from tests.fakes import TAGS, FakeDetector, FakeModel

MODEL_INFO = ModelInfo(
    name=FakeModel.identity.name,
    version=FakeModel.identity.version,
    digest=FakeModel.identity.digest,
    description="Takes capitalised words for names",
    licence="Apache-2.0",
    base="nothing",
    quantization="none",
    languages=FakeModel.languages,
    capabilities=FakeModel.identity.capabilities,
    entity_types=tuple(dict.fromkeys(tag[2:] for tag in TAGS[1:])),
    window=190,
    training_data=(TrainingSet("none", "none", "none"),),
    files={"encoder.onnx": "0" * 64},
)


def app_around(
    settings: Settings,
    enricher: Enricher | None = None,
    names: tuple[str, ...] = ("default",),
    watchlists: WatchlistIndex | None = None,
) -> Flask:
    """An application whose models of these names are all one: ``enricher``, or the fake model."""
    enricher = enricher or Enricher(FakeModel(), FakeDetector())
    cache = EnrichmentCache(create_stores(settings), MODEL_INFO.digest)
    model = ServedModel(MODEL_INFO, enricher, cache)
    sizes = dict.fromkeys(names, 1)
    models = ModelRegistry(lambda _: model, sizes, names[0], len(names), 8)
    return create_app(settings, models, watchlists=watchlists)


@pytest.fixture
def settings() -> Settings:
    return replace(Settings(), max_body_bytes=100_000)


@pytest.fixture
def app(settings: Settings, caplog: pytest.LogCaptureFixture) -> Flask:
    """A warm application with the fake model."""
    caplog.set_level(logging.INFO)
    app = app_around(settings)
    warm_up(app)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def access_log(caplog: pytest.LogCaptureFixture):
    """A function that returns the log records of all requests so far."""
    return lambda: [record for record in caplog.records if record.name == "service.access"]
