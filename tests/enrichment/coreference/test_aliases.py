import pytest

from service.enrichment.coreference.clustering import cluster
from service.enrichment.coreference.display import display_name
from tests.enrichment.coreference.mentions import clustered, locate

PERSON, ORGANIZATION, LOCATION = "PERSON", "ORGANIZATION", "LOCATION"


@pytest.mark.parametrize(
    ("text", "name", "alias", "type_"),
    [
        ("Ann Cole, also known as Nell, sang.", "Ann Cole", "Nell", PERSON),
        ("Ann Cole, better known to fans as Nell, sang.", "Ann Cole", "Nell", PERSON),
        ("Ann Cole, known by the nickname of Nell, sang.", "Ann Cole", "Nell", PERSON),
        ("Ann Cole, who now goes by Nell Roe, sang.", "Ann Cole", "Nell Roe", PERSON),
        ("Ann Cole, 34, alias Nell, fled.", "Ann Cole", "Nell", PERSON),
        ("Ann Cole — aka Nell — fled.", "Ann Cole", "Nell", PERSON),
        ("Ann Cole (née Roe) sang.", "Ann Cole", "Roe", PERSON),
        ("Ann Cole, born Una Roe in Hull, sang.", "Ann Cole", "Una Roe", PERSON),
        ("Nell, whose real name is Ann Cole, sang.", "Nell", "Ann Cole", PERSON),
        ("Nell (real name: Ann Cole) sang.", "Nell", "Ann Cole", PERSON),
        ("Ann Cole, writing as Una Roe, won.", "Ann Cole", "Una Roe", PERSON),
        ("Una Roe is the pen name of Ann Cole.", "Una Roe", "Ann Cole", PERSON),
        ("Born Una Roe in Hull, Cole sang.", "Cole", "Una Roe", PERSON),
        ("Ann Cole has died. Born Una Roe in Hull, she sang.", "Ann Cole", "Una Roe", PERSON),
        ("Nell, as Ann Cole is known, sang.", "Nell", "Ann Cole", PERSON),
        ("Nell, as Ann Cole is popularly called, sang.", "Nell", "Ann Cole", PERSON),
        ("Acme, formerly Bolt, fell.", "Acme", "Bolt", ORGANIZATION),
        ("Acme (previously Bolt) fell.", "Acme", "Bolt", ORGANIZATION),
        ("Acme, formerly known as Bolt, fell.", "Acme", "Bolt", ORGANIZATION),
        ("Bolt, which changed its name to Acme in May, fell.", "Bolt", "Acme", ORGANIZATION),
        ("Bolt, since renamed Acme, fell.", "Bolt", "Acme", ORGANIZATION),
        ("Acme, nicknamed the “Foxes”, lost.", "Acme", "Foxes", ORGANIZATION),
        ("in Arden, officially the Republic of Ar.", "Arden", "Republic of Ar", LOCATION),
    ],
)
def test_an_alias_that_the_article_states_joins_the_name(text, name, alias, type_):
    order = sorted((name, alias), key=text.index)
    assert clustered(text, *((form, type_) for form in order)) == [order]


@pytest.mark.parametrize(
    ("text", "name", "other"),
    [
        ("Ann Cole, formerly Bolt, leads Acme.", ("Ann Cole", PERSON), ("Bolt", ORGANIZATION)),
        ("Ann Cole, known as Hull's Mozart.", ("Ann Cole", PERSON), ("Hull", LOCATION)),
        ("Ann Cole, known as the Hull poisoner.", ("Ann Cole", PERSON), ("Hull", LOCATION)),
        ("Ann Cole, known as the Mozart of Hull.", ("Ann Cole", PERSON), ("Mozart", PERSON)),
        ("Ann Cole, as Bo Roe is ill, sang.", ("Ann Cole", PERSON), ("Bo Roe", PERSON)),
        ("Ann Cole nicknamed Bo Roe a clown.", ("Ann Cole", PERSON), ("Bo Roe", PERSON)),
        ("Ann Cole named Bo Roe her deputy.", ("Ann Cole", PERSON), ("Bo Roe", PERSON)),
        ("those in Arden, also known as Bolt, fled", ("Arden", LOCATION), ("Bolt", ORGANIZATION)),
        ("a strain of Islam known as Bolt", ("Islam", "NORP"), ("Bolt", PERSON)),
        ("Bolt, aka British rapper Ann", ("Bolt", "MISC"), ("British", "NORP")),
        ("Born in Hull, Ann Cole met Bo Roe.", ("Ann Cole", PERSON), ("Bo Roe", PERSON)),
    ],
)
def test_other_statements_join_nothing(text, name, other):
    assert len(clustered(text, name, other)) == 2


