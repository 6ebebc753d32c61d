"""Whether the words around a date speak of the future.

News leave out the year of a day that is near, and often the future tense: "The trial resumes on
Monday", "ahead of a vote on Friday".
"""

from __future__ import annotations

import re

_BEFORE_DATE, _AFTER_DATE = 100, 30
"""Code points before and after a date in which words of the future count."""

_SENTENCE_END = re.compile(r"[.!?;]['\"”’)]{0,2}\s|\n")
_SINCE = re.compile(r"\b[Ss]ince\s(?:the\s|early\s|late\s)?\Z")

# Words of a clause about the future, in which a day or a month without a year is the next one.
_FUTURE = re.compile(
    r"\b(?:will|won['’]t|shall|going\sto|scheduled|slated|expected|due|plans|planned|upcoming"
    r"|until|set\s(?:for|to)|is\sto|are\sto|forthcoming|deadline)\b|['’]ll\b"
)
# After a date it is as often about the past: "On Monday, he would not say".
_WOULD = re.compile(r"\bwould\b(?!\s(?:have|not)\b)")
_DIRECTLY_BEFORE = re.compile(
    r"\b(?:by|beginning|starting|come|expires?|effective)\s(?:on\s|in\s|the\s)?\Z"
)
_THROUGH = re.compile(r"\bthrough\s(?:the\s)?\Z")
_AVAILABLE = re.compile(
    r"(?:\b(?:on\ssale|available|in\scinemas)|(?:\A|,\s)out)\s(?:on\s|from\s|in\s)?\Z"
)
_YEAR_TO = re.compile(r"\b(?:year|months|quarter|half|period)\s(?:to|ending)\s(?:the\s)?\Z")
_AHEAD_OF = re.compile(
    r"\b(?:ahead\sof|in\sthe\srun-up\sto)\s"
    r"|\b(?P<next>[Nn]ext)\s(?!(?:to|door|day|morning|week|month|year)\b)"
)

