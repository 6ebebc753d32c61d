"""Pulls with the real client and the real command, from a hub on this machine."""

import json
import signal
import time

from service.inference.hub.store import Store
from tests.hub.conftest import CommandLine, commit_large_weights, make_checkpoint

BUFFER_SIZE = 10 * 1024 * 1024
"""Bytes that the client buffers before it writes them."""
REQUIRED_FILES = [
    "README.md",
    "config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
]


def stored_commits(enrich_model: CommandLine) -> list[str]:
    return [folder.name for folder in Store(enrich_model.store).folders()]


def test_a_pull_stores_the_commit_with_its_record(enrich_model, hub, ner):
    outcome = enrich_model("pull", "ann/ner")
    assert (outcome.code, outcome.errors) == (0, "")
    commit = hub.revisions["ann/ner"]["main"]
    folder = enrich_model.store / "ann--ner" / commit
    assert outcome.output == f"ann/ner is in {folder}\n"
    record = json.loads((folder / "record.json").read_text())
    files = hub.commits["ann/ner"][commit]
    assert record == {
        "id": "ann/ner",
        "commit": commit,
        "licence": "mit",
        "languages": ["en", "pt"],
        "pipeline_tag": "token-classification",
        "files": {name: files[name].sha256 for name in REQUIRED_FILES},
        "sizes": {name: (ner / name).stat().st_size for name in REQUIRED_FILES},
    }
    assert {path.name for path in folder.iterdir()} == {*REQUIRED_FILES, "record.json"}
    assert Store(enrich_model.store).find("ann/ner").folder == folder


def test_only_the_required_files_are_downloaded_and_never_code(enrich_model, hub):
    enrich_model("pull", "ann/ner")
    assert sorted(hub.fetched()) == REQUIRED_FILES


def test_the_client_requests_only_the_listing_and_files_and_sends_no_telemetry(enrich_model, hub):
    enrich_model("pull", "ann/ner")
    listing, *files = [request for request in hub.log if request.server == "hub"]
    assert listing.path.startswith("/api/models/ann/ner/revision/main")
    assert all("/resolve" in request.path for request in files)
    assert {len(request.headers["User-Agent"].split(";")) for request in hub.log} == {3}


def test_the_token_is_not_sent_to_the_origin_of_large_files(enrich_model, hub):
    hub.gated.add("ann/ner")
    hub.tokens.add("secret")
    assert enrich_model("pull", "ann/ner", HF_TOKEN="secret").code == 0
    [weights] = [request for request in hub.log if request.server == "cdn"]
    assert weights.path.endswith("/model.safetensors")
    assert "Authorization" not in weights.headers
    requests = [request for request in hub.log if request.server == "hub"]
    assert {request.headers.get("Authorization") for request in requests} == {"Bearer secret"}


def test_a_second_pull_downloads_nothing(enrich_model, hub):
    enrich_model("pull", "ann/ner")
    fetched = hub.fetched()
    assert enrich_model("pull", "ann/ner").code == 0
    assert hub.fetched() == fetched


def test_only_a_pull_follows_a_branch_that_moved_and_old_commits_remain(enrich_model, hub, ner):
    old = hub.commit("ann/ner", "main", "v1")
    enrich_model("pull", "ann/ner")
    (ner / "README.md").write_text("Another card.")
    new = hub.commit("ann/ner", "main")
    store = Store(enrich_model.store)
    assert store.find("ann/ner").folder.name == old
    assert enrich_model("pull", "ann/ner").code == 0
    assert store.find("ann/ner").folder.name == new
    assert stored_commits(enrich_model) == sorted([old, new])
    assert enrich_model("pull", "ann/ner@v1").code == 0
    assert store.find("ann/ner@v1").folder.name == old
    assert store.find(f"ann/ner@{old[:7]}").folder.name == old
    assert store.find("ann/ner").folder.name == new


def test_a_commit_can_be_pulled_after_its_branch_has_moved(enrich_model, hub, ner):
    old = hub.revisions["ann/ner"]["main"]
    (ner / "README.md").write_text("Another card.")
    hub.commit("ann/ner")
    assert enrich_model("pull", f"ann/ner@{old}").code == 0
    assert stored_commits(enrich_model) == [old]
    assert Store(enrich_model.store).find("ann/ner").folder.name == old


def test_a_renamed_model_can_be_pulled_by_its_old_name(enrich_model, hub):
    hub.moved["ner-of-old"] = "ann/ner"
    assert enrich_model("pull", "ner-of-old").code == 0
    pulled = Store(enrich_model.store).find("ner-of-old")
    assert pulled.folder.parent.name == pulled.record.id == "ner-of-old"


