import pytest

from service.enrichment.links.names import name_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("St. Louis", "Saint Louis"),
        ("U.S.", "US"),
        ("São Paulo", "Sao Paulo"),
        ("the Netherlands", "Netherlands"),
        ("KURSK", "Kursk"),
        ("London's", "London"),
        ("Cote d’Ivoire", "Côte d'Ivoire"),
        ("Ann-Arbor", "Ann Arbor"),
        ("N.Y.", "N. Y."),
    ],
)
def test_spellings_of_one_name_have_one_key(one, other):
    assert name_key(one) == name_key(other) != ""


def test_different_names_have_different_keys():
    assert len({name_key(name) for name in ("Saint", "Paris", "Paris Street", "New Paris")}) == 4


def test_a_name_without_letters_has_an_empty_key():
    assert name_key("’—") == ""
