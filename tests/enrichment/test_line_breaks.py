from textwrap import fill

import pytest

from service.enrichment.sentences import split_sentences

FLOOD = [
    "Emergency workers in Rio Grande do Sul rescued more than 600 people from roofs on Sunday.",
    "The governor, Eduardo Leite, asked Luiz Inácio Lula da Silva for help from the army.",
    '"It is the worst flood in the history of Porto Alegre," he said.',
]
MINERS = [
    "Rio Tinto and Glencore have held talks about a merger that would create the largest mining "
    "company in the world, people close to both of them said.",
    "NATO was not asked.",
    "Neither Jakob Stausholm nor Gary Nagle wanted to comment.",
]


def sentences(text):
    """The sentences of ``text``, without its line breaks and the marks of quoted replies."""
    found = (text[start:end].replace(">", " ") for start, end in split_sentences(text))
    return [" ".join(sentence.split()) for sentence in found]


def wrapped(parts, width, **options):
    return fill(" ".join(parts), width, break_on_hyphens=False, **options)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", " \n", "\t\r\n", "\u2028"])
@pytest.mark.parametrize("width", [45, 60, 68, 72, 80, 100])
@pytest.mark.parametrize("parts", [FLOOD, MINERS], ids=["flood", "miners"])
def test_wrapped_text_is_cut_at_its_sentences_only(parts, width, end):
    assert sentences(wrapped(parts, width).replace("\n", end)) == parts


@pytest.mark.parametrize(
    "indents",
    [("    ", "    "), ("    ", ""), ("\t", "\t"), ("", "  "), ("> ", "> "), (">> ", ">> ")],
)
def test_wrapped_text_may_be_indented_or_quoted(indents):
    first, others = indents
    text = wrapped(MINERS, 68, initial_indent=first, subsequent_indent=others)
    assert sentences(text) == MINERS


@pytest.mark.parametrize(
    "lines",
    [
        ["Flood in Rio Grande do Sul"],
        ["Flood in Rio Grande do Sul", "By Dana Hollis"],
        ["Hundreds rescued from roofs as rivers burst their banks in Rio Grande do Sul and beyond"],
        ["PORTO ALEGRE"],
    ],
)
def test_a_headline_right_above_wrapped_text_is_a_sentence(lines):
    assert sentences("\n".join([*lines, wrapped(FLOOD, 66)])) == lines + FLOOD


def test_paragraphs_and_lists_without_blank_lines_between_them():
    text = "\n".join(
        [wrapped(FLOOD, 70), wrapped(MINERS, 70), "* * *", wrapped(FLOOD, 70), "Ann Cole", "Leeds"]
    )
    assert sentences(text) == [*FLOOD, *MINERS, "* * *", *FLOOD, "Ann Cole", "Leeds"]


def test_each_paragraph_may_have_its_own_width():
    text = "\n\n".join([wrapped(FLOOD, 76), wrapped(MINERS, 50), "Vale falls\nBHP up"])
    assert sentences(text) == [*FLOOD, *MINERS, "Vale falls", "BHP up"]


def test_lines_of_columns_are_ragged():
    text = (
        "Lufthansa and Verdi agreed on Wednesday to end a strike that had closed\n"
        "the airports of Frankfurt, Munich and Hamburg for three\n"
        "days. Carsten Spohr, who has run the airline since 2014, said\n"
        "that the deal would cost it about 300 million euros a year. NATO\n"
        "flights were not affected. Verdi, whose leader is Frank\n"
        "Werneke, had asked for 12.5 per cent, and called it\n"
        "a success."
    )
    assert len(sentences(text)) == 4


@pytest.mark.parametrize(
    "text",
    [
        "He flew from Los\nAngeles to Kuala\nLumpur on Friday.",
        "Mr Castro was born in San\nAntonio, Texas, and lived there.",
        "She was photographed with Rupert\nMurdoch in Manhattan.",
        "He was chairman of Marks &\nSpencer until 2010.",
        "Police praised Sgt.\nDana Hollis on Monday.",
        "They met in Washington,\nD.C., in May.",
        "He said the agree-\nment with Ghana was dead.",
        "The talks begin at\n14:05 GMT in Geneva.",
    ],
)
def test_a_name_or_a_sentence_goes_on_in_the_next_line(text):
    assert len(sentences(text)) == 1


