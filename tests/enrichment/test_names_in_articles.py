"""Names as the shipped model and the rules find them: which mentions are whose, and the names."""

import pytest

from service.enrichment.article import Article
from service.enrichment.language_detector import TrainedDetector
from service.enrichment.pipeline import Enricher
from service.inference.bundle.bundle import load_bundle
from tests.bundle import BUNDLE


@pytest.fixture(scope="module")
def enricher():
    if not (BUNDLE / "manifest.json").exists():
        pytest.skip("there is no model bundle in models/")
    return Enricher(load_bundle(BUNDLE), TrainedDetector())


def grouped(enricher, text: str) -> dict[str, list[str]]:
    found = enricher.enrich(Article(text, language="en"))
    for entity in found.entities:
        for mention in entity.mentions:
            assert text[mention.start : mention.end] == mention.text
    return {entity.name: [m.text for m in entity.mentions] for entity in found.entities}


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        (
            "Donald Trump spoke in Ohio. Donald Trump Jr. spoke in Texas. Trump Jr. agreed.",
            {"Donald Trump": 1, "Donald Trump Jr.": 2},
        ),
        (
            "Robert Downey Sr. directed films. Robert Downey Jr. acted. Downey Jr. won.",
            {"Robert Downey Sr.": 1, "Robert Downey Jr.": 2},
        ),
        (
            "William Strunk III is the son of William Strunk II. Strunk III lives in Ohio.",
            {"William Strunk III": 2, "William Strunk II": 1},
        ),
        ("Cal Ripken, Jr. played shortstop. Ripken retired in 2001.", {"Cal Ripken, Jr.": 2}),
        (
            "George W. Bush met George H. W. Bush at the library.",
            {"George W. Bush": 1, "George H. W. Bush": 1},
        ),
        (
            "Samuel L. Jackson met Samuel P. Jackson. Samuel L. Jackson left.",
            {"Samuel L. Jackson": 2, "Samuel P. Jackson": 1},
        ),
        (
            "John Smith sued Mary Smith. Smith said he was innocent.",
            {"John Smith": 2, "Mary Smith": 1},
        ),
        (
            "Tom Baker married Ellen Baker. Baker said she would keep her job.",
            {"Tom Baker": 1, "Ellen Baker": 2},
        ),
        (
            "Peter Fox beat Anna Fox in the final. When he won, Fox cried.",
            {"Peter Fox": 2, "Anna Fox": 1},
        ),
        (
            "Detective Maria Lopez arrested Carlos Lopez. Det. Lopez said he fled. Mr Lopez wept.",
            {"Maria Lopez": 2, "Carlos Lopez": 2},
        ),
        (
            "Bill Gates and Melinda Gates divorced. Ms Gates said it was over. Mr Gates agreed.",
            {"Bill Gates": 2, "Melinda Gates": 2},
        ),
        (
            "David A. Price sued David R. Price over the estate. David A. Price won.",
            {"David A. Price": 2, "David R. Price": 1},
        ),
        (
            "Paul A. Samuelson taught in Boston. Paul T. Samuelson runs a bakery.",
            {"Paul A. Samuelson": 1, "Paul T. Samuelson": 1},
        ),
        (
            "Jill Biden visited a school. President Biden praised her. Biden then left.",
            {"Jill Biden": 1, "Biden": 2},
        ),
        (
            "Kim Yo Jong spoke. Kim criticised Seoul. Minho Kim, a lecturer, was surprised.",
            {"Kim Yo Jong": 2, "Minho Kim": 1},
        ),
        (
            "George and Amal Clooney gave to the fund. George Clooney said it was time.",
            {"George Clooney": 2, "Amal Clooney": 1},
        ),
        (
            "Peter Walsh has died. He leaves two daughters, Ann and Ruth, and a son, Peter.",
            {"Peter Walsh": 1},
        ),
    ],
)
def test_two_persons_of_a_family_stay_two(enricher, text, mentions):
    found = grouped(enricher, text)
    assert {name: len(found[name]) for name in mentions} == mentions


