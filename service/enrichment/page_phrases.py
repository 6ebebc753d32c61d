"""Phrases with which web pages talk to their readers instead of reporting."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from service.enrichment.page_metadata import squeeze

_CONSENT = re.compile(
    r"\bcookies?\b|\bconsent\b|\b(?:we and )?our (?:\d+ )?(?:partners|vendors)\b"
    r"|\b(?:store|access) (?:and/or access )?(?:personal data|information on (?:a|your) device)\b"
    r"|\bprivacy (?:policy|notice|settings|preferences|choices)\b|\bGDPR\b|\btracking\b"
    r"|\bpersonali[sz]ed? (?:ads|advertising|content)\b|\blegitimate interests?\b"
    r"|\b(?:accept|reject|allow) (?:all|cookies)\b|\bad(?:vertising)? preferences\b"
    r"|\byour (?:choices|experience|device|preferences)\b",
    re.IGNORECASE,
)
_USES_COOKIES = re.compile(
    r"\b(?:use|uses|using|sets?|places?) (?:\w+ ){0,3}cookies\b", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"\b(?:we|our|you|your|this (?:web)?site|this page)\b|^(?:accept|manage|click|agree|allow)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[“\"„«][^“\"„«”»]*[”\"“»]")
_MOST_WORDS_FOR_SIGN = 40
_COOKIES = re.compile(r"\bcookies?\b", re.IGNORECASE)
_ENGLISH = re.compile(
    r"\b(?:the|of|and|to|in|is|for|that|was|with|are|on|by|at|from|this|it|as|you|we|be|a)\b",
    re.IGNORECASE,
)
_FEWEST_FOREIGN = 8

_ASKS = re.compile(
    r"(?:please )?(?:subscribe (?:now|today|here|to|for)|sign up (?:now|today|here|to|for|with)"
    r"|(?:log|sign) in (?:to|here|now)|register (?:now|here|to|for)"
    r"|follow (?:us|our|me|@|[\w ]{1,40} on)"
    r"|download (?:our|the|now)|get (?:our|the|your|(?:full|unlimited) (?:digital )?access)"
    r"|join (?:our|us|now|the)|(?:click|tap) (?:here|on|the)|become an?"
    r"|support (?:our|us|independent|quality)|to (?:continue|keep) reading"
    r"|to read (?:the|this|more)"
    r"|for (?:all )?(?:the latest|more) (?:news|stories|updates|headlines)"
    r"|already an? (?:subscriber|member)|enjoy(?:ed|ing)? (?:this|reading|our)"
    r"|if you (?:like|enjoy)(?:ed)? (?:this|reading|what|our)|(?:don['’]t|never) miss"
    r"|want (?:more|to (?:read|get|stay))|start your|stay (?:informed|up to date))\b",
    re.IGNORECASE,
)
_ASKED_FOR = re.compile(
    r"\b(?:newsletters?|(?:your|my|every) inbox|(?:e-?mail|news|breaking) alerts?|subscri\w+"
    r"|continue reading|our (?:\w+ )?(?:apps?|channel|page|podcast|journalism)"
    r"|on (?:facebook|twitter|x|instagram|whatsapp|telegram|youtube|google news|linkedin)"
    r"|apps? (?:for|on)|free trial|become an? (?:member|supporter)|news updates"
    r"|full (?:story|article)|unlimited access)\b",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"\W*(?:advertisements?|advertising|sponsored(?: content)?"
    r"|(?:story|article|text|report) continues (?:below|after)(?: (?:this |the )?advert\w*)?"
    r"|(?:you(?: need| have|['’]ll need) to |please )?(?:enable|turn on|allow) javascript.*"
    r"|(?:this|our) (?:\w+ ){1,3}(?:requires|needs) javascript.*"
    r"|javascript (?:is|must be|seems to be) (?:disabled|enabled|required|turned o\w+)"
    r"(?: (?:in|on|for|to)\b.*)?"
    r"|(?:reading time:? )?\d{1,2}[ -]min(?:ute)?s?(?: read(?:ing time)?)?"
    r"|(?:estimated )?reading time:? \d+.{0,8}"
    r"|(?:share|save|print|copy|e-?mail|bookmark|listen to|hear) this "
    r"(?:article|story|page|post|link)"
    r"|loading)\W*",
    re.IGNORECASE,
)
_LONGEST_PROMPT = 250

_ERROR = re.compile(
    r"(?:http )?(?:error )?(?:40[134]|410|429|5\d\d)\b|(?:access|permission) denied"
    r"|(?:sorry[,:]? )?(?:we can(?:no|['’])t find )?(?:this |the |that )?"
    r"(?:page|article|story|content|document|url)(?: you\b.*?)?"
    r" (?:(?:was|is|could|can)?(?:n['’]t| not|not)(?: be)? (?:found|available|exist)"
    r"|(?:is )?no longer (?:exists?|available)|does(?: not|n['’]t) exist)"
    r"|(?:sorry[,:]? )?we can(?:no|['’])t find (?:this|the|that) page"
    r"|(?:not found|forbidden|just a moment|attention required|oops)\W*(?:$|\s[|–—-])|oops!"
    r"|(?:are you|please (?:verify|confirm) (?:that )?you are) (?:not )?(?:a )?(?:human|robot)"
    r"|something went wrong|(?:bad gateway|internal server error|service unavailable)\b",
    re.IGNORECASE,
)
_LONGEST_ERROR = 800

_LABEL = re.compile(r"[^:\d]{2,30}[:–—-]\s*(?=\S)")
_LONGEST_LABEL = 4
_SHORTEST_HEADLINE = 4


def is_consent(paragraph: str) -> bool:
    """Whether a paragraph asks the reader for consent to cookies or the like."""
    words = len(paragraph.split())
    if words >= _FEWEST_FOREIGN and _COOKIES.search(paragraph) and not _ENGLISH.search(paragraph):
        return True
    own = _QUOTED.sub("", paragraph)
    signs = len({sign.casefold() for sign in _CONSENT.findall(own)})
    signs += bool(_USES_COOKIES.search(own))
    return signs > 1 and bool(_ADDRESS.search(own)) and words < _MOST_WORDS_FOR_SIGN * signs


def is_prompt(paragraph: str) -> bool:
    """Whether a paragraph asks the reader to subscribe or the like, or marks an advertisement."""
    if len(paragraph) > _LONGEST_PROMPT:
        return False
    asks = _ASKS.match(paragraph) and _ASKED_FOR.search(paragraph)
    return bool(asks or _PLACEHOLDER.fullmatch(paragraph))


def is_pointer(paragraph: str, links: Collection[str]) -> bool:
    """Whether a paragraph is a label and a link to another story: "Read more: …".

    Args:
        paragraph: of the text.
        links: texts of the page's links, squeezed and case-folded.
    """
    key = squeeze(paragraph).casefold()
    label = _LABEL.match(key)
    if not label or len(label[0].split()) > _LONGEST_LABEL:
        return False
    target = key[label.end() :]
    known = target in links or target.rstrip(".") in links
    return known and len(target.split()) >= _SHORTEST_HEADLINE


def is_error(paragraphs: Sequence[str], titles: Sequence[str]) -> bool:
    """Whether a page with these titles and this text shows an error instead of an article."""
    short = sum(map(len, paragraphs)) <= _LONGEST_ERROR
    return short and any(map(_ERROR.match, titles))
