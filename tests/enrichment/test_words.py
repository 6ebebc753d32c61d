import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.enrichment.bounds import no_check
from service.enrichment.words import MAX_WORD, _split_by_rules, split_words
from tests.enrichment.texts import AWKWARD, texts


def words(text: str) -> list[str]:
    return [text[start:end] for start, end in split_words(text)]


def test_hyphens_abbreviation_points_and_apostrophes_of_names_do_not_cut_a_word():
    assert words("Asia-Pacific U.S. Yoon Seok-youl O'Brien AT&T Corp. said") == [
        "Asia-Pacific", "U.S.", "Yoon", "Seok-youl", "O'Brien", "AT&T", "Corp.", "said",
    ]  # fmt: skip


def test_dotted_abbreviations_after_a_hyphen_and_legal_forms_with_a_slash_are_whole():
    assert words("Jordanian-U.S. patrols, China-U.K., pre-U.S.S.R. and U.S.-led A/S, N/A") == [
        "Jordanian-U.S.", "patrols", ",", "China-U.K.", ",", "pre-U.S.S.R.", "and", "U.S.-led",
        "A/S", ",", "N/A",
    ]  # fmt: skip


def test_a_possessive_is_a_word_of_its_own_with_straight_and_curly_marks():
    assert words("Russia's Russia’s RUSSIA'S Clintons'") == [
        "Russia", "'s", "Russia", "’s", "RUSSIA", "'S", "Clintons", "'",
    ]  # fmt: skip


def test_punctuation_and_brackets_are_split_off():
    assert words("(APEC), “dangerous.” end... he—she") == [
        "(", "APEC", ")", ",", "“", "dangerous", ".", "”", "end", "...", "he", "—", "she",
    ]  # fmt: skip


def test_a_party_with_a_letter_in_brackets_is_one_word():
    assert words("(JD(U) and CPI(M)'s men) met FBI(all)") == [
        "(", "JD(U)", "and", "CPI(M)", "'s", "men", ")", "met", "FBI", "(", "all", ")",
    ]  # fmt: skip


def test_numbers_keep_their_points_commas_and_units():
    assert words("1,000 3.5 $5.3m 10:30 US$300") == [
        "1,000", "3.5", "$", "5.3m", "10:30", "US$", "300",
    ]  # fmt: skip


def test_a_slug_at_the_beginning_of_a_line_is_split_off():
    assert words("EXCLUSIVE-Boeing AFL-CIO UK-Dutch") == [
        "EXCLUSIVE", "-", "Boeing", "AFL-CIO", "UK-Dutch",
    ]  # fmt: skip
    assert words("news\nUPDATE 2-Shell in 2-Shell") == [
        "news", "UPDATE", "2", "-", "Shell", "in", "2-Shell",
    ]  # fmt: skip


def test_a_missing_space_after_a_full_stop_still_cuts():
    assert words("he said.The end") == ["he", "said", ".", "The", "end"]


@given(texts)
def test_words_are_in_order_and_leave_out_nothing_but_white_space(text):
    position = 0
    for start, end in split_words(text):
        assert not text[position:start].strip()
        assert position <= start < end <= start + MAX_WORD
        assert not any(c.isspace() for c in text[start:end])
        position = end
    assert not text[position:].strip()


@given(
    st.lists(
        st.sampled_from(["Corp.", "vs.", "said", "Ann", "U.S.", *AWKWARD, *'aX 1.,"-:\n']),
        max_size=12,
    )
)
def test_plain_words_are_those_that_the_rules_find(pieces):
    text = "".join(pieces)
    assert split_words(text) == [*_split_by_rules(text, (0, len(text)), len(text), no_check)]


@pytest.mark.parametrize(
    "address", ["press@acme.example", "Ann.Cole-Dee@news.acme.example", "x+1@a-b.de"]
)
def test_an_email_address_is_one_word(address):
    text = f"Write to {address}, please."
    assert address in [text[start:end] for start, end in split_words(text)]
