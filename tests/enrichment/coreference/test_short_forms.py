import pytest
import regex

from service.enrichment.coreference.short_forms import short_things
from tests.enrichment.coreference.mentions import clustered


@pytest.mark.parametrize(
    ("forms", "together"),
    [
        (("Tottenham", "Spurs"), True),
        (("Leicester City", "Leicester", "the Foxes"), True),
        (("Liverpool", "Nottingham Forest", "Reds"), False),
        (("Liverpool", "Foxes"), False),
    ],
)
def test_the_nickname_of_a_club_joins_the_only_one_that_has_it(forms, together):
    *_, nickname = clustered(" and ".join(forms), *((form, "ORGANIZATION") for form in forms))
    assert (nickname != [forms[-1]]) == together


@pytest.mark.parametrize(
    ("full", "short", "together"),
    [
        ("Labour Party", "Labour", True),
        ("Hyundai Motor", "Hyundai", True),
        ("Leeds United", "United", True),
        ("Leeds Utd", "Leeds United", True),
        ("US Department of Justice", "Department of Justice", True),
        ("US Department of Justice", "Justice Department", True),
        ("Department for Education", "Education Department", True),
        ("Ministry of the Interior", "Interior Ministry", True),
        ("Department of Justice", "Defense Department", False),
        ("Amazon.com", "Amazon", True),
        ("Bank of England", "Bank", False),
        ("BBC Radio", "BBC", False),
        ("United Nations", "United", False),
    ],
)
def test_an_organisation_without_its_generic_end_is_the_same(full, short, together):
    mentions = ((full, "ORGANIZATION"), (short, "ORGANIZATION"))
    expected = [[full, short]] if together else [[full], [short]]
    assert clustered(f"{full} and {short}", *mentions) == expected


def test_a_short_form_of_two_names_stays_apart():
    forms = ("Leeds United", "Dundee United", "United")
    assert len(clustered(" ".join(forms), *((form, "ORGANIZATION") for form in forms))) == 3


def organizations(*forms: str) -> list[list[str]]:
    return clustered(" ".join(forms), *((form, "ORGANIZATION") for form in forms))


@pytest.mark.parametrize(
    "legal_form",
    [
        "AG", "A/S", "Oyj", "AB", "SpA", "S.p.A.", "GmbH", "NV", "N.V.", "SA", "plc", "PLC", "KK",
        "Ltd", "Ltd.", "Inc", "Inc.", "LLC", "Co", "Corp", "BV", "SE", "AS", "ASA",
        "Bhd", "Berhad", "Tbk", "Co Ltd", "Pty Ltd", "& Co", "GmbH & Co. KG",
    ],
)  # fmt: skip
def test_a_legal_form_is_no_part_of_the_compared_name(legal_form):
    assert organizations("Acme", f"Acme {legal_form}") == [["Acme", f"Acme {legal_form}"]]


def test_a_company_with_a_legal_form_is_no_place():
    text = "Ørsted fell. Ørsted A/S said so."
    mentions = (("Ørsted", "LOCATION"), ("Ørsted A/S", "ORGANIZATION"))
    assert clustered(text, *mentions) == [["Ørsted", "Ørsted A/S"]]


@pytest.mark.parametrize(
    ("forms", "together"),
    [
        (("FTSE 100", "FTSE"), True),
        (("Nikkei 225", "Nikkei average"), True),
        (("Dow Jones Industrial Average", "Dow"), True),
        (("S&P 500", "S&P"), True),
        (("FTSE 100", "FTSE 250"), False),
        (("Boeing 737", "Boeing"), False),
    ],
)
def test_a_stock_index_with_and_without_its_number_is_one(forms, together):
    text = " ".join(forms)
    found = clustered(text, (forms[0], "MISC"), (forms[1], "ORGANIZATION"))
    assert len(found) == (1 if together else 2)


@pytest.mark.parametrize(
    ("forms", "count"),
    [
        (("FTSE 250", "FTSE 100", "FTSE"), 2),
        (("S&P 500", "S&P 400", "S&P"), 2),
        (("FTSE 250", "FTSE 350", "FTSE"), 3),
    ],
)
def test_an_index_beside_two_with_numbers_is_the_main_one_or_neither(forms, count):
    assert len(organizations(*forms)) == count


