from dataclasses import fields

import pytest
import yaml

from service.config.cpu import usable_cores
from service.config.settings import MODELS, SettingError, Settings, markdown, read_settings
from tests.bundle import ROOT


def test_an_empty_environment_gives_the_defaults():
    assert read_settings({}) == Settings()
    assert read_settings({"HOME": "/root", "UNRELATED": "x"}) == Settings()


def test_each_setting_is_read_from_its_variable():
    settings = read_settings({"PORT": "9000", "WORKERS": "3", "LOG_LEVEL": "DEBUG"})
    assert (settings.port, settings.workers, settings.log_level) == (9000, 3, "DEBUG")


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("HOST", "", "empty"),
        ("PORT", "http", "from 1 to 65535"),
        ("PORT", "", "from 1 to 65535"),
        ("PORT", "65536", "from 1 to 65535"),
        ("WORKERS", "0", "from 1 to 256"),
        ("WORKERS", "1.5", "from 1 to 256"),
        ("THREADS", "-1", "from 8 to 1024"),
        ("ENRICH_MODEL", "", "empty"),
        ("MODEL_LANGUAGES", "de,", "'' is not an ISO 639-1 code"),
        ("MODEL_LANGUAGES", "de, fr", "' fr' is not an ISO 639-1 code"),
        ("NER_LABELS", "PERSON", "LABEL=VALUE"),
        ("NER_LABELS", "=PERSON", "LABEL=VALUE"),
        ("NER_LABELS", "PER=PERSON,PER=MISC", "twice"),
        ("NER_LABELS", "PER=PERSON,LOC=", "'' is not an entity type"),
        ("SENTIMENT_LABELS", "LABEL_0=bad", "'bad' is not one of: negative, neutral, positive."),
        ("SENTIMENT_INPUT", "pairs", "sentence, pair"),
        ("MODEL_STORE", "", "empty"),
        ("MODELS_MEMORY", "2GB", "from 1 to"),
        ("MAX_BODY_BYTES", "1MB", "from 1024"),
        ("LOG_LEVEL", "LOUD", "DEBUG, INFO, WARNING, ERROR"),
        ("QUEUE_TOKENS", "none", "from 1024"),
        ("REQUEST_TIMEOUT", "0", "from 1 to 86400"),
        ("GRACEFUL_TIMEOUT", "0", "from 1 to 3600"),
        ("LIMITS", "requests=1", "'requests' is not one of: requests_per_minute, "),
        ("LIMITS", "tokens_per_day", "from 1 to"),
        ("LIMITS", "tokens_per_day=0", "from 1 to"),
        ("LIMITS", "tokens_per_day=1,tokens_per_day=2", "twice"),
    ],
)
def test_an_invalid_value_is_rejected_in_one_line_with_the_allowed_values(variable, value, allowed):
    with pytest.raises(SettingError) as error:
        read_settings({variable: value})
    line = str(error.value)
    assert line.startswith(f"{variable}={value!r}: ")
    assert allowed in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"MODELS_FILE": "x", "NER_MODEL": "a/b"}, "NER_MODEL cannot be combined with MODELS_FILE"),
        ({"MODELS_FILE": "x", "ENRICH_MODEL": "a"}, "ENRICH_MODEL cannot be combined with"),
        ({"MODELS_FILE": "x", "MODEL_LANGUAGES": "de"}, "MODEL_LANGUAGES cannot be combined with"),
        ({"NER_LABELS": "PER=PERSON"}, "NER_LABELS requires NER_MODEL, which is not set."),
        (
            {"NER_MODEL": "a/b", "SENTIMENT_LABELS": "POS=positive"},
            "SENTIMENT_LABELS requires SENTIMENT_MODEL, which is not set.",
        ),
        ({"SENTIMENT_INPUT": "pair"}, "SENTIMENT_INPUT requires SENTIMENT_MODEL"),
        ({"LIMITS_URL": "redis://x"}, "LIMITS_URL requires LIMITS or API_KEYS_FILE"),
    ],
)
def test_contradictory_settings_are_rejected_in_one_line(environment, message):
    with pytest.raises(SettingError) as error:
        read_settings(environment)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_an_empty_variable_equals_one_that_is_not_set():
    names = ("NER_MODEL", "SENTIMENT_MODEL", "MODEL_LANGUAGES", "NER_LABELS", "MODELS_FILE")
    assert read_settings(dict.fromkeys(names, "")) == Settings()
    assert read_settings({"MODELS_FILE": "x", "NER_MODEL": ""}).models_file == "x"


