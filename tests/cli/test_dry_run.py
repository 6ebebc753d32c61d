from service.cli import dry_run
from service.cli.dry_run import Pace, TokenCounter, counting_app
from service.cli.engines import embedded_app
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


def test_a_dry_run_caches_nothing(monkeypatch):
    apps = []

    def new_app(*arguments, **named):
        apps.append(embedded_app(*arguments, **named))
        return apps[-1]

    monkeypatch.setattr(dry_run, "embedded_app", new_app)
    assert dry_run.measure_pace(None).token > 0
    for app in (*apps, counting_app(None)):
        response = app.test_client().post("/v1/enrich", data=TEXT, content_type="text/plain")
        assert response.status_code == 200
        assert "Cache-Status" not in response.headers


def test_the_estimated_time_grows_with_articles_and_tokens():
    assert Pace(0.5, 0.25).seconds(4, 8) == 4.0
