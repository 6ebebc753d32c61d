import pytest

from service.config.models_config import (
    DEFAULT_NAME,
    check_models,
    prepare_models_config,
    read_models_config,
    read_models_file,
)
from service.config.settings import MODELS, SettingError, Settings, read_settings
from service.inference.errors import ModelError
from service.inference.model_files import ModelSpec, check_model
from tests.bundle import BUNDLE

EVERY_OPTION = """
default: german
models:
  english: {}
  german:
    ner: someone/german-ner@main
    sentiment: ./sentiment
    languages: [de, fr]
    ner_labels: {PER: PERSON}
    sentiment_labels: {LABEL_0: negative, LABEL_1: positive}
    sentiment_input: pair
  mine:
    bundle: bundle
    ner: checkpoints/ner
"""


@pytest.fixture
def write(tmp_path):
    """Write a models file and return its path."""

    def write_models_file(text: str):
        path = tmp_path / "models.yaml"
        path.write_text(text)
        return path

    return write_models_file


def test_a_model_consists_of_the_files_and_options_in_the_models_file(write, tmp_path):
    (tmp_path / "bundle").mkdir()
    (tmp_path / "checkpoints" / "ner").mkdir(parents=True)
    config = read_models_file(write(EVERY_OPTION))
    assert config.default == "german"
    assert dict(config.specs) == {
        "english": ModelSpec(BUNDLE),
        "german": ModelSpec(
            BUNDLE,
            "someone/german-ner@main",
            str(tmp_path / "sentiment"),
            ("de", "fr"),
            {"PER": "PERSON"},
            {"LABEL_0": "negative", "LABEL_1": "positive"},
            "pair",
        ),
        "mine": ModelSpec(tmp_path / "bundle", str(tmp_path / "checkpoints" / "ner")),
    }


def test_the_first_model_is_the_default_if_the_file_names_none(write):
    config = read_models_file(write("models: {b: {}, a: {bundle: other}}"))
    assert (config.default, [*config.specs]) == ("b", ["b", "a"])
    assert config.specs["a"].bundle == MODELS / "other"


def test_checkpoint_paths_are_absolute_even_if_the_path_of_the_models_file_is_relative(
    write, tmp_path, monkeypatch
):
    write("models: {a: {ner: ../ner}}")
    monkeypatch.chdir(tmp_path)
    config = read_models_config(read_settings({"MODELS_FILE": "models.yaml"}))
    assert config.specs["a"].ner == f"{tmp_path}/../ner"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Must be a mapping."),
        ("[]", "Must be a mapping."),
        ("models:", "models: Must be a mapping."),
        ("models: {}", "models: Must contain at least one model."),
        ("default: a", "models: Is required."),
        ("models: {a: {}}\nmodel: a", "model: Unknown key."),
        ("models: {a: }", "models, a: Must be a mapping; {} selects the embedded bundle."),
        ("models: {a: en}", "models, a: Must be a mapping."),
        ("models: {A: {}}", "models, A: Must consist of 1 to 64 lower-case letters"),
        ("models: {'': {}}", "Must not be empty."),
        (f"models: {{{'a' * 65}: {{}}}}", "Must consist of 1 to 64"),
        ("models: {no: {}}", "models, False: Must be text; put it in quotes."),
        ("models: {7: {}}", "models, 7: Must be text; put it in quotes."),
        ("models: {a: {}, a: {}}", "duplicate key 'a'"),
        ("models: {a: {}}\ndefault: b", "default: 'b' is not one of: a."),
        ("models: {a: {nre: x}}", "models, a, nre: Unknown key."),
        ("models: {a: {ner: ''}}", "models, a, ner: Must not be empty."),
        ("models: {a: {ner: 7}}", "models, a, ner: Must be text"),
        ("models: {a: {languages: de}}", "models, a, languages: Must be a list"),
        ("models: {a: {languages: [de, eng]}}", "models, a, languages, 2: 'eng' is not an ISO"),
        ("models: {a: {languages: [no]}}", "models, a, languages, 1: Must be text; put it"),
        ("models: {a: {ner: x, ner_labels: [x]}}", "models, a, ner_labels: Must be a mapping."),
        (
            "models: {a: {ner: x, ner_labels: {PER: a person}}}",
            "models, a, ner_labels, PER: 'a person' is not an entity type",
        ),
        (
            "models: {a: {ner_labels: {PER: PERSON}}}",
            "ner_labels: Requires `ner`, which is not given.",
        ),
        (
            "models: {a: {sentiment: x, sentiment_labels: {LABEL_0: NEGATIVE}}}",
            "LABEL_0: 'NEGATIVE' is not one of: negative, neutral, positive.",
        ),
        ("models: {a: {sentiment: x, sentiment_input: pairs}}", "Must be one of sentence, pair."),
        ("models: {a: {", "models.yaml: line 1: "),
        ("models: {a: {ner: \x01}}", "special characters are not allowed"),
    ],
)
def test_an_invalid_file_is_rejected_in_one_line_with_the_location(write, text, message):
    path = write(text)
    with pytest.raises(SettingError) as error:
        read_models_file(path)
    line = str(error.value)
    assert line.startswith(f"{path}: ")
    assert message in line
    assert "\n" not in line


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SettingError, match=r"MODELS_FILE='.*none\.yaml': No such file"):
        read_models_file(tmp_path / "none.yaml")


