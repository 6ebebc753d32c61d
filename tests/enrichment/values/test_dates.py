import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.enrichment.values.dates import find_dates
from tests.enrichment.texts import texts

PUBLISHED = date(2024, 3, 15)  # a Friday


def dates(text, published=PUBLISHED):
    return [(text[start:end], value) for start, end, value in find_dates(text, published)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It opened on 3 March 2021.", [("3 March 2021", "2021-03-03")]),
        ("It opened on the 3rd of March, 2021.", [("3rd of March, 2021", "2021-03-03")]),
        ("It opened on Sept. 3, 2021.", [("Sept. 3, 2021", "2021-09-03")]),
        ("Wednesday, March 3, 2021", [("Wednesday, March 3, 2021", "2021-03-03")]),
        ("2021-03-03", [("2021-03-03", "2021-03-03")]),
        ("13/03/2021, 03/13/21 and 13.03.2021", [
            ("13/03/2021", "2021-03-13"), ("03/13/21", "2021-03-13"), ("13.03.2021", "2021-03-13"),
        ]),
        ("05/05/2021", [("05/05/2021", "2021-05-05")]),
        ("03/04/2021", [("03/04/2021", None)]),
        ("30 February 2021", [("30 February 2021", None)]),
        ("in March 2021, March of 2022", [
            ("March 2021", "2021-03"), ("March of 2022", "2022-03"),
        ]),
        ("in 2021, before 1871", [("2021", "2021"), ("1871", "1871")]),
        ("July 14 to 24, 2022", [("July 14 to 24, 2022", "2022-07-14/2022-07-24")]),
        ("13-15 December 2022", [("13-15 December 2022", "2022-12-13/2022-12-15")]),
        ("Dec. 30, 2019 to Jan. 4, 2020", [
            ("Dec. 30, 2019 to Jan. 4, 2020", "2019-12-30/2020-01-04"),
        ]),
        ("from November to January 2019", [("November to January 2019", "2018-11/2019-01")]),
        ("between 2010 and 2015", [("2010 and 2015", "2010/2015")]),
        ("in 2010 and 2015", [("2010", "2010"), ("2015", "2015")]),
        ("2010-15, 2021/22", [("2010-15", "2010/2015"), ("2021/22", "2021/2022")]),
        ("the 1990s, the '80s, the early sixties", [
            ("1990s", "1990/1999"), ("'80s", "1980/1989"), ("early sixties", "1960/1963"),
        ]),
        ("the 1600s and the 2000s", [("1600s", "1600/1699"), ("2000s", "2000/2009")]),
        ("the early 1990s, the late 19th century", [
            ("early 1990s", "1990/1993"), ("late 19th century", "1868/1900"),
        ]),
        ("early 2020, mid-2020, late March 2020", [
            ("early 2020", "2020-01/2020-04"), ("mid-2020", "2020-05/2020-08"),
            ("late March 2020", "2020-03-21/2020-03-31"),
        ]),
        ("Q3 2023, 3Q 2023, the third quarter of 2023", [
            (text, "2023-07/2023-09") for text in ("Q3 2023", "3Q 2023", "third quarter of 2023")
        ]),
        ("the first half of 2023", [("first half of 2023", "2023-01/2023-06")]),
        ("summer 2021, the winter of 2021", [
            ("summer 2021", "2021-06/2021-08"), ("winter of 2021", None),
        ]),
    ],
)  # fmt: skip
def test_dates_with_a_year_need_no_day_of_publication(text, found):
    assert dates(text) == dates(text, None) == found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("today", "2024-03-15"),
        ("tonight", "2024-03-15"),
        ("yesterday", "2024-03-14"),
        ("last night", "2024-03-14"),
        ("tomorrow", "2024-03-16"),
        ("the day before yesterday", "2024-03-13"),
        ("last week", "2024-03-04/2024-03-10"),
        ("this week", "2024-03-11/2024-03-17"),
        ("next weekend", "2024-03-23/2024-03-24"),
        ("last month", "2024-02"),
        ("next quarter", "2024-04/2024-06"),
        ("this year", "2024"),
        ("late last year", "2023-09/2023-12"),
        ("last century", "1901/2000"),
        ("three days ago", "2024-03-12"),
        ("a week ago", "2024-03-04/2024-03-10"),
        ("18 months ago", "2022-09"),
        ("twenty years ago", "2004"),
        ("Monday", "2024-03-11"),
        ("Friday", "2024-03-15"),
        ("last Friday", "2024-03-08"),
        ("next Friday", "2024-03-22"),
        ("this Saturday", "2024-03-16"),
        ("Mondays", None),
        ("March 3", "2024-03-03"),
        ("March 20", "2024-03-20"),
        ("May 3", "2023-05-03"),
        ("Wednesday, May 1", "2024-05-01"),
        ("February", "2024-02"),
        ("October", "2023-10"),
        ("last October", "2023-10"),
        ("October last year", "2023-10"),
        ("this summer", "2024-06/2024-08"),
        ("last summer", "2023-06/2023-08"),
        ("next spring", "2025-03/2025-05"),
        ("this winter", "2023-12/2024-02"),
        ("fourth quarter", "2023-10/2023-12"),
        ("first quarter", "2024-01/2024-03"),
    ],
)
def test_relative_dates_refer_to_the_day_of_publication(text, value):
    assert dates(text) == [(text, value)]
    assert dates(text, None) == [(text, None)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("He said on Monday he was ill.", "2024-03-11"),
        ("He will speak on Monday.", "2024-03-18"),
        ("The talks are due to begin Monday.", "2024-03-18"),
        ("He left on Monday. His wife will stay.", "2024-03-11"),
        ("She'll run for office in November.", "2024-11"),
        ("They met in November.", "2023-11"),
        ("The order expires May 15.", "2024-05-15"),
        ("The order of May 15 was lifted.", "2023-05-15"),
        ("the week of March 6", "2024-03-04/2024-03-10"),
    ],
)
def test_words_around_a_date_show_which_of_several_it_is(text, value):
    assert [found for _, found in dates(text)] == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("The museum reopens its doors on 2 May.", "2024-05-02"),
        ("The appeal returns to court on Tuesday.", "2024-03-19"),
        ("Doors open at 7pm on Monday.", "2024-03-18"),
        ("Wales take on Ireland on Sunday.", "2024-03-17"),
        ("Real Madrid face Bayern in Munich on Tuesday.", "2024-03-19"),
        ("On Tuesday, Spurs visit Villa.", "2024-03-19"),
        ("He was freed and faces trial on 3 June.", "2024-06-03"),
        ("Police said the strike begins on Monday.", "2024-03-18"),
        ("Ministers are meeting in Paris on Thursday.", "2024-03-21"),
        ("The draw is made on Wednesday.", "2024-03-20"),
        ("The fair takes place from 10 to 21 November.", "2024-11-10/2024-11-21"),
        ("The show runs from 28 December to 7 January.", "2024-12-28/2025-01-07"),
        ("Her book is out on Thursday.", "2024-03-21"),
        ("MPs return to work on Monday.", "2024-03-18"),
        ("The show is at the Louvre from 3 May to 2 June.", "2024-05-03/2024-06-02"),
        ("Shares slipped ahead of a jobs report on Thursday.", "2024-03-21"),
        ("The next round is on Tuesday.", "2024-03-19"),
        ("Officials said talks would resume on Monday.", "2024-03-18"),
        ("The pool is open through June.", "2024-06"),
        ("Profit for the year to 30 June would be lower.", "2024-06-30"),
    ],
)
def test_a_coming_event_in_the_present_tense_is_after_publication(text, value):
    assert [found for _, found in dates(text)] == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Ministers met on Tuesday.", "2024-03-12"),
        ("Hosts Ghana lost on Saturday.", "2024-03-09"),
        ("The visits on Monday were cancelled.", "2024-03-11"),
        ("He scored 40 runs on Sunday.", "2024-03-10"),
        ("Stocks close higher on Monday.", "2024-03-11"),
        ("The bank, which meets again, cut rates on Monday.", "2024-03-11"),
        ("The book went on sale on Monday.", "2024-03-11"),
        ("They won the next game on Sunday.", "2024-03-10"),
        ("She said on Monday she will resign.", "2024-03-11"),
        ("He will replace Smith, who left on Monday.", "2024-03-11"),
        ('"Will it end?" The fire broke out on Monday.', "2024-03-11"),
        ("Rain continued through Monday.", "2024-03-11"),
        ("The mayor speaks at a rally in Albany, New York, June 6.", "2023-06-06"),
        ("It would be the first strike since October.", "2023-10"),
    ],
)
def test_the_verb_of_another_clause_or_of_the_past_says_nothing_about_the_future(text, value):
    assert [found for _, found in dates(text)] == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Exports rose from May through July.", "2023-05/2023-07"),
        ("Exports rose from May until July.", "2023-05/2023-07"),
        ("Output fell in October-December.", "2023-10/2023-12"),
        ("Output fell in March-May 2022.", "2022-03/2022-05"),
        ("It snowed from Monday through Thursday.", "2024-03-11/2024-03-14"),
        ("It snowed from Saturday to Tuesday.", "2024-03-09/2024-03-12"),
        ("He stayed from Monday to Sunday.", "2024-03-04/2024-03-10"),
        ("Drivers will strike from Thursday to Saturday.", "2024-03-21/2024-03-23"),
        ("The fair runs from Saturday until Monday.", "2024-03-16/2024-03-18"),
        ("between Tuesday and Thursday", "2024-03-12/2024-03-14"),
        ("Monday-Wednesday", "2024-03-11/2024-03-13"),
    ],
)
def test_both_ends_of_a_range_are_in_one_stretch_of_time(text, value):
    assert [found for _, found in dates(text)] == [value]


