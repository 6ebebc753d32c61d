import pytest

from service.enrichment.article import Article
from service.enrichment.pipeline import Enricher
from service.enrichment.salience import salience
from service.enrichment.types import EntityType, Factors
from tests.fakes import FakeDetector, FakeModel

ONCE = Factors(mentions=1, leading=0, first=0.0, in_title=False, in_lead=False)


def shares(*entities: tuple[str, Factors]) -> list[float]:
    return salience([factors for _, factors in entities], [type_ for type_, _ in entities])


def test_equal_entities_share_equally():
    assert shares(("PERSON", ONCE), ("ORG", ONCE)) == pytest.approx([1 / 2, 1 / 2])
    assert shares() == []


def test_nationalities_and_events_weigh_less_than_persons_places_and_unknown_types():
    person, place, other = shares(
        (EntityType.PERSON, ONCE), (EntityType.LOCATION, ONCE), (EntityType.MISC, ONCE)
    )
    assert place == person
    assert other == pytest.approx(0.8 * person)


@pytest.mark.parametrize(
    ("factors", "times"),
    [
        (Factors(mentions=3, leading=0, first=0.0, in_title=False, in_lead=False), 3),
        (Factors(mentions=1, leading=1, first=0.0, in_title=False, in_lead=False), 1.5),
        (Factors(mentions=1, leading=0, first=0.0, in_title=True, in_lead=False), 2.5),
        (Factors(mentions=1, leading=0, first=0.0, in_title=False, in_lead=True), 1.5),
        (Factors(mentions=1, leading=0, first=1.0, in_title=False, in_lead=False), 0.4),
        (Factors(mentions=1, leading=0, first=0.25, in_title=False, in_lead=False), 0.7),
    ],
)
def test_each_factor_changes_the_weight(factors, times):
    plain, changed = shares(("PERSON", ONCE), ("PERSON", factors))
    assert changed == pytest.approx(times * plain)


def test_entities_of_credits_alone_have_no_salience_beside_others_and_equal_shares_without_any():
    no_subject = Factors(mentions=0, leading=0, first=0.0, in_title=False, in_lead=False)
    assert shares(("PERSON", no_subject), ("PERSON", ONCE)) == [0, 1]
    assert shares(("PERSON", no_subject), ("PERSON", no_subject)) == [1 / 2, 1 / 2]


def enrich(text, title=None):
    return Enricher(FakeModel(), FakeDetector()).enrich(Article(text, title, language="en"))


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("By Maria Fontana and Lee Park\n\nROME (Reuters) — it rained on Meloni.", "Meloni"),
        ("BY ANN LEE, Political Editor\n\nthey met Meloni there.", "Meloni"),
        ("PARIS, Nov 3 (AP) - it rained on Meloni.", "Meloni"),
        ("it rained on Meloni.\n\n(Reporting by Ann Lee; Editing by Bo Ray in London)", "Meloni"),
        ("it rained on Meloni.\n\nPhoto: Ann Lee/Getty Images", "Meloni"),
        ("it rained on Meloni. Story by Ann Lee.", "Meloni"),
        ("it rained on Meloni (Reuters).", "Meloni"),
        ("it rained on Meloni - KYODO", "Meloni"),
        ("Ann Lee, political correspondent\n\nit rained on Meloni.", "Meloni"),
        ("Ann Lee | Reuters\n\nit rained on Meloni.", "Meloni"),
        ("Ann Lee\nReuters\n\nit rained on Meloni.", "Meloni"),
        ("By: Ann Lee | Nov. 3, 2026\n\nit rained on Meloni.", "Meloni"),
        ("Reuters -- it rained on Meloni.", "Meloni"),
        ("PARIS, AAP — it rained on Meloni.", "Meloni"),
        ("PARIS, Nov 3 (Reuters Breakingviews) - it rained on Meloni.", "Meloni"),
        ("PARIS, Nov 3 (XNZ) - it rained on Meloni.", "Meloni"),
        ("HANOI (XNZ) — it rained on Meloni.", "Meloni"),
        ("it rained on Meloni. Ann Lee and Bo Ray contributed to this report.", "Meloni"),
        ("it rained on Meloni.\n\nContributing: Ann Lee, USA TODAY", "Meloni"),
        ("it rained on Meloni.\n\nAnn Lee reported from Paris, and Bo Ray from Korea.", "Meloni"),
        ("it rained on Meloni.\n\nAnn Lee is a staff writer for Acme.", "Meloni"),
        ("it rained on Meloni.\n\nFollow Ann Lee on Twitter @annlee.", "Meloni"),
        ("it rained on Meloni.\n\nThis article was originally published by Acme.", "Meloni"),
        ("it rained on Meloni.\n\nImage source, Acme", "Meloni"),
        ("it rained on Meloni.\n\n(Reporting by Ann Lee, Writing by Bo Ray)", "Meloni"),
        ("it rained on Meloni.\n\nTranslated from the German by Ann Lee", "Meloni"),
        ("it rained on Meloni.\n\n— With files from Ann Lee", "Meloni"),
        ("it rained on Meloni.\n\nRead more: Bo Ray meets Ann Lee\n\nit was cold.", "Meloni"),
        ("it rained on Meloni.\n\n» RELATED STORIES: Ann Lee resigns", "Meloni"),
        ("it rained on Meloni.\n\nTags: Bo Ray, Ann Lee", "Meloni"),
        ("it rained on Meloni. (REUTERS/Ann Lee)", "Meloni"),
        ("it rained on Meloni.\n\nAnn Lee/PA", "Meloni"),
        ("it rained on Meloni.\n\nSOURCE Acme", "Meloni"),
    ],
)
def test_bylines_agencies_and_datelines_are_no_subjects(text, subject):
    first, *others = enrich(text).entities
    assert (first.name, first.salience) == (subject, 1)
    assert others
    assert {(e.salience, e.factors.mentions) for e in others} == {(0, 0)}
    assert all(entity.mentions for entity in others)


