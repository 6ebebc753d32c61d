"""The keys of a running server."""

import logging
import os

import pytest
from werkzeug.security import generate_password_hash

from service.access import keyring
from service.access.api_key import ApiKey, hash_secret, new_secret
from service.access.key_file import add_key, remove_key
from service.access.keyring import Keyring


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys.yaml"


@pytest.fixture(autouse=True)
def impatience(monkeypatch):
    """Look at the file at every request."""
    monkeypatch.setattr(keyring, "CHECK_SECONDS", 0.0)


def add(path, key_id):
    secret = new_secret(key_id)
    add_key(path, ApiKey(key_id, hash_secret(secret)))
    return secret


def test_a_key_is_found_by_its_secret_only(path):
    first, second = add(path, "first"), add(path, "second")
    keys = Keyring(path)
    assert keys.find(first).id == "first"
    assert keys.find(second).id == "second"
    for wrong in ("", "first", first[:-1], first + "x", first.upper(), hash_secret(first)):
        assert keys.find(wrong) is None


def test_every_hash_is_compared_whatever_is_presented(path, monkeypatch):
    secrets = [add(path, f"k{n}") for n in range(5)]
    keys = Keyring(path)
    compared = []

    def compare(a, b):
        compared.append(a)
        return a == b

    monkeypatch.setattr(keyring.hmac, "compare_digest", compare)
    for secret in (secrets[0], secrets[-1], "unknown"):
        compared.clear()
        keys.find(secret)
        assert len(compared) == 5


def test_a_changed_file_is_read_again(path, caplog):
    caplog.set_level(logging.INFO)
    first = add(path, "first")
    keys = Keyring(path)
    second = add(path, "second")
    assert keys.find(second).id == "second"
    remove_key(path, "first")
    assert keys.find(first) is None
    lines = [record for record in caplog.records if record.name == "service.audit"]
    assert [line.getMessage() for line in lines] == ["Read 2 API keys", "Read 1 API keys"]
    assert [(line.event, line.added, line.removed, line.changed) for line in lines] == [
        ("keys", ["second"], [], []),
        ("keys", [], ["first"], []),
    ]


def test_an_invalid_or_missing_file_keeps_the_keys_and_is_logged_once(path, caplog):
    secret = add(path, "first")
    good = path.read_text()
    keys = Keyring(path)
    path.write_text("- id: ]")
    assert keys.find(secret).id == "first"
    assert keys.find(secret).id == "first"
    path.unlink()
    assert keys.find(secret).id == "first"
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 2
    assert all("Keeping the API keys as they were" in error.getMessage() for error in errors)
    path.write_text(good.replace("first", "renamed"))
    assert keys.find(secret).id == "renamed"


def test_a_file_that_is_replaced_within_a_tick_of_the_clock_is_read_again(path):
    secret = add(path, "first")
    keys = Keyring(path)
    status = path.stat()
    path.write_text(path.read_text().replace("first", "other"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    remove_key(path, "other")
    assert keys.find(secret) is None


def test_a_scrypt_hash_is_computed_for_the_named_key_once(path, monkeypatch):
    hashes = {
        k: generate_password_hash(f"{k}.hunter2", "scrypt:1024:8:1") for k in ("a", "a.b", "c")
    }
    path.write_text("\n".join(f"- {{id: {k}, scrypt: '{h}'}}" for k, h in hashes.items()))
    keys = Keyring(path)
    checked = []

    def check(stored, secret):
        checked.append(stored)
        return real(stored, secret)

    real = keyring.check_password_hash
    monkeypatch.setattr(keyring, "check_password_hash", check)
    assert keys.find("a.b.hunter2").id == "a.b"
    assert keys.find("a.b.hunter2").id == "a.b"
    assert checked == [hashes["a.b"]]
    assert keys.find("c.hunter3") is None
    assert keys.find("hunter2") is None
    assert checked == [hashes["a.b"], hashes["c"]]
    path.write_text(f"- {{id: a.b, scrypt: '{hashes['c']}'}}")
    assert keys.find("a.b.hunter2") is None