def test_an_alias_does_not_join_the_region_around_the_place():
    text = "Durban in South Africa, formerly Port Natal"
    forms = ("Durban", "South Africa", "Port Natal")
    assert len(clustered(text, *((form, LOCATION) for form in forms))) == 3


def test_all_aliases_of_a_list_join_the_name():
    text = "Bolt, also known as Acme, Ox or the Foxes, said. Foxes left."
    forms = ("Bolt", "Acme", "Ox", "Foxes", "Foxes")
    assert clustered(text, *((form, ORGANIZATION) for form in forms)) == [[*forms]]


@pytest.mark.parametrize("aliases", ["Acme", "Acme and Ox"])
def test_what_follows_the_aliases_is_none(aliases):
    text = f"Bolt, also known as {aliases}, the Pentagon said."
    forms = [form for form in ("Bolt", "Acme", "Ox", "Pentagon") if form in text]
    joined = [*forms[:-1]], ["Pentagon"]
    assert clustered(text, *((form, ORGANIZATION) for form in forms)) == [*joined]


def test_the_aliases_of_a_pair_join_neither():
    text = "Ann Cole and Bo Dee, known as Tick and Tock, sang."
    forms = ("Ann Cole", "Bo Dee", "Tick", "Tock")
    assert len(clustered(text, *((form, PERSON) for form in forms))) == 4


def test_a_quoted_nickname_stands_for_the_person_whatever_its_tag():
    text = "Earl “The Hawk” Monroe came. The Hawk spoke, Monroe said."
    mentions = locate(
        text, ("Earl “The Hawk” Monroe", PERSON), ("The Hawk", ORGANIZATION), ("Monroe", PERSON)
    )
    (only,) = cluster(mentions, text)
    assert [name.type for name in only] == [PERSON] * 3


def test_a_place_is_no_nickname():
    text = "Bill “Chicago” Smith left Chicago."
    forms = (("Bill “Chicago” Smith", PERSON), ("Chicago", LOCATION))
    assert len(clustered(text, *forms)) == 2


def test_short_forms_of_name_and_alias_are_one_entity():
    text = "Leo Hull, born Robert Marsh, came. Hull sang. Marsh left."
    forms = ("Leo Hull", "Robert Marsh", "Hull", "Marsh")
    assert clustered(text, *((form, PERSON) for form in forms)) == [[*forms]]


@pytest.mark.parametrize(
    ("text", "forms", "shown"),
    [
        ("Ox, formerly Bolthouse, fell.", ("Ox", "Bolthouse"), "Ox"),
        ("Ox, formerly Bolthouse, fell. Bolthouse rose.", ("Ox", "Bolthouse", "Bolthouse"), "Ox"),
        ("Bolthouse, as Ox is called, fell.", ("Bolthouse", "Ox"), "Ox"),
        ("Bolthouse, now known as Ox. Ox fell. Ox rose.", ("Bolthouse", "Ox", "Ox", "Ox"), "Ox"),
    ],
)
def test_the_name_that_the_article_uses_most_is_shown(text, forms, shown):
    (names,) = cluster(locate(text, *((form, ORGANIZATION) for form in forms)), text)
    assert display_name(names, text) == shown


def test_final_types_stay():
    text = "Ann Cole, also known as Acme, sang."
    forms = (("Ann Cole", PERSON), ("Acme", ORGANIZATION))
    assert clustered(text, *forms, keep_types=True) == [["Ann Cole"], ["Acme"]]
    assert clustered(text, *forms) == [["Ann Cole", "Acme"]]
