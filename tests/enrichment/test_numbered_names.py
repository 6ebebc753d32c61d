import pytest

from service.enrichment.numbered_names import numbered_index, numbered_unit


@pytest.mark.parametrize(
    ("text", "run", "unit"),
    [
        ("the 6th Army left", (2, 3), "6th Army"),
        ("the 53rd Mechanised Brigade left", (2, 4), "53rd Mechanised Brigade"),
        ("the 3rd Infantry Division left", (2, 4), "3rd Infantry Division"),
        ("the 2nd Division side", (2, 3), None),
        ("the 6th army left", (2, 3), None),
        ("the 53 Brigade Street", (2, 4), None),
        ("Army men", (0, 1), None),
    ],
)
def test_an_ordinal_number_belongs_to_a_military_unit(text, run, unit):
    words = text.split()
    found = numbered_unit(run, words)
    assert (" ".join(words[slice(*found)]) if found else None) == unit


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("The FTSE 100 rose", "FTSE 100"),
        ("The FTSE 20 points", None),
        ("The FTSE 7 rose", None),
        ("The Nisa 100 rose", None),
    ],
)
def test_a_number_belongs_to_a_stock_index(text, index):
    words = text.split()
    found = numbered_index((0, 2), words)
    assert (" ".join(words[slice(*found)]) if found else None) == index
