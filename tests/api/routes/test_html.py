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


def test_a_page_without_an_article_is_a_problem(client):
    answer = post(client, "<html><body><script>1</script></body></html>")
    assert answer.status_code == 422
    problem = answer.get_json()
    assert problem["type"] == "/problems/invalid-article"
    assert problem["errors"] == [
        {"detail": "The page has no text that looks like an article.", "pointer": "/text"}
    ]


def test_bytes_that_are_not_in_the_encoding_are_a_problem(client):
    answer = post(client, b"<p>caf\xe9</p>", "text/html")
    assert answer.status_code == 422
    assert "utf-8" in answer.get_json()["detail"]