@pytest.mark.parametrize(
    "text",
    [
        "Q2 FY24", "Q3 of FY2025", "FY24 Q1", "the second quarter of fiscal 2024",
        "its fiscal first-quarter sales", "fiscal 2023", "the 2023 financial year",
        "the third quarter of its financial year", "the first half of fiscal 2023",
    ],
)  # fmt: skip
def test_parts_of_fiscal_years_have_no_value(text):
    assert {value for _, value in dates(text)} == {None}


@pytest.mark.parametrize(
    "text",
    [
        "She supports Sheffield Wednesday.", "the Independent on Sunday, the Herald on Sunday",
        "Friday Night Lights and Monday Morning Quarterback", "“Stormy Monday” and 'Ruby Tuesday'",
        "Fans of “Fox News Sunday.”", "Sunday Group", "Tokyo Racer 2097 is a game.",
        "the film “Space 1999”", "Ashford Tuesday have won. They like Ashford Tuesday.",
        "We saw the Ashford Tuesday manager. Ashford Tuesday lost.",
    ],
)  # fmt: skip
def test_a_weekday_or_a_year_in_a_name_is_no_date(text):
    assert dates(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("said President Obama Monday in Ohio", ["Monday"]),
        ("Trump Monday said so. Democrats Monday are late.", ["Monday", "Monday"]),
        ("Police Sunday arrested him.", ["Sunday"]),
        ("In Tuesday's vote, Ashford lost", ["Tuesday"]),
        ("Three shot Friday Night In Boston", ["Friday"]),
        ("He said “On Monday” and “in Rome Monday”.", ["Monday", "Monday"]),
        ("By 2060 or, in Paris, 2055", ["2060", "2055"]),
        ("London 2012, Brisbane 2032", ["2012", "2032"]),
        ("Leeds beat Ashford Tuesday on Sunday.", ["Sunday"]),
    ],
)
def test_a_weekday_or_a_year_beside_a_name_is_a_date(text, found):
    assert [span for span, _ in dates(text)] == found


