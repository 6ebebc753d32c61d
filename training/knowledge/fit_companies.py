"""Fits the weights of companies: ``python -m training.knowledge.fit_companies --data FOLDER``.

They are fitted on the ``dev`` half of ``benchmarks/annotations/companies.jsonl`` and drawn to
initial ones, which were set by hand: the half is small.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks.companies import JudgedMention, read_mentions, report
from service.enrichment.links.companies import FEATURES, CompanyWeights, company_probabilities

INITIAL = CompanyWeights(
    (-1.5, -3.5, -2.5, -2.0, 3.0, 5.0, -5.0, 0.5, 1.0, 0.5, 0.5, 1.0, -1.0), 1.5
)
_PULL = 0.02
_STEPS, _RATE = 2_000, 0.05


def fit(mentions: Sequence[JudgedMention]) -> CompanyWeights:
    """The weights that make the right candidates likeliest, by gradient ascent."""
    initial = [*INITIAL.features, INITIAL.name]
    weights = list(initial)
    examples = [mention for mention in mentions if mention.candidates]
    for _ in range(_STEPS):
        gradient = [-_PULL * (w - first) for w, first in zip(weights, initial, strict=True)]
        current = CompanyWeights(tuple(weights[:-1]), weights[-1])
        for mention in examples:
            shares = company_probabilities(mention.candidates, current)
            for candidate, share in zip(mention.candidates, shares, strict=True):
                error = float(candidate.company.id == mention.company) - share
                for index, value in enumerate((*candidate.features, 1.0)):
                    gradient[index] += error * value / len(examples)
        weights = [w + _RATE * g for w, g in zip(weights, gradient, strict=True)]
    return CompanyWeights(tuple(round(w, 2) for w in weights[:-1]), round(weights[-1], 2))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with articles/")
    mentions = read_mentions(parser.parse_args().data, "dev")
    weights = fit(mentions)
    for name, weight in zip(FEATURES, weights.features, strict=True):
        print(f"    {weight},  # {name}")
    print(f"    name={weights.name}")
    print(report(mentions, weights))
