"""End to end: pull checkpoints, export them, serve them and send articles."""

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.bundle import ROOT
from tests.checkpoints.test_agreement import articles, assert_same, expected
from tests.conftest import free_port, running_server

WITHOUT_TORCH = ROOT / ".venv" / "bin" / "python"


@pytest.fixture(scope="module")
def python():
    """A Python that has the service but not torch."""
    if not WITHOUT_TORCH.exists():
        pytest.skip("there is no .venv without torch; `make test` creates it")
    code = "from importlib.util import find_spec; raise SystemExit(bool(find_spec('torch')))"
    if subprocess.run([WITHOUT_TORCH, "-c", code], check=False).returncode:
        pytest.skip("torch is installed in .venv")
    return str(WITHOUT_TORCH)


def enrich(server, text, **parameters):
    answer = requests.post(
        f"{server.url}/v1/enrich", json={"text": text}, params=parameters, timeout=120
    )
    assert answer.status_code == 200, answer.text
    return answer


def mentions(enrichment):
    return sorted(
        (mention["start"], mention["end"], entity["type"], mention["confidence"])
        for entity in enrichment["entities"]
        for mention in entity["mentions"]
    )


def settings(checkpoints, **more):
    # No hub listens there: a request to it would fail.
    return {
        "WORKERS": "1",
        "MODEL_STORE": str(checkpoints.command.store),
        "HF_ENDPOINT": f"http://127.0.0.1:{free_port()}",
        **more,
    }


def test_pulled_and_exported_checkpoints_are_served_without_torch(checkpoints, python, tmp_path):
    ner, sentiment = checkpoints.pull("ner-roberta"), checkpoints.pull("sentiment-xlm-roberta")
    store = shutil.copytree(checkpoints.command.store, tmp_path / "store")
    own = {"MODEL_STORE": str(store)}
    for name in (ner, sentiment):
        done = checkpoints.command("export", name, "--fp32", "--replace", **own)
        assert done.code == 0, done.errors
        assert "the same label for 100.0% of the samples" in done.output
        assert checkpoints.command("verify", name, **own).code == 0
        assert not list((store / name.replace("/", "--")).rglob("*.safetensors"))
    chosen = {**settings(checkpoints), **own, "NER_MODEL": ner, "SENTIMENT_MODEL": sentiment}
    with running_server(tmp_path, python, **chosen) as server:
        for text in articles(5):
            enrichment = enrich(server, text).json()
            assert_same(mentions(enrichment), expected(checkpoints.source("ner-roberta"), text))
            assert enrichment["coverage"]["analyzed"] == len(text)
            assert enrichment["model"]["capabilities"] == {"target_sentiment": "sentences"}
        model = requests.get(f"{server.url}/v1/model", timeout=30).json()
        assert model["name"] == f"{ner} + {sentiment}"
        assert model["quantization"] == "ONNX Runtime, model.onnx; ONNX Runtime, model.onnx"
        assert model["entity_types"] == ["PERSON", "ORGANIZATION", "LOCATION"]
        assert model["languages"] == ["en"]
        refused = requests.post(
            f"{server.url}/v1/enrich",
            data=b"Ein langer Satz, der ganz offensichtlich in deutscher Sprache steht.",
            headers={"Content-Type": "text/plain"},
            timeout=30,
        )
        assert refused.json()["type"] == "/problems/unsupported-language"


def test_the_latest_export_is_the_one_in_use(checkpoints, tmp_path):
    name = checkpoints.pull("ner-plain")
    own = {"MODEL_STORE": str(shutil.copytree(checkpoints.command.store, tmp_path / "store"))}
    for option, file in ((), "model_int8.onnx"), (("--fp32",), "model.onnx"):
        assert checkpoints.command("export", name, *option, **own).code == 0
        shown = json.loads(checkpoints.command("show", name, "--json", **own).output)
        assert [path for path in shown["files"] if path.endswith(".onnx")] == [f"onnx/{file}"]
        assert shown["runtime"] == "onnx"
        assert checkpoints.command("verify", name, **own).code == 0


def test_torch_gives_the_same_results_at_any_load(checkpoints, tmp_path):
    chosen = settings(
        checkpoints,
        NER_MODEL=checkpoints.pull("ner-electra"),
        SENTIMENT_MODEL=checkpoints.pull("sentiment-deberta-v2"),
        SENTIMENT_INPUT="pair",
        CACHE_BYTES="0",
    )
    texts = articles(6)
    with running_server(tmp_path, **chosen) as server:
        alone = [enrich(server, text).content for text in texts]
        with ThreadPoolExecutor(8) as threads:
            together = list(threads.map(lambda t: enrich(server, t).content, texts * 3))
        assert together == alone * 3
        model = requests.get(f"{server.url}/v1/model", timeout=30).json()
        assert re.fullmatch(r"torch [\d.]+, (cpu|cuda); torch .*", model["quantization"])
        assert json.loads(alone[0])["model"]["capabilities"] == {"target_sentiment": "pairs"}


