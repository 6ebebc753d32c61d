"""Entities: clusters of mentions, with the sentiment towards them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.enrichment.candidates import Candidate
from service.enrichment.coreference.display import display_name
from service.enrichment.pronouns import PronounResolver
from service.enrichment.salience import Cluster
from service.enrichment.segmentation import Segmentation
from service.enrichment.sentence_quotes import SentenceQuote
from service.enrichment.sentiment import overall_sentiment, sentiment_of
from service.enrichment.types import Entity, Mention

Probabilities = NDArray[np.floating]


def build_entities(
    clusters: Sequence[Cluster],
    quotes: Sequence[SentenceQuote],
    pronouns: Sequence[Candidate],
    resolver: PronounResolver,
    segmentation: Segmentation,
) -> tuple[Entity, ...]:
    """Build the entities of an article.

    The sentiment towards an entity is the mean over its mentions and over the pronouns that refer
    to it. In a sentence that quotes the entity itself, only the words in the voice of the mention
    count: what a speaker says is not an opinion about the speaker.

    Args:
        clusters: the mentions of each entity.
        quotes: of each sentence; speakers are indices into ``clusters``.
        pronouns: the pronouns that stand in the place of a subject.
        resolver: of the article's pronouns.
        segmentation: of the article.

    Returns:
        An entity for each cluster, in the same order.
    """
    pronoun_sentiment: dict[int, list[Probabilities]] = defaultdict(list)
    for pronoun in pronouns:
        referent = resolver.resolve(pronoun.words[0])
        if referent is not None:
            pronoun_sentiment[referent].append(pronoun.own_voice_sentiment)
    return tuple(
        _build_entity(
            cluster,
            [_sentiment_towards(i, mention, quotes) for mention in cluster.mentions],
            pronoun_sentiment[i],
            segmentation,
        )
        for i, cluster in enumerate(clusters)
    )


def _sentiment_towards(
    entity: int, mention: Candidate, quotes: Sequence[SentenceQuote]
) -> Probabilities:
    speaks = quotes[mention.sentence].speaker == entity
    return mention.own_voice_sentiment if speaks else mention.sentiment


def _build_entity(
    cluster: Cluster,
    sentiments: Sequence[Probabilities],
    pronoun_sentiments: Sequence[Probabilities],
    segmentation: Segmentation,
) -> Entity:
    places = [*sentiments, *pronoun_sentiments]
    of_mentions = list(map(sentiment_of, sentiments))
    overall = of_mentions[0]
    if len(places) > 1:
        overall = overall_sentiment(np.asarray(places, np.float64))
    return Entity(
        name=display_name(cluster.mentions, segmentation.source),
        type=cluster.type,
        salience=cluster.salience,
        sentiment=overall,
        factors=cluster.factors,
        mentions=tuple(
            Mention(
                *segmentation.locate(mention.start, mention.end),
                segmentation.original(mention.start, mention.end),
                mention.sentence,
                mention.confidence,
                sentiment,
            )
            for mention, sentiment in zip(cluster.mentions, of_mentions, strict=True)
        ),
    )
