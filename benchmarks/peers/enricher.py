"""What every peer that serves the same file does with an article: our model and our steps."""

from __future__ import annotations

from collections.abc import Callable

from service.config.settings import read_settings
from service.enrichment.language import TrainedDetector
from service.enrichment.pipeline import Enricher
from service.enrichment.types import Article, Enrichment
from service.inference.bundle.bundle import load_bundle


def new_enrich() -> Callable[[str], Enrichment]:
    """A function of a text that answers as the service does; loads the model, and runs it once."""
    enricher = Enricher(load_bundle(read_settings().model_folder), TrainedDetector())
    enricher.enrich(Article("Ann Smith of Acme praised Bob Jones in London."))
    return lambda text: enricher.enrich(Article(text))
