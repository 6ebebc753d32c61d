"""How the labelled sets become windows. None of it needs torch."""

import json
import random

import pytest
from tokenizers import Tokenizer

from tests.bundle import BUNDLE
from training.data import (
    CERTAIN,
    NOT_LOOKED_FOR,
    TAGS,
    UNKNOWN,
    UNLABELLED,
    Answer,
    answered_sentences,
    hold_out,
    make_sentence,
    newsmtsc_sentences,
    pack,
    read_answers,
    read_conll,
    read_newsmtsc,
    read_sst,
    read_uner,
    sst_sentences,
    uner_documents,
)

CONLL = """-DOCSTART- -X- -X- O

Peter NNP B-NP B-PER
Blackburn NNP I-NP I-PER

EU NNP B-NP B-ORG
rejects VBZ B-VP O
German JJ B-NP B-MISC
U.S. NNP I-NP B-LOC

-DOCSTART- -X- -X- O

BRUSSELS NNP B-NP B-LOC
"""


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer.from_file(str(BUNDLE / "tokenizer.json"))


def test_a_conll_file_is_read_as_documents_of_sentences_with_spans(tmp_path):
    path = tmp_path / "train.txt"
    path.write_text(CONLL)
    assert read_conll(path) == [
        [
            ("Peter Blackburn", [(0, 15, "PERSON")]),
            (
                "EU rejects German U.S.",
                [(0, 2, "ORGANIZATION"), (11, 17, "MISC"), (18, 22, "LOCATION")],
            ),
        ],
        [("BRUSSELS", [(0, 8, "LOCATION")])],
    ]


def test_a_label_goes_to_every_word_of_its_span(tokenizer):
    sentence = make_sentence(tokenizer, "Here is Peter Blackburn.", [(8, 23, "PERSON")])
    assert [TAGS[i] for i in sentence.tags] == ["O", "O", "B-PERSON", "I-PERSON", "O"]


def test_a_sentence_that_nobody_labelled_is_not_taken_to_be_without_names(tokenizer):
    assert set(make_sentence(tokenizer, "Here is Peter.").tags) == {UNLABELLED}


def test_case_damage_changes_the_cases_and_not_the_pieces(tokenizer):
    sentence = make_sentence(tokenizer, "Peter reads")
    assert [cases.tolist() for cases in sentence.damaged] == [[2, 2], [0, 0], [1, 1]]
    assert sentence.pieces.cases.tolist() == [1, 0]


NEWS = "He praised Joe Biden’s plan, not Putin."


@pytest.fixture
def newsmtsc(tmp_path):
    record = {
        "sentence_normalized": NEWS,
        "targets": [{"from": 11, "to": 20, "polarity": 6.0}, {"from": 33, "to": 38, "polarity": 2}],
    }
    path = tmp_path / "news.jsonl"
    path.write_text(json.dumps(record) + "\n")
    return path


def test_targets_of_newsmtsc_become_ranges_of_words(tokenizer, newsmtsc):
    (sentence,) = newsmtsc_sentences(tokenizer, read_newsmtsc(newsmtsc))
    assert sentence.targets == ((2, 4, CERTAIN[2]), (8, 9, CERTAIN[0]))
    assert sentence.polarity == UNKNOWN


def test_a_label_is_the_mean_of_what_people_and_the_teacher_say(tokenizer, newsmtsc):
    said = {(11, 20): (0.0, 0.5, 0.5), (33, 38): (0.5, 0.5, 0.0)}
    answers = {NEWS: Answer((0.25, 0.5, 0.25), said, labelled=True)}
    (sentence,) = newsmtsc_sentences(tokenizer, read_newsmtsc(newsmtsc), answers)
    assert sentence.targets == ((2, 4, (0.0, 0.25, 0.75)), (8, 9, (0.75, 0.25, 0.0)))
    assert sentence.polarity == (0.25, 0.5, 0.25)


def test_answers_on_unlabelled_news_are_labels_by_themselves(tokenizer, tmp_path):
    path = tmp_path / "answers.jsonl"
    record = {
        "text": NEWS, "labelled": False, "polarity": [0.1, 0.8, 0.1],
        "towards": [[11, 20, [0.1, 0.2, 0.7]]],
    }  # fmt: skip
    path.write_text(json.dumps(record) + "\n")
    (sentence,) = answered_sentences(tokenizer, read_answers(path))
    assert sentence.targets == ((2, 4, (0.1, 0.2, 0.7)),)
    assert sentence.polarity == (0.1, 0.8, 0.1)
    assert set(sentence.tags) == {UNLABELLED}


def test_the_last_twelfth_is_held_out():
    assert hold_out(list(range(24))) == (list(range(22)), [22, 23])


def test_sst_is_joined_and_has_three_polarities(tokenizer, tmp_path):
    path = tmp_path / "sst.txt"
    path.write_text("0 they wo n't like it .\n2 a film\n4 it 's splendid\n")
    assert read_sst(path)[0] == ("they won't like it .", 0)
    assert [s.polarity for s in sst_sentences(tokenizer, path)] == list(CERTAIN)
    answers = {"a film": Answer((0.0, 0.5, 0.5), {}, labelled=True)}
    assert sst_sentences(tokenizer, path, answers)[1].polarity == (0.0, 0.75, 0.25)


def test_packing_keeps_every_sentence_in_order_within_the_limit(tokenizer):
    sentences = [make_sentence(tokenizer, "word " * n) for n in (5, 9, 1, 30, 12, 7, 2) * 10]
    windows = list(pack(sentences, 40, random.Random(0)))
    assert [s for window in windows for s in window] == sentences
    assert all(sum(len(s.pieces.ids) for s in window) <= 40 for window in windows)


UNER = """# newdoc id = answers-1
# sent_id = answers-1-1
# text = The Denver Post's man, Al Gore.
1\tThe\tO\t-\t-
2\tDenver\tB-ORG\t-\t-
3\tPost\tI-ORG\t-\t-
4\t's\tO\t-\t-
5\tman\tO\t-\t-
6\t,\tO\t-\t-
7\tAl\tB-PER\t-\t-
8\tGore\tI-PER\t-\t-
9\t.\tO\t-\t-

# newdoc id = answers-2
# text = No.
1\tNo\tO\t-\t-
2\t.\tO\t-\t-
"""


def test_a_universal_ner_file_is_read_at_the_offsets_of_its_own_text(tmp_path):
    path = tmp_path / "dev.iob2"
    path.write_text(UNER)
    assert read_uner(path) == [
        [("The Denver Post's man, Al Gore.", [(4, 15, "ORGANIZATION"), (23, 30, "PERSON")])],
        [("No.", [])],
    ]


def test_a_word_outside_the_names_of_a_set_without_misc_may_be_in_one(tokenizer, tmp_path):
    path = tmp_path / "dev.iob2"
    path.write_text(UNER)
    tags = uner_documents(tokenizer, path)[0][0].tags
    assert [TAGS[i] for i in tags[1:3]] == ["B-ORGANIZATION", "I-ORGANIZATION"]
    assert {int(i) for i in tags[3:6]} == {NOT_LOOKED_FOR}
