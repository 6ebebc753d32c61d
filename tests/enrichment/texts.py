"""Texts for property tests: everything that the service accepts, the awkward things often."""

from __future__ import annotations

from hypothesis import strategies as st

from service.enrichment.article import fault_in

AWKWARD = (
    "Mr. Biden", "U.S.", "J. K. Rowling", "“Yes,” he said.", "é", "👩‍👩‍👧", "🇫🇷", "\r\n", "\n\n",
    "\t", "\xa0", "\u200f", "שלום עולם.", "مرحبا", "你好。", "...", "?!", "—", "\u200b", "\ufeff",
    "\u2028", "n't", "’s", "$5.3m", "https://x.y/z?a=b", "x" * 200, "Asia-Pacific", "\u0301", "ß",
    "İ", "ﬁ", "½",
)  # fmt: skip

_pieces = st.one_of(
    st.sampled_from(AWKWARD),
    st.text(max_size=12),
    st.sampled_from([" ", "  ", " ", ". ", "! ", ", "]),
    st.from_regex(r"[A-Z]?[a-z]{1,9}", fullmatch=True),
)

texts = st.lists(_pieces, min_size=1, max_size=60).map("".join).filter(lambda t: not fault_in(t))
