"""Each kind of bad request gets its problem and its line in the log; none is a fault of ours."""

import io
import json

import pytest

JSON = "application/json"
TEXT = "text/plain"
PAIR = b'{"text": "Ann.", '


def article(**members):
    return json.dumps({"text": "Ann met Joe.", **members}).encode()


# name: (body, content type, status, kind, pointer of the only error or None)
BODIES = {
    "nothing": (b"", JSON, 400, "malformed-json", None),
    "blank JSON": (b" \n", JSON, 400, "malformed-json", None),
    "cut off": (b'{"text": "Ann', JSON, 400, "malformed-json", None),
    "not JSON": (b"text=Ann", JSON, 400, "malformed-json", None),
    "trailing garbage": (b'{"text": "Ann."} x', JSON, 400, "malformed-json", None),
    "two values": (b'{"text": "Ann."}{"text": "Ann."}', JSON, 400, "malformed-json", None),
    "single quotes": (b"{'text': 'Ann.'}", JSON, 400, "malformed-json", None),
    "trailing comma": (PAIR + b"}", JSON, 400, "malformed-json", None),
    "duplicate name": (PAIR + b'"text": "Joe."}', JSON, 400, "malformed-json", None),
    "duplicate name inside": (PAIR + b'"x": {"a":1,"a":2}}', JSON, 400, "malformed-json", None),
    "NaN": (PAIR + b'"x": NaN}', JSON, 400, "malformed-json", None),
    "Infinity": (PAIR + b'"x": -Infinity}', JSON, 400, "malformed-json", None),
    "depth bomb of arrays": (b"[" * 50_000, JSON, 400, "malformed-json", None),
    "depth bomb of objects": (b'{"a":' * 15_000, JSON, 400, "malformed-json", None),
    "control character, raw": (b'{"text": "An\x00n"}', JSON, 400, "malformed-json", None),
    "line break, raw": (b'{"text": "An\nn"}', JSON, 400, "malformed-json", None),
    "invalid UTF-8": (b'{"text": "An\xff"}', JSON, 400, "malformed-json", None),
    "overlong UTF-8": (b'{"text": "An\xc0\xaf"}', JSON, 400, "malformed-json", None),
    "encoded surrogate": (b'{"text": "An\xed\xa0\x80"}', JSON, 400, "malformed-json", None),
    "UTF-16": ('{"text": "Ann"}'.encode("utf-16"), JSON, 400, "malformed-json", None),
    "an array": (b"[]", JSON, 422, "invalid-article", ""),
    "a string": (b'"Ann"', JSON, 422, "invalid-article", ""),
    "null": (b"null", JSON, 422, "invalid-article", ""),
    "a number of 5,000 digits": (b"1" * 5000, JSON, 422, "invalid-article", ""),
    "no text": (b"{}", JSON, 422, "invalid-article", "/text"),
    "null text": (article(text=None), JSON, 422, "invalid-article", "/text"),
    "a number as text": (article(text=5), JSON, 422, "invalid-article", "/text"),
    "true as text": (article(text=True), JSON, 422, "invalid-article", "/text"),
    "an array as text": (article(text=["Ann"]), JSON, 422, "invalid-article", "/text"),
    "an object as text": (article(text={"a": 1}), JSON, 422, "invalid-article", "/text"),
    "empty text": (article(text=""), JSON, 422, "invalid-article", "/text"),
    "blank text": (article(text=" \r\n\t\u00a0\u2003"), JSON, 422, "invalid-article", "/text"),
    "NUL": (article(text="Ann\0"), JSON, 422, "invalid-article", "/text"),
    "ESC": (article(text="\x1b[31mAnn"), JSON, 422, "invalid-article", "/text"),
    "DEL": (article(text="Ann\x7f"), JSON, 422, "invalid-article", "/text"),
    "lone high surrogate": (article(text="A\ud83d"), JSON, 422, "invalid-article", "/text"),
    "lone low surrogate": (article(text="A\ude00 b"), JSON, 422, "invalid-article", "/text"),
    "a number as title": (article(title=5), JSON, 422, "invalid-article", "/title"),
    "blank title": (article(title=" "), JSON, 422, "invalid-article", "/title"),
    "lone surrogate in title": (article(title="\udfff"), JSON, 422, "invalid-article", "/title"),
    "a number as id": (article(id=5), JSON, 422, "invalid-article", "/id"),
    "long id": (article(id="x" * 257), JSON, 422, "invalid-article", "/id"),
    "lone surrogate in id": (article(id="\ud800"), JSON, 422, "invalid-article", "/id"),
    "language in capitals": (article(language="EN"), JSON, 422, "invalid-article", "/language"),
    "language with region": (article(language="en-GB"), JSON, 422, "invalid-article", "/language"),
    "language and newline": (article(language="en\n"), JSON, 422, "invalid-article", "/language"),
    "a number as language": (article(language=1), JSON, 422, "invalid-article", "/language"),
    "other language": (article(language="de"), JSON, 422, "unsupported-language", "/language"),
    "unknown field": (article(author="x"), JSON, 422, "invalid-article", "/author"),
    "field in capitals": (article(Title="x"), JSON, 422, "invalid-article", "/Title"),
    "field to be escaped": (article(**{"a/b~c": 1}), JSON, 422, "invalid-article", "/a~1b~0c"),
    "field without a name": (article(**{"": 1}), JSON, 422, "invalid-article", "/"),
    "field of marshmallow's": (article(_schema=1), JSON, 422, "invalid-article", "/_schema"),
    "surrogate as a name": (article(**{"\ud800": 1}), JSON, 422, "invalid-article", "/?"),
    "no plain text": (b"", TEXT, 422, "invalid-article", "/text"),
    "blank plain text": (b" \n\xc2\xa0", TEXT, 422, "invalid-article", "/text"),
    "only a byte order mark": (b"\xef\xbb\xbf", TEXT, 422, "invalid-article", "/text"),
    "NUL in plain text": (b"Ann\0", TEXT, 422, "invalid-article", "/text"),
    "Latin-1 as UTF-8": (b"Zo\xeb", TEXT, 422, "invalid-article", "/text"),
    "a cut-off character": ("Zoë".encode()[:-1], TEXT, 422, "invalid-article", "/text"),
    "half a UTF-16 unit": (b"A\0B", f"{TEXT}; charset=utf-16", 422, "invalid-article", "/text"),
    "not in windows-1252": (b"\x81", f"{TEXT}; charset=latin1", 422, "invalid-article", "/text"),
    "unknown charset": (b"Ann", f"{TEXT}; charset=x", 415, "unsupported-media-type", None),
    "empty charset": (b"Ann", f'{TEXT}; charset=""', 415, "unsupported-media-type", None),
    "a codec of Python's": (b"Ann", f"{TEXT}; charset=rot13", 415, "unsupported-media-type", None),
    "a codec that is none": (b"Ann", f"{TEXT}; charset=zlib", 415, "unsupported-media-type", None),
    "no type": (b"Ann", None, 415, "unsupported-media-type", None),
    "a type that is none": (b"Ann", "text", 415, "unsupported-media-type", None),
    "a form": (
        b"text=Ann",
        "application/x-www-form-urlencoded",
        415,
        "unsupported-media-type",
        None,
    ),
    "a document": (b"%PDF-1.7", "application/pdf", 415, "unsupported-media-type", None),
    "other JSON": (b"{}", "application/ld+json", 415, "unsupported-media-type", None),
    "any type": (b"{}", "*/*", 415, "unsupported-media-type", None),
    "too much": (b"x" * 100_001, TEXT, 413, "body-too-large", None),
}

