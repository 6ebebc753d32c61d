import pytest
from hypothesis import given

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


@pytest.mark.parametrize(
    "title",
    "Gov. Rep. Lt. Sgt. Maj. Rev. Hon. Insp. Supt. Cmdr. Pres. Amb. Det. Asst. Cpl. Pvt. Pte. "
    "Cllr. Atty. Messrs. Adj. Capt. Sens. Pfc. Ald. Msgr. Treas. Con. Ven. Gens. Smt. Engr. Barr. "
    "Ex-Gov. Lt.-Col. Sqn. Cdre. Abp. Asm. Com. P.C.".split(),
)
def test_a_title_does_not_end_a_sentence(title):
    text = f"Police praised {title} Dana Hollis on Monday. She left."
    assert sentences(text) == [f"Police praised {title} Dana Hollis on Monday.", "She left."]


@pytest.mark.parametrize(
    "sentence",
    [
        "RICHMOND, Va. (AP) — Virginia Gov. Ralph Northam left.",
        "FRESNO, Calif. — Fire crews left.",
        "SPRINGFIELD, Ill. (Reuters) - The mayor left.",
        "Shares of Chevron Corp. CVX -0.02% and Apple Inc. Chief Executive Tim Cook rose.",
        "Chuck Schumer (D-N.Y.) said so.",
        "He meets Rep. Jeff Duncan (R-S.C.) Monday at 5 p.m. ET in St. Louis.",
        "The U.N. Security Council met U.S. District Judge Paul J. Kelly and J.B. Pritzker.",
        "It opens on Sept. 30, as No. 5 of Vol. 2 says of Roe v. Wade.",
        "“What planet do you live on?” Ann Cole asked.",
        "“Go!” Police Chief Bob Dee shouted.",
        "CNN and Yahoo! News reported it.",
        "The pages ... appeared to be folded.",
        "A credible one . . . not that often.",
        "Donald Trump Jr. Outed the man.",
        "Mt. Pleasant and Ft. Sumter lie there.",
        "The Rt. Rev. Dana Hollis met Flt. Lt. Wren and Sqn. Ldr. Park.",
        "HE MET SEN. WARREN AND GEN. MILLEY IN ST. LOUIS.",
        "The book is by A. A. Milne and A. Philip Randolph.",
        "He was born c. 1850, is 5 ft. 10 in. tall and lives in Apt. 4B at no. 10.",
        "It was a 6-ft. 5-in. wall, says p. 12 of Vol. 2.",
        "They play on Sat. Nov. 8 and again in mid-Sept. 2026.",
        "At 10 a.m. Reeves will speak.",
        "He works at the U.N. Secretariat and the U.S. Bureau of Prisons.",
        "The hon. Gentleman asked Maj. Gen. (ret.) Dana Hollis.",
        "Tonight on E! News and Jeopardy! Ken Jennings is back.",
        "Capt. Wren of the U.S.S. Nimitz met Cmdr. Park.",
        "Q. Who won?",
        "2:05 p.m. Polls open in Ohio.",
        "iii. Bucharest.",
        "Reporters asked Fmr. Rep. Colin Baxter about it.",
        "They sell lamps, rugs, etc. to hotels.",
        "The U . N . Bureau met Mr . Colin R . Baxter and the B . B . C . - led team on Jan . 5 .",
    ],
)
def test_more_abbreviations_in_a_sentence_do_not_end_it(sentence):
    assert sentences(sentence) == [sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        "Amazon.com Inc. and Booking.com B.V. were fined.",
        "Levi Strauss & Co. Tuesday said sales rose.",
        "Kroger Co. Thursday raised its forecast.",
        "Analysts say Ford Motor Co. Monday lost ground.",
        "Sens. Bernie Sanders, I-Vt., and Lee Park, M.D., of Troy, Mich., left.",
    ],
)
def test_an_abbreviation_in_a_sentence_does_not_end_it(sentence):
    assert sentences(sentence) == [sentence]


