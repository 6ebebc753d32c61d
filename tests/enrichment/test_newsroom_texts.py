"""Bylines, alerts, things and speakers as the shipped model and the rules read them."""

import pytest

from service.enrichment.article import Article
from service.enrichment.language_detector import TrainedDetector
from service.enrichment.pipeline import Enricher
from service.inference.bundle.bundle import load_bundle
from tests.bundle import BUNDLE


@pytest.fixture(scope="module")
def enrich():
    if not (BUNDLE / "manifest.json").exists():
        pytest.skip("there is no model bundle in models/")
    enricher = Enricher(load_bundle(BUNDLE), TrainedDetector())
    return lambda text: enricher.enrich(Article(text, language="en"))


@pytest.mark.parametrize(
    ("text", "salient"),
    [
        (
            "By Maria Fontana and Lee Park\n\nROME (Reuters) — Italy's parliament approved the "
            "budget of Giorgia Meloni. Meloni said Italy would cut its debt.",
            {"Italy", "Giorgia Meloni"},
        ),
        (
            "By Priya Nair in Mumbai\nMUMBAI, Nov 3 (PTI) The Reserve Bank of India kept its rate.",
            {"Reserve Bank of India"},
        ),
        (
            "Washington (AP) - The US Senate passed the bill, Jane Cole said.",
            {"US Senate", "Jane Cole"},
        ),
        (
            "Tesco cut prices in Leeds.\n\nReporting by Kate Holton in London; Editing by Bo Ray",
            {"Tesco", "Leeds"},
        ),
        ("NEW DELHI: Tesco cut prices in Leeds.", {"Tesco", "Leeds"}),
        (
            "Tesco cut prices in Leeds.\n\nAssociated Press writers Jill Lawless in London and "
            "Colleen Barry in Milan contributed to this report.",
            {"Tesco", "Leeds"},
        ),
        (
            "Jonas Pfeiffer and Aiko Tanabe\nReuters\n\nTesco cut prices in Leeds. Tesco said so.",
            {"Tesco", "Leeds"},
        ),
        (
            "Priti Rao and Owen Hughes, Business reporters\n\nTesco cut prices. Tesco said so.",
            {"Tesco"},
        ),
        (
            "Helen Pidd North of England editor\n\nTesco cut prices. Tesco said so.",
            {"Tesco"},
        ),
        (
            "By ADAM GELLER\nAP National Writer\n\nDETROIT (AP) — Tesco cut prices. Tesco said so.",
            {"Tesco"},
        ),
        (
            "Nairobi, Kenya – William Ruto named a cabinet. Ruto kept six ministers.",
            {"William Ruto"},
        ),
        (
            "Tesco cut prices.\n\n(Reporting by Ron Bousso and Shadia Nasralla in London "
            "Editing by Tomasz Janowski and Mark Potter)",
            {"Tesco"},
        ),
        ("SYDNEY | Tesco cut prices in Leeds.", {"Tesco", "Leeds"}),
        ("Tesco cut prices in Leeds.\n\nPhoto: Dan Kitwood/Getty Images", {"Tesco", "Leeds"}),
    ],
)
def test_only_subjects_are_salient(enrich, text, salient):
    assert {e.name for e in enrich(text).entities if e.salience > 0} == salient


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("URGENT: Bank of Japan raises rates - KYODO", {"Bank of Japan", "KYODO"}),
        (
            "NHK TOKYO ELECTRIC SAYS LEAK FOUND AT FUKUSHIMA PLANT",
            {"NHK", "TOKYO ELECTRIC", "FUKUSHIMA PLANT"},
        ),
        (
            "LDP'S TAKAICHI WINS 54 PCT TAKAICHI SAYS WILL FORM CABINET - KYODO",
            {"LDP", "TAKAICHI", "CABINET", "KYODO"},
        ),
        ("ISRAELI AIRSTRIKE KILLS 12 IN RAFAH - WAFA", {"ISRAELI", "RAFAH", "WAFA"}),
        ("AFP BOEING TO CUT 2,000 JOBS", {"AFP", "BOEING"}),
        ("Q. When did you meet Castro?\nA. In May, with Ann Cole.", {"Castro", "Ann Cole"}),
        (
            "14.05\nStarmer arrives in Kyiv\n14.20\nZelensky greets Lammy",
            {"Starmer", "Kyiv", "Zelensky", "Lammy"},
        ),
        ("Toyota\r\nNissan\r\nHonda", {"Toyota", "Nissan", "Honda"}),
        (
            "Top stories\n14:05 GMT - Israel strikes Gaza, says Hamas.",
            {"Israel", "Gaza", "Hamas"},
        ),
        ("EXCLUSIVE: Apple to buy Tesco. It was 9:30 EST in Boston.", {"Apple", "Tesco", "Boston"}),
    ],
)
def test_labels_units_and_agencies_stay_out_of_other_names(enrich, text, names):
    assert {entity.name for entity in enrich(text).entities} == names


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("Brent rose 2% to $80 a barrel. Brent crude has gained all week.", "Brent"),
        ("Ian made landfall in Florida. Hurricane Ian killed 100 people.", "Hurricane Ian"),
        ("Gaemi hit Taiwan on Wednesday. Typhoon Gaemi closed schools.", "Typhoon Gaemi"),
        ("Cyclone Freddy killed 1,000 people in Malawi. Freddy lasted weeks.", "Cyclone Freddy"),
        ("Oil rises 3% and Brent tops $80. Traders said Brent could hit $90.", "Brent"),
        ("WTI fell below $60. Brent slipped, and Henry Hub gained.", "Brent"),
        (
            "The Dow Jones Industrial Average fell 300 points.",
            "Dow Jones Industrial Average",
        ),
        ("Omicron spreads fast. The Omicron variant was found in Botswana.", "Omicron"),
        ("Storm Babet brought floods to Scotland. Babet killed three people.", "Storm Babet"),
        ("Crude rose. Brent gained 1.2% to $66.10 a barrel. Urals fell.", "Brent"),
        ("Sensex jumps 800 points, Nifty above 25,000", "Nifty"),
        ("Bitcoin fell. Solana gained 4%.", "Solana"),
        ("The Nikkei was up. Shares of Toyota gained.", "Nikkei"),
    ],
)
def test_storms_commodities_variants_and_indices_are_no_persons(enrich, text, thing):
    assert {e.type for e in enrich(text).entities if e.name == thing} == {"MISC"}


