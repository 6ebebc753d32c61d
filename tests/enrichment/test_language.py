from dataclasses import replace

import pytest
from hypothesis import given
from py3langid.langid import LanguageIdentifier

from benchmarks.language import read_sentences
from service.enrichment.article import Article
from service.enrichment.language import UnsupportedLanguage, choose_language
from service.enrichment.language_detector import TrainedDetector
from tests.bundle import ROOT
from tests.enrichment.texts import texts
from tests.fakes import FakeDetector

ENGLISH = "The prime minister told reporters on Monday that talks would go on for another week."
FOREIGN = {
    "de": "Der Kanzler sagte am Montag, die Gespräche würden noch eine weitere Woche dauern.",
    "fr": "Le premier ministre a dit lundi que les négociations dureraient encore une semaine.",
    "es": "El presidente dijo el lunes que las negociaciones seguirían una semana más.",
    "ru": "Премьер-министр заявил журналистам в понедельник, что переговоры продлятся ещё неделю.",
    "ar": "قال رئيس الوزراء للصحفيين يوم الاثنين إن المحادثات ستستمر أسبوعا آخر في العاصمة",
    "zh": "总理星期一对记者说，谈判还将持续一个星期，双方都希望尽快达成协议，结束这场争端。",
}


@pytest.fixture(scope="module")
def detector():
    return TrainedDetector()


def test_english_is_recognised(detector):
    language, notices = choose_language(detector, Article(ENGLISH), ("en",))
    assert language.code == "en"
    assert language.confidence > 0.9
    assert notices == ()


@pytest.mark.parametrize("code", FOREIGN)
def test_another_language_is_rejected_by_name(detector, code):
    with pytest.raises(UnsupportedLanguage) as refusal:
        choose_language(detector, Article(FOREIGN[code]), ("en",))
    assert refusal.value.code == code
    assert refusal.value.supported == ("en",)


def test_the_language_named_wins_over_the_one_detected(detector):
    language, notices = choose_language(detector, Article(FOREIGN["de"], language="en"), ("en",))
    assert language.code == "en"
    assert [notice.code for notice in notices] == ["language_overridden"]


def test_an_unsupported_language_that_is_named_is_rejected(detector):
    with pytest.raises(UnsupportedLanguage) as refusal:
        choose_language(detector, Article(ENGLISH, language="de"), ("en",))
    assert refusal.value.confidence is None


@pytest.mark.parametrize(
    "text", ["Biden.", "Nein!", "42", "👍", "❤️ " * 20, "ok", "Ĝis!", "the " * 3]
)
def test_a_text_too_short_to_judge_is_read_with_a_notice(detector, text):
    language, notices = choose_language(detector, Article(text), ("en",))
    assert language.code == "en"
    assert [notice.code for notice in notices] == ["language"]


def test_an_unsure_detector_rejects_nothing():
    unsure = FakeDetector("de", 0.9)
    text = "zapp mrok tulb fnord blarg quux " * 3
    language, notices = choose_language(unsure, Article(text), ("en",))
    assert language.confidence < 0.5
    assert [notice.code for notice in notices] == ["language"]


def test_a_long_article_is_judged_by_more_than_its_beginning(detector):
    quoted = Article(FOREIGN["de"] + "\n\n" + (ENGLISH + " ") * 200)
    assert choose_language(detector, quoted, ("en",))[0].code == "en"


ENGLISH_WITH_FOREIGN_NAMES = [
    "Sinn Féin's Pearse Doherty and Eoin Ó Broin attack Fianna Fáil housing plan",
    "Borussia Mönchengladbach beat Eintracht Frankfurt; Bayern München drew with Hoffenheim",
    "Vietnam's Tô Lâm and Phạm Minh Chính welcomed Xi Jinping in Hanoi.",
    "Datuk Seri Anwar Ibrahim met Tengku Zafrul Aziz in Putrajaya on Monday. Bank Negara Malaysia "
    "kept its rate at 3%. PKR and Umno backed the budget.",
    "Taoiseach Micheál Martin tells Dáil Éireann that An Garda Síochána will get more money",
    "Luiz Inácio Lula da Silva meets Ursula von der Leyen in São Paulo",
    "Partij voor de Vrijheid and Volkspartij voor Vrijheid en Democratie agree coalition",
    "Ekrem İmamoğlu jailed; Cumhuriyet Halk Partisi calls rally in Saraçhane",
    "Prawo i Sprawiedliwość loses Kraków and Łódź",
    "Susilo Bambang Yudhoyono and Megawati Sukarnoputri meet in Jakarta",
    "Xi Jinping (习近平) met Li Qiang (李强) and Wang Yi (王毅) in Beijing on Monday",
    "Le Monde, El País and Der Spiegel publish the tapes, and La Repubblica follows.",
    "BORUSSIA MÖNCHENGLADBACH BEAT EINTRACHT FRANKFURT IN DFB POKAL",
    "Káťa Kabanová, Der fliegende Holländer and La traviata come to Opera North",
    "How pierogi, żurek and gołąbki conquered Chicago",
    "Singer Buika performs Mi niña Lola at Teatro Real",
    "VON DER LEYEN SURVIVES VOTE IN STRASBOURG",
    "Ọbáfẹ́mi Awólọ́wọ̀ statue unveiled in Ìbàdàn by Ṣèyí Mákindé",
    "Kaʻahumanu Society and Kamehameha Schools mourn Abigail Kinoiki Kekaulike Kawānanakoa",
    "Sigmundur Davíð Gunnlaugsson and Þorgerður Katrín Gunnarsdóttir clash over Landsvirkjun",
    "Tour de France, stage 9: Mathieu van der Poel 4h 11min, Jonas Abrahamsen s.t.",
    "Halep bt Świątek 6-4 6-3\nŠvitolina bt Vekić 7-5 6-1",
    'Merkel told refugees "Wir schaffen das" and lost votes for it.',
    "The Confédération générale du travail (CGT) struck. CGT members marched.",
    "The Union générale tunisienne du travail (UGTT) agreed. UGTT leaders met Saied.",
    "The Partido dos Trabalhadores da Bahia (PT) lost. PT voters stayed at home.",
    "Nnamdi Azikiwe University, Obafemi Awolowo University strikes end",
    "Ten Hag, De Ligt due at Ajax",
    "Obi, Atiku due in Abuja for ten debates",
    "Line-up: Courtois; Carvajal, Militão, Rüdiger, Mendy; Tchouaméni, Modrić; Bellingham.",
]


