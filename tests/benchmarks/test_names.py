from benchmarks.names import FOUR_TYPES, THREE_TYPES, score_names, types_of_model
from service.enrichment.pipeline import Enricher
from tests.fakes import FakeDetector, FakeModel

DOCUMENT = [
    ("Biden met the Bank in Paris.", [(0, 5, "PERSON"), (14, 18, "FACILITY"), (22, 27, "NORP")]),
    ("Acme left on Monday.", [(0, 4, "ORGANIZATION"), (13, 19, "DATE")]),
]


def score(counted_as, perturb=None):
    return score_names(Enricher(FakeModel(), FakeDetector()), [DOCUMENT], counted_as, perturb)


def test_finer_types_count_as_the_broader_ones_of_a_set():
    names = score(FOUR_TYPES)
    assert names.gold == {"PERSON": 1, "LOCATION": 1, "MISC": 1, "ORGANIZATION": 1}
    assert names.correct == {"PERSON": 1, "ORGANIZATION": 1}


def test_types_that_a_set_lacks_do_not_count():
    names = score(THREE_TYPES)
    assert "MISC" not in names.gold
    assert names.gold.total() == 3


def test_the_types_of_a_model_are_those_it_has_or_broader_ones():
    types = types_of_model(("PERSON", "ORGANIZATION", "LOCATION", "NORP", "MISC", "DATE"))
    assert types["NORP"] == "NORP"
    assert types["FACILITY"] == "LOCATION"
    assert types["PRODUCT"] == "MISC"
    assert "DATE" not in types


def test_a_perturbation_changes_the_text_that_is_read():
    assert score(FOUR_TYPES, str.lower).predicted.total() == 0
