"""The templates of contrasts, and what is made from them. None of it needs torch."""

import regex

from training.contrasts import contrast_sentences, read_templates
from training.labels import CERTAIN, TONES


def test_every_template_is_well_formed():
    templates, lists = read_templates()
    for template in templates:
        assert template.tone in "12345?", template.text
        assert set(regex.findall(r"\[(\w+)\]", template.text)) <= lists.keys(), template.text
        rest = regex.sub(r"\{[POCL]\d[-+=]?\}", "", template.text)
        assert not {"{", "}"} & set(rest), template.text


def test_every_family_has_templates_to_test_with_and_no_text_is_in_both_parts():
    templates, _ = read_templates()
    families = {template.family for template in templates}
    assert {template.family for template in templates if template.held_out} == families
    held_out = {template.text for template in templates if template.held_out}
    assert not held_out & {template.text for template in templates if not template.held_out}


def test_the_same_seed_makes_the_same_sentences(tokenizer):
    first, second = (contrast_sentences(tokenizer, False, each=2) for _ in range(2))
    assert [s.text for s in first] == [s.text for s in second]
    assert len({s.text for s in first}) > 0.9 * len(first)


def test_sentences_are_filled_whole_and_begin_with_a_capital(tokenizer):
    for sentence in contrast_sentences(tokenizer, False, each=3):
        assert not set("{}[]|") & set(sentence.text), sentence.text
        assert sentence.text.lstrip('"')[0].isupper(), sentence.text
        assert not regex.search(r"\b[Aa] [aeiou]| [.,;]", sentence.text), sentence.text


def test_who_rescues_is_seen_well_and_who_is_rescued_is_not_judged(tokenizer):
    sentences = contrast_sentences(tokenizer, False, each=1)
    sentence = next(s for s in sentences if "was rescued from" in s.text)
    assert [target.polarity for target in sentence.targets] == [CERTAIN[1], CERTAIN[2]]
    assert sentence.polarity == TONES[4]
