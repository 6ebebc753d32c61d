import pytest

from service.enrichment.language import TrainedDetector, choose_language
from service.enrichment.types import Article, UnsupportedLanguage
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


def test_english_is_told(detector):
    language, notices = choose_language(detector, Article(ENGLISH), ("en",))
    assert language.code == "en"
    assert language.confidence > 0.9
    assert notices == ()


@pytest.mark.parametrize("code", FOREIGN)
def test_another_language_is_refused_by_name(detector, code):
    with pytest.raises(UnsupportedLanguage) as refusal:
        choose_language(detector, Article(FOREIGN[code]), ("en",))
    assert refusal.value.code == code
    assert refusal.value.supported == ("en",)


def test_the_language_named_wins_over_the_one_detected(detector):
    language, notices = choose_language(detector, Article(FOREIGN["de"], language="en"), ("en",))
    assert language.code == "en"
    assert [notice.code for notice in notices] == ["language_overridden"]


def test_an_unsupported_language_that_is_named_is_refused(detector):
    with pytest.raises(UnsupportedLanguage) as refusal:
        choose_language(detector, Article(ENGLISH, language="de"), ("en",))
    assert refusal.value.confidence is None


@pytest.mark.parametrize("text", ["Biden.", "Nein!", "42", "👍", "ok", "Ĝis!", "the " * 3])
def test_a_text_too_short_to_judge_is_read_with_a_notice(detector, text):
    language, notices = choose_language(detector, Article(text), ("en",))
    assert language.code == "en"
    assert [notice.code for notice in notices] == ["language_uncertain"]


def test_an_unsure_detector_refuses_nothing():
    unsure = FakeDetector("de", 0.49)
    language, notices = choose_language(unsure, Article(ENGLISH), ("en",))
    assert language.confidence == pytest.approx(0.51)
    assert notices == ()


def test_a_long_article_is_judged_by_more_than_its_beginning(detector):
    quoted = Article(FOREIGN["de"] + "\n\n" + (ENGLISH + " ") * 200)
    assert choose_language(detector, quoted, ("en",))[0].code == "en"
