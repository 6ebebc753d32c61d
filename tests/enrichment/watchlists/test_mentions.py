"""Names of lists as mentions of an article's entities."""

from service.enrichment.article import Article
from service.enrichment.pipeline import Enricher
from service.enrichment.types import Polarity
from service.enrichment.watchlists.entries import Entry
from tests.enrichment.watchlists.test_index import index_of
from tests.fakes import FakeDetector, FakeModel

ENRICHER = Enricher(FakeModel(), FakeDetector())


def enrich(text, *entries, title=None):
    article = Article(text, title, language="en")
    return ENRICHER.enrich(article, lists=index_of(*entries).select())


def entities(text, *entries, title=None):
    """Name → entity."""
    found = enrich(text, *entries, title=title).entities
    names = [entity.name for entity in found]
    assert len(set(names)) == len(names)
    return dict(zip(names, found, strict=True))


def hits(entity):
    """Id → texts of the mentions that have a name of the entry."""
    return {
        link.id: [entity.mentions[i].text for i in link.mentions] for link in entity.links or ()
    }


def test_an_entity_that_the_model_finds_is_linked():
    found = entities(
        "It praised Acme Bank. So Acme Bank's shares rose, Ann said.",
        Entry("17", "Acme Bank plc", ("Acme Bank",), extra={"desk": "London", "tier": 1}),
    )
    acme = found["Acme Bank"]
    (link,) = acme.links
    assert (link.source, link.id, link.name) == ("list:clients", "17", "Acme Bank plc")
    assert (link.uri, link.confidence, link.mentions) == (None, 1.0, (0, 1))
    assert link.extra == {"desk": "London", "tier": 1}
    assert acme.origin is None
    assert found["Ann"].links == ()


def test_what_only_a_list_names_is_an_entity_like_any_other():
    text = "It rained. The iphone was praised, and so was the iphone's price. Ann left."
    found = entities(text, Entry("1", "iphone", type="PRODUCT"))
    phone = found["iphone"]
    assert (phone.origin, phone.type) == ("list", "PRODUCT")
    assert [(m.start, m.end, m.text, m.sentence) for m in phone.mentions] == [
        (15, 21, "iphone", 1),
        (50, 56, "iphone", 1),
    ]
    assert phone.sentiment.label == Polarity.POSITIVE
    assert 0 < phone.salience < 1
    assert abs(sum(entity.salience for entity in found.values()) - 1) < 1e-9
    assert hits(phone) == {"1": ["iphone", "iphone"]}


def test_the_type_of_a_name_that_only_lists_have_is_misc_by_default():
    assert entities("It rained on the iphone.", Entry("1", "iphone"))["iphone"].type == "MISC"


def test_a_name_that_the_model_misses_in_one_place_joins_its_entity():
    text = "Acme rose. It was said that acme fell."
    found = entities(text, Entry("1", "Acme", case_sensitive=False))
    assert list(found) == ["Acme"]
    assert hits(found["Acme"]) == {"1": ["Acme", "acme"]}
    assert found["Acme"].origin is None


def test_aliases_of_one_entry_that_only_the_list_has_are_one_entity():
    found = enrich("It uses iphone and apple phone.", Entry("1", "iphone", ("apple phone",)))
    (entity,) = found.entities
    assert hits(entity) == {"1": ["iphone", "apple phone"]}


def test_entries_that_share_a_name_are_one_entity_with_two_links():
    text = "It uses iphone, iphone max and ipad."
    (phone, pad) = enrich(
        text, Entry("a", "iphone"), Entry("b", "iphone max", ("iphone",)), Entry("c", "ipad")
    ).entities
    assert [mention.text for mention in phone.mentions] == ["iphone", "iphone max"]
    assert hits(phone) == {"a": ["iphone", "iphone max"], "b": ["iphone", "iphone max"]}
    assert hits(pad) == {"c": ["ipad"]}


def test_a_place_is_a_mention_of_one_entity_even_if_only_one_of_its_entries_links_it():
    text = "Acme rose. It was said that acme fell. The old group rose."
    found = entities(
        text, Entry("a", "Acme", case_sensitive=False), Entry("b", "acme", ("old group",))
    )
    assert list(found) == ["Acme", "old group"]
    assert hits(found["Acme"]) == {"a": ["Acme", "acme"], "b": ["acme"]}
    assert hits(found["old group"]) == {"b": ["old group"]}


def test_a_name_inside_of_another_name_is_a_mention_of_its_own():
    found = entities("It praised Economic Bank of Paris. So Bob left.", Entry("b", "Bank"))
    assert [m.text for m in found["Bank"].mentions] == ["Bank"]
    assert found["Bank"].origin == "list"
    assert found["Bank"].type == "ORGANIZATION"  # as the mention around it


def test_a_part_of_a_name_of_the_linked_entity_is_no_mention_of_its_own():
    found = entities("It praised Joe Biden. Then Biden left.", Entry("b", "Biden"))
    assert list(found) == ["Joe Biden"]
    assert hits(found["Joe Biden"]) == {"b": ["Joe Biden", "Biden"]}


def test_a_name_with_a_title_is_that_name():
    found = entities("It praised President Joe Biden.", Entry("b", "Joe Biden"))
    (biden,) = found.values()
    assert (biden.origin, hits(biden)) == (None, {"b": ["President Joe Biden"]})


def test_names_inside_of_quoted_names_do_not_change_who_speaks():
    text = '"It is good," Economic Bank said.'
    plain = ENRICHER.enrich(Article(text, language="en"))
    listed = enrich(text, Entry("b", "Bank"))
    assert [s.speaker for s in listed.sentences] == [s.speaker for s in plain.sentences]


def test_lists_whose_names_overlap_do_not_change_who_speaks():
    text = '"It is good," acme bank said. So Ann left.'
    acme = Entry("a", "acme bank", type="ORGANIZATION")
    assert enrich(text, acme).sentences[0].speaker == "acme bank"
    both = enrich(text, acme, Entry("b", "bank", type="ORGANIZATION"))
    assert {entity.name for entity in both.entities} == {"acme bank", "bank", "Ann"}
    assert both.sentences[0].speaker == "acme bank"


def test_no_name_crosses_from_the_title_or_a_line_into_the_next():
    found = enrich(
        "Bank opens.\nAcme\nBank of Ayr\n\nIt closes.", Entry("a", "Acme Bank"), title="Acme"
    )
    assert not any(entity.links for entity in found.entities)
    wrapped = enrich(
        "It is said that the Acme\nBank has closed its doors.", Entry("a", "Acme Bank")
    )
    assert any(entity.links for entity in wrapped.entities)


def test_offsets_refer_to_title_and_text():
    text = "An i\u0301phone 😀 was sold by Ann."
    found = enrich(text, Entry("1", "íphone"), title="The íphone is good")
    (phone,) = [entity for entity in found.entities if entity.links]
    assert [(m.section, m.start, m.end) for m in phone.mentions] == [
        ("title", 4, 10),
        ("text", 3, 10),
    ]
    assert phone.factors.in_title


def test_a_list_without_names_in_the_article_changes_nothing_else():
    text = "It praised Acme Bank. So Ann left Paris."
    plain = ENRICHER.enrich(Article(text, language="en"))
    listed = enrich(text, Entry("1", "Nobody"))
    assert [e.name for e in listed.entities] == [e.name for e in plain.entities]
    assert listed.sentences == plain.sentences
    assert [e.salience for e in listed.entities] == [e.salience for e in plain.entities]
