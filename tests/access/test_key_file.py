"""The file of API keys: what is read, what is rejected, and what the commands leave alone."""

import threading
from datetime import UTC, datetime

import pytest
from werkzeug.security import generate_password_hash

from service.access.api_key import ApiKey, hash_secret, new_secret
from service.access.key_file import add_key, read_keys, remove_key
from service.config.settings import SettingError

HASH = "0" * 63 + "A"
SCRYPT = generate_password_hash("a.b", "scrypt:1024:8:1")

YAML = f"""\
# The keys of the newsroom.

- id: news  # of the desk
  sha256: '{HASH}'
  scopes: [enrich, docs]
  expires: 2030-01-31
  limits: {{requests_per_minute: 60, tokens_per_day: null}}
  priority: 3

# For Prometheus.
- id: metrics.v1
  scrypt: {SCRYPT}
  note: |
    first line
    second line
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys.yaml"


def test_all_members_of_a_key_are_read(path):
    path.write_text(YAML)
    news, metrics = read_keys(path)
    assert news == ApiKey(
        "news",
        sha256=HASH.lower(),
        scopes=("enrich", "docs"),
        expires=datetime(2030, 1, 31, tzinfo=UTC),
        limits={"requests_per_minute": 60, "tokens_per_day": None},
        priority=3,
    )
    assert metrics.scrypt == SCRYPT
    assert metrics.scopes == ("enrich", "models")
    assert metrics.note == "first line\nsecond line\n"
    assert not metrics.expired


def test_json_lines_are_the_same_keys(tmp_path):
    path = tmp_path / "keys.jsonl"
    path.write_text(
        f'{{"id": "a", "sha256": "{HASH}", "note": "one\u2028two"}}\n\n'
        f'{{"id": "b", "sha256": "{HASH}", "expires": "2030-01-31T18:00:00+01:00"}}\n'
    )
    a, b = read_keys(path)
    assert a.note == "one\u2028two"
    assert b.expires == datetime(2030, 1, 31, 17, tzinfo=UTC)
    add_key(path, ApiKey("c", HASH.lower()))
    remove_key(path, "b")
    assert [key.id for key in read_keys(path)] == ["a", "c"]


def test_a_key_expires_at_the_first_moment_of_its_date(path):
    path.write_text(f"- {{id: old, sha256: '{HASH}', expires: 2020-01-31}}")
    [key] = read_keys(path)
    assert key.expires == datetime(2020, 1, 31, tzinfo=UTC)
    assert key.expired


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("keys: []", "Must be a list of keys"),
        ("- id: [", "line 1"),
        ("- id: a\n  id: b", "duplicate key"),
        (f"- sha256: '{HASH}'", "line 1: id: Is required."),
        (f"- id: 17\n  sha256: '{HASH}'", "id: Must be text; put it in quotes."),
        (f"- id: a b\n  sha256: '{HASH}'", "id: Must consist of 1 to 64"),
        ("- id: a", "Must have either `sha256` or `scrypt`."),
        (f"- id: a\n  sha256: '{HASH}'\n  scrypt: {SCRYPT}", "Must have either"),
        ("- id: a\n  sha256: abc", "sha256: Must be 64 hexadecimal digits."),
        ("- id: a\n  scrypt: abc", "scrypt: Must be a hash such as"),
        (f"- id: a\n  sha256: '{HASH}'\n  scopes: []", "scopes: Must not be empty."),
        (f"- id: a\n  sha256: '{HASH}'\n  scopes: [all]", "scopes, 1: 'all' is not one of: enrich"),
        (f"- id: a\n  sha256: '{HASH}'\n  expires: soon", "expires: Must be a date"),
        (f"- id: a\n  sha256: '{HASH}'\n  limits: {{rpm: 1}}", "limits, rpm: Must be one of: req"),
        (
            f"- id: a\n  sha256: '{HASH}'\n  limits: {{tokens_per_day: 0}}",
            "limits, tokens_per_day: Must be a whole number from 1",
        ),
        (f"- id: a\n  sha256: '{HASH}'\n  priority: 0", "priority: Must be a whole number from 1"),
        (f"- id: a\n  sha256: '{HASH}'\n  scope: [docs]", "scope: Unknown key."),
        (f"- id: a\n  sha256: '{HASH}'\n- id: a\n  sha256: '{HASH}'", "line 3: the id 'a' appears"),
        ("\xff".encode("latin-1"), "invalid start byte"),
    ],
)
def test_an_invalid_file_is_rejected_in_one_line_that_names_the_place(path, content, message):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SettingError) as error:
        read_keys(path)
    assert str(error.value).startswith(str(path))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_an_error_does_not_quote_the_file(path):
    path.write_text("- id: a\n  sha256: 'hush hush")
    with pytest.raises(SettingError) as error:
        read_keys(path)
    assert "hush" not in str(error.value)


def test_a_file_that_is_not_there_is_an_error_and_is_created_by_the_first_key(path):
    with pytest.raises(SettingError, match="No such file"):
        read_keys(path)
    add_key(path, ApiKey("a", HASH.lower(), scopes=("docs",)))
    assert read_keys(path) == (ApiKey("a", HASH.lower(), scopes=("docs",)),)


def test_adding_and_removing_leave_the_rest_of_the_file_as_it_is(path):
    path.write_text(YAML)
    path.chmod(0o640)
    expires = datetime(2031, 1, 1, tzinfo=UTC)
    add_key(path, ApiKey("third", HASH.lower(), expires=expires))
    assert path.read_text().startswith(YAML)
    assert read_keys(path)[2] == ApiKey("third", HASH.lower(), expires=expires)
    remove_key(path, "third")
    assert path.read_text() == YAML
    remove_key(path, "news")
    assert path.read_text() == "# The keys of the newsroom.\n\n" + YAML[YAML.index("\n# For") :]
    remove_key(path, "metrics.v1")
    assert read_keys(path) == ()
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    "content",
    [f"[{{id: a, sha256: '{HASH}'}}]", f"-\n  id: a\n  sha256: '{HASH}'"],
)
def test_a_file_whose_lines_are_not_keys_is_not_edited(path, content):
    path.write_text(content)
    for change in (lambda: add_key(path, ApiKey("b", HASH)), lambda: remove_key(path, "a")):
        with pytest.raises(SettingError, match="edit it by hand"):
            change()
    assert path.read_text() == content


def test_a_key_that_would_make_the_file_invalid_is_not_written(path):
    path.write_text(YAML)
    for key in (ApiKey("a b", HASH), ApiKey("news", HASH)):
        with pytest.raises(SettingError):
            add_key(path, key)
    with pytest.raises(SettingError, match="there is no key 'nobody'"):
        remove_key(path, "nobody")
    assert path.read_text() == YAML
    assert [entry.name for entry in path.parent.iterdir()] == ["keys.yaml"]


def test_keys_that_are_added_at_the_same_time_are_all_kept(path):
    threads = [
        threading.Thread(target=add_key, args=(path, ApiKey(f"k{n}", HASH))) for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {key.id for key in read_keys(path)} == {f"k{n}" for n in range(20)}


def test_secrets_are_long_and_different_and_begin_with_the_id():
    secrets = {new_secret("news") for _ in range(100)}
    assert len(secrets) == 100
    assert all(secret.startswith("news.") and len(secret) == 48 for secret in secrets)
    assert all(len(hash_secret(secret)) == 64 for secret in secrets)
