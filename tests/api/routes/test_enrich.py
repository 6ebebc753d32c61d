import json

import pytest

from service.api.schemas.response import EnrichmentSchema

TEXT = "Ann Lee praised Acme in Paris. The weather was dreadful. Ann left."
ALWAYS = ["id", "language", "coverage", "model", "warnings"]


def enrich(client, body=None, query="", **more):
    response = client.post(f"/v1/enrich{query}", json={"text": TEXT, **(body or {})}, **more)
    assert response.status_code == 200, response.text
    return response.get_json()


def test_an_article_comes_back_with_what_is_in_it(client):
    found = enrich(client, {"id": "a-1"})
    assert found["id"] == "a-1"
    assert [(e["name"], e["type"]) for e in found["entities"]] == [
        ("Ann Lee", "PERSON"),
        ("Acme", "ORGANIZATION"),
        ("Paris", "LOCATION"),
    ]
    assert [s["sentiment"]["label"] for s in found["sentences"]] == [
        "POSITIVE",
        "NEGATIVE",
        "NEUTRAL",
    ]
    assert found["coverage"]["analyzed"] == found["coverage"]["characters"] == len(TEXT)
    assert found["model"] == {
        "name": "fake",
        "version": "1",
        "digest": "sha256:" + "0" * 64,
        "capabilities": {"target_sentiment": "trained"},
    }


def test_every_member_is_in_the_schema_and_has_an_allowed_value(client):
    found = enrich(client, {"title": "Acme"}, "?include_text=true")
    assert EnrichmentSchema(unknown="raise").validate(found) == {}
    assert list(found) == [name for name in EnrichmentSchema().fields if name in found]


def test_plain_text_and_json_give_the_same_bytes(client):
    plain = client.post("/v1/enrich", data=TEXT, content_type="text/plain")
    assert plain.data == client.post("/v1/enrich", json={"text": TEXT}).data


def test_the_same_request_gives_the_same_bytes(client):
    bodies = {client.post("/v1/enrich", json={"text": TEXT}).data for _ in range(20)}
    assert len(bodies) == 1


def test_the_body_is_compact_utf_8_that_ends_its_line(client):
    response = client.post("/v1/enrich", json={"text": "Zoë met Ann."})
    assert response.content_type == "application/json"
    assert "Zoë".encode() in response.data
    assert response.data.endswith(b"}\n")
    assert (
        response.data.decode()
        == json.dumps(response.get_json(), ensure_ascii=False, separators=(",", ":")) + "\n"
    )


@pytest.mark.parametrize(
    ("features", "members"),
    [
        ("entities", ["entities"]),
        ("sentiment", ["sentiment", "voices"]),
        ("sentences", ["sentences"]),
        ("sentences&features=entities", ["entities", "sentences"]),
        ("sentences,entities", ["entities", "sentences"]),
        ("entities,sentiment,sentences", ["sentiment", "entities", "sentences", "voices"]),
    ],
)
def test_what_is_not_asked_for_is_absent(client, features, members):
    found = enrich(client, query=f"?features={features}")
    assert sorted(found) == sorted(ALWAYS + members)


def test_only_entities_of_the_types_asked_for_are_given(client):
    everyone = enrich(client)["entities"]
    some = enrich(client, query="?types=LOCATION,PERSON")["entities"]
    assert some == [e for e in everyone if e["type"] != "ORGANIZATION"]


@pytest.mark.parametrize(
    ("unit", "cut"),
    [
        ("codepoint", lambda text, a, b: text[a:b]),
        ("utf16", lambda text, a, b: text.encode("utf-16-le")[2 * a : 2 * b].decode("utf-16-le")),
        ("utf8", lambda text, a, b: text.encode()[a:b].decode()),
    ],
)
def test_offsets_cut_the_text_at_the_mention_in_each_unit(client, unit, cut):
    article = {"title": "🙂 é Acme", "text": "🙂🙂 naïve Zoë met Ann\r\nin 🇫🇷 Paris."}
    found = enrich(client, article, f"?offsets={unit}")
    mentions = [m for e in found["entities"] for m in e["mentions"]]
    assert {"title", "text"} == {m["section"] for m in mentions}
    for mention in mentions:
        source = article[mention["section"]]
        assert cut(source, mention["start"], mention["end"]) == mention["text"]


