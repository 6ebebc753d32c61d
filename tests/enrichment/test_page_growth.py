"""How the work grows with hostile pages: of the service's own code, in counted steps.

The parser and the extraction library are bounded by the process that they run in
(``service/execution/page_extraction.py``).
"""

import pytest

from service.enrichment.html_extraction import extract_article
from tests.enrichment.steps import StepTimer, excessive_growth

SHAPES = [
    "<p>Word", "<table><tr><td>x", "<tr><td>x", "<p>2020-01-01 ", "<div>", "<a href=x>", "&amp;",
    "<a href=b>A link</a> ", "<!--", "<script>", "<ul><li>x", "<br>", "<h1>A", "<b>x</b> ",
    "<meta name=author content=b>", "<title>a", "<span class=menu>a", "<article>", "</p>",
    "&#x41;", "<![CDATA[", "<p x=1 ", "<script type=application/ld+json>{}</script>",
    "<p>He said “no”.</p>\n", "<svg><text>x", "<blockquote>x", "<nav><a href=x>y</a></nav>",
    "<img src=x alt=y>", "<figure><figcaption>x", "\x00\x85",
]  # fmt: skip
_CHARACTERS = 1500


def work(page: str) -> StepTimer:
    timer = StepTimer()
    timer.count(lambda: extract_article(page))
    return timer


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("frame", ["{}", "<html><body><p>Ann Lee left.</p><p>{}</body></html>"])
def test_the_work_for_a_hostile_page_grows_with_its_length(shape, frame):
    once = frame.format((shape * _CHARACTERS)[:_CHARACTERS])
    twice = frame.format((shape * _CHARACTERS)[: 2 * _CHARACTERS])
    for page in (once, twice):  # fills caches
        work(page)
    assert excessive_growth(work(once), work(twice)) == {}
