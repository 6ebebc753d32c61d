import json
import re
from pathlib import Path

import yaml

from service.api.openapi import openapi_yaml
from service.api.problem_types import ProblemType

ROOT = Path(__file__).parents[3]


def test_openapi_yaml_matches_the_schemas():
    assert (ROOT / "openapi.yaml").read_text(encoding="utf-8") == openapi_yaml(), (
        "openapi.yaml is stale: run `make openapi`"
    )


def test_the_server_serves_the_same_document(client):
    assert client.get("/openapi.json").get_json() == yaml.safe_load(openapi_yaml())


def test_every_operation_may_answer_with_a_problem(client):
    document = client.get("/openapi.json").get_json()
    for path in document["paths"].values():
        for method, operation in path.items():
            if method == "parameters":
                continue
            assert operation["operationId"]
            for status, response in operation["responses"].items():
                if status == "304":
                    assert "content" not in response
                    continue
                wanted = "application/problem+json"
                if status == "200":
                    text = operation["operationId"] == "get_metrics"
                    wanted = "text/plain" if text else "application/json"
                assert "$ref" in response or next(iter(response["content"])) == wanted


def test_every_problem_named_in_the_document_is_one_there_is(client):
    text = json.dumps(client.get("/openapi.json").get_json())
    assert set(re.findall(r"`(/problems/[a-z-]+)`", text)) <= {kind.type for kind in ProblemType}


def test_the_docs_load_nothing_from_elsewhere(client):
    page = client.get("/docs")
    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "default-src 'none'" in policy
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert "openapi.json" in loaded
    for address in loaded:
        assert not re.match(r"[a-z]+:|/", address)
        assert client.get(f"/{address}").status_code == 200
    assert "<script>" not in page.text
    assert not re.search(r"\son\w+=|\sstyle=", page.text)


def test_the_assets_are_a_list_and_not_a_folder(client):
    assert client.get("/docs/assets/swagger-ui-bundle.js").mimetype == "text/javascript"
    assert client.get("/docs/assets/LICENSE").status_code == 404
    assert client.get("/docs/assets/..%2f__init__.py").status_code == 404
    assert client.get("/docs/static/..%2f..%2fbody.py").status_code == 404


def test_the_page_takes_its_parts_from_here_and_runs_nothing_else(client):
    page = client.get("/")
    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert not re.match(r"[a-z]+:|/", address)
        assert client.get(f"/{address}").status_code == 200
    assert not re.search(r"<style|<script>|\son\w+=|\sstyle=", page.text)
