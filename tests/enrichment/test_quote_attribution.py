"""Quote attribution, with a model that takes unknown capitalised words for persons' names."""

import pytest

from service.enrichment.article import Article
from service.enrichment.pipeline import Enricher
from tests.fakes import FakeDetector, FakeModel

MARKS = frozenset('"“')


def enrich(text, title=None):
    return Enricher(FakeModel(), FakeDetector()).enrich(Article(text, title, language="en"))


def speakers(text):
    """The speaker of each sentence of a transcript, or with a quotation of any length."""
    return [
        s.speaker
        for s in enrich(text).sentences
        if s.quoted or not MARKS.isdisjoint(text[s.start : s.end])
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"We won this one," said Ann Lee.', ["Ann Lee"]),
        ('"We won this one," Ann Lee told Bob Ray.', ["Ann Lee"]),
        ('"We won this one and that one too," said the mayor, Ann Lee, as Bob left.', ["Ann Lee"]),
        ('Ann Lee said on Monday: "We won this one and that one too."', ["Ann Lee"]),
        ('Ann Lee, who beat Bob Ray, added: "We won this one and that one."', ["Ann Lee"]),
        ('According to Ann Lee, "we won this one and that one too".', ["Ann Lee"]),
        ('"We won this one and that one," according to Ann Lee.', ["Ann Lee"]),
        ('Ann Lee: "We won this one and that one too."', ["Ann Lee"]),
        ('"We won this one," it emerged.', [None]),
        ('"We won this one and that one too."', [None]),
        ('Ann Lee met Bob Ray. "We won this one," she said.', ["Ann Lee"]),
        ('Ann Lee met Mr Ray. "We won this one," he said.', ["Ray"]),
        (
            'Ann Lee met Bob Ray. "We won this," said Lee. "And that," said Ray. "Yes," she added.',
            ["Ann Lee", "Bob Ray", "Ann Lee"],
        ),
        (
            'Ann Lee met Bob Ray. "We won this," said Ray. "And that," said Lee. "Yes," he added.',
            ["Bob Ray", "Ann Lee", "Bob Ray"],
        ),
        (
            'Mr Oyo met Ms Kato. "We won this," said Oyo. "And that," said Kato. "Yes," he added.',
            ["Oyo", "Kato", "Oyo"],
        ),
        (
            'Oyo met Kato. "We won this," said Oyo. "And that," said Kato. "Yes," she added.',
            ["Oyo", "Kato", "Kato"],
        ),
        ('Ann Lee spoke.\n\nlater a spokesman came. "We are sorry," he said.', [None]),
        ('Ann Lee spoke. "We won this," she said. "It was hard."', ["Ann Lee", "Ann Lee"]),
        ('Ann Lee said all was well. "We won this one."', ["Ann Lee"]),
        ('"We won," said Ann Lee. "We lost," said Bob Ray.', ["Ann Lee", "Bob Ray"]),
        ('"We won this, we did, we did," said the Acme boss, Ken Murphy.', ["Ken Murphy"]),
        ('"We won this, we did, we did," said the Paris manager, Thomas Frank.', ["Thomas Frank"]),
        ('"We won this, we did, we did," said a director of Acme, Ann Lee.', ["Ann Lee"]),
        ('"We won this, we did, we did," said Acme\'s chief executive, Ann Lee.', ["Ann Lee"]),
        ('"We won this, we did, we did," said Acme at noon, Bob Ray left.', ["Acme"]),
        ('"We will not pay," Acme quoted Lopez as saying.', ["Lopez"]),
        ('"We will not pay for all of that," Bob Ray cited Lopez as telling Ann Lee.', ["Lopez"]),
        ('"We will not pay for it," Lopez was quoted as saying by Acme.', ["Lopez"]),
        ('Acme quoted Lopez as saying: "We will not pay for all of that."', ["Lopez"]),
        ('"We won," sighed Ann Lee. "Twice," quipped Bob Ray.', ["Ann Lee", "Bob Ray"]),
        ('"We won," argued Ann Lee. "Twice," conceded Bob Ray.', ["Ann Lee", "Bob Ray"]),
        ('"We won," Ann Lee testified. "Twice," Bob Ray blurted.', ["Ann Lee", "Bob Ray"]),
        ('"We won this, we did, we did," said Bob Ray\'s barrister, Ann Lee.', ["Ann Lee"]),
        ('"We won," reckoned Ann Lee. "Twice," deadpanned Bob Ray.', ["Ann Lee", "Bob Ray"]),
        ('"We won," Ann Lee went on. "They lost," Bob Ray put it.', ["Ann Lee", "Bob Ray"]),
        ('as Ann Lee put it, "we won this one and that one too".', ["Ann Lee"]),
        ('"We won this one," repeatedly said Ann Lee.', ["Ann Lee"]),
        ('"We won this," winced Ann Lee. "They lost," Bob Ray frowned.', ["Ann Lee", "Bob Ray"]),
        ('the "We won this one we did" Ann Lee painted was sold.', [None]),
        ('The two were quoted by Acme as saying: "We won this one and that one."', [None]),
        ('"We won," said the bank.', [None]),
        ('Acme closed a plant. "We are sorry," the company said.', ["Acme"]),
        ('Acme closed a plant. "We are sorry," it said.', ["Acme"]),
        ('“We won this one.\n\n“It was hard,” said Ann Lee.', [None, "Ann Lee"]),
    ],
)  # fmt: skip
def test_the_words_beside_a_quotation_name_the_speaker(text, found):
    assert speakers(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('Ann Lee was glad. "We won this one," the Acme boss said.', ["Ann Lee"]),
        ('Ann Lee was glad. "We won this one," said the new Paris captain.', ["Ann Lee"]),
        ('Ann Lee was glad. "We won this," the APEC trade policy chief said.', ["Ann Lee"]),
        ('Ann Lee was glad. "We won this," the North Korea senator told us.', ["Ann Lee"]),
        ('Ann Lee was glad. "We won this," the mayor of Paris said.', ["Ann Lee"]),
        ('Ann Lee was glad. "We won this one," Acme\'s chief executive said.', ["Ann Lee"]),
        ('"We won this one," the Acme boss said.', [None]),
        ('Ann Lee was glad. "We won this one," an Acme director said.', [None]),
        ('Ann Lee was glad. "We won this one," France fans said.', [None]),
        ('"We won this one," said the Acme boss after Ann Lee had left.', [None]),
        ('"We won this one," said Acme boss Ann Lee.', ["Ann Lee"]),
        ('"We won this one," the Acme spokesman said.', ["Acme"]),
        ('"We won this one," said a spokesman for Acme.', ["Acme"]),
        ('Bob Ray fell, Ann Lee said. "We won," the Acme boss added.', ["Ann Lee"]),
    ],
)  # fmt: skip
def test_a_name_that_describes_a_role_is_not_the_speaker(text, found):
    assert speakers(text) == found


