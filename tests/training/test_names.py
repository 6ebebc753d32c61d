"""Readers of the sets with names. None of it needs torch."""

from training.labels import TAG_SETS, TAGS, THREE
from training.names import name_documents, read_conll, read_uner

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
WORLDWIDE = "-DOCSTART- one\n\n``\tO\nAccra\tB-LOCATION\n''\tO\n-LRB-\tO\n17\tB-DATE\nMay\tI-DATE\n"
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


def test_marks_of_treebanks_are_read_as_they_are_written(tmp_path):
    path = tmp_path / "worldwide.conll"
    path.write_text(WORLDWIDE)
    assert read_conll(path) == [
        [('" Accra " ( 17 May', [(2, 7, "LOCATION"), (12, 18, "DATE")])],
    ]


def test_a_universal_ner_file_is_read_at_the_offsets_of_its_own_text(tmp_path):
    path = tmp_path / "dev.iob2"
    path.write_text(UNER)
    assert read_uner(path) == [
        [("The Denver Post's man, Al Gore.", [(4, 15, "ORGANIZATION"), (23, 30, "PERSON")])],
        [("No.", [])],
    ]


def test_a_word_outside_the_names_of_a_set_without_misc_may_be_in_one(tokenizer, tmp_path):
    path = tmp_path / "uner_ewt_dev.iob2"
    path.write_text(UNER)
    tags = name_documents(tokenizer, path)[0][0].tags
    assert [TAGS[i] for i in tags[1:3]] == ["B-ORGANIZATION", "I-ORGANIZATION"]
    assert {TAG_SETS[i] for i in tags[3:6]} == {THREE.allowed("O", "")}
