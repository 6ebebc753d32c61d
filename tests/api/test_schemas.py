import json
import math
import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from service.api.json_writer import write_json
from service.api.schemas.base import ResponseSchema, SentimentSchema
from service.api.schemas.entities import FactorsSchema
from service.api.schemas.request import ANALYSABLE
from service.api.schemas.response import EnrichmentSchema
from service.enrichment.article import Article, fault_in
from service.enrichment.pipeline import Enricher
from service.enrichment.types import Factors, Link, Money, Sentiment, Value
from tests.enrichment.texts import texts as article_texts
from tests.fakes import FakeDetector, FakeModel

SENTIMENT = Sentiment("NEUTRAL", 0.1, 0.8, 0.1)

texts = st.text(st.characters(exclude_categories=["Cs"])) | st.text(
    "\x00\t\n\x0b\x0c\r\x1c\x1f \x7f\x84\x85\x86\x9f\xa0\u2028\u3000a"
)


@given(texts)
def test_the_pattern_in_the_contract_is_what_is_checked(text):
    assert bool(re.search(ANALYSABLE, text)) == (fault_in(text) is None)


@given(st.floats(0, 1), st.floats(0, 1))
def test_rounding_never_leaves_the_range(low, high):
    negative, positive = sorted((low, high))
    dumped = SentimentSchema().dump(Sentiment("POSITIVE", negative, 0.0, positive))
    assert SentimentSchema().validate(dumped) == {}
    assert all(0 <= p <= 1 for p in dumped["probabilities"].values())
    assert abs(dumped["score"] - (positive - negative)) <= 0.00005 + 1e-12


def test_there_is_no_negative_zero():
    dumped = SentimentSchema().dump(Sentiment("NEUTRAL", 0.00001, 1.0, 0.0))
    assert math.copysign(1, dumped["score"]) == 1


def test_what_rounding_puts_right_is_let_pass_and_no_more():
    just = replace(SENTIMENT, neutral=1.00000012)  # as float32 may sum
    assert SentimentSchema().dump(just)["probabilities"]["neutral"] == 1.0
    with pytest.raises(ValidationError):
        SentimentSchema().dump(replace(SENTIMENT, neutral=1.001))


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": "ANGRY"},
        {"label": None},
        {"negative": float("nan")},
        {"positive": float("inf")},
        {"negative": -0.001},
    ],
)
def test_a_promise_that_is_broken_is_noticed_on_the_way_out(wrong):
    with pytest.raises(ValidationError):
        SentimentSchema().dump(replace(SENTIMENT, **wrong))


def test_a_member_that_is_missing_is_noticed_on_the_way_out():
    with pytest.raises(ValidationError, match="missing"):
        EnrichmentSchema().dump({"id": None})


def test_whole_numbers_stay_what_they_are():
    assert FactorsSchema().dump(Factors(3, 1, 0.03333, True, False)) == {
        "mentions": 3,
        "leading": 1,
        "first": 0.0333,
        "in_title": True,
        "in_lead": False,
    }


def marshmallow_dump(schema: Schema, obj: object) -> object:
    """What marshmallow itself makes of ``obj``, without compiled functions for nested schemas."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ResponseSchema, "dump", Schema.dump)
        return schema.dump(obj)


VALUES = (
    Value("MONEY", "text", 0, 1, "a", Money(0.5, None)),
    Value("DATE", "text", 0, 1, "a", "2026-11"),
    Value("DATE", "text", 0, 1, "a", None),
)
PLACE = Link("geonames", "1", "https://x.example/1", "X", 0.51234, latitude=-0.0001)


@settings(max_examples=40, deadline=None)
@given(article_texts, st.none() | article_texts, st.booleans())
def test_answers_are_what_the_schemas_dump_and_are_valid(text, title, extras):
    article = Article(text, title, published=date(2026, 11, 3) if extras else None)
    enrichment = Enricher(FakeModel(), FakeDetector()).enrich(article)
    if extras:
        linked = tuple(replace(entity, links=(PLACE,)) for entity in enrichment.entities)
        enrichment = replace(enrichment, entities=linked, values=VALUES)
    schema = EnrichmentSchema()
    answer = {**vars(enrichment), "id": None, "article": article}
    dumped = schema.dump(answer)
    assert dumped == marshmallow_dump(schema, answer)
    assert list(_names(dumped)) == list(_names(marshmallow_dump(schema, answer)))
    assert schema.validate(dumped) == {}
    expected = json.dumps(dumped, ensure_ascii=False, separators=(",", ":"))
    assert write_json(dumped) == expected.encode()


def _names(document):
    """The names in a document, in order."""
    if isinstance(document, dict):
        yield from document
    if isinstance(document, dict | list):
        for value in document.values() if isinstance(document, dict) else document:
            yield from _names(value)


def test_half_of_a_surrogate_pair_is_written_as_a_question_mark():
    assert write_json({"detail": "\ud800"}) == b'{"detail":"?"}'
