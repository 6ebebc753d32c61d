import pytest

from service.config.models_config import read_models_file
from service.config.plan import ONLY, check_plan, plan_of
from service.config.settings import MODELS, SettingError, Settings, read_settings
from service.inference.model_files import ModelSpec, check_model
from service.inference.model_info import ModelError
from tests.bundle import BUNDLE

ALL = """
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
    """Writes the file, and gives its path."""

    def written(text: str):
        path = tmp_path / "models.yaml"
        path.write_text(text)
        return path

    return written


def test_each_model_is_made_of_what_the_file_says(write, tmp_path):
    (tmp_path / "bundle").mkdir()
    (tmp_path / "checkpoints" / "ner").mkdir(parents=True)
    plan = read_models_file(write(ALL))
    assert plan.default == "german"
    assert dict(plan.specs) == {
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


def test_the_first_model_is_the_default_if_none_is_named(write):
    plan = read_models_file(write("models: {b: {}, a: {bundle: other}}"))
    assert (plan.default, [*plan.specs]) == ("b", ["b", "a"])
    assert plan.specs["a"].bundle == MODELS / "other"


def test_a_relative_path_of_the_file_does_not_make_relative_paths_of_its_models(
    write, tmp_path, monkeypatch
):
    write("models: {a: {ner: ../ner}}")
    monkeypatch.chdir(tmp_path)
    plan = plan_of(read_settings({"MODELS_FILE": "models.yaml"}))
    assert plan.specs["a"].ner == f"{tmp_path}/../ner"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Must be a mapping."),
        ("[]", "Must be a mapping."),
        ("models:", "models: Must be a mapping."),
        ("models: {}", "models: Must name at least one."),
        ("default: a", "models: Is required."),
        ("models: {a: {}}\nmodel: a", "model: Is not known."),
        ("models: {a: }", "models, a: Must be a mapping; {} for the embedded bundle."),
        ("models: {a: en}", "models, a: Must be a mapping."),
        ("models: {A: {}}", "models, A: Must have lower-case letters"),
        ("models: {'': {}}", "Must not be empty."),
        (f"models: {{{'a' * 65}: {{}}}}", "up to 64 of them."),
        ("models: {no: {}}", "models, False: Must be text; where it is, put it in quotes."),
        ("models: {a: {}, a: {}}", "'a' is given twice"),
        ("models: {a: {}}\ndefault: b", "default: 'b' is not one of: a."),
        ("models: {a: {nre: x}}", "models, a, nre: Is not known."),
        ("models: {a: {ner: ''}}", "models, a, ner: Must not be empty."),
        ("models: {a: {ner: 7}}", "models, a, ner: Must be text"),
        ("models: {a: {languages: de}}", "models, a, languages: Must be a list"),
        ("models: {a: {languages: [de, eng]}}", "models, a, languages, 2: 'eng' is not an ISO"),
        ("models: {a: {languages: [no]}}", "models, a, languages, 1: Must be text; where it is"),
        ("models: {a: {ner: x, ner_labels: [x]}}", "models, a, ner_labels: Must be a mapping."),
        (
            "models: {a: {ner: x, ner_labels: {PER: a person}}}",
            "models, a, ner_labels, PER: 'a person' is not an entity type",
        ),
        ("models: {a: {ner_labels: {PER: PERSON}}}", "ner_labels: Is about `ner`, which is not"),
        (
            "models: {a: {sentiment: x, sentiment_labels: {LABEL_0: NEGATIVE}}}",
            "LABEL_0: 'NEGATIVE' is not one of: negative, neutral, positive.",
        ),
        ("models: {a: {sentiment: x, sentiment_input: pairs}}", "Must be one of sentence, pair."),
        ("models: {a: {", "while parsing"),
        ("models: {a: {ner: \x01}}", "special characters are not allowed"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line_that_says_where(write, text, says):
    path = write(text)
    with pytest.raises(SettingError) as error:
        read_models_file(path)
    line = str(error.value)
    assert line.startswith(f"{path}: ")
    assert says in line
    assert "\n" not in line


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SettingError, match=r"MODELS_FILE='.*none\.yaml': No such file"):
        read_models_file(tmp_path / "none.yaml")


def test_without_a_file_there_is_one_model_made_of_what_the_settings_say():
    plan = plan_of(read_settings({}))
    assert (plan.default, dict(plan.specs)) == (ONLY, {ONLY: ModelSpec(BUNDLE)})
    plan = plan_of(
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
    assert plan.specs[ONLY] == ModelSpec(
        MODELS / "mine",
        "someone/ner@main",
        "/srv/sentiment",
        ("de", "fr"),
        {"PER": "PERSON", "LOC": "O"},
        {"LABEL_0": "negative"},
        "pair",
    )


def checked(path, **more: str) -> dict[str, int]:
    settings = read_settings({"MODELS_FILE": str(path), **more})
    return check_plan(plan_of(settings), settings)


def test_every_model_is_checked_and_measured(write):
    size = check_model(ModelSpec(BUNDLE), MODELS)
    path = write("models: {a: {}, b: {}}")
    assert checked(path) == {"a": size, "b": size}
    assert size > 20_000_000


def test_a_model_that_is_not_there_is_named(write):
    path = write("models: {a: {}, b: {bundle: nowhere}}")
    with pytest.raises(ModelError, match=r"^model b of .*models\.yaml: no model bundle in"):
        checked(path)


def test_a_model_that_would_not_fit_beside_the_default_is_refused(write):
    size = check_model(ModelSpec(BUNDLE), MODELS)
    path = write("models: {a: {}, b: {}}")
    assert checked(path, MODELS_MEMORY=str(2 * size))
    with pytest.raises(SettingError) as error:
        checked(path, MODELS_MEMORY=str(2 * size - 1))
    assert str(error.value) == (
        f"MODELS_MEMORY={2 * size - 1}: model b needs {2 * size} bytes, with the default a; allow "
        "as many, or leave it out."
    )
    with pytest.raises(SettingError, match=f"model a needs {size} bytes; allow"):
        checked(path, MODELS_MEMORY=str(size - 1))


def test_the_only_model_may_have_any_size():
    settings = Settings(models_memory=1)
    assert check_plan(plan_of(settings), settings)[ONLY] > 1
