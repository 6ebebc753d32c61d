"""Failed pulls, with the real client and the real command."""

import resource

import pytest

from tests.conftest import free_port
from tests.hub.conftest import commit_large_weights
from tests.scripted_server import response, scripted_server

DISK_LIMIT = 1_000_000


def test_the_error_for_a_download_that_breaks_repeatedly_explains_how_to_continue(
    enrich_model, hub, ner
):
    commit_large_weights(ner, hub)
    hub.breaks["model.safetensors"] = [15_000_000, *[0] * 10]
    outcome = enrich_model("pull", "ann/ner")
    assert outcome.code == 1
    [line] = outcome.errors.splitlines()
    assert line.startswith(f"Error: the hub at {hub.url} cannot be reached")
    assert line.endswith("run the same command again to continue")


def test_a_gated_model_requires_access(enrich_model, hub):
    hub.gated.add("ann/ner")
    for environment in ({}, {"HF_TOKEN": "without access"}):
        outcome = enrich_model("pull", "ann/ner", **environment)
        assert outcome.code == 1
        assert outcome.errors.startswith("Error: ann/ner is gated: request access")
        assert len(outcome.errors.splitlines()) == 1


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("ann/nobody", "has no model ann/nobody, or it is private"),
        ("ann/ner@v9", "ann/ner has no revision v9"),
    ],
)
def test_the_error_for_a_missing_model_or_revision_names_it(enrich_model, reference, message):
    outcome = enrich_model("pull", reference)
    assert outcome.code == 1
    [line] = outcome.errors.splitlines()
    assert message in line


def test_a_malformed_id_is_a_usage_error(enrich_model, hub):
    outcome = enrich_model("pull", "ann/ner/more")
    assert outcome.code == 2
    assert "'ann/ner/more' is neither an existing folder nor the id of a model" in outcome.errors
    assert hub.log == []


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_mode_sends_no_requests_and_pulled_models_remain_usable(
    enrich_model, hub, variable
):
    enrich_model("pull", "ann/ner")
    hub.log.clear()
    outcome = enrich_model("pull", "ann/ner", **{variable: "1"})
    assert outcome.code == 1
    [line] = outcome.errors.splitlines()
    assert line.startswith("Error: ann/ner cannot be pulled while HF_HUB_OFFLINE")
    assert enrich_model("show", "ann/ner", **{variable: "1"}).code == 0
    assert hub.log == []


def test_the_error_for_an_unreachable_hub_names_it(enrich_model):
    endpoint = f"http://127.0.0.1:{free_port()}"
    outcome = enrich_model("pull", "ann/ner", HF_ENDPOINT=endpoint)
    assert outcome.code == 1
    [line] = outcome.errors.splitlines()
    assert line.startswith(f"Error: the hub at {endpoint} cannot be reached (")


@pytest.mark.parametrize(
    "reply", [response(200, {"hello": 1}), (200, {}, b"<html>"), response(500, None)]
)
def test_a_server_that_is_not_a_hub_is_recognised(enrich_model, reply):
    with scripted_server() as server:
        server.script.append(reply)
        outcome = enrich_model("pull", "ann/ner", HF_ENDPOINT=server.url)
    assert outcome.code == 1
    [line] = outcome.errors.splitlines()
    assert "does not respond like a hub: check HF_ENDPOINT" in line


def test_the_error_for_a_failing_hub_has_its_status(enrich_model):
    with scripted_server() as server:
        server.script.append(response(500, {"error": "out of order"}))
        outcome = enrich_model("pull", "ann/ner", HF_ENDPOINT=server.url)
    assert outcome.code == 1
    [line] = outcome.errors.splitlines()
    assert "answered 500 to a request for ann/ner" in line


def test_a_full_disk_is_reported_in_one_line(enrich_model, hub, ner):
    commit_large_weights(ner, hub)
    outcome = enrich_model(
        "pull",
        "ann/ner",
        limit=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (DISK_LIMIT, DISK_LIMIT)),
    )
    assert outcome.code == 1
    assert outcome.errors == f"Error: {enrich_model.store}: File too large\n"
