import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime
import pytest
from hypothesis import HealthCheck, given, settings

from service.enrichment.article import Article
from service.enrichment.document_tone import FIGURES, LABELS
from service.enrichment.pipeline import Enricher
from service.inference.backends.onnx import create_session
from service.inference.bundle.bundle import ENCODER, load_bundle
from service.inference.bundle.manifest import load_manifest
from service.inference.errors import ModelError
from tests.bundle import BUNDLE, SEED
from tests.enrichment.texts import texts
from tests.fakes import FakeDetector


@pytest.fixture(scope="module")
def enricher():
    return Enricher(load_bundle(BUNDLE), FakeDetector())


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(BUNDLE, tmp_path / "bundle")


def test_the_manifest_describes_the_bundle():
    manifest = load_manifest(BUNDLE)
    types = ("PERSON", "ORGANIZATION", "LOCATION", "NORP", "MISC")
    assert manifest.model_info.entity_types == types
    assert manifest.languages == ("en",)
    digest = hashlib.sha256((BUNDLE / "manifest.json").read_bytes()).hexdigest()
    assert manifest.model_info.digest == manifest.digest == f"sha256:{digest}"


def test_a_changed_file_is_rejected(copy):
    with (copy / "encoder.onnx").open("r+b") as file:
        file.seek(1000)
        file.write(b"\0\1\2\3")
    with pytest.raises(
        ModelError, match=r"encoder\.onnx has changed: its sha256 .* in manifest\.json"
    ):
        load_bundle(copy)


def test_a_missing_file_is_rejected(copy):
    (copy / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"tokenizer\.json: No such file"):
        load_bundle(copy)


def test_a_folder_without_a_manifest_is_not_a_bundle(tmp_path):
    with pytest.raises(ModelError, match="no model bundle in"):
        load_bundle(tmp_path)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"surprise": 1}, "Object contains unknown field `surprise`"),
        ({"digest": "sha256:0"}, "Object contains unknown field `digest`"),
        ({"window": "100"}, "Expected `int`, got `str` - at `$.window`"),
        (
            {"document_tone": {"figures": [], "labels": [], "bias": [], "weights": []}},
            "figures must be mean, title, lead, negative, positive, lesser, strong_negative, "
            "strong_positive, and labels NEGATIVE, NEUTRAL, POSITIVE, MIXED - at `$.document_tone`",
        ),
        ({"training_data": [{}]}, "Object missing required field `name` - at `$.training_data[0]`"),
    ],
)
def test_the_error_for_an_invalid_manifest_names_the_file_and_the_defect(copy, change, reason):
    path = copy / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ModelError) as caught:
        load_bundle(copy)
    assert str(caught.value) == f"{path} is invalid: {reason}"


def test_a_manifest_without_a_required_field_is_rejected(copy):
    path = copy / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["tags"]
    path.write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="is invalid: Object missing required field `tags`"):
        load_bundle(copy)


@pytest.mark.parametrize("content", [b"", b"{", b'{"name": "\xff"}'])
def test_a_manifest_that_is_not_json_is_rejected(copy, content):
    (copy / "manifest.json").write_bytes(content)
    with pytest.raises(ModelError, match=r"manifest\.json is not JSON: "):
        load_bundle(copy)


def test_a_file_that_is_not_a_model_is_rejected_in_one_line(copy):
    path = copy / "manifest.json"
    manifest = json.loads(path.read_text())
    (copy / "encoder.onnx").write_bytes(b"not a model")
    manifest["files"]["encoder.onnx"] = hashlib.sha256(b"not a model").hexdigest()
    path.write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        load_bundle(copy)
    assert "\n" not in str(caught.value)


def test_probabilities_sum_to_one(enricher):
    enrichment = enricher.enrich(Article(SEED.read_text()))
    for sentiment in (
        enrichment.sentiment,
        *(s.sentiment for s in enrichment.sentences),
        *(e.sentiment for e in enrichment.entities),
    ):
        total = sentiment.negative + sentiment.neutral + sentiment.positive
        assert total == pytest.approx(1, abs=1e-5)


