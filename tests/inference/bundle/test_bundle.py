import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime
import pytest
from hypothesis import HealthCheck, given, settings

from service.enrichment.pipeline import Enricher
from service.enrichment.types import Article
from service.inference.backends.onnx import create_session
from service.inference.bundle.bundle import ENCODER, load_bundle
from service.inference.bundle.manifest import load_manifest
from service.inference.model_info import ModelError
from tests.bundle import BUNDLE, SEED
from tests.enrichment.texts import texts
from tests.fakes import FakeDetector


@pytest.fixture(scope="module")
def enricher():
    return Enricher(load_bundle(BUNDLE), FakeDetector())


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(BUNDLE, tmp_path / "bundle")


def test_the_bundle_reads_without_torch():
    manifest = load_manifest(BUNDLE)
    assert manifest.about.entity_types == ("PERSON", "ORGANIZATION", "LOCATION", "MISC")
    assert manifest.languages == ("en",)
    assert manifest.digest.startswith("sha256:")


def test_a_changed_file_is_noticed(copy):
    with (copy / "encoder.onnx").open("r+b") as file:
        file.seek(1000)
        file.write(b"\0\1\2\3")
    with pytest.raises(ModelError, match=r"encoder\.onnx is not the file"):
        load_bundle(copy)


def test_a_missing_file_is_noticed(copy):
    (copy / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"tokenizer\.json: No such file"):
        load_bundle(copy)


def test_a_folder_without_a_manifest_is_no_bundle(tmp_path):
    with pytest.raises(ModelError, match="no model bundle in"):
        load_bundle(tmp_path)


def test_a_manifest_with_unknown_members_is_refused(copy):
    path = copy / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"surprise": 1}))
    with pytest.raises(ModelError, match="surprise"):
        load_bundle(copy)


def test_a_file_that_is_no_model_is_refused_in_one_line(copy):
    path = copy / "manifest.json"
    manifest = json.loads(path.read_text())
    (copy / "encoder.onnx").write_bytes(b"not a model")
    manifest["files"]["encoder.onnx"] = hashlib.sha256(b"not a model").hexdigest()
    path.write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="cannot be loaded") as refusal:
        load_bundle(copy)
    assert "\n" not in str(refusal.value)


def test_probabilities_sum_to_one(enricher):
    enrichment = enricher.enrich(Article(SEED.read_text()))
    for sentiment in (
        enrichment.sentiment,
        *(s.sentiment for s in enrichment.sentences),
        *(e.sentiment for e in enrichment.entities),
    ):
        total = sentiment.negative + sentiment.neutral + sentiment.positive
        assert total == pytest.approx(1, abs=1e-5)


def test_an_article_does_not_change_what_is_said_of_the_next(enricher):
    seed = Article(SEED.read_text())
    before = enricher.enrich(seed)
    enricher.enrich(Article("Something else entirely. " * 50))
    assert enricher.enrich(seed) == before


def test_threads_that_share_a_bundle_get_what_one_alone_gets(enricher):
    articles = [Article(text) for text in SEED.read_text().split("\n") if text]
    alone = [enricher.enrich(article) for article in articles]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(enricher.enrich, articles * 4))
    assert together == alone * 4


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts)
def test_any_text_is_read_and_gives_finite_numbers(enricher, text):
    enrichment = enricher.enrich(Article(text))
    assert enrichment.coverage.analyzed == len(text)
    assert np.isfinite([s.sentiment.score for s in enrichment.sentences]).all()
    for entity in enrichment.entities:
        for m in entity.mentions:
            assert text[m.start : m.end] == m.text


def test_products_of_int8_are_exact_on_this_processor():
    """As they are where weights are made unsigned, which is slower where the processor has VNNI."""
    exact = onnxruntime.SessionOptions()
    exact.add_session_config_entry("session.x64quantprecision", "1")
    ids = np.arange(1000, 1150, dtype=np.int32)[None]
    feeds = {"ids": ids, "cases": np.zeros_like(ids)}
    ours = create_session(BUNDLE / ENCODER).run(None, feeds)
    theirs = onnxruntime.InferenceSession(BUNDLE / ENCODER, exact).run(None, feeds)
    for one, other in zip(ours, theirs, strict=True):
        assert np.array_equal(one, other)