@pytest.mark.parametrize(
    ("forms", "count"),
    [
        (("Leeds", "Leeds United"), 1),
        (("Derby County", "Derby"), 1),
        (("Manchester", "Manchester United", "Manchester City"), 3),
    ],
)
def test_a_club_without_its_ending_is_the_only_one_that_fits(forms, count):
    assert len(organizations(*forms)) == count


@pytest.mark.parametrize(
    "forms",
    [
        ("Marks and Spencer", "Marks & Spencer", "M&S"),
        ("Procter & Gamble", "P&G"),
        ("Pittsburgh Pirates", "Pirates"),
        ("Vestas Wind Systems A/S", "Vestas"),
        ("Lloyds Banking Group plc", "Lloyds"),
        ("Department for Education", "DfE"),
        ("Ministry of Defence", "MoD"),
    ],
)
def test_short_forms_of_an_organisation_are_one(forms):
    assert organizations(*forms) == [list(forms)]


@pytest.mark.parametrize(
    ("text", "together"),
    [
        ("Bank of England and the Bank", True),
        ("Bank of England, Bank of Japan and the Bank", False),
        ("Bank of England, Bank of England, Bank of England, Bank of Japan and the Bank", True),
        ("Bank of England and a Bank", False),
        ("US Congress and Congress", True),
        ("Sveriges Riksbank and the Riksbank", True),
        ("Sveriges Riksbank and Riksbank", False),
        ("Reserve Bank of Australia and the Reserve Bank", True),
        ("State of the Union and the Union", False),
        ("White House and the House", False),
        ("Pennsylvania State University and the University", True),
    ],
)
def test_a_noun_after_the_stands_for_the_only_organisation_with_it(text, together):
    *full, head = regex.split(r", | and (?:the |a |)", text)
    found = clustered(text, *((form, "ORGANIZATION") for form in (*full, head)))
    assert ([full[0]] * full.count(full[0]) + [head] in found) is together


@pytest.mark.parametrize(
    ("forms", "together"),
    [
        (("Socotra Island", "Socotra"), True),
        (("Falkland Islands", "Falklands"), True),
        (("City of Cleveland", "Cleveland"), True),
        (("City of London", "London"), False),
        (("Paris, France", "Paris"), True),
        (("Paris, Lyon, and Nice", "Paris"), False),
        (("Republic of Ireland", "Ireland"), False),
    ],
)
def test_a_place_with_and_without_the_word_for_its_kind_is_one(forms, together):
    found = clustered(" ".join(forms), *((form, "LOCATION") for form in forms))
    assert len(found) == (1 if together else 2)


def test_a_storm_with_and_without_the_word_for_its_kind_is_one():
    forms = ("Typhoon Gaemi", "Gaemi")
    assert len(clustered(" ".join(forms), *((form, "MISC") for form in forms))) == 1


@pytest.mark.parametrize(
    ("full", "short", "together"),
    [
        ("Harvard University", "Harvard", True),
        ("Delta Air Lines", "Delta", True),
        ("Liberal Democrats", "Lib Dems", True),
        ("Human Rights Watch", "HRW", True),
    ],
)
def test_more_short_forms_of_an_organisation(full, short, together):
    text = f"{full} {short}"
    tagged = "PERSON" if short.isupper() else "ORGANIZATION"
    found = clustered(text, (full, "ORGANIZATION"), (short, tagged))
    assert len(found) == (1 if together else 2)


def test_a_university_is_not_the_city_that_it_is_named_for():
    text = "Leeds University, Leeds, Leeds"
    mentions = [("Leeds University", "ORGANIZATION"), *[("Leeds", "LOCATION")] * 2]
    assert len(clustered(text, *mentions)) == 2


def test_a_law_without_its_year_is_the_only_one_of_that_name():
    one, other = ("MISC", "clean water act of 1972"), ("MISC", "clean water act 1948")
    bare = ("MISC", "clean water act")
    assert list(short_things([one, bare])) == [(one, bare)]
    assert list(short_things([one, other, bare])) == []
    assert list(short_things([one])) == []
