from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.enrichment.document_tone import FIGURES, LABELS, DocumentHead
from service.enrichment.sentiment import (
    BORDER,
    document_sentiment,
    overall_sentiment,
    sentiment_of,
    split_voices,
)
from service.enrichment.types import Sentence

_shares = st.tuples(*[st.floats(0, 1)] * 3).filter(lambda row: sum(row) > 1e-3)
rows = st.lists(_shares, min_size=2, max_size=8).map(
    lambda all_: np.asarray([np.asarray(row) / sum(row) for row in all_])
)
heads = st.lists(
    st.floats(-9, 9), min_size=(len(FIGURES) + 1) * len(LABELS), max_size=(len(FIGURES) + 1) * 4
).map(lambda n: DocumentHead(np.asarray(n[:4]), np.asarray(n[4:]).reshape(-1, 4)))


def shown(sentiment):
    """Score and probabilities as they are served."""
    four = [
        round(each, 4)
        for each in (sentiment.score, sentiment.negative, sentiment.neutral, sentiment.positive)
    ]
    return four[0], four[1:]


def assert_in_agreement(sentiment):
    """Label, score and probabilities do not contradict each other."""
    score, (negative, neutral, positive) = shown(sentiment)
    assert min(negative, neutral, positive) >= 0
    assert negative + neutral + positive == pytest.approx(1, abs=2e-4)
    assert score == pytest.approx(positive - negative, abs=2e-4)
    match sentiment.label:
        case "POSITIVE":
            assert positive > max(negative, neutral)
            assert score >= round(BORDER, 4)
        case "NEGATIVE":
            assert negative > max(positive, neutral)
            assert score <= -round(BORDER, 4)
        case "NEUTRAL":
            assert neutral > max(negative, positive)
            assert abs(score) <= round(BORDER, 4)
        case "MIXED":
            assert neutral < min(negative, positive)
            assert abs(score) <= round(BORDER, 4)


@given(rows)
def test_the_sentiment_of_several_places_agrees_with_itself(probabilities):
    sentiment = overall_sentiment(probabilities)
    assert_in_agreement(sentiment)
    assert sentiment.label != "MIXED"
    mean = probabilities.mean(axis=0)
    assert sentiment.score == pytest.approx(mean[2] - mean[0])


@given(rows, st.none() | heads, st.booleans())
def test_the_sentiment_of_a_document_agrees_with_itself(probabilities, head, titled):
    lengths = np.arange(1.0, len(probabilities) + 1)
    assert_in_agreement(document_sentiment(probabilities, lengths, titled, head))


@given(_shares.map(lambda row: np.asarray(row) / sum(row)))
def test_the_label_of_a_single_place_is_its_likeliest_polarity(row):
    sentiment = sentiment_of(row)
    likeliest = ("NEGATIVE", "NEUTRAL", "POSITIVE")[row.argmax()]
    assert sentiment.label == likeliest or sorted(row)[-1] == sorted(row)[-2]
    assert overall_sentiment(row[None]) == sentiment
    assert document_sentiment(row[None], np.ones(1)) == sentiment


@pytest.mark.parametrize(
    ("places", "label"),
    [
        ([[0.0, 0.6, 0.4], [0.08, 0.56, 0.36]], "POSITIVE"),  # a score of +0.34, mostly neutral
        ([[0.9, 0.0, 0.1], [0.1, 0.0, 0.9]], "NEUTRAL"),  # neutral nowhere
        ([[0.7, 0.2, 0.1], [0.5, 0.3, 0.2]], "NEGATIVE"),
    ],
)
def test_the_score_of_several_places_decides(places, label):
    assert overall_sentiment(np.asarray(places)).label == label


def test_neutral_sentences_do_not_hide_the_side_of_a_document():
    sentences = np.asarray([[0.8, 0.2, 0.0], [0.05, 0.9, 0.05], [0.05, 0.9, 0.05]])
    sentiment = document_sentiment(sentences, np.ones(3))
    assert sentiment.label == "NEGATIVE"
    mean = -0.8 / 3
    assert sentiment.score == pytest.approx(2 * mean / (1 + mean**2))


def test_a_head_decides_between_neutral_and_mixed():
    weights = np.zeros((len(FIGURES), len(LABELS)))
    weights[FIGURES.index("lesser"), 3] = 40
    head = DocumentHead(np.asarray([0.0, 3.0, 0.0, -3.0]), weights)
    calm = np.asarray([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    torn = np.asarray([[0.9, 0.1, 0.0], [0.0, 0.1, 0.9]])
    assert document_sentiment(calm, np.ones(2), head=head).label == "NEUTRAL"
    assert document_sentiment(torn, np.ones(2), head=head).label == "MIXED"


def test_the_head_of_a_model_gives_voices_their_sentiment():
    head = DocumentHead(np.asarray([9.0, 0, 0, 0]), np.zeros((len(FIGURES), len(LABELS))))
    calm = np.asarray([[0.0, 1.0, 0.0]] * 4)
    own = Sentence("text", 0, 1, sentiment_of(calm[0]))
    quote = replace(own, quoted=True, speaker="Ann")
    voices = split_voices([own, own, quote, quote], calm, np.ones(4), head)
    assert voices.article.sentiment.label == "NEGATIVE"
    assert voices.quoted[0].sentiment.label == "NEGATIVE"
