"""Clients in other languages extract the mentions by the requested offsets."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import requests

NODE = shutil.which("node")
ARTICLE = {
    "title": "🎉 Angela Merkel visits Zürich 🇨🇭",
    "text": (
        "👩‍👩‍👧‍👦 Angela Merkel met Emmanuel Macron in Zürich on Monday. “It was 𝒈𝒓𝒆𝒂𝒕 🥂,” "
        "Macron said.\r\n\r\nMerkel’s visit to 東京, or Tokyo, comes next – with 😀José Ángel."
    ),
}
CUT_MENTIONS = Path(__file__).with_name("cut_mentions.mjs")


@pytest.mark.skipif(NODE is None, reason="node is not installed (Debian package nodejs)")
@pytest.mark.parametrize("unit", ["utf16", "utf8"])
def test_javascript_extracts_each_mention_by_its_offsets(server, unit):
    answer = requests.post(
        f"{server.url}/v1/enrich", json=ARTICLE, params={"offsets": unit}, timeout=60
    )
    assert answer.status_code == 200, answer.text
    found = [m["text"] for entity in answer.json()["entities"] for m in entity["mentions"]]
    assert {"Angela Merkel", "Zürich", "Emmanuel Macron", "Tokyo"} <= set(found)
    cut = subprocess.run(
        [str(NODE), CUT_MENTIONS],
        input=json.dumps({"unit": unit, "article": ARTICLE, "enrichment": answer.json()}),
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    assert json.loads(cut.stdout) == found
