"""The damages of the robustness figures leave gold spans where they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.damage import DAMAGES, curly_quotes, misread, title_case


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@given(text=st.text())
def test_no_damage_changes_the_length_or_itself(damage, text):
    assert len(damage(text)) == len(text)
    assert damage(text) == damage(text)


def test_each_damage_does_what_its_name_says():
    assert DAMAGES["all capitals"]("Ann's") == "ANN'S"
    assert DAMAGES["lower case"]("Ann's") == "ann's"
    assert title_case("ann's new EU deal") == "Ann's New Eu Deal"
    assert curly_quotes("\"It's 'on',\" he said") == "“It’s ‘on’,” he said"
    text = "hello all of you, one and all " * 20
    changed = sum(a != b for a, b in zip(misread(text), text, strict=True))
    assert 0 < changed < 0.05 * len(text)