@pytest.mark.parametrize(
    ("text", "speakers"),
    [
        (
            '"Prices will fall by a tenth this year," said the Tesco chief executive, Ken Murphy.',
            ["Ken Murphy"],
        ),
        (
            '"We played well and deserved it," said the Spurs manager, Thomas Frank.',
            ["Thomas Frank"],
        ),
        (
            '"We are in a very strong position now," said the chair of the Environment Agency, '
            "Alan Lovell.",
            ["Alan Lovell"],
        ),
        ('"We will not pay for this," Oxfam quoted Lopez as saying.', ["Lopez"]),
        ('"They never asked us about it," Amnesty quoted Khalid as saying.', ["Khalid"]),
        ('"I am tired of this," sighed Maria Fontana.', ["Maria Fontana"]),
        (
            "MR. SMITH: Objection, your honour.\nTHE COURT: Overruled. Please go on.\n"
            "MS. JONES: Thank you.",
            ["SMITH", None, None, "JONES"],
        ),
        (
            "The Crown Prosecutor: Where were you that night?\nThe Witness: At home.\n"
            "The Crown Prosecutor: Alone?",
            [None, None, None],
        ),
        (
            "Dame Margaret Hodge (Barking) (Lab): Will he act?\n\nThe Chancellor of the Exchequer "
            "(Jeremy Hunt): We have acted.\n\nDame Margaret Hodge: Not enough.",
            ["Margaret Hodge", "Jeremy Hunt", "Margaret Hodge"],
        ),
        (
            "Guardian: Why write about war?\nSvetlana Alexievich: Because I grew up with it.\n"
            "Guardian: And now?\nAlexievich: Now I write about love.",
            ["Guardian", "Svetlana Alexievich", "Guardian", "Svetlana Alexievich"],
        ),
        (
            'Ann Lee defended Bob Hale, saying, "Nobody cares more than he does about us."',
            ["Ann Lee"],
        ),
        (
            "Ann Lee, 34, of Leeds, praised Bob Hale, adding: "
            '"He did all that we had asked him to do on that day."',
            ["Ann Lee"],
        ),
        (
            "After talks with Bob Hale, Ann Lee left, saying: "
            '"We shall see what comes out of it in the weeks ahead."',
            ["Ann Lee"],
        ),
        (
            "Bob Hale Photographer: Jo Kerr/Getty\n\nHale won.\n\n"
            "Tom Rees Photographer: Al Ray/Getty\n\nRees lost.",
            [],
        ),
        ("The 'ghost' ship sank near 's-Hertogenbosch.", []),
        (
            '"We will appeal, said Rita Gomez. The court adjourned. "It was odd," said Bo Vance.',
            ["Rita Gomez", "Bo Vance"],
        ),
        (
            "MISHAL OKAFOR: Will you resign?\nDANIEL REES: No, I will not.",
            ["MISHAL OKAFOR", "DANIEL REES"],
        ),
        (
            "[Andrew Neil]: Is it true?\n[Jo Swinson]: It is not.\n[Andrew Neil]: Are you sure?",
            ["Andrew Neil", "Jo Swinson", "Andrew Neil"],
        ),
        (
            "CHAIR: I call Wes Streeting.\nWES STREETING: It is broken.\nCHAIR: Order!",
            [None, "Wes Streeting", None],
        ),
        (
            "Ann Cole testified.\n\nQ. When did you meet him?\nA. In May.\nQ. Where?\nA. In Leeds.",
            [None, "Ann Cole", None, "Ann Cole"],
        ),
        ("A. A. Milne wrote Pooh.\nE. H. Shepard drew him.", []),
        (
            'Angela Merkel spoke. "We can do it," said Merkel. "It is hard," said Emmanuel Macron. '
            '"But we must all try," she added.',
            ["Angela Merkel", "Emmanuel Macron", "Angela Merkel"],
        ),
    ],
)
def test_speakers_of_the_kinds_that_newsrooms_write(enrich, text, speakers):
    assert [s.speaker for s in enrich(text).sentences if s.quoted] == speakers


def test_a_short_quotation_with_the_comma_after_its_marks_names_its_speaker(enrich):
    text = '"Losses will be large", according to the chief economist of Swiss Re, Jerome Haegeli.'
    assert enrich(text).sentences[0].speaker == "Jerome Haegeli"


def test_an_article_with_hyphenated_words_is_read_as_one_without(enrich):
    text = "The European Commis-\nsion met. Commis-\nsioner Lee spoke."
    plain = text.replace("-\n", "")
    split, whole = enrich(text), enrich(plain)
    assert split.coverage.analyzed == split.coverage.characters == len(text)
    assert [entity.name for entity in split.entities] == [entity.name for entity in whole.entities]
    for entity in split.entities:
        for mention in entity.mentions:
            assert text[mention.start : mention.end] == mention.text
    assert len(split.sentences) == len(whole.sentences)
