"""A checkpoint that finds names, beside the bundle, which tells the sentiment."""

import numpy as np

from service.enrichment.pipeline import Enricher
from service.enrichment.segmentation import segment
from service.enrichment.types import Article
from service.inference.bundle.bundle import Bundle, load_bundle
from service.inference.checkpoint.combined import CombinedModel
from service.inference.checkpoint.sentiment import SentimentCheckpoint
from tests.bundle import BUNDLE
from tests.fakes import FakeDetector


class Names:
    """Finds none, in windows of 500 words."""

    window = 500

    def tokenize(self, text, words):
        self.bounds = np.arange(len(words) + 1)
        return self

    def find_names(self, tokens, words):
        return []


def test_the_windows_of_the_bundle_end_with_sentences(monkeypatch):
    """Those of a checkpoint are longer, and are not cut at the commas in them."""
    said = [f"Rain fell on {i} towns, and in Oslo, where Ann lives, it froze." for i in range(80)]
    article = Article("\n\n".join(said), title="What the weather was like")
    bundle = load_bundle(BUNDLE)
    read = []
    original = Bundle.read
    monkeypatch.setattr(Bundle, "read", lambda *a: read.append(a[2]) or original(*a))
    found = Enricher(CombinedModel(bundle.info, Names(), bundle), FakeDetector()).enrich(article)
    assert found.coverage.windows == 3
    sentences = segment(article).sentences
    assert len(read) > 5
    assert {begin for begin, _ in read} <= {begin for begin, _ in sentences}
    assert [end for _, end in read[:-1]] == [begin for begin, _ in read[1:]]
    assert read[-1][1] == sentences[-1][1]


class Polarities(SentimentCheckpoint):
    """Negative about stretches with "froze", positive about others."""

    def __init__(self):
        self.asked = []

    def classify_stretches(self, words, stretches):
        self.asked += stretches
        return np.asarray([np.eye(3)[0 if "froze" in words[s] else 2] for s in stretches])

    def classify_targets(self, words, targets, known):
        return np.asarray([known[stretch] for _, stretch in targets]).reshape(-1, 3)


def test_a_classifier_reads_sentences_in_passes_of_at_most_a_window_of_tokens():
    text = " ".join(f"So it rained {i} times. Then it froze." for i in range(200))
    bundle = load_bundle(BUNDLE)
    classifier, model_passes = Polarities(), []

    def passes(run, items, tokens):
        model_passes.append((items, tokens))
        return map(run, items)

    model = CombinedModel(bundle.info, Names(), classifier)
    found = Enricher(model, FakeDetector()).enrich(Article(text), None, passes)
    sentences = segment(Article(text)).sentences
    assert classifier.asked == list(sentences)
    (windows, sizes), *questions = model_passes
    assert len(windows) == found.coverage.windows > 1
    assert all(size <= Names.window for _, tokens in questions for size in tokens)
    assert sum(sum(tokens) for _, tokens in questions) == sum(sizes)
    assert [s.sentiment.label for s in found.sentences] == ["POSITIVE", "NEGATIVE"] * 200
