from itertools import pairwise, product

import numpy as np
import pytest

from service.enrichment.bio import decode_tags

TAGS = ("O", "B-PERSON", "I-PERSON", "B-LOCATION", "I-LOCATION")


def decode(*tags: str) -> list[tuple[int, int, str]]:
    rows = np.full((len(tags), len(TAGS)), 0.05, dtype=np.float32)
    for row, tag in zip(rows, tags, strict=True):
        row[TAGS.index(tag)] = 0.8
    return [span[:3] for span in decode_tags(rows, TAGS)]


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ((), []),
        (("O", "O"), []),
        (("B-PERSON", "I-PERSON", "O"), [(0, 2, "PERSON")]),
        (("B-PERSON", "B-PERSON"), [(0, 1, "PERSON"), (1, 2, "PERSON")]),
    ],
)
def test_spans_follow_the_bio_scheme(tags, spans):
    assert decode(*tags) == spans


def allowed(path: tuple[int, ...]) -> bool:
    tags = ["O", *(TAGS[i] for i in path)]
    return all(b[0] != "I" or a[2:] == b[2:] for a, b in pairwise(tags))


def test_an_inside_tag_without_a_beginning_is_decoded_the_likelier_way():
    rows = np.asarray([[0.5, 0.4, 0.05, 0.05, 0], [0.1, 0.1, 0.7, 0.1, 0]], dtype=np.float32)
    assert [span[:3] for span in decode_tags(rows, TAGS)] == [(0, 2, "PERSON")]


def test_a_name_keeps_one_type():
    rows = np.asarray([[0, 0.5, 0, 0.5, 0], [0, 0, 0.4, 0, 0.6]], dtype=np.float32)
    assert [span[:3] for span in decode_tags(rows, TAGS)] == [(0, 2, "LOCATION")]


def test_the_path_is_the_likeliest_of_all_that_are_allowed():
    chance = np.random.default_rng(0)
    for _ in range(50):
        rows = chance.dirichlet(np.ones(len(TAGS)), size=4)
        best = max(
            (path for path in product(range(len(TAGS)), repeat=4) if allowed(path)),
            key=lambda path: np.log(rows[range(4), path]).sum(),
        )
        found = [span[:3] for span in decode_tags(rows, TAGS)]
        assert found == decode(*(TAGS[i] for i in best))


def test_confidence_is_the_mean_probability_of_the_type():
    rows = np.asarray([[0.1, 0.6, 0.3, 0, 0], [0.2, 0.1, 0.6, 0.1, 0]], dtype=np.float32)
    (span,) = decode_tags(rows, TAGS)
    assert span.confidence == pytest.approx((0.9 + 0.7) / 2)
