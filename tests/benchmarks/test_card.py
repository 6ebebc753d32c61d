"""The bundle is as good as its model card says."""

import pytest

from benchmarks.quality import measure_sample
from service.inference.bundle.bundle import load_bundle
from tests.bundle import BUNDLE, ROOT

DATA = ROOT.parent / "shared" / "data"
EDITORIAL = ("BBC, 40 articles", "Grouping of mentions", "Salience", "Quotations")
ROUNDING, FEW = 0.5, 3.0
"""Points by which processors of different makes may differ; with 40 articles, one is 2.5."""


@pytest.mark.skipif(not DATA.is_dir(), reason="the data sets are not beside the project")
def test_the_bundle_scores_what_its_card_says():
    card = (BUNDLE / "README.md").read_text("utf-8")
    for name, what, value in measure_sample(load_bundle(BUNDLE), DATA):
        (line,) = (row for row in card.splitlines() if row.startswith(f"| {name} | {what} |"))
        tolerance = FEW if name in EDITORIAL else ROUNDING
        assert value == pytest.approx(float(line.split("|")[3]), abs=tolerance), (name, what)
