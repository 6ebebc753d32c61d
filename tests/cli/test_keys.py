"""``enrich keys``, and keys for ``--url``."""

import json
from functools import partial

import httpx
import pytest
from click.testing import CliRunner

from service.access.api_key import SCOPES, hash_secret
from service.access.key_file import read_keys
from service.app import warm_up
from service.cli import engines
from service.cli.main import main
from service.client import Client
from service.config.settings import Settings
from tests.api.conftest import app_around


@pytest.fixture
def keys(tmp_path, monkeypatch):
    """Calls ``enrich keys`` in an empty folder, with keys.yaml as API_KEYS_FILE."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("API_KEYS_FILE", "keys.yaml")
    return lambda *arguments: CliRunner().invoke(main, ["keys", *arguments])


def test_the_secret_is_the_last_line_and_only_its_hash_is_kept(keys, tmp_path):
    result = keys("create", "--id", "news", "--scopes", "docs,enrich", "--expires", "2030-01-31")
    assert result.exit_code == 0
    secret = result.output.splitlines()[-1]
    assert result.stdout == f"{secret}\n"
    [key] = read_keys(tmp_path / "keys.yaml")
    assert (key.id, key.sha256, key.scopes) == ("news", hash_secret(secret), ("docs", "enrich"))
    assert f"{key.expires:%Y-%m-%d}" == "2030-01-31"
    assert secret not in (tmp_path / "keys.yaml").read_text()


def test_keys_are_listed_and_revoked(keys):
    keys("create", "--id", "news")
    keys("create", "--id", "old", "--expires", "2020-01-31T18:00+01:00")
    table = keys("list").output
    assert "news  enrich, models  -" in table
    assert "2020-01-31 17:00 UTC" in table
    listed = json.loads(keys("list", "--json").output)
    assert [(key["id"], key["expired"]) for key in listed] == [("news", False), ("old", True)]
    assert "sha256" not in listed[0]
    assert keys("revoke", "--id", "old").exit_code == 0
    assert [key["id"] for key in json.loads(keys("list", "--json").output)] == ["news"]
    assert keys("revoke", "--id", "old").exit_code == 1


def test_another_file_can_be_named(keys, tmp_path):
    assert keys("create", "--id", "a", "--file", "other.jsonl").exit_code == 0
    assert not (tmp_path / "keys.yaml").exists()
    assert json.loads((tmp_path / "other.jsonl").read_text())["id"] == "a"
    assert json.loads(keys("list", "--json", "--file", "other.jsonl").output)[0]["id"] == "a"


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        (("create",), "--id", 2),
        (("create", "--id", "a b"), "Must consist of 1 to 64", 1),
        (("create", "--id", "a", "--scopes", "all"), "'all' is not one of: enrich, models", 2),
        (("create", "--id", "a", "--expires", "soon"), "Must be a date", 2),
        (("list", "--file", "nonesuch.yaml"), "No such file", 1),
    ],
)
def test_mistakes_are_explained_and_print_no_secret(keys, arguments, message, code):
    result = keys(*arguments)
    assert result.exit_code == code
    assert message in result.output
    assert result.stdout == ""


def test_without_a_file_the_commands_ask_for_one(monkeypatch):
    monkeypatch.delenv("API_KEYS_FILE", raising=False)
    result = CliRunner().invoke(main, ["keys", "list"])
    assert result.exit_code == 2
    assert "--file or API_KEYS_FILE" in result.output


@pytest.fixture
def guarded(keys, tmp_path, monkeypatch):
    """A server with keys: its address and the secret of a key with all scopes."""
    secret = keys("create", "--id", "all", "--scopes", ",".join(SCOPES)).output.splitlines()[-1]
    app = app_around(Settings(api_keys_file=str(tmp_path / "keys.yaml")))
    warm_up(app)
    monkeypatch.setattr(engines, "Client", partial(Client, transport=httpx.WSGITransport(app)))
    (tmp_path / "a.txt").write_text("Ann met Joe.")
    return "http://server", secret


def test_the_key_comes_from_the_environment_or_a_file(guarded, tmp_path, monkeypatch):
    url, secret = guarded
    (tmp_path / "key").write_text(f"{secret}\n")
    run = ["run", "a.txt", "--url", url, "--output", "ndjson"]
    assert CliRunner().invoke(main, [*run, "--api-key-file", "key"]).exit_code == 0
    monkeypatch.setenv("ENRICH_API_KEY", "wrong")
    assert CliRunner().invoke(main, [*run, "--api-key-file", "key"]).exit_code == 0
    monkeypatch.setenv("ENRICH_API_KEY", secret)
    assert CliRunner().invoke(main, run).exit_code == 0


def test_a_missing_or_wrong_key_ends_the_run_with_the_reason(guarded, monkeypatch):
    url, _ = guarded
    run = ["run", "a.txt", "--url", url, "--output", "ndjson"]
    monkeypatch.delenv("ENRICH_API_KEY", raising=False)
    result = CliRunner().invoke(main, run)
    assert result.exit_code == 2
    assert "has no API key" in result.output
    monkeypatch.setenv("ENRICH_API_KEY", "hushhush")
    result = CliRunner().invoke(main, run)
    assert result.exit_code == 2
    assert "The API key is not known. Set ENRICH_API_KEY or --api-key-file." in result.output
    assert "hushhush" not in result.output


@pytest.mark.parametrize("content", ["", "two keys", "é"])
def test_a_file_that_holds_no_key_is_rejected_without_quoting_it(guarded, tmp_path, content):
    (tmp_path / "key").write_text(content)
    result = CliRunner().invoke(
        main, ["run", "a.txt", "--url", guarded[0], "--api-key-file", "key"]
    )
    assert result.exit_code == 2
    assert "key" in result.output
    assert "two keys" not in result.output


def test_a_key_file_requires_a_url(keys, tmp_path):
    for name in ("a.txt", "key"):
        (tmp_path / name).write_text("x")
    result = CliRunner().invoke(main, ["run", "a.txt", "--api-key-file", "key"])
    assert result.exit_code == 2
    assert "--api-key-file requires --url." in result.output