def test_downloads_are_verified_by_entity_tag_if_the_hub_lists_no_digests(enrich_model, hub):
    hub.lists_digests = False
    hub.tampered.add("tokenizer.json")
    outcome = enrich_model("pull", "ann/ner")
    assert outcome.code == 1
    assert "tokenizer.json of ann/ner has another digest" in outcome.errors
    hub.tampered = {"model.safetensors"}
    assert (
        "model.safetensors of ann/ner has another digest" in enrich_model("pull", "ann/ner").errors
    )
    hub.tampered.clear()
    assert enrich_model("pull", "ann/ner").code == 0


def test_a_broken_download_resumes_where_it_stopped(enrich_model, hub, ner):
    commit_large_weights(ner, hub)
    hub.breaks["model.safetensors"] = [15_000_000]
    assert enrich_model("pull", "ann/ner").code == 0
    [_, resumed] = [request for request in hub.log if request.server == "cdn"]
    assert resumed.headers["Range"] == f"bytes={BUFFER_SIZE}-"


def test_a_download_restarts_if_the_server_does_not_support_ranges(enrich_model, hub, ner):
    commit_large_weights(ner, hub)
    hub.breaks["model.safetensors"] = [15_000_000]
    hub.supports_ranges = False
    assert enrich_model("pull", "ann/ner").code == 0
    assert enrich_model("verify").code == 0


def test_an_interrupted_pull_is_not_used_and_resumes_where_it_stopped(enrich_model, hub, ner):
    commit = commit_large_weights(ner, hub)
    hub.stalls["model.safetensors"] = 15_000_000
    part = Store(enrich_model.store).partial_folder("ann/ner", commit) / "model.safetensors.part"
    process = enrich_model.start("pull", "ann/ner")
    deadline = time.monotonic() + 60
    while not (part.exists() and part.stat().st_size == BUFFER_SIZE):
        assert time.monotonic() < deadline, "the download of the weights did not start"
        time.sleep(0.02)
    outcome = enrich_model.end(process, signal.SIGINT)
    assert (outcome.code, outcome.output) == (130, "")
    message = "Error: Interrupted. Run the same command again to continue.\n"
    assert outcome.errors.replace("\n\n", "\n").lstrip() == message

    shown = enrich_model("show", "ann/ner")
    assert shown.code == 1
    assert "the pull of ann/ner is incomplete: run `enrich model pull ann/ner`" in shown.errors

    hub.stalls.clear()
    hub.log.clear()
    assert enrich_model("pull", "ann/ner").code == 0
    [rest] = [request for request in hub.log if request.server == "cdn"]
    assert rest.headers["Range"] == f"bytes={BUFFER_SIZE}-"
    assert hub.fetched() == ["model.safetensors"]
    assert enrich_model("verify").code == 0


def test_a_file_that_was_modified_in_transit_is_discarded(enrich_model, hub):
    hub.tampered.add("model.safetensors")
    outcome = enrich_model("pull", "ann/ner")
    assert outcome.code == 1
    [line] = outcome.errors.splitlines()
    assert line.startswith("Error: model.safetensors of ann/ner has another digest than")
    assert stored_commits(enrich_model) == []
    assert not [*enrich_model.store.rglob("*.safetensors*")]
    hub.tampered.clear()
    assert enrich_model("pull", "ann/ner").code == 0


def test_a_file_that_was_modified_on_disk_is_downloaded_again(enrich_model, hub):
    enrich_model("pull", "ann/ner")
    folder = Store(enrich_model.store).find("ann/ner").folder
    (folder / "config.json").write_text("{}")
    hub.log.clear()
    assert enrich_model("pull", "ann/ner").code == 0
    assert hub.fetched() == ["config.json"]
    assert enrich_model("verify", "ann/ner").code == 0


def test_a_repeated_pull_deletes_files_that_the_hub_does_not_have(enrich_model, hub):
    enrich_model("pull", "ann/ner")
    folder = Store(enrich_model.store).find("ann/ner").folder
    (folder / "config.json").unlink()
    (folder / "model.onnx").write_bytes(b"tampered with")
    assert enrich_model("pull", "ann/ner").code == 0
    assert (folder / "config.json").exists()
    assert not (folder / "model.onnx").exists()


def test_concurrent_pulls_download_each_file_once(enrich_model, hub, ner):
    commit_large_weights(ner, hub)
    processes = [enrich_model.start("pull", "ann/ner") for _ in range(2)]
    assert [enrich_model.end(process).code for process in processes] == [0, 0]
    assert len(hub.fetched()) == len(set(hub.fetched()))


def test_several_repositories_are_stored_side_by_side(enrich_model, hub, repositories):
    for model in ("bob/ner", "sentiment"):
        make_checkpoint(repositories / model, "RobertaForSequenceClassification")
        hub.commit(model)
        assert enrich_model("pull", model).code == 0
    assert [folder.parent.name for folder in Store(enrich_model.store).folders()] == [
        "bob--ner",
        "sentiment",
    ]