PARAMETERS = {
    "unknown": ("feature=entities", "feature"),
    "in capitals": ("Features=entities", "Features"),
    "without a name": ("=1", ""),
    "marshmallow's own": ("_schema=1", "_schema"),
    "repeated": ("offsets=utf8&offsets=utf16", "offsets"),
    "repeated, the same": ("include_text=true&include_text=true", "include_text"),
    "a list of which one part is empty": ("features=entities&features=", "features"),
    "unknown and repeated": ("x=1&x=2", "x"),
    "unknown feature": ("features=entities,keywords", "features"),
    "feature in capitals": ("features=Entities", "features"),
    "no feature": ("features=", "features"),
    "an empty feature": ("features=entities,", "features"),
    "a space before a feature": ("features=entities,%20sentiment", "features"),
    "unknown type": ("types=PERSON,PET", "types"),
    "no type": ("types=", "types"),
    "unknown unit": ("offsets=bytes", "offsets"),
    "no unit": ("offsets=", "offsets"),
    "a number for a flag": ("include_text=1", "include_text"),
    "no flag": ("include_text=", "include_text"),
    "a pin that is no digest": ("pin=latest", "pin"),
    "a pin in capitals": (f"pin=SHA256:{'0' * 64}", "pin"),
    "not UTF-8": ("features=%FF", "features"),
    "a surrogate": ("%ED%A0%80=1", "%ED%A0%80"),
}


def assert_problem(response, lines, status, kind):
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    problem = json.loads(response.data.decode())
    assert problem["status"] == status
    assert problem["type"] == f"/problems/{kind}"
    assert problem["title"]
    assert problem["detail"]
    assert problem["request_id"] == response.headers["X-Request-Id"]
    [line] = [line for line in lines if line.request_id == problem["request_id"]]
    assert (line.status, line.problem) == (status, problem["type"])
    return problem


@pytest.mark.parametrize(
    ("body", "content_type", "status", "kind", "pointer"), BODIES.values(), ids=BODIES.keys()
)
def test_a_bad_body_gets_its_problem(client, access_log, body, content_type, status, kind, pointer):
    response = client.post("/v1/enrich", data=body, content_type=content_type)
    problem = assert_problem(response, access_log(), status, kind)
    assert [e["pointer"] for e in problem.get("errors", [])] == (
        [] if pointer is None else [pointer]
    )


