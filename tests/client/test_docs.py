"""The Python example in docs/command-line.md works."""

import re

import pytest

from tests.bundle import ROOT
from tests.scripted_server import response, scripted_server

PAGE = (ROOT / "docs/command-line.md").read_text("utf-8")
[EXAMPLE] = re.findall(r"^```python\n(.+?)^```", PAGE, re.M | re.S)
READY = response(200, {"status": "ready"})
ENRICHMENT = {"entities": [{"name": "Joe Biden", "sentiment": {"label": "NEUTRAL"}}]}


@pytest.mark.parametrize(
    ("answer", "printed"),
    [
        (response(200, ENRICHMENT), "Joe Biden NEUTRAL\n"),
        (
            response(422, {"type": "/problems/invalid-article", "detail": "Empty."}),
            "/problems/invalid-article Empty.\n",
        ),
    ],
    ids=["enriched", "rejected"],
)
def test_the_python_example_runs_as_documented(answer, printed, tmp_path, monkeypatch, capsys):
    (tmp_path / "page.html").write_text("<p>Ann left.")
    monkeypatch.chdir(tmp_path)
    with scripted_server() as server:
        server.script = [READY, answer, response(200, ENRICHMENT)]
        exec(EXAMPLE.replace("http://localhost:8000", server.url), {})
    assert capsys.readouterr().out == printed
    assert [path for path, _ in server.requests] == [
        "/readyz",
        "/v1/enrich?features=entities",
        "/v1/enrich",
    ]
    assert server.requests[2][1] == b"<p>Ann left."
