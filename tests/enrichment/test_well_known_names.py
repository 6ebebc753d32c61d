"""Names that only general knowledge settles: pairs of countries, companies, shops, currencies."""

import pytest

from service.enrichment.article import Article
from service.enrichment.coreference.names import Name
from service.enrichment.coreference.type_evidence import apply_evidence
from service.enrichment.language_detector import TrainedDetector
from service.enrichment.pipeline import Enricher
from service.enrichment.types import Enrichment
from service.inference.bundle.bundle import load_bundle
from tests.bundle import BUNDLE


@pytest.fixture(scope="module")
def enrich():
    if not (BUNDLE / "manifest.json").exists():
        pytest.skip("there is no model bundle in models/")
    enricher = Enricher(load_bundle(BUNDLE), TrainedDetector())
    return lambda text: enricher.enrich(Article(text, language="en"))


def types(enrichment: Enrichment) -> dict[str, str]:
    return {entity.name: entity.type for entity in enrichment.entities}


def groups(enrichment: Enrichment) -> list[set[str]]:
    return [{mention.text for mention in entity.mentions} for entity in enrichment.entities]


@pytest.mark.parametrize(
    ("text", "halves"),
    [
        ("The Chile-Argentina ferry sank.", {"Chile": "LOCATION", "Argentina": "LOCATION"}),
        ("Ethiopia-Eritrea talks failed.", {"Ethiopia": "LOCATION", "Eritrea": "LOCATION"}),
        ("The Iran-Iraq war lasted years.", {"Iran": "LOCATION", "Iraq": "LOCATION"}),
        ("A Turkish-U.S. row broke out.", {"Turkish": "NORP", "U.S.": "LOCATION"}),
        ("The EU-Vietnam pact was signed.", {"EU": "ORGANIZATION", "Vietnam": "LOCATION"}),
        ("The Nairobi-Kampala road reopened.", {"Nairobi": "LOCATION", "Kampala": "LOCATION"}),
    ],
)
def test_a_pair_of_known_places_is_two_names_wherever_they_stand(enrich, text, halves):
    found = types(enrich(text))
    assert {name: found.get(name) for name in halves} == halves


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Guinea-Bissau beat Gabon.", "Guinea-Bissau"),
        ("A Korean-American chef won the prize.", "Korean-American"),
        ("Rolls-Royce will build engines in Derby.", "Rolls-Royce"),
    ],
)
def test_other_names_with_a_hyphen_stay_whole(enrich, text, name):
    assert name in types(enrich(text))


@pytest.mark.parametrize(
    ("text", "name", "type_"),
    [
        ("Morgan Sindall rose, and Grant Thornton was fined.", "Grant Thornton", "ORGANIZATION"),
        ("Jaguar Land Rover cut shifts. Jaguar Land Rover blamed chips.", "Jaguar Land Rover",
         "ORGANIZATION"),
        ("Hargreaves Lansdown cut its fees.", "Hargreaves Lansdown", "ORGANIZATION"),
        ("Paddy Power paid out early on Celtic.", "Paddy Power", "ORGANIZATION"),
        ("Raymond James and Merrill Lynch were hired.", "Raymond James", "ORGANIZATION"),
        ("Natural Resources Wales and Historic England objected.", "Historic England",
         "ORGANIZATION"),
        ("Lego and Hasbro sell toys.", "Lego", "ORGANIZATION"),
        ("UPDATE 3-Trafigura sells its mine", "Trafigura", "ORGANIZATION"),
    ],
)  # fmt: skip
def test_companies_and_bodies_with_names_of_persons_and_places_are_known(enrich, text, name, type_):
    assert types(enrich(text)).get(name) == type_


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Bitcoin rose above $60,000 on Monday.", {"Bitcoin"}),
        ("Traders bought Litecoin and Monero as crypto rallied.", {"Litecoin", "Monero"}),
        ("Stablecoins are safe, says Tether. USDC is too.", {"Tether", "USDC"}),
        ("A wallet of Ether, and one of Dogecoin, was stolen, crypto firms say.",
         {"Ether", "Dogecoin"}),
    ],
)  # fmt: skip
def test_cryptocurrencies_are_things(enrich, text, names):
    found = types(enrich(text))
    assert {name: found.get(name) for name in names} == dict.fromkeys(names, "MISC")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hurricane Beulah formed at sea. Beulah may reach Cuba by Friday.", "Hurricane Beulah"),
        ("Tropical Storm Debby formed. Debby may reach Cuba.", "Tropical Storm Debby"),
        ("Typhoon Rosa left. Rosa had been feared in Manila.", "Typhoon Rosa"),
    ],
)
def test_a_storm_is_a_thing_even_where_its_word_is_not_tagged(enrich, text, name):
    assert types(enrich(text)).get(name) == "MISC"


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("Deutsche Telekom AG rose. Telekom cut jobs.", {"Deutsche Telekom AG", "Telekom"}),
        ("Robert Bosch GmbH hired staff. Bosch makes tools.", {"Robert Bosch GmbH", "Bosch"}),
        ("PKN Orlen SA fell 3%. Orlen cut its forecast.", {"PKN Orlen SA", "Orlen"}),
        ("Vestas Wind Systems A/S fell. Vestas blamed costs.",
         {"Vestas Wind Systems A/S", "Vestas"}),
        ("Villa stun Porto\n\nAston Villa beat Porto 2-0.", {"Villa", "Aston Villa"}),
        ("Sundowns win again\n\nMamelodi Sundowns won 4-0.", {"Sundowns", "Mamelodi Sundowns"}),
        ("Inter hold Lyon\n\nInter Milan drew 1-1 with Lyon.", {"Inter", "Inter Milan"}),
        ("Rovers hold City\n\nManchester City drew 0-0 with Blackburn Rovers.",
         {"City", "Manchester City"}),
        ("Rovers hold City\n\nManchester City drew 0-0 with Blackburn Rovers.",
         {"Rovers", "Blackburn Rovers"}),
        ("Burnley stun United\n\nBurnley beat Leeds United 1-0.", {"United", "Leeds United"}),
        ("Palace stun Porto\n\nCrystal Palace beat Porto 2-0.", {"Palace", "Crystal Palace"}),
        ("Barca win again\n\nBarcelona won 4-0.", {"Barca", "Barcelona"}),
        ("Bayern sign Ruiz\n\nBayern Munich signed Ruiz.", {"Bayern", "Bayern Munich"}),
        ("The World Anti-Doping Agency won. Wada had appealed.",
         {"World Anti-Doping Agency", "Wada"}),
    ],
)  # fmt: skip
def test_short_forms_of_companies_and_clubs_join_them(enrich, text, one):
    assert one in groups(enrich(text))


