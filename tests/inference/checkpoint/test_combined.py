"""Combined models of a bundle and a checkpoint."""

import numpy as np

from service.enrichment.article import Article
from service.enrichment.pipeline import Enricher
from service.enrichment.segmentation import segment
from service.inference.bundle.bundle import Bundle, load_bundle
from service.inference.checkpoint.combined import CombinedModel
from service.inference.checkpoint.sentiment import SentimentCheckpoint
from tests.bundle import BUNDLE
from tests.fakes import FakeDetector


class NamelessCheckpoint:
    """Finds no names. One token a word, 500 tokens a window."""

    window = 500

    def tokenize(self, text, words, check=None):
        self.bounds = np.arange(len(words) + 1)
        return self

    def find_names(self, tokens, words):
        return []


def test_the_windows_of_the_bundle_end_at_the_ends_of_sentences(monkeypatch):
    """The sentences have commas, at which longer windows of a checkpoint could be cut, too."""
    paragraphs = [
        f"Rain fell on {i} towns, and in Oslo, where Ann lives, it froze." for i in range(80)
    ]
    article = Article("\n\n".join(paragraphs), title="What the weather was like")
    bundle = load_bundle(BUNDLE)
    windows = []
    read = Bundle.read
    monkeypatch.setattr(Bundle, "read", lambda *a: windows.append(a[2]) or read(*a))
    model = CombinedModel(bundle.info, NamelessCheckpoint(), bundle)
    enrichment = Enricher(model, FakeDetector()).enrich(article)
    assert enrichment.coverage.windows == 3
    sentences = segment(article).sentences
    assert len(windows) > 5
    assert {first for first, _ in windows} <= {first for first, _ in sentences}
    assert [last for _, last in windows[:-1]] == [first for first, _ in windows[1:]]
    assert windows[-1][1] == sentences[-1][1]


class FrostSentiment(SentimentCheckpoint):
    """Classifies stretches with "froze" as negative and all others as positive."""

    def __init__(self):
        self.stretches = []

    def classify_stretches(self, words, stretches):
        self.stretches += stretches
        return np.asarray([np.eye(3)[0 if "froze" in words[s] else 2] for s in stretches])

    def classify_targets(self, words, targets, known):
        return np.asarray([known[stretch] for _, stretch in targets]).reshape(-1, 3)


def test_sentiment_passes_have_at_most_as_many_tokens_as_a_window():
    text = " ".join(f"So it rained {i} times. Then it froze." for i in range(200))
    bundle = load_bundle(BUNDLE)
    sentiment, calls = FrostSentiment(), []

    def passes(run, items, tokens):
        calls.append((items, tokens))
        return map(run, items)

    model = CombinedModel(bundle.info, NamelessCheckpoint(), sentiment)
    enrichment = Enricher(model, FakeDetector()).enrich(Article(text), None, passes)
    sentences = segment(Article(text)).sentences
    assert sentiment.stretches == list(sentences)
    (windows, sizes), *sentiment_calls = calls
    assert len(windows) == enrichment.coverage.windows > 1
    assert all(
        size <= NamelessCheckpoint.window for _, tokens in sentiment_calls for size in tokens
    )
    assert sum(sum(tokens) for _, tokens in sentiment_calls) == sum(sizes)
    assert [s.sentiment.label for s in enrichment.sentences] == ["POSITIVE", "NEGATIVE"] * 200
