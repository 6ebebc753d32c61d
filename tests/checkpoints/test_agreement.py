"""Agreement with the pipelines of transformers, whose input is limited to one window."""

import json
import random
from functools import cache

import numpy as np
import pytest
import transformers

from service.enrichment.article import Article
from tests.bundle import ROOT
from tests.checkpoints.conftest import NER, SENTIMENT
from tests.checkpoints.tiny_checkpoints import opinions, sentences

SCORE = 1e-3
"""Largest difference between scores in fp32."""

TYPES = {"PER": "PERSON", "ORG": "ORGANIZATION", "LOC": "LOCATION"}
BBC = ROOT.parent / "shared" / "data" / "articles" / "bbc.jsonl"
PIPELINE = [name for name in NER if name != "bioes"]
"""The pipeline does not support BIOES labels."""

transformers.logging.set_verbosity_error()


def articles(count, seed=11):
    """Articles of three paragraphs, from the templates for names and for opinions."""
    chance = random.Random(seed)
    pool = [_join(row) for row in sentences(400, seed)]
    pool += [text for text, _, _ in opinions(400, seed)]
    return ["\n\n".join(" ".join(chance.sample(pool, 3)) for _ in range(3))
            for _ in range(count)]  # fmt: skip


def _join(row):
    text = ""
    for word, _ in row:
        text += (" " if text and word.isalnum() else "") + word
    return text


@cache
def pipeline(folder):
    return transformers.pipeline(
        "token-classification", model=str(folder), aggregation_strategy="simple", device="cpu"
    )


def expected(folder, text):
    """The names that the pipeline finds, without the leading space of DeBERTa's tokens."""
    names = []
    for each in pipeline(folder)(text):
        stretch = text[each["start"] : each["end"]]
        start = each["start"] + len(stretch) - len(stretch.lstrip())
        end = each["end"] - len(stretch) + len(stretch.rstrip())
        if start < end:
            kind = TYPES.get(each["entity_group"], each["entity_group"])
            names.append((start, end, kind, float(each["score"])))
    return sorted(names)


def mentions(enrichment):
    return sorted(
        (mention.start, mention.end, entity.type, mention.confidence)
        for entity in enrichment.entities
        for mention in entity.mentions
    )


def assert_same(ours, theirs):
    assert [each[:3] for each in ours] == [each[:3] for each in theirs]
    assert [each[3] for each in ours] == pytest.approx([each[3] for each in theirs], abs=SCORE)


@pytest.mark.parametrize("name", PIPELINE)
def test_names_in_template_articles_equal_those_of_the_pipeline(checkpoints, name):
    folder, ours = checkpoints.source(f"ner-{name}"), checkpoints.enricher(ner=name)
    total = 0
    for text in articles(20):
        theirs = expected(folder, text)
        total += len(theirs)
        assert_same(mentions(ours.enrich(Article(text))), theirs)
    assert total > 100


@pytest.mark.parametrize("name", PIPELINE)
def test_names_in_news_equal_those_of_the_pipeline(checkpoints, name):
    if not BBC.exists():
        pytest.skip("there are no BBC articles in ../shared/data")
    folder, ours = checkpoints.source(f"ner-{name}"), checkpoints.enricher(ner=name)
    tokenizer = pipeline(folder).tokenizer
    with BBC.open(encoding="utf-8") as file:
        texts = [json.loads(next(file))["text"] for _ in range(200)]
    for text in texts:
        offsets = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        ends = [end for _, end in offsets["offset_mapping"]]
        cut = text[: ends[399]].rstrip() if len(ends) > 400 else text
        assert_same(mentions(ours.enrich(Article(cut))), expected(folder, cut))


@pytest.mark.parametrize("name", PIPELINE)
def test_names_are_found_beyond_the_window_of_the_pipeline(checkpoints, name):
    folder, ours = checkpoints.source(f"ner-{name}"), checkpoints.enricher(ner=name)
    text = "\n\n".join(articles(30))
    enrichment = ours.enrich(Article(text))
    assert enrichment.coverage.analyzed == len(text)
    assert enrichment.coverage.windows > 3
    tokenizer = pipeline(folder).tokenizer
    tokenizer.model_max_length = 512
    reached = max(end for _, end, *_ in expected(folder, text))
    last = text.rindex("Anna Keller") if "Anna Keller" in text else len(text) // 2
    beyond = [m for m in mentions(enrichment) if m[0] > reached]
    assert reached < len(text) / 3
    assert len(beyond) > 100
    assert max(end for _, end, *_ in beyond) > last


def test_bioes_labels_give_whole_names(checkpoints):
    """The pipeline ignores the prefixes E and S, and would split the last word off a name."""
    ours = checkpoints.enricher(ner="bioes")
    gold_names = found_names = correct = 0
    for row in sentences(60, 17):
        text = _join(row)
        gold, at = [], 0
        for word, tag in row:
            at = text.index(word, at)
            if tag[0] == "B":
                gold.append([at, at + len(word), tag[2:]])
            elif tag[0] == "I":
                gold[-1][1] = at + len(word)
            at += len(word)
        spans = [m[:3] for m in mentions(ours.enrich(Article(text)))]
        gold_names += len(gold)
        found_names += len(spans)
        correct += sum((a, b, TYPES[kind]) in spans for a, b, kind in gold)
    assert correct > 0.9 * gold_names
    assert correct > 0.9 * found_names


