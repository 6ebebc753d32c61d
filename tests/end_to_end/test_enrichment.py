"""Enrichments by a real gunicorn with the real model."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from service.api.schemas.response import EnrichmentSchema
from tests.bundle import SEED
from tests.end_to_end.documentation import agree

PLAIN = {"Content-Type": "text/plain"}
EXPECTED = SEED.with_suffix(".json")
"""Enrichment of the seed; ``python -m tests.end_to_end.expectations URL`` updates it."""


def enrich(server, text: str | bytes, **parameters: str) -> requests.Response:
    body = text.encode() if isinstance(text, str) else text
    return requests.post(
        f"{server.url}/v1/enrich", body, headers=PLAIN, params=parameters, timeout=120
    )


@pytest.fixture(scope="module")
def seed(server):
    response = enrich(server, SEED.read_bytes())
    assert response.status_code == 200
    return response.json()


def test_the_enrichment_of_the_seed_is_as_expected(seed):
    assert agree(json.dumps(seed), json.dumps(json.loads(EXPECTED.read_text("utf-8"))))


def test_an_enrichment_conforms_to_its_schema(seed):
    assert EnrichmentSchema(unknown="raise").validate(seed) == {}


@pytest.mark.parametrize(
    ("entity_type", "names"),
    [
        (
            "PERSON",
            {
                "Joe Biden", "Volodymyr Zelenskyy", "Yoon Seok-youl", "Shigeru Ishiba",
                "Kim Jong Un", "Takeshi Iwaya", "Victor Cha",
            },
        ),
        ("LOCATION", {"North Korea", "Russia", "Japan", "Ukraine"}),
        ("ORGANIZATION", {"Centre for Strategic and International Studies"}),
    ],
)  # fmt: skip
def test_the_main_entities_of_the_seed_are_found_once_each(seed, entity_type, names):
    found_names = [e["name"] for e in seed["entities"] if e["type"] == entity_type]
    assert names <= set(found_names)
    assert len(found_names) == len(set(found_names))


def test_the_sentiment_of_the_seed_is_not_positive(seed):
    assert seed["sentiment"]["label"] != "POSITIVE"


def test_offsets_locate_the_mentions_in_the_text(seed):
    text = SEED.read_text("utf-8")
    for entity in seed["entities"]:
        for mention in entity["mentions"]:
            assert text[mention["start"] : mention["end"]] == mention["text"]


def test_a_text_of_100000_words_is_analyzed_to_its_end(server):
    filler = "The committee met again and nothing was decided about the matter at hand. "
    text = filler * 7_700 + "At the very end, Volodymyr Zelenskyy spoke in Kyiv."
    assert len(text.split()) > 100_000
    found = enrich(server, text, features="entities").json()
    assert found["coverage"]["analyzed"] == found["coverage"]["characters"] == len(text)
    mentions = {e["name"]: e["mentions"][-1] for e in found["entities"]}
    last = mentions["Volodymyr Zelenskyy"]
    assert text[last["start"] : last["end"]] == "Volodymyr Zelenskyy"
    assert last["sentence"] == found["coverage"]["sentences"] - 1


def test_a_response_has_the_same_bytes_with_and_without_concurrent_requests(server):
    seed = SEED.read_bytes()
    others = ["Something else happened in Paris. " * n for n in range(1, 9)]
    alone = {enrich(server, seed).content for _ in range(50)}
    with ThreadPoolExecutor(9) as threads:
        noise = [
            threads.submit(lambda t=text: [enrich(server, t).content for _ in range(25)])
            for text in others
        ]
        beside = {enrich(server, seed).content for _ in range(50)}
        for answers in noise:
            assert len(set(answers.result())) == 1
    assert len(alone) == 1
    assert alone == beside


@pytest.mark.parametrize(
    ("unit", "width", "codec"), [("utf16", 2, "utf-16-le"), ("utf8", 1, "utf-8")]
)
def test_offsets_count_the_requested_unit(server, unit, width, codec):
    text = "👩‍👩‍👧 שלום! Émile Zola met Joe Biden in São Paulo 🇧🇷.\r\n\tJoe Biden left.\xa0👋"
    found = enrich(server, text, offsets=unit, features="entities").json()
    encoded = text.encode(codec)
    names = set()
    for entity in found["entities"]:
        for m in entity["mentions"]:
            assert encoded[m["start"] * width : m["end"] * width].decode(codec) == m["text"]
            names.add(m["text"])
    assert "Joe Biden" in names


def test_a_title_is_analyzed_with_the_text(server):
    article = {"title": "Zelenskyy thanks Japan", "text": "He spoke in Tokyo.", "id": "a-1"}
    found = requests.post(f"{server.url}/v1/enrich", json=article, timeout=30).json()
    sections = {e["name"]: e["mentions"][0]["section"] for e in found["entities"]}
    assert sections == {"Zelenskyy": "title", "Japan": "title", "Tokyo": "text"}
    assert found["id"] == "a-1"


def test_enrichments_name_the_model_that_v1_model_describes(server, seed):
    model = requests.get(f"{server.url}/v1/model", timeout=30).json()
    assert {name: model[name] for name in seed["model"]} == seed["model"]
    assert enrich(server, "Hello there.", pin=model["digest"]).status_code == 200
    assert enrich(server, "Hello there.", pin="sha256:" + "0" * 64).status_code == 409
