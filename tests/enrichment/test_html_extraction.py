import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.enrichment.html_extraction import extract_article

PAGE = """<!doctype html><html><head><meta charset="utf-8">
<title>Harbour strike ends - The Daily</title>
<style>p { color: red }</style><script>var hidden = "no";</script></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/news">News</a></li></ul></nav>
<div class="cookie-banner">We use cookies. <button>Accept</button></div>
<main><article><h1>Harbour strike ends after ten weeks</h1>
<p>The longest strike in the history of Lisbon&rsquo;s port ended on Friday, when dockers voted for
a contract with the shipping company Nordhav. 🎉</p>
<!-- <p>An earlier version named another company.</p> -->
<p>Mayor Ana&nbsp;Ribeiro called it &ldquo;a wonderful day&rdquo;.<br>The union Mar Livre was less
pleased, and said so at length in a statement on its site.</p>
<h2>What happens next</h2>
<p>Work begins on Monday, said <b>Jorge Pinto</b> of the union, although much is still open.</p>
<ul><li>Pay rises by four per cent</li><li>Nobody is dismissed before 2030</li></ul>
</article><aside><h3>Related</h3><a href="/a">Rotterdam closes terminal</a></aside></main>
<footer>© The Daily</footer></body></html>"""
TEXT = """The longest strike in the history of Lisbon’s port ended on Friday, when dockers voted \
for a contract with the shipping company Nordhav. 🎉

Mayor Ana Ribeiro called it “a wonderful day”.
The union Mar Livre was less pleased, and said so at length in a statement on its site.

What happens next

Work begins on Monday, said Jorge Pinto of the union, although much is still open.

Pay rises by four per cent

Nobody is dismissed before 2030"""


def test_the_article_is_found_and_nothing_around_it():
    found = extract_article(PAGE)
    assert (found.title, found.text) == ("Harbour strike ends after ten weeks", TEXT)
    assert found.warnings == ()


def test_the_same_page_gives_the_same_after_others():
    for _ in range(3):
        assert extract_article(PAGE).text == TEXT


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title>Ann wins</title>", "Ann wins"),
        (
            "<title>Ann wins - X</title><meta property='og:title' content='Ann wins'>"
            "<meta property='og:site_name' content='X'>",
            "Ann wins",
        ),
        ("<title> </title>", None),
    ],
)
def test_without_one_headline_the_page_says_its_title(head, title):
    sentence = "Ann won again, and nobody in town was surprised. "
    found = extract_article(f"<html><head>{head}</head><body><p>{sentence * 5}</p></body></html>")
    assert (found.title, found.text) == (title, (sentence * 5).strip())


def test_a_fragment_is_a_page():
    sentence = "Joe Biden met Shigeru Ishiba in Lima on Friday, and they spoke at length."
    found = extract_article(f"<p>{sentence}</p>")
    assert (found.title, found.text) == (None, sentence)


def test_references_to_what_is_no_character_mean_what_browsers_make_of_them():
    sentence = "Ann &#150; won &#7;&#x7;&#xFFFE;\x0b\ufffe again. "
    found = extract_article(f"<html><body><p>{sentence * 9}</p></body></html>")
    assert found.text.startswith("Ann – won again. Ann")


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<script>alert(1)</script>",
        "<html><frameset><frame src='x'></frameset></html>",
        "<div>" * 100_000,
        '<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d SYSTEM "file:///etc/passwd">]><p>&d;</p>',
        "<p " + " ".join(f"a{i}=1" for i in range(100_000)) + ">",
        "\x00\x01\x02",
    ],
    ids=["empty", "script", "frames", "deep", "entity", "attributes", "binary"],
)
def test_a_page_without_an_article_gives_none(page):
    text = extract_article(page).text
    assert len(text) < 20
    assert "root:" not in text


def test_the_end_of_a_long_page_is_read():
    chance = random.Random(1)
    words = "harbour dockers port contract mayor company weeks summer again before".split()
    paragraphs = "".join(f"<p>{' '.join(chance.choices(words, k=25))}.</p>" for _ in range(4000))
    article = f"<article>{paragraphs}<p>There came Zelenskyy.</p></article>"
    found = extract_article(f"<html><body>{article}</body></html>")
    assert found.text.endswith("There came Zelenskyy.")


@given(st.text())
def test_any_text_is_survived(page):
    extract_article(page)
