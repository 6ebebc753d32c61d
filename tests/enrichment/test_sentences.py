import pytest
from hypothesis import given

from service.enrichment import sentences as module
from service.enrichment.sentences import split_sentences
from tests.enrichment.texts import texts


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Mr. Smith met Dr. J. K. Rowling of Acme Inc. in Washington, D.C. on Jan. 5 at 9 a.m. now.",
        "The U.S. President said so.",
        "“Is it?” he asked.",
        '"It is," she said.',
        "It was quiet; it stayed so.",
        "It cost $5.3m, i.e. too much.",
        "A hard-wrapped sentence goes on\nin the next line.",
        "He didn't, and they won't.",
        "PARIS (Reuters) — President Emmanuel Macron said so.",
        "NEW YORK, Nov 24 (AP) -- The U.S. Senate passed it.",
        "He joined\nNATO – the alliance – in 2004.",
        "Biden said\n– to applause – that it was over.",
    ],
)
def test_it_is_one_sentence(sentence):
    assert sentences(sentence) == [sentence]


@pytest.mark.parametrize(
    "parts",
    [
        ["It rained.", "It snowed!", "Did it?", "Yes."],
        ["“We agree.”", "They left."],
        ["He said: “No.”", "She said: “Yes.”"],
    ],
)
def test_it_is_cut_between_sentences(parts):
    assert sentences(" ".join(parts)) == parts


@pytest.mark.parametrize(
    "lines",
    [
        ["- Apple rose", "- Google fell"],
        ["Winners:", "• Apple", "  * Google"],
        ["By Jane Smith, Associated Press", "NEW YORK (AP) – Shares fell."],
        ["By Jane Smith", "LONDON -- Shares fell."],
        ["By Jane Smith", "NEW YORK, Nov 24 (AP) -- Shares fell."],
        ["Winners:", "– Apple", "– Google"],
    ],
)
def test_an_item_of_a_list_and_a_dateline_begin_a_sentence(lines):
    assert sentences("\n".join(lines)) == [line.strip() for line in lines]


@pytest.mark.parametrize("gap", ["\n\n", "\r\n\r\n", "\n \n", "\n\n\n\n", "\u2029"])
def test_a_blank_line_always_cuts(gap):
    assert sentences(f"A headline{gap}the text, goes on") == ["A headline", "the text, goes on"]


@given(texts)
def test_every_visible_character_is_in_exactly_one_sentence(text):
    position = 0
    for start, end in split_sentences(text):
        assert position <= start < end
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


@given(texts.map(lambda text: f"{text} word, word-word word "))
def test_blanking_inner_words_changes_no_boundary(text):
    found = split_sentences(text * 2)
    with pytest.MonkeyPatch.context() as whole:
        whole.setattr(module, "_blank_inner_words", lambda stretch: stretch)
        assert split_sentences(text * 2) == found
