"""Pulling, by the real client and the real command, from a hub on this machine."""

import json
import resource
import shutil
import signal
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from service.inference.hub.store import Store
from tests.conftest import free_port
from tests.hub.conftest import CommandLine, make_checkpoint
from tests.hub.server import HubServer
from tests.scripted_server import response, scripted_server

LARGE = 25_000_000
"""The client hands on what it has in pieces of 10 MB."""
PIECE = 10 * 1024 * 1024
MOST = 1_000_000


def commits(model: CommandLine) -> list[str]:
    return [folder.name for folder in Store(model.store).folders()]


def make_large(ner: Path, hub: HubServer) -> str:
    """Give the checkpoint large weights."""
    (ner / "model.safetensors").write_bytes(bytes(LARGE))
    return hub.commit("ann/ner")


def test_a_checkpoint_is_pinned_by_its_commit_with_all_that_is_known_of_it(enrich_model, hub, ner):
    outcome = enrich_model("pull", "ann/ner")
    assert (outcome.code, outcome.errors) == (0, "")
    commit = hub.revisions["ann/ner"]["main"]
    folder = enrich_model.store / "ann--ner" / commit
    assert outcome.output == f"ann/ner is in {folder}\n"
    names = [
        "README.md",
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    ]
    record = json.loads((folder / "record.json").read_text())
    files = hub.commits["ann/ner"][commit]
    assert record == {
        "id": "ann/ner",
        "commit": commit,
        "licence": "mit",
        "languages": ["en", "pt"],
        "pipeline_tag": "token-classification",
        "files": {name: files[name].sha256 for name in names},
        "sizes": {name: (ner / name).stat().st_size for name in names},
    }
    assert sorted(path.name for path in folder.iterdir()) == [*names[:3], "record.json", *names[3:]]
    assert Store(enrich_model.store).find("ann/ner").folder == folder


def test_only_what_is_needed_is_fetched_and_never_code(enrich_model, hub):
    enrich_model("pull", "ann/ner")
    assert sorted(hub.fetched()) == [
        "README.md",
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    ]


def test_nothing_else_is_asked_and_nothing_reported(enrich_model, hub):
    enrich_model("pull", "ann/ner")
    about, *files = [request for request in hub.log if request.server == "hub"]
    assert about.path.startswith("/api/models/ann/ner/revision/main")
    assert all("/resolve" in request.path for request in files)
    assert {len(request.headers["User-Agent"].split(";")) for request in hub.log} == {3}


def test_large_files_come_from_where_the_hub_redirects_to_which_is_told_no_token(enrich_model, hub):
    hub.gated.add("ann/ner")
    hub.tokens.add("secret")
    assert enrich_model("pull", "ann/ner", HF_TOKEN="secret").code == 0
    [weights] = [request for request in hub.log if request.server == "cdn"]
    assert weights.path.endswith("/model.safetensors")
    assert "Authorization" not in weights.headers
    asked = [request for request in hub.log if request.server == "hub"]
    assert {request.headers.get("Authorization") for request in asked} == {"Bearer secret"}


def test_what_is_there_already_is_not_fetched_again(enrich_model, hub):
    enrich_model("pull", "ann/ner")
    fetched = hub.fetched()
    assert enrich_model("pull", "ann/ner").code == 0
    assert hub.fetched() == fetched


def test_a_branch_that_moved_is_followed_by_a_pull_only_and_a_commit_stays(enrich_model, hub, ner):
    old = hub.commit("ann/ner", "main", "v1")
    enrich_model("pull", "ann/ner")
    (ner / "README.md").write_text("Another card.")
    new = hub.commit("ann/ner", "main")
    store = Store(enrich_model.store)
    assert store.find("ann/ner").folder.name == old
    assert enrich_model("pull", "ann/ner").code == 0
    assert store.find("ann/ner").folder.name == new
    assert commits(enrich_model) == sorted([old, new])
    assert enrich_model("pull", "ann/ner@v1").code == 0
    assert store.find("ann/ner@v1").folder.name == old
    assert store.find(f"ann/ner@{old[:7]}").folder.name == old
    assert store.find("ann/ner").folder.name == new


def test_a_commit_can_be_asked_for_after_its_branch_has_moved(enrich_model, hub, ner):
    old = hub.revisions["ann/ner"]["main"]
    (ner / "README.md").write_text("Another card.")
    hub.commit("ann/ner")
    assert enrich_model("pull", f"ann/ner@{old}").code == 0
    assert commits(enrich_model) == [old]
    assert Store(enrich_model.store).find("ann/ner").folder.name == old


