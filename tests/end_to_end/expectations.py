"""``python -m tests.end_to_end.expectations URL``: writes what the tests expect of a new model.

That is the enrichment of the seed article, and the outputs and the settings table in the README.
Read the difference before you commit it.
"""

from __future__ import annotations

import json
import sys

import requests

from tests.bundle import SEED
from tests.end_to_end.readme import README, written_anew


def main(url: str) -> None:
    """Ask the service at ``url``."""
    answer = requests.post(
        f"{url}/v1/enrich", SEED.read_bytes(), headers={"Content-Type": "text/plain"}, timeout=60
    )
    answer.raise_for_status()
    text = json.dumps(answer.json(), ensure_ascii=False, indent=1) + "\n"
    SEED.with_suffix(".json").write_text(text, "utf-8")
    README.write_text(written_anew(README.read_text("utf-8"), url), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