POLARITY = {
    **{"neg": 0, "negative": 0, "label_0": 0, "1 star": 0, "2 stars": 0},
    **{"neu": 1, "neutral": 1, "label_1": 1, "3 stars": 1},
    **{"pos": 2, "positive": 2, "label_2": 2, "4 stars": 2, "5 stars": 2},
}


@pytest.mark.parametrize("name", SENTIMENT)
def test_the_sentiment_of_sentences_equals_that_of_the_pipeline(checkpoints, name):
    folder, ours = checkpoints.source(f"sentiment-{name}"), checkpoints.enricher(sentiment=name)
    classify = transformers.pipeline(
        "text-classification", model=str(folder), top_k=None, device="cpu"
    )
    text = "\n\n".join(text for text, _, _ in opinions(40, 23))
    for sentence in ours.enrich(Article(text)).sentences:
        sums = [0.0, 0.0, 0.0]
        for each in classify([text[sentence.start : sentence.end]])[0]:
            sums[POLARITY[each["label"].lower()]] += each["score"]
        own = sentence.sentiment
        assert [own.negative, own.neutral, own.positive] == pytest.approx(sums, abs=SCORE)


def test_the_sentiment_of_pairs_equals_that_of_the_pipeline(checkpoints):
    folder = checkpoints.source("sentiment-deberta-v2")
    ours = checkpoints.enricher("bert", "deberta-v2")
    classify = transformers.pipeline(
        "text-classification", model=str(folder), top_k=None, device="cpu"
    )
    compared = 0
    for text, _, _ in opinions(30, 31):
        enrichment = ours.enrich(Article(text))
        assert enrichment.model.capabilities.target_sentiment == "pairs"
        for entity in enrichment.entities:
            (mention, *more) = entity.mentions
            words = text[mention.start : mention.end]
            beside = text[: mention.start][-1:] + text[mention.end :][:1]
            if not more and not any(map(str.isalnum, beside)):  # no part of a word
                theirs = {
                    each["label"].lower(): each["score"]
                    for each in classify([{"text": text, "text_pair": words}])[0]
                }
                own = mention.sentiment
                assert own.negative == pytest.approx(theirs["negative"], abs=SCORE)
                assert own.positive == pytest.approx(theirs["positive"], abs=SCORE)
                compared += 1
    assert compared > 20


@pytest.mark.parametrize(("name", "least"), [("deberta-v2", 0.75), ("bert", 0.75)])
def test_each_name_in_a_contrast_has_its_own_sentiment(checkpoints, name, least):
    """By pairs of sentence and name, or by the clause around the name."""
    ours = checkpoints.enricher("bert", name)
    correct = scored = 0
    for text, person, polarity in opinions(150, 29):
        if "season" in text and polarity != "neutral":
            for entity in ours.enrich(Article(text)).entities:
                if entity.name == person:
                    scored += 1
                    score = entity.sentiment.score
                    correct += score > 0 if polarity == "positive" else score < 0
    assert scored > 20
    assert correct > least * scored


def test_the_sentiment_of_a_long_sentence_covers_its_end(checkpoints):
    ours = checkpoints.enricher(sentiment="bert")
    filler = "the plan of Ann and the plan of Joe and " * 120
    good = ours.enrich(Article(filler + "it was a splendid excellent superb wonderful day"))
    bad = ours.enrich(Article(filler + "it was a dreadful awful terrible horrible day"))
    assert good.sentences[0].sentiment.score > bad.sentences[0].sentiment.score
    assert len(good.sentences) == 1


def test_the_bundle_classifies_sentiment_where_there_is_only_an_ner_checkpoint(checkpoints):
    text = "\n\n".join(articles(10))
    enrichment = checkpoints.enricher(ner="bert").enrich(Article(text))
    assert enrichment.model.capabilities.target_sentiment == "trained"
    assert enrichment.model.name == "team/ner-bert + enrich-en-small"
    ours = [sentence.sentiment.score for sentence in enrichment.sentences]
    embedded = checkpoints.enricher().enrich(Article(text)).sentences
    theirs = [sentence.sentiment.score for sentence in embedded]
    # The bundle's windows begin elsewhere, so the scores differ slightly.
    assert np.corrcoef(ours, theirs)[0, 1] > 0.9


def test_the_bundle_finds_names_where_there_is_only_a_sentiment_checkpoint(checkpoints):
    text = articles(1)[0]
    ours = checkpoints.enricher(sentiment="electra").enrich(Article(text))
    assert mentions(ours) == mentions(checkpoints.enricher().enrich(Article(text)))
    assert ours.model.name == "enrich-en-small + team/sentiment-electra"


def test_a_name_ends_with_the_title(checkpoints):
    """The checkpoint reads title and text as one."""
    ours = checkpoints.enricher(ner="plain")
    enrichment = ours.enrich(Article("Keller met reporters in Lima.", title="Talks with Anna"))
    mentions_by_section = [
        (m.section, m.text) for entity in enrichment.entities for m in entity.mentions
    ]
    assert all("\n" not in text for _, text in mentions_by_section)
    assert ("text", "Lima") in mentions_by_section