def test_a_model_that_was_renamed_is_had_by_its_old_name(enrich_model, hub):
    hub.moved["ner-of-old"] = "ann/ner"
    assert enrich_model("pull", "ner-of-old").code == 0
    pulled = Store(enrich_model.store).find("ner-of-old")
    assert pulled.folder.parent.name == pulled.record.id == "ner-of-old"


def test_a_mirror_that_lists_names_only_is_held_to_its_entity_tags(enrich_model, hub):
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


def test_a_download_that_breaks_off_goes_on_where_it_stopped(enrich_model, hub, ner):
    make_large(ner, hub)
    hub.breaks["model.safetensors"] = [15_000_000]
    assert enrich_model("pull", "ann/ner").code == 0
    [_, again] = [request for request in hub.log if request.server == "cdn"]
    assert again.headers["Range"] == f"bytes={PIECE}-"


def test_where_it_cannot_go_on_it_begins_again(enrich_model, hub, ner):
    make_large(ner, hub)
    hub.breaks["model.safetensors"] = [15_000_000]
    hub.resumes = False
    assert enrich_model("pull", "ann/ner").code == 0
    assert enrich_model("verify").code == 0


def test_one_that_breaks_off_again_and_again_says_how_to_go_on(enrich_model, hub, ner):
    make_large(ner, hub)
    hub.breaks["model.safetensors"] = [15_000_000, *[0] * 10]
    outcome = enrich_model("pull", "ann/ner")
    assert outcome.code == 1
    [line] = outcome.errors.splitlines()
    assert line.startswith(f"Error: the hub at {hub.url} cannot be reached")
    assert line.endswith("run the same command again to continue")


def test_an_interrupted_pull_is_not_used_and_goes_on_where_it_stopped(enrich_model, hub, ner):
    commit = make_large(ner, hub)
    hub.stalls["model.safetensors"] = 15_000_000
    part = Store(enrich_model.store).partial_folder("ann/ner", commit) / "model.safetensors.part"
    process = enrich_model.start("pull", "ann/ner")
    deadline = time.monotonic() + 60
    while not (part.exists() and part.stat().st_size == PIECE):
        assert time.monotonic() < deadline, "the weights have not begun to come"
        time.sleep(0.02)
    outcome = enrich_model.end(process, signal.SIGINT)
    assert (outcome.code, outcome.output) == (130, "")
    says = "Error: Interrupted. Run the same command again to continue.\n"
    assert outcome.errors.replace("\n\n", "\n").lstrip() == says

    shown = enrich_model("show", "ann/ner")
    assert shown.code == 1
    assert "the pull of ann/ner is incomplete: run `enrich model pull ann/ner`" in shown.errors

    hub.stalls.clear()
    hub.log.clear()
    assert enrich_model("pull", "ann/ner").code == 0
    [rest] = [request for request in hub.log if request.server == "cdn"]
    assert rest.headers["Range"] == f"bytes={PIECE}-"
    assert hub.fetched() == ["model.safetensors"]
    assert enrich_model("verify").code == 0


def test_what_was_tampered_with_on_the_way_is_not_kept(enrich_model, hub):
    hub.tampered.add("model.safetensors")
    outcome = enrich_model("pull", "ann/ner")
    assert outcome.code == 1
    [line] = outcome.errors.splitlines()
    assert line.startswith("Error: model.safetensors of ann/ner has another digest than")
    assert commits(enrich_model) == []
    assert not [*enrich_model.store.rglob("*.safetensors*")]
    hub.tampered.clear()
    assert enrich_model("pull", "ann/ner").code == 0


def test_what_was_tampered_with_on_disk_is_fetched_again(enrich_model, hub):
    enrich_model("pull", "ann/ner")
    folder = Store(enrich_model.store).find("ann/ner").folder
    (folder / "config.json").write_text("{}")
    hub.log.clear()
    assert enrich_model("pull", "ann/ner").code == 0
    assert hub.fetched() == ["config.json"]
    assert enrich_model("verify", "ann/ner").code == 0


def test_what_is_pulled_again_leaves_nothing_that_the_hub_does_not_have(enrich_model, hub):
    enrich_model("pull", "ann/ner")
    folder = Store(enrich_model.store).find("ann/ner").folder
    (folder / "config.json").unlink()
    (folder / "model.onnx").write_bytes(b"tampered with")
    assert enrich_model("pull", "ann/ner").code == 0
    assert (folder / "config.json").exists()
    assert not (folder / "model.onnx").exists()


def test_two_pulls_at_once_fetch_once(enrich_model, hub, ner):
    make_large(ner, hub)
    both = [enrich_model.start("pull", "ann/ner") for _ in range(2)]
    assert [enrich_model.end(process).code for process in both] == [0, 0]
    assert len(hub.fetched()) == len(set(hub.fetched()))


