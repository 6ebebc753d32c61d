"""Articles that come in web pages."""

import pytest

from tests.enrichment.test_html_extraction import PAGE, TEXT


def post(client, page, content_type="text/html; charset=utf-8", query=""):
    body = page if isinstance(page, bytes) else page.encode()
    return client.post(f"/v1/enrich{query}", data=body, content_type=content_type)


def test_the_article_in_a_page_comes_back_with_its_enrichment(client):
    found = post(client, PAGE).get_json()
    assert found["article"] == {"title": "Harbour strike ends after ten weeks", "text": TEXT}
    assert found["coverage"]["analyzed"] == found["coverage"]["characters"]


@pytest.mark.parametrize(
    ("unit", "cut"),
    [
        ("codepoint", lambda text, a, b: text[a:b]),
        ("utf16", lambda text, a, b: text.encode("utf-16-le")[2 * a : 2 * b].decode("utf-16-le")),
        ("utf8", lambda text, a, b: text.encode()[a:b].decode()),
    ],
)
def test_offsets_point_into_the_article_that_comes_back(client, unit, cut):
    found = post(client, PAGE, query=f"?offsets={unit}").get_json()
    mentions = [mention for entity in found["entities"] for mention in entity["mentions"]]
    assert mentions
    for mention in mentions:
        assert mention["text"] == cut(
            found["article"][mention["section"]], mention["start"], mention["end"]
        )


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("utf-8", "", "text/html"),
        ("utf-8-sig", "", "text/html"),
        ("windows-1252", '<meta charset="iso-8859-1">', "text/html"),
        ("windows-1252", "", "text/html; charset=latin1"),
        ("utf-8", '<meta charset="koi8-r">', "text/html; charset=utf-8"),
        ("utf-16", "", "text/html"),
        ("utf-8", '<meta charset="utf-16">', "application/xhtml+xml"),
    ],
)
def test_the_encoding_is_found_where_browsers_look_for_it(client, encoding, declared, content_type):
    sentence = "Señor José Muñoz met Zoë in Lima on Friday, and they spoke at length of cafés."
    page = f"<html><head>{declared}</head><body><p>{sentence}</p></body></html>"
    found = post(client, page.encode(encoding), content_type)
    assert found.get_json()["article"]["text"] == sentence


def test_relative_dates_refer_to_the_day_that_the_page_declares(client):
    declared = '<meta property="article:published_time" content="2024-03-15T22:30:00-05:00">'
    page = PAGE.replace("<head>", f"<head>{declared}", 1).replace("<p>", "<p>Yesterday it rained. ")
    found = post(client, page, query="?features=values").get_json()
    assert found["article"]["published"] == "2024-03-15"
    assert found["values"][0]["value"] == "2024-03-14"
    found = post(client, page, query="?features=values&published=2020-01-01").get_json()
    assert found["article"]["published"] == "2020-01-01"
    assert found["values"][0]["value"] == "2019-12-31"


def test_a_page_without_an_article_is_a_problem(client):
    answer = post(client, "<html><body><script>1</script></body></html>")
    assert answer.status_code == 422
    problem = answer.get_json()
    assert problem["type"] == "/problems/invalid-article"
    assert problem["errors"] == [
        {"detail": "The page has no text that looks like an article.", "pointer": "/text"}
    ]


SENTENCES = "<p>The café stays open, said the mayor of Málaga – “for now”, as he put it.</p>"


@pytest.mark.parametrize(
    ("body", "content_type", "replaced", "text"),
    [
        (
            b"<p>The caf\xc3\xa9 and the b\xfcro are open, said the mayor.</p>",
            "text/html",
            1,
            "café",
        ),
        (SENTENCES.encode() + b"\xff\xfe", "text/html; charset=utf-8", 2, "“for now”"),
        (
            b"<p>The caf\xe9 is open, said the mayor.</p>",
            "text/html; charset=utf-8",
            1,
            "caf\ufffd",
        ),
        (
            b"<p>A \x81 is nothing, said the mayor.</p>",
            "text/html; charset=windows-1252",
            1,
            "A \ufffd",
        ),
    ],
)
def test_wrong_bytes_are_replaced_with_a_warning(client, body, content_type, replaced, text):
    answer = post(client, body, content_type)
    assert answer.status_code == 200
    found = answer.get_json()
    [warning] = [w for w in found["warnings"] if w["code"] == "encoding"]
    assert f" {replaced} byte sequence" in warning["detail"]
    assert text in found["article"]["text"]


@pytest.mark.parametrize(
    ("encoding", "sentence", "declared", "content_type"),
    [
        ("windows-1252", "“We’re not done,” said José Muñoz, who runs a café.", "", "text/html"),
        (
            "windows-1252",
            "Fares rise to £3 or €4 in spring – a first, said the mayor.",
            "",
            "text/html",
        ),
        (
            "windows-1252",
            "Zoë met Renée on Friday in a small town, and both laughed.",
            "",
            "text/html",
        ),
        ("utf-8", "Señor José Muñoz met Zoë in Lima on Friday.", "", "text/html; charset=nonsense"),
        ("utf-8", "Señor José Muñoz met Zoë in Lima on Friday.", '<meta charset="x">', "text/html"),
        (
            "koi8-r",
            "Борис said no to the plan on Friday, as he had said.",
            "<meta charset=koi8-r>",
            "text/html",
        ),
        (
            "iso-8859-2",
            "Donald Tusk met Łukasz Żółć on Friday, and both laughed.",
            f"<!--{'x' * 5000}--><meta charset=iso-8859-2>",
            "text/html",
        ),
        ("utf-16-le", "Señor José Muñoz met Zoë in Lima on Friday.", "", "text/html"),
        ("utf-16-be", "Señor José Muñoz met Zoë in Lima on Friday.", "", "text/html"),
        (
            "utf-8",
            "Señor José Muñoz met Zoë in Lima on Friday.",
            '<!-- <meta charset="koi8-r"> --><meta charset=utf-8>',
            "text/html",
        ),
        (
            "utf-8",
            "Señor José Muñoz met Zoë in Lima on Friday.",
            "<script>var m = '<meta charset=koi8-r>'</script><meta charset=utf-8>",
            "text/html",
        ),
        (
            "windows-1252",
            "“We’re not done,” said José Muñoz, who runs a café.",
            "<!--><meta charset=x-user-defined>",
            "text/html",
        ),
    ],
)
def test_pages_are_decoded_as_browsers_decode_them(
    client, encoding, sentence, declared, content_type
):
    page = f"<html><head>{declared}</head><body><p>{sentence}</p></body></html>"
    found = post(client, page.encode(encoding), f"{content_type}", "?language=en").get_json()
    assert found["article"]["text"] == sentence
    assert [w for w in found["warnings"] if w["code"] == "encoding"] == []


def test_plain_text_stays_strict(client):
    answer = client.post("/v1/enrich", data=b"caf\xe9", content_type="text/plain")
    assert answer.status_code == 422
    assert "utf-8" in answer.get_json()["detail"]
    answer = client.post("/v1/enrich", data=b"cafe", content_type="text/plain; charset=nonsense")
    assert answer.status_code == 415


def test_what_extraction_doubts_stands_in_the_warnings(client):
    page = '<nav><a href="/">Home</a></nav><h1>Mayor of Hull resigns</h1>'
    found = post(client, f"<html><body>{page}</body></html>").get_json()
    assert found["article"] == {"title": None, "text": "Mayor of Hull resigns"}
    assert "extraction" in [w["code"] for w in found["warnings"]]