def test_an_article_does_not_affect_the_next(enricher):
    seed = Article(SEED.read_text())
    before = enricher.enrich(seed)
    enricher.enrich(Article("Something else entirely. " * 50))
    assert enricher.enrich(seed) == before


def test_results_do_not_depend_on_the_number_of_threads(enricher):
    articles = [Article(text) for text in SEED.read_text().split("\n") if text]
    sequential = [enricher.enrich(article) for article in articles]
    with ThreadPoolExecutor(8) as threads:
        concurrent = list(threads.map(enricher.enrich, articles * 4))
    assert concurrent == sequential * 4


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts)
def test_any_text_is_analyzed_whole_with_finite_scores(enricher, text):
    enrichment = enricher.enrich(Article(text))
    assert enrichment.coverage.analyzed == len(text)
    assert np.isfinite([s.sentiment.score for s in enrichment.sentences]).all()
    for entity in enrichment.entities:
        for m in entity.mentions:
            assert text[m.start : m.end] == m.text
    for sentiment in sentiments(enrichment):
        probabilities = {
            "NEGATIVE": sentiment.negative,
            "NEUTRAL": sentiment.neutral,
            "POSITIVE": sentiment.positive,
        }
        assert sum(probabilities.values()) == pytest.approx(1)
        if sentiment.label == "MIXED":
            assert sentiment.neutral == min(probabilities.values())
        else:
            assert probabilities[sentiment.label] == max(probabilities.values())


def sentiments(enrichment):
    """Those of sentences, mentions, entities, voices and the document."""
    yield enrichment.sentiment
    voices = [*enrichment.voices.quoted, enrichment.voices.article]
    yield from (voice.sentiment for voice in voices if voice)
    for place in (*enrichment.sentences, *enrichment.entities):
        yield place.sentiment
    yield from (m.sentiment for entity in enrichment.entities for m in entity.mentions)


def test_int8_products_are_exact_on_this_processor():
    """ONNX Runtime's exact mode, slower on processors with VNNI, gives the same output."""
    exact = onnxruntime.SessionOptions()
    exact.add_session_config_entry("session.x64quantprecision", "1")
    ids = np.arange(1000, 1150, dtype=np.int32)[None]
    feeds = {"ids": ids, "cases": np.zeros_like(ids)}
    actual = create_session(BUNDLE / ENCODER).run(None, feeds)
    expected = onnxruntime.InferenceSession(BUNDLE / ENCODER, exact).run(None, feeds)
    for actual_array, expected_array in zip(actual, expected, strict=True):
        assert np.array_equal(actual_array, expected_array)


def test_the_manifest_gives_whole_articles_their_sentiment(copy):
    path = copy / "manifest.json"
    tone = {
        "figures": list(FIGURES),
        "labels": list(LABELS),
        "bias": [0, 0, 0, 9],
        "weights": [[0] * len(LABELS)] * len(FIGURES),
    }
    path.write_text(json.dumps(json.loads(path.read_text()) | {"document_tone": tone}))
    article = Article(SEED.read_text(encoding="utf-8"))
    enrichment = Enricher(load_bundle(copy), FakeDetector()).enrich(article)
    assert enrichment.sentiment.label == "MIXED"
    assert enrichment.sentiment.score == 0


def test_weights_of_another_shape_are_rejected(copy):
    path = copy / "manifest.json"
    tone = {"figures": list(FIGURES), "labels": list(LABELS), "bias": [0] * 4, "weights": [[0] * 4]}
    path.write_text(json.dumps(json.loads(path.read_text()) | {"document_tone": tone}))
    with pytest.raises(ModelError, match="weights must have 8 rows; these and bias, 4 numbers"):
        load_bundle(copy)
