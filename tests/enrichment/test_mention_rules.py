import numpy as np
import pytest

from service.enrichment.article import Article
from service.enrichment.bio import TaggedSpan
from service.enrichment.candidates import Candidate, Role
from service.enrichment.mention_rules import SpanRules, TagRules
from service.enrichment.segmentation import segment
from tests.fakes import TAGS, FakeModel


def detected(rules, names, segmentation):
    return [
        (" ".join(segmentation.word_texts(d.span[:2])), d.span.type, d.role)
        for d in rules.detect(names, segmentation.sentences, segmentation)
    ]


def test_tag_rules_detect_names_untagged_runs_and_leading_pronouns_in_order():
    segmentation = segment(Article("They met Acme there. So he saw Golden Bear and Biden."))
    model = FakeModel()
    tokens = model.tokenize(segmentation.source, segmentation.words)
    probabilities = model.read(tokens, (0, len(segmentation.words))).names
    for word in ("Golden", "Bear"):
        row = segmentation.word_texts((0, len(segmentation.words))).index(word)
        probabilities[row] = np.eye(len(TAGS))[0]
    assert detected(TagRules(TAGS), probabilities, segmentation) == [
        ("Acme", "ORGANIZATION", Role.NAME),
        ("They", "", Role.UNTAGGED),
        ("Biden", "PERSON", Role.NAME),
        ("So", "", Role.UNTAGGED),
        ("Golden Bear", "", Role.UNTAGGED),
        ("he", "", Role.PRONOUN),
    ]


def test_span_rules_keep_names_and_split_those_across_title_and_text():
    article = Article("Lima. So she saw mr biden.", title="Ann in")
    segmentation = segment(article)
    names = [TaggedSpan(1, 3, "CITY", 0.9, (4, 12)), TaggedSpan(7, 9, "who", 0.8)]
    assert detected(SpanRules(), names, segmentation) == [
        ("in", "CITY", Role.NAME),
        ("Lima", "CITY", Role.NAME),
        ("mr biden", "who", Role.NAME),
        ("she", "", Role.PRONOUN),
    ]


def candidate(start: int, text: str, type_: str) -> Candidate:
    neutral = np.asarray([0, 1, 0], np.float32)
    return Candidate(
        start, start + len(text), text, type_, (start, start + 1), 0, 1, neutral, neutral
    )


@pytest.mark.parametrize(("rules", "sizes"), [(TagRules(TAGS), [2]), (SpanRules(), [1, 1])])
def test_only_tag_rules_overrule_types(rules, sizes):
    mentions = [candidate(0, "Fiat", "ORGANIZATION"), candidate(5, "Fiat", "MISC")]
    assert [len(cluster) for cluster in rules.cluster(mentions, "Fiat Fiat")] == sizes


def test_tag_rules_recover_untagged_names_in_their_places():
    names = [candidate(10, "Acme", "ORGANIZATION"), candidate(20, "Acme", "ORGANIZATION")]
    untagged = [candidate(0, "Acme", ""), candidate(15, "Bob", "")]
    recovered = TagRules(TAGS).recover(names, untagged, "Acme      Acme Bob  Acme")
    assert [(mention.start, mention.type) for mention in recovered] == [
        (0, "ORGANIZATION"),
        (10, "ORGANIZATION"),
        (20, "ORGANIZATION"),
    ]