# Verbs of what a calendar announces, in the present tense; the second kind are also nouns.
_THIRD_PERSON = (
    r"begins|resumes|reopens|arrives|meets|convenes|concludes|expires|departs|debuts|premieres"
    r"|votes|travels|delivers|publishes|presents|lapses|retires|speaks|appears|enters|applies|joins"
    r"|goes|comes\s(?:into|out|to)|kicks\soff|gets\sunder\sway|steps\sdown|stands\sdown|falls\son"
    r"|takes\s(?:place|effect|office|over|on)|leaves\s(?:for|the|office|his|her|its)"
    r"|(?:reports|announces)\s(?:[\w-]{1,20}\s){0,3}(?:earnings|results|figures|decision|winners?)"
    r"|walks\sout|hits\s(?:cinemas|theaters|theatres|screens|stores|shops|shelves)"
)
_THIRD_PERSON_OR_NOUN = (
    r"opens|starts|returns|faces|hosts|visits|ends|closes|runs|finishes|launches|plays|heads|tours"
)
_BASE = (
    r"begin|resume|reopen|arrive|meet|convene|conclude|expire|depart|debut|premiere|lapse|retire"
    r"|speak|appear|enter\sinto|apply\sfrom|go\s(?:on|to|into|before|live|up|back|ahead|forward)"
    r"|come\s(?:into|out|to)|kick\soff|get\sunder\sway|step\sdown|stand\sdown|fall\son|lock\shorns"
    r"|take\s(?:place|effect|office|over|on)|walk\sout"
)
_BASE_OR_NOUN = r"open|start|return|face|host|visit|end|close|run|finish|launch|play|tour|vote"
_PROGRESSIVE = (
    r"(?:beginn|resum|reopen|arriv|meet|conven|expir|depart|launch|vot|travel|retir|speak|appear"
    r"|go|open|start|return|fac|host|visit|end|clos|runn|finish|play|head|tour|leav|mov)ing"
)
_PASSIVE = (
    r"(?:held|made|released|published|launched|unveiled|announced|inaugurated|broadcast|screened"
    r"|staged|shown|buried|sentenced|sworn\sin|counted|decided)"
)
# "Stocks close higher on Friday" has happened, "It appears that" is no appearance.
_NO_EVENT = r"(?!\s(?:higher|lower|up|down|flat|mixed|that|at\s[\d$£€])\b)"
_PRESENT = re.compile(
    rf"\b(?:(?P<verb>{_THIRD_PERSON}"
    rf"|(?:could|may|might|should|must|can)\s(?:now\s)?(?:{_BASE}|{_BASE_OR_NOUN})"
    rf"|(?:(?:is|are)|(?<=['’])(?:s|re))\s(?:also\s|now\s)?(?:{_PROGRESSIVE}|{_PASSIVE})"
    r"|(?:is|are)(?=\s(?:(?:back|out|away|at\shome|in\s(?:action|court|cinemas|theaters|shops))\b"
    r"|(?:(?:on|in|from)\s)?\Z|(?:at|on)\s[^,]{3,40}\sfrom\s\Z)))"
    rf"|(?P<either>{_THIRD_PERSON_OR_NOUN})|(?P<base>{_BASE})|(?P<base_or_noun>{_BASE_OR_NOUN})"
    rf")\b{_NO_EVENT}"
)
_BEFORE_NOUN = re.compile(
    r"(?i:\b(?:an?|the|his|her|its|their|my|our|of|in|with|by|for|two|three|four|five|both|all"
    r"|new|first|last|other|these|those|some|many|no|tax|state|official)|['’]s|\d)\s\Z"
)
_BEFORE_INFINITIVE = re.compile(
    r"\b(?:to|did|not|didn['’]t|had|would)\s\Z|\b(?:saw|watched|heard|let|made|helped)\s"
)
# "Doors open", "They face" and, with an object, "Leeds host Everton".
_PLURAL_SUBJECT = re.compile(
    r"(?:\b[A-Za-z][a-z]{1,20}[a-rt-z]s|\b[A-Z]{2,4}s|\b(?:[Tt]hey|[Ww]e|[Yy]ou))\s\Z"
)
_NAMED_SUBJECT = re.compile(
    r"(?:\A|,\s|\bthat\s)\W{0,3}(?!(?:The|An?|This|That|His|Her|Its|Their|In|On|At|For)\b)"
    r"(?:[A-Z][\w'’-]{1,20}\s){1,3}\Z"
)
_OBJECT = re.compile(r"\s(?!(?:on|in|from|of|to|at|for|by|with)\b)\w")
_SINGULAR = re.compile(r"(?:\b(?:an?|this|his|her|its|their)|['’]s)\s(?:\w{1,20}\s){0,3}\Z")

_PAST_FORMS = (
    "was|were|had|did|went|came|took|made|got|gave|held|began|left|fell|rose|won|lost|met|beat|saw"
    "|ran|drew|sold|paid|spoke|stood|sent|led|kept|shot|found|became|brought|bought|built|thought"
    "|wrote|broke|flew|drove|struck|knew|grew|sank|slid|sat"
)
_NO_PAST_FORM = "need speed proceed exceed succeed feed seed breed hundred indeed expected".split()
_NO_PAST_FORM += ["scheduled", "planned", "slated", "limited"]
_PAST = (
    rf"\b(?:{_PAST_FORMS}|(?P<reports>said|told|(?:announc|confirm|add|reveal|report)ed)"
    rf"|(?!(?:{'|'.join(_NO_PAST_FORM)})\b)[a-z]{{2,15}}ed)\b"
)
_PAST_VERB = re.compile(_PAST)
_NEXT_CLAUSE = re.compile(
    r",\s|\b(?:and|who|whom|which|that|after|when|as|because|since|but|where|while|although)\s"
)
_OTHER_CLAUSE = re.compile(
    r"\b(?:who|whom|which|after|when|because|since|but|where|while|although|before)\s"
)
_ENDED = re.compile(
    r"(?:,\s|\b(?:who|whom|which|that|after|when|as|because|since|but|where|while)\s)"
    rf".{{0,60}}?{_PAST}|\band\s(?:(?:he|she|it|they)\s)?{_PAST.replace('reports', 'reports2')}"
)
_PARTICIPLE_LAST = re.compile(rf"{_PAST}\s(?:(?:on|in|last)\s)?\Z")
_TO_BE_DONE = re.compile(
    rf"\bbe\s(?:[a-z]+ly\s)?(?:{_PAST_FORMS}|[a-z]+ed)\b(?:\sand\s[a-z]+ed\b)?"
)
_INTENTION = re.compile(r"\b(?:likely|plans?|wanted|agreed|hoped|supposed|due)\sto\s[^,]{0,60}\Z")
# "The court, which meets today, ..."
_INSERTED = re.compile(r",\s(?:which|who|whose)\s[^,]{0,60}\Z")
_OPENING = re.compile(r"\A\W{0,3}(?:On|From)\s\Z")
_FOR = re.compile(r"\bfor\s\Z")


