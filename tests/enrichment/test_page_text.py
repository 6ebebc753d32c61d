import json

import pytest

from service.enrichment.html_extraction import extract_article

PARAGRAPHS = [
    "Leeds City Council will close four libraries next spring to save money, it said on Tuesday.",
    "The branches in Armley, Otley and Morley are used by fewer than forty people a day.",
    "“We had no choice,” said Maria Ortega, who leads the council. “Nobody wanted this.”",
    "Campaigners promised to fight the plan in court, and handed in a petition with 9,000 names.",
]
BODY = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
TEXT = "\n\n".join(PARAGRAPHS)
TITLE = "Leeds to close four libraries"
LINKS = '<a href="/">Home</a> <a href="/news">News</a> <a href="/sport">Sport</a>'
NAVIGATION = f"<nav>{LINKS}</nav><div><ul><li><a href=/a>Home</a><li><a href=/b>News</a></ul></div>"
CONSENT = (
    "<p>We use cookies to personalise content and ads, and to analyse our traffic. We share what "
    "we know about your use of our site with our partners.</p><p>You can accept all cookies or "
    "manage your preferences at any time in our privacy policy.</p><button>Accept all</button>"
)
GDPR = (
    "<p>We and our 842 partners store and access personal data on your device. With your consent "
    "we may use precise geolocation data.</p><p>Click to reject all or to see our legitimate "
    "interests. Your privacy choices apply to this site.</p>"
)
STORIES = [
    ("Hull win cup after long wait", "Hull City beat Derby in the final on Saturday."),
    ("Storm cuts power to 9,000 homes", "Engineers are working to restore supplies."),
    ("York bakery wins world prize", "The shop on Gillygate beat 400 rivals."),
]
STREAM = "".join(f'<div><h3><a href="/s">{a}</a></h3><p>{b}</p></div>' for a, b in STORIES)


def page(body, head=""):
    head = f"<title>{TITLE}</title>{head}"
    return extract_article(f"<html><head>{head}</head><body>{NAVIGATION}{body}</body></html>")


def json_ld(text):
    members = {"@type": "NewsArticle", "headline": TITLE, "articleBody": text}
    return f'<script type="application/ld+json">{json.dumps(members)}</script>'


def codes(article):
    return [warning.code for warning in article.warnings]


@pytest.mark.parametrize(
    "body",
    [
        f"<div class=cookie-box>{CONSENT}</div><aside>{BODY}</aside>",
        f"<div>{CONSENT}</div><aside>{BODY}</aside>",
        f"<main>{CONSENT}</main><aside class=content>{BODY}</aside>",
        f"<aside>{BODY}</aside><section id=gdpr-consent>{GDPR}</section>",
        f"<dialog>{GDPR}</dialog><aside><h1>{TITLE}</h1>{BODY}</aside>",
        f"<div class=cmp>{CONSENT}</div><main>{BODY}</main><div class=cookies>{GDPR}</div>",
    ],
)
def test_the_article_is_found_beside_a_consent_box(body):
    found = page(body)
    assert (found.title, found.text, found.warnings) == (TITLE, TEXT, ())


@pytest.mark.parametrize("consent", [CONSENT, GDPR, f"<div class=cookie>{CONSENT}</div>"])
def test_a_page_of_consent_text_gives_its_headline_with_a_warning(consent):
    found = page(consent)
    assert found.text == TITLE
    assert codes(found) == ["extraction"]


@pytest.mark.parametrize(
    "prompt",
    [
        "You need to enable JavaScript to run this app.",
        "Please enable JavaScript to continue using this site.",
        "This site requires JavaScript.",
        "JavaScript is disabled in your browser.",
    ],
)
def test_a_page_that_needs_scripts_gives_its_headline_with_a_warning(prompt):
    found = extract_article(
        f"<html><head><title>{TITLE}</title></head><body><noscript>{prompt}</noscript></body></html>"
    )
    assert found.text == TITLE
    assert codes(found) == ["extraction"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            "<h1>Fire in Leeds</h1><p>A fire broke out in Leeds on Monday.</p>",
            "A fire broke out in Leeds on Monday.",
        ),
        ("<p>The mayor of Hull resigned today.</p>", "The mayor of Hull resigned today."),
        ("<div><p>Two people were hurt in Otley.</p></div>", "Two people were hurt in Otley."),
    ],
)
def test_one_short_paragraph_is_read_without_the_navigation(body, text):
    found = page(body)
    assert found.text == text
    assert "Home" not in found.text
    assert codes(found) in ([], ["extraction"])


@pytest.mark.parametrize("heading", [TITLE, "Fire breaks out in Leeds mill", "Mayor resigns"])
def test_a_headline_alone_is_read_with_a_warning(heading):
    found = extract_article(f"<html><body>{NAVIGATION}<h1>{heading}</h1></body></html>")
    assert found.text == heading
    assert codes(found) == ["extraction"]


def test_a_page_of_navigation_has_a_warning():
    found = extract_article(f"<html><body>{NAVIGATION}</body></html>")
    assert codes(found) == ["extraction"]


