import json
from pathlib import Path

import pytest

from tests.cli.conftest import Enrich


@pytest.fixture
def run(enrich: Enrich, tmp_path: Path):
    """Enriches texts and writes the results to a file."""

    def write(name: str, *texts: str) -> None:
        lines = [json.dumps({"text": text}) for text in texts]
        (tmp_path / "in.jsonl").write_text("\n".join(lines))
        enrich("in.jsonl", "-o", name)

    return write


def test_a_run_does_not_differ_from_itself(enrich: Enrich, run):
    run("old.ndjson", "Ann praised Paris.", " ")
    result = enrich("diff", "old.ndjson", "old.ndjson")
    assert (result.exit_code, result.stdout) == (0, "0 of 2 articles changed.\n")


def test_every_kind_of_change_is_listed(enrich: Enrich, run):
    run("old.ndjson", "Ann praised Paris.", "Bob left.", "Carl left.", " ", "Bob slept.")
    run("new.ndjson", "Ann condemned Paris.", "Bob met Dora.", "He left.", "It is.", " ", "More.")
    result = enrich("diff", "old.ndjson", "new.ndjson")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "in.jsonl:1",
        "  ~ the article: POSITIVE → NEGATIVE",
        "  ~ Ann: POSITIVE → NEGATIVE",
        "  ~ Paris: POSITIVE → NEGATIVE",
        "in.jsonl:2",
        "  + Dora (PERSON)",
        "in.jsonl:3",
        "  - Carl (PERSON)",
        "in.jsonl:4",
        "  ! works now; before: /text: Must not be empty or blank.",
        "in.jsonl:5",
        "  ! fails now: /text: Must not be empty or blank.",
        "in.jsonl:6",
        "  + the article",
        "6 of 6 articles changed.",
    ]
    gone = enrich("diff", "new.ndjson", "old.ndjson")
    assert "in.jsonl:6\n  - the article\n6 of 6 articles changed." in gone.stdout


def test_a_changed_type_is_neither_gained_nor_lost_and_a_changed_model_is_named(
    enrich: Enrich, run, tmp_path
):
    run("old.ndjson", "Ann praised Paris.")
    text = (tmp_path / "old.ndjson").read_text()
    changed = text.replace("LOCATION", "MISC").replace("sha256:0", "sha256:1")
    (tmp_path / "new.ndjson").write_text(changed)
    result = enrich("diff", "--json", "old.ndjson", "new.ndjson")
    difference = json.loads(result.stdout)
    assert difference["changes"] == [
        {
            "source": "in.jsonl:1",
            "kind": "retyped",
            "entity": "Paris",
            "old": "LOCATION",
            "new": "MISC",
        }
    ]
    assert difference["models"] == ["fake 1 (sha256:000000000000)", "fake 1 (sha256:100000000000)"]


def test_entities_that_share_a_name_are_compared_one_by_one(enrich: Enrich, run, tmp_path):
    run("old.ndjson", "Ann praised Paris.")
    result = json.loads((tmp_path / "old.ndjson").read_text())
    ann, paris = result["enrichment"]["entities"]
    critical = {**ann, "sentiment": {**ann["sentiment"], "label": "NEGATIVE"}}
    place = {**ann, "type": "LOCATION"}

    def differ(old: list, new: list) -> list[str]:
        for name, entities in (("old.ndjson", old), ("new.ndjson", new)):
            result["enrichment"]["entities"] = entities
            (tmp_path / name).write_text(json.dumps(result))
        return enrich("diff", "old.ndjson", "new.ndjson").stdout.splitlines()[1:-1]

    assert differ([ann, ann, paris], [ann, paris]) == ["  - Ann (PERSON)"]
    assert differ([paris], [ann, paris, place]) == ["  + Ann (PERSON)", "  + Ann (LOCATION)"]
    assert differ([ann, critical], [critical, ann]) == []
    assert differ([ann, ann], [place, critical]) == [
        "  ~ Ann: POSITIVE → NEGATIVE",
        "  ~ Ann: PERSON → LOCATION",
    ]


def test_an_incomplete_run_is_not_compared(enrich: Enrich, run, tmp_path):
    run("old.ndjson", "Ann left.", "Bob left.")
    (tmp_path / "new.ndjson").write_bytes((tmp_path / "old.ndjson").read_bytes()[:-9])
    result = enrich("diff", "old.ndjson", "new.ndjson")
    assert result.exit_code == 2
    assert "new.ndjson, line 2" in result.stderr
