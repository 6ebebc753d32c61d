"""How things are said on a terminal."""


def printable(text: str) -> str:
    """``text`` without what a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in text)


def count(number: int, noun: str) -> str:
    """A number of things: "1 article", "2,000 articles"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