def test_a_gated_model_needs_access(enrich_model, hub):
    hub.gated.add("ann/ner")
    for environment in ({}, {"HF_TOKEN": "of another account"}):
        outcome = enrich_model("pull", "ann/ner", **environment)
        assert outcome.code == 1
        assert outcome.errors.startswith("Error: ann/ner is gated: request access")
        assert len(outcome.errors.splitlines()) == 1


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("ann/nobody", "has no model ann/nobody, or it is private"),
        ("ann/ner@v9", "ann/ner has no revision v9"),
    ],
)
def test_what_is_not_on_the_hub_is_said_to_be_missing(enrich_model, reference, says):
    outcome = enrich_model("pull", reference)
    assert outcome.code == 1
    [line] = outcome.errors.splitlines()
    assert says in line


def test_an_id_that_is_none_is_wrong_usage(enrich_model, hub):
    outcome = enrich_model("pull", "ann/ner/more")
    assert outcome.code == 2
    assert "'ann/ner/more' is neither an existing folder nor the id of a model" in outcome.errors
    assert hub.log == []


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_nothing_is_asked_and_what_was_pulled_is_there(enrich_model, hub, variable):
    enrich_model("pull", "ann/ner")
    hub.log.clear()
    outcome = enrich_model("pull", "ann/ner", **{variable: "1"})
    assert outcome.code == 1
    [line] = outcome.errors.splitlines()
    assert line.startswith("Error: ann/ner cannot be pulled while HF_HUB_OFFLINE")
    assert enrich_model("show", "ann/ner", **{variable: "1"}).code == 0
    assert hub.log == []


def test_a_hub_that_is_not_there_is_named(enrich_model):
    endpoint = f"http://127.0.0.1:{free_port()}"
    outcome = enrich_model("pull", "ann/ner", HF_ENDPOINT=endpoint)
    assert outcome.code == 1
    [line] = outcome.errors.splitlines()
    assert line.startswith(f"Error: the hub at {endpoint} cannot be reached (")


@pytest.mark.parametrize(
    "reply", [response(200, {"hello": 1}), (200, {}, b"<html>"), response(500, None)]
)
def test_what_is_no_hub_is_seen(enrich_model, reply):
    with scripted_server() as server:
        server.script.append(reply)
        outcome = enrich_model("pull", "ann/ner", HF_ENDPOINT=server.url)
    assert outcome.code == 1
    [line] = outcome.errors.splitlines()
    assert "does not respond like a hub: check HF_ENDPOINT" in line


def test_a_hub_that_fails_is_said_to(enrich_model):
    with scripted_server() as server:
        server.script.append(response(500, {"error": "out of order"}))
        outcome = enrich_model("pull", "ann/ner", HF_ENDPOINT=server.url)
    assert outcome.code == 1
    [line] = outcome.errors.splitlines()
    assert "answered 500 to a request for ann/ner" in line


def test_a_disk_that_takes_no_more_is_one_line(enrich_model, hub, ner):
    make_large(ner, hub)
    outcome = enrich_model(
        "pull",
        "ann/ner",
        limit=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (MOST, MOST)),
    )
    assert outcome.code == 1
    assert outcome.errors == f"Error: {enrich_model.store}: File too large\n"


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (
            {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]},
            "the architecture of ann/ner is GPT2LMHeadModel; supported are ...",
        ),
        ({"model_type": "bert"}, "the architecture of ann/ner is unknown"),
        (
            {
                "model_type": "anns-own",
                "architectures": ["AnnForTokenClassification"],
                "auto_map": {"AutoModelForTokenClassification": "modeling.Ann"},
            },
            "ann/ner requires code from its repository",
        ),
        (
            {"model_type": "anns-own", "architectures": ["AnnForTokenClassification"]},
            "transformers does not support the model type of ann/ner: anns-own",
        ),
        (["no object"], "config.json of ann/ner is not a JSON object"),
    ],
)
def test_what_cannot_be_used_is_refused_before_its_weights_are_fetched(
    enrich_model, hub, ner, config, says
):
    (ner / "config.json").write_text(json.dumps(config))
    hub.commit("ann/ner")
    outcome = enrich_model("pull", "ann/ner")
    assert outcome.code == 1
    [line] = outcome.errors.splitlines()
    assert says in line
    assert hub.fetched() == ["config.json"]


