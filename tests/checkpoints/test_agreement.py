"""Names are those that the pipeline of transformers finds, and beyond where it stops."""

import json
import random
from functools import cache

import pytest
import transformers

from service.enrichment.article import Article
from service.enrichment.enricher import Enricher
from service.inference.models import ModelSpec, load_model
from tests.bundle import BUNDLE, ROOT
from tests.checkpoints.conftest import NER, SENTIMENT
from tests.checkpoints.making import opinions, sentences
from tests.fakes import FakeDetector

SCORE = 1e-3
"""Most by which scores in fp32 may differ."""

TYPES = {"PER": "PERSON", "ORG": "ORGANIZATION", "LOC": "LOCATION"}
BBC = ROOT.parent / "shared" / "data" / "articles" / "bbc.jsonl"
PIPELINE = [name for name in NER if name != "bioes"]
"""Those whose labels the pipeline understands."""

transformers.logging.set_verbosity_error()


def articles(count, seed=11):
    """Articles of templates: names between opinions, in paragraphs."""
    chance = random.Random(seed)
    said = [text for text, _, _ in opinions(400, seed)]
    told = ["".join(_joined(row)) for row in sentences(400, seed)]
    return ["\n\n".join(" ".join(chance.sample(told + said, 3)) for _ in range(3))
            for _ in range(count)]  # fmt: skip


def _joined(row):
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
    """The pipeline's names; DeBERTa's tokens begin with the space before them, a name does not."""
    found = []
    for each in pipeline(folder)(text):
        stretch = text[each["start"] : each["end"]]
        start = each["start"] + len(stretch) - len(stretch.lstrip())
        end = each["end"] - len(stretch) + len(stretch.rstrip())
        if start < end:
            kind = TYPES.get(each["entity_group"], each["entity_group"])
            found.append((start, end, kind, float(each["score"])))
    return sorted(found)


def enricher(**spec):
    loaded = load_model(ModelSpec(bundle=BUNDLE, languages=("en",), **spec), ROOT / "none")
    return Enricher(loaded.model, FakeDetector())


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
def test_names_are_those_of_the_pipeline(checkpoint, name):
    folder = checkpoint(f"ner-{name}")
    ours = enricher(ner=str(folder))
    found = 0
    for text in articles(20):
        theirs = expected(folder, text)
        found += len(theirs)
        assert_same(mentions(ours.enrich(Article(text))), theirs)
    assert found > 100


@pytest.mark.parametrize("name", PIPELINE)
def test_names_in_news_are_those_of_the_pipeline(checkpoint, name):
    if not BBC.exists():
        pytest.skip("the BBC articles are not beside the project, in ../shared/data")
    folder = checkpoint(f"ner-{name}")
    ours = enricher(ner=str(folder))
    tokenizer = pipeline(folder).tokenizer
    with BBC.open(encoding="utf-8") as file:
        texts = [json.loads(next(file))["text"] for _ in range(200)]
    for text in texts:
        offsets = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        ends = [end for _, end in offsets["offset_mapping"]]
        cut = text[: ends[399]].rstrip() if len(ends) > 400 else text
        assert_same(mentions(ours.enrich(Article(cut))), expected(folder, cut))


@pytest.mark.parametrize("name", PIPELINE)
def test_names_are_found_where_the_pipeline_has_stopped(checkpoint, name):
    folder = checkpoint(f"ner-{name}")
    text = "\n\n".join(articles(30))
    found = enricher(ner=str(folder)).enrich(Article(text))
    assert found.coverage.analyzed == len(text)
    assert found.coverage.windows > 3
    tokenizer = pipeline(folder).tokenizer
    tokenizer.model_max_length = 512
    reached = max(end for _, end, *_ in expected(folder, text))
    last = text.rindex("Anna Keller") if "Anna Keller" in text else len(text) // 2
    beyond = [m for m in mentions(found) if m[0] > reached]
    assert reached < len(text) / 3
    assert len(beyond) > 100
    assert max(end for _, end, *_ in beyond) > last