@pytest.mark.parametrize("text", ENGLISH_WITH_FOREIGN_NAMES)
def test_names_from_other_languages_do_not_make_english_foreign(detector, text):
    assert choose_language(detector, Article(text), ("en",))[0].code == "en"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("de", "Der Kanzler traf sich am Montag mit Keir Starmer in London."),
        ("de", "DER KANZLER REIST AM MONTAG NACH WASHINGTON UND TRIFFT DORT TRUMP"),
        ("fr", "Elon Musk annonce une nouvelle usine Tesla dans le Texas"),
        ("es", "Apple y Microsoft suben con fuerza en Wall Street"),
        ("it", "Goldman Sachs prevede un rialzo dei tassi negli Stati Uniti"),
        ("nl", "Waarom New York steeds verder in de bodem zakt"),
        ("pt", "Taylor Swift dará oito concertos em Wembley neste verão"),
        ("pl", "Elon Musk zapowiada nową fabrykę Tesli w Teksasie"),
        ("tr", "Prens Harry ile Meghan Markle Windsor'a geri dönmeyecek."),
        ("id", "Boris Johnson mundur dari kursi parlemen untuk Uxbridge"),
        ("de", "Scholz trifft Macron und Meloni in Brüssel zum Abendessen"),
        ("de", "Feuerwehr rettet Katze von Dach in Hamburg-Altona"),
        ("es", "El Real Madrid ficha a Trent Alexander-Arnold del Liverpool"),
        ("pt", "Cristiano Ronaldo marca três gols e o Al-Nassr vence"),
        ("id", "Timnas Indonesia kalahkan Vietnam dua gol tanpa balas di Hanoi"),
        ("zh", "Apple 和 Microsoft 周一 在 Wall Street 大涨 因为 投资者 期待"),
    ],
)
def test_english_names_do_not_make_a_foreign_sentence_english(detector, code, text):
    with pytest.raises(UnsupportedLanguage) as refusal:
        choose_language(detector, Article(text), ("en",))
    assert refusal.value.code == code
    assert refusal.value.confidence > 0.9


def test_a_doubtful_text_is_read_with_a_warning(detector):
    doubtful = "Donald Trump hat Joe Biden in Washington scharf angegriffen."
    language, notices = choose_language(detector, Article(doubtful), ("en",))
    assert language.confidence < 0.5
    assert [notice.code for notice in notices] == ["language"]


def test_a_hint_weighs_in_a_doubtful_text(detector):
    doubtful = "Donald Trump hat Joe Biden in Washington scharf angegriffen."
    with pytest.raises(UnsupportedLanguage):
        choose_language(detector, Article(doubtful, language_hints=("de",)), ("en",))
    alone, _ = choose_language(detector, Article(doubtful), ("en",))
    hinted, _ = choose_language(detector, Article(doubtful, language_hints=("en",)), ("en",))
    assert hinted.confidence > 3 * alone.confidence


@pytest.mark.parametrize("hints", [("en",), ("en", "de"), ("de", "fr")])
def test_clear_text_outweighs_hints(detector, hints):
    with pytest.raises(UnsupportedLanguage):
        choose_language(detector, Article(FOREIGN["de"], language_hints=hints), ("en",))
    assert choose_language(detector, Article(ENGLISH, language_hints=hints), ("en",))[1] == ()


def test_hints_that_disagree_count_nothing(detector):
    doubtful = Article("Donald Trump hat Joe Biden in Washington scharf angegriffen.")
    plain = choose_language(detector, doubtful, ("en",))
    both = replace(doubtful, language_hints=("en", "de"))
    assert choose_language(detector, both, ("en",)) == plain


@pytest.mark.parametrize(
    ("part", "most_english", "most_foreign"), [("dev", 1, 8), ("held_out", 2, 1)]
)
def test_few_sentences_of_the_benchmark_are_misjudged(detector, part, most_english, most_foreign):
    sentences = read_sentences(ROOT / "benchmarks" / "annotations" / f"language_{part}.tsv")
    wrong = {"en": 0, "": 0}
    for code, in_language in sentences.items():
        for text in in_language:
            try:
                choose_language(detector, Article(text), ("en",))
                refused = False
            except UnsupportedLanguage:
                refused = True
            wrong["en" if code == "en" else ""] += refused == (code == "en")
    assert wrong["en"] <= most_english
    assert wrong[""] <= most_foreign


def test_languages_that_are_not_told_apart_have_no_probability(detector):
    probabilities = detector.detect("The minister spoke to reporters.")
    assert not {"pcm", "zxx"} & probabilities.keys()
    assert sum(probabilities.values()) == pytest.approx(1, abs=1e-5)


@given(texts)
def test_features_found_in_several_places_at_once_have_the_scores_of_py3langid(detector, text):
    identifier = detector._identifier
    encoded = identifier._encode(text)
    expected = LanguageIdentifier._raw_score(identifier, encoded)
    assert (identifier._raw_score(encoded) == expected).all()
