import pytest

from service.enrichment.coreference.names import clean, normalize


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("the United\n States", "United States"),
        ("Biden’s", "Biden"),
        ("Clintons'", "Clintons"),
        ("“Acme”", "Acme"),
        ("U.S.", "U.S."),
        ("the", "the"),
        ("--", "--"),
    ],
)
def test_a_name_is_cleaned(text, name):
    assert clean(text) == name


def test_a_name_broken_by_a_line_end_is_one():
    assert clean("Asia-\nPacific Forum") == "Asia-Pacific Forum"
    assert normalize("Kim Jong-\r\nun") == normalize("Kim Jong-un") == normalize("Kim Jong un")


def test_normalization_ignores_case_diacritics_points_and_the_type_of_hyphen():
    assert normalize("Émile U.N. Jean‑Luc") == normalize("EMILE UN Jean-Luc")


def test_straight_and_curly_apostrophes_are_equal():
    assert normalize("O'Brien") == normalize("O’Brien")
    assert normalize("O'Brien") not in {normalize("O-Brien"), normalize("OBrien")}
