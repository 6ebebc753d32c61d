import pytest

from service.enrichment.html_extraction import extract_article

BODY = (
    "<p>Leeds City Council will close four libraries next spring to save money.</p>"
    "<p>The branches are used by fewer than forty people a day, the council said on Tuesday.</p>"
    "<p>“We had no choice,” said Maria Ortega, who leads the council. “Nobody wanted this.”</p>"
)
TITLE = "Leeds to close four libraries"


def meta(name, content):
    return f'<meta property="{name}" content="{content}">'


def json_ld(**members):
    items = "".join(f',"{name}":"{value}"' for name, value in members.items())
    return f'<script type="application/ld+json">{{"@type":"NewsArticle"{items}}}</script>'


@pytest.mark.parametrize(
    ("head", "start", "end"),
    [
        ("<title>{} - Leeds Courier</title>", "", ""),
        ("<title>{} | The Leeds Courier</title>", "", ""),
        ("<title>{} — Leeds Courier and Argus</title>", "", ""),
        ("<title>{} | News | Leeds Courier</title>", "", ""),
        ("<title>Leeds Courier: {}</title>" + meta("og:site_name", "Leeds Courier"), "", ""),
        ("<title>Courier | {}</title>" + meta("og:site_name", "Courier"), "", ""),
        (
            "<title>{} - leedscourier.co.uk</title>"
            + meta("og:url", "https://www.leedscourier.co.uk/a"),
            "",
            "",
        ),
        ("<title>{} | By Dana Hollis</title>" + meta("author", "Dana Hollis"), "", ""),
        ("<title>{} by Dana Hollis | Courier</title>" + meta("author", "Dana Hollis"), "", ""),
        ("<title>{}, by Dana Hollis</title>" + meta("author", "By Dana Hollis"), "", ""),
        (meta("og:title", "{} by Dana Hollis") + meta("author", "Dana Hollis"), "", ""),
        ("<title>{} - Dana Hollis - Leeds Courier</title>" + meta("author", "Dana Hollis"), "", ""),
        (meta("og:title", "{} - Leeds Courier") + meta("og:site_name", "Leeds Courier"), "", ""),
        (json_ld(headline="{} | Leeds Courier", publisher="Leeds Courier"), "", ""),
        ("<title>{} - Leeds Courier</title>", "<h1>Leeds Courier</h1>", ""),
        ("<title>{} - Leeds Courier</title>", "<h1>Yorkshire News</h1>", ""),
        ("<title>{}</title>" + meta("og:title", "{}"), "<h1>Yorkshire News</h1>", ""),
        ("<title>{} | Courier</title>" + meta("og:title", "{}"), "", "<h1>Hull win again</h1>"),
        (meta("og:title", "{}") + json_ld(headline="{}"), "<h1>Storm cuts power in York</h1>", ""),
        ("<title>Home</title>", "<h1>{}</h1>", ""),
        ("<title>Leeds Courier</title>" + meta("og:title", "Leeds Courier"), "<h1>{}</h1>", ""),
        ("<title>{}</title>", "<h1>{}</h1>", "<h1>Newsletter</h1>"),
        ("<title>{} : Leeds Courier</title>", "", ""),
        ("<title>{} › leedscourier.co.uk</title>", "", ""),
        ("<title>{} - leedscourier.com</title>", "", ""),
        ("<title>{} | courier</title>", "", ""),
        ("<title>{} | Yorkshire 24</title>", "", ""),
        ("<title>{} - by Dana Hollis - The Leeds Letter</title>", "", ""),
        ("<title>{} | By Dana Hollis | News</title>", "", ""),
        ("<title>Leeds Courier: {}</title>", "<h1><a href='/'>Leeds Courier</a></h1>", ""),
        ("<title>Leeds Courier | {}</title>", "", ""),
        ("<title>Leeds Courier » {}</title>", "", ""),
        ("<title>Courier | {}</title>", "<a href='/'><img alt='Courier logo'></a>", ""),
        ("<title>Courier Media » News » {}</title>", "<h2>{}</h2>", ""),
        (
            "<title>{} - Leeds Courier</title>" + meta("og:title", "{}"),
            "<h1><span>Council</span><span>{}</span></h1>",
            "",
        ),
        (
            meta("og:title", "Leeds to close …") + "<title>Leeds to close …</title>",
            "<h1>{}</h1>",
            "",
        ),
        (
            '<title>{}</title><script type="application/ld+json">//<![CDATA[\n'
            '{"@graph": [{"@type": "NewsArticle", "headline": "{}"}]}\n//]]></script>',
            "<h1>Yorkshire</h1>",
            "",
        ),
        (
            json_ld(headline="{}") + "<title>Courier</title>" + meta("twitter:site", "@courier"),
            "",
            "",
        ),
        (meta("og:site_name", "{}") + "<title>{}</title>", "<h1>{}</h1>", ""),
    ],
)
def test_the_headline_is_found_without_site_and_author(head, start, end):
    head, start, end = (part.replace("{}", TITLE) for part in (head, start, end))
    page = f"<html><head>{head}</head><body>{start}<article>{BODY}</article>{end}</body></html>"
    assert extract_article(page).title == TITLE


@pytest.mark.parametrize(
    "title",
    [
        "Leeds United 2-1 Arsenal: Gray scores late winner",
        "Live - Leeds library vote, as it happened",
        "Q&A: why Leeds is closing libraries",
        "Libraries — and why Leeds closes them",
        "‘We had no choice’: Leeds closes libraries",
        "Leeds closes four libraries – Until Now",
        "Record of the week: Pale Blue Dot / Lift Off",
        "Spider-Man - Into the Library",
        "Library vote: the count so far - 2",
    ],
)
def test_a_headline_with_a_dash_or_colon_stays_whole(title):
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{BODY}</body></html>"
    assert extract_article(page).title == title


def test_references_that_are_escaped_twice_are_read():
    head = json_ld(headline="Leeds&amp;#8217;s libraries close") + "<title>Courier</title>"
    page = f"<html><head>{head}</head><body>{BODY}</body></html>"
    assert extract_article(page).title == "Leeds’s libraries close"


def test_a_title_that_an_open_attribute_cuts_off_gives_way_to_the_whole_one():
    head = """<title>Mayor calls plan "unfit"</title><meta property="og:title" content="Mayor calls
    plan "unfit"">"""
    page = f"<html><head>{head}</head><body>{BODY}</body></html>"
    assert extract_article(page).title == 'Mayor calls plan "unfit"'