@pytest.mark.parametrize(("query", "parameter"), PARAMETERS.values(), ids=PARAMETERS.keys())
@pytest.mark.parametrize("content_type", [JSON, TEXT])
def test_a_bad_parameter_gets_its_problem_with_each_content_type(
    client, access_log, query, parameter, content_type
):
    body = article() if content_type == JSON else b"Ann met Joe."
    response = client.post(f"/v1/enrich?{query}", data=body, content_type=content_type)
    problem = assert_problem(response, access_log(), 422, "invalid-parameter")
    assert [e["parameter"] for e in problem["errors"]] == [parameter]


def test_everything_that_is_wrong_is_named_at_once(client):
    response = client.post("/v1/enrich", json={"title": 5, "id": "x" * 300, "author": "x"})
    pointers = {error["pointer"] for error in response.get_json()["errors"]}
    assert pointers == {"/text", "/title", "/id", "/author"}


def test_an_unknown_type_is_named_beside_those_there_are(client):
    response = client.post("/v1/enrich?types=PET", data=b"Ann.", content_type=TEXT)
    detail = response.get_json()["errors"][0]["detail"]
    assert "PET" in detail
    assert "PERSON, ORGANIZATION, LOCATION, MISC" in detail


@pytest.mark.parametrize(
    ("body", "content_type", "place"),
    [
        (b'{"text": "Ann",\n  text: 1}', JSON, "line 2, column 3"),
        (b'\xef\xbb\xbf{"text": "\xff"}', JSON, "byte 13 (0xFF)"),
        (b"caf\xe9", TEXT, "byte 3 (0xE9)"),
        (b'{"a": 1, "a": 2}', JSON, '"a"'),
        (b'{"a": NaN}', JSON, "NaN"),
    ],
)
def test_a_problem_names_the_place_of_the_fault(client, body, content_type, place):
    response = client.post("/v1/enrich", data=body, content_type=content_type)
    assert place in response.get_json()["detail"]


def test_a_wrong_media_type_gets_the_supported_ones(client):
    response = client.post("/v1/enrich", data=b"%PDF-1.7", content_type="application/pdf")
    right = ("application/json", "text/plain", "text/html", "application/xhtml+xml")
    assert response.headers["Accept-Post"] == ", ".join(right)
    assert all(media_type in response.get_json()["detail"] for media_type in right)


def test_a_body_as_large_as_allowed_is_read(client):
    body = (b"Ann met Joe in Paris. " * 5000)[:100_000]
    assert client.post("/v1/enrich", data=body, content_type=TEXT).status_code == 200


def chunked(client, body, content_type=TEXT):
    """As gunicorn passes on a chunked body: a stream that ends by itself, and no length."""
    return client.post(
        "/v1/enrich",
        input_stream=io.BytesIO(body),
        content_type=content_type,
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )


def test_a_chunked_body_that_is_too_large_is_rejected_and_not_cut(client, access_log):
    response = chunked(client, b"Ann met Joe in Paris. " * 5000)
    assert_problem(response, access_log(), 413, "body-too-large")
    assert response.headers["Connection"] == "close"
    assert chunked(client, b"Ann met Joe in Paris.").status_code == 200


def test_a_body_that_ends_early_is_not_taken_for_the_article(client, access_log):
    response = client.post(
        "/v1/enrich",
        input_stream=io.BytesIO(b"Ann met"),
        content_type=TEXT,
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": "12"},
    )
    problem = assert_problem(response, access_log(), 400, "malformed-request")
    assert "7 of 12 bytes" in problem["detail"]


def test_many_names_are_looked_through_for_duplicates_in_no_time(client):
    names = ",".join(f'"{i}":1' for i in range(9_000))
    response = client.post("/v1/enrich", data=f'{{{names},"8999":1}}', content_type=JSON)
    assert response.get_json()["type"] == "/problems/malformed-json"


@pytest.mark.parametrize(
    ("body", "content_type", "detail"),
    [
        (b" ", JSON, "The JSON text is empty."),
        (b'{"text" 1}', JSON, "Expecting ':' delimiter at column 9."),
        (b'{\n"text" 1}', JSON, "Expecting ':' delimiter at line 2, column 8."),
        (b'{"text": "An\xff"}', JSON, "The JSON is not in UTF-8: byte 12 (0xFF) is invalid."),
        (b"Ann.", f"{TEXT}; charset=x-none", "Content-Type names an unknown charset: 'x-none'."),
        (
            b"caf\xe9",
            f"{TEXT}; charset=utf-8",
            "The text is not in utf-8: byte 3 (0xE9) is invalid.",
        ),
    ],
)
def test_the_detail_names_what_is_wrong_and_where(client, body, content_type, detail):
    answer = client.post("/v1/enrich", data=body, content_type=content_type)
    assert answer.json["detail"].startswith(detail)
