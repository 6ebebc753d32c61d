"""The search for the names of lists."""

import gc
import random
import re
import unicodedata
import weakref

import pytest

from service.enrichment.bounds import BoundExceeded, Bounds
from service.enrichment.watchlists import index as index_module
from service.enrichment.watchlists.entries import Entry
from service.enrichment.watchlists.folding import FoldedText
from service.enrichment.watchlists.index import ListContent, UnknownList, WatchlistIndex


def index_of(*entries, name="clients", **others):
    lists = {name: entries, **others}
    return WatchlistIndex(ListContent(n, f"sha256:{n}", lists[n]) for n in sorted(lists))


def found(text, *entries):
    return [
        (text[match.start : match.end], match.entry.id)
        for match in index_of(*entries).select().find(text)
    ]


ACME = Entry("1", "Acme Corp", aliases=("Acme",))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Acme", "Acme rose; Acmes, McAcme and Acme_2 fell.", ["Acme"]),
        ("Acme", "An Acme-owned, pro-Acme paper (Acme) at acme.example.", ["Acme"] * 3),
        ("Acme", 'Acme\'s plan, Acme’s offer, "Acme".', ["Acme"] * 3),
        ("McDonald's", "McDonald’s and McDonald's, not McDonald.", ["McDonald’s", "McDonald's"]),
        ("O’Neill", "O'Neill and OʼNeill", ["O'Neill", "OʼNeill"]),
        (
            "Bank of Ayr",
            "the Bank of\u00a0Ayr, the Bank  of\nAyr",
            ["Bank of\u00a0Ayr", "Bank  of\nAyr"],
        ),
        ("Bank of Ayr", "the Bank of\n\nAyr", []),
        ("Rolls-Royce", "Rolls‑Royce, Rolls–Royce", ["Rolls‑Royce", "Rolls–Royce"]),
        ("Nestlé", "Nestle\u0301 and Nestlé, but not Nestle.", ["Nestle\u0301", "Nestlé"]),
        ("Nestle", "Nestle\u0301 is another name.", []),
        ("Nestle\u0301", "Nestlé's", ["Nestlé"]),
        ("Straße", "die Straße", ["Straße"]),
        ("Sony", "So\u00adny and \u200bSony\u200b", ["So\u00adny", "Sony"]),
        ("AT&T", "AT&T, not AT&TX", ["AT&T"]),
        ("Yahoo!", "Yahoo! and Yahoo!'s", ["Yahoo!", "Yahoo!"]),
        ("C++", "C++ and C+++", ["C++", "C++"]),
        (".NET", "the .NET, not ASP.NET", [".NET"]),
        ("三菱", "三菱 and 三菱商事", ["三菱"]),
        ("Åland", "\u212bland and A\u030aland", ["\u212bland", "A\u030aland"]),
    ],
)
def test_names_match_between_word_borders_whatever_the_typography(name, text, expected):
    assert [form for form, _ in found(text, Entry("1", name))] == expected


def test_case_counts_unless_the_entry_is_not_case_sensitive():
    text = "Apple, APPLE and apple; İstanbul, ΟΔΟΣ."
    assert found(text, Entry("1", "Apple")) == [("Apple", "1")]
    assert len(found(text, Entry("1", "apple", case_sensitive=False))) == 3
    assert found(text, Entry("1", "οδος", case_sensitive=False)) == [("ΟΔΟΣ", "1")]
    assert found(text, Entry("1", "istanbul", case_sensitive=False)) == [("İstanbul", "1")]


def test_a_longer_name_in_another_case_does_not_hide_a_shorter_one():
    entry = Entry("1", "Acme Bank", aliases=("Acme",))
    assert found("The Acme bank failed.", entry) == [("Acme", "1")]


def test_names_inside_of_others_count_only_for_other_entries():
    corp, bank = ACME, Entry("2", "Corp")
    assert found("Acme Corp", corp, bank) == [("Acme Corp", "1"), ("Corp", "2")]
    assert found("New York City", Entry("1", "New York", ("York City",))) == [
        ("New York", "1"),
        ("York City", "1"),
    ]


def test_required_and_excluded_words_refer_to_the_whole_article():
    shell = Entry("1", "Shell", required=("oil", "natural gas"), excluded=("Sea Shell", "beach"))
    assert found("Shell sells Natural  Gas.", shell) == [("Shell", "1")]
    assert found("Shell sells naturally.", shell) == []
    assert found("Shell found oil at the Beach.", shell) == []
    assert found("OIL: Shell", shell) == [("Shell", "1")]
    assert found("Shell found oil near beaches.", shell) == [("Shell", "1")]


