"""``python -m tests.end_to_end.expectations URL``: updates what the tests expect.

That is the enrichment of the seed article, and the outputs and tables in the documentation.
Read the difference before you commit it.
"""

from __future__ import annotations

import json
import sys

import requests

from tests.bundle import SEED
from tests.end_to_end.documentation import PAGES, regenerated


def main(url: str) -> None:
    """Query the service at ``url``."""
    answer = requests.post(
        f"{url}/v1/enrich", SEED.read_bytes(), headers={"Content-Type": "text/plain"}, timeout=60
    )
    answer.raise_for_status()
    text = json.dumps(answer.json(), ensure_ascii=False, indent=1) + "\n"
    SEED.with_suffix(".json").write_text(text, "utf-8")
    for page in PAGES:
        text = page.read_text("utf-8")
        if (current := regenerated(text, url)) != text:
            page.write_text(current, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
