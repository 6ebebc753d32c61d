import pytest

from service.enrichment.coreference.names import clean, normalize, strip_titles


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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bjørn", "Bjorn"),
        ("Wałęsa", "Walesa"),
        ("Guðni", "Gudni"),
        ("Þór", "Thor"),
        ("Æro", "Aero"),
    ],
)
def test_normalization_spells_letters_as_newsrooms_do(one, other):
    assert normalize(one) == normalize(other)


@pytest.mark.parametrize(
    ("form", "bare"),
    [
        ("DI Hollis", "Hollis"),
        ("Di Maria", "Di Maria"),
        ("Maj-Gen Hollis", "Hollis"),
        ("Attorney-General Hollis", "Hollis"),
        ("Datuk Seri Anwar", "Anwar"),
        ("Sri Mulyani", "Sri Mulyani"),
        ("Ann Cole SJ", "Ann Cole"),
        ("Ann Cole, PhD", "Ann Cole"),
        ("Jack Ma", "Jack Ma"),
        ("JACK MC", "JACK MC"),
    ],
)
def test_titles_and_letters_are_stripped(form, bare):
    assert strip_titles(form) == bare


def test_straight_and_curly_apostrophes_are_equal():
    assert normalize("O'Brien") == normalize("O’Brien")
    assert normalize("O'Brien") not in {normalize("O-Brien"), normalize("OBrien")}