def test_one_server_serves_several_combinations_of_checkpoints(checkpoints, tmp_path):
    file = tmp_path / "models.yaml"
    ner, sentiment = checkpoints.pull("ner-bioes"), checkpoints.pull("sentiment-distilbert")
    file.write_text(
        f"models:\n  news: {{}}\n  drugs:\n    ner: {ner}\n    ner_labels: {{PER: PATIENT}}\n"
        f"  reviews:\n    sentiment: {sentiment}\n"
    )
    text = articles(1)[0]
    with running_server(tmp_path, **settings(checkpoints, MODELS_FILE=str(file))) as server:
        news, drugs, reviews = (
            enrich(server, text, model=name).json() for name in ("news", "drugs", "reviews")
        )
    assert {"PATIENT", "LOCATION"} <= {entity["type"] for entity in drugs["entities"]}
    assert mentions(news) == mentions(reviews)
    assert {s["sentiment"]["probabilities"]["neutral"] for s in reviews["sentences"]} == {0}
    assert [m["model"]["name"] for m in (news, drugs, reviews)] == [
        "enrich-en-small",
        f"{ner} + enrich-en-small",
        f"enrich-en-small + {sentiment}",
    ]


def start(**environment):
    """Start the server, which must fail; return the line that it prints."""
    ended = subprocess.run(
        [sys.executable, "-m", "gunicorn"],
        cwd=ROOT,
        env={**os.environ, "PORT": str(free_port()), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 2, ended.stderr + ended.stdout
    (line,) = ended.stderr.splitlines()
    return line


def change(path: Path, **members):
    config = json.loads((path / "config.json").read_text())
    (path / "config.json").write_text(json.dumps({**config, **members}))


def test_an_unusable_checkpoint_ends_the_start_with_one_line(checkpoints, tmp_path):
    store = {"MODEL_STORE": str(tmp_path / "store")}
    line = start(NER_MODEL="team/never-pulled", **store)
    assert line.startswith("cannot start: the NER model team/never-pulled: ")
    assert "enrich model pull team/never-pulled" in line

    pulled = checkpoints.pull("ner-bert")
    (folder,) = (checkpoints.command.store / "team--ner-bert").glob("[0-9a-f]*")
    tampered = tmp_path / "store" / "team--ner-bert" / folder.name
    shutil.copytree(folder, tampered)
    with (tampered / "model.safetensors").open("r+b") as weights:
        weights.seek(-4, os.SEEK_END)
        weights.write(b"\0\1\2\3")
    assert "its sha256 differs from the one in record.json" in start(NER_MODEL=pulled, **store)
    shutil.copy(folder / "model.safetensors", tampered)
    (tampered / "model.onnx").write_bytes(b"added")
    assert "model.onnx was added after the checkpoint was pulled" in start(
        NER_MODEL=pulled, **store
    )
    (tampered / "model.onnx").unlink()
    (tampered / "record.json").unlink()
    tampered.rename(tampered.with_name(f".partial-{folder.name}"))
    assert "the pull of team/ner-bert is incomplete" in start(NER_MODEL=pulled, **store)

    ner = checkpoints.copy("ner-bert", tmp_path / "ner")
    sentiment = checkpoints.copy("sentiment-bert", tmp_path / "sentiment")
    swapped = start(NER_MODEL=str(sentiment))
    assert "it is BertForSequenceClassification, not a checkpoint for token" in swapped
    assert "not a checkpoint for sequence" in start(SENTIMENT_MODEL=str(ner))
    change(sentiment, id2label={"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"})
    assert "SENTIMENT_LABELS=LABEL_0" in start(SENTIMENT_MODEL=str(sentiment))
    change(ner, id2label={str(i): f"TAG{i}" for i in range(7)})
    assert "it has no label O" in start(NER_MODEL=str(ner))
    change(ner, architectures=["GPT2LMHeadModel"])
    assert "it is GPT2LMHeadModel, not a checkpoint" in start(NER_MODEL=str(ner))
    (ner / "tokenizer.json").unlink()
    change(ner, architectures=["BertForTokenClassification"])
    assert "there is no tokenizer.json" in start(NER_MODEL=str(ner))
    (ner / "config.json").write_text("{")
    assert "config.json is not JSON" in start(NER_MODEL=str(ner))
    assert "no folder" in start(NER_MODEL="./nowhere")


def test_without_torch_a_checkpoint_without_an_onnx_file_is_rejected(checkpoints, python):
    ended = subprocess.run(
        [python, "-m", "gunicorn"],
        cwd=ROOT,
        env={**os.environ, **settings(checkpoints, NER_MODEL=checkpoints.pull("ner-bert"))},
        capture_output=True,
        text=True,
        timeout=120,
    )
    (line,) = ended.stderr.splitlines()
    assert "torch is not installed" in line
    assert "enrich model export" in line


def test_the_command_line_uses_checkpoints(checkpoints, tmp_path):
    (tmp_path / "article.txt").write_text("Anna Keller met Joe Biden in Lima on Monday .")
    chosen = settings(checkpoints, NER_MODEL=checkpoints.pull("ner-distilbert"))
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "article.txt", "--output", "ndjson"],
        cwd=tmp_path,
        env={**os.environ, **chosen, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    enrichment = json.loads(done.stdout)["enrichment"]
    assert enrichment["model"]["name"] == "team/ner-distilbert + enrich-en-small"
    assert "Anna Keller" in {entity["name"] for entity in enrichment["entities"]}
