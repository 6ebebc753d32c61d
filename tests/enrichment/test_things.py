import pytest

from service.enrichment.coreference.names import Name
from service.enrichment.things import recover_things, retype_things


def test_a_listed_name_that_is_not_tagged_is_found_by_the_word_for_its_kind():
    text = "The Kappa variant reached Delhi. Kappa spread. Delta left."
    runs = [Name(text.index(f), text.index(f) + 5, f, "") for f in ("Kappa", "Delta")]
    assert [(run.text, run.type) for run in recover_things([], runs, text)] == [("Kappa", "MISC")]


def types(text, *names, tagged="PERSON"):
    mentions = []
    for name in names:
        start = text.index(name, mentions[-1].end if mentions else 0)
        mentions.append(Name(start, start + len(name), name, tagged))
    return [mention.type for mention in retype_things(mentions, text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Brent rose 2% to $80 a barrel.", ["Brent"]),
        ("WTI fell as Opec cut output; crude futures slid.", ["WTI"]),
        ("Shares of Arabica? No: Arabica futures rose.", ["Arabica", "Arabica"]),
        ("Ian hit Cuba. Hurricane Ian killed many.", ["Ian", "Ian"]),
        ("Typhoon Gaemi closed schools. Gaemi left.", ["Gaemi", "Gaemi"]),
        ("Typhoon Gaemi closed schools.", ["Typhoon Gaemi"]),
        ("Storm Babet brought floods.", ["Babet"]),
        ("Cyclone “Freddy” hit Malawi.", ["Freddy"]),
        ("Omicron cases fell.", ["Omicron"]),
        ("Omicron spread. The Omicron variant is new.", ["Omicron", "Omicron"]),
        ("Delta came before the new covid variants.", ["Delta"]),
        ("FTSE gained as shares rose.", ["FTSE"]),
        ("Dow fell 2% as traders sold.", ["Dow"]),
        ("The Sensex closed at 80,000 points.", ["Sensex"]),
        ("DAX lost 4%.", ["DAX"]),
        ("They talked of the CAC 40.", ["CAC 40"]),
        ("Storm Maren reached Oslo.", ["Maren"]),
        ("Ariane left; the rocket flew.", ["Ariane"]),
    ],
)
@pytest.mark.parametrize("tagged", ["PERSON", "ORGANIZATION"])
def test_storms_commodities_variants_and_indices_are_misc(text, names, tagged):
    assert set(types(text, *names, tagged=tagged)) == {"MISC"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Milton made landfall in Florida.", "Milton"),
        ("Milton, the hurricane, reached Tampa.", "Milton"),
        ("The Marburg virus spread.", "Marburg"),
        ("Bonny crude rose.", "Bonny"),
    ],
)
def test_what_follows_a_name_that_is_tagged_as_a_person_shows_what_it_is(text, name):
    assert types(text, name) == ["MISC"]


@pytest.mark.parametrize(
    ("text", "names", "tagged"),
    [
        ("Storm Reid won an award.", ["Storm Reid"], "PERSON"),
        ("After the storm Biden flew to Texas; rain fell.", ["Biden"], "PERSON"),
        ("Joe Biden left. After the hurricane Biden flew.", ["Joe Biden", "Biden"], "PERSON"),
        ("Brent lost his job at the bank.", ["Brent"], "PERSON"),
        ("Barrels rolled; Ann Brent spoke. Brent left.", ["Ann Brent", "Brent"], "PERSON"),
        ("Delta shares rose as profits grew.", ["Delta"], "ORGANIZATION"),
        ("Texas crude rose to $80 a barrel.", ["Texas"], "LOCATION"),
        ("Apple futures rose.", ["Apple"], "ORGANIZATION"),
        ("Dow Chemical closed a plant.", ["Dow Chemical"], "ORGANIZATION"),
    ],
)
def test_persons_places_and_companies_keep_their_types(text, names, tagged):
    assert set(types(text, *names, tagged=tagged)) == {tagged}