def test_without_a_file_the_settings_describe_the_only_model():
    config = read_models_config(read_settings({}))
    assert (config.default, dict(config.specs)) == (DEFAULT_NAME, {DEFAULT_NAME: ModelSpec(BUNDLE)})
    config = read_models_config(
        read_settings(
            {
                "ENRICH_MODEL": "mine",
                "NER_MODEL": "someone/ner@main",
                "SENTIMENT_MODEL": "/srv/sentiment",
                "MODEL_LANGUAGES": "de,fr",
                "NER_LABELS": "PER=PERSON,LOC=O",
                "SENTIMENT_LABELS": "LABEL_0=negative",
                "SENTIMENT_INPUT": "pair",
            }
        )
    )
    assert config.specs[DEFAULT_NAME] == ModelSpec(
        MODELS / "mine",
        "someone/ner@main",
        "/srv/sentiment",
        ("de", "fr"),
        {"PER": "PERSON", "LOC": "O"},
        {"LABEL_0": "negative"},
        "pair",
    )


def model_sizes(path, **environment: str) -> dict[str, int]:
    settings = read_settings({"MODELS_FILE": str(path), **environment})
    return check_models(read_models_config(settings), settings)


def test_the_size_of_every_model_is_measured(write):
    size = check_model(ModelSpec(BUNDLE), MODELS)
    path = write("models: {a: {}, b: {}}")
    assert model_sizes(path) == {"a": size, "b": size}
    assert size > 20_000_000


def test_a_missing_model_is_named(write):
    path = write("models: {a: {}, b: {bundle: nowhere}}")
    with pytest.raises(ModelError, match=r"^model b of .*models\.yaml: no model bundle in"):
        model_sizes(path)


def test_a_model_that_does_not_fit_into_memory_beside_the_default_is_rejected(write):
    size = check_model(ModelSpec(BUNDLE), MODELS)
    path = write("models: {a: {}, b: {}}")
    assert model_sizes(path, MODELS_MEMORY=str(2 * size))
    with pytest.raises(SettingError) as error:
        model_sizes(path, MODELS_MEMORY=str(2 * size - 1))
    assert str(error.value) == (
        f"MODELS_MEMORY={2 * size - 1}: model b needs {2 * size} bytes together with the "
        "default model a; raise the limit or remove the model."
    )
    with pytest.raises(SettingError, match=f"model a needs {size} bytes; raise"):
        model_sizes(path, MODELS_MEMORY=str(size - 1))


def test_the_only_model_can_have_any_size():
    settings = Settings(models_memory=1)
    assert check_models(read_models_config(settings), settings)[DEFAULT_NAME] > 1


def test_one_model_can_be_selected_by_name_or_as_the_default(write):
    config = read_models_file(write(EVERY_OPTION))
    assert config.select("mine").specs == {"mine": config.specs["mine"]}
    assert config.select("mine").default == "mine"
    assert config.select(None) == config.select("german")
    with pytest.raises(SettingError, match=r"^Unknown model 'x'; known models: english, german,"):
        config.select("x")


def test_a_prepared_configuration_does_not_change_with_the_file(write):
    settings = read_settings({"MODELS_FILE": str(write("models: {a: {}}"))})
    config, sizes = prepare_models_config(settings)
    write("models: {b: {}}")
    assert prepare_models_config(settings) == (config, sizes)
    assert [*config.specs] == [*sizes] == ["a"]
    prepare_models_config.cache_clear()
    assert [*prepare_models_config(settings)[0].specs] == ["b"]
