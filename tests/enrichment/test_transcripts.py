"""Which labels at the beginning of lines are those of speakers."""

import re

import pytest

from service.enrichment.transcripts import find_turns


@pytest.mark.parametrize(
    "text",
    [
        'Acme fell.\n\nAnn Lee said: "No."\n\nRain came.\n\nBob Ray, a baker, added: "Yes."',
        "Ann Lee trial: jury retires\nBob Ray exit: what now?\nOil falls",
        "Ann Lee: 7/10\nBob Ray: 5/10",
        "Ann Lee: The baker gave evidence.\n\nBob Ray: The former mayor did not.",
        "Chair: Ann Lee.\nSecretary: Bob Ray, Paris",
        "Subs: Lee, Ray.\n\nRain came.\n\nSubs: Cole, Dee.",
    ],
)
def test_other_labels_than_those_of_speakers_make_no_transcript(text):
    turns = find_turns(text, [(m.start(), m.end()) for m in re.finditer("Ann Lee|Bob Ray", text)])
    assert turns == []


def test_a_turn_in_a_list_of_headlines_is_one_line():
    text = "Ann Lee: I will stay\nOil falls\nBob Ray: We must act\nRain came"
    turns = find_turns(text, [(0, 7), (31, 38)])
    assert [text[turn.label[0] : turn.end] for turn in turns] == [
        "Ann Lee: I will stay",
        "Bob Ray: We must act",
    ]
