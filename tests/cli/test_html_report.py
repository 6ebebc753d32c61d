"""Links and the map in HTML reports."""

import re
from io import StringIO

from service.cli.html_report import text_runs, write_html
from service.cli.place_map import place_map
from service.cli.results import best_links
from tests.cli.conftest import Enrich

NEUTRAL = {"label": "NEUTRAL", "score": 0.0}


def place(name, latitude, longitude, feature="city", **more):
    return {
        "source": "geonames",
        "id": name,
        "uri": f"https://sws.geonames.org/{name}/",
        "name": name,
        "confidence": 1.0,
        "latitude": latitude,
        "longitude": longitude,
        "feature": feature,
        **more,
    }


LONDON = place("London", 51.5, -0.1, country="GB")
LEEDS = place("Leeds", 53.8, -1.5, country="GB")
SYDNEY = place("Sydney", -33.9, 151.2, country="AU")
JAPAN = place("Japan", 35.7, 139.8, "country", wikidata="Q17", country="JP")
VODAFONE = {
    "source": "pytickersymbols",
    "id": "VOD.L",
    "name": "Vodafone <Group>",
    "confidence": 0.9,
    "ticker": "VOD",
    "exchange": "XLON",
}


def entities(*links):
    return [
        {
            "name": link["name"],
            "type": "LOCATION",
            "salience": 0.1,
            "sentiment": NEUTRAL,
            "mentions": [],
            "links": [link],
        }
        for link in links
    ]


def page(*articles):
    results = [
        {
            "source": f"{number}.txt",
            "status": 200,
            "enrichment": {
                "article": {"title": None, "text": "Text."},
                "sentiment": NEUTRAL,
                "coverage": {"sentences": 1},
                "warnings": [],
                "entities": entities(*links),
            },
        }
        for number, links in enumerate(articles)
    ]
    file = StringIO()
    write_html(iter(results), file)
    return file.getvalue()


def test_links_lead_to_the_entries():
    listed = {"source": "list:clients", "id": "7", "name": "Acme", "confidence": 1.0}
    text = page([LONDON, JAPAN, VODAFONE, listed])
    assert "<small>Acme (list:clients)</small>" in text
    assert '<a href="https://sws.geonames.org/London/" rel="noreferrer">London, GB</a>' in text
    assert '<a href="https://www.wikidata.org/wiki/Q17" rel="noreferrer">Japan</a>' in text
    assert "<small>Vodafone &lt;Group&gt; (XLON: VOD)</small>" in text


def test_an_entity_has_all_its_entries_of_a_list_and_the_best_of_other_sources():
    [entity] = entities(LONDON)
    listed = [
        {"source": "list:clients", "id": id, "name": id, "confidence": 1.0} for id in ("Acme", "A2")
    ]
    links = best_links({**entity, "links": [*listed, LONDON, LEEDS]})
    assert [link["id"] for link in links] == ["Acme", "A2", "London"]


def test_of_nested_mentions_the_outer_one_is_marked():
    [inner, outer] = entities(LONDON, LEEDS)
    inner["mentions"] = [{"section": "text", "start": 4, "end": 8}]
    outer["mentions"] = [{"section": "text", "start": 4, "end": 19}]
    article = {"title": None, "text": "The Bank of England."}
    runs = list(text_runs({"article": article, "entities": [inner, outer]}, "text"))
    assert runs == [("The ", None), ("Bank of England", outer), (".", None)]


def test_each_article_with_places_has_a_map_and_the_outline_is_there_once():
    text = page([LONDON], [VODAFONE], [SYDNEY, JAPAN])
    assert text.count('<svg class="map"') == 2
    assert text.count('<g id="world">') == 1
    assert 'aria-label="Map of Sydney, Japan"' in text
    assert len(re.findall('<circle class="dot"', text)) == 2
    assert len(re.findall('<circle class="ring"', text)) == 1


def test_a_report_without_places_has_no_outline():
    assert "<svg" not in page([VODAFONE], [])


def test_the_map_shows_the_part_of_the_world_with_the_places():
    near, far = place_map(entities(LONDON, LEEDS)), place_map(entities(LONDON, SYDNEY))
    for drawn in (near, far):
        assert all(0 < m.x < 1000 and 0 < m.y < 500 for m in drawn.markers)
    spread = [abs(drawn.markers[0].y - drawn.markers[1].y) for drawn in (near, far)]
    assert spread[0] > 50
    north, south = sorted(near.markers, key=lambda marker: marker.y)
    assert (north.name, south.name) == ("Leeds", "London")
    assert place_map([]) is None


def test_a_link_to_another_source_does_not_hide_a_place():
    [entity] = entities(LONDON)
    other = {"source": "list:offices", "id": "1", "name": "HQ", "confidence": 1.0}
    drawn = place_map([{**entity, "links": [other, LONDON, LEEDS]}])
    assert [marker.name for marker in drawn.markers] == ["London"]


def test_labels_give_way_to_more_salient_ones():
    crowd = [place(f"Town {n}", 51.5 + n / 1000, -0.1) for n in range(30)]
    drawn = place_map(entities(LONDON, *crowd))
    assert drawn.labels[0].name == "London"
    assert len(drawn.labels) <= 2  # on either side
    assert drawn.markers[-1].name == "London"


def test_reports_of_the_command_line_show_links_on_request(enrich: Enrich, tmp_path):
    (tmp_path / "a.txt").write_text("Ann praised Paris.")
    assert enrich("a.txt", "--links", "-o", "with.html").exit_code == 0
    assert enrich("a.txt", "-o", "without.html").exit_code == 0
    assert "https://sws.geonames.org/2988507/" in (tmp_path / "with.html").read_text()
    assert "geonames" not in (tmp_path / "without.html").read_text()
