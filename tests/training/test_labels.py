"""What coarser labels leave open. None of it needs torch."""

import pytest

from training.labels import CONLL, NINE, TAG_SETS, TAGS, THREE, allowed_tags, of_valence


def tags_of(scheme, prefix, kind=""):
    return {TAGS[i] for i in scheme.allowed(prefix, kind)}


def test_a_set_of_all_types_leaves_nothing_open():
    assert tags_of(NINE, "B", "FACILITY") == {"B-FACILITY"}
    assert tags_of(NINE, "O") == {"O"}


def test_a_coarse_type_leaves_its_finer_ones_open():
    assert tags_of(CONLL, "I", "LOCATION") == {"I-LOCATION", "I-FACILITY"}
    assert tags_of(CONLL, "B", "MISC") == {"B-MISC", "B-NORP", "B-PRODUCT"}
    assert tags_of(CONLL, "B", "PERSON") == {"B-PERSON"}


def test_a_word_outside_all_names_may_be_in_one_that_nobody_looked_for():
    assert tags_of(CONLL, "O") == {"O", "B-DATE", "I-DATE", "B-MONEY", "I-MONEY"}
    assert "B-PERSON" not in tags_of(THREE, "O")
    assert {"B-MISC", "I-NORP"} <= tags_of(THREE, "O")


def test_the_first_tag_sets_are_the_single_tags():
    assert TAG_SETS[: len(TAGS)] == tuple(frozenset([i]) for i in range(len(TAGS)))
    assert allowed_tags().sum(axis=1).tolist() == [len(tags) for tags in TAG_SETS]


@pytest.mark.parametrize(
    ("valence", "expected"),
    [(0.0, (0, 1, 0)), (-0.2, (0.5, 0.5, 0)), (0.9, (0, 0, 1)), (-1.0, (1, 0, 0))],
)
def test_a_valence_becomes_a_distribution(valence, expected):
    assert of_valence(valence) == pytest.approx(expected)
