"""The figures in the model card are those of the bundle."""

import pytest

from benchmarks.quality import measure_sample
from service.inference.bundle.bundle import load_bundle
from tests.bundle import BUNDLE, ROOT

DATA = ROOT.parent / "shared" / "data"
EDITORIAL_ROWS = ("BBC, 40 articles", "Coreference", "Salience", "Quotations")
KINDS_OF_SPEAKERS = "Speakers: "
TOLERANCE, EDITORIAL_TOLERANCE, TOLERANCE_OF_KINDS = 0.5, 3.0, 20.0
"""Points by which results on different processors may differ; one of 40 articles is 2.5 points,
and one of the six quotations of the rarest kind is 17."""


@pytest.mark.skipif(not DATA.is_dir(), reason="the data sets are not next to the project")
def test_the_bundle_scores_as_its_model_card_states():
    card = (BUNDLE / "README.md").read_text("utf-8")
    for name, measure, value in measure_sample(load_bundle(BUNDLE), DATA):
        (line,) = (row for row in card.splitlines() if row.startswith(f"| {name} | {measure} |"))
        tolerance = EDITORIAL_TOLERANCE if name in EDITORIAL_ROWS else TOLERANCE
        if name.startswith(KINDS_OF_SPEAKERS):
            tolerance = TOLERANCE_OF_KINDS
        assert value == pytest.approx(float(line.split("|")[3]), abs=tolerance), (name, measure)
