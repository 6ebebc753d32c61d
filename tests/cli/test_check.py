from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Enrich


@pytest.fixture
def check(enrich: Enrich, tmp_path: Path):
    """Check two articles against rules."""
    (tmp_path / "a.txt").write_text("So Biden praised Paris. Biden praised Acme Bank.")
    (tmp_path / "b.jsonl").write_text('{"text": "Ann left.", "id": "ann-1"}\n{"text": " "}')

    def call(rules: str, *options: str, files: tuple[str, ...] = ("a.txt",)):
        (tmp_path / "rules.yaml").write_text(rules)
        return enrich("check", "rules.yaml", *files, *options)

    return call


def test_exit_code_is_0_if_every_expectation_holds(check):
    result = check("""
- article: "*.txt"
  sentiment: {label: POSITIVE, above: 0.5}
  entities:
    biden: {type: PERSON, sentiment: POSITIVE}
    Paris: {type: LOCATION, sentiment: {above: 0.5, below: 0.9}}
    Acme Bank: present
    Putin: absent
""")
    assert (result.exit_code, result.stdout) == (0, "12 of 12 expectations hold.\n")


def test_a_failed_expectation_is_printed_with_the_actual_value(check, tmp_path):
    rules = """
- article: a.txt
  sentiment: {label: NEGATIVE, below: 0}
  entities:
    Biden: absent
    Ann: present
    Paris: {type: PERSON, sentiment: {above: 0.9}}
"""
    result = check(rules, "--junit", "out.xml")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "FAILED a.txt: its sentiment is NEGATIVE (found: +0.9869, POSITIVE)",
        "FAILED a.txt: its sentiment is below 0 (found: +0.9869, POSITIVE)",
        "FAILED a.txt: Biden is absent (found: Biden, PERSON, is present)",
        "FAILED a.txt: Ann is present (found: absent)",
        "FAILED a.txt: Paris is of type PERSON (found: LOCATION)",
        "FAILED a.txt: sentiment towards Paris is above 0.9 (found: +0.8500, POSITIVE)",
        "2 of 8 expectations hold.",
    ]
    [suite] = ElementTree.parse(tmp_path / "out.xml").getroot()
    assert suite.attrib == {"name": "enrich check", "tests": "8", "failures": "6"}
    assert [case.get("name") for case in suite if len(case) == 0] == [
        "can be enriched",
        "Paris is present",
    ]
    assert suite.find("testcase[@name='Ann is present']/failure").get("message") == "absent"


def test_a_rule_matches_the_id_of_an_article_too(check):
    result = check("- article: ann-*\n  entities: {Ann: present}", files=("a.txt", "b.jsonl"))
    assert "2 of 2 expectations hold" in result.stdout


def test_a_rule_for_an_article_that_fails_does_not_hold(check):
    result = check("- article: b.jsonl:2", files=("b.jsonl",))
    assert result.exit_code == 1
    assert "FAILED b.jsonl:2: can be enriched (found: /text: Must not be" in result.stdout


def test_a_rule_that_matches_no_article_does_not_hold(check):
    result = check("- article: a.txt\n- article: c.txt")
    assert result.exit_code == 1
    assert "FAILED c.txt: matches the source or id of an article (found: none)" in result.stdout
    assert check("- article: c.txt").stdout.endswith("0 of 1 expectation holds.\n")


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("- artikle: a.txt", "rule 1, article: "),
        (
            "- article: a.txt\n  entities: {Ann: {typ: PERSON}}",
            "rule 1, entities, Ann, typ: Unknown key.",
        ),
        (
            "- article: a.txt\n  entities: {Ann: here}",
            "Ann: Must be present, absent, or a mapping.",
        ),
        ("- article: a.txt\n  entities: {No: present}", "False: Must be a name; put it in quotes."),
        ("- article: a.txt\n  sentiment: GOOD", "rule 1, sentiment, label: Must be one of"),
        ("- article: a.txt\n  sentiment: {above: 2}", "rule 1, sentiment, above: "),
        ("- {article: a.txt, article: b.txt}", "duplicate key 'article'"),
        ("article: a.txt", "Must be a list"),
        ("- [", "rules.yaml: line 1: expected the node content"),
    ],
)
def test_invalid_rules_are_wrong_usage(check, rules, message):
    result = check(rules)
    assert result.exit_code == 2
    assert message in result.stderr