def test_an_index_page_has_a_warning():
    items = "".join(
        f"<li><a href=/{i}>Story {i} about a thing in Leeds</a></li>" for i in range(20)
    )
    assert codes(page(f"<main><ul>{items}</ul></main>")) == ["extraction"]


@pytest.mark.parametrize("shown", ["", f"<p>{PARAGRAPHS[0]}</p>", f"<div>{CONSENT}</div>"])
def test_a_declared_text_is_preferred_to_a_far_shorter_one(shown):
    found = page(shown, json_ld("\n".join(PARAGRAPHS)))
    assert found.text == TEXT
    assert codes(found) == ["extraction"]


def test_a_declared_text_that_is_an_excerpt_is_not_preferred():
    found = page(f"<article>{BODY}</article>", json_ld(PARAGRAPHS[0]))
    assert (found.text, found.warnings) == (TEXT, ())


@pytest.mark.parametrize(
    "script",
    ["{", "[]", '{"@type": 1}', '{"@type": "NewsArticle", "articleBody": 3}', "[" * 100_000],
)
def test_malformed_metadata_is_left_out(script):
    head = f'<script type="application/ld+json">{script}</script>'
    assert page(f"<article>{BODY}</article>", head).text == TEXT


@pytest.mark.parametrize(
    "body",
    [
        f"<main><h1>{TITLE}</h1>{BODY}<h2>More stories</h2>{STREAM}</main>",
        f"<article><h1>{TITLE}</h1>{BODY}{STREAM}</article>",
        f"<main>{BODY}<h3>Related</h3><ul>"
        + "".join(f"<li><a href=/r>{a}</a></li>" for a, _ in STORIES)
        + "</ul></main>",
        f"<article><h1>{TITLE}</h1>{BODY}</article>"
        + "".join(
            f"<article><h2><a href=/x>{a}</a></h2>{BODY.replace('Leeds', 'Hull')}</article>"
            for a, _ in STORIES
        ),
        f"<article><h1>{TITLE}</h1>{BODY}</article>"
        f"<article><h1>Hull shuts baths</h1>{BODY.replace('Leeds', 'Hull')}</article>",
    ],
)
def test_other_stories_at_the_end_stay_out(body):
    found = page(body)
    assert (found.title, found.text, found.warnings) == (TITLE, TEXT, ())


def test_the_posts_of_a_live_blog_stay():
    posts = "".join(
        f"<article><h2>{hour}:05</h2><p>{text}</p></article>"
        for hour, text in enumerate(PARAGRAPHS, 10)
    )
    found = page(f"<main><h1>{TITLE}</h1>{posts}</main>")
    assert all(text in found.text for text in PARAGRAPHS)


@pytest.mark.parametrize(("tag", "language"), [("en-GB", "en"), ("DE", "de"), ("x-klingon", None)])
def test_the_language_of_a_page_is_its_primary_subtag(tag, language):
    found = extract_article(f"<html lang={tag}><body><article>{BODY}</article></body></html>")
    assert found.language == language


MENU = (
    "<header><a href=/>Logo</a><nav><ul><li><a href=/n>News</a><li><a href=/s>Sport</a></ul></nav>"
    "</header>"
)


@pytest.mark.parametrize("tag", ["p", "div", "span", "news-text"])
def test_a_short_paragraph_is_read_without_the_bar_at_the_top(tag):
    body = f"<div><h1>Fire in Otley</h1><{tag}>{PARAGRAPHS[1]}</{tag}></div>"
    found = extract_article(f"<html><body>{MENU}{body}</body></html>")
    assert (found.title, found.text) == ("Fire in Otley", PARAGRAPHS[1])


def test_a_column_of_links_is_not_part_of_the_article():
    menu = "<td><a href=/a>Home</a><br><a href=/b>Archive</a><br><a href=/c>Links</a></td>"
    found = page(f"<table><tr>{menu}<td>{BODY}</td></tr></table>")
    assert "Archive" not in found.text
    assert all(text in found.text for text in PARAGRAPHS)


@pytest.mark.parametrize("attribute", ["hidden", "style='display: none'"])
def test_what_is_hidden_is_not_read_unless_it_is_the_article(attribute):
    note = "The editor's notes on this article are hidden from everybody."
    assert page(f"<article>{BODY}<div {attribute}><p>{note}</p></div></article>").text == TEXT
    assert "Maria Ortega" in page(f"<div {attribute}>{BODY}</div>").text


@pytest.mark.parametrize(
    "extra",
    [
        "<p>Read more: <a href=/x>Hull City win the cup after a long wait</a></p>",
        "<p><b>SEE ALSO:</b> <a href=/x>Hull City win the cup after a long wait</a></p>",
        "<p>Sign up here for our newsletter and get the best of Leeds in your inbox.</p>",
        "<p>Already a subscriber? <a href=/login>Log in</a></p>",
        "<p>Follow us on Facebook, Instagram and X.</p>",
        "<div>Advertisement</div>",
        "<p>Story continues below</p>",
        "<article><h4><a href=/x>Hull City win the cup after a long wait</a></h4></article>",
        "<p>Nous utilisons des cookies pour améliorer votre expérience sur notre site.</p>",
        "<p>This site uses cookies to give you the best experience.</p>",
        "<p>5 min read</p>",
        "<p>Share this article</p>",
        "<p>Listen to this story</p>",
        "<p>Estimated reading time: 4 minutes</p>",
    ],
)
@pytest.mark.parametrize("place", [2, 4])
def test_what_the_site_asks_of_its_readers_stays_out(extra, place):
    parts = [f"<p>{text}</p>" for text in PARAGRAPHS]
    parts.insert(place, extra)
    assert page(f"<article>{''.join(parts)}</article>").text == TEXT


