"""What an article may hold, and how the work grows with hostile texts."""

import sys
from collections.abc import Callable

import pytest

from service.enrichment.bounds import BoundExceeded, Bounds
from service.enrichment.pipeline import Enricher
from service.enrichment.types import Article
from tests.fakes import FakeDetector, FakeModel

SHAPES = [
    "(", "(a ", "[x] ",
    "“", "“a ", "‘a s' ", '"a', "«", "A.B.", "a. ", "A. ", "\u0301\f", "\u200b ",
    "Ann ", "Ann Lee. ", "ann-", "1,", "- a\n", "a\n\n", "He said “no”. ", "a,b;c: ", "…",
]  # fmt: skip
_CHARACTERS = 3000
_MOST_GROWTH = 2.6
"""Of the work when a text doubles: linear work has 2, quadratic work 4."""


def steps(run: Callable[[], object]) -> int:
    """The lines of Python, and calls of built-in functions, that a function takes."""
    count = 0

    def trace(frame, event, argument):
        nonlocal count
        count += 1
        return trace

    def profile(frame, event, argument):
        nonlocal count
        count += event == "c_call"

    previous = sys.gettrace()
    sys.settrace(trace)
    sys.setprofile(profile)
    try:
        run()
    finally:
        sys.setprofile(None)
        sys.settrace(previous)
    return count


def work(text: str) -> int:
    enricher = Enricher(FakeModel(), FakeDetector())
    return steps(lambda: enricher.enrich(Article(text + " end")))


@pytest.mark.parametrize("shape", SHAPES)
def test_the_work_for_a_hostile_text_grows_with_its_length(shape):
    once = (shape * _CHARACTERS)[:_CHARACTERS]
    twice = (shape * _CHARACTERS)[: 2 * _CHARACTERS]
    work(once)  # fills caches
    assert work(twice) < _MOST_GROWTH * work(once)


def test_distinct_names_take_work_in_proportion():
    names = ["".join(chr(97 + (i * 7919 >> k) % 26) for k in range(0, 12, 3)) for i in range(300)]
    sentences = [f"{name.title()} Bank ({name[:3].upper()}) fell. " for name in names]
    work("".join(sentences))
    assert work("".join(sentences)) < _MOST_GROWTH * work("".join(sentences[:150]))


@pytest.mark.parametrize(
    ("bounds", "unit", "bound"),
    [
        (Bounds(sentences=2), "sentences", 2),
        (Bounds(words=8), "words", 8),
        (Bounds(mentions=2), "mentions", 2),
    ],
)
def test_an_article_beyond_a_bound_is_rejected(bounds, unit, bound):
    enricher = Enricher(FakeModel(), FakeDetector(), bounds)
    with pytest.raises(BoundExceeded) as error:
        enricher.enrich(Article("Then Ann left. Then Bob left. Then Eve left."))
    assert (error.value.unit, error.value.bound) == (unit, bound)


def test_an_article_within_the_bounds_is_enriched_whole():
    enricher = Enricher(FakeModel(), FakeDetector(), Bounds(sentences=3, words=12, mentions=9))
    assert (
        len(enricher.enrich(Article("Then Ann left. Then Bob left. Then Eve left.")).sentences) == 3
    )


def test_bounds_grow_with_the_largest_body():
    assert Bounds.for_body(1024) == Bounds()
    assert Bounds.for_body(8 * 1024**2) == Bounds(1 << 17, 2_000_000, 200_000, 200_000)


@pytest.mark.parametrize("calls", range(0, 12, 3))
def test_any_check_stops_the_work(calls):
    remaining = calls

    def check():
        nonlocal remaining
        if not remaining:
            raise TimeoutError
        remaining -= 1

    with pytest.raises(TimeoutError):
        Enricher(FakeModel(), FakeDetector()).enrich(
            Article("Then Ann left. Then Bob left."), check=check
        )
