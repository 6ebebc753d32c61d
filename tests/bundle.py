"""Paths of the bundle and the seed article."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
BUNDLE = ROOT / "models" / "enrich-en-small"
SEED = ROOT / "seeds" / "000_80ad63ecd4c2c87b.txt"
