import pytest

from service.enrichment.clauses import clause_of

SEASON = "Ann was splendid all season , but Bob was dreadful in every match ."


@pytest.mark.parametrize(
    ("sentence", "name", "clause"),
    [
        (SEASON, "Ann", "Ann was splendid all season ,"),
        (SEASON, "Bob", "but Bob was dreadful in every match ."),
        ("They praised Ann ; nobody liked Bob at all .", "Bob", "nobody liked Bob at all ."),
        ("Ann praised Bob in Lima .", "Ann", "Ann praised Bob in Lima ."),
    ],
)
def test_a_mention_has_the_clause_around_it(sentence, name, clause):
    words = sentence.split()
    at = words.index(name)
    first, last = clause_of((at, at + 1), (0, len(words)), words)
    assert " ".join(words[first:last]) == clause


def test_a_clause_of_few_words_stands_for_its_whole_sentence():
    words = "Ann left , but nobody minded that very much .".split()
    assert clause_of((0, 1), (0, len(words)), words) == (0, len(words))


def test_words_are_counted_in_the_whole_text():
    words = "Ann was fine but Bob was not so".split()
    assert clause_of((14, 15), (10, 18), words) == (13, 18)