def test_the_article_comes_back_if_that_is_asked_for(client):
    assert "article" not in enrich(client)
    found = enrich(client, {"title": "Acme"}, "?include_text=true")
    assert found["article"] == {"title": "Acme", "text": TEXT}
    plain = client.post("/v1/enrich?include_text=true", data=TEXT, content_type="text/plain")
    assert plain.get_json()["article"] == {"title": None, "text": TEXT}


def test_a_pinned_model_must_be_the_one_that_runs(client):
    digest = enrich(client)["model"]["digest"]
    assert enrich(client, query=f"?pin={digest}")
    other = client.post(f"/v1/enrich?pin=sha256:{'f' * 64}", json={"text": TEXT})
    assert other.status_code == 409
    assert other.get_json()["type"] == "/problems/other-model"
    assert digest in other.get_json()["detail"]


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json; charset=utf-8",
        "Application/JSON",
        'application/json;profile="x"',
        "application/json; charset=ISO-8859-1",
    ],
)
def test_json_is_known_however_its_type_is_written(client, content_type):
    body = json.dumps({"text": TEXT}).encode()
    response = client.post("/v1/enrich", data=body, content_type=content_type)
    assert response.status_code == 200


def test_null_is_as_good_as_absent_where_a_member_is_optional(client):
    assert enrich(client, {"title": None, "id": None, "language": None}) == enrich(client)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", "Zoë – naïve"),
        ("text/plain", "\ufeffZoë – naïve"),
        ("text/plain; charset=utf-8", "Zoë – naïve"),
        ("TEXT/PLAIN; Charset=UTF8", "Zoë – naïve"),
    ],
)
def test_plain_text_is_utf_8_and_a_byte_order_mark_is_no_part_of_it(client, content_type, body):
    response = client.post(
        "/v1/enrich?include_text=true", data=body.encode(), content_type=content_type
    )
    assert response.get_json()["article"]["text"] == "Zoë – naïve"


@pytest.mark.parametrize(
    ("charset", "codec"),
    [
        ("windows-1252", "cp1252"),
        ("iso-8859-1", "cp1252"),
        ("latin1", "cp1252"),
        ("us-ascii", "cp1252"),
        ("iso-8859-15", "iso-8859-15"),
        ("utf-16le", "utf-16-le"),
        ("macintosh", "mac-roman"),
    ],
)
def test_plain_text_may_be_in_another_encoding(client, charset, codec):
    text = "Zoë said “hm” – naïve" if codec in ("cp1252", "utf-16-le", "mac-roman") else "Zoë 5 €"
    response = client.post(
        "/v1/enrich?include_text=true",
        data=text.encode(codec),
        content_type=f"text/plain; charset={charset}",
    )
    assert response.get_json()["article"]["text"] == text


def test_a_utf_16_byte_order_mark_is_no_part_of_the_text(client):
    response = client.post(
        "/v1/enrich?include_text=true",
        data="\ufeffZoë".encode("utf-16-le"),
        content_type="text/plain; charset=utf-16",
    )
    assert response.get_json()["article"]["text"] == "Zoë"


def test_white_space_is_part_of_the_text(client):
    text = "  \tAnn\r\n\r\n\u00a0Lee  \n"
    found = enrich(client, {"text": text}, "?include_text=true")
    assert found["article"]["text"] == text
    assert found["coverage"]["characters"] == len(text)


def test_the_enrichment_is_in_the_schema_s_order_and_optional_members_are_not_null(client):
    found = enrich(client)
    assert list(found)[:2] == ["id", "language"]
    assert list(found)[-3:] == ["coverage", "model", "warnings"]


def test_the_model_describes_itself(client):
    model = client.get("/v1/model").get_json()
    assert model["digest"] == "sha256:" + "0" * 64
    assert model["entity_types"] == ["PERSON", "ORGANIZATION", "LOCATION", "MISC"]
    assert model["training_data"] == [{"name": "none", "licence": "none", "use": "none"}]
    assert model["files"] == {"encoder.onnx": "0" * 64}


def test_the_sentiment_at_each_mention_comes_when_it_is_asked_for(client):
    text = "So Biden met Putin. Then Biden left."
    plain = enrich(client, {"text": text}, "?features=entities")
    mentions = enrich(client, {"text": text}, "?features=mention_sentiment")
    assert [e["name"] for e in mentions["entities"]] == [e["name"] for e in plain["entities"]]
    assert all("sentiment" not in m for e in plain["entities"] for m in e["mentions"])
    for entity in mentions["entities"]:
        for mention in entity["mentions"]:
            assert set(mention["sentiment"]) == {"label", "score", "probabilities"}
    assert "sentences" not in mentions
