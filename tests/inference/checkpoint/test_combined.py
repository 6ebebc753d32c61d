"""A checkpoint that finds names, beside the bundle, which tells the sentiment."""

import numpy as np

from service.enrichment.pipeline import Enricher
from service.enrichment.segmentation import segment
from service.enrichment.types import Article
from service.inference.bundle.bundle import Bundle, load_bundle
from service.inference.checkpoint.combined import CombinedModel
from tests.bundle import BUNDLE
from tests.fakes import FakeDetector


class Names:
    """Finds none, in windows of 500 words."""

    window = 500

    def tokenize(self, text, words):
        self.bounds = np.arange(len(words) + 1)
        return self

    def names(self, tokens, words):
        return []


def test_the_windows_of_the_bundle_end_with_sentences(monkeypatch):
    """Those of a checkpoint are longer, and are not cut at the commas in them."""
    said = [f"Rain fell on {i} towns, and in Oslo, where Ann lives, it froze." for i in range(80)]
    article = Article("\n\n".join(said), title="What the weather was like")
    bundle = load_bundle(BUNDLE)
    read = []
    original = Bundle.read
    monkeypatch.setattr(Bundle, "read", lambda *a: read.append(a[2]) or original(*a))
    found = Enricher(CombinedModel(bundle.about, Names(), bundle), FakeDetector()).enrich(article)
    assert found.coverage.windows == 3
    sentences = segment(article).sentences
    assert len(read) > 5
    assert {begin for begin, _ in read} <= {begin for begin, _ in sentences}
    assert [end for _, end in read[:-1]] == [begin for begin, _ in read[1:]]
    assert read[-1][1] == sentences[-1][1]