@pytest.mark.parametrize(
    "text",
    [
        'a neighbour of Ann Lee said: "We won this one and that one."',
        'the daughter of the late singer Ann Lee said: "We won this one and that one."',
        '"We won this one," said supporters of Ann Lee.',
        '"We won this one," said an old teacher of Dame Ann Lee.',
        '"We won this one," said solicitors for Ann Lee and Bob Ray.',
        '"We won this one," said aides close to Ann Lee.',
        '"We won this one," said a barrister representing Ann Lee.',
        '"We won this one," said a spokeswoman for Ann Lee.',
        '"We won this one," Ann Lee\'s family said.',
        'a woman who accused Ann Lee said: "We won this one and that one."',
        '"We won this one," according to a colleague of Ann Lee.',
        'opponents of Acme said: "We won this one and that one."',
    ],
)
def test_somebody_described_by_the_name_of_another_is_nobody(text):
    assert speakers(text) == [None]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"We won this one," said a barrister for Ann Lee, Bob Ray.', "Bob Ray"),
        ('Bob Ray, a friend of Ann Lee, said: "We won this one and that one."', "Bob Ray"),
    ],
)
def test_who_has_a_name_and_a_description_is_the_speaker(text, found):
    [speaker] = speakers(text)
    assert speaker.endswith(found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('it rained all day in Paris.\n\n"We won this one."', [None]),
        ('it rained all day in Paris. "We won this one."', [None]),
        ('bonds of Acme rose again. "We won this one."', [None]),
        ('Ann Lee met Bob Ray in Paris.\n\n"We won this one."', ["Ann Lee"]),
        ('on the way to Paris, Ann Lee met Bob Ray.\n\n"We won this one."', ["Ann Lee"]),
        ('the crowd met Bob Ray in Paris.\n\n"We won this one."', [None]),
        ('Bob Ray’s house in Paris burned.\n\n"We won this one."', [None]),
        ('Acme has two reasons to go:\n\n"We won this one."', ["Acme"]),
        ('Ann Lee left.\n\n"We won this one." Bob Ray said so in Paris.', [None]),
        ('Ann Lee left.\n\n"We won this one." Those were words of Bob Ray.', [None]),
        ('Ann Lee left.\n\n"We won this one." It rained in Paris.', ["Ann Lee"]),
        ('Ann Lee left. "We won this one," said one fan.', [None]),
        ('Ann Lee left. "We won this one," said the mother of Bob Ray.', [None]),
    ],
)  # fmt: skip
def test_a_quotation_alone_has_the_subject_of_the_sentence_before(text, found):
    assert speakers(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "“We won this” — Ann Lee, Acme\n\n“We lost that” – Bob Ray, director",
        '"We won this." - Ann Lee\n\n"We lost that." - Bob Ray',
        "“We won this.”\n— Ann Lee, Acme\n\n“We lost that.”\n— Acme director Bob Ray",
        "“We won this.”\n\n-- Ann Lee (Acme)\n\n“We lost that.”\n\n-- Bob Ray",
    ],
)
def test_the_name_after_the_dash_is_the_speaker_of_a_pull_quote(text):
    assert speakers(text) == ["Ann Lee", "Bob Ray"]