def test_known_architectures_need_none_of_the_code_beside_them(enrich_model, hub, ner):
    config = json.loads((ner / "config.json").read_text())
    config["auto_map"] = {"AutoModelForTokenClassification": "modeling.Ann"}
    (ner / "config.json").write_text(json.dumps(config))
    hub.commit("ann/ner")
    assert enrich_model("pull", "ann/ner").code == 0
    assert "modeling.py" not in hub.fetched()


def test_no_configuration_is_no_checkpoint(enrich_model, hub, ner):
    (ner / "config.json").unlink()
    hub.commit("ann/ner")
    assert "ann/ner has no config.json" in enrich_model("pull", "ann/ner").errors
    assert hub.fetched() == []


def test_a_pickle_is_taken_only_when_it_is_allowed_and_there_is_nothing_else(
    enrich_model, hub, ner
):
    assert enrich_model("pull", "ann/ner", "--allow-pickle").code == 0
    assert "pytorch_model.bin" not in hub.fetched()
    (ner / "model.safetensors").unlink()
    commit = hub.commit("ann/ner")
    outcome = enrich_model("pull", "ann/ner")
    assert outcome.code == 1
    [line] = outcome.errors.splitlines()
    assert "only as a pickle" in line
    assert "--allow-pickle" in line
    assert "pytorch_model.bin" not in hub.fetched()
    assert enrich_model("pull", "ann/ner", "--allow-pickle").code == 0
    assert (enrich_model.store / "ann--ner" / commit / "pytorch_model.bin").exists()


def test_an_onnx_file_comes_with_its_data_and_instead_of_other_weights(enrich_model, hub, ner):
    for name in ("model.onnx", "model.onnx_data", "model.onnx_data_1", "model.onnx.md"):
        (ner / "onnx" / name).write_bytes(name.encode())
    commit = hub.commit("ann/ner")
    assert enrich_model("pull", "ann/ner").code == 0
    folder = enrich_model.store / "ann--ner" / commit
    assert sorted(path.name for path in (folder / "onnx").iterdir()) == [
        "model.onnx",
        "model.onnx_data",
        "model.onnx_data_1",
    ]
    assert not (folder / "model.safetensors").exists()


def test_weights_in_parts_come_with_their_index(enrich_model, hub, ner):
    weights = (ner / "model.safetensors").rename(ner / "model-00001-of-00002.safetensors")
    shutil.copy(weights, ner / "model-00002-of-00002.safetensors")
    (ner / "model.safetensors.index.json").write_text("{}")
    hub.commit("ann/ner")
    assert enrich_model("pull", "ann/ner").code == 0
    fetched = [name for name in hub.fetched() if "model" in name]
    assert fetched == [
        "model.safetensors.index.json",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
    ]


def test_a_vocabulary_is_made_into_the_tokenizer_that_is_missing(enrich_model, hub, ner):
    (ner / "tokenizer.json").unlink()
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "Ann", "sl", "##ept"]
    (ner / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    hub.commit("ann/ner")
    outcome = enrich_model("pull", "ann/ner")
    assert (outcome.code, outcome.errors) == (0, "")
    pulled = Store(enrich_model.store).find("ann/ner")
    assert "tokenizer.json" in pulled.record.files
    tokenizer = Tokenizer.from_file(str(pulled.folder / "tokenizer.json"))
    assert tokenizer.encode("Ann slept").tokens == ["[CLS]", "Ann", "sl", "##ept", "[SEP]"]
    assert tokenizer.truncation is tokenizer.padding is None
    assert enrich_model("verify").code == 0


@pytest.mark.skipif(find_spec("sentencepiece") is not None, reason="what converts it is installed")
def test_pieces_that_cannot_be_converted_name_the_packages_that_can(enrich_model, hub, ner):
    (ner / "tokenizer.json").rename(ner / "sentencepiece.bpe.model")
    hub.commit("ann/ner")
    outcome = enrich_model("pull", "ann/ner")
    assert outcome.code == 1
    [line] = outcome.errors.splitlines()
    assert "pip install '.[torch]'" in line
    assert "model.safetensors" not in hub.fetched()


def test_no_tokenizer_is_no_checkpoint(enrich_model, hub, ner):
    (ner / "tokenizer.json").unlink()
    hub.commit("ann/ner")
    assert "ann/ner has no tokenizer" in enrich_model("pull", "ann/ner").errors
    assert "model.safetensors" not in hub.fetched()


def test_several_repositories_are_kept_side_by_side(enrich_model, hub, repositories):
    for model in ("bob/ner", "sentiment"):
        make_checkpoint(repositories / model, "RobertaForSequenceClassification")
        hub.commit(model)
        assert enrich_model("pull", model).code == 0
    assert [folder.parent.name for folder in Store(enrich_model.store).folders()] == [
        "bob--ner",
        "sentiment",
    ]