@pytest.mark.parametrize(
    "parts",
    [
        ["It opened at 9 a.m.", "Mr. Doyle arrived."],
        ["It starts at 6 p.m.", "CNN will show it."],
        ["They went back to the U.S.", "Workers in Ohio cheered."],
        ["He flew to the U.K.", "Ministers were waiting."],
        ["She left the F.B.I.", "It was 1994."],
        ["The fire is in Fresno, Calif.", "It was put out."],
        ["They met in Mt. Pleasant, Wis.", "Foxconn is there."],
        ["He sold his shares in Vulcan Materials Co.", "Chao was paid."],
        ["It owns Acme Inc.", "Those rules apply."],
        ["They honour Martin Luther King Jr.", "“He freed us,” she said."],
        ["“No.", "I am not.”"],
        ["It rose to $149.23.", "Shame on you."],
        ["It was cut. […]", "When was it?"],
        ["He said no.", "iPhone sales rose."],
        ["It sank.", "'s-Hertogenbosch won."],
        ["Write to news@example.com.", "“We will,” he said."],
        ["1. Fill in the form.", "2. Send it to Leeds.", "3. Wait."],
        ["It ranked No. 1.", "Nobody was surprised."],
        ["It starts on Jan. 1.", "The fee is due by Feb. 3.", "Courts may delay it."],
        ["Shares rose to 548p.", "Profits fell."],
        ["It is a Plan B.", "Plan A failed."],
        ["He paused ...", "Then he laughed."],
        ["It runs until Sept.", "Tickets are on sale."],
        ["It weighs 12 oz.", "The other one weighs 3 lb.", "Both are light."],
        ["He got in.", "10 people saw it."],
        ["He asked the Sgt.", "He shrugged."],
        ["They live in N.H.", "She won in S.C."],
        ["He fought Roy Jones Jr.", "He lost."],
        ["The study is by Wren et al.", "It was published in Nature."],
        ["THEY MET GEN. MILLEY.", "HE LEFT."],
        ["They sold fuel, food, etc.", "Prices rose fast."],
        ["He asked, 'Why me?'", "Nobody answered."],
        ["“Who won?”", "She smiled."],
        ["“Stop!”", "They ran."],
    ],
)
def test_an_abbreviation_at_the_end_of_a_sentence_ends_it(parts):
    assert sentences(" ".join(parts)) == parts


def test_a_border_that_lost_its_white_space_is_one():
    assert sentences("It fell in recent polls.The Buckeye State has 18.") == [
        "It fell in recent polls.",
        "The Buckeye State has 18.",
    ]
    assert sentences("Tesco shut it, he said.Related: Aldi expands.") == [
        "Tesco shut it, he said.",
        "Related: Aldi expands.",
    ]


LINE_ENDS = pytest.mark.parametrize("end", ["\n", "\r\n", "  \r\n", " \n"])


@LINE_ENDS
@pytest.mark.parametrize(
    "lines",
    [
        ["Iceland beat Norway", "Kenya lose to Ghana"],
        ["Ann Cole", "Bob Dee", "Carl Fox"],
        ["Siemens Energy", "Siemens Energy AG said on Monday that it would cut 500 jobs."],
        ["LONDON", "Shares fell on Monday."],
        [
            "Leeds to close four libraries",
            "Tesco profit rises 4%",
            "Storm Ciarán hits Brittany",
            "Rolls-Royce to hire 500 engineers in Derby next year",
            "Kyiv hit by drones",
        ],
        ["14:05 GMT", "Protesters gather in Tbilisi", "13:50 GMT", "Police close the bridge"],
        ["2:05 p.m. - Protesters gather", "1:50 p.m. - Police close the bridge"],
        ["MISHAL OKAFOR: Good morning", "DAVID LEE: Good morning to you", "MISHAL OKAFOR: Well"],
        ["Q: Who won the cup", "A: Ghana did"],
        ["1. Ghana beat Togo", "2. Mali lose to Chad"],
    ],
)
def test_each_line_of_a_list_is_a_sentence(lines, end):
    assert sentences(end.join(lines)) == lines


@LINE_ENDS
@pytest.mark.parametrize(
    "lines",
    [
        ["He moved to New", "York last year."],
        [
            "The company, which makes wind turbines and employs 90,000 people in",
            "Europe and Asia, said on Monday that its finance chief, who joined from",
            "New York in 2019, would leave in March.",
        ],
        [
            "The agreement was signed by ministers from Germany, France, Italy and",
            "Spain on Tuesday.",
        ],
    ],
)
def test_a_hard_wrapped_sentence_is_one(lines, end):
    text = end.join(lines)
    assert sentences(text) == [text]


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


def test_text_with_spaces_around_its_marks_is_split_like_any_other():
    text = "Colin Baxter left Fargo , N . D . The mayor won 5 . Nobody else did . . . or could ."
    assert sentences(text) == [
        "Colin Baxter left Fargo , N . D .",
        "The mayor won 5 .",
        "Nobody else did . . . or could .",
    ]