@pytest.mark.parametrize(
    "text",
    [
        "“We won this one” – Ann Lee’s first word – was heard.",
        "the “We won this one” – Ann Lee, Bob Ray – was heard.",
    ],
)
def test_other_dashes_name_no_speaker(text):
    assert speakers(text) == [None]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('"We won this," said Ann Lee.', True),
        ('it was in "The Green Mile."', False),
        ('"The Green Mile" returns.', False),
        ('"The Green Mile."', True),
        ('it said: "The Green Mile."', True),
        ('"No. Never."', True),
    ],
)
def test_a_sentence_is_quoted_if_half_of_its_words_are_and_they_are_no_title(text, quoted):
    assert next(s.quoted for s in enrich(text).sentences) is quoted


INTRODUCED = "The chancellor, Ann Lee, spoke to us.\n\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "MISHAL OKAFOR: good morning. A day.\nDANIEL REES: no. It rained.",
            ["MISHAL OKAFOR", "MISHAL OKAFOR", "DANIEL REES", "DANIEL REES"],
        ),
        (
            "HOST: good morning.\n\nREES (laughs): hello.\n\nit is nice.\n\nHOST: bye.",
            ["HOST", "REES", "REES", "HOST"],
        ),
        ("Ann Lee: will you go?\nBob Ray: no.\nAnn Lee: good.", ["Ann Lee", "Bob Ray", "Ann Lee"]),
        (f"{INTRODUCED}Q: will you go?\n\nA: no. It rained.", [None, "Ann Lee", "Ann Lee"]),
        ("Q: will you go?\nA: no.", [None, None]),
        (
            f"{INTRODUCED}Q. Will you go?\nA. No. It rained.\n**Q. Why?**\nA. It rained.",
            [None, "Ann Lee", "Ann Lee", None, "Ann Lee"],
        ),
        (
            "Ann Lee (Paris) (Lab): will he go?\n\nThe minister (Bob Ray): no.\n\nAnn Lee: why?",
            ["Ann Lee", "Bob Ray", "Ann Lee"],
        ),
        (
            "ANN LEE, ACME HOST (on camera): is it you?\nBOB RAY, Paris: yes.",
            ["ANN LEE", "BOB RAY"],
        ),
        ("Acme: will you go?\nAnn Lee: no.\nAcme: why?", ["Acme", "Ann Lee", "Acme"]),
        (f"{INTRODUCED}Q: will you go?\n\nA: no.\n\nthe end came.", [None, "Ann Lee"]),
    ],
)
def test_the_labels_of_a_transcript_name_the_speakers(text, found):
    assert speakers(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Acme: up a tenth\nBank: down again\nParis: no news",
        "Ann Lee: the woman who won it all.\n\nit rained.",
        "they came at 14:05 and left.",
        "A. Lee won.\nB. Ray lost.\nA. Roe drew.",
    ],
)
def test_other_labels_make_no_transcript(text):
    assert speakers(text) == []


def test_a_few_quoted_words_do_not_make_a_sentence_a_quotation():
    [sentence] = enrich('Ann Lee called the plan of the two others "bad" on Monday.').sentences
    assert (sentence.quoted, sentence.speaker) == (False, None)