def test_the_bundle_is_a_folder_in_models_or_a_path():
    assert read_settings({"ENRICH_MODEL": "mine"}).model_folder == MODELS / "mine"
    assert str(read_settings({"ENRICH_MODEL": "/srv/mine"}).model_folder) == "/srv/mine"


def test_the_table_has_a_row_for_each_setting():
    rows = markdown().splitlines()[2:]
    names = [row.split("`")[1] for row in rows]
    assert names == [name.upper() for name in Settings.__dataclass_fields__]
    assert all(row.count("|") == 4 for row in rows)


def test_usable_cores_are_limited_by_the_cpu_quota_of_the_container(tmp_path):
    everywhere = usable_cores(tmp_path)
    assert everywhere >= 1
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert usable_cores(tmp_path) == everywhere
    (tmp_path / "cpu.max").write_text("150000 100000\n")
    assert usable_cores(tmp_path) == 1
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    assert usable_cores(tmp_path) == 1


def test_usable_cores_are_limited_by_the_quota_of_cgroup_version_1(tmp_path):
    everywhere = usable_cores(tmp_path)
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("-1\n")
    assert usable_cores(tmp_path) == everywhere
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("100000\n")
    assert usable_cores(tmp_path) == 1


def test_an_invalid_secret_is_not_shown():
    with pytest.raises(SettingError) as error:
        read_settings({"CACHE_URL": "http://user:password@cache"})
    assert "password" not in str(error.value)
    assert str(error.value).startswith("CACHE_URL=(not shown): Must begin with redis://")


@pytest.mark.parametrize("hosts", ["a b", "news.example:80", ",", "https://news.example"])
def test_allowed_hosts_are_names_without_ports(hosts):
    with pytest.raises(SettingError, match="Must be host names without ports"):
        read_settings({"ALLOWED_HOSTS": hosts})


def test_the_compose_file_passes_every_setting_on():
    environment = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["enrich"]
    fixed = {"HOST", "PORT", "MODEL_STORE", "NER_MODEL", "SENTIMENT_MODEL"}
    settings = {each.name.upper() for each in fields(Settings)}
    assert settings - set(environment["environment"]) == fixed


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("ADMIN_PORT", "65536", "from 0 to 65535"),
        ("EXPOSE_METRICS", "private", "public, admin, off"),
        ("FORWARDED_ALLOW_IPS", "proxy.example", "such as 10.0.0.0/8"),
        ("FORWARDED_ALLOW_IPS", "10.0.0.1/8", "such as 10.0.0.0/8"),
        ("CORS_ORIGINS", "news.example", "such as https://news.example"),
        ("CORS_ORIGINS", "*", "such as https://news.example"),
        ("CORS_ORIGINS", "https://news.example/", "such as https://news.example"),
    ],
)
def test_an_invalid_edge_is_rejected(variable, value, allowed):
    with pytest.raises(SettingError, match=allowed):
        read_settings({variable: value})


def test_edges_that_contradict_each_other_are_rejected():
    for environment in ({"ADMIN_PORT": "8000"}, {"EXPOSE_PAGE": "admin"}, {"TLS_KEY": "x"}):
        with pytest.raises(SettingError):
            read_settings(environment)
    edges = {"ADMIN_PORT": "9000", "EXPOSE_PAGE": "admin", "FORWARDED_ALLOW_IPS": "*"}
    assert read_settings(edges).forwarded_allow_ips == ("0.0.0.0/0", "::/0")
