"""Text for a terminal."""


def printable(text: str) -> str:
    """``text`` with control characters, which a terminal would interpret, replaced by spaces."""
    return "".join(c if c.isprintable() else " " for c in text)


def pluralize(number: int, noun: str) -> str:
    """A number with its noun: "1 article", "2,000 articles"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
