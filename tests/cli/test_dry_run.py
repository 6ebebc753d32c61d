from service.cli.dry_run import Pace, TokenCounter
from service.enrichment.pipeline import Enricher
from service.enrichment.types import Article
from tests.fakes import FakeDetector, FakeModel

TEXT = 'He said: "Ann praised North Korea." She left. ' * 200


def test_what_is_counted_is_what_would_be_read_and_nothing_is_read():
    model = FakeModel()
    counted = Enricher(TokenCounter(model), FakeDetector()).enrich(Article(TEXT, "A title"))
    assert model.passes == []
    real = Enricher(model, FakeDetector()).enrich(Article(TEXT, "A title"))
    assert counted.coverage == real.coverage
    assert len(model.passes) > 1


def test_the_time_is_that_of_the_articles_and_of_what_is_in_them():
    assert Pace(0.5, 0.25).seconds(4, 8) == 4.0
