"""Keys of names: equal for the spellings of one name."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SHORT = {"st": "saint", "ste": "sainte", "ft": "fort", "mt": "mount"}
# Other letters need new keys in the knowledge base, so this is not the table of coreference.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})
_WORD = re.compile(r"\w+")


@lru_cache(maxsize=4096)
def name_key(name: str) -> str:
    """The key of a name, without case, accents, punctuation, possessive and article.

    It is empty for a name without letters and digits. ``St. Louis`` and ``Saint Louis`` have the
    same key, and so have ``U.S.`` and ``US``.
    """
    decomposed = unicodedata.normalize("NFKD", name.replace("’", "'"))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    plain = plain.casefold().translate(_LETTERS).removesuffix("'s").removesuffix("'")
    words = _WORD.findall(plain.replace(".", "" if " " not in plain else " ").replace("'", ""))
    if len(words) > 1 and all(len(word) == 1 for word in words):
        words = ["".join(words)]
    if len(words) > 1:
        words = [_SHORT.get(word, word) for word in words[:-1]] + words[-1:]
        if words[0] == "the":
            del words[0]
    return " ".join(words)
