import msgspec
import pytest

from service.enrichment.article import Article
from service.enrichment.pipeline import Enricher
from service.enrichment.types import Enrichment, EntityType, Polarity, Sentiment
from tests.fakes import FakeDetector, FakeModel


@pytest.mark.parametrize("codec", [msgspec.json, msgspec.msgpack])
def test_an_enrichment_survives_serialization(codec):
    enrichment = Enricher(FakeModel(), FakeDetector()).enrich(
        Article("So Biden met Putin of Acme. Then Biden left. It was good.")
    )
    decoded = codec.decode(codec.encode(enrichment), type=Enrichment)
    assert decoded == enrichment
    assert codec.encode(decoded) == codec.encode(enrichment)


@pytest.mark.parametrize("member", [*EntityType, *Polarity])
def test_constants_are_the_strings_of_the_api(member):
    assert member == member.name == str(member)
    assert msgspec.json.encode(member) == f'"{member.name}"'.encode()


def test_a_sentiment_scores_positive_minus_negative():
    assert Sentiment(Polarity.NEGATIVE, 0.7, 0.2, 0.1).score == pytest.approx(-0.6)