def speaks_of_future(text: str, start: int, end: int) -> bool:
    """Whether the words around a date speak of the future.

    Args:
        text: around the date.
        start: first code point of the date.
        end: one past its last code point.
    """
    before = _SENTENCE_END.split(text[max(0, start - _BEFORE_DATE) : start])[-1]
    before = _TO_BE_DONE.sub("be", before)  # what is to be done is not past
    after = _SENTENCE_END.split(text[end : end + 2 * _AFTER_DATE], maxsplit=1)[0]
    return not _SINCE.search(before) and (
        _announced_directly(before)
        or _announced_before(before, after)
        or _announced_after(before, after)
    )


def _announced_directly(before: str) -> bool:
    """Whether the words that a date follows put it in the future."""
    if _DIRECTLY_BEFORE.search(before):
        return True
    if _THROUGH.search(before) and _INTENTION.search(before):
        return True
    unclear = _THROUGH.search(before) or _AVAILABLE.search(before)
    return bool(unclear) and not _PAST_VERB.search(before)


def _announced_before(before: str, after: str) -> bool:
    """Whether a word before a date, in the same clause, puts it in the future."""
    for pattern in (_FUTURE, _WOULD):
        for word in list(pattern.finditer(before))[-1:]:
            if not (_ENDED.search(before, word.end()) or _PARTICIPLE_LAST.search(before)):
                return True
    return any(
        _reaches(before[mark.end() :], after) and not (mark["next"] and _is_past(before, mark))
        for mark in list(_AHEAD_OF.finditer(before))[-1:]
    ) or any(
        _is_verb(before, verb)
        and _reaches(before[verb.end() :], after)
        and not ("," in before[verb.end() :] and _INSERTED.search(before[: verb.start()]))
        for verb in _PRESENT.finditer(before)
    )


def _announced_after(before: str, after: str) -> bool:
    """Whether words after a date put it in the future, and no verb before it claims it."""
    if _YEAR_TO.search(before) and _WOULD.match(after, 1):
        return True
    clause = _NEXT_CLAUSE.split(before)[-1]
    if _FUTURE.search(after[:_AFTER_DATE]):
        return bool(_FOR.search(before)) or not _PAST_VERB.search(clause)
    if not _OPENING.search(before):
        return False
    clause = _NEXT_CLAUSE.split(after.lstrip(", "), maxsplit=1)[0]
    verb = _PRESENT.search(clause)
    return verb is not None and _is_verb(clause, verb) and not _PAST_VERB.search(clause)


def _reaches(between: str, after: str) -> bool:
    """Whether a date belongs to a verb, by the words between them and those after the date."""
    if between.endswith(", "):  # a caption: "Biden speaks in Altoona, Iowa, August 21"
        return False
    if _PAST_VERB.search(between) or _OTHER_CLAUSE.search(between):
        return False
    following = _PAST_VERB.match(after, 1)  # "The visits on Monday were cancelled"
    return not following or bool(following["reports"])


def _is_past(text: str, word: re.Match[str]) -> bool:
    """Whether the clause up to a word has a verb in the past, other than that of a report."""
    clause = _NEXT_CLAUSE.split(text[: word.start()])[-1]
    return any(not past["reports"] for past in _PAST_VERB.finditer(clause))


def _is_verb(text: str, word: re.Match[str]) -> bool:
    """Whether a word that looks like a verb in the present tense is one."""
    head = text[: word.start()]
    if word["verb"]:
        return True
    if word["either"]:
        return not _BEFORE_NOUN.search(head) and not _is_past(text, word)
    if _BEFORE_INFINITIVE.search(_NEXT_CLAUSE.split(head)[-1]):
        return False
    if word["base"]:
        return True
    if _PLURAL_SUBJECT.search(head):
        return not _SINGULAR.search(head) and not _is_past(text, word)
    return bool(_NAMED_SUBJECT.search(head) and _OBJECT.match(text, word.end()))
