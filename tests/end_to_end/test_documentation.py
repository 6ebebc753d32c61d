"""Every example in the documentation prints what the page shows, and the tables are current."""

import pytest

from tests.end_to_end.documentation import (
    CONFIGURATION,
    ERRORS,
    PAGES,
    README,
    ROOT,
    agree,
    errors_table,
    examples,
    regenerated,
    settings_table,
)

WITH_EXAMPLES = [page for page in PAGES if examples(page.read_text("utf-8"))]


def test_the_documentation_has_examples_of_an_article_a_batch_and_an_error():
    commands = [c for page in WITH_EXAMPLES for c, _ in examples(page.read_text("utf-8"))]
    assert len(commands) >= 5
    assert examples(README.read_text("utf-8"))
    for part in ("seeds/", "application/json", "application/x-ndjson"):
        assert any(part in command for command in commands), part
    assert any("/problems/" in output for _, output in examples(ERRORS.read_text("utf-8")))


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_example_prints_what_the_page_shows(server, page):
    text = page.read_text("utf-8")
    assert agree(regenerated(text, server.url), text), (
        "run `python -m tests.end_to_end.expectations URL` against a running service"
    )


@pytest.mark.parametrize(
    ("page", "table"), [(ERRORS, errors_table), (CONFIGURATION, settings_table)]
)
def test_the_tables_of_errors_and_settings_are_current(page, table):
    assert f"-->\n{table()}<!--" in page.read_text("utf-8")


def test_outputs_that_differ_in_more_than_the_last_digits_do_not_agree():
    assert agree("North Korea 0.1764", "North Korea 0.1790")
    assert not agree("North Korea 0.1764", "North Korea 0.2764")
    assert not agree("North Korea 0.1764", "South Korea 0.1764")
    assert not agree("3 mentions", "4 mentions")