@pytest.mark.parametrize(
    "sentence",
    [
        "Websites must let users reject all cookies as easily as they accept them, the ICO said.",
        "“We use cookies and our partners do, too,” said Ann Lee of the site.",
        "The scouts sold 900 boxes of cookies, and their leader said that it was a record.",
        "Follow the money, she said: subscribers fled to other papers, and to X.",
        "Support for the plan has grown on Facebook since Tuesday, according to a poll.",
        "Listen to this story, said the judge, and tell me that nobody lied to the court.",
        "JavaScript is required reading for the pupils of Otley, where all learn to program.",
        "To read the room was never her gift, and the council knew it.",
        "Related parties: the council and the trust, which share a chief executive.",
    ],
)
def test_news_that_sounds_like_a_prompt_stays(sentence):
    assert sentence in page(f"<article>{BODY}<p>{sentence}</p>{BODY}</article>").text


def test_prose_after_a_pointer_stays():
    pointer = "<p><b>Related:</b> <a href=/x>Hull City win the cup</a></p>"
    long = "".join(f"<p>{text} {text}</p>" for text in PARAGRAPHS)
    found = page(f"<article>{BODY}{pointer}{long}</article>")
    assert found.text.endswith(PARAGRAPHS[-1])


def test_a_round_up_keeps_its_parts():
    parts = "".join(
        f"<h2><a href=/{i}>Part {i} of the day in Leeds</a></h2><p>{text} {text}</p>"
        for i, text in enumerate(PARAGRAPHS)
    )
    found = page(f"<article><p>Four things to know today.</p>{parts}</article>")
    assert all(text in found.text for text in PARAGRAPHS)


@pytest.mark.parametrize(
    "inner", ["<div>{}</div>", "<article>{}</article>", "<section>{}</section>"]
)
def test_a_front_page_with_summaries_has_a_warning(inner):
    stories = [f"<h3><a href=/{i}>{a}</a></h3><p>{b}</p>" for i, (a, b) in enumerate(STORIES)]
    front = "".join(inner.format(story) for story in stories)
    found = extract_article(
        f"<html><head><title>News</title></head><body>{MENU}<h1>News</h1>{front}</body></html>"
    )
    assert codes(found) == ["extraction"]


@pytest.mark.parametrize(
    ("title", "heading"),
    [
        ("404 - Courier", "Page not found"),
        ("Courier", "Sorry, this page is no longer available"),
        ("Access Denied", "Access Denied"),
        ("Just a moment...", "www.example.org"),
        ("Courier", "The page you are looking for could not be found"),
        ("500 Internal Server Error", "500"),
    ],
)
def test_an_error_page_has_a_warning(title, heading):
    body = f"<main><h1>{heading}</h1><p>Go back to the front page, or try again later.</p></main>"
    found = extract_article(f"<html><head><title>{title}</title></head><body>{body}</body></html>")
    assert codes(found) == ["extraction"]


def test_news_about_errors_has_no_warning():
    title = "Page turned: not found guilty, Leeds mayor moves on"
    found = extract_article(f"<html><body><article><h1>{title}</h1>{BODY}</article></body></html>")
    assert (found.text, found.warnings) == (TEXT, ())


def test_paragraphs_that_a_declared_text_runs_together_are_parted():
    found = page("", json_ld("".join(PARAGRAPHS)))
    assert found.text == TEXT


def test_the_declared_text_of_another_story_is_not_read():
    members = {
        "@type": "NewsArticle",
        "headline": "Storm cuts power in Shetland",
        "articleBody": "X " * 900,
    }
    script = f'<script type="application/ld+json">{json.dumps(members)}</script>'
    found = extract_article(
        f"<html><head><title>{TITLE}</title>{script}</head><body><article>{BODY}</article></body></html>"
    )
    assert (found.text, found.warnings) == (TEXT, ())


def test_lines_of_a_paragraph_are_apart():
    body = "<br><br>".join(PARAGRAPHS[:2])
    found = page(f"<div><h1>{TITLE}</h1><p>{body}</p></div>")
    assert found.text.split("\n") == PARAGRAPHS[:2]


@pytest.mark.parametrize("tag", ["main", "div", "section"])
def test_other_stories_after_an_article_without_an_element_of_its_own_stay_out(tag):
    stories = "".join(
        f'<article><h2><a href="/s">{a}</a></h2><p>{b}</p><a href="/s">Go on</a></article>'
        for a, b in STORIES
    )
    assert page(f"<{tag}><h1>{TITLE}</h1>{BODY}</{tag}>{stories}").text == TEXT
