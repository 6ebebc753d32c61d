from dataclasses import replace

from hypothesis import given, settings

from service.enrichment.article import Article
from service.enrichment.offsets import convert_offsets
from service.enrichment.pipeline import Enricher
from tests.enrichment.texts import texts
from tests.fakes import FakeDetector, FakeModel


@settings(deadline=None)
@given(texts, texts)
def test_offsets_in_each_unit_cut_out_exactly_the_mention(title, text):
    article = Article(text, title=title)
    enricher = Enricher(FakeModel(), FakeDetector())
    values = enricher.find_values(article)
    enrichment = replace(enricher.enrich(article), values=values)
    for unit, encode, decode in (
        ("codepoint", str, str),
        ("utf16", lambda s: s.encode("utf-16-le"), lambda b: b.decode("utf-16-le")),
        ("utf8", str.encode, bytes.decode),
    ):
        width = 2 if unit == "utf16" else 1
        sections = {"title": encode(title), "text": encode(text)}
        converted = convert_offsets(enrichment, article, unit)
        for entity in converted.entities:
            for m in entity.mentions:
                cut = sections[m.section][m.start * width : m.end * width]
                assert decode(cut) == m.text
        for v in converted.values:
            assert decode(sections[v.section][v.start * width : v.end * width]) == v.text
        for before, after in zip(enrichment.sentences, converted.sentences, strict=True):
            whole = {"title": title, "text": text}[before.section]
            cut = sections[after.section][after.start * width : after.end * width]
            assert decode(cut) == whole[before.start : before.end]