@pytest.mark.parametrize(
    "text",
    [
        "they met by Ann Lee on her farm.",
        "By Ann Lee's account, it rained on Bo Ray there.",
        "a photo by Ann Lee was sold.",
        "it was a film of that year, written and directed by Ann Lee.",
        "the novel of Ann Lee was first published in Paris. it was sold.",
        "they asked Ann Lee before this story was published.",
        "Ann Lee is a reporter for Acme.\n\nit rained.\n\nit rained.\n\nit rained.",
        "Acme (XNZ) - it rose by a tenth.",
        "TESCO - it rose by a tenth on the news.",
        "Ann Lee names new Acme editor",
        "Acme – Paris 2-1",
        "Related: Ann Lee resigns",
        "it rained.\n\nRelated parties of Ann Lee: none.",
    ],
)
def test_names_in_prose_are_no_credits(text):
    assert all(entity.factors.mentions for entity in enrich(text).entities)


def test_a_byline_with_a_place_below_the_headline_is_none_of_the_subjects():
    text = "Ann Lee in Paris\n\nit rained on Meloni on that day and it did so the day after it."
    assert enrich(text, title="it rained").entities[0].name == "Meloni"
    assert enrich(text, title="it rained").entities[0].salience == 1


def test_a_first_line_that_reads_like_a_headline_stands_for_a_missing_title():
    headline = "Ann Lee in Paris\n\nit rained on Bo."
    assert [e.factors.in_title for e in enrich(headline).entities] == [True, True, False]
    assert not any(e.factors.in_title for e in enrich(headline.replace("\n\n", ". ")).entities)
    titled = enrich(headline, title="it rained").entities
    assert not any(entity.factors.in_title for entity in titled)


@pytest.mark.parametrize(
    "text",
    [
        "Ann Lee in Paris\n\nit rained on Bo on that day in the north. It rained on Cy.",
        "Ann Lee in Paris\n\n3 May 2026\n\nit rained on Bo on that day in it.",
        "By Ann Lee, Cy Ray, Di Roe and Ed Moe in Paris\n\nit rained on Bo on that day in it.",
    ],
)
def test_the_lead_is_the_first_full_sentence_after_headline_date_and_byline(text):
    assert [e.name for e in enrich(text).entities if e.factors.in_lead] == ["Bo"]
    assert not any(e.factors.in_lead for e in enrich("Bo won.").entities)
