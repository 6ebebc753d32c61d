import logging
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.api.context import warm_up
from service.app import create_app, new_stores
from service.config.settings import Settings
from service.enrichment.pipeline import Enricher
from service.execution.cache import CachedEnricher
from service.execution.model_registry import ModelRegistry, ServedModel
from service.inference.model_info import ModelInfo, TrainingSet
from tests.fakes import TAGS, FakeDetector, FakeModel

ABOUT = ModelInfo(
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
    settings: Settings, enricher: Enricher | None = None, names: tuple[str, ...] = ("default",)
) -> Flask:
    """The application with models of these names, all of them the fake one if there is no other."""
    enricher = enricher or Enricher(FakeModel(), FakeDetector())
    served = ServedModel(CachedEnricher(enricher, new_stores(settings), ABOUT.digest), ABOUT)
    sizes = dict.fromkeys(names, 1)
    return create_app(settings, ModelRegistry(lambda _: served, sizes, names[0], len(names), 8))


@pytest.fixture
def settings() -> Settings:
    return replace(Settings(), max_body_bytes=100_000)


@pytest.fixture
def app(settings: Settings, caplog: pytest.LogCaptureFixture) -> Flask:
    """The application with the fake model, warm."""
    caplog.set_level(logging.INFO)
    app = app_around(settings)
    warm_up(app)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def access_log(caplog: pytest.LogCaptureFixture):
    """The log lines of requests so far."""
    return lambda: [record for record in caplog.records if record.name == "service.access"]
