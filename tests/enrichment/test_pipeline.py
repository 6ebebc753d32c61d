import numpy as np
from hypothesis import given

from service.enrichment.article import Article
from service.enrichment.pipeline import Enricher
from service.enrichment.timings import StageTimer
from tests.enrichment.texts import texts
from tests.fakes import TAGS, FakeDetector, FakeModel


def enrich(text: str, window: int = 190, **article: str):
    return Enricher(FakeModel(window), FakeDetector()).enrich(Article(text, **article))


def names(enrichment) -> list[str]:
    return [entity.name for entity in enrichment.entities]


def test_a_name_in_the_last_sentence_of_100000_words_is_found():
    text = "It was quiet here all day. " * 16_667 + "There came Zelenskyy."
    enrichment = enrich(text)
    assert len(text.split()) > 100_000
    assert names(enrichment) == ["Zelenskyy"]
    (mention,) = enrichment.entities[0].mentions
    assert text[mention.start : mention.end] == "Zelenskyy"
    assert mention.sentence == enrichment.coverage.sentences - 1
    assert enrichment.coverage.analyzed == enrichment.coverage.characters == len(text)


def test_a_name_in_a_sentence_longer_than_a_window_is_found_wherever_it_stands():
    filler = "and on and on it went "
    for before in range(0, 40, 3):
        text = filler * before + "until John Ronald Tolkien came " + filler * (40 - before)
        assert names(enrich(text, window=64)) == ["John Ronald Tolkien"], before


def test_a_name_does_not_run_on_into_the_next_sentence():
    assert names(enrich("they met Biden.\n\nPutin left.")) == ["Biden", "Putin"]


def test_a_name_across_a_line_break_is_one_mention():
    (entity,) = enrich("here came Joe\nBiden again").entities
    assert entity.name == "Joe Biden"
    assert [m.text for m in entity.mentions] == ["Joe\nBiden"]


def test_mentions_in_the_title_have_its_section_and_count_for_salience():
    enrichment = enrich("Here is Biden. There is Putin.", title="a day of Putin")
    assert names(enrichment)[0] == "Putin"
    putin = enrichment.entities[0]
    assert putin.factors.in_title
    assert [(m.section, m.start, m.end) for m in putin.mentions] == [
        ("title", 9, 14),
        ("text", 24, 29),
    ]
    assert [s.section for s in enrichment.sentences] == ["title", "text", "text"]


def test_salience_sums_to_one_and_orders_the_entities():
    enrichment = enrich("So Biden met Putin. Then Biden left. Paris was quiet.")
    shares = [entity.salience for entity in enrichment.entities]
    assert abs(sum(shares) - 1) < 1e-9
    assert shares == sorted(shares, reverse=True)
    assert names(enrichment)[0] == "Biden"


def test_sentiment_towards_an_entity_is_that_of_its_own_sentences():
    enrichment = enrich("The good man praised Biden. It was dreadful of Putin.")
    by_name = {entity.name: entity.sentiment for entity in enrichment.entities}
    assert by_name["Biden"].label == "POSITIVE"
    assert by_name["Putin"].label == "NEGATIVE"
    assert by_name["Putin"].score < -0.5


def test_an_article_with_strong_sentences_on_both_sides_is_mixed():
    assert enrich("It was good. It was bad.").sentiment.label == "MIXED"
    assert enrich("It was good. It was good. It was there.").sentiment.label == "POSITIVE"
    assert enrich("It was there.").sentiment.label == "NEUTRAL"


def test_a_sentence_read_in_several_windows_has_one_sentiment():
    text = "it was bad " + "and on it went " * 60
    enrichment = enrich(text, window=64)
    assert enrichment.coverage.windows > 3
    (sentence,) = enrichment.sentences
    assert sentence.sentiment.label == "NEUTRAL"


def test_each_window_is_read_once():
    model = FakeModel(window=40)
    Enricher(model, FakeDetector()).enrich(Article("one two three four five. " * 50))
    assert [a for a, _ in model.passes[1:]] == [b for _, b in model.passes[:-1]]


def test_the_stages_are_timed():
    timer = StageTimer()
    Enricher(FakeModel(), FakeDetector()).enrich(Article("hello there"), timer)
    assert list(timer.seconds) == [
        "language", "segment", "tokenize", "quotations", "encode", "decode", "sentiment",
        "entities",
    ]  # fmt: skip


class ForgetfulModel(FakeModel):
    """Misses the name at the beginning of a window."""

    def read(self, tokens, words):
        output = super().read(tokens, words)
        output.names[0] = np.eye(len(TAGS))[0]
        return output


def test_a_name_missed_in_one_place_is_recovered_from_the_others():
    text = "Putin spoke. Then Putin left. It was good of Putin."
    (putin, *_) = Enricher(ForgetfulModel(), FakeDetector()).enrich(Article(text)).entities
    assert [text[m.start : m.end] for m in putin.mentions] == ["Putin"] * 3
    assert [m.start for m in putin.mentions] == [0, 18, 45]
    assert [m.sentence for m in putin.mentions] == [0, 1, 2]
    assert putin.mentions[0].confidence == 0


@given(texts)
def test_sentences_and_mentions_are_consistent_in_any_text(text):
    enrichment = enrich(text, window=32)
    assert enrichment.coverage.analyzed == enrichment.coverage.characters == len(text)
    position = 0
    for sentence in enrichment.sentences:
        assert not text[position : sentence.start].strip()
        assert position <= sentence.start < sentence.end
        position = sentence.end
    assert not text[position:].strip()
    seen = set()
    for entity in enrichment.entities:
        for m in entity.mentions:
            assert text[m.start : m.end] == m.text
            home = enrichment.sentences[m.sentence]
            assert home.start <= m.start < m.end <= home.end
            assert (m.start, m.end) not in seen
            seen.add((m.start, m.end))


@given(texts)
def test_the_same_article_gives_the_same_enrichment(text):
    assert enrich(text) == enrich(text)


def test_mojibake_is_analysed_with_a_warning():
    enrichment = enrich("So it donâ\x80\x99t help Biden, or anyone at all.")
    assert names(enrichment) == ["Biden"]
    (warning,) = enrichment.warnings
    assert warning.code == "mojibake"
    assert "2 C1 control characters" in warning.detail
    assert "code point 10" in warning.detail
    assert enrich("So it don’t help Biden, or anyone.\x85It is over.").warnings == ()
