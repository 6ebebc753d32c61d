from service.cli.dry_run import Pace, TokenCounter
from service.enrichment.article import Article
from service.enrichment.pipeline import Enricher
from tests.fakes import FakeDetector, FakeModel

TEXT = 'He said: "Ann praised North Korea." She left. ' * 200


def test_the_token_counter_covers_what_the_model_would_and_does_not_run_it():
    model = FakeModel()
    counted = Enricher(TokenCounter(model), FakeDetector()).enrich(Article(TEXT, "A title"))
    assert model.passes == []
    real = Enricher(model, FakeDetector()).enrich(Article(TEXT, "A title"))
    assert counted.coverage == real.coverage
    assert len(model.passes) > 1


def test_the_estimated_time_grows_with_articles_and_tokens():
    assert Pace(0.5, 0.25).seconds(4, 8) == 4.0
