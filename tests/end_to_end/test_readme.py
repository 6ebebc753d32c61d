"""The README's examples print what it says they print."""

from tests.end_to_end.readme import README, agree, examples, written_anew


def test_the_readme_shows_the_seed_and_an_error():
    commands = [command for command, _ in examples(README.read_text("utf-8"))]
    assert any("seeds/" in command for command in commands)
    assert len(commands) >= 4


def test_every_example_prints_what_the_readme_says(server):
    text = README.read_text("utf-8")
    assert agree(written_anew(text, server.url), text), (
        "run `python -m tests.end_to_end.expectations URL` against a running service"
    )


def test_outputs_that_differ_in_more_than_the_last_digits_do_not_agree():
    assert agree("North Korea 0.1764", "North Korea 0.1790")
    assert not agree("North Korea 0.1764", "North Korea 0.2764")
    assert not agree("North Korea 0.1764", "South Korea 0.1764")
    assert not agree("3 mentions", "4 mentions")