def test_a_leap_day_is_found_in_the_year_that_has_it():
    assert dates("Feb. 29", date(2025, 2, 1)) == [("Feb. 29", "2024-02-29")]


@pytest.mark.parametrize(
    "text",
    [
        "Theresa May spoke. May I go? They march on.", "April Ryan and Mrs June agreed.",
        "The Sunday Times, Black Friday and Good Friday.", "1,999 people, $2019, 2019.5 points",
        "1600 Pennsylvania Avenue", "over the last week", "three years later",
        "the 2000m race", "#2019", "a 50-year-old", "for decades",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_date_is_none(text):
    assert dates(text) == []


@given(
    texts | st.text("MondayJn 5,0129-/stof.MTFS\n"), st.dates(date(1000, 1, 1), date(2999, 12, 31))
)
def test_any_text_gives_spans_in_order_with_iso_8601_values(text, published):
    one = r"-?\d{4}(-\d\d){0,2}"
    at = 0
    for start, end, value in find_dates(text, published):
        assert at <= start < end <= len(text)
        assert value is None or re.fullmatch(f"{one}(/{one})?", value)
        if value and "/" in value:
            first, last = value.split("/")
            assert first < last
            assert len(first) == len(last)
        at = end


def test_a_date_at_a_seam_between_searched_pieces_is_found_once():
    for before in range(16_370, 16_390):
        text = "x" * before + " Monday, March 4, 2024 and Tuesday"
        assert [found for found, _ in dates(text)] == ["Monday, March 4, 2024", "Tuesday"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("The museum reopens on Monday.", "2024-03-18"),
        ("Ministers meet on 5 March.", "2025-03-05"),
        ("Fulham host Burnley on Tuesday.", "2024-03-19"),
        ("Bonds rose ahead of a vote on Wednesday.", "2024-03-20"),
        ("The final is on Sunday.", "2024-03-17"),
        ("Police said the tour resumes on Monday.", "2024-03-18"),
        ("The museum that reopens in June was sold on Monday.", "2024-03-11"),
        ("The hosts lost on Tuesday.", "2024-03-12"),
        ("A radio host left on Tuesday.", "2024-03-12"),
        ("After a visit on Tuesday he left.", "2024-03-12"),
        ("She leaves a court, in Rome, March 13. REUTERS", "2024-03-13"),
    ],
)
def test_the_present_tense_of_what_is_scheduled_speaks_of_the_future(text, value):
    assert dates(text)[-1][1] == value


def test_a_period_of_months_in_the_past_tense_is_past():
    assert dates("Sales fell from April through June.") == [
        ("April through June", "2023-04/2023-06")
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("It rose in March last\nyear.", "2023-03"),
        ("It fell in the third quarter of\u00a0last year.", "2023-07/2023-09"),
        ("The 1999-00 season was short.", "1999/2000"),
        ("The 2019-3 term was short.", None),
        ("It rained early this week.", "2024-03-11/2024-03-17"),
        ("It rained in late summer 2023.", "2023-08"),
    ],
)
def test_dates_across_lines_centuries_and_parts_of_periods(text, value):
    assert dates(text)[0][1] == value