def test_bioes_labels_make_whole_names(checkpoint):
    """The pipeline does not know E and S, and would give the last word of a name by itself."""
    ours = enricher(ner=str(checkpoint("ner-bioes")))
    wanted = found = right = 0
    for row in sentences(60, 17):
        text = _joined(row)
        gold, at = [], 0
        for word, tag in row:
            at = text.index(word, at)
            if tag[0] == "B":
                gold.append([at, at + len(word), tag[2:]])
            elif tag[0] == "I":
                gold[-1][1] = at + len(word)
            at += len(word)
        spans = [m[:3] for m in mentions(ours.enrich(Article(text)))]
        wanted += len(gold)
        found += len(spans)
        right += sum((a, b, TYPES[kind]) in spans for a, b, kind in gold)
    assert right > 0.9 * wanted
    assert right > 0.9 * found


@pytest.mark.parametrize("name", [n for n in SENTIMENT if n != "pairs"])
def test_sentences_have_the_probabilities_of_the_pipeline(checkpoint, name):
    folder = checkpoint(f"sentiment-{name}")
    labels = {"three": {"LABEL_0": "negative", "LABEL_1": "neutral", "LABEL_2": "positive"}}
    model = enricher(sentiment=str(folder), sentiment_labels=labels.get(name))
    classify = transformers.pipeline(
        "text-classification", model=str(folder), top_k=None, device="cpu"
    )
    meaning = {"1 star": 0, "2 stars": 0, "3 stars": 1, "4 stars": 2, "5 stars": 2,
               "LABEL_0": 0, "LABEL_1": 1, "LABEL_2": 2, "negative": 0, "neutral": 1,
               "positive": 2, "neg": 0, "neu": 1, "pos": 2}  # fmt: skip
    text = "\n\n".join(text for text, _, _ in opinions(40, 23))
    for sentence in model.enrich(Article(text)).sentences:
        sums = [0.0, 0.0, 0.0]
        for each in classify([text[sentence.start : sentence.end]])[0]:
            label = each["label"]
            sums[meaning.get(label, meaning.get(label.lower()))] += each["score"]
        own = sentence.sentiment
        assert [own.negative, own.neutral, own.positive] == pytest.approx(sums, abs=SCORE)


def test_a_long_sentence_is_read_to_its_end(checkpoint):
    folder = checkpoint("sentiment-bert")
    model = enricher(sentiment=str(folder))
    filler = "the plan of Ann and the plan of Joe and " * 120
    good = model.enrich(Article(filler + "it was a splendid excellent superb wonderful day"))
    bad = model.enrich(Article(filler + "it was a dreadful awful terrible horrible day"))
    assert good.sentences[0].sentiment.score > bad.sentences[0].sentiment.score
    assert len(good.sentences) == 1


@pytest.mark.parametrize(
    ("name", "capability", "least"), [("pairs", "pairs", 0.9), ("bert", "sentences", 0.75)]
)
def test_sentiment_goes_to_the_name_that_it_is_about(checkpoint, name, capability, least):
    """From pairs, or from the clause that a name stands in, of which a sentence may have two."""
    model = enricher(
        ner=str(checkpoint("ner-bert")),
        sentiment=str(checkpoint(f"sentiment-{name}")),
        sentiment_input="pair" if name == "pairs" else "sentence",
    )
    right = asked = 0
    for text, person, polarity in opinions(150, 29):
        if "season" not in text:
            continue
        found = model.enrich(Article(text))
        assert found.model.capabilities.target_sentiment == capability
        for entity in found.entities:
            if entity.name == person and polarity != "neutral":
                asked += 1
                score = entity.sentiment.score
                right += score > 0 if polarity == "positive" else score < 0
    assert asked > 20
    assert right > least * asked


def test_the_bundle_tells_the_sentiment_that_no_checkpoint_was_named_for(checkpoint):
    model = enricher(ner=str(checkpoint("ner-bert")))
    text = "\n\n".join(articles(10))
    found = model.enrich(Article(text))
    assert found.model.capabilities.target_sentiment == "trained"
    embedded = enricher().enrich(Article(text))
    ours = [sentence.sentiment.score for sentence in found.sentences]
    theirs = [sentence.sentiment.score for sentence in embedded.sentences]
    same = sum(abs(a - b) < 0.2 for a, b in zip(ours, theirs, strict=True))
    assert same > 0.9 * len(theirs)


def test_the_bundle_finds_the_names_that_no_checkpoint_was_named_for(checkpoint):
    model = enricher(sentiment=str(checkpoint("sentiment-electra")))
    text = articles(1)[0]
    ours, theirs = model.enrich(Article(text)), enricher().enrich(Article(text))
    assert mentions(ours) == mentions(theirs)
    assert ours.model.name == "enrich-en-small + sentiment-electra"