def test_a_person_with_the_name_of_a_club_stays_a_person():
    text = "Brighton Albion won. Mr Albion wept. Albion left."
    starts = [
        ("Brighton Albion", "ORGANIZATION"),
        ("Albion wept", "PERSON"),
        ("Albion left", "PERSON"),
    ]
    names = [
        Name(text.index(part), text.index(part) + len(name), name, type_)
        for (part, type_), name in zip(starts, ("Brighton Albion", "Albion", "Albion"), strict=True)
    ]
    addressed, bare = (name.type for name in apply_evidence(names, text)[1:])
    assert (addressed, bare) == ("PERSON", "ORGANIZATION")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Wendy's opens in Hull on Friday.", "Wendy's"),
        ("Dillard's and Kohl's shut shops.", "Kohl's"),
        ("Lowe's stores will stay shut.", "Lowe's"),
    ],
)
def test_a_known_shop_keeps_its_ending(enrich, text, name):
    assert types(enrich(text)).get(name) == "ORGANIZATION"


@pytest.mark.parametrize(
    ("text", "name", "type_"),
    [
        ("Soccer-Chelsea sign Estevao from Palmeiras", "Chelsea", "ORGANIZATION"),
        ("Golf-McIlroy wins in Dubai", "McIlroy", "PERSON"),
        ("Tennis-Sinner beats Zverev in Turin", "Sinner", "PERSON"),
    ],
)
def test_a_sport_before_a_headline_is_no_part_of_its_first_name(enrich, text, name, type_):
    assert types(enrich(text)).get(name) == type_


@pytest.mark.parametrize("name", ["Leo XIV", "Benedict XVI", "Elizabeth II"])
def test_the_number_of_a_monarch_belongs_to_the_name(enrich, name):
    found = enrich(f"Crowds came. {name} then spoke in Rome. {name} wept.")
    assert {name} in groups(found)


@pytest.mark.parametrize("title", ["Bro.", "Sr.", "Br."])
def test_titles_in_orders_are_no_part_of_names(enrich, title):
    assert types(enrich(f"Pupils praised {title} Agnes Doyle on Monday.")) == {
        "Agnes Doyle": "PERSON"
    }


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "Ikea opens in Hull\n\nSarah Hill\nBusiness reporter, BBC News\n\nIkea opened a shop.",
            {"Sarah Hill", "BBC News"},
        ),
        (
            "Bus fares rise\n\nOmar Said\nTransport Correspondent\n\nHull pays more. Hull said so.",
            {"Omar Said"},
        ),
        ("Opinion | Ruth Marlow\n\nHull is broken. Hull needs trams.", {"Ruth Marlow"}),
        ("Analysis • Ann Lee\n\nHull is broken. Hull needs trams.", {"Ann Lee"}),
        (
            "Hull bans dogs\n\nAnn Lee | Hull | 4 November 2026\n\nHull banned dogs on trains.",
            {"Ann Lee"},
        ),
        (
            "Hull bans dogs\n\nAnn Lee in Hull\n4 Nov 2026, 10:05 GMT\n\nHull banned dogs.",
            {"Ann Lee"},
        ),
        ("Hull bans dogs\n\nAnn Lee, BBC Korea\n\nHull banned dogs on trains.", {"Ann Lee"}),
        ("Report: Ann Lee; Camera: Bo Ray\n\nHull banned dogs. Hull is large.", {"Bo Ray"}),
        ("SYDNEY, AAP - Qantas will cut 1,500 jobs, it said. Qantas blamed fuel.", {"AAP"}),
    ],
)
def test_authors_below_and_beside_a_headline_have_no_salience(enrich, text, names):
    found = enrich(text)
    salient = {entity.name for entity in found.entities if entity.salience > 0}
    assert salient
    assert salient.isdisjoint(names)


