from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.normalizers import BertNormalizer

from service.inference.bundle.known_words import KnownWords, known_words
from tests.bundle import BUNDLE
from tests.enrichment.texts import texts

any_speed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
tokenizer = Tokenizer.from_file(str(BUNDLE / "tokenizer.json"))


def pieces(text, of=tokenizer):
    encoding = of.encode(text, add_special_tokens=False)
    return encoding.ids, [start for start, _ in encoding.offsets]


@any_speed
@given(texts | st.text("aBzé 0'-.,#[]()中İΣ\u0301\u200b\xad😀_£CLSEP"))
def test_the_pieces_are_those_of_the_tokenizer(text):
    spaced = " ".join(text.split())
    assert known_words(tokenizer).split(spaced) == pieces(spaced)


def test_unknown_long_and_special_words_have_the_pieces_of_the_tokenizer():
    text = "Brexiteers at Aéroport [SEP] x" + "ab" * 40 + " qzxj'sq a_b U+00A3 [sep] " + "z" * 120
    assert known_words(tokenizer).split(text) == pieces(text)


def test_a_tokenizer_that_keeps_case_splits_all_text():
    cased = Tokenizer.from_file(str(BUNDLE / "tokenizer.json"))
    cased.normalizer = BertNormalizer(lowercase=False)
    text = "Ann met Bob"
    assert KnownWords(cased).split(text) == pieces(text, cased) != pieces(text)
