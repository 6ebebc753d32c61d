import json

import pytest
from trafilatura import load_html

from service.enrichment.html_extraction import extract_article
from service.enrichment.page_metadata import read_metadata


def published(head="", body=""):
    tree = load_html(f"<html><head>{head}</head><body>{body}<p>x</p></body></html>")
    return read_metadata(tree).published


def json_ld(*articles):
    items = [{"@type": "NewsArticle", **article} for article in articles]
    return f'<script type="application/ld+json">{json.dumps(items)}</script>'


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("2026-11-25", "2026-11-25"),
        ("20261125", "2026-11-25"),
        ("2026-11-25T10:30:00Z", "2026-11-25T10:30:00+00:00"),
        ("2026-11-25T10:30:00.000+0100", "2026-11-25T10:30:00+01:00"),
        ("2026-11-25 10:30", "2026-11-25T10:30:00"),
        ("2026-11-25T00:00:00-05:00", "2026-11-25T00:00:00-05:00"),
        ("Wed, 25 Nov 2026 10:30:00 GMT", "2026-11-25T10:30:00+00:00"),
        ("November 25, 2026", "2026-11-25"),
        ("25 November 2026", "2026-11-25"),
        ("03/04/2026", None),
        ("yesterday", None),
        ("202611", None),
        ("2026-13-45", None),
        ("0001-01-01T00:00:00", None),
    ],
)
def test_a_stated_date_becomes_iso_8601(stated, expected):
    assert published(f'<meta property="article:published_time" content="{stated}">') == expected


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (json_ld({"datePublished": "2026-11-25"}), ""),
        ('<meta name="dc.date.issued" content="2026-11-25">', ""),
        ('<meta itemprop="datePublished" content="2026-11-25">', ""),
        ('<meta name="parsely-pub-date" content="2026-11-25">', ""),
        ("", '<time itemprop="datePublished" datetime="2026-11-25">Wednesday</time>'),
        ("", "<time pubdate datetime=2026-11-25>Wednesday</time>"),
        ('<meta name="pubdate" content="soon"><meta name="date" content="2026-11-25">', ""),
        (json_ld({"datePublished": 1764028800}, {"datePublished": "2026-11-25"}), ""),
    ],
)
def test_the_date_is_read_wherever_metadata_state_it(head, body):
    assert published(head, body) == "2026-11-25"


def test_the_date_of_another_article_gives_way_to_the_page_s_own():
    head = json_ld({"datePublished": "2020-01-01"}, {"datePublished": "2026-11-25"})
    own = '<meta property="article:published_time" content="2026-11-25">'
    assert published(head + own) == "2026-11-25"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", "<p>Published on 25 November 2026</p>"),
        ('<link rel="canonical" href="https://example.org/2026/11/25/story">', ""),
        ('<meta property="article:modified_time" content="2026-11-25">', ""),
        ("", "<time datetime=2026-11-25>the date of the match</time>"),
        (json_ld({"dateModified": "2026-11-25"}), ""),
        (json_ld({"datePublished": ["2026-11-25"]}), ""),
    ],
)
def test_a_date_is_never_guessed(head, body):
    assert published(head, body) is None


def test_the_date_comes_with_the_article():
    head = json_ld({"datePublished": "2026-11-25T10:30:00Z"})
    page = f"<html><head>{head}</head><body><p>Ann won again in Leeds on Friday.</p></body></html>"
    assert extract_article(page).published == "2026-11-25T10:30:00+00:00"
