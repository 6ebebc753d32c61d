"""The pipeline: from an article to its enrichment, step by step."""

from __future__ import annotations

from dataclasses import replace

from service.enrichment.article import Article
from service.enrichment.article_warnings import find_warnings
from service.enrichment.bio import TaggedSpan
from service.enrichment.bounds import Bounds, Check, no_check
from service.enrichment.coverage import measure_coverage
from service.enrichment.entities import build_entities
from service.enrichment.language import choose_language
from service.enrichment.language_detector import LanguageDetector
from service.enrichment.mention_index import MentionIndex
from service.enrichment.model_protocol import Model, PassRunner, run_sequentially
from service.enrichment.pronouns import PronounResolver
from service.enrichment.quotations import find_quotations, quoted_words
from service.enrichment.quote_attribution import attribute_quotes
from service.enrichment.salience import rank_clusters
from service.enrichment.segmentation import segment
from service.enrichment.sentence_summary import build_sentences
from service.enrichment.sentiment import document_sentiment, split_voices
from service.enrichment.timings import StageTimer
from service.enrichment.types import Enrichment, Value
from service.enrichment.values.finder import find_values
from service.enrichment.watchlists.index import ListMatch, ListSelection
from service.enrichment.watchlists.mentions import add_listed, spans_of
from service.enrichment.window_reading import read_windows
from service.enrichment.windows import cut_windows


class Enricher:
    """Enriches articles with one model. Several threads may use it at once.

    Args:
        model: reads the articles.
        detector: detects their languages.
        bounds: what one article may hold.
    """

    def __init__(
        self, model: Model, detector: LanguageDetector, bounds: Bounds | None = None
    ) -> None:
        self._model = model
        self._detector = detector
        self._bounds = bounds or Bounds()

    def enrich(
        self,
        article: Article,
        timer: StageTimer | None = None,
        passes: PassRunner = run_sequentially,
        check: Check = no_check,
        lists: ListSelection | None = None,
    ) -> Enrichment:
        """Analyse the whole of an article.

        Args:
            article: of any length.
            timer: records the time that each stage takes.
            passes: runs the model's passes. Its exceptions propagate.
            check: called between the steps and inside of long ones. Its exceptions propagate.
            lists: names to find besides those that the model finds.

        Raises:
            BoundExceeded: the article has too many sentences, words or mentions.
            UnsupportedLanguage: the model does not support the article's language.
        """
        timer = timer or StageTimer()
        model, rules = self._model, self._model.mention_rules
        with timer("language"):
            language, language_warnings = choose_language(self._detector, article, model.languages)
        with timer("segment"):
            check()
            segmentation = segment(article, self._bounds, check)
            source, words = segmentation.source, segmentation.words
        with timer("tokenize"):
            check()
            tokens = model.tokenize(source, words, check)
            windows = cut_windows(
                source, words, tokens.bounds, segmentation.sentences, model.window, check
            )
        with timer("quotations"):
            check()
            quoted = quoted_words(find_quotations(source), words)
        spans, matches = list[TaggedSpan](), list[ListMatch]()
        if lists:
            with timer("lists"):
                check()
                found = lists.find(source, self._bounds, check)
                spans, matches = spans_of(found, segmentation)
        reading = read_windows(
            model, tokens, windows, segmentation, quoted, timer, passes, check, spans
        )
        with timer("entities"):
            check()
            self._bounds.check_mentions(len(reading.names) + len(reading.listed))
            mentions = rules.recover(reading.names, reading.untagged, source, check)
            clustered = rules.cluster(mentions, source, check)
            check()
            listed = add_listed(clustered, reading.listed, matches)
            clusters = rank_clusters(listed.clusters, segmentation)
            check()
            index = MentionIndex(segmentation, quoted, listed.outer(clusters))
            pronouns = PronounResolver(index)
            quotes = attribute_quotes(index, pronouns)
            check()
            entities = build_entities(clusters, quotes, reading.pronouns, pronouns, segmentation)
            if lists:
                entities = listed.link(entities, clusters)
            check()
            probabilities = reading.sentence_probabilities
            lengths = segmentation.sentence_lengths
            sentences = build_sentences(segmentation, probabilities, quotes, entities)
            check()
            return Enrichment(
                language=language,
                sentiment=document_sentiment(
                    probabilities, lengths, bool(segmentation.title_end), model.document_head
                ),
                voices=split_voices(sentences, probabilities, lengths, model.document_head),
                entities=entities,
                sentences=sentences,
                coverage=measure_coverage(article, segmentation, tokens, windows),
                model=replace(model.identity, lists=lists.lists) if lists else model.identity,
                warnings=(*language_warnings, *find_warnings(article)),
            )

    def find_values(self, article: Article, check: Check = no_check) -> tuple[Value, ...]:
        """Find the dates and the amounts of money in an English article, without the model.

        Args:
            article: of any length.
            check: called now and then. Its exceptions propagate.

        Raises:
            BoundExceeded: the article has too many values.
        """
        return find_values(article, self._bounds, check)