@pytest.mark.parametrize(
    "text",
    [
        '"We won this one," Ann Lee, who had come to see it all, said.',
        'on the way home from the match on Monday, Ann Lee said: "We won this one."',
        '"We won," said the manager of the two, Ann Lee.',
        '"No," said the manager of the other two, Ann Lee.',
        'When it was over, Ann Lee turned and said: "We won."',
    ],
)
def test_a_shorter_quotation_names_its_speaker_but_stays_in_the_voice_of_the_article(text):
    found = enrich(text)
    assert [(s.quoted, s.speaker) for s in found.sentences] == [(False, "Ann Lee")]
    assert found.voices.quoted == ()


@pytest.mark.parametrize(
    "text",
    [
        'The old song "Hello" is one of the two, said Ann Lee on Monday.',
        '"Hello" was the first of the two old songs, said Ann Lee.',
        'The last of all the old songs here, said Ann Lee, is "Hello."',
    ],
)
def test_a_quoted_title_has_no_speaker(text):
    assert [sentence.speaker for sentence in enrich(text).sentences] == [None]


def test_each_voice_has_its_own_sentiment():
    found = enrich(
        'Ann Lee spoke. "It is a splendid day," she said. "A dreadful day," said Bob Ray.'
    )
    assert found.voices.article is not None
    assert found.voices.article.sentiment.label == "NEUTRAL"
    assert [(v.speaker, v.sentiment.label) for v in found.voices.quoted] == [
        ("Ann Lee", "POSITIVE"),
        ("Bob Ray", "NEGATIVE"),
    ]
    shares = [found.voices.article.share, *(voice.share for voice in found.voices.quoted)]
    assert sum(shares) == pytest.approx(1)


def test_an_article_of_quotations_alone_has_no_voice_of_its_own():
    assert enrich('"All is well," said Ann Lee.').voices.article is None


def test_a_quoted_title_is_a_quotation():
    found = enrich("Ann Lee spoke.", title="'All is well'")
    assert [sentence.quoted for sentence in found.sentences] == [True, False]


def towards(name: str, text: str) -> str:
    (label,) = (e.sentiment.label for e in enrich(text).entities if e.name == name)
    return label


def test_sentiment_towards_a_person_counts_the_sentences_that_begin_with_the_pronoun():
    came = "Mr Bob Ray came. "
    assert towards("Bob Ray", came + "He was dreadful. He was bad.") == "NEGATIVE"
    assert towards("Bob Ray", came + "But she was dreadful. She was bad.") == "NEUTRAL"
    assert towards("Bob Ray", came + "It was dreadful. It was bad.") == "NEUTRAL"
    assert towards("Bob Ray", came + '"He was dreadful. He was bad," said Ann Lee.') == "NEUTRAL"
    assert towards("Bob Ray", came + 'He said: "It was dreadful. It was bad."') == "NEUTRAL"


@pytest.mark.parametrize(
    "text",
    [
        'Ann Lee blamed Adam Roe. "He kept us in it for the whole day," she said.',
        'Bob Ray’s lawyer, Ann Lee, spoke. "He deleted none of it," she said.',
        'Mr Ray\'s lawyer, Abu Lee, spoke. "He deleted none of it," he said.',
    ],
)
def test_a_pronoun_refers_to_the_subject_rather_than_to_others_in_the_sentence(text):
    [speaker] = speakers(text)
    assert speaker.endswith("Lee")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('Ann Lee spoke.\n\n"it rained," the Acme boss said.', "Ann Lee"),
        ('Ann Lee spoke.\n\n"it rained," said the Acme goalkeeper.', "Ann Lee"),
        ('"it rained," said a lawyer for Ann Lee.', None),
        ('critics of Ann Lee said: "it rained on us."', None),
        ('Ann Lee, a friend of Bob Ray, said: "it rained on us."', "Ann Lee"),
        ('a spokesman for children Ann Lee said: "it rained on us."', "Ann Lee"),
    ],
)
def test_those_whom_a_name_describes_do_not_speak_as_that_name(text, found):
    assert enrich(text).sentences[-1].speaker == found


def test_a_spokeswoman_without_a_name_speaks_for_the_organisation_before():
    found = enrich('Acme Corp says it rained. "Stay at home now," said a spokeswoman.')
    assert found.sentences[-1].speaker == "Acme Corp"
