import pytest

from service.inference.checkpoint.labels import Tag, derive_polarities, derive_tags
from service.inference.errors import ModelError


def types(labels, mapping=None):
    return [tag.type for tag in derive_tags(labels, mapping or {})]


def test_types_that_the_rules_know_by_another_name_get_it():
    labels = ["O", "B-PER", "I-PER", "B-org", "B-LOC", "B-MISC", "B-DATE"]
    assert types(labels) == [
        None,
        "PERSON",
        "PERSON",
        "ORGANIZATION",
        "LOCATION",
        "MISC",
        "DATE",
    ]


@pytest.mark.parametrize(
    ("label", "tag"),
    [
        ("B-PER", Tag("PERSON", begins=True)),
        ("I-PER", Tag("PERSON")),
        ("E-PER", Tag("PERSON", ends=True)),
        ("L-PER", Tag("PERSON", ends=True)),
        ("S-PER", Tag("PERSON", begins=True, ends=True)),
        ("U-PER", Tag("PERSON", begins=True, ends=True)),
        ("PER", Tag("PERSON")),
        ("Work-of-art", Tag("Work-of-art")),
        ("B-Work-of-art", Tag("Work-of-art", begins=True)),
    ],
)
def test_a_prefix_marks_where_a_name_begins_and_ends(label, tag):
    assert derive_tags(["O", label], {})[1] == tag


def test_a_mapping_wins_over_what_is_derived():
    assert types(["O", "B-PER", "I-PER"], {"PER": "NAME"}) == [None, "NAME", "NAME"]
    assert types(["O", "B-PER", "I-PER"], {"B-PER": "NAME"}) == [None, "NAME", "PERSON"]
    assert types(["LABEL_0", "LABEL_1"], {"LABEL_0": "O", "LABEL_1": "DRUG"}) == [None, "DRUG"]
    assert types(["OTHER", "PER"], {"OTHER": "O"}) == [None, "PERSON"]


@pytest.mark.parametrize(
    ("labels", "mapping", "message"),
    [
        (["LABEL_0", "LABEL_1"], {}, "LABEL_0 names no entity type"),
        (["NOUN", "VERB"], {}, "no label O"),
        (["O"], {}, "no label for names"),
        (["O", "B-PER"], {"ORG": "X"}, "there is no label 'ORG'"),
    ],
)
def test_labels_without_entity_types_are_rejected(labels, mapping, message):
    with pytest.raises(ModelError, match=message):
        derive_tags(labels, mapping)


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (["NEGATIVE", "POSITIVE"], [0, 2]),
        (["negative", "neutral", "positive"], [0, 1, 2]),
        (["POS", "NEG", "NEU"], [2, 0, 1]),
        (["1 star", "2 stars", "3 stars", "4 stars", "5 stars"], [0, 0, 1, 2, 2]),
        (
            ["Very Negative", "Negative", "Neutral", "Positive", "Very Positive"],
            [0, 0, 1, 2, 2],
        ),
    ],
)
def test_two_three_and_five_classes_have_a_polarity_each(labels, found):
    assert derive_polarities(labels, {}) == found


def test_labels_without_a_meaning_get_theirs_by_a_mapping():
    mapping = {"LABEL_0": "positive", "LABEL_1": "negative"}
    assert derive_polarities(["LABEL_0", "LABEL_1"], mapping) == [2, 0]


@pytest.mark.parametrize(
    ("labels", "mapping", "message"),
    [
        (["LABEL_0", "LABEL_1"], {}, "SENTIMENT_LABELS=LABEL_0"),
        (["joy", "anger"], {}, "'joy' names no polarity"),
        (["neutral", "positive"], {}, "lack negative or positive"),
        (["negative", "positive"], {"negative": "bad"}, "'bad' is not one of"),
        (["negative", "positive"], {"LABEL_7": "neutral"}, "there is no label 'LABEL_7'"),
    ],
)
def test_labels_without_polarities_are_rejected(labels, mapping, message):
    with pytest.raises(ModelError, match=message):
        derive_polarities(labels, mapping)