@pytest.mark.parametrize(
    ("text", "name", "count"),
    [
        ("Amara Nwosu leads it. Amara grew up in Lagos. Ms Nwosu said so.", "Amara Nwosu", 3),
        ("Kwame Asante opened it. Kwame said so. Mr Asante plans a second.", "Kwame Asante", 3),
        ("Dana Hollis spoke. Cllr Hollis said the council would act.", "Dana Hollis", 2),
        ("Supt Hollis said two were hurt. Dana Hollis added that all are well.", "Dana Hollis", 2),
        ("DCI Dana Hollis led the inquiry. DI Hollis was praised.", "Dana Hollis", 2),
        ("Insp Hollis shut it. DS Hollis agreed. Dana Hollis left.", "Dana Hollis", 3),
        ("Rabbi Hollis led. Imam Hollis joined. Dana Hollis thanked them.", "Dana Hollis", 3),
        ("Baroness Hollis told peers so. Dana Hollis was cheered.", "Dana Hollis", 2),
        ("Dana Hollis KC defended him. Hollis KC said so.", "Dana Hollis", 2),
        ("Det Insp Tom Kerr led it. DI Kerr thanked all. Tom Kerr left.", "Tom Kerr", 3),
        ("Lord Mandelson flew home. Peter Mandelson met them.", "Peter Mandelson", 2),
        (
            "Gabriela Mo\u00adreno won the race. Moreno said she was happy.",
            "Gabriela Moreno",
            2,
        ),
        ("Jean-Paul Ga\u200bgnon called. Gagnon hung up.", "Jean-Paul Gagnon", 2),
        (
            "Ray “Boom Boom” Castro won the title. Castro beat all. Ray Castro will retire.",
            "Ray “Boom Boom” Castro",
            3,
        ),
        (
            'Dwayne "The Rock" Johnson opened the show. Johnson smiled. Dwayne Johnson left.',
            'Dwayne "The Rock" Johnson',
            3,
        ),
        ("Edward ‘Ted’ Hughes wrote poems. Hughes died in 1998.", "Edward ‘Ted’ Hughes", 2),
        ("President Donald Trump spoke on Monday. Donald Trump left.", "Donald Trump", 2),
        ("Flt Lt Jo Salter was the first. Salter joined in 1987.", "Jo Salter", 2),
        ("The Rt Rev Guli Smith spoke. Bishop Smith called for change.", "Guli Smith", 2),
        ("Grand Mufti Ahmed Hussein spoke. Mufti Hussein left.", "Ahmed Hussein", 2),
        ("Taoiseach Simon Harris spoke. Mr Harris said taxes would fall.", "Simon Harris", 2),
        ("Cllr Abi Brown leads it. Coun Brown blamed cuts.", "Abi Brown", 2),
        ("Leana Wen, MD, told viewers to rest. Dr. Wen teaches.", "Leana Wen", 2),
        ("James Martin SJ wrote it. Father Martin met the pope.", "James Martin", 2),
        ("Dana Hollis MSP spoke. Ms Hollis said two were hurt. Hollis MSP left.", "Dana Hollis", 3),
        ("King Felipe spoke. King Felipe VI waved.", "King Felipe VI", 2),
        ("Ursula von der Leyen came. Von der Leyen left.", "Ursula von der Leyen", 2),
        ("Bjørn Kjos sold his shares. Bjorn Kjos is 78.", "Bjørn Kjos", 2),
        ("Lech Wałęsa was there. Walesa led Solidarity.", "Lech Wałęsa", 2),
        ("William (Bill) Clinton spoke. Clinton left.", "William (Bill) Clinton", 2),
        ("Fidel “Papa” Ramos ran. Ramos won. Fidel Ramos died.", "Fidel “Papa” Ramos", 3),
        ("James (Jimmy) Hoffa vanished. Hoffa led the union.", "James (Jimmy) Hoffa", 2),
        ("Aung San Suu Kyi is in jail. Suu Kyi is 79. Ms Suu Kyi left.", "Aung San Suu Kyi", 3),
        ("Jose Mourinho left Roma. Mourinho won cups. Fans of Mourinho wept.", "Jose Mourinho", 3),
        (
            "Mauricio Pochettino spoke. Pochettino said no. Fans like Pochettino.",
            "Mauricio Pochettino",
            3,
        ),
        (
            "Zbigniew Nowak leads it. Zbigniew grew up in Lisbon. Ms Nowak left.",
            "Zbigniew Nowak",
            3,
        ),
        ("Kalolaine Tupou farms. Kalolaine said ash fell. Ms Tupou left.", "Kalolaine Tupou", 3),
    ],
)
def test_forms_of_one_person_are_one(enricher, text, name, count):
    assert len(grouped(enricher, text)[name]) == count


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Jordanian-U.S. patrols began on Monday.", {"Jordanian", "U.S."}),
        ("The China-U.K. deal was signed.", {"China", "U.K."}),
        ("Russia-U.S. talks failed in Geneva.", {"Russia", "U.S.", "Geneva"}),
        ("The court sits in The Hague. The Hague is a city.", {"The Hague"}),
        ("McDonald's said sales rose. McDonald's's shares fell.", {"McDonald's"}),
        ("Moody's cut the rating. Moody's said debt was high.", {"Moody's"}),
        ("Sainsbury's closed ten stores. Sainsbury's will open two.", {"Sainsbury's"}),
        ("Lloyd's of London paid claims.", {"Lloyd's of London"}),
        ("Russia's army left. Russia's president spoke.", {"Russia"}),
        ("The city of Malmo\u0308 grew.", {"Malmö"}),
        (
            "Russia-North Korea trade grew. Russia sent oil. North Korea sent shells.",
            {"Russia", "North Korea"},
        ),
        (
            "An Israel-Hamas truce held. Israel freed men. Hamas freed hostages.",
            {"Israel", "Hamas"},
        ),
        (
            "The Cuban-American vote fell. Cuban and American voters left.",
            {"Cuban-American", "Cuban", "American"},
        ),
        ("Christie's sold it. Christie's said bidding was fierce.", {"Christie's"}),
        ("The canal was Panama's. Panama said so.", {"Panama"}),
        ("HMS Prince of Wales left. HMS Prince of Wales is a carrier.", {"HMS Prince of Wales"}),
        ("USS Gerald R. Ford left. USS Gerald R. Ford is a carrier.", {"USS Gerald R. Ford"}),
        ("Ariane 6 lifted off on Monday.", {"Ariane 6"}),
        ("The S&P 500 and the S&P 400 fell.", {"S&P 500", "S&P 400"}),
        ("Shares in London rose and the S&P 500 ended flat.", {"London", "S&P 500"}),
        ("Detective Tom Kerr left. Det. Kerr won.", {"Tom Kerr"}),
        ("King Charles met Pope Leo.", {"King Charles", "Pope Leo"}),
        ("Ann Cole spoke. Det Con Cole left.", {"Ann Cole"}),
        ("Gusts were felt at Land's End and in King's Cross.", {"Land's End", "King's Cross"}),
        (
            "LIMOGES, France, May 3 (AP) — Acme Ltd will close a plant in Limoges.",
            {"Limoges", "France", "AP", "Acme Ltd"},
        ),
        ("President Donald Trump fired Lisa Cook.", {"Donald Trump", "Lisa Cook"}),
        ("America voted. The US has 50 states.", {"US"}),
        ("Starmer leaves Downing Street for Kyiv", {"Starmer", "Downing Street", "Kyiv"}),
        ("The US-led raid hit a Tehran-backed group.", {"US", "Tehran"}),
    ],
)
def test_names_are_not_damaged(enricher, text, names):
    assert set(grouped(enricher, text)) == names


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("The World Health Organization (WHO) warned. The WHO said so. WHO staff left.", 4),
        ("The Office for National Statistics (ONS) said so. ONS figures fell.", 3),
        ("The Bank of England (BoE) held rates. The BoE said so.", 3),
        ("The Food and Agriculture Organization said so. The FAO called for help.", 2),
        ("Siemens Energy rose. Siemens Energy AG said orders grew.", 2),
        ("Nokia Oyj rose. Nokia said so.", 2),
        ("Equinor ASA said so. Equinor shares rose and Equinor raised its dividend.", 3),
        ("VW cut jobs. Volkswagen AG said so.", 2),
        ("The BoE held rates. The Bank of England said so.", 2),
        ("Maersk A/S fell. Maersk paid its debts.", 2),
        ("Enel SpA rose. Enel said so.", 2),
        ("Toyota KK rose. Toyota said so.", 2),
        ("The FTSE 100 fell on Monday. The FTSE lost 20 points.", 2),
        ("The Nasdaq Composite fell. The Nasdaq is weak.", 2),
        ("Marks and Spencer said sales rose. M&S gained. Marks & Spencer will grow.", 3),
        ("Procter & Gamble cut jobs. P&G said so. Procter and Gamble shares rose.", 3),
        ("Devon and Cornwall Police held a man. Devon and Cornwall Police is hiring.", 2),
        ("Avon and Somerset Police named him.", 1),
        ("Tyne and Wear Fire and Rescue Service came.", 1),
        ("Leeds and Bradford Airport is closed.", 1),
        ("The Economic Community of West African States (Ecowas) met. Ecowas shut it.", 3),
        ("The Department for Rural Affairs (Defra) paid. Defra said so.", 3),
        ("The Rassemblement National (RN) won. RN leaders cheered.", 3),
        ("The Centers for Disease Control and Prevention warned. The CDC said so.", 2),
        ("Human Rights Watch condemned it. HRW said so.", 2),
        ("The Bank of England held rates. The Bank said so. Analysts think the Bank is right.", 3),
        ("The University of Leeds cut jobs. The University had no choice.", 2),
        ("The Washington Post cut jobs. The Post lost readers.", 2),
        ("The Golden State Warriors won. The Warriors lead 2-1.", 2),
        ("Orlen S.A. bought it. Orlen sells fuel.", 2),
        ("Ericsson AB cut its forecast. Ericsson said orders fell.", 2),
        ("Sime Darby Berhad cut its forecast. Sime Darby said orders fell.", 2),
        ("Marsh & McLennan hired him. Marsh and McLennan cut jobs.", 2),
        ("Spencer & Hobbs said sales rose. Spencer and Hobbs shares fell.", 2),
        ("Brighton and Hove Albion are fifth. Brighton and Hove Albion won.", 2),
        ("Hampshire and Isle of Wight Constabulary named him.", 1),
        ("Police Scotland said a man was held.", 1),
        ("King's College London found it. King's College London said so.", 2),
        ("Imperial College London found it.", 1),
        ("Slaughter and May advised it.", 1),
        ("The UNHCR (United Nations High Commissioner for Refugees) left. UNHCR staff wept.", 3),
        ("The Reserve Bank of Australia paused. The Reserve Bank is worried.", 2),
        ("The Sveriges Riksbank cut rates. The Riksbank said so.", 2),
        ("The Child Support Agency failed. The head of the Child Support Agency quit.", 2),
    ],
)
def test_forms_of_one_organisation_are_one(enricher, text, count):
    assert [len(mentions) for mentions in grouped(enricher, text).values()] == [count]


@pytest.mark.parametrize(
    "text",
    [
        "Ann Cole and Bob Dee won the prize.",
        "Interpol and Kent Police arrested him.",
        "Paris and London hosted it.",
        "The FTSE 100 and the FTSE 250 fell.",
    ],
)
def test_two_names_around_and_stay_two(enricher, text):
    assert [len(mentions) for mentions in grouped(enricher, text).values()] == [1, 1]
