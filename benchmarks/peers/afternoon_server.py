"""A minimal implementation, written in an afternoon: Flask and two transformers pipelines on torch.

One pipeline recognizes names in the whole text, with a stride so that long texts are not truncated;
the other classifies the sentiment of each sentence. The models are either as large as the encoder
of the service, in float32, or of common sizes: BERT base for names and DistilBERT for sentiment.
Their weights are random, which takes the same time. A bias makes nearly every token "O", as in real
text, because aggregating many random names would take extra time.
"""

from __future__ import annotations

import re
from typing import Any

import torch
from flask import Flask, request
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertForSequenceClassification,
    BertForTokenClassification,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    pipeline,
)

from benchmarks.peers import ROOT

_BUNDLE = ROOT / "models/enrich-en-small"
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_TAGS = ["O", *(f"{b}-{name}" for name in ("PER", "ORG", "LOC", "MISC") for b in "BI")]
_LABELS = ["NEGATIVE", "NEUTRAL", "POSITIVE"]
_SAME = {
    "hidden_size": 384,
    "num_hidden_layers": 6,
    "num_attention_heads": 12,
    "intermediate_size": 1536,
}


def _labels(names: list[str]) -> dict[str, Any]:
    return {"num_labels": len(names), "id2label": dict(enumerate(names))}


def create_app(sizes: str) -> Flask:
    """Create the application of a worker, with models of the "same" or "usual" sizes."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    inputs = ["input_ids", "attention_mask"]  # the only inputs of DistilBERT
    tokenizer = AutoTokenizer.from_pretrained(
        _BUNDLE, model_max_length=512, model_input_names=inputs
    )
    size: dict[str, Any] = {"vocab_size": len(tokenizer), **(_SAME if sizes == "same" else {})}
    tagger = BertForTokenClassification(BertConfig(**size, **_labels(_TAGS)))
    with torch.no_grad():
        tagger.classifier.bias[0] = 10.0
    if sizes == "same":
        classifier = BertForSequenceClassification(BertConfig(**size, **_labels(_LABELS)))
    else:
        classifier = DistilBertForSequenceClassification(
            DistilBertConfig(**size, **_labels(_LABELS))
        )
    recognize_names = pipeline(
        "token-classification",
        tagger.eval(),
        tokenizer=tokenizer,
        aggregation_strategy="simple",
        stride=64,
    )
    classify_sentiment = pipeline(
        "text-classification",
        classifier.eval(),
        tokenizer=tokenizer,
        truncation=True,
    )
    app = Flask(__name__)

    @app.post("/")
    def enrich() -> dict[str, object]:
        text = request.get_data(as_text=True)
        sentences = [part for part in _SENTENCE_END.split(text) if part.strip()]
        return {
            "entities": [
                {"type": name["entity_group"], "start": name["start"], "end": name["end"]}
                for name in recognize_names(text)
            ],
            "sentences": [classify_sentiment(sentence)[0] for sentence in sentences],
        }

    return app