@pytest.mark.parametrize(
    ("text", "speakers"),
    [
        ('The judge told Simon Dale: "You are a danger to women."', [None]),
        ('Reporters asked Nia Hughes: "Will you resign?"', [None]),
        ('The letter to Tim Cook said: "Your phones cost too much."', [None]),
        ('Amy Lin told Roy Webb: "He lied to this court."', ["Amy Lin"]),
        (
            'Megan Cole wept. Asked by a barrister, Huw Tudor, if she slept, she said: "Never."',
            [None, "Megan Cole"],
        ),
        ('Asked about the strike, Mick Lynch replied: "Talk to them."', ["Mick Lynch"]),
        (
            'Denise Okoye, the mayor of Barrow, said: "The bridge is safe. We tested it twice."',
            ["Denise Okoye", "Denise Okoye"],
        ),
        (
            'After the vote in Leeds, Carl Moss said: "It is done. Go home. Sleep well."',
            ["Carl Moss", "Carl Moss", "Carl Moss"],
        ),
    ],
)
def test_who_is_spoken_to_does_not_speak(enrich, text, speakers):
    assert [sentence.speaker for sentence in enrich(text).sentences] == speakers


@pytest.mark.parametrize(
    ("text", "one"),
    [
        (
            "Earvin “Magic” Johnson bought the club. Magic Johnson is rich.",
            {"Earvin “Magic” Johnson", "Magic Johnson"},
        ),
        (
            "Thomas 'Tip' O'Neill ran the House. Tip O'Neill died in 1994.",
            {"Thomas 'Tip' O'Neill", "Tip O'Neill"},
        ),
        (
            'Ray "Boom Boom" Castro won. Boom Boom Castro is 30. Castro wept.',
            {'Ray "Boom Boom" Castro', "Boom Boom Castro", "Castro"},
        ),
    ],
)
def test_a_nickname_stands_for_the_given_name(enrich, text, one):
    assert one in groups(enrich(text))


@pytest.mark.parametrize(
    "text",
    [
        'The minister wrote on X: "We won."',
        'A source said in Paris: "We won."',
        'The agency said on Facebook: "We won."',
    ],
)
def test_where_somebody_speaks_does_not_speak(enrich, text):
    assert [sentence.speaker for sentence in enrich(text).sentences] == [None]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "Mayor of London Sadiq Khan met Bishop of Durham Justin Welby.",
            {"London": "LOCATION", "Sadiq Khan": "PERSON", "Durham": "LOCATION"},
        ),
        (
            "President of Mexico Claudia Sheinbaum spoke in Oaxaca.",
            {"Mexico": "LOCATION", "Claudia Sheinbaum": "PERSON"},
        ),
        (
            "Archbishop of Lagos Alfred Martins spoke.",
            {"Lagos": "LOCATION", "Alfred Martins": "PERSON"},
        ),
        ("The Duke of Sussex sued the paper.", {"Duke of Sussex": "PERSON"}),
        ("Crowds cheered the Princess of Wales in Leeds.", {"Princess of Wales": "PERSON"}),
        ("Crowds cheered the Prince of Wales in Leeds.", {"Prince of Wales": "PERSON"}),
        ("The Prince of Wales Theatre reopened.", {"Prince of Wales Theatre": "ORGANIZATION"}),
        ("The Duchess of Edinburgh opened it.", {"Duchess of Edinburgh": "PERSON"}),
    ],
)
def test_offices_and_peerages_with_a_place(enrich, text, names):
    found = types(enrich(text))
    assert {name: found.get(name) for name in names} == names


def test_an_abbreviation_has_the_type_of_its_company(enrich):
    found = enrich("Thyssenkrupp Marine Systems GmbH (TKMS) listed. TKMS is in Kiel.")
    assert types(found)["Thyssenkrupp Marine Systems GmbH"] == "ORGANIZATION"


def test_a_label_of_news_is_no_speaker(enrich):
    found = enrich("NEW: Starmer reshuffles\nNEW: Lammy to justice\nWATCH: Cooper arrives")
    assert not any(sentence.quoted for sentence in found.sentences)


def test_what_stands_between_the_names_of_a_result_is_no_part_of_them(enrich):
    found = enrich("Sinner d. Alcaraz 7-6 6-4\nSabalenka d. Rybakina 6-1 6-2")
    assert {"Sinner", "Alcaraz", "Sabalenka", "Rybakina"} <= set(types(found))