def test_lists_are_selected_by_name():
    index = index_of(ACME, brands=(Entry("b", "Acme"),))
    assert [each.name for each in index.lists] == ["brands", "clients"]
    assert [match.list for match in index.select().find("Acme")] == ["brands", "clients"]
    assert [match.list for match in index.select(["clients"]).find("Acme")] == ["clients"]
    assert index.select([]) is None
    assert index.select().version != index.select(["clients"]).version
    with pytest.raises(UnknownList) as caught:
        index.select(["clients", "others"])
    assert (caught.value.name, caught.value.known) == ("others", ("brands", "clients"))


def test_without_lists_nothing_is_found():
    assert WatchlistIndex([]).select() is None
    assert index_of().select().find("Acme") == []


def test_an_index_leaves_memory_with_its_last_reference():
    index = index_of(ACME)
    assert len(index.select().find("Acme rose.")) == 1
    gc.collect()
    gc.disable()
    try:
        reference = weakref.ref(index)
        del index
        assert reference() is None
    finally:
        gc.enable()


def test_matches_are_bounded_like_mentions():
    with pytest.raises(BoundExceeded):
        index_of(ACME).select().find("Acme " * 11, Bounds(mentions=10))
    index = index_of(ACME, brands=(Entry("b", "Brand"),))
    assert index.select(["brands"]).find("Acme " * 11, Bounds(mentions=10)) == []


PIECES = [
    *("a", "B", " ", "  ", "\u00a0", "\n", "\n\n", "\r\n", "é", "e\u0301", "\u0301", "’"),
    *("\u00ad", "İ", "ß", "\u200b", "가", "\u1100\u1161", "😀", "-", "‑"),
]


def test_spans_of_folded_texts_stand_for_their_sources():
    shuffle = random.Random(7)
    for _ in range(500):
        source = "".join(shuffle.choices(PIECES, k=shuffle.randrange(12)))
        folded = FoldedText.of(source)
        assert len(folded.lower) == len(folded.text)
        borders = [
            i
            for i, character in enumerate(folded.text + " ")
            if unicodedata.category(character)[0] != "M"  # marks belong to the letter before
        ]
        for start in borders:
            for end in [border for border in borders if border > start]:
                first, last = folded.source_span(start, end)
                part = FoldedText.of(source[first:last]).text
                assert part == folded.text[start:end], (source, start, end)


def generated_names(count, seed=1):
    """Distinct names of one to three words, some of which are parts of others."""
    choose = random.Random(seed)
    syllables = [c + v for c in ("b", "d", "k", "l", "m", "n", "r", "s", "t", "v") for v in "aeiou"]
    names = set()
    while len(names) < count:
        words = (
            "".join(choose.choices(syllables, k=choose.randint(2, 4))).capitalize()
            for _ in range(choose.randint(1, 3))
        )
        names.add(" ".join(words))
    return sorted(names)


def test_a_hundred_thousand_entries_are_found_where_a_plain_search_finds_them():
    names = generated_names(100_000)
    index = index_of(*(Entry(str(i), name) for i, name in enumerate(names)))
    choose = random.Random(2)
    for _ in range(30):
        words = []
        for _ in range(200):
            words.append(choose.choice(("the", "said", "-", "and", "’s", choose.choice(names))))
            words.append(choose.choice((" ", " ", "\n", ", ", "")))
        text = "".join(words)
        tokens = re.findall(r"\w+", text)
        parts = {" ".join(tokens[i : i + n]) for i in range(len(tokens)) for n in (1, 2, 3)}
        expected = {
            (match.start(), match.end(), name)
            for name in parts.intersection(names)
            for match in re.finditer(rf"(?<!\w){name}(?!\w)".replace(" ", r"\s+"), text)
        }
        matches = index.select().find(text)
        assert {(m.start, m.end, m.entry.name) for m in matches} == expected
        assert expected


def test_the_order_of_entries_and_lists_does_not_change_what_is_found():
    entries = [Entry(str(i), name) for i, name in enumerate(generated_names(50))]
    text = " ".join(entry.name for entry in entries)
    forward = [(m.start, m.end, m.entry) for m in index_of(*entries).select().find(text)]
    backward = [(m.start, m.end, m.entry) for m in index_of(*entries[::-1]).select().find(text)]
    assert sorted(forward, key=str) == sorted(backward, key=str)


def test_names_at_the_borders_of_pieces_are_found_once(monkeypatch):
    for piece in range(1, 12):
        monkeypatch.setattr(index_module, "_PIECE", piece)
        text = "Acme Corp and Acme, Corp; Acme Corp"
        forms = found(text, ACME, Entry("2", "Corp"))
        assert [form for form, entry in forms if entry == "1"] == ["Acme Corp", "Acme", "Acme Corp"]
        assert [form for form, entry in forms if entry == "2"] == ["Corp"] * 3
