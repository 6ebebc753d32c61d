import random

import pytest

from service.enrichment.quotations import find_quotations


def quoted(text):
    return [text[start:end] for start, end in find_quotations(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('He said: "We won." And left.', ['"We won."']),
        ("“We won,” he said. “Twice.”", ["“We won,”", "“Twice.”"]),
        ("„We won“, he said.", ["„We won“"]),
        ("« We won », he said.", ["« We won »"]),
        ("«We won», he said. «Twice.»", ["«We won»", "«Twice.»"]),
        ("»We won,« he said. »Twice.«", ["»We won,«", "»Twice.«"]),
        ("”We won,” he said. ”Twice.”", ["”We won,”", "”Twice.”"]),
        ("‹We won›, he said.", ["‹We won›"]),
        ("``We won,'' he said. ``Twice.''", ["``We won,''", "``Twice.''"]),
        ("''We won,'' he said.", ["''We won,''"]),
        ("He said: »It goes on.\n\n»Then it ends.«", ["»It goes on.", "»Then it ends.«"]),
        ("“He said »no« to us,” she said.", ["“He said »no« to us,”"]),
        ("Home » News » Sport and a 5” pipe", []),
        ('"We won, said Ann. It rained. "Twice," said Bo.', ['"We won,', '"Twice,"']),
        ('"We won, she said. It rained.', ['"We won,']),
        ("“Have we won? Bo Ray asked. It rained.", ["“Have we won?"]),
        ('Ann said: "We won. It rained. Bo said: "Twice."', ['"We won.', '"Twice."']),
        (
            '"First part. Second part. "Third part," he said.',
            ['"First part. Second part.', '"Third part,"'],
        ),
        ('It rained. We won," said Ann. "Twice," she added.', ['We won,"', '"Twice,"']),
        ('He is 6ft 2", said the club. Ann left.', []),
        ('The "plan was bad. It rained.', []),
        ("The 'ghost' ship and the ‘smart city’ sank.", []),
        ("'Ultimate game' award for Doom 3", []),
        ("He left 's-Hertogenbosch and 't Zand for 's Gravenhage's sake.", []),
        ("Golden rule 'intact' says ex-aide", ["'intact'"]),
        ("Hewitt decries 'career sexism'", ["'career sexism'"]),
        ("'Not guilty'", ["'Not guilty'"]),
        ("'We lost,' he said.", ["'We lost,'"]),
        ("He called it ‘a disaster’ and the dogs’ owners’ day.", ["‘a disaster’"]),
        ("Film 'to be shot' in Rome", ["'to be shot'"]),
        ("'The workers' pay is low,' he said.", ["'The workers' pay is low,'"]),
        ("“He told me ‘don’t go’ and I went,” she said.", ["“He told me ‘don’t go’ and I went,”"]),
        ("\"She said 'no' to us,\" he said.", ["\"She said 'no' to us,\""]),
        ("('Good,' he said, 'very good.')", ["'Good,'", "'very good.'"]),
        ('“Mixed marks" are closed.', ['“Mixed marks"']),
        ("It's the boys' and girls' day in the '90s, 'tis true.", []),
        ("Rock 'n' roll and O'Brien's 5' 10\" frame.", []),
        ('A door 6" wide and 7" high.', []),
        ("He said: “It never ends.\n\nNew paragraph.", []),
        ("“It goes on.\n\n“Then it ends,” he said.", ["“It goes on.", "“Then it ends,”"]),
        ('He said: "It is new. "It is good."', ['"It is new.', '"It is good."']),
        ('A 12" single. "Good," he said.', ['"Good,"']),
        ('"', []),
        ("''", []),
        ("“”", []),
        ("", []),
    ],
)
def test_quotations_are_found(text, found):
    assert quoted(text) == found


def test_any_marks_give_spans_in_order():
    chance = random.Random(7)
    for _ in range(3000):
        text = "".join(chance.choices("ab s.,\n`\"“”‘’'«»„‹›", k=60))
        at = 0
        for start, end in find_quotations(text):
            assert at <= start < end <= len(text)
            assert not text[end - 1].isspace()
            at = end
