import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.perturbations import PERTURBATIONS, curly_quotes, ocr_errors, title_case


@pytest.mark.parametrize("perturb", PERTURBATIONS.values(), ids=PERTURBATIONS)
@given(text=st.text())
def test_a_perturbation_keeps_the_length_and_is_deterministic(perturb, text):
    assert len(perturb(text)) == len(text)
    assert perturb(text) == perturb(text)


def test_each_perturbation_changes_what_its_name_describes():
    assert PERTURBATIONS["all capitals"]("Ann's") == "ANN'S"
    assert PERTURBATIONS["lower case"]("Ann's") == "ann's"
    assert title_case("ann's new EU deal") == "Ann's New Eu Deal"
    assert curly_quotes("\"It's 'on',\" he said") == "“It’s ‘on’,” he said"
    text = "hello all of you, one and all " * 20
    changed = sum(a != b for a, b in zip(ocr_errors(text), text, strict=True))
    assert 0 < changed < 0.05 * len(text)