@pytest.mark.parametrize("end", ["\n", "\r\n", " \n", "\t\r\n"])
@pytest.mark.parametrize(
    "lines",
    [
        ["Ofgem caps bills", "Sizewell C gets go-ahead", "Thames Water fined", "Greggs warns"],
        ["Why Labour is losing Wales", "What Farage wants", "Who will lead the Tories"],
        ["Apple to raise prices", "iPhone sales fall", "Intel ousts Gelsinger"],
        ["Toyota", "Nissan", "Mazda said on Friday that they would build batteries together."],
        [
            "Leeds to close four libraries in bid to save £2m",
            "The city council voted on Monday night.",
        ],
        ["Rachel Reeves", "Chancellor of the Exchequer", "Wes Streeting", "Health Secretary"],
        ["Frank Rijkaard", "Marco van Basten", "Ruud Gullit"],
        ["Arsenal: Raya", "Saliba", "Gabriel", "Timber"],
        ["Leeds United 2 Hull City 1", "Stoke City 0 Derby County 0", "Watford 3 Luton Town 1"],
        ["Rank\tTeam\tPoints", "1\tLiverpool\t45", "2\tChelsea\t39"],
        ["What we know", "- Two people were killed", "- The driver was held", "- Scholz is there"],
        ["-Peru declares emergency", "-Bolivia arrests Evo Morales ally", "-Chile votes"],
        ["-- Boeing delivered 44 jets", "-- Airbus delivered 62"],
        ["● BAE wins Turkish order", "● Babcock joins FTSE 100"],
        ["(a) Berlin closes two embassies", "(b) Paris recalls its ambassador"],
        ["i. Athens", "ii. Sofia", "iii. Bucharest"],
        ["1) Finland", "2) Denmark", "3) Iceland"],
        ["14.05", "Starmer has arrived", "14.12", "Reeves follows him in"],
        ["9.02am GMT", "Hunt sits down", "8.47am GMT", "Reeves attacks Truss"],
        ["Nov 3, 9:14 a.m. Polls open in Ohio", "Nov 3, 9:40 a.m. Vance votes"],
        ["[16:40] Police clear Taksim Square", "[16:55] Imamoglu's lawyer detained"],
        ["45+1' Gordon hits the post", "21' Isak puts Newcastle ahead"],
        ["18h45 Macron leaves the Elysee", "19h10 Bayrou arrives"],
        ["KIRSTY WARK: Did you read it?", "GEORGE OSBORNE: All of it.", "KIRSTY WARK: And?"],
        ["Kirsty Wark: Did you know Martin Bell", "George Osborne: Of course"],
        ["Q. When did you meet Mr. Castro?", "A. In May.", "Q. Who else was there?"],
        ["THE COURT: Sit down.", "MR. BLANCHE: Thank you.", "SEN. WARREN: No."],
        ["Group A", "Germany, Scotland, Hungary, Switzerland", "Group B", "Spain, Italy, Albania"],
        ["10 Downing Street", "London", "SW1A 2AA"],
        ["Contact: Amara Nwosu", "press@example.org", "+44 20 7946 0000"],
    ],
)
def test_each_line_of_a_list_is_a_sentence(lines, end):
    assert sentences(end.join(lines)) == [" ".join(line.split()) for line in lines]


def test_an_item_may_be_wrapped():
    items = [f"- {' '.join(FLOOD[:1])}", f"- {' '.join(MINERS[:1])}"]
    text = "\n".join(fill(item, 60, subsequent_indent="  ") for item in items)
    assert sentences(text) == items


def test_a_turn_of_a_transcript_may_be_wrapped():
    turns = [f"JUDGE MERCHAN: {MINERS[0]}", "MR. BLANCHE: We understand.", f"THE COURT: {FLOOD[0]}"]
    assert sentences("\n".join(fill(turn, 64) for turn in turns)) == turns


@pytest.mark.parametrize("text", [">\nHello", "a b\n\n>\nHello"])
def test_a_line_without_words_is_no_error(text):
    assert sentences(text)[-1] == "Hello"
