"""The model and pipeline of this service, for peers that run them behind another server."""

from __future__ import annotations

from collections.abc import Callable

from service.config.settings import read_settings
from service.enrichment.article import Article
from service.enrichment.language_detector import TrainedDetector
from service.enrichment.pipeline import Enricher
from service.enrichment.types import Enrichment
from service.inference.bundle.bundle import load_bundle


def new_enrich() -> Callable[[str], Enrichment]:
    """Load the model, warm it up, and return a function that enriches a text."""
    enricher = Enricher(load_bundle(read_settings().model_folder), TrainedDetector())
    enricher.enrich(Article("Ann Smith of Acme praised Bob Jones in London."))
    return lambda text: enricher.enrich(Article(text))
